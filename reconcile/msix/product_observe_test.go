package msix

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/schema"
)

const keyAddOns = "GET /v1.0/my/inappproducts"

func TestObserveFirstSubmissions(t *testing.T) {
	m := insiders(schema.PackageFlight{FriendlyName: "Insiders"})
	with := func(old, new string) string { return strings.Replace(pristineFlight, old, new, 1) }
	expired := with("se=2099", "se=2020")
	cases := []struct {
		name, submission    string
		draft               string
		pristine, missing   bool
		untouchable, notice string
	}{
		{name: "none", submission: ""},
		{name: "as it was made", submission: pristineFlight, draft: testDraft, pristine: true},
		{name: "worked in", submission: with(`"notesForCertification":""`, `"notesForCertification":"x"`), draft: testDraft},
		{name: "its address ran out", submission: expired, draft: testDraft, pristine: true, notice: "changes without files can be made"},
		{name: "failed", submission: with(`"PendingCommit"`, `"CertificationFailed"`), untouchable: "which storesync never deletes. Mend and submit it in Partner Center. Or, since nobody has the flight yet, make it anew: apply metadata.state: absent with --allow delete-flight", notice: "ended with CertificationFailed"},
		{name: "the portal's", submission: with(`"https://blob.contoso.example/f?se=2099-01-01T00%3A00%3A00Z&sig=SECRET"`, "null"), untouchable: "delete the flight there and let apply make it"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pending := ""
			replies := map[string][]reply{}
			if c.submission != "" {
				pending, replies[keyRead] = testDraft, []reply{ok(c.submission)}
			}
			replies[keyList] = []reply{listOf(flightWith("Insiders", "1", "", pending))}
			b, _ := against(t, replies)
			got, err := b.Observe(t.Context(), m, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.ID != testFlight || got.Missing || got.Drafts != provenance.FirstDraft || got.Draft != c.draft || got.Filled != nil != c.pristine {
				t.Errorf("id %q, missing %t, drafts %s, draft %q, filled %v", got.ID, got.Missing, got.Drafts, got.Draft, got.Filled)
			}
			if got.State[fieldFriendlyName].Text() != "Insiders" {
				t.Errorf("state %v", got.State)
			}
			untouchable := ""
			if got.Pending != nil {
				untouchable = got.Pending.Untouchable
			}
			if (c.untouchable == "") != (untouchable == "") || !strings.Contains(untouchable, c.untouchable) {
				t.Errorf("untouchable: %q, want %q", untouchable, c.untouchable)
			}
			if words := fmt.Sprint(got.Notices); !strings.Contains(words, c.notice) || c.notice == "" && len(got.Notices) > 0 {
				t.Errorf("notices %q, want %q", words, c.notice)
			}
			if all := string(encode(got.Raw)); strings.Contains(all, "SECRET") {
				t.Errorf("an upload signature is kept: %s", all)
			}
		})
	}
}

// TestRankIsANameOrAGUID: both mean the same, and the list is asked only where
// they cannot be compared without it.
func TestRankIsANameOrAGUID(t *testing.T) {
	const other = "5e2c9a1f-0000-4000-8000-000000000002"
	list := listOf(strings.Replace(flightWith("Beta", "2", "", ""), testFlight, other, 1), flightWith("Insiders", "1", "", ""))
	cases := []struct {
		name, live, wanted, want string
		lists                    int
	}{
		{"equal", "Beta", "Beta", "Beta", 0},
		{"another name", "Beta", "Alpha", "Beta", 0},
		{"a GUID of that name", strings.ToUpper(other), "Beta", "Beta", 1},
		{"a GUID of another name", other, "Alpha", "Beta", 1},
		{"a GUID that is gone", "5e2c9a1f-0000-4000-8000-000000000009", "Beta", "5e2c9a1f-0000-4000-8000-000000000009", 1},
		{"a GUID is written", "Beta", other, other, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			live := strings.Replace(flightWith("Insiders", "1", "", ""), "Non-flighted submission", c.live, 1)
			b, store := against(t, map[string][]reply{keyOwn: {ok(live)}, keyList: {list}})
			got, err := b.Observe(t.Context(), insiders(schema.PackageFlight{ID: testFlight, RankHigherThan: &c.wanted}), nil)
			if err != nil {
				t.Fatal(err)
			}
			if rank := got.State[fieldRank].Text(); rank != c.want {
				t.Errorf("rank %q, want %q", rank, c.want)
			}
			if n := strings.Count(strings.Join(store.requests(), "\n"), keyList); n != c.lists {
				t.Errorf("the list was read %d times, want %d", n, c.lists)
			}
		})
	}
}

