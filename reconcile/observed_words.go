package reconcile

import (
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
		for path, value := range state {
			if !value.Unknown && (value.Sensitive || plan.MatchesAny(path, paths)) {
				texts = append(append(texts, value.Text()), value.Strings()...)
			}
		}
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
