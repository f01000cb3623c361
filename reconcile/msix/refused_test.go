package msix_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/msix"
	"github.com/storesync/storesync/schema"
)

// oddStore is an emulated Store whose submissions are answered otherwise than
// they are stored.
type oddStore struct {
	*emulator.Emulator
	// answer changes each submission that is answered; nil: none.
	answer func(submission map[string]any)
	// put is the body of the last PUT of a submission.
	put map[string]any
}

func (s *oddStore) Do(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/submissions/") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.put = object(body)
	}
	response, err := s.Emulator.Do(r)
	if err != nil || s.answer == nil || !strings.Contains(r.URL.Path, "/submissions") {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if submission := object(body); submission["id"] != nil && submission["status"] != nil {
		s.answer(submission)
		if body, err = json.Marshal(submission); err != nil {
			return nil, err
		}
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return response, nil
}

// object decodes an object, numbers with their digits; nil for anything else.
func object(raw []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var decoded map[string]any
	if decoder.Decode(&decoded) != nil {
		return nil
	}
	return decoded
}

func (s *oddStore) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: s.Token(), ExpiresOn: time.Now().Add(365 * 24 * time.Hour)}, nil
}

// oddBench is a bench of such a Store, for all kinds of products.
func oddBench(t testing.TB, store *emulator.Emulator) (*backendtest.Bench, *oddStore) {
	t.Helper()
	odd := &oddStore{Emulator: store}
	return backendtest.NewBench(t, store, func(t testing.TB, _ *emulator.Emulator, readOnly bool) map[schema.Kind]reconcile.Backend {
		backend, err := msix.New(msix.Options{Endpoint: "https://apps.contoso.example", Account: "contoso", Credential: odd, Transport: odd, ReadOnly: readOnly})
		if err != nil {
			t.Fatal(err)
		}
		return map[schema.Kind]reconcile.Backend{schema.MsixAppKind: backend, schema.PackageFlightKind: backend, schema.AddOnKind: backend}
	}), odd
}

// part is an object within a submission.
func part(submission map[string]any, names ...string) map[string]any {
	for _, name := range names {
		submission, _ = submission[name].(map[string]any)
	}
	return submission
}

func priced(name string, value any) func(map[string]any) {
	return func(s map[string]any) { part(s, "pricing")[name] = value }
}

func withMarkets(markets any) func(map[string]any) { return priced("marketSpecificPricings", markets) }

