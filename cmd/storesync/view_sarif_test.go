package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/schema"
)

// TestSARIFGolden checks every golden plan against what the standard and GitHub
// ask of a log.
func TestSARIFGolden(t *testing.T) {
	for _, folder := range goldenFolders(t) {
		for _, document := range [][]byte{must(t)(sarifPlan(goldenPlan(t, folder))), must(t)(sarifDrift(goldenPlan(t, folder)))} {
			for _, problem := range sarifProblems(document) {
				t.Errorf("%s: %s", folder, problem)
			}
		}
	}
}

// TestHostileSARIF checks the same with any text, and that no text is a link.
func TestHostileSARIF(t *testing.T) {
	for _, hostile := range hostileTexts(t) {
		t.Run(hostile.Name, func(t *testing.T) {
			documents := map[string][]byte{"validation": must(t)(sarifDiagnostics("", hostileDiagnostics(hostile.Text)))}
			for name, plan := range hostilePlans(t, hostile.Text) {
				documents[name], documents["drift of "+name] = must(t)(sarifPlan(plan)), must(t)(sarifDrift(plan))
			}
			for name, document := range documents {
				for _, problem := range sarifProblems(document) {
					t.Errorf("%s: %s\nreason: %s", name, problem, hostile.Reason)
				}
			}
		})
	}
}

var embeddedLink = regexp.MustCompile(`\]\(`)

// sarifProblems checks a log against the constraints of SARIF 2.1.0 (the parts
// of its schema that storesync uses, and rules that the schema cannot say) and
// of GitHub code scanning. Members that are not known here are problems, too.
func sarifProblems(document []byte) []string {
	var problems []string
	fail := func(format string, arguments ...any) { problems = append(problems, fmt.Sprintf(format, arguments...)) }
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	var log sarifLog
	if err := decoder.Decode(&log); err != nil {
		return []string{err.Error()}
	}
	if log.Version != "2.1.0" || log.Schema == "" || len(log.Runs) != 1 {
		return []string{"not one run of version 2.1.0"}
	}
	run := log.Runs[0]
	driver := run.Tool.Driver
	if driver.Name != "storesync" || driver.Version == "" || len(run.Invocations) != 1 || run.Results == nil || driver.Rules == nil {
		fail("tool, invocation or results are missing")
	}
	if run.ColumnKind != "unicodeCodePoints" && run.ColumnKind != "utf16CodeUnits" {
		fail("columnKind %q", run.ColumnKind)
	}
	var ids []string
	for _, rule := range driver.Rules {
		ids = append(ids, rule.ID)
		for what, text := range map[string]string{"id": rule.ID, "shortDescription": rule.ShortDescription.Text, "fullDescription": rule.FullDescription.Text, "help": rule.Help.Text} {
			if text == "" || len(text) > 1024 && what != "id" {
				fail("rule %.40q: %s of %d bytes", rule.ID, what, len(text))
			}
		}
		if !slices.Contains([]level{levelError, levelWarning, levelNote}, rule.DefaultConfiguration.Level) {
			fail("rule %s: level %q", rule.ID, rule.DefaultConfiguration.Level)
		}
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(ids))); len(unique) != len(ids) {
		fail("rules are there twice: %v", ids)
	}
	for i, r := range run.Results {
		if r.RuleIndex < 0 || r.RuleIndex >= len(ids) || ids[r.RuleIndex] != r.RuleID {
			fail("result %d: rule %q is not number %d", i, r.RuleID, r.RuleIndex)
		}
		if !slices.Contains([]level{levelError, levelWarning, levelNote}, r.Level) || r.Message.Text == "" {
			fail("result %d: level %q, message %q", i, r.Level, r.Message.Text)
		}
		if embeddedLink.MatchString(r.Message.Text) || strings.ContainsFunc(r.Message.Text, func(c rune) bool { return c != '\n' && needsEscape(c) }) {
			fail("result %d: a link or a control character in %q", i, r.Message.Text)
		}
		for _, location := range r.Locations {
			problems = append(problems, locationProblems(run, location)...)
		}
	}
	return problems
}

func locationProblems(run sarifRun, location sarifLocation) []string {
	var problems []string
	artifact := location.PhysicalLocation.ArtifactLocation
	uri, err := url.Parse(artifact.URI)
	if err != nil || artifact.URI == "" {
		return []string{fmt.Sprintf("uri %q: %v", artifact.URI, err)}
	}
	if strings.ContainsAny(artifact.URI, " \\\n\"<>^`{|}") {
		problems = append(problems, fmt.Sprintf("uri %q is not escaped", artifact.URI))
	}
	if _, known := run.OriginalURIBaseIDs[artifact.URIBaseID]; uri.IsAbs() == known || !uri.IsAbs() && strings.HasPrefix(uri.Path, "/") {
		problems = append(problems, fmt.Sprintf("uri %q below %q", artifact.URI, artifact.URIBaseID))
	}
	if region := location.PhysicalLocation.Region; region != nil && (region.StartLine < 1 || region.StartColumn < 0) {
		problems = append(problems, fmt.Sprintf("region %+v", *region))
	}
	return problems
}

func TestSARIFArtifact(t *testing.T) {
	for _, tt := range []struct {
		reason, file string
		want         sarifArtifact
	}{
		{"below the root", "store/app.yaml", sarifArtifact{"store/app.yaml", sarifRoot}},
		{"blanks and other letters", "store/Über uns.yaml", sarifArtifact{"store/%C3%9Cber%20uns.yaml", sarifRoot}},
		{"a colon in the first segment is no scheme", "a:b.yaml", sarifArtifact{"./a:b.yaml", sarifRoot}},
		{"outside of the repository", "/srv/app.yaml", sarifArtifact{"file:///srv/app.yaml", ""}},
	} {
		if diff := cmp.Diff(tt.want, sarifArtifactOf(tt.file)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// TestFingerprint checks that a finding is known again when its line has moved,
// and that others are not taken for it.
func TestFingerprint(t *testing.T) {
	a := finding{rule: "drift/store", address: "MsixApp/a", path: "visibility", title: "t", pos: schema.Position{File: "a.yaml", Line: 3}}
	moved, other := a, a
	moved.pos.Line = 9
	other.path = "pricing.priceId"
	if fingerprint(a) != fingerprint(moved) || fingerprint(a) == fingerprint(other) {
		t.Errorf("fingerprints: %s, moved %s, other %s", fingerprint(a), fingerprint(moved), fingerprint(other))
	}
}
