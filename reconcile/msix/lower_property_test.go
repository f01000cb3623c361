package msix

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// TestLowerArrives: whatever a manifest says, the plan's patch makes the target
// of the base, keeps everything that storesync does not know, and a second plan
// against the result is empty. What it sends is what the draft waits for.
func TestLowerArrives(t *testing.T) {
	for seed := range uint64(120) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			m := notes(randomSpec(random))
			base := oddSubmission()
			request := requestOf(t, m, base, nil)
			operations, found := (&backend{}).Lower(request)
			if len(found) > 0 {
				t.Fatal(problems(found))
			}
			if (len(operations) == 0) != (len(request.Changes) == 0) {
				t.Fatalf("%d changes make %d operations", len(request.Changes), len(operations))
			}
			checkCovered(t, request.Changes, operations)
			checkArrives(t, request, base, operations)
			put := slices.IndexFunc(operations, func(o plan.Operation) bool { return o.ID == stepPut })
			if put < 0 {
				return
			}
			after := sent(t, request.Target, parsed(t, base), operations[put])
			checkUploads(t, after, operations)
			again := requestOf(t, m, string(after.raw()), ourDraft)
			if len(again.Changes) > 0 {
				t.Errorf("a second plan changes %v", again.Changes)
			}
		})
	}
}

// checkUploads: the ZIP holds what the draft waits for and nothing else, and no
// two files of the draft share a name.
func checkUploads(t *testing.T, draft *document, operations []plan.Operation) {
	t.Helper()
	var waiting, sends []string
	for _, file := range pendingFiles(draft) {
		waiting = append(waiting, file.name)
	}
	for _, o := range operations {
		for _, u := range o.Uploads {
			if !strings.HasPrefix(u.As, "Trailers/") {
				sends = append(sends, u.As)
			}
		}
	}
	slices.Sort(waiting)
	slices.Sort(sends)
	if !slices.Equal(waiting, sends) {
		t.Errorf("the draft waits for %v, sent are %v", waiting, sends)
	}
	if unique := slices.Compact(slices.Clone(waiting)); len(unique) != len(waiting) {
		t.Errorf("files share a name: %v", waiting)
	}
}

// randomSpec writes a random part of everything.
func randomSpec(random *rand.Rand) schema.MsixApp {
	var s schema.MsixApp
	some := func(write func()) {
		if random.IntN(3) == 0 {
			write()
		}
	}
	pick := func(values ...string) *string { return new(values[random.IntN(len(values))]) }
	some(func() { s.ApplicationCategory = pick("Productivity", "Shopping") })
	some(func() { s.Visibility = pick("Public", "Hidden") })
	some(func() { s.TargetPublishMode = pick("Manual", "Immediate") })
	some(func() {
		s.TargetPublishMode, s.TargetPublishDate = new("SpecificDate"), pick("2026-12-24T18:00:00Z", "2027-01-01T00:00:00+01:00")
	})
	some(func() {
		s.Pricing = &schema.MsixPricing{PriceID: pick("Tier1012", "Free"), MarketSpecificPricings: map[string]string{"JP": *pick("Base", "Tier1013", "Tier1020")}}
	})
	some(func() {
		s.Markets = &schema.Markets{All: true, Except: []string{*pick("CN", "FR"), *pick("RU", "DE")}}
	})
	some(func() { s.HardwarePreferences = []string{*pick("Touch", "Mouse"), *pick("Touch", "Camera")} })
	some(func() { s.MeetAccessibilityGuidelines = new(random.IntN(2) == 0) })
	some(func() { s.NotesForCertification = secret(*pick("user: a, password: NEVER", "other")) })
	some(func() {
		s.AllowTargetFutureDeviceFamilies = map[string]bool{*pick("desktop", "Team"): random.IntN(2) == 0}
	})
	some(func() {
		s.GamingOptions = []schema.GamingOptions{{Genres: []string{*pick("Games_Word", "Games_Music")}, IsLocalMultiplayer: new(random.IntN(2) == 0)}}
	})
	some(func() {
		s.PackageDeliveryOptions = &schema.PackageDeliveryOptions{IsMandatoryUpdate: new(true), MandatoryUpdateEffectiveDate: pick("2026-12-01T00:00:00Z")}
	})
	some(func() { s.Packages = randomPackages(random) })
	some(func() { s.Rollout = &schema.Rollout{Percentage: new(float64(1 + random.IntN(100)))} })
	some(func() {
		s.Trailers = []schema.Trailer{{Video: schema.MediaFile{Name: "v.mp4", Bytes: 5, SHA256: hash(*pick("video", "other"))},
			TrailerAssets: map[string]schema.TrailerAsset{"en-us": {Title: text(*pick("Notes", "New")), Image: new(image(*pick("thumb", "still")))}}}}
	})
	s.RemoveUnlistedLanguages = random.IntN(4) == 0
	for _, language := range []string{"en-us", "DE-de", "fr-FR"} {
		some(func() {
			if s.Listings == nil {
				s.Listings = map[string]*schema.MsixListing{}
			}
			s.Listings[language] = randomListing(random, language)
		})
	}
	return s
}

