package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf16"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// writeJSON writes one document on one line, so that documents can also be
// read as a stream. Text is not escaped for HTML; what acts on a terminal is.
func writeJSON[T any](w io.Writer, document T) error {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(document)
	if err == nil {
		_, err = w.Write(harmlessJSON(encoded.Bytes()))
	}
	if err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// harmlessJSON is the same document with every character that would act on a
// terminal, or be invisible there, as a \u escape, and with what would be an
// order to a CI runner. Outside of texts a document has none but line ends.
func harmlessJSON(document []byte) []byte {
	document = runnerOrder.ReplaceAllFunc(document, func(order []byte) []byte { return append([]byte(`\u0023`), order[1:]...) })
	acts := func(r rune) bool { return r != '\n' && needsEscape(r) }
	if !bytes.ContainsFunc(document, acts) {
		return document
	}
	var b bytes.Buffer
	for _, r := range string(document) {
		if !acts(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.Bytes()
}

// jsonFormatVersion is the version of the documents below. As with plans, an
// unknown minor part may be read and an unknown major part may not.
const jsonFormatVersion = "1.1"

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
func failedPlan(diagnostics schema.Diagnostics) (*plan.Plan, error) {
	plan := &plan.Plan{
		FormatVersion: plan.FormatVersion, Tool: "storesync " + readVersion().Version, CreatedAt: time.Now().UTC().Truncate(time.Second),
		Endpoints: []string{}, Inputs: []schema.Input{}, Products: []plan.Product{},
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
	Address string `json:"address"`
	ID      string `json:"id"`
	// Verdict says where the product stands, Standing what that rests on.
	Verdict  plan.Verdict     `json:"verdict,omitempty"`
	Standing *plan.Standing   `json:"standing,omitempty"`
	Status   *statusInAPI     `json:"status,omitempty"`
	Last     *plan.Submission `json:"last,omitempty"`
	Draft    plan.DraftState  `json:"draft,omitempty"`
	// NotTaken are the changes that our last submission held, and that what was
	// published lacks.
	NotTaken []plan.Change `json:"notTaken,omitempty"`
	Notices  []plan.Notice `json:"notices,omitempty"`
	Error    string        `json:"error,omitempty"`
}

// statusInAPI is what the Store says of a product.
type statusInAPI struct {
	*reconcile.Status
	// Running is the submission in progress.
	Running *plan.Submission `json:"running,omitempty"`
	// Missing is true when the product does not exist.
	Missing bool `json:"missing,omitempty"`
}

func newStatusDocument(statuses []reconcile.ProductStatus) statusDocument {
	d := statusDocument{FormatVersion: jsonFormatVersion, Products: []productStatus{}}
	for _, s := range statuses {
		shown := productStatus{
			Address: s.Address, ID: s.ID, Verdict: s.Verdict, Standing: s.Standing, Last: s.Last, Draft: s.Draft,
			NotTaken: s.NotTaken, Notices: s.Notices, Error: errorText(s.Err),
		}
		if s.Status != nil {
			shown.Status = &statusInAPI{s.Status, s.Running, s.Missing}
		}
		d.Products = append(d.Products, shown)
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
