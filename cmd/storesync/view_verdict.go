package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// How verdicts are said, in one place for all views. "In sync" is the label of
// one verdict, and no view says it of another.

// verdictLabel is a verdict in words that can stand anywhere, "" for the products
// of a plan of format 1.0, which has none. One of a newer format is shown if it is
// a word.
func verdictLabel(v plan.Verdict) string {
	switch {
	case v == "", slices.Contains(plan.Verdicts(), v):
		return v.Label()
	case verdictShape.MatchString(string(v)):
		return strings.ReplaceAll(string(v), "_", " ")
	}
	return "unknown verdict"
}

var verdictShape = regexp.MustCompile(`^[a-z]+(_[a-z]+){0,4}$`)

// verdictInk is the colour of a verdict on a terminal.
func verdictInk(v plan.Verdict) ink {
	switch v {
	case plan.VerdictError, plan.VerdictMissing, plan.VerdictSubmissionFailed:
		return removed
	case plan.VerdictSubmitted, plan.VerdictPendingRelease, plan.VerdictInSync:
		return added
	case plan.VerdictNotCreated, plan.VerdictBlocked, plan.VerdictDrifted, plan.VerdictNotApplied, plan.VerdictDiverged,
		plan.VerdictDiffers, plan.VerdictUnsubmitted, plan.VerdictIncomplete:
		return updated
	}
	return plain
}

// verdictState is a verdict as a page shows it. What is not applied yet is what
// plans are for, and nothing to worry about.
func verdictState(v plan.Verdict) htmlState {
	class := "warn"
	switch v {
	case "":
		return htmlState{}
	case plan.VerdictError, plan.VerdictMissing, plan.VerdictSubmissionFailed:
		class = "bad"
	case plan.VerdictNotCreated, plan.VerdictNotApplied, plan.VerdictSubmitted, plan.VerdictPendingRelease:
		class = "go"
	case plan.VerdictInSync:
		class = "ok"
	case plan.VerdictBlocked, plan.VerdictDrifted, plan.VerdictDiverged, plan.VerdictDiffers, plan.VerdictUnsubmitted, plan.VerdictIncomplete:
	}
	return htmlState{upperFirst(verdictLabel(v)), class}
}

// verdictAlert is the class of what a page says of a verdict.
func verdictAlert(v plan.Verdict) string {
	switch verdictLevel(v) {
	case levelError:
		return "bad"
	case levelWarning:
		return "warn"
	case levelNote:
	}
	return "note"
}

// verdictLevel is how much a verdict matters as a finding of its own. The paths
// that differ are findings already.
func verdictLevel(v plan.Verdict) level {
	switch v {
	case plan.VerdictError, plan.VerdictMissing, plan.VerdictSubmissionFailed:
		return levelError
	case plan.VerdictBlocked, plan.VerdictUnsubmitted:
		return levelWarning
	case plan.VerdictNotCreated, plan.VerdictDrifted, plan.VerdictNotApplied, plan.VerdictDiverged, plan.VerdictDiffers,
		plan.VerdictSubmitted, plan.VerdictPendingRelease, plan.VerdictIncomplete, plan.VerdictInSync:
	}
	return levelNote
}

// verdictsOf are the verdicts of products that have one.
func verdictsOf(products []plan.Product) []plan.Verdict {
	var verdicts []plan.Verdict
	for _, p := range products {
		if p.Verdict != "" {
			verdicts = append(verdicts, p.Verdict)
		}
	}
	return verdicts
}

// verdictCounts count verdicts, the weightiest first: "1 submission failed, 27 in
// sync". One verdict alone is its label.
func verdictCounts(verdicts []plan.Verdict) string {
	if len(verdicts) == 1 {
		return verdictLabel(verdicts[0])
	}
	counts := map[plan.Verdict]int{}
	order := plan.Verdicts()
	for _, v := range verdicts {
		if counts[v]++; !slices.Contains(order, v) {
			order = append(order, v) // of a newer format
		}
	}
	var parts []string
	for _, v := range order {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], verdictOfMany(v, counts[v])))
		}
	}
	return strings.Join(parts, ", ")
}

// verdictOfMany is the label of a verdict behind a number of products.
func verdictOfMany(v plan.Verdict, n int) string {
	switch {
	case n > 1 && v == plan.VerdictError:
		return "errors"
	case n > 1 && v == plan.VerdictSubmissionFailed:
		return "submissions failed"
	}
	return verdictLabel(v)
}

// productVerdicts counts the verdicts of several products, "" for less.
func productVerdicts(products []plan.Product) string {
	if verdicts := verdictsOf(products); len(verdicts) > 1 {
		return verdictCounts(verdicts)
	}
	return ""
}

// settled reports whether nothing is to be done for a product, and nothing to be
// known of it: customers get what git says.
func settled(p plan.Product) bool {
	return idle(p) && (p.Verdict == "" || p.Verdict == plan.VerdictInSync)
}

// standing is what a verdict rests on, in pieces for views to lay out. Nothing in
// it is sanitised.
type standing struct {
	// sentence says what is the case, "" where the verdict's label says it.
	sentence string
	// evidence is our last submission where it failed and the sentence is about
	// something else.
	evidence string
	// words are the Store's own about the submission.
	words []string
	// paths are what the Store's words are about.
	paths []plan.Path
	// next is what to do.
	next string
}

