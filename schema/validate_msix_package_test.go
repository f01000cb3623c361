package schema

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/schema/msixtest"
)

// packageFiles are packages and what is none.
func packageFiles(t *testing.T) map[string]string {
	t.Helper()
	var bundle strings.Builder
	if err := (msixtest.Bundle{Version: "2.0.0.0", Packages: []msixtest.Bundled{
		{Package: msixtest.Package{Architecture: "x86"}}, {Package: msixtest.Package{Architecture: "arm64"}},
	}}).Write(&bundle); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"x64.msix": appPackage(t, msixtest.Package{Version: "1.4.2.0"}), "newer.msix": appPackage(t, msixtest.Package{Version: "1.5.0.0"}),
		"old-windows.msix": appPackage(t, msixtest.Package{Version: "1.3.0.0", Families: []msixtest.Family{{Name: "Windows.Desktop", MinVersion: "10.0.10240.0", MaxVersionTested: "10.0.17763.0"}}}),
		"zero.msix":        appPackage(t, msixtest.Package{Version: "0.4.2.0"}), "fourth.msix": appPackage(t, msixtest.Package{Version: "1.4.2.7", Architecture: "x86"}),
		"foreign.msix":   appPackage(t, msixtest.Package{Identity: "Fabrikam.Notes", Architecture: "x86"}),
		"publisher.msix": appPackage(t, msixtest.Package{Publisher: "CN=Fabrikam", Architecture: "arm64"}),
		"text.msix":      "no ZIP at all", "empty.msix": "", "folder.msix/a": "x", "lfs.msixbundle": "version https://git-lfs.github.com/spec/v1\n",
		"both.msixbundle": bundle.String(),
	}
}

