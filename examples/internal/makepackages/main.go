// Command makepackages makes the app packages of the examples: real MSIX
// packages of an app that does not exist, unsigned, with meaningless code. The
// same bytes come out on every machine.
//
// Usage: makepackages EXAMPLES
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/storesync/storesync/schema/msixtest"
)

//go:generate go run . ../..

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: makepackages EXAMPLES")
		os.Exit(1)
	}
	if err := makeAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "makepackages:", err)
		os.Exit(1)
	}
}

// payload is how many bytes of code a package has: enough to be seen in a plan,
// and little in a repository.
const payload = 6000

// packages are the packages by their slash-separated names below EXAMPLES.
func packages() map[string]msixtest.Package {
	all := map[string]msixtest.Package{}
	for seed, architecture := range []string{"x64", "arm64"} {
		name := fmt.Sprintf("contoso-notes/packages/ContosoNotes_1.4.2.0_%s.msix", architecture)
		all[name] = msixtest.Package{
			Identity: "Contoso.Notes", Version: "1.4.2.0", Architecture: architecture,
			Languages: []string{"en-US", "de-DE", "ja-JP"}, RestrictedCapabilities: []string{"runFullTrust"},
			PayloadBytes: payload, Seed: uint64(seed + 1),
		}
	}
	for seed, version := range []string{"2.1.0.0", "2.2.0.0", "2.3.0.0"} {
		all[fmt.Sprintf("contoso-suite/packages/ContosoSketch_%s_x64.msix", version)] = msixtest.Package{
			Identity: "Contoso.Sketch", Version: version, Architecture: "x64", Languages: []string{"en-US", "de-DE"},
			PayloadBytes: payload, Seed: uint64(seed + 11),
		}
	}
	return all
}

// makeAll writes the packages that are not right already.
func makeAll(examples string) error {
	for name, p := range packages() {
		content, err := p.Bytes()
		if err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
		path := filepath.Join(examples, filepath.FromSlash(name))
		old, err := os.ReadFile(path)
		switch {
		case err == nil && bytes.Equal(old, content):
			continue
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("read old package: %w", err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make folder of package: %w", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("write package: %w", err)
		}
	}
	return nil
}
