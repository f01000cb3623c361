package main

import (
	"context"
	"errors"
	"sync"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/schema"
)

// witness is a backend that remembers why a product could not be observed. A
// plan document holds only the error's text; the exit code needs its class.
type witness struct {
	reconcile.Backend

	mu       sync.Mutex
	failures map[string]error
}

// Observe is the backend's, with its error remembered.
func (w *witness) Observe(ctx context.Context, m *schema.Manifest, record *reconcile.Record) (*reconcile.Observed, error) {
	observed, err := w.Backend.Observe(ctx, m, record)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		delete(w.failures, m.Address())
	} else {
		w.failures[m.Address()] = err
	}
	return observed, err
}

// planError is why products could not be planned, nil when all could. Every
// joined error is one product's text with the class that the witness saw.
func (w *witness) planError(plan *reconcile.Plan) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []error
	for _, p := range plan.Products {
		if p.Error != "" {
			class := reconcile.ClassError
			if cause := w.failures[p.Address]; cause != nil {
				class = reconcile.ClassOf(cause)
			}
			all = append(all, &reconcile.Failure{Class: class, Err: errors.New(p.Error)})
		}
	}
	if plan.Diagnostics.HasErrors() {
		// They are printed with the plan.
		all = append(all, alreadyShown(plan.Diagnostics))
	}
	return errors.Join(all...)
}
