package plan

// ExitCode is what drift, and plan with --detailed-exitcode, end with: 0 when
// customers get what git says or will soon, 2 when they do not, 1 for an error.
func (v Verdict) ExitCode() int {
	switch v {
	case VerdictError:
		return 1
	case VerdictSubmitted, VerdictPendingRelease, VerdictIncomplete, VerdictInSync:
		return 0
	}
	return 2
}
