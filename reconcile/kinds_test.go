package reconcile_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// product is one product of a kind, for what has to hold for every kind alike.
type product struct {
	kind string
	// store makes a bench with the product live; more is a member list of the
	// product's seed, or "".
	store func(t *testing.T, more string) *backendtest.Bench
	// files describe the product with the nth value of a field.
	files func(t *testing.T, n int) backendtest.Files
	// path is the field.
	path plan.Path
	// write is the request that writes it, as a regular expression, and submit the
	// one that submits.
	write, submit string
	// shared is true when people edit the draft that storesync writes to.
	shared bool
}

func products4() []product {
	return []product{
		{"MsiExeApp", func(t *testing.T, more string) *backendtest.Bench { return backendtest.NewReader(t, more, "en-us") },
			func(_ *testing.T, n int) backendtest.Files {
				return backendtest.ReaderManifest(fmt.Sprintf("  listings: {en-us: {whatsNew: Version %d.}}\n", n))
			}, "listings.en-us.whatsNew", "^PATCH ", "^POST .*/submit$", true},
		{"MsixApp", func(t *testing.T, more string) *backendtest.Bench { return backendtest.NewNotes(t, more, "en-us") },
			func(_ *testing.T, n int) backendtest.Files {
				return backendtest.NotesManifest(fmt.Sprintf("  listings: {en-us: {releaseNotes: Version %d.}}\n", n))
			}, "listings.en-us.releaseNotes", "^PUT .*/submissions/", "^POST .*/commit$", false},
		{"AddOn", func(t *testing.T, more string) *backendtest.Bench {
			return backendtest.NewAddOn(t, `[{"productId": "extra-storage", "productType": "Durable"`+also(more)+`, "submission": {
				"contentType": "OnlineDataStorage", "lifetime": "Forever", "tag": "seed", "visibility": "Public", "pricing": {"priceId": "Tier1012"},
				"listings": {"en-us": {"title": "Extra storage", "description": "Ten more notebooks."}}}}]`)
		},
			func(_ *testing.T, n int) backendtest.Files {
				return backendtest.AddOnManifest(fmt.Sprintf("  tag: version %d\n", n))
			}, "tag", "^PUT .*/submissions/", "^POST .*/commit$", false},
		{"PackageFlight", func(t *testing.T, more string) *backendtest.Bench {
			return backendtest.NewFlight(t, `[{"friendlyName": "Insiders", "groupIds": ["1"]`+also(more)+`}]`)
		},
			func(t *testing.T, n int) backendtest.Files {
				t.Helper()
				files := backendtest.FlightManifest(fmt.Sprintf("  packages: [{file: %d.msix}]\n", n))
				files[fmt.Sprintf("%d.msix", n)] = backendtest.NotesPackage(t, fmt.Sprintf("2.%d.0.0", n), "x64")
				return files
			}, "packages.x64-desktop.version", "^PUT .*/submissions/", "^POST .*/commit$", false},
	}
}

func also(more string) string {
	if more == "" {
		return ""
	}
	return ", " + more
}

// forEveryKind runs a test in virtual time for each kind, on a product that
// storesync has brought to value 1; outcomes are those of the submissions after
// that.
func forEveryKind(t *testing.T, outcomes []string, run func(t *testing.T, b *backendtest.Bench, p product)) {
	t.Helper()
	for _, p := range products4() {
		t.Run(p.kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := p.store(t, p.outcomes(outcomes))
				b.Write(t, p.files(t, 1))
				b.MustApply(t)
				b.MustBeInSync(t)
				run(t, b, p)
			})
		})
	}
}

// outcomes are the seed for how submissions end: the first one is published.
func (p product) outcomes(names []string) string {
	if len(names) == 0 {
		return ""
	}
	all := append([]string{"Published"}, names...)
	for i, name := range all {
		if p.shared {
			name = map[string]string{"Published": "PUBLISHED"}[name]
			if name == "" {
				name = "FAILED"
			}
		}
		all[i] = `"` + name + `"`
	}
	return `"outcomes": [` + strings.Join(all, ", ") + `]`
}

// refuse has the Store answer a request with 400, once.
func refuse(t *testing.T, b *backendtest.Bench, request string) {
	t.Helper()
	script := `[{"match": "` + request + `", "times": 1, "action": "status", "status": 400, "body": {"code": "InvalidParameterValue", "message": "No.", "isSuccess": false, "errors": [{"code": "invalid", "message": "No."}]}}]`
	if err := b.Emulator.SetFaults([]byte(script)); err != nil {
		t.Fatal(err)
	}
}

// applied is the result of an apply of the one product, with nothing allowed.
func applied(t *testing.T, b *backendtest.Bench, goal reconcile.Goal) reconcile.ProductResult {
	t.Helper()
	return b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{Goal: goal}).Products[0]
}

// planOf is the plan of the one product.
func planOf(t *testing.T, b *backendtest.Bench) plan.Product {
	t.Helper()
	return b.Plan(t, reconcile.PlanOptions{}).Products[0]
}

// wantNothing wants a verdict and that an apply writes nothing.
func wantNothing(t *testing.T, b *backendtest.Bench, verdict plan.Verdict) {
	t.Helper()
	p := planOf(t, b)
	if p.Verdict != verdict || len(p.Operations) > 0 || len(p.Changes) > 0 {
		t.Errorf("%s, want %s; changes %+v, operations %v", p.Verdict, verdict, p.Changes, idsOf(p))
	}
	b.Emulator.ForgetRequests()
	result := applied(t, b, reconcile.GoalPublished)
	if writes := b.Writes(); result.Err != nil || result.Outcome != reconcile.Unchanged || len(writes) > 0 {
		t.Errorf("apply: %s, %v, writes %+v", result.Outcome, result.Err, writes)
	}
}

// settle lets every submission end.
func settle() { time.Sleep(48 * time.Hour) }
