package msiexe_test

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
	"github.com/storesync/storesync/reconcile/plan"
)

// The property: whatever is live and whatever a manifest wants, after an apply
// a plan is empty, and nothing that the manifest does not write has moved.
func TestApplyThenPlanIsEmpty(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 20
	}
	for seed := range rounds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { applyRandom(t, rand.New(rand.NewPCG(uint64(seed), 1))) })
		})
	}
}

func applyRandom(t *testing.T, r *rand.Rand) {
	g := &generator{r: r}
	live := g.some(allLanguages, 1)
	put := g.chance(25)
	b := backendtest.NewReader(t, `"behavior": `+g.behavior(put), live...)
	if put {
		b.WriteMode = plan.WritePut
	}
	if err := b.Emulator.EditMsiExe(backendtest.ReaderID, g.liveEdit(live), nil); err != nil {
		t.Fatal(err)
	}
	for name, size := range pool {
		b.Write(t, backendtest.Files{name: backendtest.PNG(t, size[0], size[1], 1+slices.Index(poolNames(), name))})
	}
	for range 3 {
		spec := g.manifest(live)
		b.Write(t, backendtest.ReaderManifest(spec.yaml))
		before := rawDraft(t, b.Emulator)
		t.Logf("manifest:\n%s", spec.yaml)
		b.MustApply(t)
		b.MustBeInSync(t)
		unmoved(t, before, rawDraft(t, b.Emulator), spec.written)
		live = spec.live
	}
}

var allLanguages = []string{"en-us", "en", "de-de", "fr-fr", "ja-jp", "zh-Hans", "no"}

// pool are the image files that manifests choose from.
var pool = map[string][2]int{
	"s1.png": {1366, 768}, "s2.png": {1920, 1080}, "s3.png": {768, 1366}, "s4.png": {3840, 2160},
	"square1.png": {1080, 1080}, "square2.png": {2160, 2160}, "poster.png": {720, 1080},
}

