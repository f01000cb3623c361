package main

import (
	"fmt"
	"strings"

	"github.com/schollz/progressbar/v3"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// progress tells on standard error what apply is doing: a bar for an upload on
// a terminal, plain lines anywhere else.
type progress struct {
	h     *host
	color bool
	// requests is how many requests each product's plan has; started counts
	// those that were begun. Bars of several products would overwrite each other.
	requests map[string]int
	begun    map[string]int
	bar      *progressbar.ProgressBar
	barOf    string
	// told is what each operation or product was last said to wait for.
	told map[string]string
}

func newProgress(h *host, options commonOptions) *progress {
	return &progress{h: h, color: h.color(h.errTTY, options.noColor), requests: map[string]int{}, begun: map[string]int{}, told: map[string]string{}}
}

// expect says what is going to be applied.
func (p *progress) expect(plan *plan.Plan) {
	for _, product := range plan.Products {
		if len(product.Operations) > 0 {
			p.requests[product.Address] = len(product.Operations)
		}
	}
}

// event shows what the engine tells.
func (p *progress) event(event reconcile.Event) {
	switch e := event.(type) {
	case reconcile.OperationStarted:
		p.started(e)
	case reconcile.OperationProgress:
		p.moved(e)
	case reconcile.OperationDone:
		p.end()
	case reconcile.SubmissionPolled:
		p.tell(e.Address, "submission "+e.Submission.ID+" is "+e.Submission.Status)
	case reconcile.ProductDone:
		p.end()
	}
}

func (p *progress) started(e reconcile.OperationStarted) {
	p.begun[e.Address]++
	p.say(e.Address, fmt.Sprintf("%d/%d %s", p.begun[e.Address], p.requests[e.Address], operationText(e.Operation)))
	if p.useBar() && e.Operation.Verb == plan.VerbUpload {
		p.bar = progressbar.NewOptions64(uploadBytes(e.Operation),
			progressbar.OptionSetWriter(p.h.err),
			progressbar.OptionSetWidth(min(30, p.h.width()/3)),
			progressbar.OptionShowBytes(true),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionEnableColorCodes(p.color))
		p.barOf = e.Operation.ID
	}
}

func (p *progress) useBar() bool { return p.h.errTTY && len(p.requests) == 1 }

// operationText is an operation in a few words.
func operationText(o plan.Operation) string {
	if isArchive(o) {
		return fmt.Sprintf("%s (%s)", o.Summary, humanBytes(uploadBytes(o)))
	}
	if len(o.Uploads) == 0 {
		return o.Summary
	}
	files := make([]string, len(o.Uploads))
	for i, u := range o.Uploads {
		files[i] = fmt.Sprintf("%s (%s)", u.Name, humanBytes(u.Bytes))
	}
	return "uploads " + strings.Join(files, ", ")
}

func uploadBytes(o plan.Operation) int64 {
	var n int64
	for _, u := range o.Uploads {
		n += u.Bytes
	}
	return n
}

func (p *progress) moved(e reconcile.OperationProgress) {
	if p.bar != nil && p.barOf == e.Operation.ID {
		if e.Progress.Total > 0 && e.Progress.Total != p.bar.GetMax64() {
			p.bar.ChangeMax64(e.Progress.Total) // an archive is more than its files
		}
		// A bar that cannot be drawn is no reason to stop.
		_ = p.bar.Set64(e.Progress.Sent)
		return
	}
	if e.Progress.Waiting != "" {
		p.tell(e.Address, "waiting: "+e.Progress.Waiting)
	}
}

// tell says something about a product unless it was the last thing said.
func (p *progress) tell(address, what string) {
	if p.told[address] == what {
		return
	}
	p.say(address, what)
	p.told[address] = what
}

func (p *progress) say(address, what string) {
	p.end()
	delete(p.told, address)
	line := sanitize(address + ": " + what)
	if p.color {
		line = faint.code() + line + resetInk
	}
	fmt.Fprintln(p.h.err, line)
}

// end takes the bar off the terminal.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
