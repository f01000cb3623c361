package examples_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/storesync/storesync/reconcile/emulator"
)

// block is one fenced block of a page. The words after the opening fence say
// what it is:
//
//	sh [exit=N]   a shell script, run in a copy of the project's examples
//	yaml          a whole manifest, which must be valid
//	yaml spec     fields below the spec of an MsiExeApp, which must be valid
//	yaml msix     fields below the spec of an MsixApp, which must be valid
//	yaml workflow a GitHub workflow: its storesync steps are run
//	yaml seed     an emulator.yaml: the emulator takes it
//	yaml faults   a fault script: the emulator takes it
//	text output   what the sh block before it printed (output=N: the Nth sh block
//	              of the page), words in order; … stands for anything
//	json output   the same for JSON
//	text, json    for reading (json must be JSON)
type block struct {
	language string
	words    []string
	text     string
	line     int
}

func (b block) is(word string) bool { return slices.Contains(b.words, word) }

// number is N of a word like exit=N.
func (b block) number(name string) (int, bool) {
	for _, w := range b.words {
		if value, ok := strings.CutPrefix(w, name+"="); ok {
			n, err := strconv.Atoi(value)
			return n, err == nil
		}
	}
	return 0, false
}

func (b block) isOutput() bool {
	_, numbered := b.number("output")
	return numbered || b.is("output")
}

// pages are the Markdown pages of the project.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 5 {
		t.Fatalf("found only %v below docs/", found)
	}
	return append([]string{filepath.Join("..", "README.md"), filepath.Join("..", "CONTRIBUTING.md")}, found...)
}

// What the pages show works: every command runs, every manifest is valid, and
// the output is what the program prints.
func TestPages(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("the commands of the pages are for a Unix shell, and there is no bash")
	}
	for _, page := range pages(t) {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			blocks, err := readBlocks(page)
			if err != nil {
				t.Fatal(err)
			}
			runPage(t, blocks)
		})
	}
}

// runPage tries the blocks of one page, in order, in one workspace.
func runPage(t *testing.T, blocks []block) {
	t.Helper()
	w := newWorkspace(t)
	w.shadowGo(t)
	e := w.connect(t)
	seedExamples(t, e)
	var results []result
	for _, b := range blocks {
		where := fmt.Sprintf("line %d", b.line)
		switch {
		case b.language == "sh":
			got := w.run(t, "bash", "-eu", "-c", b.text)
			e.Settle()
			if want, _ := b.number("exit"); got.exit != want {
				t.Errorf("%s: exit %d, want %d:\n%s\n%s", where, got.exit, want, b.text, got)
			}
			results = append(results, got)
		case b.isOutput():
			n, ok := b.number("output")
			if !ok {
				n = len(results)
			}
			got := results[n-1]
			if missing := missingText(b.text, got.stdout+got.stderr); missing != "" {
				t.Errorf("%s: the command does not print this here:\n  %s\n%s", where, missing, got)
			}
		case b.language == "yaml" && b.is("workflow"):
			w.workflow(t, b)
		case b.language == "yaml" && b.is("seed"):
			w.seed(t, b)
		case b.language == "yaml" && b.is("faults"):
			setFaults(t, b)
		case b.language == "yaml":
			w.manifest(t, b)
		case b.language == "json":
			if !json.Valid([]byte(b.text)) {
				t.Errorf("%s: not JSON", where)
			}
		case b.language == "text":
		default:
			t.Errorf("%s: nothing checks a block of %q: use one of the words that readme_test.go knows", where, b.language)
		}
	}
}

