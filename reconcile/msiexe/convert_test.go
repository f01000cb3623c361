package msiexe

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// shown is a state as plain strings, empty values left out: they count as absent.
func shown(state plan.State) map[string]string {
	values := map[string]string{}
	for path, value := range state {
		if !value.Empty() {
			values[string(path)] = string(value.JSON)
		}
	}
	return values
}

func TestStateOfPaddedAnswers(t *testing.T) {
	m := reader(schema.MsiExeApp{
		Packages: map[string]*schema.Package{"x64": livePackage()},
		Listings: map[string]*schema.Listing{"en-us": {Logos: []schema.Image{}}},
	})
	want := map[string]string{
		"availability.markets":               `["CA","DE","US"]`,
		"availability.discoverability":       `"DISCOVERABLE"`,
		"availability.enableInFutureMarkets": `true`,
		"availability.pricing":               `"FREE"`,
		"availability.freeTrial":             `"NO_FREE_TRIAL"`,

		"properties.isPrivacyPolicyRequired":                            `true`,
		"properties.privacyPolicyUrl":                                   `"https://contoso.example/privacy"`,
		"properties.certificationNotes":                                 `"user: a, password: b"`,
		"properties.category":                                           `"Productivity"`,
		"properties.productDeclarations.dependsOnDriversOrNT":           `false`,
		"properties.productDeclarations.accessibilitySupport":           `false`,
		"properties.productDeclarations.penAndInkSupport":               `false`,
		"properties.isSystemFeatureRequired.Touch.isRequired":           `false`,
		"properties.isSystemFeatureRequired.Touch.isRecommended":        `false`,
		"properties.isSystemFeatureRequired.Mouse.isRequired":           `false`,
		"properties.isSystemFeatureRequired.Mouse.isRecommended":        `false`,
		"properties.systemRequirementDetails.Memory.minimumRequirement": `"2GB"`,
		"listings.de-de.description":                                    `"Liest alles."`,
		"listings.de-de.additionalLicenseTerms":                         `"Lizenz"`,
		"listings.de-de.productFeatures":                                `["Schnell"]`,
		"listings.en-us.description":                                    `"Reads anything.\nFast."`,
		"listings.en-us.whatsNew":                                       `"Fixes."`,
		"listings.en-us.additionalLicenseTerms":                         `"Licence"`,
		"packages.x64.packageUrl":                                       `"https://dl.contoso.example/1.0/reader-x64.exe"`,
		"packages.x64.packageType":                                      `"exe"`,
		"packages.x64.architecture":                                     `"X64"`,
		"packages.x64.languages":                                        `["en"]`,
		"packages.x64.isSilentInstall":                                  `false`,
		"packages.x64.installerParameters":                              `"/quiet"`,
		"packages.x64.errorDetails.miscellaneous":                       `[{"errorValue":"5","errorUrl":"https://contoso.example/5"}]`,
		"listings.en-us.logos":                                          `[{"digest":"sha256:logo-1x1-content","width":1080,"height":1080,"id":"logo-1x1"},{"digest":"sha256:logo-2x3-content","width":720,"height":1080,"id":"logo-2x3"}]`,
		"listings.en-us.screenshots":                                    `[{"digest":"sha256:shot-1-content","width":1366,"height":768,"id":"shot-1"},{"digest":"sha256:shot-2-content","width":1366,"height":768,"id":"shot-2"}]`,
	}
	state := observe(t, m, liveDraft()).State
	if diff := cmp.Diff(want, shown(state)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	for path, value := range state {
		if want := path == "properties.certificationNotes"; value.Sensitive != want {
			t.Errorf("%s: sensitive is %t", path, value.Sensitive)
		}
	}
}

func TestStateOfRefusesUnknownShapes(t *testing.T) {
	for name, c := range map[string]struct{ module, document, want string }{
		"a text that is a number": {rawListings, `[{"language":"en-us","description":7}]`, "read description of the Store's answer"},
		"no language":             {rawListings, `[{"description":"x"}]`, "row 0 has no usable language"},
		"a language with a dot":   {rawListings, `[{"language":"en.us"}]`, "row 0 has no usable language"},
		"a language twice":        {rawListings, `[{"language":"en-us"},{"language":"EN-US"}]`, "language EN-US comes twice"},
		"markets as one string":   {rawAvailability, `{"markets":"US"}`, "read markets of the Store's answer"},
		"not an object":           {rawProperties, `[]`, "read properties of the Store's answer"},
	} {
		t.Run(name, func(t *testing.T) {
			live, err := parseDocuments(map[string]json.RawMessage{c.module: json.RawMessage(c.document)})
			if err == nil {
				_, err = stateOf(live, nil, nil)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
}

// TestSameLiveValuesCompareEqual holds the canonical form of the API: the two
// spellings of each pair mean the same.
func TestSameLiveValuesCompareEqual(t *testing.T) {
	for name, c := range map[string]struct{ module, a, b string }{
		"order of markets":       {rawAvailability, `{"markets":["US","DE"]}`, `{"markets":["DE","US"]}`},
		"order of listings":      {rawListings, `[{"language":"a","description":"1"},{"language":"b","description":"2"}]`, `[{"language":"b","description":"2"},{"language":"a","description":"1"}]`},
		"requirements [{}]":      {rawListings, `[{"language":"a","requirements":[{}]}]`, `[{"language":"a","requirements":[]}]`},
		"null and absent":        {rawListings, `[{"language":"a","whatsNew":null}]`, `[{"language":"a"}]`},
		"duplicate requirements": {rawProperties, `{"systemRequirementDetails":[{"hardwareItemType":"Memory","minimumRequirement":"1GB"},{"hardwareItemType":"Memory","minimumRequirement":""}]}`, `{"systemRequirementDetails":[{"hardwareItemType":"Memory","minimumRequirement":"1GB"}]}`},
		"logo order":             {rawAssets, `[{"language":"a","storeLogos":[{"id":"2","imageSize":{"width":720,"height":1080}},{"id":"1","imageSize":{"width":1080,"height":1080}}]}]`, `[{"language":"a","storeLogos":[{"id":"1","imageSize":{"width":1080,"height":1080}},{"id":"2","imageSize":{"width":720,"height":1080}}]}]`},
	} {
		t.Run(name, func(t *testing.T) {
			states := make([]map[string]string, 2)
			for i, document := range []string{c.a, c.b} {
				live, err := parseDocuments(map[string]json.RawMessage{c.module: json.RawMessage(document)})
				if err != nil {
					t.Fatal(err)
				}
				state, err := stateOf(live, nil, map[string]string{"1": "sha256:1", "2": "sha256:2"})
				if err != nil {
					t.Fatal(err)
				}
				states[i] = shown(state)
			}
			if diff := cmp.Diff(states[0], states[1]); diff != "" {
				t.Errorf("(-a +b):\n%s", diff)
			}
		})
	}
}

func TestMatchPackages(t *testing.T) {
	live := func(specs ...string) []object {
		rows := make([]object, len(specs))
		for i, spec := range specs {
			part := strings.Split(spec, " ")
			rows[i] = object{fieldArchitectures: encode([]string{part[0]}), fieldPackageType: encode(part[1]), fieldLanguages: encode(strings.Split(part[2], ","))}
		}
		return rows
	}
	wanted := func(specs map[string]string) map[string]*schema.Package {
		packages := map[string]*schema.Package{}
		for key, spec := range specs {
			part := strings.Split(spec, " ")
			packages[key] = &schema.Package{Architecture: part[0], PackageType: part[1], Languages: strings.Split(part[2], ",")}
		}
		return packages
	}
	for _, c := range []struct {
		reason    string
		live      []object
		wanted    map[string]*schema.Package
		keys      []string
		ambiguous []string
	}{
		{"languages in any order and case", live("X64 exe en,de"), wanted(map[string]string{"a": "X64 exe DE,en"}), []string{"a"}, nil},
		{"languages changed, only one of its kind", live("X64 exe en", "X86 exe en"), wanted(map[string]string{"a": "X64 exe en,fr", "b": "X86 exe en"}), []string{"a", "b"}, nil},
		{"exact first, then what is left", live("X64 exe en", "X64 exe fr"), wanted(map[string]string{"en": "X64 exe en", "de": "X64 exe de"}), []string{"en", "de"}, nil},
		{"a new one beside", live("X64 exe en"), wanted(map[string]string{"a": "X64 exe en", "b": "X64 exe de"}), []string{"a"}, nil},
		{"two of a kind that could be either", live("X64 exe en"), wanted(map[string]string{"a": "X64 exe de", "b": "X64 exe fr"}), []string{"live-x64-exe-en"}, []string{"a", "b"}},
		{"one that could be either of two", live("X64 exe en", "X64 exe fr"), wanted(map[string]string{"a": "X64 exe de"}), []string{"live-x64-exe-en", "live-x64-exe-fr"}, []string{"a"}},
		{"unlisted ones get keys of their own", live("X86 msi en", "X86 msi en"), wanted(map[string]string{"live-x86-msi-en": "Arm64 msi en"}), []string{"live-x86-msi-en-2", "live-x86-msi-en-3"}, nil},
	} {
		t.Run(c.reason, func(t *testing.T) {
			got := matchPackages(c.live, c.wanted)
			if diff := cmp.Diff(c.keys, got.keys); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.ambiguous, got.ambiguous); diff != "" {
				t.Errorf("ambiguous (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDesire(t *testing.T) {
	yes := true
	for _, c := range []struct {
		reason  string
		spec    schema.MsiExeApp
		want    map[string]string
		remove  []plan.Path
		notices []string
	}{
		{"languages take the live spelling, new ones the API's", listingsOf(map[string]*schema.Listing{
			"DE-DE": {Copyright: text("c")}, "ZH-HANS": {Copyright: text("c")}}),
			map[string]string{"listings.de-de.copyright": `"c"`, "listings.zh-Hans.copyright": `"c"`}, nil, nil},
		{"unlisted languages go when asked for", schema.MsiExeApp{RemoveUnlistedLanguages: true, Listings: map[string]*schema.Listing{"EN-us": {Copyright: text("c")}}},
			map[string]string{"listings.en-us.copyright": `"c"`}, []plan.Path{"listings.de-de"}, nil},
		{"a near twin is pointed out", listingsOf(map[string]*schema.Listing{"en": {Copyright: text("c")}}),
			map[string]string{"listings.en.copyright": `"c"`}, nil,
			[]string{"adds en beside the live en-us: the Store keeps them as two languages; write en-us to change the live one"}},
		{"only what is written", schema.MsiExeApp{Availability: &schema.Availability{EnableInFutureMarkets: &yes}},
			map[string]string{"availability.enableInFutureMarkets": "true"}, nil, nil},
		{"the case of a package's languages means nothing", schema.MsiExeApp{Packages: map[string]*schema.Package{"x64": livePackage()}},
			map[string]string{"packages.x64.packageUrl": `"https://dl.contoso.example/1.0/reader-x64.exe"`, "packages.x64.packageType": `"exe"`,
				"packages.x64.architecture": `"X64"`, "packages.x64.languages": `["en"]`}, nil, nil},
	} {
		t.Run(c.reason, func(t *testing.T) {
			m := reader(c.spec)
			desired, found := (&backend{}).Desire(m, observe(t, m, liveDraft()))
			if len(found) > 0 {
				t.Fatal(found)
			}
			if diff := cmp.Diff(c.want, shown(desired.Set)); diff != "" {
				t.Errorf("set (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.remove, desired.Remove); diff != "" {
				t.Errorf("remove (-want +got):\n%s", diff)
			}
			var notices []string
			for _, notice := range desired.Notices {
				notices = append(notices, notice.Text)
			}
			if diff := cmp.Diff(c.notices, notices); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDesireMarksSecretsAndExactValues(t *testing.T) {
	m := reader(schema.MsiExeApp{
		Availability: &schema.Availability{Pricing: new("FREE")},
		Properties:   &schema.Properties{CertificationNotes: &schema.Text{Env: "STORE_CERT_NOTES", Unset: true}, Website: text("https://contoso.example")},
		Packages:     map[string]*schema.Package{"x64": {Architecture: "X64", PackageType: "exe", InstallerParameters: secret("/key=1")}},
	})
	desired, _ := (&backend{}).Desire(m, observe(t, m, liveDraft()))
	type marks struct{ Sensitive, Unknown, Exact bool }
	got := map[plan.Path]marks{}
	for path, v := range desired.Set {
		got[path] = marks{v.Sensitive, v.Unknown, v.Exact}
	}
	want := map[plan.Path]marks{
		"availability.pricing":             {Exact: true},
		"properties.certificationNotes":    {Sensitive: true, Unknown: true},
		"properties.website":               {},
		"packages.x64.installerParameters": {Sensitive: true, Exact: true},
		"packages.x64.packageType":         {Exact: true},
		"packages.x64.architecture":        {Exact: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWantedMarkets(t *testing.T) {
	all := func(except ...string) *schema.Markets { return &schema.Markets{All: true, Except: except} }
	has := func(markets []string) map[string]bool {
		set := map[string]bool{}
		for _, m := range markets {
			set[m] = true
		}
		return set
	}
	table := has(schema.MarketCodes())
	with := func(add, remove string) map[string]bool {
		set := maps.Clone(table)
		for code := range strings.FieldsSeq(add) {
			set[code] = true
		}
		for code := range strings.FieldsSeq(remove) {
			delete(set, code)
		}
		return set
	}
	for _, c := range []struct {
		reason  string
		markets *schema.Markets
		live    []string
		want    map[string]bool
	}{
		{"a list is itself", &schema.Markets{List: []string{"US"}}, []string{"DE", "XX"}, has([]string{"US"})},
		{"LB is not added", all(), nil, with("", "LB")},
		{"LB is not taken away", all(), []string{"LB"}, table},
		{"LB goes when it is excepted", all("LB"), []string{"LB"}, with("", "LB")},
		{"a live market outside the table stays", all("CN"), []string{"XX"}, with("XX", "LB CN")},
		{"unless it is excepted", all("XX"), []string{"XX"}, with("", "LB")},
	} {
		t.Run(c.reason, func(t *testing.T) {
			if diff := cmp.Diff(c.want, has(wantedMarkets(c.markets, c.live))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if len(table) != 241 {
		t.Errorf("the table has %d markets, want 241", len(table))
	}
}

func TestDesireRefuses(t *testing.T) {
	other := livePackage()
	other.Languages = []string{"fr"}
	first := livePackage()
	first.Languages = []string{"de"}
	for _, c := range []struct {
		reason string
		spec   schema.MsiExeApp
		want   string
	}{
		{"packages that could be either", schema.MsiExeApp{Packages: map[string]*schema.Package{"a": first, "b": other}},
			"reader.yaml: error: packages.a: cannot tell which X64 exe package of the Store this is\n" +
				"  Packages are matched by architecture, packageType and languages. Write the languages of the live package, change one package at a time, or remove the other one in Partner Center."},
		{"one language in two spellings", listingsOf(map[string]*schema.Listing{"EN-us": {}, "en-us": {}}),
			"reader.yaml: error: listings.en-us: is the same language as EN-us\n  Languages match without regard to case: keep one of the two keys."},
	} {
		t.Run(c.reason, func(t *testing.T) {
			m := reader(c.spec)
			_, found := (&backend{}).Desire(m, observe(t, m, liveDraft()))
			if len(found) == 0 {
				t.Fatal("no diagnostic")
			}
			if diff := cmp.Diff(c.want, found[0].String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzStateOf holds that no answer, however strange, panics or makes a path
// that could be taken for another.
func FuzzStateOf(f *testing.F) {
	for name, document := range liveDraft() {
		f.Add(name, document)
	}
	f.Add(rawListings, `[{"language":"en-us","requirements":[{"minimumHardware":7}]}]`)
	f.Add(rawProperties, `{"isSystemFeatureRequired":[{"hardwareItemType":"a.b"},{},{"hardwareItemType":null}]}`)
	f.Fuzz(func(t *testing.T, module, document string) {
		live, err := parseDocuments(map[string]json.RawMessage{module: json.RawMessage(document)})
		if err != nil {
			return
		}
		state, err := stateOf(live, matchPackages(live.packages, nil).keys, nil)
		if err != nil {
			return
		}
		for path, value := range state {
			if strings.Contains(string(path), "..") || strings.ContainsAny(string(path), "${}/") {
				t.Errorf("path %q", path)
			}
			if !json.Valid(value.JSON) {
				t.Errorf("%s: %s is no JSON", path, value.JSON)
			}
		}
	})
}
