package msix_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/emulator"
)

// The property: whatever is live and whatever a manifest wants, after an apply
// a plan is empty, and nothing that the manifest does not write has moved.
func TestApplyThenPlanIsEmpty(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	files := backendtest.Files{}
	for i, size := range [][2]int{{1366, 768}, {1920, 1080}, {768, 1366}} {
		files[fmt.Sprintf("s%d.png", i+1)] = backendtest.PNG(t, size[0], size[1], i+1)
	}
	files["square.png"] = backendtest.PNG(t, 1080, 1080, 9)
	for _, version := range []string{"2.0.0.0", "2.1.0.0"} {
		for _, architecture := range []string{"x64", "arm64", "x86"} {
			files[architecture+"_"+version+".msix"] = backendtest.NotesPackage(t, version, architecture)
		}
	}
	for seed := range rounds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { applyRandom(t, rand.New(rand.NewPCG(uint64(seed), 2)), files) })
		})
	}
}

func applyRandom(t *testing.T, r *rand.Rand, files backendtest.Files) {
	g := &generator{r: r, live: []string{"en-us", "de-de"}, version: map[string]int{}}
	b := backendtest.NewNotes(t, g.seed(), g.live...)
	b.Write(t, files)
	for range 3 {
		spec := g.manifest()
		b.Write(t, backendtest.NotesManifest(spec))
		t.Logf("manifest:\n%s", spec)
		before := published(t, b.Emulator)
		b.MustApply(t)
		b.MustBeInSync(t)
		unmoved(t, before, published(t, b.Emulator), g.written)
	}
}

type generator struct {
	r       *rand.Rand
	live    []string
	version map[string]int
	written map[string]bool
	// spec is the manifest of a flight or add-on.
	spec strings.Builder
}

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }

func (g *generator) pick(items ...string) string { return items[g.r.IntN(len(items))] }

// seed is a live submission full of what storesync does not know or manage.
func (g *generator) seed() string {
	return fmt.Sprintf(`"hasAdvancedListingPermission": true, "submission": {
		"pricing": {"priceId": %q, "trialPeriod": "OneDay", "marketSpecificPricings": {"LB": "NotAvailable", "EH": "NotAvailable", "JP": "Tier12", "CN": "NotAvailable"}},
		"gamingOptions": [{"genres": [], "isLocalMultiplayer": true, "localMultiplayerMinPlayers": 2, "localMultiplayerMaxPlayers": 4, "kinectDataForExternal": "Disabled"}],
		"allowTargetFutureDeviceFamilies": {"7": true, "Desktop": true, "Xbox": false},
		"notesForCertification": "live notes", "applicationCategory": "Productivity", "fieldOfTomorrow": {"deep": [1.50, "x"]},
		"listings": {
			"en-us": {"baseListing": {"images": [], "shortTitle": "Notes", "privacyPolicy": "", "keywords": ["live"], "unknownText": "kept"}, "platformOverrides": {"Windows81": {"description": "old"}}},
			"de-de": {"baseListing": {"images": [], "features": ["Alt"]}}
		}}`, g.pick("Free", "Tier2", "Tier96"))
}

