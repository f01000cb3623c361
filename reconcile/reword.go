package reconcile

import (
	"errors"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// SecretTexts are the texts of all that was observed and is sensitive: by itself,
// or because it stands at a path of which the record knows that. A backend hides
// them in what the Store says, which may repeat what was once sent.
func (o *Observed) SecretTexts(known *record.Record) []string {
	var paths []plan.Path
	if known != nil {
		paths = known.Secrets
	}
	states := []plan.State{o.State}
	if o.Published != nil {
		states = append(states, o.Published.State)
	}
	if o.Pending != nil {
		states = append(states, o.Pending.State)
	}
	var texts []string
	for _, state := range states {
		texts = append(texts, plan.SensitiveTexts(state, paths...)...)
	}
	return texts
}

// Reword changes all that was observed in words.
func (o *Observed) Reword(change func(string) string) {
	for i := range o.Notices {
		o.Notices[i].Text = change(o.Notices[i].Text)
	}
	for i := range o.Status.Messages {
		o.Status.Messages[i] = change(o.Status.Messages[i])
	}
	for _, submission := range []*plan.Submission{o.Running, o.Newest} {
		if submission != nil {
			for i := range submission.Detail {
				submission.Detail[i] = change(submission.Detail[i])
			}
		}
	}
}

// reworded is an error with another text. What it stands for is there for
// errors.Is and errors.As; unwrapping it would show the text.
type reworded struct {
	err  error
	text string
}

func (r *reworded) Error() string { return r.text }

// Is and As look into the error.
func (r *reworded) Is(target error) bool { return errors.Is(r.err, target) }
func (r *reworded) As(target any) bool   { return errors.As(r.err, target) }

// RewordError changes the text of an error, and of the next step that it names.
// Its class and what it wraps stay.
func RewordError(err error, change func(string) string) error {
	if err == nil || change(err.Error()) == err.Error() {
		return err
	}
	if failure, ok := errors.AsType[*plan.Failure](err); ok {
		return &plan.Failure{Class: failure.Class, Next: change(failure.Next), Err: &reworded{failure.Err, change(failure.Err.Error())}}
	}
	return &reworded{err, change(err.Error())}
}
