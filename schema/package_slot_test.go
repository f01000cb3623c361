package schema

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/schema/msixtest"
)

func TestVersion(t *testing.T) {
	for _, text := range []string{"0.0.0.0", "1.4.2.0", "65535.65535.65535.65535", "10.0.17763.0"} {
		v, err := ParseVersion(text)
		if err != nil || v.String() != text {
			t.Errorf("%s: %s, %v", text, v, err)
		}
	}
	tests := []struct{ text, want string }{
		{"", `"" is not a version: write four numbers joined by dots, such as 1.4.2.0`},
		{"1.2.3", `"1.2.3" is not a version: write four numbers joined by dots, such as 1.4.2.0`},
		{"1.2.3.4.5", `"1.2.3.4.5" is not a version: write four numbers joined by dots, such as 1.4.2.0`},
		{"1.2.3.65536", `"1.2.3.65536" is not a version: part 4, "65536", is not a number from 0 to 65535 without leading zeros`},
		{"1.02.3.4", `"1.02.3.4" is not a version: part 2, "02", is not a number from 0 to 65535 without leading zeros`},
		{"1.+2.3.4", `"1.+2.3.4" is not a version: part 2, "+2", is not a number from 0 to 65535 without leading zeros`},
		{" 1.2.3.4", `" 1.2.3.4" is not a version: part 1, " 1", is not a number from 0 to 65535 without leading zeros`},
		{"1..3.4", `"1..3.4" is not a version: part 2, "", is not a number from 0 to 65535 without leading zeros`},
		{"v1.2.3.4", `"v1.2.3.4" is not a version: part 1, "v1", is not a number from 0 to 65535 without leading zeros`},
	}
	for _, test := range tests {
		if _, err := ParseVersion(test.text); err == nil || err.Error() != test.want {
			t.Errorf("%q: got  %v\nwant %s", test.text, err, test.want)
		}
	}
}

func TestVersionsCompareAsNumbers(t *testing.T) {
	ascending := []Version{{0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}, {0, 2, 0, 0}, {0, 10, 0, 0}, {1, 0, 0, 0}, {9, 65535, 65535, 65535}, {10, 0, 0, 0}}
	for i, v := range ascending {
		for j, w := range ascending {
			if got, want := v.Compare(w), max(-1, min(1, i-j)); got != want {
				t.Errorf("%s and %s: %d, want %d", v, w, got, want)
			}
		}
	}
}

func TestVersionIsText(t *testing.T) {
	var got struct{ V Version }
	if err := json.Unmarshal([]byte(`{"V":"1.4.2.0"}`), &got); err != nil || got.V != (Version{1, 4, 2, 0}) {
		t.Errorf("got %v, %v", got, err)
	}
	if text, err := json.Marshal(got); err != nil || string(text) != `{"V":"1.4.2.0"}` {
		t.Errorf("got %s, %v", text, err)
	}
	if err := json.Unmarshal([]byte(`{"V":"1.4.2"}`), &got); err == nil {
		t.Error("1.4.2 is read")
	}
}

// single is a package for these architectures and the desktop from these
// builds of Windows 10.
func single(architecture string, builds ...uint16) *PackageFile {
	p := &PackageFile{Architectures: []string{architecture}, Version: Version{1, 0, 0, 0}}
	for _, build := range builds {
		p.DeviceFamilies = append(p.DeviceFamilies, desktop(build)...)
	}
	return p
}

func slotTexts(slots []Slot) []string {
	var texts []string
	for _, slot := range slots {
		texts = append(texts, slot.String())
	}
	return texts
}

