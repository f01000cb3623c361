package reconcile_test

import (
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

const forReader = "  availability: {markets: [US]}\n  listings:\n    de-de: {whatsNew: \"Jetzt schneller.\"}\n    en-us: {screenshots: [images/1.png]}\n"

// What moved since a plan was saved is named, and nothing is written.
func TestCheckSaved(t *testing.T) {
	tests := []struct {
		name string
		// edit changes the world, or the plan, after it was saved.
		edit func(t *testing.T, b *backendtest.Bench, saved *plan.Plan)
		// text is what the refusal says, "" where there is none.
		text string
	}{
		{"nothing moved", func(*testing.T, *backendtest.Bench, *plan.Plan) {}, ""},
		{"a managed value", func(t *testing.T, b *backendtest.Bench, _ *plan.Plan) {
			edit(t, b, `{"listings": [{"language": "de-de", "whatsNew": "Neu."}]}`)
		}, "MsiExeApp/contoso-reader: changed in the Store since the plan was made: listings.de-de.whatsNew"},
		{"values that nobody manages", func(t *testing.T, b *backendtest.Bench, _ *plan.Plan) {
			edit(t, b, `{"listings": [{"language": "en-us", "description": "Half-finished."}], "availability": {"pricing": "PAID"}}`)
		}, "since the plan was made: availability.pricing, listings.en-us.description"},
		{"a manifest", func(t *testing.T, b *backendtest.Bench, _ *plan.Plan) {
			manifest := backendtest.ReaderManifest(forReader + "# the same, with a remark\n")
			b.Write(t, manifest)
		}, "reader.yaml changed since the plan was made"},
		{"an image", func(t *testing.T, b *backendtest.Bench, _ *plan.Plan) {
			b.Write(t, backendtest.Files{"images/1.png": backendtest.PNG(t, 1366, 768, 7)})
		}, "images/1.png changed since the plan was made"},
		{"one more manifest file", func(t *testing.T, b *backendtest.Bench, saved *plan.Plan) {
			saved.Inputs = saved.Inputs[:1]
		}, "reader.yaml was added since the plan was made"},
		{"one file less", func(t *testing.T, b *backendtest.Bench, saved *plan.Plan) {
			saved.Inputs = append(saved.Inputs, saved.Inputs[0])
			saved.Inputs[len(saved.Inputs)-1].Name = "images/2.png"
		}, "images/2.png took part in the plan and is not read any more"},
		{"another Store", func(_ *testing.T, _ *backendtest.Bench, saved *plan.Plan) {
			saved.Endpoints = []string{"https://other.contoso.example"}
		}, "it was made for https://other.contoso.example, and this run asks https://store.contoso.example"},
		{"another account", func(_ *testing.T, _ *backendtest.Bench, saved *plan.Plan) {
			saved.Products[0].Account = "99999"
		}, "MsiExeApp/contoso-reader: it was made for account 99999, and this run acts for 12345"},
		{"another product", func(_ *testing.T, _ *backendtest.Bench, saved *plan.Plan) {
			saved.Products[0].Address = "MsiExeApp/contoso-writer"
		}, "MsiExeApp/contoso-writer is in the plan and in no manifest any more\n  MsiExeApp/contoso-reader is in a manifest and not in the plan"},
		{"a product twice", func(_ *testing.T, _ *backendtest.Bench, saved *plan.Plan) {
			saved.Products = append(saved.Products, saved.Products[0])
		}, "it names a product twice"},
		{"another id", func(_ *testing.T, _ *backendtest.Bench, saved *plan.Plan) {
			saved.Products[0].ID = ""
		}, "MsiExeApp/contoso-reader: was made in the Store since the plan was made"},
		{"another value of a variable", func(_ *testing.T, _ *backendtest.Bench, saved *plan.Plan) {
			product := &saved.Products[0]
			product.Changes, product.Hash, saved.Hash = product.Changes[1:], "1", "2"
		}, "now make other changes at listings.de-de.whatsNew; a variable, the record or the version of storesync is another"},
		{"other requests", func(_ *testing.T, _ *backendtest.Bench, saved *plan.Plan) {
			product := &saved.Products[0]
			product.Operations[len(product.Operations)-1].Path += "?force=1"
			product.Hash, saved.Hash = "1", "2"
		}, "now make other requests: submit;"},
		{"only the hash of all", func(_ *testing.T, _ *backendtest.Bench, saved *plan.Plan) { saved.Hash = "2" },
			"the plan was made by storesync test"},
		{"a plan with errors", func(_ *testing.T, _ *backendtest.Bench, saved *plan.Plan) { saved.Errored = true },
			"it is for looking at only"},
		{"a submission was started", func(t *testing.T, b *backendtest.Bench, _ *plan.Plan) {
			other := *b
			other.Folder, other.Records = t.TempDir(), record.Files(t.TempDir())
			other.Write(t, backendtest.ReaderManifest("  availability: {pricing: FREE}\n"))
			if err := other.Apply(t, reconcile.PlanOptions{Submit: true}, reconcile.ApplyOptions{Goal: reconcile.GoalNone}).Products[0].Err; err != nil {
				t.Fatal(err)
			}
		}, "was started since the plan was made"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
				b.Write(t, backendtest.ReaderManifest(forReader))
				b.Write(t, backendtest.Files{"images/1.png": backendtest.PNG(t, 1366, 768, 1)})
				saved := savedOf(t, b.Plan(t, reconcile.PlanOptions{}))
				test.edit(t, b, saved)
				b.Emulator.ForgetRequests()
				proposal, err := b.Engine(t).Plan(t.Context(), b.Load(t), reconcile.PlanOptionsOf(saved))
				if err != nil {
					t.Fatal(err)
				}
				err = proposal.CheckSaved(saved)
				if test.text == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				wantError(t, err, plan.ClassRefused, test.text)
			})
		})
	}
}
