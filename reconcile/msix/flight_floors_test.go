package msix_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
)

// productLines are the requests since the last ForgetRequests, polls of one
// status folded, with placeholders for what differs from Store to Store.
func productLines(b *backendtest.Bench) string {
	names := []struct{ from, to string }{
		{`^/v1\.0/my/`, ""}, {`^applications/` + backendtest.NotesID, "(app)"},
		{`flights/[0-9a-f-]{36}`, "flights/{id}"}, {`inappproducts/[0-9A-Z]{12}`, "inappproducts/{id}"}, {`submissions/[0-9]+`, "submissions/{id}"},
	}
	var out []string
	for _, request := range b.Emulator.Requests() {
		if request.Kind == "token" {
			continue // counted apart: one for a run
		}
		path := request.Path
		for _, name := range names {
			path = regexp.MustCompile(name.from).ReplaceAllString(path, name.to)
		}
		if request.Kind == "blob" {
			path = "(upload)"
		}
		line := request.Method + " " + path
		if n := len(out); n > 0 && out[n-1] == line && strings.HasSuffix(line, "/status") {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// floor is one job and the requests that it may take.
type floor struct {
	name, reason string
	// seed is a JSON list of flights or add-ons; before is applied first, ""
	// for nothing.
	seed, before, after string
	// behavior is the Store's, as JSON; "" for the usual one.
	behavior string
	want     []string
}

func (f floor) check(t *testing.T, manifest func(string) backendtest.Files, bench func(testing.TB, string) *backendtest.Bench, files backendtest.Files) {
	synctest.Test(t, func(t *testing.T) {
		b := bench(t, f.seed)
		b.Write(t, files)
		if f.behavior != "" {
			if err := b.Emulator.Seed([]byte(`{"behavior": {"msix": `+f.behavior+`}}`), nil); err != nil {
				t.Fatal(err)
			}
		}
		if f.before != "" {
			b.Write(t, manifest(f.before))
			b.MustApply(t)
		}
		b.Write(t, manifest(f.after))
		b.Emulator.ForgetRequests()
		report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
		if err := report.Products[0].Err; err != nil {
			t.Fatal(err)
		}
		if n := b.Count("POST /token"); n != 1 {
			t.Errorf("%d tokens were asked for, want 1", n)
		}
		if d := cmp.Diff(strings.Join(f.want, "\n"), productLines(b)); d != "" {
			t.Errorf("%s (-want +got):\n%s", f.reason, d)
		}
		b.MustBeInSync(t)
	})
}

func flightFiles(t *testing.T) backendtest.Files {
	return backendtest.Files{
		"notes-x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64"), "notes-x64-21.msix": backendtest.NotesPackage(t, "2.1.0.0", "x64"),
		"notes-arm64.msix": backendtest.NotesPackage(t, "2.0.0.0", "arm64"),
	}
}

func TestFlightFloors(t *testing.T) {
	const (
		live   = `[{"friendlyName": "Insiders", "groupIds": ["1"]}]`
		first  = "  packages:\n    - {file: notes-x64.msix}\n"
		list   = "GET (app)/listflights"
		sub    = "GET (app)/flights/{id}/submissions/{id}"
		post   = "POST (app)/flights/{id}/submissions"
		put    = "PUT (app)/flights/{id}/submissions/{id}"
		commit = "POST (app)/flights/{id}/submissions/{id}/commit"
		status = "GET (app)/flights/{id}/submissions/{id}/status"
		app    = "GET (app)"
		upload = "PUT (upload)"
	)
	cases := []floor{
		{name: "no change", reason: "the list and the submission", seed: live, before: first, after: first, want: []string{list, sub}},
		{name: "one field", reason: "one draft, one PUT, one commit, and nothing of the app", seed: live, before: first, after: first + "  targetPublishMode: Manual\n",
			want: []string{list, sub, post, sub, put, commit, status}},
		{name: "a package", reason: "a ZIP with it, and one look at the app for the identity", seed: live, before: first, after: "  packages:\n    - {file: notes-x64-21.msix}\n",
			want: []string{list, sub, app, post, sub, put, upload, sub, commit, status}},
		{name: "rollout raised", reason: "one call, no submission", seed: live, before: first + "  rollout: {percentage: 10}\n", after: first + "  rollout: {percentage: 50}\n",
			want: []string{list, sub, "POST (app)/flights/{id}/submissions/{id}/updatepackagerolloutpercentage", "GET (app)/flights/{id}", sub}},
		{name: "missing", reason: "the flight is made together with its first draft, and no other is made", seed: "[]", after: "  groupIds: [\"1\"]\n" + first,
			want: []string{list, app, "POST (app)/flights", sub, put, upload, sub, commit, status}},
		{name: "missing, made without a draft", reason: "one draft is made", seed: "[]", after: "  groupIds: [\"1\"]\n" + first, behavior: `{"flightsWithoutDraft": true}`,
			want: []string{list, app, "POST (app)/flights", post, sub, put, upload, sub, commit, status}},
		{name: "rank as GUID", reason: "the list tells what the GUID stands for", behavior: `{"rankAsGuid": true}`,
			seed:   `[{"friendlyName": "Beta", "groupIds": ["2"]}, {"friendlyName": "Insiders", "groupIds": ["1"], "rankHigherThan": "Beta"}]`,
			before: first, after: first + "  rankHigherThan: Beta\n", want: []string{list, sub}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.check(t, backendtest.FlightManifest, backendtest.NewFlight, flightFiles(t)) })
	}
}

func TestFlightDeletionFloor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewFlight(t, `[{"friendlyName": "Insiders", "groupIds": ["1"]}]`)
		b.Write(t, backendtest.Files{"insiders.yaml": []byte("apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: insiders, state: absent}\nspec: {app: " +
			backendtest.NotesID + ", friendlyName: Insiders}\n")})
		refused := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
		if got := refused.Products[0]; got.Outcome != reconcile.Refused || !strings.Contains(got.Err.Error(), "delete-flight") {
			t.Errorf("without --allow: %s, %v", got.Outcome, got.Err)
		}
		b.Emulator.ForgetRequests()
		report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
		if err := report.Products[0].Err; err != nil {
			t.Fatal(err)
		}
		want := "GET (app)/listflights\nGET (app)/flights/{id}/submissions/{id}\nDELETE (app)/flights/{id}\nGET (app)/listflights"
		if d := cmp.Diff(want, productLines(b)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		b.MustBeInSync(t)
	})
}
