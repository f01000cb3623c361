package msix

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"sync"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// guarded is the context for requests about a manifest. The Store repeats in
// its messages what it was sent, and its people what they read in the notes for
// certification, so nothing may be shown of the manifest's sensitive values,
// nor of what is known of the app's submissions.
func (b *backend) guarded(ctx context.Context, m *schema.Manifest) context.Context {
	return b.client.known.Guard(storehttp.WithSecrets(ctx, b.wantedSecrets(m)...), b.scope(m))
}

// scope is what the secrets of a manifest's product are known under. One that
// was not found yet has none.
func (b *backend) scope(m *schema.Manifest) string {
	p := wantedProduct(m)
	if p.kind == kindAddOn && p.id == "" {
		p, _ = b.places.get(m)
	}
	return p.scope()
}

// wantedSecrets are the texts of the manifest's sensitive values.
func (b *backend) wantedSecrets(m *schema.Manifest) []string {
	desired, _ := b.Desire(m, &reconcile.Observed{})
	if desired == nil {
		return nil
	}
	return plan.SensitiveTexts(desired.Set)
}

// guardedCall is the context for an operation, or its read-back, which also
// knows the documents of the operations before it and where files are sent.
func (b *backend) guardedCall(ctx context.Context, call reconcile.Call) context.Context {
	scope := b.scope(call.Manifest)
	for _, output := range call.Outputs {
		b.client.known.learn(scope, output)
	}
	if call.Operation.ID == stepUpload {
		b.client.known.Add(scope, signatureOf(call.Operation.Path)...)
	}
	return b.guarded(ctx, call.Manifest)
}

// hideRemembered hides in what was observed what the record knows to be secret
// though no manifest says so any more, and remembers it: what is said about a
// submission may repeat it.
func (b *backend) hideRemembered(ctx context.Context, m *schema.Manifest, observed *reconcile.Observed, known *record.Record) {
	if known == nil || len(known.Secrets) == 0 {
		return
	}
	scope := b.scope(m)
	b.client.known.Add(scope, observed.SecretTexts(known)...)
	ctx = b.client.known.Guard(ctx, scope)
	observed.Reword(func(text string) string { return storehttp.Hide(ctx, text) })
}

// knownSecrets are, by scope (see product.scope), the secrets in the answers
// that came so far: the notes for certification and the signatures of upload
// addresses.
type knownSecrets struct {
	storehttp.KnownSecrets
	mu sync.Mutex
	// read are the submissions whose secrets are among them, by scope and id.
	read map[[2]string]bool
}

// learn adds the secrets of an answer, if it is a submission.
func (k *knownSecrets) learn(scope string, answer json.RawMessage) {
	var found struct {
		Notes  json.RawMessage `json:"notesForCertification"`
		Upload json.RawMessage `json:"fileUploadUrl"`
	}
	if json.Unmarshal(bytes.TrimPrefix(answer, []byte("\ufeff")), &found) != nil {
		return
	}
	var notes, upload string
	if json.Unmarshal(found.Notes, &notes) == nil {
		k.Add(scope, notes)
	}
	if json.Unmarshal(found.Upload, &upload) == nil {
		k.Add(scope, signatureOf(upload)...)
	}
}

// signatureOf is what is secret of an upload address: its query, and the
// signature in it by itself. The host may be named.
func signatureOf(address string) []string {
	parsed, err := url.Parse(address)
	if err != nil {
		return []string{address}
	}
	return []string{parsed.RawQuery, parsed.Query().Get("sig")}
}

// markRead keeps that a submission's secrets are known.
func (k *knownSecrets) markRead(scope, id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.read == nil {
		k.read = map[[2]string]bool{}
	}
	k.read[[2]string{strings.ToUpper(scope), id}] = true
}

func (k *knownSecrets) hasRead(scope, id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.read[[2]string{strings.ToUpper(scope), id}]
}

// hideError is the error of work on a manifest with every secret that is known
// by now hidden in its text: what the Store said holds none any more, but a
// value may stand in what was read of its documents. The error's class and what
// it wraps stay.
func (b *backend) hideError(ctx context.Context, m *schema.Manifest, err error) error {
	if err == nil {
		return nil
	}
	ctx = b.client.known.Guard(ctx, b.scope(m))
	return reconcile.RewordError(err, func(text string) string { return storehttp.Hide(ctx, text) })
}
