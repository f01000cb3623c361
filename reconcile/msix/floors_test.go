package msix_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
)

// lines are the requests since the last ForgetRequests, polls of one status
// folded into one line with "×n".
func lines(b *backendtest.Bench) []string {
	var out []string
	for _, request := range b.Emulator.Requests() {
		if request.Kind == "token" {
			continue // counted apart: one for a run
		}
		path := strings.TrimPrefix(request.Path, "/v1.0/my/applications/"+backendtest.NotesID)
		switch {
		case request.Kind == "blob":
			path = "(upload)"
		case strings.HasPrefix(path, "/submissions/"):
			_, rest, _ := strings.Cut(strings.TrimPrefix(path, "/submissions/"), "/")
			path = strings.TrimSuffix("/submissions/{id}/"+rest, "/")
		case path == "":
			path = "(application)"
		}
		line := request.Method + " " + path
		if n := len(out); n > 0 && strings.TrimSuffix(out[n-1], " ×n") == line && strings.HasSuffix(line, "/status") {
			out[n-1] = line + " ×n"
			continue
		}
		out = append(out, line)
	}
	return out
}

func TestFloors(t *testing.T) {
	files := backendtest.Files{
		"1.png": backendtest.PNG(t, 1366, 768, 1), "2.png": backendtest.PNG(t, 1920, 1080, 2),
		"notes-x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64"), "notes-arm64.msix": backendtest.NotesPackage(t, "2.0.0.0", "arm64"),
	}
	const (
		first    = "  listings:\n    en-us: {images: {Screenshot: [1.png]}}\n"
		observed = "GET (application) GET /submissions/{id}"
		draft    = " POST /submissions GET /submissions/{id} PUT /submissions/{id}"
		commit   = " POST /submissions/{id}/commit GET /submissions/{id}/status ×n"
	)
	cases := []struct {
		name, reason, before, after, want string
	}{
		{"no change", "the application and its submission, nothing written", first, first, observed},
		{"one field", "one draft, one PUT, one commit, no upload", first, first + "    de-de: {releaseNotes: Neu.}\n", observed + draft + commit},
		{"two languages, a price and a market", "as many requests as one field", first,
			first + "    de-de: {releaseNotes: Neu.}\n    fr-fr: {title: Contoso Notes, description: Note tout., images: {Screenshot: [1.png]}}\n  pricing: {marketSpecificPricings: {JP: Tier12}}\n  markets: {all: true, except: [CN]}\n",
			observed + draft + " PUT (upload) GET /submissions/{id}" + commit},
		{"one caption", "a caption is text: no upload", first, "  listings:\n    en-us: {images: {Screenshot: [{file: 1.png, description: The editor}]}}\n", observed + draft + commit},
		{"one screenshot more", "a ZIP with that file", first, "  listings:\n    en-us: {images: {Screenshot: [1.png, 2.png]}}\n", observed + draft + " PUT (upload) GET /submissions/{id}" + commit},
		{"one package", "a ZIP with that package", first, first + onePackage, observed + draft + " PUT (upload) GET /submissions/{id}" + commit},
		{"everything at once", "one draft, one ZIP, one PUT, one commit", first,
			"  listings:\n    en-us: {releaseNotes: New., images: {Screenshot: [2.png]}}\n    de-de: {releaseNotes: Neu.}\n  visibility: Hidden\n" + onePackage + "    - {file: notes-arm64.msix}\n",
			observed + draft + " PUT (upload) GET /submissions/{id}" + commit},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewNotes(t, bare, "en-us", "de-de")
				b.Write(t, files)
				b.Write(t, backendtest.NotesManifest(c.before))
				b.MustApply(t)
				b.Write(t, backendtest.NotesManifest(c.after))
				b.Emulator.ForgetRequests()
				report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
				if err := report.Products[0].Err; err != nil {
					t.Fatal(err)
				}
				if n := b.Count("POST /token"); n != 1 {
					t.Errorf("%d tokens were asked for, want 1", n)
				}
				got := strings.Join(lines(b), "\n")
				want := strings.NewReplacer(" GET", "\nGET", " POST", "\nPOST", " PUT", "\nPUT").Replace(c.want)
				if d := cmp.Diff(strings.ReplaceAll(want, " ×n", ""), strings.ReplaceAll(got, " ×n", "")); d != "" {
					t.Errorf("%s (-want +got):\n%s", c.reason, d)
				}
			})
		})
	}
}
