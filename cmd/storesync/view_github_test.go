package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/schema"
)

func TestGitHubCommand(t *testing.T) {
	at := schema.Position{File: "store/a,b:c%.yaml", Line: 3, Col: 5}
	for _, tt := range []struct {
		reason string
		in     finding
		want   string
	}{
		{"a place, a title and a message of two lines", finding{level: levelError, pos: schema.Position{File: "store/app.yaml", Line: 3, Col: 5}, title: "visibility", message: "one\ntwo"},
			"::error file=store/app.yaml,line=3,col=5,title=visibility::one%0Atwo\n"},
		{"what would end a property or the message", finding{level: levelWarning, pos: at, title: "50%, or: more\n", message: "50%0A, or: more\r\n::error::x"},
			"::warning file=store/a%2Cb%3Ac%25.yaml,line=3,col=5,title=50%25%2C or%3A more\\n::50%250A, or: more\\r%0A\\x3a:error::x\n"},
		{"no file", finding{level: levelNote, message: "to know"}, "::notice::to know\n"},
		{"a file without a line", finding{level: levelNote, pos: schema.Position{File: "a.yaml"}, message: "to know"}, "::notice file=a.yaml::to know\n"},
	} {
		if diff := cmp.Diff(tt.want, githubCommand(tt.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// TestGitHubLimit checks that no more than ten of a kind are written, that each
// kind has its own ten, and that the last one names those that are left.
func TestGitHubLimit(t *testing.T) {
	var findings []finding
	for i := range 200 {
		findings = append(findings, finding{level: levelError, title: fmt.Sprintf("error-%d", i), pos: schema.Position{File: "a.yaml", Line: i + 1, Col: 1}})
	}
	for i := range 10 {
		findings = append(findings, finding{level: levelNote, title: fmt.Sprintf("note-%d", i)})
	}
	got := githubCommands(findings)
	if errors, notices := strings.Count(got, "::error "), strings.Count(got, "::notice "); errors != 10 || notices != 10 {
		t.Errorf("%d errors and %d notices", errors, notices)
	}
	for _, want := range []string{"title=error-8::", "title=191 more errors::", "%0Aerror-9 (a.yaml:10:1)%0A", "%0Aand 141 more\n", "title=note-9::"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

// TestInRepository checks that files are named from the repository's root, as
// annotations need them.
func TestInRepository(t *testing.T) {
	for _, tt := range []struct{ workspace, file, want string }{
		{".", "store/app.yaml", "store/app.yaml"},
		{"", "store/app.yaml", "store/app.yaml"},
		{"apps/reader", "store/app.yaml", "apps/reader/store/app.yaml"},
		{"apps/reader", "../shared/app.yaml", "apps/shared/app.yaml"},
		{"apps", "/srv/app.yaml", "/srv/app.yaml"},
		{".", "-", ""},
	} {
		if diff := cmp.Diff(tt.want, inRepository(tt.workspace, schema.Position{File: tt.file, Line: 1, Col: 1}).File); diff != "" {
			t.Errorf("%q in %q (-want +got):\n%s", tt.file, tt.workspace, diff)
		}
	}
}
