package plan

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

// InDoubt marks an error as one whose outcome reading could not settle: it
// wraps ErrOutcomeUnknown beside its cause. The text stays; it says so already.
func InDoubt(err error) error {
	failure, ok := errors.AsType[*Failure](err)
	if !ok {
		return &doubt{err}
	}
	return &Failure{Class: failure.Class, Err: &doubt{failure.Err}, Next: failure.Next}
}

type doubt struct{ err error }

func (d *doubt) Error() string   { return d.err.Error() }
func (d *doubt) Unwrap() []error { return []error{d.err, ErrOutcomeUnknown} }

// IsRefusal reports whether an error is the Store's answer that it did not do
// what was asked. What was not answered, and what a broken service answered, is
// none.
func IsRefusal(err error) bool {
	var answer interface{ Refused() bool }
	return errors.As(err, &answer) && answer.Refused() && !errors.Is(err, ErrOutcomeUnknown)
}

// ClassOf returns the class of an error, ClassError when it has none.
func ClassOf(err error) Class {
	if failure, ok := errors.AsType[*Failure](err); ok {
		return failure.Class
	}
	return ClassError
}
