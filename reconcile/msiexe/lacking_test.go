package msiexe

import (
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// An answer without a module must not be taken for a product without it: all
// that the manifest does not name would go unseen, or be removed unguarded.
func TestAnswersThatLackAPart(t *testing.T) {
	const whole = `{"availability":{"markets":["US"]},"properties":{},"listings":[]}`
	m := reader(schema.MsiExeApp{
		Packages: map[string]*schema.Package{"x64": livePackage()},
		Listings: map[string]*schema.Listing{"en-us": {Screenshots: []schema.Image{screenshot("shot-1")}}},
	})
	for _, c := range []struct{ request, data, lacks string }{
		{"GET metadata", `{}`, "availability"},
		{"GET metadata", `null`, "availability"},
		{"GET metadata", `{"properties":{},"listings":[]}`, "availability"},
		{"GET metadata", `{"availability":null,"properties":{},"listings":[]}`, "availability"},
		{"GET metadata", `{"availability":{},"listings":[]}`, "properties"},
		{"GET metadata", `{"availability":{},"properties":null,"listings":[]}`, "properties"},
		{"GET metadata", `{"availability":{},"properties":{}}`, "listings"},
		{"GET metadata", `{"availability":{},"properties":{},"listings":null}`, "listings"},
		{"GET packages", `{}`, "packages"},
		{"GET packages", `{"packages":null}`, "packages"},
		{"GET listings/assets", `{}`, "listingAssets"},
		{"GET listings/assets", `{"listingAssets":null}`, "listingAssets"},
	} {
		t.Run(c.request+" "+c.data, func(t *testing.T) {
			replies := answers()
			replies[c.request] = []reply{ok(c.data)}
			b, _, _ := against(t, replies)
			observed, err := b.Observe(t.Context(), m, &record.Record{})
			wantLack(t, err, c.lacks)
			if observed != nil {
				t.Error("something was observed")
			}
		})
	}
	for module, operation := range map[string]plan.Operation{
		moduleAvailability: {ID: stepVerifyMetadata, Covers: []plan.Path{"availability.markets"}},
		moduleProperties:   {ID: stepVerifyMetadata, Covers: []plan.Path{"properties.category"}},
		moduleListings:     {ID: stepVerifyMetadata, Covers: []plan.Path{"listings.en-us.description"}},
	} {
		for _, data := range []string{`{}`, `{"` + module + `":null}`} {
			b, _, _ := against(t, map[string][]reply{"GET metadata/" + module: {ok(data)}})
			_, err := b.ReadBack(t.Context(), reconcile.Call{Manifest: m, Operation: operation}, nil)
			wantLack(t, err, module)
		}
		b, _, _ := against(t, map[string][]reply{"GET metadata/" + module: {ok(whole)}})
		if _, err := b.ReadBack(t.Context(), reconcile.Call{Manifest: m, Operation: operation}, nil); err != nil {
			t.Errorf("%s: %v", module, err)
		}
	}
}

func wantLack(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), ": the Store's answer lacks "+part+"\n  It is not taken for empty, and nothing was changed because of it.") {
		t.Errorf("error %v, want one that names %s", err, part)
	}
}
