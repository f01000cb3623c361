package msiexe

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// answers are the replies to the reads of liveDraft.
func answers() map[string][]reply {
	draft := liveDraft()
	return map[string][]reply{
		"GET status":          {ready()},
		"GET metadata":        {ok(`{"availability":` + draft[rawAvailability] + `,"properties":` + draft[rawProperties] + `,"listings":` + draft[rawListings] + `}`)},
		"GET packages":        {ok(`{"packages":` + draft[rawPackages] + `}`)},
		"GET listings/assets": {ok(`{"listingAssets":` + draft[rawAssets] + `}`)},
	}
}

func TestObserveReadsOnlyWhatIsManaged(t *testing.T) {
	shots := []schema.Image{screenshot("shot-1")}
	record := &record.Record{Images: map[string]record.Image{"shot-1": {SHA256: "a"}, "shot-2": {SHA256: "b"}, "logo-1x1": {SHA256: "c"}, "logo-2x3": {SHA256: "d"}}}
	for _, c := range []struct {
		reason  string
		spec    schema.MsiExeApp
		want    []string
		omitted []plan.Path
	}{
		{"text only", listingsOf(map[string]*schema.Listing{"en-us": {}}),
			[]string{"GET metadata", "GET status"}, []plan.Path{"listings.*.logos", "listings.*.screenshots", "packages"}},
		{"images", listingsOf(map[string]*schema.Listing{"en-us": {Screenshots: shots}}),
			[]string{"GET listings/assets", "GET metadata", "GET status"}, []plan.Path{"packages"}},
		{"packages", schema.MsiExeApp{Packages: map[string]*schema.Package{"x64": livePackage()}},
			[]string{"GET metadata", "GET packages", "GET status"}, []plan.Path{"listings.*.logos", "listings.*.screenshots"}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			b, store, _ := against(t, answers())
			observed, err := b.Observe(t.Context(), reader(c.spec), record)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, request := range store.requests() {
				path, _, _ := strings.Cut(request, "?")
				got = append(got, path)
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.omitted, observed.Omitted); diff != "" {
				t.Errorf("omitted (-want +got):\n%s", diff)
			}
			if !observed.Complete || observed.Running != nil || len(observed.State) == 0 {
				t.Errorf("complete %t, running %v, %d values", observed.Complete, observed.Running, len(observed.State))
			}
		})
	}
}