func poolNames() []string {
	names := make([]string, 0, len(pool))
	for name := range pool {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

type generator struct{ r *rand.Rand }

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }

func (g *generator) pick(items ...string) string { return items[g.r.IntN(len(items))] }

// some are at least n of the items, in random order.
func (g *generator) some(items []string, n int) []string {
	chosen := slices.Clone(items)
	g.r.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	return chosen[:n+g.r.IntN(len(chosen)-n+1)]
}

// behavior is one variant of the service.
func (g *generator) behavior(refusePatch bool) string {
	switches := []string{"refuseCombined", "draftUnreadableWhileActive", "pollingUrlLeadingSlash", "duplicateRequirements",
		"emptyRequirementsAsObject", "emptyErrorsAsNull", "noContentMD5", "putResetsForeign"}
	var on []string
	for _, name := range switches {
		if g.chance(30) {
			on = append(on, fmt.Sprintf("%q: true", name))
		}
	}
	on = append(on, fmt.Sprintf(`"refusePatch": %t, "putKeepsPackageIds": %t`, refusePatch, g.chance(50)))
	return "{" + strings.Join(on, ", ") + "}"
}

// liveEdit is what somebody did in the portal, fields storesync does not know
// included.
func (g *generator) liveEdit(live []string) []byte {
	listings := make([]map[string]any, len(live))
	for i, language := range live {
		listings[i] = map[string]any{
			"language": language, "description": g.text("live"), "whatsNew": g.text("live"), "productFeatures": []string{g.text("a"), g.text("b")},
			"requirements": []map[string]string{{"minimumHardware": "2 GB RAM"}}, "heroArts": []string{"hero-" + language}, "trailers": []string{"t"},
		}
	}
	edit := map[string]any{
		"availability": map[string]any{"markets": g.some([]string{"US", "CA", "DE", "JP", "FR"}, 1), "pricing": g.pick("FREE", "PAID", "FREEMIUM")},
		"properties": map[string]any{
			"genres": []string{"g"}, "certificationNotes": "live notes", "privacyPolicyUrl": "https://contoso.example/live",
			"productDeclarations":      map[string]any{"usesGenerativeAI": true, "penAndInkSupport": g.chance(50)},
			"systemRequirementDetails": []map[string]string{{"hardwareItemType": "Memory", "minimumRequirement": g.pick("1GB", "2GB"), "recommendedRequirement": ""}},
		},
		"listings": listings,
	}
	if g.chance(50) {
		edit["packages"] = []map[string]any{g.livePackage("X64"), g.livePackage("X86")}
	}
	document, err := json.Marshal(edit)
	if err != nil {
		panic(err)
	}
	return document
}

func (g *generator) livePackage(architecture string) map[string]any {
	return map[string]any{"packageUrl": "https://dl.contoso.example/live/" + architecture + ".exe", "languages": []string{"en"}, "architectures": []string{architecture},
		"isSilentInstall": false, "installerParameters": "/live", "packageType": "exe",
		"errorDetails": []map[string]any{{"errorScenario": "rebootRequired", "errorScenarioDetails": []map[string]string{{"errorValue": "3010", "errorUrl": "https://contoso.example/3010"}}}}}
}

func (g *generator) text(word string) string {
	return word + " " + g.pick("one", "zwei", "trois", "四", "🙂 five", `"six"`, "${seven", "<b>eight</b>")
}

// generated is a manifest and what it writes.
type generated struct {
	yaml string
	// written are the top members written, as "availability.markets" or
	// "listings.de-de.description"; nested objects count as one.
	written map[string]bool
	live    []string
}

func (g *generator) manifest(live []string) generated {
	out := generated{written: map[string]bool{}, live: live}
	var y strings.Builder
	member := func(indent int, path, text string) {
		fmt.Fprintf(&y, "%s%s\n", strings.Repeat("  ", indent), text)
		out.written[path] = true
	}
	if g.chance(60) {
		fmt.Fprintf(&y, "  availability:\n")
		markets := "[" + strings.Join(g.some([]string{"US", "GB", "CH", "JP", "NO"}, 1), ", ") + "]"
		if g.chance(30) {
			markets = "{all: true, except: [CN]}"
		}
		member(2, "availability.markets", "markets: "+markets)
		if g.chance(40) {
			member(2, "availability.pricing", "pricing: "+g.pick("FREE", "FREEMIUM"))
		}
	}
	if g.chance(60) {
		fmt.Fprintf(&y, "  properties:\n")
		member(2, "properties.website", "website: https://contoso.example/"+g.pick("a", "b"))
		if g.chance(50) {
			member(2, "properties.productDeclarations", fmt.Sprintf("productDeclarations: {accessibilitySupport: %t}", g.chance(50)))
		}
		if g.chance(50) {
			member(2, "properties.systemRequirementDetails", "systemRequirementDetails: {Memory: {recommendedRequirement: "+g.pick(`""`, "4GB", "8GB")+"}}")
			member(2, "properties.isSystemFeatureRequired", fmt.Sprintf("isSystemFeatureRequired: {Touch: {isRecommended: %t}}", g.chance(50)))
		}
	}
	g.listings(&y, &out, member)
	if g.chance(50) {
		fmt.Fprintf(&y, "  packages:\n")
		out.written["packages"] = true
		for _, architecture := range g.some([]string{"X64", "X86", "Arm64"}, 1) {
			fmt.Fprintf(&y, "    %s: {packageUrl: \"https://dl.contoso.example/%s/%s.exe\", packageType: exe, architecture: %s, languages: [en], isSilentInstall: false, installerParameters: /quiet}\n",
				strings.ToLower(architecture), g.pick("1.0", "2.0"), architecture, architecture)
		}
	}
	out.yaml = y.String()
	return out
}

func (g *generator) listings(y *strings.Builder, out *generated, member func(int, string, string)) {
	languages := g.some(allLanguages, 1)
	if g.chance(30) {
		fmt.Fprintf(y, "  removeUnlistedLanguages: true\n")
		out.live = nil
	}
	fmt.Fprintf(y, "  listings:\n")
	for _, language := range languages {
		fmt.Fprintf(y, "    %s:\n", language)
		prefix := "listings." + language + "."
		// A new language needs all that the Store requires, so all of it is
		// always written.
		member(3, prefix+"description", fmt.Sprintf("description: %q", strings.ReplaceAll(g.text("text"), "${", "$${")))
		member(3, prefix+"additionalLicenseTerms", "additionalLicenseTerms: Terms.")
		if g.chance(50) {
			member(3, prefix+"productFeatures", "productFeatures: "+g.pick("[]", "[Fast]", "[Fast, Offline]"))
		}
		if g.chance(40) {
			member(3, prefix+"whatsNew", "whatsNew: "+g.pick(`""`, "Fixes.", "More fixes."))
		}
		if g.chance(30) {
			member(3, prefix+"requirements", "requirements: "+g.pick("[]", "[{minimumHardware: 2 GB RAM, recommendedHardware: 4 GB RAM}]"))
		}
		if !slices.Contains(out.live, language) || g.chance(50) {
			member(3, prefix+"screenshots", "screenshots: ["+strings.Join(g.some([]string{"s1.png", "s2.png", "s3.png", "s4.png"}, 1), ", ")+"]")
			member(3, prefix+"logos", "logos: ["+g.pick("square1.png", "square2.png", "square1.png, poster.png")+"]")
		}
	}
	for _, language := range languages {
		if !slices.Contains(out.live, language) {
			out.live = append(out.live, language)
		}
	}
}

// rawDraft is the draft as the service answers it, by module and language.
func rawDraft(t *testing.T, store *emulator.Emulator) map[string]map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://store.contoso.example/submission/v1/product/"+backendtest.ReaderID+"/metadata", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+store.Token())
	request.Header.Set("X-Seller-Account-Id", "12345")
	response, err := store.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		ResponseData struct {
			Availability, Properties map[string]any
			Listings                 []map[string]any
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	draft := map[string]map[string]any{"availability": answer.ResponseData.Availability, "properties": answer.ResponseData.Properties}
	for _, listing := range answer.ResponseData.Listings {
		draft["listings."+listing["language"].(string)] = listing
	}
	return draft
}

// unmoved checks that what was not written is as it was, for what is there
// before and after.
func unmoved(t *testing.T, before, after map[string]map[string]any, written map[string]bool) {
	t.Helper()
	for module, members := range before {
		if after[module] == nil {
			continue
		}
		for name, value := range members {
			if written[module+"."+name] || module+"."+name == "availability.freeTrial" {
				continue
			}
			if d := cmp.Diff(value, after[module][name]); d != "" {
				t.Errorf("%s.%s was not written and moved (-before +after):\n%s", module, name, d)
			}
		}
	}
	declared := func(draft map[string]map[string]any) any {
		declarations, _ := draft["properties"]["productDeclarations"].(map[string]any)
		return declarations["usesGenerativeAI"]
	}
	if d := cmp.Diff(declared(before), declared(after)); d != "" {
		t.Errorf("an unknown declaration was lost (-before +after):\n%s", d)
	}
}