func (g *generator) manifest() string {
	g.written = map[string]bool{"id": true, "friendlyName": true, "statusDetails": true, "status": true, "fileUploadUrl": true}
	var y strings.Builder
	field := func(name, text string) { fmt.Fprintf(&y, "  %s\n", text); g.written[name] = true }
	if g.chance(40) {
		field("visibility", "visibility: "+g.pick("Public", "Hidden"))
	}
	if g.chance(40) {
		field("pricing", "pricing: {marketSpecificPricings: {DE: "+g.pick("Tier4", "Tier6", "Base")+"}}")
	}
	if g.chance(40) {
		field("pricing", "markets: "+g.pick("{all: true, except: [CN]}", "{all: true, except: [CN, FR]}", "[US, GB, DE, JP]"))
	}
	if g.chance(40) {
		field("hardwarePreferences", "hardwarePreferences: "+g.pick("[]", "[Touch]", "[Touch, Keyboard]"))
	}
	if g.chance(30) {
		field("allowTargetFutureDeviceFamilies", fmt.Sprintf("allowTargetFutureDeviceFamilies: {Xbox: %t}", g.chance(50)))
	}
	if g.chance(30) {
		field("notesForCertification", "notesForCertification: "+g.pick("one", "two"))
	}
	if g.chance(30) {
		field("packageDeliveryOptions", "packageDeliveryOptions: "+g.pick("{isMandatoryUpdate: false}",
			"{isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: 2030-01-01T00:00:00Z}"))
	}
	g.packages(&y)
	g.listings(&y)
	return y.String()
}

func (g *generator) packages(y *strings.Builder) {
	if !g.chance(50) {
		return
	}
	g.written["applicationPackages"], g.written["packageDeliveryOptions"] = true, true
	fmt.Fprintf(y, "  packages:\n")
	for i, architecture := range []string{"x64", "arm64", "x86"} {
		if i > 0 && g.chance(50) {
			continue
		}
		// A version that was replaced never comes back: the Store would refuse it.
		if g.chance(40) && g.version[architecture] == 0 {
			g.version[architecture] = 1
		}
		fmt.Fprintf(y, "    - {file: %s_2.%d.0.0.msix}\n", architecture, g.version[architecture])
	}
}

func (g *generator) listings(y *strings.Builder) {
	g.written["listings"] = true
	languages := []string{"en-us", "de-de"} // live without a screenshot, which the Store wants
	for _, language := range []string{"fr-fr", "ja-jp"} {
		if g.chance(50) {
			languages = append(languages, language)
		}
	}
	if g.chance(20) {
		fmt.Fprintf(y, "  removeUnlistedLanguages: true\n")
		g.live = nil
	}
	fmt.Fprintf(y, "  listings:\n")
	for _, language := range languages {
		fmt.Fprintf(y, "    %s:\n      title: Contoso Notes\n      description: %q\n", language, g.pick("Notes.", "All notes.", "メモ 🙂"))
		if g.chance(50) {
			fmt.Fprintf(y, "      releaseNotes: %s\n", g.pick(`""`, "Fixes.", "More."))
		}
		if g.chance(40) {
			fmt.Fprintf(y, "      features: %s\n", g.pick("[]", "[Sync]", "[Sync, Search]"))
		}
		// A first image set is always written: the Store wants a screenshot.
		fmt.Fprintf(y, "      images:\n        Screenshot: [%s]\n", g.screenshots())
		if g.chance(30) {
			fmt.Fprintf(y, "        StoreLogoSquare: [square.png]\n")
		}
		if !slices.Contains(g.live, language) {
			g.live = append(g.live, language)
		}
	}
}

func (g *generator) screenshots() string {
	names := []string{"s1.png", "s2.png", "s3.png"}
	g.r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:1+g.r.IntN(3)]
	for i, name := range names {
		if g.chance(40) {
			names[i] = fmt.Sprintf("{file: %s, description: %s}", name, g.pick("The editor", "A board"))
		}
	}
	return strings.Join(names, ", ")
}

