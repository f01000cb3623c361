package msix

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/schema"
)

// entry is a stored package: "file status version architecture minimum".
func entry(s string) storedPackage {
	w := strings.Fields(s)
	e := storedPackage{FileName: w[0], FileStatus: w[1], ID: flexString("id-" + w[0])}
	if len(w) > 2 {
		e.Version, e.Architecture = w[2], strings.Trim(w[3], "-")
		e.Families = []string{"Windows.Desktop min version " + w[4]}
	}
	return e
}

const (
	old  = "10.0.17763.0"
	late = "10.0.19041.0"
)

// pairs says for each wanted package and each entry what became of it.
func pairs(set *packageSet) []string {
	var lines []string
	for _, w := range set.wanted {
		what := "is new"
		switch {
		case w.entry != nil:
			what = "is " + w.entry.FileName
		case len(w.rivals) > 0:
			what = "is one of " + strings.Join(w.rivals, " ")
		case !w.known:
			what = "is missing"
		}
		lines = append(lines, fmt.Sprintf("%s: %s %s", w.key, w.spec.File, what))
	}
	for _, e := range set.entries {
		if !e.same && e.FileStatus != filePendingDelete {
			what := "goes"
			if e.wanted >= 0 {
				what = "is replaced"
			}
			lines = append(lines, fmt.Sprintf("%s: %s %s", e.key, e.FileName, what))
		}
	}
	slices.Sort(lines)
	return lines
}

