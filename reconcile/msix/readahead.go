package msix

import (
	"context"
	"strings"
	"sync"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// readAhead keeps the apps that Prepare read, each for one look: whoever looks
// again wants to see what has changed since.
type readAhead struct {
	mu   sync.Mutex
	apps map[string]*application
}

func (r *readAhead) put(app *application) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.apps == nil {
		r.apps = map[string]*application{}
	}
	r.apps[strings.ToUpper(string(app.ID))] = app
}

// take is the app that was read ahead, nil when there is none (any more).
func (r *readAhead) take(id string) *application {
	r.mu.Lock()
	defer r.mu.Unlock()
	app := r.apps[strings.ToUpper(id)]
	delete(r.apps, strings.ToUpper(id))
	return app
}

// Prepare reads the apps of several manifests from the account's list when
// that takes fewer requests than one for each. It is called once before
// observing; without it each app is read by itself. A list that cannot be read
// is no error: what is wrong shows when the apps are.
func (b *backend) Prepare(ctx context.Context, manifests []*schema.Manifest) error {
	wanted := map[string]bool{}
	var secrets []string
	for _, m := range manifests {
		if m.MsixApp != nil {
			secrets = append(secrets, b.wantedSecrets(m)...)
			wanted[strings.ToUpper(m.MsixApp.AppID)] = true
		}
	}
	if len(wanted) < 2 {
		return nil
	}
	ctx = storehttp.WithSecrets(ctx, secrets...)
	pages := 0
	for page, err := range b.client.applicationPages(ctx) {
		if err != nil {
			return unlessInterrupted(err)
		}
		for _, app := range page.Value {
			if id := strings.ToUpper(string(app.ID)); wanted[id] {
				b.ahead.put(app)
				delete(wanted, id)
			}
		}
		pages++
		left := (page.TotalCount+pageSize-1)/pageSize - pages
		if len(wanted) == 0 || left >= len(wanted) {
			return nil
		}
	}
	return nil
}

// unlessInterrupted keeps only the errors after which nothing else can be done
// either.
func unlessInterrupted(err error) error {
	switch reconcile.ClassOf(err) {
	case reconcile.ClassInterrupted, reconcile.ClassCredentials:
		return err
	}
	return nil
}

// application reads an app, or takes what was read ahead.
func (b *backend) application(ctx context.Context, app string) (*application, error) {
	if found := b.ahead.take(app); found != nil {
		return found, nil
	}
	return b.client.application(ctx, app)
}
