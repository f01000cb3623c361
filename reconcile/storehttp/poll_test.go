package storehttp

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPollGrowsAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var asked []time.Duration
		err := Poll(t.Context(), PollOptions{Initial: 10 * time.Second, Max: 25 * time.Second}, func(context.Context) (bool, error) {
			asked = append(asked, time.Since(begin))
			return len(asked) == 5, nil
		})
		if err != nil || len(asked) != 5 || asked[0] != 0 {
			t.Fatalf("%v at %v", err, asked)
		}
		for i, want := range []time.Duration{10 * time.Second, 15 * time.Second, 22500 * time.Millisecond, 25 * time.Second} {
			wait := asked[i+1] - asked[i]
			if wait < want*9/10 || wait > want*11/10 {
				t.Errorf("wait %d was %v, want about %v", i+1, wait, want)
			}
		}
	})
}

func TestPollStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		if err := Poll(t.Context(), PollOptions{}, func(context.Context) (bool, error) { return false, broken }); err != broken {
			t.Errorf("got %v", err)
		}
		limit := errors.New("not finished in time")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, limit)
		defer cancel()
		begin, asked := time.Now(), 0
		err := Poll(ctx, PollOptions{}, func(context.Context) (bool, error) { asked++; return false, nil })
		if err != limit || time.Since(begin) != time.Minute || asked < 5 || asked > 9 {
			t.Errorf("%v after %v and %d questions", err, time.Since(begin), asked)
		}
		if err := Poll(ctx, PollOptions{}, func(context.Context) (bool, error) { t.Error("asked after the end"); return true, nil }); err != limit {
			t.Errorf("got %v", err)
		}
	})
}

func TestPollPatience(t *testing.T) {
	down := &Error{Op: "x", Status: 503}
	tests := []struct {
		name     string
		patience time.Duration
		failing  time.Duration // how long the service is down
		err      error
		want     error
	}{
		{"none: the first failure ends it", 0, time.Minute, down, down},
		{"outage shorter than patience", 10 * time.Minute, 5 * time.Minute, down, nil},
		{"outage longer than patience", 10 * time.Minute, time.Hour, down, down},
		{"a refusal ends it at once", 10 * time.Minute, time.Minute, &Error{Op: "x", Status: 403}, &Error{Op: "x", Status: 403}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				err := Poll(t.Context(), PollOptions{Patience: test.patience}, func(context.Context) (bool, error) {
					if time.Since(begin) < test.failing {
						return false, test.err
					}
					return true, nil
				})
				if errText(err) != errText(test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
			})
		})
	}
}