func randomPackages(random *rand.Rand) []schema.MsixPackage {
	choices := [][]schema.MsixPackage{
		{pinned("x64.msix", "1.0.0.0", "x64"), pinned("x64.msix", "1.1.0.0", "x64"), built("x64.msix", "1.2.0.0", "x64"), builtFor(late, "x64.msix", "2.0.0.0", "x64")},
		{pinned("arm64.msix", "1.1.0.0", "arm64"), built("arm64.msix", "1.1.0.0", "arm64"), built("arm64.msix", "3.0.0.0", "arm64")},
		{built("x86.msix", "1.0.0.0", "x86"), built("x86.msixbundle", "1.0.0.0", "arm", "x86")},
	}
	packages := []schema.MsixPackage{choices[0][random.IntN(4)]}
	for _, choice := range choices[1:] {
		if random.IntN(2) == 0 {
			packages = append(packages, choice[random.IntN(len(choice))])
		}
	}
	return packages
}

func randomListing(random *rand.Rand, language string) *schema.MsixListing {
	words := []string{"", "Notes", "Line\nbreak", `"quoted" ${value:notesForCertification}`, "Ümlaut <b>"}
	word := func() string { return words[random.IntN(len(words))] }
	l := &schema.MsixListing{Title: text("Notes of " + language), Description: text(word())}
	if random.IntN(2) == 0 {
		l.ReleaseNotes, l.Keywords, l.MinimumHardware = secret(word()), []string{word()}, []string{}
	}
	if language == "DE-de" || random.IntN(2) == 0 {
		return l // what de-de has stored is of unknown content
	}
	var images []schema.CaptionedImage
	for _, name := range []string{"editor", "sync", "share", "editor"}[:1+random.IntN(4)] {
		picture := image(name)
		if random.IntN(2) == 0 {
			picture.Description = text(word())
		}
		images = append(images, picture)
	}
	random.Shuffle(len(images), func(i, j int) { images[i], images[j] = images[j], images[i] })
	l.Images = map[string][]schema.CaptionedImage{"Screenshot": images, "StoreLogoSquare": {image([]string{"logo", "other"}[random.IntN(2)])}}
	return l
}

// pendingOf makes a pending draft of a submission.
func pendingOf(t *testing.T, changes map[string]string) string {
	t.Helper()
	all := map[string]string{"/id": `"` + testDraft + `"`, "/status": `"PendingCommit"`}
	for pointer, value := range changes {
		all[pointer] = value
	}
	return oddWith(t, all)
}

