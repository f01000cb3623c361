package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// finding is something that a view points at a line of a manifest for.
type finding struct {
	level level
	// rule is the kind of finding, for example guard/price-change.
	rule    string
	address string
	path    string
	// pos is in the repository: the file is relative to its root, "" when no
	// file is to blame.
	pos schema.Position
	// title says what it is in a few words, message what is known and what to
	// do next. Neither is sanitised.
	title, message string
}

// level is how much a finding matters.
type level string

// The levels, as SARIF names them.
const (
	levelError   level = "error"
	levelWarning level = "warning"
	levelNote    level = "note"
)

// The rules. Those of guards are ruleGuard and the guard's name, those of verdicts
// ruleVerdict and the verdict's.
const (
	ruleManifest      = "manifest"
	ruleAdvice        = "advice"
	ruleNotPlanned    = "not-planned"
	ruleRunning       = "running"
	ruleNotice        = "notice"
	ruleChanges       = "changes"
	ruleGuard         = "guard/"
	ruleDriftStore    = "drift/store"
	ruleDriftManifest = "drift/manifest"
	ruleDriftBoth     = "drift/both"
	ruleDriftUnknown  = "drift/unknown"
	ruleVerdict       = "verdict/"
)

// planFindings are what a plan has to say about manifests, in the order of the
// plan: what is wrong first, then product by product.
func planFindings(plan *plan.Plan) []finding { return findingsOf(plan, productFindings) }

// findingsOf are the findings about manifests, and those about each product.
func findingsOf(plan *plan.Plan, about func(string, plan.Product) []finding) []finding {
	var all []finding
	files := map[string]string{} // by address
	for _, p := range plan.Products {
		if p.Source != nil {
			files[p.Address] = p.Source.File
		}
	}
	for _, d := range plan.Diagnostics {
		// A position of a product is in its manifest, which the plan names
		// from the workspace root rather than from where the command ran.
		if file, known := files[d.Address]; known && d.Pos.File != "" {
			d.Pos.File = file
		}
		all = append(all, diagnosticFinding(plan.Workspace, d))
	}
	for _, p := range plan.Products {
		all = append(all, about(plan.Workspace, p)...)
	}
	return all
}

// diagnosticFindings are findings about manifests that were only read. The
// files of the diagnostics are as they were named on the command line.
func diagnosticFindings(root string, diagnostics schema.Diagnostics) []finding {
	workspace := reconcile.WorkspaceName(root)
	all := make([]finding, len(diagnostics))
	for i, d := range diagnostics {
		d.Pos.File = reconcile.WorkspaceFile(root, d.Pos.File)
		all[i] = diagnosticFinding(workspace, d)
	}
	return all
}

func diagnosticFinding(workspace string, d schema.Diagnostic) finding {
	f := finding{level: levelError, rule: ruleManifest, address: d.Address, path: d.Path, pos: inRepository(workspace, d.Pos)}
	if d.Severity == schema.SeverityWarning {
		f.level, f.rule = levelWarning, ruleAdvice
	}
	f.title = d.Path
	if f.title == "" {
		f.title = d.Address
	}
	f.message = d.Summary
	if d.Detail != "" {
		f.message += "\n" + d.Detail
	}
	return f
}

// inRepository names a file from the root of the repository.
func inRepository(workspace string, pos schema.Position) schema.Position {
	if pos.File == "" || pos.File == "-" {
		return schema.Position{}
	}
	if !path.IsAbs(pos.File) {
		pos.File = path.Join(workspace, pos.File)
	}
	return pos
}

// productFinder collects what is to be known of one product.
type productFinder struct {
	workspace string
	product   plan.Product
	all       []finding
}

func (f *productFinder) add(l level, rule string, path plan.Path, title, message string) {
	f.all = append(f.all, finding{level: l, rule: rule, address: f.product.Address, path: string(path),
		pos: placeOf(f.workspace, f.product, path), title: title, message: message})
}

// productFindings are what is to be known of one product of a plan.
func productFindings(workspace string, p plan.Product) []finding {
	f := &productFinder{workspace: workspace, product: p}
	if p.Error != "" {
		f.add(levelError, ruleNotPlanned, "", p.Address+" could not be planned", p.Error)
	}
	f.verdict(planStanding(p))
	for _, g := range p.Blocked {
		paths := guardedPaths(p, g)
		first := plan.Path("")
		if len(paths) > 0 {
			first = plan.Path(paths[0])
		}
		f.add(levelError, guardRuleID(g), first, string(g)+" refuses "+p.Address, guardMessage(p, g, paths))
	}
	for _, c := range p.Changes {
		if c.Origin != "" {
			f.moved(c)
		}
	}
	if p.Running != nil && !saysRunning(p) {
		l, title := levelWarning, p.Address+" has to wait"
		if p.Applyable {
			l, title = levelNote, p.Address+" is being rolled out"
		}
		f.add(l, ruleRunning, "", title, runningSentence(*p.Running))
	}
	f.notices()
	return f.all
}