// TestWhatApplyRefusesPlanHasRefused: what plan has read it judges, so that no
// draft is made for a change that can never be written.
func TestWhatApplyRefusesPlanHasRefused(t *testing.T) {
	const appText, addOnText = "  listings: {en-us: {releaseNotes: Faster.}}\n", "  listings: {en-us: {description: Twenty more notebooks.}}\n"
	cases := []struct {
		name, reason string
		answer       func(map[string]any)
		spec         string // beside the text; "" for nothing
		appOnly      bool
		want         string
	}{
		{name: "Base", reason: "the Store refuses it when it comes back", answer: priced("priceId", "Base"), want: "pricing.priceId: the Store answers the base price as Base"},
		{name: "Base with a blank", reason: "blanks make no other tier", answer: priced("priceId", "Base "), want: "pricing.priceId: sending the submission back could change a price: pricing.priceId is Base"},
		{name: "blank", reason: "may be taken for free", answer: priced("priceId", " "), want: "pricing.priceId: sending the submission back could change a price: pricing.priceId is empty"},
		{name: "two prices", reason: "either may count", answer: priced("PriceId", "Tier3"), want: "pricing.priceId: sending the submission back could change a price: pricing.priceId stands twice"},
		{name: "no price", reason: "the Store takes it for free", answer: func(s map[string]any) { delete(part(s, "pricing"), "priceId") }, want: "pricing.priceId: the Store does not say what the"},
		{name: "pricing null", reason: "as a whole, too", answer: func(s map[string]any) { s["pricing"] = nil }, want: "pricing.priceId: the Store does not say what the"},
		{name: "pricing a list", reason: "the price may be in it", answer: func(s map[string]any) { s["pricing"] = []any{} }, want: "pricing: what the Store answers there is not an object but a list"},
		{name: "markets a list", reason: "the real reason is named, and not a missing price", answer: withMarkets([]any{"JP"}),
			want: "pricing.marketSpecificPricings: what the Store answers there is not an object but a list"},
		{name: "markets a text", reason: "as every other type", answer: withMarkets("none"), want: "pricing.marketSpecificPricings: what the Store answers there is not an object but a text"},
		{name: "a market null", reason: "null is free where a price belongs", answer: withMarkets(map[string]any{"JP": nil}),
			want: "pricing.marketSpecificPricings.JP: sending the submission back could change a price: pricing.marketSpecificPricings.JP is null"},
		{name: "a market twice", reason: "either may count", answer: withMarkets(map[string]any{"JP": "Tier2", "jp": "Free"}),
			want: "pricing.marketSpecificPricings: sending the submission back could change a price: pricing.marketSpecificPricings has JP twice"},
		{name: "listings a list", reason: "which is not the same as no listing", answer: func(s map[string]any) { s["listings"] = []any{} }, want: "listings: what the Store answers there is not an object but a list"},
		{name: "a listing a text", reason: "nor as an empty one", answer: func(s map[string]any) { part(s, "listings")["en-us"] = "Notes" },
			want: "listings.en-us: what the Store answers there is not an object but a text"},
		{name: "delivery a yes", reason: "of apps and flights", answer: func(s map[string]any) { s["packageDeliveryOptions"] = true }, appOnly: true,
			want: "packageDeliveryOptions: what the Store answers there is not an object but a yes or no"},
		{name: "rollout a number", reason: "of apps and flights", answer: func(s map[string]any) { part(s, "packageDeliveryOptions")["packageRollout"] = 10 }, appOnly: true,
			want: "rollout: what the Store answers there is not an object but a number"},
		{name: "families a list", reason: "of apps", answer: func(s map[string]any) { s["allowTargetFutureDeviceFamilies"] = []any{"Desktop"} }, appOnly: true,
			want: "allowTargetFutureDeviceFamilies: what the Store answers there is not an object but a list"},
	}
	for _, c := range cases {
		check := func(t *testing.T, b *backendtest.Bench, odd *oddStore, manifest backendtest.Files, file string) {
			odd.answer = c.answer
			b.Write(t, manifest)
			planned := b.Plan(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()})
			found := planned.Diagnostics.Error()
			if planned.Applyable || !planned.Errored || !strings.Contains(found, c.want) || !strings.Contains(found, file+":") {
				t.Errorf("%s: applyable %t, errored %t: %s", c.reason, planned.Applyable, planned.Errored, found)
			}
			for _, d := range planned.Diagnostics {
				if d.Detail == "" {
					t.Errorf("no next step: %s", d.Summary)
				}
			}
			b.Emulator.ForgetRequests()
			if got := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{}).Products[0]; got.Outcome != reconcile.Failed {
				t.Errorf("apply: %s, %v", got.Outcome, got.Err)
			}
			if writes := b.Writes(); len(writes) > 0 {
				t.Errorf("it wrote all the same: %+v", writes)
			}
		}
		t.Run("app/"+c.name, func(t *testing.T) {
			b, odd := oddBench(t, backendtest.MsixStore(t, "", "en-us"))
			check(t, b, odd, backendtest.NotesManifest(appText), "notes.yaml")
		})
		if !c.appOnly {
			t.Run("add-on/"+c.name, func(t *testing.T) {
				b, odd := oddBench(t, backendtest.AddOnStore(t, soldAddOn))
				check(t, b, odd, backendtest.AddOnManifest(addOnText), "storage.yaml")
			})
		}
	}
}

// TestPriceThatIsWrittenTakesThePlaceOfAnOddOne: what plan advises helps.
func TestPriceThatIsWrittenTakesThePlaceOfAnOddOne(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(map[string]any)
		spec   string
	}{
		"pricing null":  {func(s map[string]any) { s["pricing"] = nil }, "  pricing: {priceId: Tier3}\n"},
		"blank":         {priced("priceId", " "), "  pricing: {priceId: Tier3}\n"},
		"a market null": {withMarkets(map[string]any{"JP": nil}), "  pricing: {marketSpecificPricings: {JP: Tier3}}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			b, odd := oddBench(t, backendtest.MsixStore(t, "", "en-us"))
			odd.answer = c.answer
			b.Write(t, backendtest.NotesManifest(c.spec))
			planned := b.Plan(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()})
			if !planned.Applyable || planned.Errored {
				t.Errorf("%s", planned.Diagnostics.Error())
			}
		})
	}
}