// TestListThatCannotBeRead: it is asked for once, and each product says what is
// wrong; whoever looks again asks again.
func TestListThatCannotBeRead(t *testing.T) {
	b, store := against(t, map[string][]reply{keyList: {no(409, "InvalidState", "The application uses features not supported by the submission API", "")}})
	var manifests []*schema.Manifest
	for i := range 3 {
		m := insiders(schema.PackageFlight{FriendlyName: fmt.Sprint("Ring ", i)})
		m.Metadata.Name = fmt.Sprint("ring-", i)
		manifests = append(manifests, m)
	}
	if err := b.Prepare(t.Context(), manifests); err != nil {
		t.Fatal(err)
	}
	for _, m := range manifests {
		_, err := b.Observe(t.Context(), m, nil)
		checkError(t, err, plan.ClassError, "not supported by the submission API")
	}
	if d := cmp.Diff([]string{keyList}, store.requests()); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	if _, err := b.Observe(t.Context(), manifests[0], nil); err == nil || len(store.requests()) != 2 {
		t.Errorf("the second look: %v, %v", store.requests(), err)
	}
}

// TestFindGoesBackToTheList: an id that was found is read by itself, until it
// is gone or is called otherwise.
func TestFindGoesBackToTheList(t *testing.T) {
	m := insiders(schema.PackageFlight{FriendlyName: "Insiders"})
	for name, second := range map[string]reply{
		"gone": no(404, "ResourceNotFound", "Flight not found", "flightId"), "renamed": ok(flightWith("Beta", "1", "", "")),
	} {
		t.Run(name, func(t *testing.T) {
			b, store := against(t, map[string][]reply{keyList: {listOf(flightWith("Insiders", "1", "", "")), listOf()}, keyOwn: {ok(flightWith("Insiders", "1", "", "")), second}})
			var missing []bool
			for range 3 {
				got, err := b.Observe(t.Context(), m, nil)
				if err != nil {
					t.Fatal(err)
				}
				missing = append(missing, got.Missing)
			}
			if d := cmp.Diff([]bool{false, false, true}, missing); d != "" {
				t.Errorf("missing (-want +got):\n%s", d)
			}
			if d := cmp.Diff([]string{keyList, keyOwn, keyOwn, keyList}, store.requests()); d != "" {
				t.Errorf("requests (-want +got):\n%s", d)
			}
		})
	}
}

