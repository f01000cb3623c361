package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a diagnostic stops the command.
type Severity string

const (
	// SeverityError stops the command with exit code 1 and changes nothing.
	SeverityError Severity = "error"
	// SeverityWarning is shown and does not stop anything.
	SeverityWarning Severity = "warning"
)

// Position is a place in a manifest file; lines and columns count from 1, and
// a zero Line means that only the file is known.
type Position struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
}

// String is file:line:col, as compilers print it.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Diagnostic is one finding about a manifest or a product.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	// Address is the manifest's address, "" when the file could not be read
	// far enough to know it.
	Address string `json:"address,omitempty"`
	// Path is the manifest path below spec, for example
	// listings.de-de.description.
	Path string   `json:"path,omitempty"`
	Pos  Position `json:"pos,omitzero"`
	// Summary says what is wrong in one line; Detail says what to do next.
	Summary string `json:"summary"`
	Detail  string `json:"detail,omitempty"`
}

// String is the diagnostic as one person reads it in a terminal.
func (d Diagnostic) String() string {
	var b strings.Builder
	if s := d.Pos.String(); s != "" {
		b.WriteString(s + ": ")
	} else if d.Address != "" {
		b.WriteString(d.Address + ": ")
	}
	b.WriteString(string(d.Severity) + ": ")
	if d.Path != "" {
		b.WriteString(d.Path + ": ")
	}
	b.WriteString(d.Summary)
	if d.Detail != "" {
		b.WriteString("\n  " + strings.ReplaceAll(d.Detail, "\n", "\n  "))
	}
	return b.String()
}

// Diagnostics is a list of findings. It can travel as an error.
type Diagnostics []Diagnostic

// Error lists every diagnostic, one after the other.
func (d Diagnostics) Error() string {
	lines := make([]string, len(d))
	for i, diagnostic := range d {
		lines[i] = diagnostic.String()
	}
	return strings.Join(lines, "\n")
}

// HasErrors reports whether any diagnostic stops the command.
func (d Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(d, func(x Diagnostic) bool { return x.Severity == SeverityError })
}

// maxShown is how many errors, and how many warnings, of one file are reported: who
// has more has one mistake many times, and no use for megabytes of output.
const maxShown = 100

// capped are the sorted diagnostics without repetitions, of each file and severity
// the first maxShown and one that counts the others.
func (d Diagnostics) capped() Diagnostics {
	type group struct {
		file     string
		severity Severity
	}
	d.Sort()
	// A mistake under "*" is met once for every language.
	d = slices.Compact(d)
	if len(d) <= maxShown {
		return d
	}
	shown, rest := map[group]int{}, map[group]int{}
	kept, first := Diagnostics{}, map[group]int{}
	for _, found := range d {
		g := group{found.Pos.File, found.Severity}
		if shown[g] < maxShown {
			shown[g]++
			kept = append(kept, found)
			continue
		}
		if rest[g]++; rest[g] == 1 {
			// It stands where the first of them is.
			first[g] = len(kept)
			kept = append(kept, Diagnostic{Severity: g.severity, Pos: found.Pos, Detail: "Put right what is shown, and run the command again."})
		}
	}
	for g, n := range rest {
		kept[first[g]].Summary = fmt.Sprintf("%d more %ss of this file are not shown", n, g.severity)
	}
	return kept
}

// Sort orders by file, line, column, address and path, so that output is the
// same on every run.
func (d Diagnostics) Sort() {
	slices.SortStableFunc(d, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(a.Address, b.Address), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Summary, b.Summary))
	})
}
