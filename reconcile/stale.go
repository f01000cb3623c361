package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// stale refuses when the product is not what was planned against.
func (p *planned) stale(now *compared) error {
	refuse := func(what string) error {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("%s: the plan is stale: %s since it was made", p.doc.Address, what),
			Next: "Nothing was changed. Plan again and look at what is different."}
	}
	running := now.product.Running
	switch {
	case now.product.Missing && !p.product.Missing:
		return refuse("the product was deleted")
	case !now.product.Missing && p.product.Missing:
		return refuse("somebody made the product")
	case p.rollingOut() && !now.rollingOut():
		return refuse("the rollout ended")
	case running != nil && (p.product.Running == nil || p.product.Running.ID != running.ID):
		return refuse("submission " + running.ID + " was started")
	case now.product.revision() == p.doc.Revision && now.product.Draft == p.product.Draft:
		return nil
	}
	changes, err := plan.Diff(p.live, now.live)
	if err != nil || len(changes) == 0 {
		return err
	}
	return refuse("the Store moved at " + strings.Join(texts(plan.PathsOf(changes)), ", "))
}

// sameFiles refuses an upload whose file is not what was planned.
func (r *run) sameFiles(p *approved) error {
	for _, operation := range p.doc.Operations {
		for _, upload := range operation.Uploads {
			if err := r.sameFile(p, upload); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) sameFile(p *approved, upload plan.Upload) error {
	file, err := r.open.Open(upload.Name)
	if err != nil {
		return fmt.Errorf("%s: open %s: %w", p.doc.Address, upload.Name, err)
	}
	defer file.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	if err != nil {
		return fmt.Errorf("%s: read %s: %w", p.doc.Address, upload.Name, err)
	}
	if n != upload.Bytes || hex.EncodeToString(sum.Sum(nil)) != upload.SHA256 {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("%s: %s changed since the plan was made", p.doc.Address, upload.Name),
			Next: "Nothing was changed. Plan again."}
	}
	return nil
}
