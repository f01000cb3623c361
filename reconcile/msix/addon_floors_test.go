package msix_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
)

const (
	liveAddOn  = `[{"productId": "extra-storage", "productType": "Durable"}]`
	firstAddOn = "  contentType: OnlineDataStorage\n  lifetime: Forever\n  visibility: Public\n  pricing: {priceId: Tier2}\n" +
		"  listings:\n    en-us: {title: Extra storage, description: Ten more notebooks., icon: icon.png}\n"
)

func addOnFiles(t testing.TB) backendtest.Files {
	return backendtest.Files{"icon.png": backendtest.PNG(t, 300, 300, 1), "icon2.png": backendtest.PNG(t, 300, 300, 2)}
}

func TestAddOnFloors(t *testing.T) {
	const (
		list   = "GET inappproducts"
		sub    = "GET inappproducts/{id}/submissions/{id}"
		post   = "POST inappproducts/{id}/submissions"
		put    = "PUT inappproducts/{id}/submissions/{id}"
		commit = "POST inappproducts/{id}/submissions/{id}/commit"
		status = "GET inappproducts/{id}/submissions/{id}/status"
		upload = "PUT (upload)"
	)
	cases := []floor{
		{name: "no change", reason: "the list and the submission", seed: liveAddOn, before: firstAddOn, after: firstAddOn, want: []string{list, sub}},
		{name: "one field", reason: "the answer to making the draft is whole, so it is not read again", seed: liveAddOn, before: firstAddOn,
			after: strings.Replace(firstAddOn, "Tier2", "Tier3", 1), want: []string{list, sub, post, put, commit, status}},
		{name: "another icon", reason: "a ZIP with that file", seed: liveAddOn, before: firstAddOn,
			after: strings.Replace(firstAddOn, "icon.png", "icon2.png", 1), want: []string{list, sub, post, put, upload, sub, commit, status}},
		{name: "missing", reason: "the add-on and its first draft are made", seed: "[]", after: firstAddOn,
			want: []string{list, "POST inappproducts", post, put, upload, sub, commit, status}},
		{name: "missing, made with a draft", reason: "the draft that came with it is used", seed: "[]", after: firstAddOn, behavior: `{"addOnsWithDraft": true}`,
			want: []string{list, "POST inappproducts", sub, put, upload, sub, commit, status}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.check(t, backendtest.AddOnManifest, backendtest.NewAddOn, addOnFiles(t)) })
	}
}

func TestAddOnDeletionFloor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewAddOn(t, liveAddOn)
		b.Write(t, backendtest.Files{"storage.yaml": []byte("apiVersion: storesync/v1\nkind: AddOn\nmetadata: {name: extra-storage, state: absent}\nspec: {app: " +
			backendtest.NotesID + ", productId: extra-storage}\n")})
		refused := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
		if got := refused.Products[0]; got.Outcome != reconcile.Refused || !strings.Contains(got.Err.Error(), "delete-add-on") {
			t.Errorf("without --allow: %s, %v", got.Outcome, got.Err)
		}
		b.Emulator.ForgetRequests()
		report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
		if err := report.Products[0].Err; err != nil {
			t.Fatal(err)
		}
		want := "GET inappproducts\nGET inappproducts/{id}/submissions/{id}\nDELETE inappproducts/{id}\nGET inappproducts"
		if d := cmp.Diff(want, productLines(b)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		b.MustBeInSync(t)
	})
}
