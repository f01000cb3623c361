package msiexe_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
)

// lines are the requests since the last ForgetRequests as "METHOD suffix",
// reads made in parallel sorted into one order, repeated polls folded into one
// line with "×k".
func lines(b *backendtest.Bench) []string {
	var out []string
	for _, request := range b.Emulator.Requests() {
		if request.Kind == "token" {
			continue // counted apart: one for a run
		}
		path := strings.TrimPrefix(request.Path, "/submission/v1/product/"+backendtest.ReaderID)
		if request.Kind == "blob" {
			path = "(blob)"
		}
		if strings.HasPrefix(path, "/submission/") {
			path = "/submission/…/status"
		}
		line := request.Method + " " + path
		if n := len(out); n > 0 && strings.TrimSuffix(out[n-1], " ×k") == line && strings.HasSuffix(line, "/status") {
			out[n-1] = line + " ×k"
			continue
		}
		out = append(out, line)
	}
	return out
}

// observing sorts the leading GETs: they are made in parallel.
func observing(requests []string, n int) []string {
	head := append([]string(nil), requests[:min(n, len(requests))]...)
	for i := range head {
		for j := i + 1; j < len(head); j++ {
			if head[j] < head[i] {
				head[i], head[j] = head[j], head[i]
			}
		}
	}
	return append(head, requests[min(n, len(requests)):]...)
}

const (
	german   = "  listings:\n    de-de: {whatsNew: \"Jetzt schneller.\"}\n"
	package1 = `  packages:
    x64:
      packageUrl: https://dl.contoso.example/2.0.0/setup-x64.exe
      packageType: exe
      architecture: X64
      languages: [en]
      isSilentInstall: false
      installerParameters: /quiet
`
	package2 = package1 + `    arm64:
      packageUrl: https://dl.contoso.example/2.0.0/setup-arm64.exe
      packageType: exe
      architecture: Arm64
      languages: [en]
      isSilentInstall: false
      installerParameters: /quiet
`
)