func TestSlots(t *testing.T) {
	universal := single("x64", 17763)
	universal.DeviceFamilies = append(universal.DeviceFamilies, DeviceFamily{Name: "Windows.Universal", MinVersion: Version{10, 0, 17763, 0}})
	tests := []struct {
		name string
		p    *PackageFile
		want []string
	}{
		{"one", single("x64", 17763), []string{"x64 Windows.Desktop min version 10.0.17763.0"}},
		{"two families", universal, []string{"x64 Windows.Desktop min version 10.0.17763.0", "x64 Windows.Universal min version 10.0.17763.0"}},
		{"bundle: application packages only, each with its own versions", contosoBundleFile(), []string{"arm64 Windows.Desktop min version 10.0.22000.0", "x64 Windows.Desktop min version 10.0.17763.0"}},
		{"none", &PackageFile{}, nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, slotTexts(test.p.Slots())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestSharedSlots(t *testing.T) {
	mobile := single("x64", 17763)
	mobile.DeviceFamilies[0].Name = "Windows.Mobile"
	other := single("x64", 17763)
	other.Version, other.Languages, other.Capabilities, other.Format = Version{2, 0, 0, 0}, []string{"de"}, []string{"runFullTrust"}, FormatAppx
	other.DeviceFamilies[0].MaxVersionTested = Version{11, 0, 0, 0}
	desktopX64 := []string{"x64 Windows.Desktop min version 10.0.17763.0"}
	tests := []struct {
		name string
		p, q *PackageFile
		want []string
	}{
		{"version, languages, capabilities, format and tested version do not matter", single("x64", 17763), other, desktopX64},
		{"architecture", single("x64", 17763), single("arm64", 17763), nil},
		{"neutral is an architecture of its own", single("x64", 17763), single("neutral", 17763), nil},
		{"lowest version", single("x64", 17763), single("x64", 19041), nil},
		{"family", single("x64", 17763), mobile, nil},
		{"a bundle competes for the architectures it has", single("x64", 17763), contosoBundleFile(), desktopX64},
		{"and not for another lowest version", single("arm64", 17763), contosoBundleFile(), nil},
		{"nor for that of a stub", single("x86", 17763), contosoBundleFile(), nil},
	}
	for _, test := range tests {
		for _, got := range [][]Slot{SharedSlots(test.p, test.q), SharedSlots(test.q, test.p)} {
			if diff := cmp.Diff(test.want, slotTexts(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	}
}

// What the Store says of a package gives the slots that its file has.
func TestStoreSlotsAreThoseOfTheFile(t *testing.T) {
	content := made(msixtest.Package{Architecture: "arm64", Families: []msixtest.Family{
		{Name: "Windows.Universal", MinVersion: "10.0.17763.0", MaxVersionTested: "10.0.22621.0"},
		{Name: "Windows.Desktop", MinVersion: "10.0.19041.0", MaxVersionTested: "10.0.22621.0"},
	}}.Bytes())(t)
	p, err := readBytes(t, "a.msix", content)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Windows.Universal min version 10.0.17763.0", "Windows.Desktop min version 10.0.19041.0"}
	if diff := cmp.Diff(want, p.MatchStoreFamilies()); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
	for _, architecture := range []string{"arm64", "ARM64", "Arm64"} {
		slots, err := StoreSlots(architecture, p.MatchStoreFamilies())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p.Slots(), slots); diff != "" {
			t.Errorf("%s (-want +got):\n%s", architecture, diff)
		}
	}
}

func TestStoreFamiliesOfABundleAreThereOnce(t *testing.T) {
	p := contosoBundleFile()
	p.DeviceFamilies = append(p.DeviceFamilies, DeviceFamily{"Windows.Desktop", Version{10, 0, 17763, 0}, Version{10, 0, 26100, 0}})
	want := []string{"Windows.Desktop min version 10.0.17763.0", "Windows.Desktop min version 10.0.22000.0"}
	if diff := cmp.Diff(want, p.MatchStoreFamilies()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseStoreFamilyRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                               `the Store's device family "" does not read like "Windows.Desktop min version 10.0.17763.0"`,
		"Windows.Desktop":                `the Store's device family "Windows.Desktop" does not read like "Windows.Desktop min version 10.0.17763.0"`,
		" min version 10.0.17763.0":      `the Store's device family " min version 10.0.17763.0" does not read like "Windows.Desktop min version 10.0.17763.0"`,
		"Windows.Desktop min version 10": `the Store's device family "Windows.Desktop min version 10": "10" is not a version: write four numbers joined by dots, such as 1.4.2.0`,
	} {
		if _, err := StoreSlots("x64", []string{text}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestValidateStore(t *testing.T) {
	with := func(change func(*PackageFile)) *PackageFile {
		p := contosoBundleFile()
		p.Name = "a.msixbundle"
		change(p)
		return p
	}
	tests := []struct {
		name string
		p    *PackageFile
		want []string
	}{
		{"nothing", with(func(*PackageFile) {}), nil},
		{"size", with(func(p *PackageFile) { p.Bytes = 25<<30 + 1 }), []string{`package "a.msixbundle": it has 26843545601 bytes; the Store takes at most 26843545600 (25 GB). Take content out of the package, and let the app download it.`}},
		{"fourth part", with(func(p *PackageFile) { p.Version = Version{1, 4, 2, 7} }), []string{`package "a.msixbundle": its version is refused: version 1.4.2.7 ends in 7: the Store keeps the fourth part for its own use and takes packages that leave it 0; count up another part instead. Build it again with such a version.`}},
		{"first part", with(func(p *PackageFile) { p.Version = Version{0, 4, 2, 0} }), nil},
		{"nested, once for packages of one version", with(func(p *PackageFile) { p.Packages[1].Version.Revision, p.Packages[2].Version.Revision = 9, 9 }), []string{`package "a.msixbundle": entry "Contoso Notes arm64.msix": its version is refused: version 1.4.2.9 ends in 9: the Store keeps the fourth part for its own use and takes packages that leave it 0; count up another part instead. Build it again with such a version.`}},
	}
	for _, test := range tests {
		var got []string
		for _, err := range test.p.ValidateStore() {
			got = append(got, err.Error())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// What the Store does not take is read all the same: show and compare need it.
func TestReadingDoesNotJudgeVersions(t *testing.T) {
	p, err := readBytes(t, "a.msix", made(msixtest.Package{Version: "0.1.0.7"}.Bytes())(t))
	if err != nil || p.Version != (Version{0, 1, 0, 7}) || len(p.ValidateStore()) != 1 {
		t.Errorf("got %+v, %v", p, err)
	}
}