// published is the last published submission as the service answers it.
func published(t *testing.T, store *emulator.Emulator) map[string]any {
	t.Helper()
	get := func(path string, into any) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://apps.contoso.example/v1.0/my/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+store.Token())
		response, err := store.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if err := json.NewDecoder(response.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	var app struct {
		Last struct {
			ResourceLocation string `json:"resourceLocation"`
		} `json:"lastPublishedApplicationSubmission"`
	}
	get("applications/"+backendtest.NotesID, &app)
	document := map[string]any{}
	get(app.Last.ResourceLocation, &document)
	return document
}

// unmoved checks that what was not written is as it was, deep in listings, too.
func unmoved(t *testing.T, before, after map[string]any, written map[string]bool) {
	t.Helper()
	for name, value := range before {
		if written[name] {
			continue
		}
		if d := cmp.Diff(value, after[name]); d != "" {
			t.Errorf("%s was not written and moved (-before +after):\n%s", name, d)
		}
	}
	unmanaged := func(document map[string]any) any {
		english, _ := document["listings"].(map[string]any)["en-us"].(map[string]any)
		base, _ := english["baseListing"].(map[string]any)
		prices, _ := document["pricing"].(map[string]any)
		markets, _ := prices["marketSpecificPricings"].(map[string]any)
		return []any{english["platformOverrides"], base["shortTitle"], base["keywords"], base["unknownText"], prices["priceId"], prices["trialPeriod"],
			markets["LB"], markets["EH"], document["fieldOfTomorrow"], document["gamingOptions"]}
	}
	if d := cmp.Diff(unmanaged(before), unmanaged(after)); d != "" {
		t.Errorf("what was not written moved (-before +after):\n%s", d)
	}
}

// TestNumbersOfUnknownMembers: their digits are kept, so nothing differs
// afterwards.
func TestNumbersOfUnknownMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewNotes(t, `"submission": {"share": 1.50, "deep": {"list": [1e2, 100, 1.0, 12345678901234567890]},
			"listings": {"en-us": {"baseListing": {"images": [], "xNumber": 1e2}, "platformOverrides": {"Windows81": {"xNumber": 1.50}}}}}`, "en-us")
		b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 1)})
		b.Write(t, backendtest.NotesManifest("  listings:\n    en-us: {title: Contoso Notes, releaseNotes: More., images: {Screenshot: [1.png]}}\n"))
		before := published(t, b.Emulator)
		b.MustApply(t)
		b.MustBeInSync(t)
		unmoved(t, before, published(t, b.Emulator), map[string]bool{"id": true, "friendlyName": true, "statusDetails": true, "listings": true})
	})
}

// TestWhatIsUnknownGoesWithItsList: unknown members of rows and languages that
// a manifest takes away, or lays others over, are not missed afterwards.
func TestWhatIsUnknownGoesWithItsList(t *testing.T) {
	digest := strings.Repeat("0a", 32) // contents that are not known would not be taken away
	live := `"hasAdvancedListingPermission": true, "submission": {
		"gamingOptions": [{"genres": [], "isLocalMultiplayer": true, "xGame": 1.50}], "xTop": 1e2,
		"trailers": [{"id": "50", "videoFileName": "Trailers/` + digest + `.mp4", "videoFileId": "51", "xTrailer": 1,
			"trailerAssets": {"en-us": {"title": "Notes", "imageList": [{"fileName": "Trailers/en-us/` + digest + `.png", "id": "52", "xThumb": 1}]}}}],
		"listings": {"en-us": {"baseListing": {"images": []}},
			"de-de": {"baseListing": {"images": [], "xBase": 1}, "platformOverrides": {"Windows81": {"description": "Alt."}}}}}`
	const listing = "{title: Contoso Notes, description: Notes., images: {Screenshot: [1.png]}}"
	const german = "    de-de: " + listing + "\n"
	for name, spec := range map[string]string{
		"no gaming options":      "  gamingOptions: []\n  listings:\n" + german,
		"another gaming options": "  gamingOptions: [{isLocalMultiplayer: false}]\n  listings:\n" + german,
		"no trailers":            "  trailers: []\n  listings:\n" + german,
		"no German":              "  removeUnlistedLanguages: true\n  listings:\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewNotes(t, live, "en-us", "de-de")
				b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 1)})
				b.Write(t, backendtest.NotesManifest(spec+"    en-us: "+listing+"\n    fr-fr: "+listing+"\n"))
				b.MustApply(t)
				b.MustBeInSync(t)
			})
		})
	}
}