func TestAddOnIsFoundInItsApp(t *testing.T) {
	entry := func(id, app, productID string) string {
		return `{"id":"` + id + `","productId":"` + productID + `","productType":"Durable","applications":{"value":[{"id":"` + app + `"}],"totalCount":1}}`
	}
	m := storage(schema.AddOn{ProductID: "extra-storage"})
	// The list is divided though nothing asked for that.
	first := ok(`{"value":[` + entry("9NC0NT0S0N03", "9NBLGGH4R316", "extra-storage") + `],"totalCount":2,"@nextLink":"inappproducts/?skip=1&top=1"}`)
	b, store := against(t, map[string][]reply{keyAddOns: {first, listOf(entry(testAddOn, strings.ToLower(testApp), "extra-storage"))}})
	got, err := b.Observe(t.Context(), m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != testAddOn || len(store.requests()) != 2 {
		t.Errorf("id %q after %v", got.ID, store.requests())
	}
	b, _ = against(t, map[string][]reply{keyAddOns + "/" + testAddOn: {ok(entry(testAddOn, "9NBLGGH4R316", "extra-storage"))}})
	_, err = b.Observe(t.Context(), storage(schema.AddOn{ID: testAddOn}), nil)
	checkError(t, err, plan.ClassError, "add-on "+testAddOn+" is not of app "+testApp)
}

func TestStatusOfProducts(t *testing.T) {
	rolling := strings.NewReplacer(`"isPackageRollout":false`, `"isPackageRollout":true`, `"packageRolloutPercentage":0.0`, `"packageRolloutPercentage":25.0`, rolloutNotStarted, rolloutInProgress).Replace(liveFlight)
	keyLive := "GET flights/" + testFlight + "/submissions/" + testPublished
	flight := schema.PackageFlight{FriendlyName: "Insiders"}
	for _, c := range []struct {
		name    string
		spec    schema.PackageFlight
		replies map[string][]reply
		want    reconcile.Status
	}{
		{"missing", schema.PackageFlight{FriendlyName: "Insiders"}, map[string][]reply{keyList: {listOf()}}, reconcile.Status{Draft: noDraft}},
		{"published", flight, map[string][]reply{keyList: {listOf(flightWith("Insiders", "1", testPublished, ""))}, keyLive: {ok(liveFlight)}}, reconcile.Status{Draft: noDraft}},
		{"rolling out, as somebody else began it", flight,
			map[string][]reply{keyList: {listOf(flightWith("Insiders", "1", testPublished, ""))}, keyLive: {ok(rolling)}}, reconcile.Status{Draft: noDraft, Rollout: "running: 25 % of the customers"}},
		{"halted, and a draft", flight, map[string][]reply{
			keyList: {listOf(flightWith("Insiders", "1", testPublished, testDraft))}, keyLive: {ok(strings.Replace(rolling, rolloutInProgress, rolloutStopped, 1))}, keyRead: {ok(pristineFlight)}},
			reconcile.Status{Ready: true, Draft: testDraft + "; made by the API, not committed; takes files until 2099-01-01 00:00 UTC", Rollout: "halted: nobody else gets the packages"}},
		{"in certification", flight, map[string][]reply{keyList: {listOf(flightWith("Insiders", "1", testPublished, testDraft))}, keyRead: {ok(strings.Replace(pristineFlight, "PendingCommit", "Certification", 1))}},
			reconcile.Status{Draft: "none beside the submission"}},
		{"a first draft", flight, map[string][]reply{keyList: {listOf(flightWith("Insiders", "1", "", testDraft))}, keyRead: {ok(pristineFlight)}},
			reconcile.Status{Ready: true, Draft: testDraft + "; made by the API, not committed; takes files until 2099-01-01 00:00 UTC"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, _ := against(t, c.replies)
			got, err := b.Observe(t.Context(), insiders(c.spec), nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got.Status); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestNotesOfAFlightAreHidden: what the Store repeats of them, of this flight
// or another product of the app, is told to nobody.
func TestNotesOfAFlightAreHidden(t *testing.T) {
	m := insiders(schema.PackageFlight{FriendlyName: "Insiders", NotesForCertification: secret("password: hidden9")})
	b, _ := against(t, map[string][]reply{keyWrite: {no(400, "InvalidParameterValue", "notes 'password: hidden9' or 'live: known8' are bad, address sig=SECRET", "notes")}})
	b.client.known.learn(testApp, json.RawMessage(`{"notesForCertification":"live: known8"}`))
	put := plan.Operation{ID: stepPut, Path: wantedProduct(m).with(testFlight).submissionPath(testDraft), Body: encode(putBody{Base: baseNew, Merge: json.RawMessage(`{"notesForCertification":"password: hidden9"}`)})}
	_, err := runSteps(t, b, m, map[string]json.RawMessage{stepDraft: json.RawMessage(pristineFlight)}, put)
	if err == nil {
		t.Fatal("the refusal was lost")
	}
	for _, leak := range []string{"hidden9", "known8", "SECRET"} {
		if strings.Contains(err.Error(), leak) {
			t.Errorf("%s is told: %v", leak, err)
		}
	}
}
