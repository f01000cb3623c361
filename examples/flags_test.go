package examples_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	helpFlag = regexp.MustCompile(`(?m)^  (--[a-z-]+)`)
	pageFlag = regexp.MustCompile("(?:^|[ `(])(--[a-z][a-z-]+)")
	helpName = regexp.MustCompile(`(?m)^  ([a-z]+) `)
)

// The pages know every command and every flag, and none that do not exist.
func TestPagesKnowTheFlags(t *testing.T) {
	w := newWorkspace(t)
	commands, err := os.ReadFile(filepath.Join("..", "docs", "commands.md"))
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]string{"--help": "", "--version": ""}
	for _, match := range helpName.FindAllStringSubmatch(w.storesync(t, "--help").want(t, 0).stdout, -1) {
		command := match[1]
		if !strings.Contains(string(commands), "\n## "+command+"\n") {
			t.Errorf("docs/commands.md has no heading for the command %s", command)
		}
		for _, flag := range helpFlag.FindAllStringSubmatch(w.storesync(t, command, "--help").want(t, 0).stdout, -1) {
			flags[flag[1]] = command
		}
	}
	if len(flags) < 20 {
		t.Fatalf("found only the flags %v", slices.Sorted(maps.Keys(flags)))
	}
	mentioned := map[string]bool{"--help": true, "--version": true}
	for _, page := range pages(t) {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range pageFlag.FindAllStringSubmatch(string(content), -1) {
			mentioned[match[1]] = true
			if _, ok := flags[match[1]]; !ok && match[1] != "--force" { // docs/opinions.md says why there is no --force
				t.Errorf("%s names %s, which no command has", page, match[1])
			}
		}
	}
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		if !mentioned[flag] {
			t.Errorf("no page names %s of %s", flag, flags[flag])
		}
	}
}
