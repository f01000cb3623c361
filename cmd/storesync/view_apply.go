package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// applyView shows what apply does. It is told of events one at a time.
type applyView interface {
	diagnostics(schema.Diagnostics)
	// plan shows the plan and why products could not be planned.
	plan(*plan.Plan, error) error
	event(reconcile.Event)
	report(*reconcile.Report) error
	// end is told the error that the command ends with, nil for none, and
	// returns it, marked as shown if it is now.
	end(error) error
}

func newApplyView(h *host, options applyOptions) applyView {
	if options.output == outputJSON {
		return &jsonApplyView{h: h, eventStream: newEventStream(h.out)}
	}
	return &humanApplyView{h: h, options: options, progress: newProgress(h, options.commonOptions), planned: map[string]bool{}}
}

// jsonApplyView writes one JSON document a line; people who watch the log see
// errors on standard error too.
type jsonApplyView struct {
	h *host
	*eventStream
}

func (v *jsonApplyView) diagnostics(diagnostics schema.Diagnostics) {
	v.eventStream.diagnostics(diagnostics)
	printDiagnostics(v.h, diagnostics)
}

func (v *jsonApplyView) plan(plan *plan.Plan, failure error) error {
	v.eventStream.plan(plan)
	printDiagnostics(v.h, plan.Diagnostics)
	return v.err
}

func (v *jsonApplyView) report(report *reconcile.Report) error {
	v.count(report)
	for _, p := range report.Products {
		if _, isDiagnostics := p.Err.(schema.Diagnostics); !isDiagnostics { //nolint:errorlint // the engine hands them on bare
			printError(v.h, p.Err)
		}
	}
	return v.err
}

func (v *jsonApplyView) end(err error) error {
	v.eventStream.end(err)
	return errors.Join(err, v.err)
}

// humanApplyView shows the plan and the result on standard output, and
// progress and errors on standard error.
type humanApplyView struct {
	h        *host
	options  applyOptions
	progress *progress
	// planned are the products whose plan or planning error was shown.
	planned map[string]bool
	// written is set when the plan had anything to do.
	written bool
}

func (v *humanApplyView) diagnostics(diagnostics schema.Diagnostics) {
	printDiagnostics(v.h, diagnostics)
}

func (v *humanApplyView) plan(plan *plan.Plan, failure error) error {
	if err := showPlan(v.h, v.options.planningOptions, plan, nil); err != nil {
		return err
	}
	printDiagnostics(v.h, plan.Diagnostics)
	printError(v.h, failure)
	for _, p := range plan.Products {
		v.planned[p.Address] = p.Error != ""
		v.written = v.written || !idle(p)
	}
	v.progress.expect(plan)
	return nil
}

func (v *humanApplyView) end(err error) error { return err }

func (v *humanApplyView) event(event reconcile.Event) { v.progress.event(event) }

// report prints a line per product and sums up. When nothing was to be done,
// the plan has said so.
func (v *humanApplyView) report(report *reconcile.Report) error {
	v.progress.end()
	for _, p := range report.Products {
		_, shownBefore := p.Err.(schema.Diagnostics) //nolint:errorlint // the engine hands them on bare
		if !shownBefore && !v.planned[p.Address] {
			printError(v.h, p.Err)
		}
	}
	if !v.written && !slices.ContainsFunc(report.Products, func(p reconcile.ProductResult) bool { return p.Err != nil || p.Outcome != reconcile.Unchanged }) {
		return nil
	}
	_, err := fmt.Fprint(v.h.out, humanReport(report, v.h.look(v.options.commonOptions)))
	return err
}

// humanReport is how an apply ended, one line per product and a summary when
// there are several.
func humanReport(report *reconcile.Report, l look) string {
	p := &page{width: l.width, color: l.color}
	p.b.WriteByte('\n')
	for _, result := range report.Products {
		i := plain
		if result.Err != nil {
			i = warned
		}
		p.hanging(0, 2, inked(sanitize(result.Address), strong), text(": "), inked(outcomeText(result), i))
		for _, warning := range result.Warnings {
			p.hanging(2, 4, inked("! ", warned), text("the Store says: "+sanitizeLines(warning)))
		}
		if showsRemaining(result) {
			for _, c := range result.Remaining {
				p.hanging(2, 4, inked("! ", warned), text(sanitize(string(c.Path))+" still differs. "+sanitizeLines(c.Reason)))
			}
		}
	}
	if len(report.Products) > 1 {
		p.line(0, inked("Applied: ", strong), text(outcomeCounts(report)))
	}
	return p.String()
}