func TestObserveFindsOutWhatStoredImagesAre(t *testing.T) {
	local := schema.Image{Name: "images/a.png", Width: 1366, Height: 768, SHA256: "aa11", MD5: "5d41402abc4b2a76b9719d911017c592"}
	m := reader(listingsOf(map[string]*schema.Listing{"EN-US": {Screenshots: []schema.Image{local}}}))
	replies := answers()
	b, store, address := against(t, replies)
	image := func(id string) string {
		return `{"id":"` + id + `","assetUrl":"` + address + `/blob/` + id + `?sig=NEVER","imageSize":{"width":1366,"height":768}}`
	}
	replies["GET listings/assets"] = []reply{ok(`{"listingAssets":[{"language":"en-us","storeLogos":[` + image("logo") + `],"screenshots":[` +
		strings.Join([]string{image("known"), image("by-md5"), image("other"), image("gone")}, ",") + `]}]}`)}
	md5 := func(base64 string) []reply { return []reply{{header: map[string]string{"Content-Md5": base64}}} }
	replies["HEAD /blob/by-md5"] = md5("XUFAKrxLKna5cZ2REBfFkg==") // of local
	replies["HEAD /blob/other"] = md5("AAAAAAAAAAAAAAAAAAAAAA==")
	replies["HEAD /blob/gone"] = []reply{{status: 404}}
	replies["GET /blob/gone"] = []reply{{status: 404}}

	observed, err := b.Observe(t.Context(), m, &record.Record{Images: map[string]record.Image{"known": {SHA256: "bb22"}}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, image := range observed.State["listings.en-us.screenshots"].Images() {
		got = append(got, image.ID+" "+image.Digest)
	}
	want := []string{"known sha256:bb22", "by-md5 sha256:aa11", "other md5:00000000000000000000000000000000", "gone "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"by-md5": "aa11"}, observed.Learned); diff != "" {
		t.Errorf("learned (-want +got):\n%s", diff)
	}
	if value := observed.State["listings.en-us.screenshots"]; !value.Unknown || value.Why == "" {
		t.Errorf("an image that cannot be read must make the value unknown, and say why: %+v", value)
	}
	for _, request := range store.requests() {
		if strings.Contains(request, "/blob/logo") || strings.Contains(request, "/blob/known") {
			t.Errorf("%s: only unknown images of managed sets are looked at", request)
		}
	}
	if all := string(encode(observed.Raw)); strings.Contains(all, "NEVER") {
		t.Errorf("a signature is kept: %s", all)
	}
}

func TestObserveWhileASubmissionRuns(t *testing.T) {
	m := reader(listingsOf(map[string]*schema.Listing{"en-us": {}}))
	status := "GET submission/77/status"
	for _, c := range []struct {
		reason   string
		metadata []reply
		complete bool
		values   bool
	}{
		{"the draft can be read", answers()["GET metadata"], true, true},
		{"the draft cannot be read", []reply{no("badrequest", "submission in progress", "submission")}, false, false},
	} {
		t.Run(c.reason, func(t *testing.T) {
			b, _, _ := against(t, map[string][]reply{
				"GET status": {running("77")}, "GET metadata": c.metadata,
				status: {ok(`{"publishingStatus":"INPROGRESS","hasFailed":false}`)},
			})
			observed, err := b.Observe(t.Context(), m, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&plan.Submission{ID: "77", Status: "INPROGRESS"}, observed.Running); diff != "" {
				t.Errorf("running (-want +got):\n%s", diff)
			}
			if observed.Complete != c.complete || len(observed.State) > 0 != c.values {
				t.Errorf("complete %t with %d values", observed.Complete, len(observed.State))
			}
			if !c.complete && (len(observed.Notices) == 0 || !strings.HasPrefix(observed.Notices[0].Text, "the draft cannot be read while submission 77 runs: ")) {
				t.Errorf("notices: %v", observed.Notices)
			}
		})
	}
}

func TestObserveFails(t *testing.T) {
	m := reader(listingsOf(map[string]*schema.Listing{"en-us": {}}))
	for _, c := range []struct {
		reason  string
		replies map[string][]reply
		class   plan.Class
	}{
		{"no permission", map[string][]reply{"GET status": {{status: 403}}, "GET metadata": {{status: 403}}}, plan.ClassCredentials},
		{"no permission for the draft, even while a submission runs",
			map[string][]reply{"GET status": {running("77")}, "GET metadata": {{status: 403}}, "GET submission/77/status": {ok(`{}`)}}, plan.ClassCredentials},
		{"the draft cannot be read and nothing runs", map[string][]reply{"GET status": {ready()}, "GET metadata": {no("badrequest", "no", "")}}, plan.ClassError},
	} {
		t.Run(c.reason, func(t *testing.T) {
			b, _, _ := against(t, c.replies)
			_, err := b.Observe(t.Context(), m, nil)
			if err == nil || plan.ClassOf(err) != c.class {
				t.Errorf("error %v of class %s, want class %s", err, plan.ClassOf(err), c.class)
			}
		})
	}
}

// TestReadBackReadsWhatWasWritten proves that each verify step is one GET, the
// one that the plan shows, and that what it brings equals the target.
func TestReadBackReadsWhatWasWritten(t *testing.T) {
	m := reader(schema.MsiExeApp{
		Listings: map[string]*schema.Listing{"DE-DE": {Description: text("Liest alles.")}, "en-us": {Screenshots: []schema.Image{screenshot("shot-1"), screenshot("shot-2")}}},
		Packages: map[string]*schema.Package{"x64": livePackage()},
	})
	o := observe(t, m, liveDraft())
	target, _ := targetOf(t, m, o)
	known := &record.Record{Images: map[string]record.Image{}}
	for id, digest := range liveDigests() {
		known.Images[id] = record.Image{SHA256: strings.TrimPrefix(digest, "sha256:")}
	}
	l := &lowering{product: testProduct,
		wroteMetadata: []plan.Path{"listings.de-de.description"},
		wroteAssets:   []plan.Path{"listings.en-us.screenshots"},
		wrotePackages: []plan.Path{"packages"}}
	l.readBack()
	if len(l.operations) != 3 {
		t.Fatalf("%d operations, want 3", len(l.operations))
	}
	for _, operation := range l.operations {
		t.Run(operation.ID, func(t *testing.T) {
			replies := answers()
			replies["GET metadata/listings"] = []reply{ok(`{"listings":[{"language":"DE-de","description":"Liest alles."}]}`)}
			b, store, _ := against(t, replies)
			read, err := b.ReadBack(t.Context(), reconcile.Call{Manifest: m, Operation: operation}, known)
			if err != nil {
				t.Fatal(err)
			}
			want := "GET " + strings.TrimPrefix(operation.Path, productPath(testProduct)+"/")
			if diff := cmp.Diff([]string{want}, store.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			covered := func(s plan.State) plan.State {
				kept := plan.State{}
				for path, value := range s {
					if anyUnder([]plan.Path{path}, operation.Covers[0]) {
						value.Exact, value.Sensitive = false, false
						kept[path] = value
					}
				}
				return kept
			}
			expected, got := covered(target), covered(read.State)
			for path := range expected {
				if !same(got[path], expected[path]) {
					t.Errorf("%s: read %s, want %s", path, got[path].JSON, expected[path].JSON)
				}
			}
			if len(got) != len(expected) {
				t.Errorf("read %d values, want %d", len(got), len(expected))
			}
		})
	}
}

func TestReadBackFindsTheLanguageThatWasToGo(t *testing.T) {
	m := reader(listingsOf(map[string]*schema.Listing{"en-us": {}}))
	operation := plan.Operation{ID: stepVerifyMetadata, Covers: []plan.Path{"listings.de-de"}}
	b, _, _ := against(t, map[string][]reply{"GET metadata": {ok(`{"availability":{},"properties":{},"listings":` + liveDraft()[rawListings] + `}`)}})
	read, err := b.ReadBack(t.Context(), reconcile.Call{Manifest: m, Operation: operation}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if read.State["listings.de-de.description"].Empty() {
		t.Error("the language is still live and must show")
	}
}

func TestAwait(t *testing.T) {
	m := reader(schema.MsiExeApp{})
	in := ok(`{"publishingStatus":"INPROGRESS","hasFailed":false}`)
	for _, c := range []struct {
		reason  string
		goal    reconcile.Goal
		replies []reply
		want    plan.Submission
		polls   int
	}{
		{"none asks nothing", reconcile.GoalNone, nil, plan.Submission{ID: "77", Status: "UNKNOWN"}, 0},
		{"submitted asks once", reconcile.GoalSubmitted, []reply{in}, plan.Submission{ID: "77", Status: "INPROGRESS"}, 1},
		{"published goes on through words that say nothing", reconcile.GoalPublished,
			[]reply{{status: 404}, ok(`{}`), ok(`{"publishingStatus":"UNKNOWN"}`), in, ok(`{"publishingStatus":"SOMETHING_NEW"}`), ok(`{"publishingStatus":"PUBLISHED"}`)},
			plan.Submission{ID: "77", Status: "PUBLISHED", Done: true}, 6},
		{"hasFailed is final whatever the status says", reconcile.GoalPublished, []reply{in, ok(`{"publishingStatus":"INPROGRESS","hasFailed":true}`)},
			plan.Submission{ID: "77", Status: "INPROGRESS", Done: true, Failed: true}, 2},
	} {
		t.Run(c.reason, func(t *testing.T) {
			b, store, _ := against(t, map[string][]reply{"GET submission/77/status": c.replies})
			watched := 0
			got, err := b.Await(t.Context(), m, "77", c.goal, func(plan.Submission) { watched++ })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(store.requests()); n != c.polls {
				t.Errorf("%d requests, want %d", n, c.polls)
			}
		})
	}
}

func TestAwaitAtTheTimeLimitReturnsTheLastStatus(t *testing.T) {
	b, _, _ := against(t, map[string][]reply{"GET submission/77/status": {ok(`{"publishingStatus":"INPROGRESS"}`)}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	got, err := b.Await(ctx, reader(schema.MsiExeApp{}), "77", reconcile.GoalPublished, nil)
	if err == nil || got.Status != "INPROGRESS" {
		t.Errorf("got %v with error %v, want INPROGRESS and an error", got, err)
	}
}

func TestStatus(t *testing.T) {
	b, _, _ := against(t, map[string][]reply{
		"GET status":               {ready(), running("77")},
		"GET submission/77/status": {{status: 404}},
		"GET metadata":             {ok(`{"availability":{},"properties":{},"listings":[]}`)},
	})
	m := reader(schema.MsiExeApp{})
	idle, err := b.Observe(t.Context(), m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(reconcile.Status{Ready: true}, idle.Status); diff != "" {
		t.Errorf("idle (-want +got):\n%s", diff)
	}
	busy, err := b.Observe(t.Context(), m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if busy.Status.Ready || busy.Running == nil || busy.Running.ID != "77" || busy.Running.Status != "UNKNOWN" {
		t.Errorf("busy: %+v", busy)
	}
	if diff := cmp.Diff([]string{"error: in progress (submission)"}, busy.Status.Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestObserveReadsTheImagesOfMoreThan200Languages(t *testing.T) {
	var listings, first, rest []string
	for i := range 201 {
		language := "l" + strconv.Itoa(i)
		listings = append(listings, `{"language":"`+language+`"}`)
		asset := `{"language":"` + language + `","screenshots":[{"id":"` + language + `"}]}`
		if i < 200 {
			first = append(first, asset)
		} else {
			rest = append(rest, asset)
		}
	}
	var languages []string
	for i := range 201 {
		languages = append(languages, `{"language":"l`+strconv.Itoa(i)+`"}`)
	}
	b, store, _ := against(t, map[string][]reply{
		"GET status":          {ready()},
		"GET metadata":        {ok(`{"availability":{},"properties":{},"listings":[` + strings.Join(listings, ",") + `],"listingLanguages":[` + strings.Join(languages, ",") + `]}`)},
		"GET listings/assets": {ok(`{"listingAssets":[` + strings.Join(first, ",") + `]}`), ok(`{"listingAssets":[` + strings.Join(rest, ",") + `]}`)},
	})
	m := reader(listingsOf(map[string]*schema.Listing{"l200": {Screenshots: []schema.Image{screenshot("a")}}}))
	observed, err := b.Observe(t.Context(), m, &record.Record{Images: map[string]record.Image{"l200": {SHA256: "feed"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := observed.State["listings.l200.screenshots"].Images(); len(got) != 1 || got[0].Digest != "sha256:feed" {
		t.Errorf("images of the 201st language: %v", got)
	}
	if !slices.Contains(store.requests(), "GET listings/assets?languages=l200") {
		t.Errorf("requests: %v", store.requests())
	}
}
