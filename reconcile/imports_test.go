package reconcile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/storesync/storesync"

// Third-party packages, by the prefix of their import path.
const (
	azcore     = "github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azidentity = "github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	azblob     = "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	urfaveCLI  = "github.com/urfave/cli/v2"
)

// layer says what a package may know.
type layer struct {
	// imports are the packages beside the standard library that it may import
	// directly: ours by their path below the module, others by a prefix.
	imports []string
	// std are standard packages that it must not import.
	std []string
	// never are packages that must not be reached, directly or through others.
	never []string
}

// layers is the import table. Who is not in it may not exist: a new package
// states here what it may know.
var layers = map[string]layer{
	"schema": {
		imports: []string{"sigs.k8s.io/yaml", "go.yaml.in/yaml/v3", "github.com/maruel/natural", "golang.org/x/text/language", "golang.org/x/text/unicode/norm"},
		std:     []string{"net/http"},
		never:   []string{module + "/reconcile", urfaveCLI, azcore, "net/http"},
	},
	// Makes app packages for tests and examples; it holds no product code.
	"schema/msixtest": {never: []string{module + "/", "github.com/", "net/http"}},
	// The vocabulary: it reads and writes nothing by itself.
	"reconcile/plan": {
		imports: []string{"schema", "github.com/google/go-cmp/cmp", "golang.org/x/text/unicode/norm"},
		std:     []string{"net/http", "os", "path/filepath", "context"},
		never:   []string{module + "/reconcile/", urfaveCLI, azcore, "net/http"},
	},
	"reconcile/internal/atomicfile": {never: []string{module + "/", "github.com/"}},
	// Whose value is this: pure, and without a kind.
	"reconcile/provenance": {
		imports: []string{"reconcile/plan"},
		std:     []string{"net/http", "os", "path/filepath", "context", "io", "time"},
		never:   []string{module + "/reconcile/record", urfaveCLI, azcore, "net/http"},
	},
	"reconcile/record": {
		imports: []string{"reconcile/plan", "reconcile/provenance", "reconcile/internal/atomicfile", "github.com/gofrs/flock"},
		std:     []string{"net/http"},
		never:   []string{urfaveCLI, azcore, "net/http"},
	},
	"reconcile": {
		imports: []string{"schema", "reconcile/plan", "reconcile/provenance", "reconcile/record", "reconcile/internal/atomicfile", "github.com/google/go-cmp/cmp"},
		std:     []string{"net/http"},
		never:   []string{module + "/reconcile/emulator", module + "/reconcile/storehttp", urfaveCLI, azcore, "net/http"},
	},
	"reconcile/storehttp": {
		imports: []string{azcore, azidentity, azblob},
		never:   []string{module + "/schema", urfaveCLI},
	},
	// Starts Azurite for tests; it holds no product code.
	"reconcile/storehttp/azuritetest": {never: []string{module + "/", "github.com/"}},
	"reconcile/record/blobrecords": {
		imports: []string{"reconcile/plan", "reconcile/record", azcore, azblob, "github.com/google/uuid"},
		never:   []string{urfaveCLI},
	},
	"reconcile/msiexe": {
		imports: []string{"schema", "reconcile", "reconcile/plan", "reconcile/provenance", "reconcile/record", "reconcile/storehttp", azcore},
		never:   []string{module + "/reconcile/emulator", urfaveCLI},
	},
	"reconcile/msix": {
		imports: []string{"schema", "reconcile", "reconcile/plan", "reconcile/provenance", "reconcile/record", "reconcile/storehttp", azcore},
		never:   []string{module + "/reconcile/emulator", module + "/reconcile/msiexe", urfaveCLI},
	},
	// The emulator decodes requests with its own types: were it to share code
	// with the client, one misread field would be wrong on both sides alike.
	"reconcile/emulator": {never: []string{module + "/", "github.com/", "sigs.k8s.io/", "go.yaml.in/", "golang.org/"}},
	// Helpers of tests: the emulator behind a backend. It holds no product code.
	"reconcile/backendtest": {
		imports: []string{"schema", "reconcile", "reconcile/plan", "reconcile/record", "reconcile/emulator", "reconcile/msiexe", "reconcile/msix", "schema/msixtest", azcore, "github.com/google/go-cmp/cmp"},
		never:   []string{urfaveCLI},
	},
	"cmd/storesync": {
		imports: []string{
			"schema", "reconcile", "reconcile/plan", "reconcile/record", "reconcile/storehttp", "reconcile/msiexe", "reconcile/msix", "reconcile/emulator", "reconcile/record/blobrecords",
			urfaveCLI, azcore, azidentity, "golang.org/x/term", "github.com/schollz/progressbar/v3",
			"github.com/sergi/go-diff", "github.com/mattn/go-runewidth", "sigs.k8s.io/yaml", "go.yaml.in/yaml/v3",
			"github.com/clipperhouse/uax29/v2", "golang.org/x/image/draw", "golang.org/x/text/unicode/bidi",
		},
	},
	// Tests of the built command from outside; it holds no product code.
	"cmd/storesync/internal/reliability": {never: []string{module + "/", "github.com/"}},
	"examples/internal/drawimages":       {never: []string{module + "/", "github.com/"}},
	"examples/internal/makepackages": {
		imports: []string{"schema/msixtest"},
		never:   []string{module + "/schema", module + "/reconcile", "github.com/Azure/", urfaveCLI},
	},
}

// listed is what `go list -json` says about a package.
type listed struct {
	ImportPath, Dir            string
	GoFiles                    []string
	Imports, Deps, TestImports []string
}

