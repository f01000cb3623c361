package msix_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// soldAddOn is a published add-on that storesync did not make.
const soldAddOn = `[{"productId": "extra-storage", "productType": "Durable", "submission": {
	"contentType": "OnlineDataStorage", "keywords": ["storage"], "lifetime": "Forever", "tag": "<storage/>", "visibility": "Public",
	"pricing": {"priceId": "Tier1012", "marketSpecificPricings": {"JP": "Tier1013", "LB": "NotAvailable", "AQ": "TierFromTheFuture"}},
	"listings": {
		"en-us": {"title": "Extra storage", "description": "Ten more notebooks.", "icon": {"fileName": "by-hand.png", "fileStatus": "Uploaded"}},
		"de-de": {"title": "Mehr Platz", "description": "Zehn weitere Notizbücher."}}}}]`

// liveAddOnSubmission is the newest submission of the add-on that the Store has,
// each member as canonical JSON.
func liveAddOnSubmission(t *testing.T, b *backendtest.Bench) map[string]string {
	t.Helper()
	var state struct {
		AddOns []struct {
			Submissions []struct {
				Document map[string]any `json:"document"`
			} `json:"submissions"`
		} `json:"msixAddOns"`
	}
	if err := json.Unmarshal(b.Emulator.State(), &state); err != nil {
		t.Fatal(err)
	}
	submissions := state.AddOns[0].Submissions
	members := map[string]string{}
	for name, value := range submissions[len(submissions)-1].Document {
		text, err := json.Marshal(value) // in one order
		if err != nil {
			t.Fatal(err)
		}
		members[name] = string(text)
	}
	return members
}

func soldBench(t *testing.T, spec string) *backendtest.Bench {
	t.Helper()
	b := backendtest.NewAddOn(t, soldAddOn)
	b.Write(t, addOnFiles(t))
	b.Write(t, backendtest.AddOnManifest(spec))
	return b
}

// TestAddOnKeepsWhatIsNotManaged: one field changes, and prices, languages and
// the icon go back as they came.
func TestAddOnKeepsWhatIsNotManaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := soldBench(t, "  tag: more\n")
		before := liveAddOnSubmission(t, b)
		b.MustApply(t)
		after := liveAddOnSubmission(t, b)
		for _, name := range []string{"contentType", "keywords", "lifetime", "visibility", "pricing", "listings"} {
			if diff := cmp.Diff(before[name], after[name]); diff != "" {
				t.Errorf("%s (-before +after):\n%s", name, diff)
			}
		}
		if after["tag"] != `"more"` {
			t.Errorf("tag %s", after["tag"])
		}
		b.MustBeInSync(t)
	})
}

// TestAddOnIconOfOthers: what somebody else sent cannot be compared, and is sent
// anew where that is asked for.
func TestAddOnIconOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := soldBench(t, "  listings:\n    en-us: {icon: icon.png}\n")
		planned := b.Plan(t, reconcile.PlanOptions{})
		product := planned.Products[0]
		if planned.Complete || len(product.Operations) > 0 || len(product.Changes) > 0 || product.Verdict != plan.VerdictIncomplete ||
			len(product.Notices) != 1 || !strings.Contains(product.Notices[0].Text, "--reupload-images AddOn/extra-storage") {
			t.Errorf("complete %t, changes %+v, notices %+v", planned.Complete, product.Changes, product.Notices)
		}
		report := b.Apply(t, reconcile.PlanOptions{ReuploadImages: []string{"AddOn/extra-storage"}}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
		if err := report.Products[0].Err; err != nil {
			t.Fatal(err)
		}
		b.MustBeInSync(t)
		b.Write(t, backendtest.AddOnManifest("  listings:\n    en-us: {icon: icon2.png}\n    de-de: {icon: icon2.png}\n"))
		b.Emulator.ForgetRequests()
		b.MustApply(t)
		if n := b.Count("POST /commit"); n != 1 {
			t.Errorf("%d commits", n)
		}
		b.MustBeInSync(t)
		// A record that is lost costs nothing: the names hold the digests.
		b.Records = record.Files(t.TempDir())
		b.MustBeInSync(t)
		// One that is not written any more stays.
		b.Write(t, backendtest.AddOnManifest("  listings:\n    en-us: {title: More storage}\n"))
		b.MustApply(t)
		if after := liveAddOnSubmission(t, b)["listings"]; strings.Count(after, ".png") != 2 {
			t.Errorf("listings %s", after)
		}
	})
}

// TestAddOnGuards: what customers notice is allowed by name.
func TestAddOnGuards(t *testing.T) {
	for name, c := range map[string]struct {
		spec  string
		guard plan.Guard
	}{
		"price":    {"  pricing: {priceId: Tier1015}\n", plan.GuardPriceChange},
		"its own":  {"  pricing: {marketSpecificPricings: {JP: Base}}\n", plan.GuardPriceChange},
		"market":   {"  markets: {all: true, except: [FR]}\n", plan.GuardRemoveMarket},
		"hidden":   {"  visibility: Hidden\n", plan.GuardVisibilityChange},
		"language": {"  removeUnlistedLanguages: true\n  listings:\n    en-us: {title: Extra storage}\n", plan.GuardRemoveLanguage},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := soldBench(t, c.spec)
				b.Emulator.ForgetRequests()
				refused := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{}).Products[0]
				if refused.Outcome != reconcile.Refused || !strings.Contains(refused.Err.Error(), string(c.guard)) || len(b.Writes()) > 0 {
					t.Errorf("%s: %s, %v, writes %v", c.guard, refused.Outcome, refused.Err, b.Writes())
				}
				allowed := b.Apply(t, reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": {c.guard}}}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished}).Products[0]
				if allowed.Err != nil || allowed.Verified != reconcile.VerifiedInSync {
					t.Errorf("allowed: %v, %s", allowed.Err, allowed.Verified)
				}
				b.MustBeInSync(t)
			})
		})
	}
}

// TestAddOnWhosePriceIsBase: it cannot be sent back, so nothing is begun.
func TestAddOnWhosePriceIsBase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewAddOn(t, strings.Replace(soldAddOn, `"priceId": "Tier1012"`, `"priceId": "Base"`, 1))
		b.Write(t, backendtest.AddOnManifest("  tag: <more/>\n"))
		b.Emulator.ForgetRequests()
		plan := b.Plan(t, reconcile.PlanOptions{})
		if plan.Applyable || !strings.Contains(plan.Diagnostics.Error(), "the Store answers the base price as Base") {
			t.Errorf("applyable %t: %v", plan.Applyable, plan.Diagnostics)
		}
		if result := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{}).Products[0]; result.Err == nil || len(b.Writes()) > 0 {
			t.Errorf("%v, writes %v", result.Err, b.Writes())
		}
	})
}

// TestNewAddOnIsWhole: what the Store has no value for is missed before anything
// is made.
func TestNewAddOnIsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewAddOn(t, "[]")
		b.Write(t, backendtest.AddOnManifest("  visibility: Public\n"))
		plan := b.Plan(t, reconcile.PlanOptions{})
		for _, phrase := range []string{"a new add-on has no price", "a new add-on has no content type", "the add-on would have no listing"} {
			if text := plan.Diagnostics.Error(); !strings.Contains(text, phrase) || plan.Applyable {
				t.Errorf("no word of %q in %s", phrase, text)
			}
		}
	})
}