// shadowGo puts a go command before the real one, so that the commands of a
// fresh clone run the program that is built already, and the tests do not run
// themselves.
func (w *workspace) shadowGo(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	script := fmt.Sprintf(`#!/usr/bin/env bash
case "$*" in
"run ./cmd/storesync "*) shift 2; exec %[1]q "$@" ;;
"build -o storesync ./cmd/storesync") cp %[1]q storesync ;;
"install ./cmd/storesync" | "test ./..." | "test -race ./..." | "generate ./examples/..."*) ;;
"test ./"*" -update") ;;
*) echo "the pages must not tell to run: go $*" >&2; exit 99 ;;
esac
`, program)
	if err := os.WriteFile(filepath.Join(folder, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	w.env["PATH"] = folder + string(os.PathListSeparator) + w.env["PATH"]
}

// manifest validates a manifest beside the files of the example of its kind,
// which it may name.
func (w *workspace) manifest(t *testing.T, b block) {
	t.Helper()
	text := b.text
	switch {
	case b.is("spec"):
		text = "apiVersion: storesync/v1\nkind: MsiExeApp\nmetadata: {name: page}\nspec:\n" +
			"  productId: 00000000-0000-4000-8000-000000000001\n" + indent(text)
	case b.is("msix"):
		text = "apiVersion: storesync/v1\nkind: MsixApp\nmetadata: {name: page}\nspec:\n" +
			"  appId: 9NC0NT0S0N01\n" + indent(text)
	}
	example := "contoso-reader"
	if strings.Contains(text, "kind: MsixApp\n") {
		example = "contoso-notes"
	}
	name := filepath.Join("examples", example, "page.yaml")
	path := filepath.Join(w.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(path)
	if got := w.storesync(t, "validate", "--var", "version=2.4.0", name); got.exit != 0 {
		t.Errorf("line %d: not a valid manifest\n%s\n%s", b.line, text, got)
	}
}

// seed lets an emulator take the document.
func (w *workspace) seed(t *testing.T, b block) {
	t.Helper()
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seedEmulator(t, e, []byte(b.text), os.DirFS(filepath.Join(w.folder, "examples", "contoso-reader")))
}

// setFaults lets an emulator take the fault script.
func setFaults(t *testing.T, b block) {
	t.Helper()
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	script, err := yaml.YAMLToJSON([]byte(b.text))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SetFaults(script); err != nil {
		t.Errorf("line %d: %v", b.line, err)
	}
}

// workflow runs the steps of a GitHub workflow that call storesync.
func (w *workspace) workflow(t *testing.T, b block) {
	t.Helper()
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Uses, Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(b.text), &workflow); err != nil {
		t.Errorf("line %d: not YAML: %v", b.line, err)
		return
	}
	steps := 0
	for _, job := range workflow.Jobs {
		for _, step := range job.Steps {
			if strings.Contains(step.Run, "${{") {
				t.Errorf("line %d: a step puts an expression into its script; pass it by env: %s", b.line, step.Run)
			}
			if strings.Contains(step.Run, "storesync ") {
				steps++
				w.run(t, "bash", "-eu", "-c", step.Run).want(t, 0)
			}
		}
	}
	if steps == 0 {
		t.Errorf("line %d: no step of the workflow runs storesync", b.line)
	}
}

// indent moves text two columns to the right.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}

// missingText is the first wanted piece that the output does not have in its
// place, "" when all are there in order. Pieces end at …; how lines are broken
// and indented does not count.
func missingText(want, got string) string {
	got = strings.Join(strings.Fields(got), " ")
	for piece := range strings.SplitSeq(want, "…") {
		piece = strings.Join(strings.Fields(piece), " ")
		_, after, found := strings.Cut(got, piece)
		if !found {
			return piece
		}
		got = after
	}
	return ""
}

func TestMissingText(t *testing.T) {
	tests := []struct{ want, got, missing string }{
		{"a\n…\nc d\n", "a\nb\nc\n  d\n", ""},
		{"took … s", "  took 12 s", ""},
		{"a … b\n", "b\na\n", "b"},
		{"a\nb\n", "a\nc\nb\n", "a b"},
	}
	for _, test := range tests {
		if missing := missingText(test.want, test.got); missing != test.missing {
			t.Errorf("missingText(%q, %q) = %q, want %q", test.want, test.got, missing, test.missing)
		}
	}
}

var opening = regexp.MustCompile("^(\\s*)```(.*)$")

// readBlocks reads the fenced blocks of a Markdown file.
func readBlocks(name string) ([]block, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var blocks []block
	var current *block
	margin, number := "", 0
	for line := range strings.Lines(string(content)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		match := opening.FindStringSubmatch(line)
		switch {
		case current == nil && match != nil:
			words := strings.Fields(match[2])
			if len(words) == 0 {
				return nil, fmt.Errorf("%s:%d: a block does not say what it is", name, number)
			}
			margin, current = match[1], &block{language: words[0], words: words[1:], line: number}
		case current != nil && match != nil:
			blocks = append(blocks, *current)
			current = nil
		case current != nil:
			current.text += strings.TrimPrefix(line, margin) + "\n"
		}
	}
	if current != nil {
		return nil, fmt.Errorf("%s:%d: the block is not closed", name, current.line)
	}
	return blocks, nil
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

// Links between the pages lead somewhere.
func TestLinks(t *testing.T) {
	for _, page := range pages(t) {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(string(content), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), filepath.FromSlash(match[1]))); err != nil {
				t.Errorf("%s links to %s: %v", page, match[1], err)
			}
		}
	}
}

// The first screen of the README holds the two commands that a person with a
// fresh clone types.
func TestReadmeFirstScreen(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitN(string(content), "\n", 41)
	first := strings.Join(lines[:min(40, len(lines))], "\n")
	for _, command := range []string{
		"go run ./cmd/storesync apply --emulator --auto-approve examples/contoso-reader",
		"go test ./...",
	} {
		if !strings.Contains(first, command) {
			t.Errorf("the first 40 lines of README.md lack %q", command)
		}
	}
}