func TestImports(t *testing.T) {
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		if len(p.GoFiles) == 0 {
			continue // tests only
		}
		rule, ok := layers[name]
		if !ok {
			t.Errorf("package %s has no line in the import table: say in reconcile/imports_test.go what it may know", name)
			continue
		}
		if got := violations(name, rule, p); len(got) > 0 {
			t.Errorf("package %s:\n  %s", name, strings.Join(got, "\n  "))
		}
	}
}

// violations lists what a package imports against its rule.
func violations(name string, rule layer, p listed) []string {
	var found []string
	for _, path := range p.Imports {
		switch {
		case standard(path):
			if slices.Contains(rule.std, path) {
				found = append(found, "imports "+path)
			}
		case !slices.ContainsFunc(rule.imports, func(allowed string) bool { return matches(path, allowed) }):
			found = append(found, "imports "+path)
		}
	}
	for _, path := range p.Deps {
		forbidden := slices.ContainsFunc(rule.never, func(never string) bool {
			return path == never || strings.HasPrefix(path, strings.TrimSuffix(never, "/")+"/")
		})
		if forbidden && path != module+"/"+name && !slices.Contains(p.Imports, path) {
			found = append(found, "reaches "+path)
		}
	}
	if slices.Contains(p.Imports, "testing") && name != "reconcile/backendtest" && name != "reconcile/storehttp/azuritetest" {
		found = append(found, "imports testing outside tests")
	}
	// Tests inside a backend see its internals, and so must not see the
	// emulator's; external tests may use both.
	if name == "reconcile/msiexe" && slices.Contains(p.TestImports, module+"/reconcile/emulator") {
		found = append(found, "imports reconcile/emulator in an internal test: use package msiexe_test")
	}
	return found
}

// matches reports whether an import is one of ours by name, or lies at or
// below a third-party path.
func matches(path, allowed string) bool {
	if ours, ok := strings.CutPrefix(path, module+"/"); ok {
		return ours == allowed
	}
	return path == allowed || strings.HasPrefix(path, allowed+"/")
}

// standard reports whether a path belongs to the standard library: the first
// element of every other path has a dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// A rule must be able to fail.
func TestImportRules(t *testing.T) {
	tests := []struct {
		name    string
		imports []string
		deps    []string
		want    []string
	}{
		{name: "reconcile", imports: []string{module + "/schema", "os"}},
		{name: "reconcile", imports: []string{"net/http"}, want: []string{"imports net/http"}},
		{name: "reconcile", imports: []string{module + "/reconcile/msiexe"}, want: []string{"imports " + module + "/reconcile/msiexe"}},
		{name: "reconcile", deps: []string{azcore + "/policy"}, want: []string{"reaches " + azcore + "/policy"}},
		{name: "reconcile/emulator", deps: []string{module + "/schema"}, want: []string{"reaches " + module + "/schema"}},
		{name: "reconcile/storehttp", imports: []string{azcore + "/runtime"}},
		{name: "reconcile/msiexe", imports: []string{azblob}, want: []string{"imports " + azblob}},
		{name: "schema", imports: []string{"testing"}, want: []string{"imports testing outside tests"}},
		{name: "schema", deps: []string{module + "/reconcile"}, want: []string{"reaches " + module + "/reconcile"}},
	}
	for _, test := range tests {
		got := violations(test.name, layers[test.name], listed{Imports: test.imports, Deps: test.deps})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s importing %v %v (-want +got):\n%s", test.name, test.imports, test.deps, diff)
		}
	}
}

// The command line library is kept at the edge, so that changing it stays a
// matter of a day: its context is seen by run.go, flags.go and command_*.go only.
func TestCommandLineLibraryAtTheEdge(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, file := range p.GoFiles {
			edge := p.ImportPath == module+"/cmd/storesync" && (file == "run.go" || file == "flags.go" || strings.HasPrefix(file, "command_"))
			if !edge && usesCLIContext(t, filepath.Join(p.Dir, file)) {
				t.Errorf("%s/%s uses cli.Context: only run.go, flags.go and command_*.go of cmd/storesync may", strings.TrimPrefix(p.ImportPath, module+"/"), file)
			}
		}
	}
}

// usesCLIContext reports whether a file names the Context type of urfave/cli.
func usesCLIContext(t *testing.T, name string) bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	local := ""
	for _, spec := range file.Imports {
		if path, _ := strconv.Unquote(spec.Path.Value); path == urfaveCLI {
			local = "cli"
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok && local != "" {
			if x, ok := selector.X.(*ast.Ident); ok && x.Name == local && selector.Sel.Name == "Context" {
				found = true
			}
		}
		return !found
	})
	return found
}

// listPackages are all packages of the module.
func listPackages(t *testing.T) []listed {
	t.Helper()
	lookAtSources(t)
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports,Deps,TestImports", module+"/...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	packages, err := decodePackages(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

// lookAtSources looks at every source file of the module. Go takes a passed
// test for passed while the files that it looked at stay the same, and does not
// see what go list looked at.
func lookAtSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != ".." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case strings.HasSuffix(name, ".go"):
			_, err = os.Stat(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// decodePackages reads the stream of JSON values that go list prints.
func decodePackages(r io.Reader) ([]listed, error) {
	var packages []listed
	for decoder := json.NewDecoder(r); ; {
		var p listed
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages, nil
		case err != nil:
			return nil, fmt.Errorf("read output of go list: %w", err)
		}
		packages = append(packages, p)
	}
}