// driftFindings are what a comparison has to say about manifests: every path
// that differs, whoever moved it, and nothing about applying.
func driftFindings(plan *plan.Plan) []finding { return findingsOf(plan, productDriftFindings) }

func productDriftFindings(workspace string, p plan.Product) []finding {
	f := &productFinder{workspace: workspace, product: p}
	if p.Error != "" {
		f.add(levelError, ruleNotPlanned, "", p.Address+" could not be compared", p.Error)
	}
	f.verdict(standingOf(p.Verdict, p.Standing))
	for _, c := range p.Changes {
		if c.Action == plan.ActionReport && c.Origin == "" {
			f.add(levelNote, ruleNotice, c.Path, string(c.Path)+": to look at", changeSentence(c))
		} else {
			f.moved(c)
		}
	}
	if unrecorded(p.Drift()) {
		f.add(levelNote, ruleNotice, "", p.Address+": no record", unrecordedText)
	}
	if p.Running != nil && !saysRunning(p) {
		f.add(levelNote, ruleRunning, "", p.Address+" is busy", runningBriefly(*p.Running))
	}
	f.notices()
	return f.all
}

// isFinding reports whether a verdict is a finding of its own. Where the Store and
// git differ, the paths are.
func isFinding(v plan.Verdict) bool {
	switch v {
	case plan.VerdictMissing, plan.VerdictSubmissionFailed, plan.VerdictBlocked, plan.VerdictUnsubmitted, plan.VerdictIncomplete:
		return true
	case plan.VerdictError, plan.VerdictNotCreated, plan.VerdictDrifted, plan.VerdictNotApplied, plan.VerdictDiverged, plan.VerdictDiffers,
		plan.VerdictSubmitted, plan.VerdictPendingRelease, plan.VerdictInSync:
	}
	return false
}

// verdict adds where the product stands, at the first path that it is about.
func (f *productFinder) verdict(s standing) {
	v := f.product.Verdict
	if !isFinding(v) || f.product.Error != "" {
		return
	}
	path := plan.Path("")
	if len(s.paths) > 0 {
		path = s.paths[0]
	}
	f.add(verdictLevel(v), verdictRuleID(v), path, f.product.Address+": "+verdictLabel(v), s.text())
}

// verdictRuleID is the rule of a verdict.
func verdictRuleID(v plan.Verdict) string {
	return ruleVerdict + strings.ReplaceAll(string(v), "_", "-")
}

// moved adds a difference, by who made it. What is reported says that itself, too.
func (f *productFinder) moved(c plan.Change) {
	rule := driftRule(c.Origin)
	l := levelWarning
	if rule == ruleDriftManifest {
		l = levelNote
	}
	label := originOf(f.product, c)
	if c.Reason = reasonOf(f.product, c); c.Action == plan.ActionReport {
		c.Reason = ""
	}
	f.add(l, rule, c.Path, string(c.Path)+": "+label, changeSentence(c))
}

func (f *productFinder) notices() {
	for _, n := range noticesOf(f.product) {
		title := string(n.Path)
		if title == "" {
			title = f.product.Address
		}
		f.add(levelNote, ruleNotice, n.Path, title, n.Text)
	}
}

// placeOf is where a path of a product is written, else where the product is.
func placeOf(workspace string, p plan.Product, path plan.Path) schema.Position {
	if p.Source == nil {
		return schema.Position{}
	}
	pos := schema.Position{File: p.Source.File, Line: p.Source.Line, Col: p.Source.Col}
	if place, known := p.Source.Paths[path]; known {
		pos.Line, pos.Col = place.Line, place.Col
	}
	return inRepository(workspace, pos)
}

// guardRuleID is the rule of a guard. A plan made elsewhere may name one that
// this version does not know.
func guardRuleID(g plan.Guard) string {
	if !slices.Contains(plan.Guards(), g) {
		return ruleGuard + "unknown"
	}
	return ruleGuard + string(g)
}

// guardedPaths are the paths that trip a guard.
func guardedPaths(p plan.Product, g plan.Guard) []string {
	var paths []string
	for _, c := range p.Changes {
		if slices.Contains(c.Guards, g) {
			paths = append(paths, string(c.Path))
		}
	}
	return paths
}

func guardMessage(p plan.Product, g plan.Guard, paths []string) string {
	message := g.Protects()
	if len(paths) > 0 {
		message += " (" + someOf(paths, 5) + ")"
	}
	return message + "\n" + allowance(p, g)
}

// someOf lists at most so many words and says how many more there are.
func someOf(words []string, most int) string {
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}

// allowance says how a guard is allowed for a product.
func allowance(p plan.Product, g plan.Guard) string {
	if slices.Contains(p.Protected, g) {
		return "The manifest protects it: take it out of metadata.protect, and then " + allowFlag(g, p.Address)
	}
	return "To allow it: " + allowFlag(g, p.Address)
}
