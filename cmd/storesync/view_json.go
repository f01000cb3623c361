package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/schema"
)

// writeJSON writes one document on one line, so that documents can also be
// read as a stream. Text is not escaped for HTML.
func writeJSON[T any](w io.Writer, document T) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// jsonFormatVersion is the version of the documents below. As with plans, an
// unknown minor part may be read and an unknown major part may not.
const jsonFormatVersion = "1.0"

// validationDocument is what `validate --output json` prints.
type validationDocument struct {
	FormatVersion string             `json:"formatVersion"`
	Valid         bool               `json:"valid"`
	Manifests     []manifestDocument `json:"manifests"`
	Diagnostics   schema.Diagnostics `json:"diagnostics"`
}

type manifestDocument struct {
	Address string `json:"address"`
	File    string `json:"file"`
}

func newValidationDocument(workspace *schema.Workspace, diagnostics schema.Diagnostics) validationDocument {
	d := validationDocument{
		FormatVersion: jsonFormatVersion, Valid: !diagnostics.HasErrors(),
		Manifests: []manifestDocument{}, Diagnostics: diagnostics,
	}
	if d.Diagnostics == nil {
		d.Diagnostics = schema.Diagnostics{}
	}
	if workspace != nil {
		for _, m := range workspace.Manifests {
			d.Manifests = append(d.Manifests, manifestDocument{m.Address(), m.File})
		}
	}
	return d
}

// failedPlan is the plan document when nothing could be planned at all: what
// reads plans still gets one, and sees why.
func failedPlan(diagnostics schema.Diagnostics) (*reconcile.Plan, error) {
	plan := &reconcile.Plan{
		FormatVersion: reconcile.FormatVersion, Tool: "storesync " + readVersion().Version, CreatedAt: time.Now().UTC().Truncate(time.Second),
		Endpoints: []string{}, Inputs: []schema.Input{}, Products: []reconcile.ProductPlan{},
		Errored: true, Diagnostics: diagnostics,
	}
	return plan, plan.Seal()
}

// statusDocument is what `status --output json` prints.
type statusDocument struct {
	FormatVersion string          `json:"formatVersion"`
	Products      []productStatus `json:"products"`
}

type productStatus struct {
	Address string                `json:"address"`
	ID      string                `json:"id"`
	Status  *reconcile.Status     `json:"status,omitempty"`
	Last    *reconcile.Submission `json:"last,omitempty"`
	Draft   reconcile.DraftState  `json:"draft,omitempty"`
	Error   string                `json:"error,omitempty"`
}

func newStatusDocument(statuses []reconcile.ProductStatus) statusDocument {
	d := statusDocument{FormatVersion: jsonFormatVersion, Products: []productStatus{}}
	for _, s := range statuses {
		d.Products = append(d.Products, productStatus{
			Address: s.Address, ID: s.ID, Status: s.Status, Last: s.Last, Draft: s.Draft, Error: errorText(s.Err),
		})
	}
	return d
}

// discardDocument is what `discard --output json` prints.
type discardDocument struct {
	FormatVersion string `json:"formatVersion"`
	*reconcile.DiscardPlan
	// Discarded is true when the draft is gone.
	Discarded bool   `json:"discarded"`
	Error     string `json:"error,omitempty"`
}

func newDiscardDocument(plan *reconcile.DiscardPlan, failure error) discardDocument {
	return discardDocument{
		FormatVersion: jsonFormatVersion, DiscardPlan: plan,
		Discarded: failure == nil && plan.Draft != "", Error: errorText(failure),
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
