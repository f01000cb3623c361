package storehttp

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"
)

// DefaultPerMinute is the pace for the Store submission API (MSIX apps, add-ons
// and flights). The documentation does not name its limit; StoreBroker's says
// that a tenant may send about 20 requests a minute:
// https://github.com/microsoft/StoreBroker/blob/master/Documentation/USAGE.md
const DefaultPerMinute = 20

const (
	// limiterWindow is a minute and a second: the service counts requests when
	// they arrive, which is not evenly after they are sent.
	limiterWindow = time.Minute + time.Second
	// unnamedPause is how long a 429 stops everybody that does not say until
	// when: after that the service's count of a minute is empty.
	unnamedPause = time.Minute
)

// pace says how urgent a request is.
type pace int

// From the most urgent: a write brings the apply on, a read may bring the next
// write, a poll only asks whether something is done.
const (
	paceWrite pace = iota
	paceRead
	pacePoll
	paces
)

// Limiter keeps requests to a pace: in any minute at most so many, tries that
// repeat a request included, of which polls (Request.Poll) take at most half.
// Waiting requests go by urgency, writes, then reads, then polls, and else in
// the order they came. A 429 stops all of them until its Retry-After.
//
// The Store counts by tenant, so all pipelines of a process that act for one
// tenant share a Limiter; other processes are not known to it, which is why a
// 429 can come all the same. A nil *Limiter lets everything pass. It is safe
// for concurrent use.
type Limiter struct {
	limit int

	mu     sync.Mutex
	passed []passage // of the last minute, oldest first
	queues [paces][]*ticket
	paused time.Time // nobody passes before
	wakeup *time.Timer
}

// passage is a request that was let pass.
type passage struct {
	at     time.Time
	ticket *ticket
}

// ticket is a place in a queue.
type ticket struct {
	pace     pace
	patience time.Duration
	called   chan struct{} // closed when the request may go, or is sent away
	err      error         // why it is sent away
}

// NewLimiter makes a limiter of so many requests a minute for an API's
// endpoint. perMinute 0 means the default: DefaultPerMinute, but none (nil) for
// an endpoint on loopback, which is an emulator. A negative one means none.
func NewLimiter(endpoint *url.URL, perMinute int) *Limiter {
	switch {
	case perMinute < 0, perMinute == 0 && IsLoopback(endpoint):
		return nil
	case perMinute == 0:
		perMinute = DefaultPerMinute
	}
	return &Limiter{limit: perMinute}
}

// wait returns when a request may go, with the context's cause when that ends
// first, and with a *pausedError at once when the Store asked for a pause of
// more than patience.
func (l *Limiter) wait(ctx context.Context, pace pace, patience time.Duration) error {
	mine := &ticket{pace: pace, patience: patience, called: make(chan struct{})}
	l.mu.Lock()
	l.queues[pace] = append(l.queues[pace], mine)
	l.sendAway()
	l.letPass()
	l.mu.Unlock()
	select {
	case <-mine.called:
		return mine.err
	case <-ctx.Done():
		l.leave(mine)
		return context.Cause(ctx)
	}
}

// leave gives up a place, in the queue or among those that passed at the very
// moment: the next one can have it.
func (l *Limiter) leave(mine *ticket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queues[mine.pace] = slices.DeleteFunc(l.queues[mine.pace], func(t *ticket) bool { return t == mine })
	l.passed = slices.DeleteFunc(l.passed, func(p passage) bool { return p.ticket == mine })
	l.letPass()
}

// pause stops everybody for that long, or as long as they are stopped already.
func (l *Limiter) pause(wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(wait); until.After(l.paused) {
		l.paused = until
	}
	l.sendAway()
	l.letPass()
}

// sendAway dismisses who would have to wait for longer than they want, so that
// nobody hangs for the hours of a daily limit. The caller holds mu.
func (l *Limiter) sendAway() {
	left := time.Until(l.paused)
	for pace, queue := range l.queues {
		l.queues[pace] = slices.DeleteFunc(queue, func(t *ticket) bool {
			if left <= t.patience {
				return false
			}
			t.err = &pausedError{left: left}
			close(t.called)
			return true
		})
	}
}

// letPass lets go who may, and sets the alarm for when the next one may. The
// caller holds mu.
func (l *Limiter) letPass() {
	if l.wakeup != nil {
		l.wakeup.Stop()
	}
	now := time.Now()
	l.passed = slices.DeleteFunc(l.passed, func(p passage) bool { return now.Sub(p.at) >= limiterWindow })
	for {
		next, at := l.next(now)
		if next == nil {
			return
		}
		if at.After(now) {
			l.wakeup = time.AfterFunc(at.Sub(now), func() {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.letPass()
			})
			return
		}
		l.queues[next.pace] = l.queues[next.pace][1:]
		l.passed = append(l.passed, passage{at: now, ticket: next})
		close(next.called)
	}
}

// next is who goes next, and when at the earliest; nil when nobody waits.
func (l *Limiter) next(now time.Time) (*ticket, time.Time) {
	for pace, queue := range l.queues {
		if len(queue) == 0 {
			continue
		}
		at := later(now, l.paused)
		if full := len(l.passed) - l.limit; full >= 0 {
			at = later(at, l.passed[full].at.Add(limiterWindow))
		}
		if pace == int(pacePoll) {
			at = later(at, l.nextPoll())
		}
		return queue[0], at
	}
	return nil, time.Time{}
}

// nextPoll is when the share of polls has room.
func (l *Limiter) nextPoll() time.Time {
	var polls []time.Time
	for _, p := range l.passed {
		if p.ticket.pace == pacePoll {
			polls = append(polls, p.at)
		}
	}
	full := len(polls) - max(1, l.limit/2)
	if full < 0 {
		return time.Time{}
	}
	return polls[full].Add(limiterWindow)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// pausedError is a request that was not sent because the Store asked, by an
// answer to another one, for a longer pause than is waited for.
type pausedError struct{ left time.Duration }

func (e *pausedError) Error() string {
	return fmt.Sprintf("not sent: the Store asked for a pause of another %s", e.left.Round(time.Second))
}