// The whole text of what is said about a package set, apart from the words of
// ReadPackage and ValidateStore.
func TestMsixPackages(t *testing.T) {
	files := packageFiles(t)
	tests := map[string]struct{ spec, want string }{
		"absent": {"  packages: [{file: dist/a.msix}, {file: dist/b.msix, version: 1.0.0.0}, {file: dist/c.msix, architecture: x64}, {file: dist/d.msix, version: 1.0.0.0, architecture: x64}]\n", `app.yaml:6:21: error: packages[0].file: the file "dist/a.msix" does not exist
  Tried dist/a.msix. Its folder does not exist either. Build the package; or, if it is in the Store already, write its version and its architecture beside file, such as {file: …, version: 1.4.2.0, architecture: x64}.
app.yaml:6:42: error: packages[1].file: the file "dist/b.msix" does not exist
  Tried dist/b.msix. Its folder does not exist either. Build the package; or, if it is in the Store already, write its version and its architecture beside file, such as {file: …, version: 1.4.2.0, architecture: x64}.
app.yaml:6:81: error: packages[2].file: the file "dist/c.msix" does not exist
  Tried dist/c.msix. Its folder does not exist either. Build the package; or, if it is in the Store already, write its version and its architecture beside file, such as {file: …, version: 1.4.2.0, architecture: x64}.
`},
		"pins of absent": {"  packages: [{file: a.msix, version: 1.4.2, architecture: X64}, {file: b.msix, version: 0.1.0.0, architecture: arm}, {file: c.msix, version: 1.2.3.4, architecture: x86}, {file: d.msixbundle, version: 1.2.3.0, architecture: x64_amd64}]\n", `app.yaml:6:38: error: packages[0].version: "1.4.2" is not a version: write four numbers joined by dots, such as 1.4.2.0
  It is the version of the package's own manifest.
app.yaml:6:59: error: packages[0].architecture: "X64" is not an architecture
  Allowed: neutral, x86, x64, arm, arm64; those of a bundle joined by _, such as x64_arm64.
app.yaml:6:224: error: packages[3].architecture: "amd64" is not an architecture
  Allowed: neutral, x86, x64, arm, arm64; those of a bundle joined by _, such as x64_arm64.
`},
		"pins alike": {"  packages: [{file: a.msixbundle, version: 1.0.0.0, architecture: x64_arm64}, {file: b.msixbundle, version: 1.0.0.0, architecture: arm64_x64}, {file: a.msixbundle, version: 2.0.0.0, architecture: x64}]\n", `app.yaml:6:79: error: packages[1]: "a.msixbundle" and "b.msixbundle" have one version and one architecture
  That is one package to the Store. Take one out, or correct its pins.
app.yaml:6:144: error: packages[2]: "a.msixbundle" is named twice
  Keep one of the two.
`},
		"pins of files": {"  packages: [{file: x64.msix, version: 1.4.3.0, architecture: arm64}, {file: both.msixbundle, version: 2.0.0.0, architecture: x64_x86}]\n", `app.yaml:6:40: error: packages[0].version: the file "x64.msix" has the version 1.4.2.0, not 1.4.3.0
  A pin equals what is in the file. Correct it, or name the right file.
app.yaml:6:63: error: packages[0].architecture: the file "x64.msix" is for x64, not for "arm64"
  A pin equals what is in the file. Correct it, or name the right file.
app.yaml:6:127: error: packages[1].architecture: the file "both.msixbundle" is for arm64_x86, not for "x64_x86"
  A pin equals what is in the file. Correct it, or name the right file.
`},
		"right pins": {"  packages: [{file: both.msixbundle, version: 2.0.0.0, architecture: x86_arm64}, {file: x64.msix, version: 1.4.2.0, architecture: x64}]\n", ""},
		"one slot": {"  packages: [{file: x64.msix}, {file: newer.msix}, {file: old-windows.msix}, {file: x64.msix}]\n", `app.yaml:6:32: error: packages[1]: "x64.msix" and "newer.msix" are both for x64 Windows.Desktop min version 10.0.17763.0
  Devices get the one with the higher version, so the other reaches nobody. packages is the whole set: keep one package for each architecture, device family and lowest Windows version.
app.yaml:6:78: error: packages[3]: "x64.msix" is named twice
  Keep one of the two.
`},
		"the pinned is there": {"  packages: [{file: x64.msix}, {file: absent.msix, version: 1.4.2.0, architecture: x64}]\n", `app.yaml:6:32: error: packages[1]: "x64.msix" and "absent.msix" have one version and one architecture
  That is one package to the Store. Take one out, or correct its pins.
`},
		"identities": {"  packages: [{file: x64.msix}, {file: foreign.msix}, {file: publisher.msix}]\n", `app.yaml:6:39: error: packages[1].file: "foreign.msix" is of "Fabrikam.Notes", but "x64.msix" is of "Contoso.Notes"
  Packages of one app share identity name and publisher, which Partner Center shows under Product identity. Build it again with the right ones, or name the right file.
app.yaml:6:61: error: packages[2].file: "publisher.msix" has the publisher "CN=Fabrikam", but "x64.msix" has "CN=2C7F1A3E-0000-4000-8000-C0FFEE000001"
  Packages of one app share identity name and publisher, which Partner Center shows under Product identity. Build it again with the right ones, or name the right file.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got := load(t, msixManifest(test.spec), files)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

// What ReadPackage and ValidateStore find is told at the file's place, with the
// reason.
func TestUnusablePackages(t *testing.T) {
	files := packageFiles(t)
	for name, want := range map[string]string{
		"fourth.msix": "version 1.4.2.7 ends in 7", "text.msix": "not a ZIP",
		"empty.msix": "the file is empty", "lfs.msixbundle": "Git LFS pointer", "folder.msix": "is a folder",
	} {
		_, got := load(t, msixManifest("  packages: [{file: "+name+"}]\n"), files)
		if !strings.HasPrefix(got, "app.yaml:6:21: error: packages[0].file: ") || !strings.Contains(got, want) || strings.Count(got, ": error: ") != 1 {
			t.Errorf("%s: got %q, want one error about %q", name, got, want)
		}
	}
}

// A package that is too large is refused before it is read.
func TestPackageOfMoreThanTheStoreTakes(t *testing.T) {
	root := folder(t, map[string]string{"big.msix": "", "app.yaml": msixManifest("  packages: [{file: big.msix}]\n")})
	if err := os.Truncate(filepath.Join(root, "big.msix"), maxPackageBytes+1); err != nil {
		t.Skipf("this file system has no sparse files of 25 GB: %v", err)
	}
	_, got := loadIn(t, root, LoadOptions{})
	want := `app.yaml:6:21: error: packages[0].file: the package "big.msix" has 26843545601 bytes; the Store takes at most 26843545600 (25 GB)
  Take content out of the package, and let the app download it.
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// A link that leads out of the workspace is not followed for a package either.
func TestPackageBehindALink(t *testing.T) {
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret.msix"), "x")
	root := folder(t, map[string]string{"app.yaml": msixManifest("  packages: [{file: a.msix, version: 1.0.0.0, architecture: x64}]\n")})
	if err := os.Symlink(filepath.Join(outside, "secret.msix"), filepath.Join(root, "a.msix")); err != nil {
		t.Skip(err)
	}
	_, got := loadIn(t, root, LoadOptions{})
	if !strings.Contains(got, `"a.msix" lies outside the workspace through a symbolic link`) {
		t.Errorf("got %q", got)
	}
}

// The notice of an interrupted load is the only one: half-read packages say
// nothing about the manifest.
func TestInterruptedLoadOfPackages(t *testing.T) {
	root := folder(t, packageFiles(t))
	write(t, filepath.Join(root, "app.yaml"), msixManifest("  packages: [{file: text.msix}]\n  trailers: [{videoFile: a.mp4}]\n"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, got := Load(ctx, LoadOptions{Paths: []string{filepath.Join(root, "app.yaml")}})
	want := Diagnostics{{Severity: SeverityError, Summary: "loading was interrupted: context canceled", Detail: "Run the command again."}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestPinnedArchitectures(t *testing.T) {
	for written, want := range map[string][]string{"": nil, "x64": {"x64"}, "x64_arm64": {"arm64", "x64"}, "x64_x64": {"x64"}} {
		got, err := MsixPackage{Architecture: written}.PinnedArchitectures()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", written, err, diff)
		}
	}
	for _, written := range []string{"_", "X64", "x64_", "x64,arm64", "amd64"} {
		if got, err := (MsixPackage{Architecture: written}).PinnedArchitectures(); err == nil {
			t.Errorf("%q is %v, want an error", written, got)
		}
	}
}