// standingOf is that of a verdict. What is in sync, or not applied yet, needs no
// sentence.
func standingOf(v plan.Verdict, from *plan.Standing) standing {
	if from == nil {
		return standing{}
	}
	s := standing{sentence: upperFirst(from.Sentence), next: from.Next}
	if v == plan.VerdictNotApplied || v == plan.VerdictInSync && from.Next == "" {
		s = standing{}
	}
	if v == plan.VerdictSubmissionFailed {
		s.paths = from.Paths
	}
	if from.Submission == nil {
		return s
	}
	named := names(s.sentence, from.Submission.ID)
	if from.Submission.Failed && !named {
		s.evidence = fmt.Sprintf("Submission %s ended with %s.", from.Submission.ID, from.Submission.Status)
	}
	if named || from.Submission.Failed {
		s.words = from.Submission.Detail
	}
	return s
}

// planStanding is that of a product of a plan, which says by itself what apply
// makes.
func planStanding(p plan.Product) standing {
	s := standingOf(p.Verdict, p.Standing)
	if isNew(p) && p.Verdict == plan.VerdictNotCreated {
		s.sentence, s.next = "", ""
	}
	return s
}

func names(sentence, id string) bool { return id != "" && strings.Contains(sentence, id) }

// lines are the standing as lines of text, none when there is nothing to say.
func (s standing) lines() []string {
	var lines []string
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	add(s.sentence)
	add(s.evidence)
	for _, w := range s.words {
		add("The Store: " + w)
	}
	if len(s.paths) > 0 {
		add("It is about " + pathsText(s.paths) + ".")
	}
	if len(lines) == 1 && lines[0] == s.sentence && s.sentence != "" {
		return []string{strings.TrimSpace(s.sentence + " " + s.next)}
	}
	add(s.next)
	return lines
}

// text is the standing as one text of several lines.
func (s standing) text() string { return strings.Join(s.lines(), "\n") }

// namedPaths is how many paths a sentence names.
const namedPaths = 5

func pathsText(paths []plan.Path) string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = string(path)
	}
	return someOf(names, namedPaths)
}

// head is the line that a product begins with: address, id and verdict. A product
// that does not exist yet has no id. A verdict that does not fit the line stands
// on the next one, whole.
func (p *page) head(address, id string, v plan.Verdict) {
	spans := []span{inked(sanitize(address), strong)}
	if id != "" {
		spans = append(spans, inked("  "+sanitize(id), faint))
	}
	label := inked(verdictLabel(v), verdictInk(v))
	width := columns(label.text) + 2
	for _, s := range spans {
		width += columns(s.text)
	}
	if v != "" && width <= p.width {
		p.hanging(0, 2, append(spans, text("  "), label)...)
		return
	}
	p.hanging(0, 2, spans...)
	if v != "" {
		p.line(2, label)
	}
}

// standing writes what a verdict rests on below the head of a product.
func (p *page) standing(s standing) {
	for _, line := range s.lines() {
		p.line(2, text(sanitizeLines(line)))
	}
}

// saysRunning reports whether the standing that is shown of a product is about
// the submission that runs.
func saysRunning(p plan.Product) bool {
	return p.Running != nil && names(standingOf(p.Verdict, p.Standing).sentence, p.Running.ID)
}

// noticesOf are a product's notices without what is said already: by its standing
// in the same words, or of a rollout that waits by what is said of that.
func noticesOf(p plan.Product) []plan.Notice {
	said := bare(p, standingOf(p.Verdict, p.Standing).sentence)
	return slices.DeleteFunc(slices.Clone(p.Notices), func(n plan.Notice) bool {
		ofRollout := n.Path == plan.PathRollout && p.Running != nil && p.Running.Rollout && names(n.Text, p.Running.ID)
		return ofRollout || saidOfFailure(p.Standing, n.Text) || said != "" && strings.EqualFold(bare(p, n.Text), said)
	})
}

// saidOfFailure reports whether a notice says no more of a failed submission than
// the standing that is shown with it.
func saidOfFailure(s *plan.Standing, notice string) bool {
	if s == nil || s.Submission == nil || !s.Submission.Failed {
		return false
	}
	said := fmt.Sprintf("submission %s ended with %s", s.Submission.ID, s.Submission.Status)
	if words := strings.Join(s.Submission.Detail, "; "); words != "" && len(notice) > len(said) {
		said += ": " + words
	}
	return strings.EqualFold(strings.TrimSuffix(notice, "."), strings.TrimSuffix(said, "."))
}

func bare(p plan.Product, s string) string {
	return strings.TrimSuffix(strings.TrimPrefix(s, p.Address+": "), ".")
}

// notTaken reports whether a change is what the submission held that the standing
// is about, and the Store published without.
func notTaken(p plan.Product, c plan.Change) bool {
	s := p.Standing
	return s != nil && s.Submission != nil && !s.Submission.Failed && c.Origin == plan.OriginStore && names(c.Reason, s.Submission.ID)
}

// reasonOf is why a change is there, "" where the standing says it of all of them.
func reasonOf(p plan.Product, c plan.Change) string {
	if notTaken(p, c) && names(p.Standing.Sentence, p.Standing.Submission.ID) {
		return ""
	}
	return c.Reason
}

// originOf says in words who made a change.
func originOf(p plan.Product, c plan.Change) string {
	if notTaken(p, c) {
		return "not taken by the Store"
	}
	return c.Origin.Label()
}

// originTold reports whether it needs no word who made a change: what is not
// applied yet is what plans are for, a report says it itself, and so does the
// verdict where there is one side only.
func originTold(p plan.Product, c plan.Change) bool {
	switch {
	case c.Origin == "", c.Action == plan.ActionReport && c.Reason != "":
		return true
	case p.Verdict == plan.VerdictDrifted, p.Verdict == plan.VerdictMissing:
		return c.Origin == plan.OriginStore
	case p.Verdict == plan.VerdictDiverged:
		return c.Origin == plan.OriginBoth && !slices.ContainsFunc(differencesOf(p), func(d plan.Change) bool { return d.Origin != plan.OriginBoth })
	}
	return onlyOurs(p.Changes)
}