// TestNullCollectionsGoBackAsTheyCame: dumps of submissions hold null where the
// API page shows an empty list or object. It is no obstacle, and nothing is
// made of it.
func TestNullCollectionsGoBackAsTheyCame(t *testing.T) {
	behave := func(t *testing.T, b *backendtest.Bench) {
		t.Helper()
		if err := b.Emulator.Seed([]byte(`{"behavior": {"msix": {"nullCollections": true, "marketsOff": []}}}`), nil); err != nil {
			t.Fatal(err)
		}
		if err := b.Emulator.EditMsix(backendtest.NotesID, []byte(`{"submission": {"pricing": {"marketSpecificPricings": null}}}`)); err != nil {
			t.Fatal(err)
		}
	}
	apply := func(t *testing.T, b *backendtest.Bench, manifests ...backendtest.Files) {
		t.Helper()
		for _, manifest := range manifests {
			b.Write(t, manifest)
			b.MustApply(t)
			b.MustBeInSync(t)
		}
	}
	t.Run("app", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, odd := oddBench(t, backendtest.MsixStore(t, "", "en-us"))
			behave(t, b)
			apply(t, b, backendtest.NotesManifest("  listings: {en-us: {releaseNotes: Faster.}}\n"))
			base := part(odd.put, "listings", "en-us", "baseListing")
			got := []any{part(odd.put, "pricing")["marketSpecificPricings"], odd.put["trailers"], odd.put["hardwarePreferences"], base["features"], part(odd.put, "listings", "en-us")["platformOverrides"]}
			if diff := cmp.Diff([]any{nil, nil, nil, nil, nil}, got); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			// What is null takes a value as what is empty does, packages too.
			if err := b.Emulator.EditMsix(backendtest.NotesID, []byte(`{"submission": {"applicationPackages": []}}`)); err != nil {
				t.Fatal(err)
			}
			b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 1), "notes-x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64")})
			apply(t, b, backendtest.NotesManifest("  pricing: {marketSpecificPricings: {JP: Tier12}}\n  hardwarePreferences: [Touch]\n"+onePackage+
				"  listings: {en-us: {features: [Sync]}, de-de: {title: Contoso Notizen, description: Notiert., images: {Screenshot: [1.png]}}}\n"))
		})
	})
	t.Run("add-on", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, odd := oddBench(t, backendtest.AddOnStore(t, liveAddOn))
			behave(t, b)
			b.Write(t, addOnFiles(t))
			apply(t, b, backendtest.AddOnManifest(firstAddOn))
			apply(t, b, backendtest.AddOnManifest(firstAddOn+"  tag: x\n"))
			if got, there := odd.put["keywords"]; got != nil || !there {
				t.Errorf("keywords: %v, sent %t", got, there)
			}
		})
	})
	t.Run("flight", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, _ := oddBench(t, backendtest.FlightStore(t, "[]"))
			behave(t, b)
			b.Write(t, backendtest.Files{"x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64"), "next.msix": backendtest.NotesPackage(t, "2.1.0.0", "x64")})
			const flight = "  groupIds: ['1']\n  packages: [{file: %}]\n"
			apply(t, b, backendtest.FlightManifest(strings.Replace(flight, "%", "x64.msix", 1)), backendtest.FlightManifest(strings.Replace(flight, "%", "next.msix", 1)))
		})
	})
}

// TestFlightsOfOddShapes: a flight has no price, and the rest is judged like an
// app's.
func TestFlightsOfOddShapes(t *testing.T) {
	b, odd := oddBench(t, backendtest.FlightStore(t, `[{"friendlyName": "Insiders", "groupIds": ["1"], "submission": {}}]`))
	odd.answer = func(s map[string]any) {
		if s["flightPackages"] != nil {
			s["packageDeliveryOptions"] = []any{}
		}
	}
	b.Write(t, backendtest.Files{"x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64")})
	b.Write(t, backendtest.FlightManifest("  groupIds: ['1']\n  packages: [{file: x64.msix}]\n"))
	planned := b.Plan(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()})
	const want = "packageDeliveryOptions: what the Store answers there is not an object but a list"
	if planned.Applyable || !strings.Contains(planned.Diagnostics.Error(), want) {
		t.Errorf("applyable %t: %v %s", planned.Applyable, planned.Diagnostics, planned.Products[0].Error)
	}
	if verdict := planned.Products[0]; len(verdict.Operations) > 0 {
		t.Errorf("operations: %v", verdict.Operations)
	}
}