func TestFloors(t *testing.T) {
	shots := func(names ...string) string {
		return "  listings:\n    en-us: {screenshots: [" + strings.Join(names, ", ") + "]}\n"
	}
	images := func(t *testing.T) backendtest.Files {
		files := backendtest.Files{}
		for i := range 3 {
			files[fmt.Sprintf("%d.png", i+1)] = backendtest.PNG(t, 1366, 768, 100+i)
		}
		for i, size := range [][2]int{{1080, 1080}, {720, 1080}} {
			files[fmt.Sprintf("logo%d.png", i+1)] = backendtest.PNG(t, size[0], size[1], 200+i)
		}
		return files
	}
	cases := []struct {
		name   string
		reason string
		before string // applied first, not counted
		after  string
		reads  int // leading GETs, in any order
		want   []string
	}{
		{
			name: "no change", reason: "status and metadata, nothing else, nothing written",
			before: german, after: german, reads: 2,
			want: []string{"GET /metadata", "GET /status"},
		},
		{
			name: "one field", reason: "one PATCH, one read-back, one submit",
			after: german, reads: 2,
			want: []string{"GET /metadata", "GET /status", "PATCH /metadata", "GET /status", "GET /metadata/listings", "POST /submit", "GET /submission/…/status"},
		},
		{
			name: "two languages and both modules", reason: "one PATCH a language, the first carries the modules and the new language",
			after: german + "    en-us: {whatsNew: \"Faster now.\"}\n  availability: {markets: [US, DE]}\n  properties: {category: Shopping}\n", reads: 2,
			want: []string{"GET /metadata", "GET /status", "PATCH /metadata", "PATCH /metadata", "GET /status", "GET /metadata", "POST /submit", "GET /submission/…/status"},
		},
		{
			name: "availability only", reason: "no language changed: one PATCH all the same",
			after: "  availability: {markets: [US, DE]}\n", reads: 2,
			want: []string{"GET /metadata", "GET /status", "PATCH /metadata", "GET /status", "GET /metadata/availability", "POST /submit", "GET /submission/…/status"},
		},
		{
			name: "one screenshot more", reason: "one create, one upload, one commit with the kept id listed",
			before: shots("1.png"), after: shots("1.png", "2.png"), reads: 3,
			want: []string{"GET /listings/assets", "GET /metadata", "GET /status", "POST /listings/assets/create", "PUT (blob)", "PUT /listings/assets/commit",
				"GET /status", "GET /listings/assets", "POST /submit", "GET /submission/…/status"},
		},
		{
			name: "screenshots in another order", reason: "a new order needs no upload",
			before: shots("1.png", "2.png"), after: shots("2.png", "1.png"), reads: 3,
			want: []string{"GET /listings/assets", "GET /metadata", "GET /status", "PUT /listings/assets/commit",
				"GET /status", "GET /listings/assets", "POST /submit", "GET /submission/…/status"},
		},
		{
			name: "one package", reason: "a changed package is one PATCH and one commit",
			after: package1, reads: 3,
			want: []string{"GET /metadata", "GET /packages", "GET /status", "PATCH /packages/{id}", "POST /packages/commit",
				"GET /status ×k", "GET /packages", "POST /submit", "GET /submission/…/status"},
		},
		{
			name: "one package more", reason: "another set is one PUT and a GET of the new ids",
			before: package1, after: package2, reads: 3,
			want: []string{"GET /metadata", "GET /packages", "GET /status", "PUT /packages", "GET /packages", "POST /packages/commit",
				"GET /status ×k", "GET /packages", "POST /submit", "GET /submission/…/status"},
		},
		{
			name: "everything at once", reason: "one submission for text, images, packages, markets and a new language",
			after: "  availability: {markets: [US, DE]}\n  listings:\n    fr-fr: {description: Lit tout., additionalLicenseTerms: Licence., logos: [logo1.png], screenshots: [3.png]}\n    en-us: {whatsNew: Faster., screenshots: [1.png]}\n" + package1,
			reads: 4,
			want: []string{"GET /listings/assets", "GET /metadata", "GET /packages", "GET /status", "PATCH /metadata", "PATCH /metadata",
				"POST /listings/assets/create", "PUT (blob)", "PUT /listings/assets/commit",
				"POST /listings/assets/create", "PUT (blob)", "PUT (blob)", "PUT /listings/assets/commit",
				"PATCH /packages/{id}", "POST /packages/commit", "GET /status ×k", "GET /metadata", "GET /listings/assets", "GET /packages",
				"POST /submit", "GET /submission/…/status"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewReader(t, "", "en-us", "de-de")
				b.Write(t, images(t))
				if c.before != "" {
					b.Write(t, backendtest.ReaderManifest(c.before))
					b.MustApply(t)
				}
				b.Write(t, backendtest.ReaderManifest(c.after))
				b.Emulator.ForgetRequests()
				report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
				if err := report.Products[0].Err; err != nil {
					t.Fatal(err)
				}
				if n := b.Count("POST /token"); n != 1 {
					t.Errorf("%d tokens were asked for, want 1", n)
				}
				got := observing(lines(b), c.reads+imageReads(c.before, c.after))
				for i, line := range got {
					if strings.HasPrefix(line, "PATCH /packages/") {
						got[i] = "PATCH /packages/{id}"
					}
				}
				if d := cmp.Diff(c.want, withoutImageReads(got)); d != "" {
					t.Errorf("%s (-want +got):\n%s", c.reason, d)
				}
			})
		})
	}
}

// imageReads is how many stored images are looked at to learn their content:
// those that storesync did not upload, once.
func imageReads(before, after string) int {
	if before == "" && strings.Contains(after, "screenshots") {
		return 1 + strings.Count(after, "logos")
	}
	return 0
}

// withoutImageReads drops the reads of stored images: extra by design, once.
func withoutImageReads(requests []string) []string {
	var kept []string
	for _, line := range requests {
		if line != "HEAD (blob)" && line != "GET (blob)" {
			kept = append(kept, line)
		}
	}
	return kept
}