func TestPairPackages(t *testing.T) {
	waiting := packageName(built("a.msix", "1.1.0.0", "x64").Content) + " PendingUpload"
	cases := []struct {
		name, reason string
		stored       []string
		wanted       []schema.MsixPackage
		contents     map[string]string
		want         []string
	}{
		{name: "same", reason: "version and architecture are the package, however the file is called and spelled",
			stored: []string{"renamed.msix Uploaded 1.1.0.0 X64 " + old}, wanted: []schema.MsixPackage{built("a.msix", "1.1.0.0", "x64")},
			want: []string{"x64-desktop: dist/a.msix is renamed.msix"}},
		{name: "bump", reason: "a new version takes the place of the old one under one key",
			stored: []string{"a.msix Uploaded 1.0.0.0 x64 " + old, "b.msix Uploaded 1.0.0.0 arm64 " + old},
			wanted: []schema.MsixPackage{built("a.msix", "1.1.0.0", "x64"), built("b.msix", "1.0.0.0", "arm64")},
			want:   []string{"arm64-desktop: dist/b.msix is b.msix", "x64-desktop: a.msix is replaced", "x64-desktop: dist/a.msix is new"}},
		{name: "pile", reason: "of several old ones the newest is replaced, the others go under keys of their own",
			stored: []string{"a.msix Uploaded 1.0.0.0 x64 " + old, "b.msix Uploaded 1.0.9.0 x64 " + old, "c.msix Uploaded 1.0.10.0 x64 " + old},
			wanted: []schema.MsixPackage{built("d.msix", "1.1.0.0", "x64")},
			want: []string{"x64-desktop-1-0-0-0: a.msix goes", "x64-desktop-1-0-9-0: b.msix goes", "x64-desktop: c.msix is replaced",
				"x64-desktop: dist/d.msix is new"}},
		{name: "unmanaged", reason: "without packages in the manifest every entry has a key of its own, whatever the order of the answer",
			stored: []string{"a.msix Uploaded 1.0.0.0 x64 " + old, "b.msix Uploaded 1.1.0.0 x64 " + old},
			want:   []string{"x64-desktop-1-0-0-0: a.msix goes", "x64-desktop: b.msix goes"}},
		{name: "two Windows", reason: "two packages of one architecture and family are told by the lowest Windows",
			stored: []string{"a.msix Uploaded 1.0.0.0 x64 " + old, "b.msix Uploaded 2.0.0.0 x64 " + late},
			wanted: []schema.MsixPackage{pinned("a.msix", "1.0.0.0", "x64"), builtFor(late, "b.msix", "2.1.0.0", "x64")},
			want: []string{"x64-desktop-10-0-17763-0: dist/a.msix is a.msix", "x64-desktop-10-0-19041-0: b.msix is replaced",
				"x64-desktop-10-0-19041-0: dist/b.msix is new"}},
		{name: "bundle as neutral", reason: "a bundle may be shown as neutral",
			stored: []string{"a.msixbundle Uploaded 1.1.0.0 neutral " + old}, wanted: []schema.MsixPackage{built("a.msixbundle", "1.1.0.0", "arm64", "x64")},
			want: []string{"neutral-desktop: dist/a.msixbundle is a.msixbundle"}},
		{name: "bundle as one", reason: "or with one of its architectures",
			stored: []string{"a.msixupload Uploaded 1.1.0.0 x64 " + old}, wanted: []schema.MsixPackage{built("a.msixbundle", "1.1.0.0", "arm64", "x64")},
			want: []string{"x64-desktop: dist/a.msixbundle is a.msixupload"}},
		{name: "bundle as a list", reason: "or with all of them",
			stored: []string{"a.msixbundle Uploaded 1.1.0.0 x64,arm64 " + old}, wanted: []schema.MsixPackage{built("a.msixbundle", "1.1.0.0", "arm64", "x64")},
			want: []string{"arm64-x64-desktop: dist/a.msixbundle is a.msixbundle"}},
		{name: "pinned bundle", reason: "a bundle is pinned by its architectures joined by _",
			stored: []string{"a.msixbundle Uploaded 1.1.0.0 x64_arm64 " + old, "b.msix Uploaded 1.1.0.0 x86 " + old}, wanted: []schema.MsixPackage{pinned("c.msixbundle", "1.1.0.0", "x64_arm64")},
			want: []string{"arm64-x64-desktop: dist/c.msixbundle is a.msixbundle", "x86-desktop: b.msix goes"}},
		{name: "bundle and single", reason: "a bundle is not the single package of its version",
			stored: []string{"a.msix Uploaded 1.1.0.0 x64 " + old, "b.msixbundle Uploaded 1.1.0.0 x64 " + old}, wanted: []schema.MsixPackage{built("c.msixbundle", "1.1.0.0", "x64")},
			want: []string{"x64-desktop-1-1-0-0: a.msix goes", "x64-desktop: dist/c.msixbundle is b.msixbundle"}},
		{name: "ambiguous", reason: "two bundles that could be it are nobody's guess",
			stored: []string{"a.msixbundle Uploaded 1.1.0.0 x64 " + old, "b.msixbundle Uploaded 1.1.0.0 arm64 " + old}, wanted: []schema.MsixPackage{built("c.msixbundle", "1.1.0.0", "arm64", "x64")},
			want: []string{"arm64-desktop: b.msixbundle goes", "arm64-x64-desktop: dist/c.msixbundle is one of a.msixbundle b.msixbundle", "x64-desktop: a.msixbundle goes"}},
		{name: "content decides", reason: "where the record knows a content, it settles what could be either",
			stored: []string{"a.msixbundle Uploaded 1.1.0.0 x64 " + old, "b.msixbundle Uploaded 1.1.0.0 arm64 " + old}, wanted: []schema.MsixPackage{built("c.msixbundle", "1.1.0.0", "arm64", "x64")},
			contents: map[string]string{"id-b.msixbundle": hash("c.msixbundle1.1.0.0")},
			want:     []string{"arm64-desktop: dist/c.msixbundle is b.msixbundle", "x64-desktop: a.msixbundle goes"}},
		{name: "pin", reason: "an absent file is found by what it is pinned to; a pin without architecture only where one package has the version",
			stored: []string{"a.msix Uploaded 1.0.0.0 x64 " + old, "b.msix Uploaded 1.1.0.0 arm64 " + old},
			wanted: []schema.MsixPackage{pinned("x.msix", "1.0.0.0", "x64"), pinned("y.msix", "1.1.0.0", ""), pinned("z.msix", "9.0.0.0", "x64")},
			want:   []string{"arm64-desktop: dist/y.msix is b.msix", "file: dist/z.msix is missing", "x64-desktop: dist/x.msix is a.msix"}},
		{name: "pin of several", reason: "a pin that several packages fit is ambiguous",
			stored: []string{"a.msix Uploaded 1.0.0.0 x64 " + old, "b.msix Uploaded 1.0.0.0 arm64 " + old}, wanted: []schema.MsixPackage{pinned("x.msix", "1.0.0.0", "")},
			want: []string{"arm64-desktop: b.msix goes", "file: dist/x.msix is one of a.msix b.msix", "x64-desktop: a.msix goes"}},
		{name: "waiting", reason: "an entry that waits for its upload is the file whose name it has",
			stored: []string{waiting, "old.msix PendingDelete 1.0.0.0 x64 " + old}, wanted: []schema.MsixPackage{built("a.msix", "1.1.0.0", "x64")},
			want: []string{"x64-desktop: dist/a.msix is " + strings.Fields(waiting)[0]}},
		{name: "rebuilt while waiting", reason: "another build of the same file is another file",
			stored: []string{strings.Replace(waiting, "a.", "a.0", 1)}, wanted: []schema.MsixPackage{built("a.msix", "1.1.0.0", "x64")},
			want: []string{"file-" + keyWord(strings.Replace(strings.Fields(waiting)[0], "a.", "a.0", 1)) + ": " + strings.Replace(strings.Fields(waiting)[0], "a.", "a.0", 1) + " goes", "x64-desktop: dist/a.msix is new"}},
		{name: "brought back", reason: "a package marked to go is brought back rather than sent again",
			stored: []string{"a.msix PendingDelete 1.0.0.0 x64 " + old}, wanted: []schema.MsixPackage{pinned("a.msix", "1.0.0.0", "x64")},
			want: []string{"x64-desktop: dist/a.msix is a.msix"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var rows []storedPackage
			for _, s := range c.stored {
				rows = append(rows, entry(s))
			}
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, pairs(pairPackages(rows, c.wanted, c.contents))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
			slices.Reverse(rows)
			again := pairs(pairPackages(rows, c.wanted, c.contents))
			if diff := cmp.Diff(c.want, again); diff != "" {
				t.Errorf("in another order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeviceFamilyCovered(t *testing.T) {
	cases := []struct {
		reason     string
		gone, kept string
		want       bool
	}{
		{"the same", "Windows.Desktop min version 10.0.17763.0", "Windows.Desktop min version 10.0.17763.0", true},
		{"an older Windows is served, too", "Windows.Desktop min version 10.0.19041.0", "Windows.Desktop min version 10.0.17763.0", true},
		{"a newer Windows is asked for", "Windows.Desktop min version 10.0.17763.0", "Windows.Desktop min version 10.0.19041.0", false},
		{"versions are no texts", "Windows.Desktop min version 10.0.9999.0", "Windows.Desktop min version 10.0.10240.0", false},
		{"another family", "Windows.Xbox min version 10.0.17763.0", "Windows.Desktop min version 10.0.17763.0", false},
		{"Universal is every family", "Windows.Xbox min version 10.0.17763.0", "Windows.Universal min version 10.0.17763.0", true},
		{"one family is not Universal", "Windows.Universal min version 10.0.17763.0", "Windows.Desktop min version 10.0.17763.0", false},
		{"no minimum is known", "Windows.Desktop", "Windows.Desktop min version 10.0.17763.0", true},
	}
	for _, c := range cases {
		if got := parseFamily(c.gone).coveredBy(parseFamily(c.kept)); got != c.want {
			t.Errorf("%s: %q by %q = %t", c.reason, c.gone, c.kept, got)
		}
	}
}
