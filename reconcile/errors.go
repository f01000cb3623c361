package reconcile

import "errors"

// Class is what a failure means for the exit code and for what comes next.
type Class string

// The classes.
const (
	// ClassError is any failure without a class of its own: exit 1.
	ClassError Class = "error"
	// ClassRefused is a refusal by storesync itself: exit 3.
	ClassRefused Class = "refused"
	// ClassCredentials is a missing, wrong or expired credential, or a missing
	// permission: exit 4.
	ClassCredentials Class = "credentials"
	// ClassPending is blocked by a running submission, or not finished at the
	// time limit: exit 8.
	ClassPending Class = "pending"
	// ClassInterrupted is stopped by a signal: exit 130.
	ClassInterrupted Class = "interrupted"
)

// Failure is an error with a class and advice.
type Failure struct {
	Class Class
	Err   error
	// Next says what the person can do about it, in a sentence or two.
	Next string
}

// Error is the cause followed by the advice on a line of its own.
func (f *Failure) Error() string {
	if f.Next == "" {
		return f.Err.Error()
	}
	return f.Err.Error() + "\n  " + f.Next
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// ErrOutcomeUnknown is wrapped by an Execute error when the request may or may
// not have been carried out and reading could not settle it.
var ErrOutcomeUnknown = errors.New("whether the Store carried this out is not known")

// ClassOf returns the class of an error, ClassError when it has none.
func ClassOf(err error) Class {
	if failure, ok := errors.AsType[*Failure](err); ok {
		return failure.Class
	}
	return ClassError
}
