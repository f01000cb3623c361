package msix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// guarded is the context for requests about a manifest. The Store repeats in
// its messages what it was sent, and its people what they read in the notes for
// certification, so nothing may be shown of the manifest's sensitive values,
// nor of what is known of the app's submissions.
func (b *backend) guarded(ctx context.Context, m *schema.Manifest) context.Context {
	return b.client.known.guard(storehttp.WithSecrets(ctx, b.wantedSecrets(m)...), m.MsixApp.AppID)
}

// wantedSecrets are the texts of the manifest's sensitive values.
func (b *backend) wantedSecrets(m *schema.Manifest) []string {
	desired, _ := b.Desire(m, &reconcile.Observed{})
	if desired == nil {
		return nil
	}
	var found []string
	for _, value := range desired.Set {
		if value.Sensitive && !value.Unknown {
			found = append(append(found, value.Text()), value.Strings()...)
		}
	}
	return found
}

// guardedCall is the context for an operation, or its read-back, which also
// knows the documents of the operations before it and where files are sent.
func (b *backend) guardedCall(ctx context.Context, call reconcile.Call) context.Context {
	app := call.Manifest.MsixApp.AppID
	for _, output := range call.Outputs {
		b.client.known.learn(app, output)
	}
	if call.Operation.ID == stepUpload {
		b.client.known.add(app, signatureOf(call.Operation.Path)...)
	}
	return b.guarded(ctx, call.Manifest)
}

// knownSecrets are, by app, the secrets in the answers that came so far: the
// notes for certification and the signatures of upload addresses.
type knownSecrets struct {
	mu   sync.Mutex
	apps map[string]*appSecrets
}

type appSecrets struct {
	values []string
	// read are the ids of the submissions whose secrets are among them.
	read []string
}

// of is what is known of an app; mu is held.
func (k *knownSecrets) of(app string) *appSecrets {
	app = strings.ToUpper(app)
	if k.apps == nil {
		k.apps = map[string]*appSecrets{}
	}
	if k.apps[app] == nil {
		k.apps[app] = &appSecrets{}
	}
	return k.apps[app]
}

func (k *knownSecrets) add(app string, values ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known := k.of(app)
	for _, value := range values {
		if value != "" && !slices.Contains(known.values, value) {
			known.values = append(known.values, value)
		}
	}
}

// learn adds the secrets of an answer, if it is a submission.
func (k *knownSecrets) learn(app string, answer json.RawMessage) {
	var found struct {
		Notes  json.RawMessage `json:"notesForCertification"`
		Upload json.RawMessage `json:"fileUploadUrl"`
	}
	if json.Unmarshal(bytes.TrimPrefix(answer, []byte("\ufeff")), &found) != nil {
		return
	}
	var notes, upload string
	if json.Unmarshal(found.Notes, &notes) == nil {
		k.add(app, notes)
	}
	if json.Unmarshal(found.Upload, &upload) == nil {
		k.add(app, signatureOf(upload)...)
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
func (k *knownSecrets) markRead(app, id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known := k.of(app)
	if !slices.Contains(known.read, id) {
		known.read = append(known.read, id)
	}
}

func (k *knownSecrets) hasRead(app, id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Contains(k.of(app).read, id)
}

type guardedKey struct{}

// guardedWith is what of an app a context knows already: its first count values.
type guardedWith struct {
	app   string
	count int
}

// guard adds what is known of an app to the context.
func (k *knownSecrets) guard(ctx context.Context, app string) context.Context {
	k.mu.Lock()
	with := guardedWith{strings.ToUpper(app), len(k.of(app).values)}
	values := slices.Clone(k.of(app).values)
	k.mu.Unlock()
	if with.count == 0 || ctx.Value(guardedKey{}) == with {
		return ctx
	}
	return context.WithValue(storehttp.WithSecrets(ctx, values...), guardedKey{}, with)
}

// hidden is an error without the secrets in its text. What it hides is there
// for errors.Is and errors.As; unwrapping it would show its text.
type hidden struct {
	err  error
	text string
}

func (h *hidden) Error() string { return h.text }

// Is and As look into the hidden error.
func (h *hidden) Is(target error) bool { return errors.Is(h.err, target) }
func (h *hidden) As(target any) bool   { return errors.As(h.err, target) }

// hideError is the error of work on a manifest with every secret that is known
// by now hidden in its text: what the Store said holds none any more, but a
// value may stand in what was read of its documents. The error's class and what
// it wraps stay.
func (b *backend) hideError(ctx context.Context, m *schema.Manifest, err error) error {
	if err == nil {
		return nil
	}
	ctx = b.client.known.guard(ctx, m.MsixApp.AppID)
	if storehttp.Hide(ctx, err.Error()) == err.Error() {
		return err
	}
	if failure, ok := errors.AsType[*reconcile.Failure](err); ok {
		return &reconcile.Failure{Class: failure.Class, Next: storehttp.Hide(ctx, failure.Next),
			Err: &hidden{failure.Err, storehttp.Hide(ctx, failure.Err.Error())}}
	}
	return &hidden{err, storehttp.Hide(ctx, err.Error())}
}
