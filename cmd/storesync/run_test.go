package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

func TestExitCode(t *testing.T) {
	of := func(c plan.Class) error { return &plan.Failure{Class: c, Err: errors.New("cause")} }
	for _, tt := range []struct {
		reason string
		err    error
		want   int
	}{
		{"no error", nil, 0},
		{"usage", &usageError{"no such flag", ""}, 1},
		{"an error without a class", errors.New("broken"), 1},
		{"diagnostics", schema.Diagnostics{{Severity: schema.SeverityError}}, 1},
		{"refused", of(plan.ClassRefused), 3},
		{"credentials", of(plan.ClassCredentials), 4},
		{"pending", of(plan.ClassPending), 8},
		{"changes", of(classChanges), 2},
		{"interrupted", of(plan.ClassInterrupted), 130},
		{"wrapped", fmt.Errorf("MsiExeApp/a: %w", of(plan.ClassPending)), 8},
		{"shown", alreadyShown(of(plan.ClassRefused)), 3},
		{"a class covers its cause", &plan.Failure{Class: plan.ClassCredentials, Err: errors.New("no token")}, 4},
		{"error goes before credentials", errors.Join(of(plan.ClassCredentials), errors.New("broken")), 1},
		{"credentials before refused", errors.Join(of(plan.ClassRefused), of(plan.ClassCredentials)), 4},
		{"refused before pending", errors.Join(of(plan.ClassPending), of(plan.ClassRefused)), 3},
		{"pending before changes", errors.Join(of(classChanges), of(plan.ClassPending)), 8},
		{"interrupted before all", errors.Join(errors.New("broken"), alreadyShown(errors.Join(of(plan.ClassInterrupted)))), 130},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%s: want %d, got %d", tt.reason, tt.want, got)
		}
	}
}

func TestPrintError(t *testing.T) {
	for _, tt := range []struct {
		reason string
		err    error
		want   string
	}{
		{"advice on its own line", &plan.Failure{Class: plan.ClassRefused, Err: errors.New("refused"), Next: "Look again."}, "error: refused\n  Look again.\n"},
		{"what was shown is not repeated", alreadyShown(errors.New("shown")), ""},
		{"joined errors one by one", errors.Join(errors.New("one"), alreadyShown(errors.New("two")), errors.New("three")), "error: one\nerror: three\n"},
		{"diagnostics as they are", schema.Diagnostics{{Severity: schema.SeverityError, Pos: schema.Position{File: "a.yaml", Line: 3, Col: 5}, Summary: "wrong"}}, "a.yaml:3:5: error: wrong\n"},
		{"nothing reaches the terminal unescaped", errors.New("the Store says \x1b[2J"), "error: the Store says \\x1b[2J\n"},
	} {
		h, out, stderr := testHost()
		printError(h, tt.err)
		if got := stderr.String(); got != tt.want {
			t.Errorf("%s: want %q, got %q", tt.reason, tt.want, got)
		}
		if out.Len() > 0 {
			t.Errorf("%s: standard output has %q", tt.reason, out)
		}
	}
}

func TestColor(t *testing.T) {
	for _, tt := range []struct {
		reason       string
		environ      []string
		tty, noColor bool
		want         bool
	}{
		{"a terminal", nil, true, false, true},
		{"a pipe", nil, false, false, false},
		{"--no-color", nil, true, true, false},
		{"NO_COLOR with any value", []string{"NO_COLOR=no"}, true, false, false},
		{"an empty NO_COLOR does not count", []string{"NO_COLOR="}, true, false, true},
		{"CLICOLOR_FORCE", []string{"CLICOLOR_FORCE=1"}, false, false, true},
		{"CLICOLOR_FORCE=0", []string{"CLICOLOR_FORCE=0"}, false, false, false},
		{"NO_COLOR wins", []string{"CLICOLOR_FORCE=1", "NO_COLOR=1"}, true, false, false},
		{"a dumb terminal", []string{"TERM=dumb"}, true, false, false},
	} {
		h, _, _ := testHost(tt.environ...)
		if got := h.color(tt.tty, tt.noColor); got != tt.want {
			t.Errorf("%s: want %t, got %t", tt.reason, tt.want, got)
		}
	}
}

func TestWidthOfHost(t *testing.T) {
	for _, tt := range []struct {
		environ  []string
		terminal int
		want     int
	}{
		{nil, 0, defaultWidth},
		{nil, 132, 132},
		{[]string{"COLUMNS=40"}, 132, 40},
		{[]string{"COLUMNS=2"}, 132, minWidth},
		{[]string{"COLUMNS=wide"}, 100, 100},
	} {
		h, _, _ := testHost(tt.environ...)
		h.terminalWidth = tt.terminal
		if got := h.width(); got != tt.want {
			t.Errorf("%v, terminal %d: want %d, got %d", tt.environ, tt.terminal, tt.want, got)
		}
	}
}
