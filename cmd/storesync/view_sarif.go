package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// sarifPlan is what a plan has to say about manifests (mistakes, guards, drift)
// as SARIF 2.1.0, for code scanning
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
func sarifPlan(plan *plan.Plan) ([]byte, error) {
	return sarifDocument(planFindings(plan), !plan.Errored, sarifVerdicts(plan))
}

// sarifDrift is a comparison likewise: every path that differs is a result.
func sarifDrift(plan *plan.Plan) ([]byte, error) {
	return sarifDocument(driftFindings(plan), !plan.Errored, sarifVerdicts(plan))
}

// sarifDiagnostics is the same of manifests that were only read.
func sarifDiagnostics(root string, diagnostics schema.Diagnostics) ([]byte, error) {
	// Mistakes in manifests are what validation is to find: it succeeded.
	return sarifDocument(diagnosticFindings(root, diagnostics), true, nil)
}

// sarifVerdicts say where each product stands, those in sync too, of which there
// is no result; nil when there are none.
func sarifVerdicts(planned *plan.Plan) *sarifProperties {
	verdicts := map[string]plan.Verdict{}
	for _, p := range planned.Products {
		if p.Verdict != "" {
			verdicts[sanitize(p.Address)] = plan.Verdict(sanitize(string(p.Verdict)))
		}
	}
	if len(verdicts) == 0 {
		return nil
	}
	return &sarifProperties{verdicts}
}

// The parts of a SARIF log that storesync writes, named as in the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool               sarifTool            `json:"tool"`
		Invocations        []sarifInvocation    `json:"invocations"`
		OriginalURIBaseIDs map[string]sarifBase `json:"originalUriBaseIds"`
		ColumnKind         string               `json:"columnKind"`
		Results            []sarifResult        `json:"results"`
		Properties         *sarifProperties     `json:"properties,omitempty"`
	}
	// sarifProperties are storesync's own (SARIF 3.8): the verdicts by address.
	sarifProperties struct {
		Verdicts map[string]plan.Verdict `json:"storesync/verdicts"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string             `json:"id"`
		Name                 string             `json:"name"`
		ShortDescription     sarifText          `json:"shortDescription"`
		FullDescription      sarifText          `json:"fullDescription"`
		Help                 sarifText          `json:"help"`
		DefaultConfiguration sarifConfiguration `json:"defaultConfiguration"`
	}
	sarifConfiguration struct {
		Level level `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool `json:"executionSuccessful"`
	}
	sarifBase struct {
		Description sarifText `json:"description"`
	}
	sarifResult struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Level               level             `json:"level"`
		Message             sarifText         `json:"message"`
		Locations           []sarifLocation   `json:"locations,omitempty"`
		PartialFingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical  `json:"physicalLocation"`
		LogicalLocations []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI       string `json:"uri"`
		URIBaseID string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
)

const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
	// sarifRoot stands for the root of the repository, which the one who reads
	// the file knows.
	sarifRoot = "SRCROOT"
	// sarifResults is how many results of a run GitHub takes
	// (https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning);
	// it refuses a file with more than 25,000 and shows the first 5,000.
	sarifResults = 5000
)

// sarifDocument writes findings as a log with one run. complete says whether
// everything that was asked for could be looked at.
func sarifDocument(findings []finding, complete bool, properties *sarifProperties) ([]byte, error) {
	run := sarifRun{
		Tool:               sarifTool{Driver: sarifDriver{Name: "storesync", Version: readVersion().Version, InformationURI: "https://github.com/storesync/storesync", Rules: []sarifRule{}}},
		Invocations:        []sarifInvocation{{ExecutionSuccessful: complete}},
		OriginalURIBaseIDs: map[string]sarifBase{sarifRoot: {Description: sarifText{"The root of the repository."}}},
		ColumnKind:         "unicodeCodePoints",
		Results:            []sarifResult{},
		Properties:         properties,
	}
	slices.SortStableFunc(findings, func(a, b finding) int { return weight(b.level) - weight(a.level) })
	indexes := map[string]int{}
	for _, f := range findings[:min(len(findings), sarifResults)] {
		if _, known := indexes[f.rule]; !known {
			indexes[f.rule] = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(f.rule))
		}
		run.Results = append(run.Results, sarifResultOf(f, indexes[f.rule]))
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}}); err != nil {
		return nil, fmt.Errorf("write SARIF: %w", err)
	}
	return harmlessJSON(b.Bytes()), nil
}

// weight orders findings: what is cut off at the end matters least.
func weight(l level) int { return slices.Index([]level{levelNote, levelWarning, levelError}, l) }

func sarifResultOf(f finding, rule int) sarifResult {
	text := f.message
	if f.title != "" {
		text = f.title + ": " + text
	}
	if columns(text) > githubMessage {
		text = headLines(text, githubMessage) + " …"
	}
	if strings.TrimSpace(text) == "" {
		text = sarifRuleOf(f.rule).ShortDescription.Text // a message must say something
	}
	r := sarifResult{
		RuleID: f.rule, RuleIndex: rule, Level: f.level, Message: sarifText{sarifMessage(text)},
		PartialFingerprints: map[string]string{"storesyncFinding/v1": fingerprint(f)},
	}
	if f.pos.File == "" {
		return r
	}
	location := sarifLocation{PhysicalLocation: sarifPhysical{ArtifactLocation: sarifArtifactOf(f.pos.File)}}
	if f.pos.Line > 0 {
		location.PhysicalLocation.Region = &sarifRegion{StartLine: f.pos.Line, StartColumn: max(f.pos.Col, 0)}
	}
	if name := strings.Trim(f.address+"/"+f.path, "/"); name != "" {
		location.LogicalLocations = []sarifLogical{{sanitize(name)}}
	}
	r.Locations = []sarifLocation{location}
	return r
}

// sarifArtifactOf is a file as a URI reference: relative to the repository, or
// absolute for a manifest outside of it.
func sarifArtifactOf(file string) sarifArtifact {
	uri := (&url.URL{Path: file}).String()
	if strings.HasPrefix(file, "/") {
		return sarifArtifact{URI: "file://" + uri}
	}
	return sarifArtifact{URI: uri, URIBaseID: sarifRoot}
}

// sarifMessage makes text safe for a message, in which "[words](target)" is a
// link (SARIF 3.11.6): the two brackets are kept apart, which reads the same in
// viewers that know escapes and in those that do not.
func sarifMessage(s string) string {
	return strings.ReplaceAll(sanitizeLines(s), "](", "] (")
}

// fingerprint is the same for the same finding in another run, wherever its
// line has moved to.
func fingerprint(f finding) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{f.rule, f.address, f.path, f.title}, "\x00")))
	return hex.EncodeToString(sum[:16])
}