func usePending(t *testing.T, draft string) func(*reconcile.LowerRequest) {
	return func(r *reconcile.LowerRequest) {
		d := parsed(t, draft)
		state, err := stateOf(d, r.Manifest, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Use = reconcile.UsePending
		r.Observed.Raw[rawPending] = withoutAddress(d)
		r.Observed.Pending = &reconcile.PendingDraft{ID: testDraft, State: state, Editable: true}
	}
}

func TestLowerTakesUpAPendingDraft(t *testing.T) {
	inherited := map[string]string{rolloutPointer: `{"isPackageRollout":true,"packageRolloutPercentage":25,"packageRolloutStatus":"PackageRolloutNotStarted","fallbackSubmissionId":"0"}`}
	equal := map[string]string{
		"/applicationPackages/0/fileStatus": `"PendingDelete"`, "/applicationPackages/1/fileStatus": `"PendingDelete"`, rolloutPointer: `{"isPackageRollout":false}`,
		"/applicationPackages/-": `{"fileName":"` + packageName(bumped()[0].Content) + `","fileStatus":"PendingUpload","minimumDirectXVersion":"None","minimumSystemRam":"None"}`,
	}
	cases := []struct {
		name, reason string
		pending      map[string]string
		want         []string
	}{
		{"pristine", "a copy of what is published is changed like one just made, and inherits no rollout", inherited, []string{stepDraft, stepPut, stepVerify, stepUpload, stepVerifyAgain, stepCommit}},
		{"equal", "a draft that is the target already gets its files again and is committed", equal, []string{stepDraft, stepVerify, stepUpload, stepVerifyAgain, stepCommit}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := notes(schema.MsixApp{Packages: bumped()})
			draft := pendingOf(t, c.pending)
			request := requestOf(t, m, oddSubmission(), usePending(t, draft))
			operations, found := (&backend{}).Lower(request)
			checkProblems(t, found)
			var ids []string
			for _, o := range operations {
				ids = append(ids, o.ID)
				if o.ID != stepUpload && !strings.Contains(o.Path, testDraft) {
					t.Errorf("%s is about %s", o.ID, o.Path)
				}
			}
			if !slices.Equal(ids, c.want) {
				t.Errorf("%s: operations %v, want %v", c.reason, ids, c.want)
			}
			checkArrives(t, request, draft, operations)
		})
	}
}

func TestLowerDoesNotOweWhatIsGone(t *testing.T) {
	for _, c := range []struct {
		reason string
		use    reconcile.DraftUse
		owed   []string
		want   int
	}{
		{"the draft was deleted: nothing is committed for it", reconcile.UseFresh, []string{stepUpload, stepCommit}, 0},
		{"a draft that was never written is left", reconcile.UseObserved, []string{stepPut}, 0},
		{"what is unfinished is no reason to submit", reconcile.UseObserved, []string{stepCommit}, 0},
	} {
		request := requestOf(t, notes(schema.MsixApp{}), oddSubmission(), func(r *reconcile.LowerRequest) { ourDraft(r); r.Use, r.Unfinished = c.use, c.owed })
		operations, _ := (&backend{}).Lower(request)
		if len(operations) != c.want {
			t.Errorf("%s: %d operations, want %d", c.reason, len(operations), c.want)
		}
	}
}

func TestLowerRefusesADraftThatWaitsForAnUnknownFile(t *testing.T) {
	base := oddWith(t, map[string]string{"/listings/de-de/baseListing/images/0/fileStatus": `"PendingUpload"`})
	request := requestOf(t, notes(schema.MsixApp{Visibility: new("Hidden")}), base, ourDraft)
	_, found := (&backend{}).Lower(request)
	checkProblems(t, found, "the draft waits for the file alt.png, which the manifest does not have")
}

func TestLowerNeedsWhatWasObserved(t *testing.T) {
	for _, raw := range []map[string]json.RawMessage{nil, {rawSubmission: json.RawMessage("[]")}} {
		request := reconcile.LowerRequest{Manifest: notes(schema.MsixApp{}), Observed: &reconcile.Observed{Raw: raw}, Submit: true}
		if _, found := (&backend{}).Lower(request); !found.HasErrors() {
			t.Errorf("lowered without a submission: %v", found)
		}
	}
}
