package reconcile_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestTheEngineKnowsNoKind: what differs between kinds is in the traits that
// their backends give, so that a new kind changes no line of the engine.
func TestTheEngineKnowsNoKind(t *testing.T) {
	kinds := map[string]bool{}
	for _, name := range []string{"MsiExeApp", "MsixApp", "AddOn", "PackageFlight"} {
		kinds[name], kinds[name+"Kind"] = true, true
	}
	for _, folder := range []string{".", "provenance", "record"} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, folder+"/"+entry.Name(), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					if kinds[n.Name] {
						t.Errorf("%s: the engine names the kind %s", files.Position(n.Pos()), n.Name)
					}
				case *ast.BasicLit:
					if n.Kind == token.STRING && kinds[strings.Trim(n.Value, `"`)] {
						t.Errorf("%s: the engine names the kind %s", files.Position(n.Pos()), n.Value)
					}
				}
				return true
			})
		}
	}
}