// outcomeText says how one product ended.
func outcomeText(r reconcile.ProductResult) string {
	submission := ""
	if r.Submission != nil {
		submission = fmt.Sprintf(" %s (%s)", sanitize(r.Submission.ID), sanitize(r.Submission.Status))
	}
	switch r.Outcome {
	case reconcile.Unchanged:
		return "nothing to do" + unchangedText(r)
	case reconcile.Drafted:
		if r.DraftNote != "" {
			return "draft written, not submitted." + verifiedText(r) + " " + sanitize(r.DraftNote)
		}
		return "draft written, not submitted." + verifiedText(r) + " apply without --draft submits it."
	case reconcile.Submitted:
		return "submitted" + submission + "." + verifiedText(r)
	case reconcile.Published:
		return "published" + submission + "." + verifiedText(r)
	case reconcile.Applied:
		return "applied, without a submission." + verifiedText(r)
	case reconcile.Refused:
		return "refused; nothing was changed."
	case reconcile.Blocked:
		return "pending" + submission + "; the message above says what it waits for."
	case reconcile.Failed:
		if r.Submission != nil && r.Submission.Failed {
			return "failed" + submission + "; it was not published."
		}
		return "failed" + submission + doneText(r)
	case reconcile.Interrupted:
		return "interrupted" + submission + doneText(r)
	case reconcile.Skipped:
		return "not started."
	}
	return sanitize(string(r.Outcome)) + "."
}

// unchangedText says where a product stands for which nothing was done: the plan's
// verdict is still what holds.
func unchangedText(r reconcile.ProductResult) string {
	switch {
	case r.Verdict == plan.VerdictInSync:
		return ". In sync."
	case r.Verdict != "":
		return ": " + verdictLabel(r.Verdict) + "."
	}
	return "."
}

// verifiedText says what was read at the end. What is in a draft or on its way
// is not in sync yet.
func verifiedText(r reconcile.ProductResult) string {
	switch {
	case r.Left != "":
		return " " + sanitizeLines(r.Left)
	case r.Verified == reconcile.VerifiedInSync && (r.Outcome == reconcile.Published || r.Outcome == reconcile.Applied):
		return " In sync."
	case r.Verified == reconcile.VerifiedInSync:
		return " It holds what the manifest says."
	case r.Verified == reconcile.VerifiedReadBack:
		return " What was written was read back; customers get it once it is published."
	case r.Verified == reconcile.VerifiedDiffers:
		return " Not in sync:"
	case r.Verified == reconcile.VerifiedUnreadable:
		return " The draft was read back as written; the live values cannot be read yet."
	}
	return ""
}

// showsRemaining reports whether what still differs is news: where nothing was
// done the plan has shown it, and what a step of a rollout left is told.
func showsRemaining(r reconcile.ProductResult) bool {
	done := []reconcile.Outcome{reconcile.Drafted, reconcile.Submitted, reconcile.Published, reconcile.Applied}
	return r.Verified == reconcile.VerifiedDiffers && slices.Contains(done, r.Outcome) && r.Left == ""
}

// doneText says how far a product came before it stopped.
func doneText(r reconcile.ProductResult) string {
	if !r.Touched {
		return "; nothing was changed."
	}
	if len(r.Operations) == 0 {
		return "; whether the draft was changed is not known. Running apply again reads it and does the rest."
	}
	return fmt.Sprintf(" after %s; running apply again does the rest.", count(len(r.Operations), "request"))
}

func outcomeCounts(report *reconcile.Report) string {
	counts := map[reconcile.Outcome]int{}
	var order []reconcile.Outcome
	for _, p := range report.Products {
		if counts[p.Outcome] == 0 {
			order = append(order, p.Outcome)
		}
		counts[p.Outcome]++
	}
	parts := make([]string, len(order))
	for i, outcome := range order {
		parts[i] = fmt.Sprintf("%d %s", counts[outcome], sanitize(string(outcome)))
	}
	return strings.Join(parts, ", ") + "."
}
