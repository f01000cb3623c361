package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// approve asks on the terminal whether to apply the plan.
func approve(ctx context.Context, h *host, plan *plan.Plan) error {
	return ask(ctx, h, question{
		text:   fmt.Sprintf("Do you want to apply this to %s?", sanitize(strings.Join(plan.Endpoints, ", "))),
		unseen: "Nothing was changed. Add --auto-approve to apply without asking.",
	})
}

// question is asked before something is changed.
type question struct {
	text string
	// unseen is the advice where nobody can be asked.
	unseen string
}

// ask asks on the terminal; without one it refuses rather than asks. Any answer
// but yes is a refusal.
func ask(ctx context.Context, h *host, q question) error {
	if !h.inTTY || !h.errTTY {
		return &plan.Failure{
			Class: plan.ClassRefused,
			Err:   errors.New("not approved: there is no terminal to ask on"),
			Next:  q.unseen,
		}
	}
	fmt.Fprintf(h.err, "\n%s\n  Only 'yes' is accepted: ", q.text)
	answer, err := readLine(ctx, h)
	if err != nil {
		return &plan.Failure{Class: plan.ClassInterrupted, Err: errors.New("interrupted: not approved"), Next: "Nothing was changed."}
	}
	if answer == "yes" {
		return nil
	}
	return &plan.Failure{Class: plan.ClassRefused, Err: errors.New("not approved"), Next: "Nothing was changed."}
}

// readLine reads one line of standard input, or stops when the context ends.
// The reading goroutine then stays behind, for a read of a terminal cannot be
// cancelled; the process is about to end.
func readLine(ctx context.Context, h *host) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(h.in).ReadString('\n')
		read <- result{line, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(h.err)
		return "", ctx.Err()
	case r := <-read:
		// The end of input is an answer too: not yes.
		return strings.TrimSpace(r.line), nil
	}
}
