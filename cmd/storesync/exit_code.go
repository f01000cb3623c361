package main

import "github.com/storesync/storesync/reconcile/plan"

// exitCode is what the process ends with.
func exitCode(err error) int {
	classes := map[plan.Class]bool{}
	collectClasses(err, classes)
	for _, rule := range exitRules() {
		if classes[rule.class] {
			return rule.code
		}
	}
	return 0
}

// exitRule is one line of the table of exit codes.
type exitRule struct {
	class plan.Class
	code  int
}

// classChanges is the class of "customers do not get what git says", which only
// drift, and plan with --detailed-exitcode, end with.
const classChanges plan.Class = "changes"

// exitRules is the table of exit codes; the first class that occurred decides.
func exitRules() []exitRule {
	return []exitRule{
		{plan.ClassInterrupted, 130},
		{plan.ClassError, 1},
		{plan.ClassCredentials, 4},
		{plan.ClassRefused, 3},
		{plan.ClassPending, 8},
		{classChanges, 2},
	}
}

// collectClasses finds the classes of all errors that were joined.
func collectClasses(err error, classes map[plan.Class]bool) {
	if err == nil {
		return
	}
	switch e := err.(type) { //nolint:errorlint // the tree is walked by hand, every branch of it counts
	case *plan.Failure:
		classes[e.Class] = true
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			collectClasses(inner, classes)
		}
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			collectClasses(inner, classes)
			return
		}
		classes[plan.ClassError] = true
	default:
		classes[plan.ClassError] = true
	}
}
