package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/storesync/storesync/reconcile/plan"
)

// signals turns SIGINT and SIGTERM into an orderly end. A command that writes
// asks to be stopped softly: the first signal lets requests in flight finish,
// the second cancels them. Every other command is cancelled at once.
type signals struct {
	host    *host
	arrived chan os.Signal
	done    chan struct{}
	cancel  context.CancelFunc

	mu    sync.Mutex
	soft  chan struct{} // closed by the first signal; nil: not asked for
	count int
}

// watchSignals starts to watch; the context ends when a signal cancels.
func watchSignals(parent context.Context, h *host) (context.Context, *signals) {
	ctx, cancel := context.WithCancel(parent)
	s := &signals{host: h, arrived: make(chan os.Signal, 2), done: make(chan struct{}), cancel: cancel}
	signal.Notify(s.arrived, os.Interrupt, syscall.SIGTERM)
	go s.watch()
	return ctx, s
}

func (s *signals) watch() {
	for {
		select {
		case <-s.arrived:
			s.arrive()
		case <-s.done:
			return
		}
	}
}

func (s *signals) arrive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if s.soft != nil && s.count == 1 {
		close(s.soft)
		fmt.Fprintln(s.host.err, "Stopping: requests under way are finished, no more are started. A second signal cancels them.")
		return
	}
	s.cancel()
}

// stopSoftly makes the first signal close the returned channel instead of
// cancelling the context.
func (s *signals) stopSoftly() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.soft == nil {
		s.soft = make(chan struct{})
		if s.count > 0 {
			close(s.soft)
		}
	}
	return s.soft
}

// interrupted reports whether a signal has arrived.
func (s *signals) interrupted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count > 0
}

// stop ends the watching.
func (s *signals) stop() {
	signal.Stop(s.arrived)
	close(s.done)
	s.cancel()
}

// mayHaveWritten reports whether an apply had begun, which the next one goes on
// with.
func (s *signals) mayHaveWritten() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.soft != nil
}

func errInterrupted(begun bool) error {
	next := "Run the same command again."
	if begun {
		next = "Run the same command again: it goes on where this one stopped."
	}
	return &plan.Failure{Class: plan.ClassInterrupted, Err: errors.New("interrupted"), Next: next}
}
