package provenance_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mutant is one small change of a source file.
type mutant struct {
	// name says where and what, whatever line it is on.
	name     string
	file     string
	from, to int
	with     string
}

// mutator makes the mutants of one file, function by function.
type mutator struct {
	file   string
	source []byte
	files  *token.FileSet
	// function is the declaration that is visited, results what the innermost
	// function returns.
	function *ast.FuncDecl
	results  *ast.FieldList
	mutants  []mutant
}

// mutantsOf are the mutants of all functions of a file, each with its own name.
func mutantsOf(t *testing.T, file string) []mutant {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := &mutator{file: file, source: source, files: token.NewFileSet()}
	parsed, err := parser.ParseFile(m.files, file, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range parsed.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok && function.Body != nil {
			m.function, m.results = function, function.Type.Results
			ast.Inspect(function.Body, m.visit)
		}
	}
	return m.named()
}

// named are the mutants without those that are made twice, by names that differ.
func (m *mutator) named() []mutant {
	made, seen := map[mutant]bool{}, map[string]int{}
	var named []mutant
	for _, mutant := range m.mutants {
		if made[mutant] {
			continue
		}
		made[mutant] = true
		if seen[mutant.name]++; seen[mutant.name] > 1 {
			mutant.name = fmt.Sprintf("%s (%d)", mutant.name, seen[mutant.name])
		}
		named = append(named, mutant)
	}
	return named
}

func (m *mutator) offset(pos token.Pos) int { return m.files.Position(pos).Offset }

func (m *mutator) text(node ast.Node) string {
	return string(m.source[m.offset(node.Pos()):m.offset(node.End())])
}

// replace is the mutant in which something else stands for a node.
func (m *mutator) replace(node ast.Node, with string) {
	m.change(m.offset(node.Pos()), m.offset(node.End()), with)
}

func (m *mutator) change(from, to int, with string) {
	short := func(s string) string {
		s = strings.Join(strings.Fields(s), " ")
		if len(s) > 90 {
			s = s[:87] + "..."
		}
		return s
	}
	name := strings.TrimSpace(fmt.Sprintf("%s: %s => %s", m.function.Name.Name, short(string(m.source[from:to])), short(with)))
	m.mutants = append(m.mutants, mutant{name, m.file, from, to, with})
}

// swaps are words and operators that stand for each other.
var (
	operators = map[token.Token]string{
		token.LAND: "||", token.LOR: "&&", token.EQL: "!=", token.NEQ: "==",
		token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">", token.ADD: "-", token.SUB: "+",
	}
	words = map[string]string{
		"true": "false", "false": "true", "Refused": "Confirmed", "Confirmed": "Refused",
		"plan.MarkNone": "plan.MarkSecret", "plan.MarkSecret": "plan.MarkNone", "MarkNone": "MarkSecret", "MarkSecret": "MarkNone",
		"Unread": "Same", "Same": "Ours", "Ours": "Filled", "Filled": "Foreign", "Foreign": "Unknown", "Unknown": "Unread",
		"SharedDraft": "OwnDraft",
	}
)

func (m *mutator) visit(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.BinaryExpr:
		m.operator(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			m.replace(n, m.text(n.X))
		}
	case *ast.IfStmt:
		m.replace(n.Cond, "!("+m.text(n.Cond)+")")
		m.replace(n, "")
	case *ast.ForStmt:
		if n.Cond != nil {
			m.replace(n.Cond, "!("+m.text(n.Cond)+")")
		}
	case *ast.CaseClause:
		m.clause(n)
	case *ast.SelectorExpr:
		if with, ok := words[m.text(n)]; ok {
			m.replace(n, with)
			return false
		}
		ast.Inspect(n.X, m.visit)
		return false
	case *ast.KeyValueExpr:
		ast.Inspect(n.Value, m.visit)
		return false
	case *ast.Ident:
		if with, ok := words[n.Name]; ok {
			m.replace(n, with)
		}
	case *ast.BasicLit:
		if n.Kind == token.INT {
			m.replace(n, n.Value+"+1")
		}
	case *ast.SliceExpr:
		for _, bound := range []ast.Expr{n.Low, n.High} {
			if bound != nil {
				m.replace(bound, m.text(bound)+"+1")
			}
		}
	case *ast.CompositeLit:
		m.drop(n.Elts)
	case *ast.ExprStmt, *ast.BranchStmt, *ast.IncDecStmt, *ast.RangeStmt:
		m.replace(n, "")
	case *ast.AssignStmt:
		if n.Tok == token.ASSIGN {
			m.replace(n, "")
		}
	case *ast.FuncLit:
		outer := m.results
		m.results = n.Type.Results
		ast.Inspect(n.Body, m.visit)
		m.results = outer
		return false
	case *ast.ReturnStmt:
		// Other constants are exchanged where they stand.
		if len(n.Results) == 1 && m.text(m.results.List[0].Type) == "bool" {
			m.replace(n.Results[0], "!("+m.text(n.Results[0])+")")
			m.replace(n.Results[0], "true")
			m.replace(n.Results[0], "false")
		}
	}
	return true
}

func (m *mutator) operator(n *ast.BinaryExpr) {
	if with, ok := operators[n.Op]; ok {
		from := m.offset(n.OpPos)
		name := m.function.Name.Name + ": " + strings.Join(strings.Fields(m.text(n)), " ") + " by " + with
		m.mutants = append(m.mutants, mutant{name, m.file, from, from + len(n.Op.String()), with})
	}
	if n.Op == token.LAND || n.Op == token.LOR {
		m.replace(n, m.text(n.X))
		m.replace(n, m.text(n.Y))
	}
}

// clause negates and drops the conditions of a case, and drops the case.
func (m *mutator) clause(n *ast.CaseClause) {
	for _, condition := range n.List {
		m.replace(condition, "!("+m.text(condition)+")")
	}
	m.drop(n.List)
	m.replace(n, "")
	if len(n.Body) > 0 {
		m.change(m.offset(n.Colon)+1, m.offset(n.End()), "")
	}
}

// drop leaves out one element of a list that has several.
func (m *mutator) drop(list []ast.Expr) {
	for i, element := range list {
		switch {
		case len(list) < 2:
		case i+1 < len(list):
			m.change(m.offset(element.Pos()), m.offset(list[i+1].Pos()), "")
		default:
			m.change(m.offset(list[i-1].End()), m.offset(element.End()), "")
		}
	}
}

// apply is the source with the change in it.
func (m mutant) apply(source []byte) []byte {
	return slices.Concat(source[:m.from], []byte(m.with), source[m.to:])
}

// TestEveryMutantHasAName keeps the reasons of mutate_test.go unambiguous, and the
// mutator itself from rotting unseen.
func TestEveryMutantHasAName(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, target := range targets {
		for _, file := range target.files {
			for _, m := range mutantsOf(t, filepath.Join(target.folder, file)) {
				if names[m.name] {
					t.Errorf("two mutants are called %q", m.name)
				}
				names[m.name] = true
			}
		}
	}
	if len(names) < 100 {
		t.Errorf("only %d mutants: %q", len(names), slices.Sorted(maps.Keys(names)))
	}
	for name := range equivalent {
		if !names[name] {
			t.Errorf("a reason is given for %q, which is no mutant", name)
		}
	}
}
