package storehttp

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// PollOptions say how often to ask.
type PollOptions struct {
	// Initial is the first wait; 0 means 2 seconds, as in Microsoft's samples.
	Initial time.Duration
	// Max is the longest wait; 0 means 30 seconds. Each wait is half as long
	// again as the one before, with a tenth of jitter either way.
	Max time.Duration
	// Patience is how long failures in a row are borne that may pass by
	// themselves: throttling, a service in trouble, no answer. A wait of days
	// should not end with a minute's outage. 0: not at all.
	Patience time.Duration
}

const (
	defaultPollInitial = 2 * time.Second
	defaultPollMax     = 30 * time.Second
)

// Poll asks at once and then again and again until check says that it is done,
// or fails. It returns the context's cause when that ends first: a time limit
// there means "not finished yet", not that something went wrong.
func Poll(ctx context.Context, options PollOptions, check func(ctx context.Context) (done bool, err error)) error {
	limit := cmp.Or(options.Max, defaultPollMax)
	wait := min(cmp.Or(options.Initial, defaultPollInitial), limit)
	var failing time.Time // since when
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		done, err := check(ctx)
		if err == nil {
			failing = time.Time{}
		} else if failing.IsZero() {
			failing = time.Now()
		}
		if done || err != nil && (!mayPass(err) || time.Since(failing) >= options.Patience) {
			return err
		}
		// Many jobs start at full minutes; jitter keeps them from asking together.
		timer.Reset(time.Duration(float64(wait) * (0.9 + 0.2*rand.Float64())))
		wait = min(wait+wait/2, limit)
	}
}

// mayPass reports whether the error says nothing about what was asked.
func mayPass(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.err != nil && (refusedHere(e.err) || hopeless(e.err)) {
		return false
	}
	return e.Status == 0 || e.Status == http.StatusTooManyRequests || transient(e.Status)
}
