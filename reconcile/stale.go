package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// fresh makes sure that what is about to be written is what was planned: the
// record, the files, and when time has passed the Store.
func (r *run) fresh(ctx context.Context, p *proposed) error {
	record, err := r.engine.load(ctx, p.key)
	if err != nil {
		return err
	}
	moved := plan.HashOf(plan.Encode(record)) != p.recordDigest
	p.record = record
	p.correctRecord()
	if moved || r.options.Recheck {
		observed, err := p.backend.Observe(ctx, p.manifest, record)
		if err != nil {
			return fmt.Errorf("%s: %w", p.plan.Address, err)
		}
		if err := p.stale(observed); err != nil {
			return err
		}
	}
	for _, operation := range p.plan.Operations {
		for _, upload := range operation.Uploads {
			if err := r.sameFile(p, upload); err != nil {
				return err
			}
		}
	}
	return nil
}

// stale refuses when the product is not what was planned against.
func (p *proposed) stale(observed *Observed) error {
	refuse := func(what string) error {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("%s: the plan is stale: %s since it was made", p.plan.Address, what),
			Next: "Nothing was changed. Plan again and look at what is different."}
	}
	switch {
	case observed.Missing && !p.observed.Missing:
		return refuse("the product was deleted")
	case !observed.Missing && p.observed.Missing:
		return refuse("somebody made the product")
	case p.rollingOut() && (observed.Running == nil || !observed.Running.Rollout):
		return refuse("the rollout ended")
	case observed.Running != nil && (p.observed.Running == nil || p.observed.Running.ID != observed.Running.ID):
		return refuse("submission " + observed.Running.ID + " was started")
	case observed.revision() == p.plan.Revision:
		return nil
	}
	changes, err := plan.Diff(p.observed.State, observed.State)
	if err != nil {
		return err
	}
	var paths []string
	for _, change := range changes {
		paths = append(paths, string(change.Path))
	}
	return refuse("the Store moved at " + strings.Join(paths, ", "))
}

// sameFile refuses an upload whose file is not what was planned.
func (r *run) sameFile(p *proposed, upload plan.Upload) error {
	file, err := r.open.Open(upload.Name)
	if err != nil {
		return fmt.Errorf("%s: open %s: %w", p.plan.Address, upload.Name, err)
	}
	defer file.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	if err != nil {
		return fmt.Errorf("%s: read %s: %w", p.plan.Address, upload.Name, err)
	}
	if n != upload.Bytes || hex.EncodeToString(sum.Sum(nil)) != upload.SHA256 {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("%s: %s changed since the plan was made", p.plan.Address, upload.Name),
			Next: "Nothing was changed. Plan again."}
	}
	return nil
}
