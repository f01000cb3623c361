package msiexe

import (
	"errors"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/schema"
)

// secrets are the sensitive values of a manifest. The Store repeats in its
// messages what it was sent ("could not download https://…"), so its words are
// gone through before they are shown or written anywhere.
type secrets []string

// shortestSecret keeps a one-letter value from blotting out every text.
const shortestSecret = 3

// secretsOf collects the sensitive values of a manifest. Messages are one line,
// so a value is looked for as one line, too.
func (b *backend) secretsOf(m *schema.Manifest) secrets {
	desired, _ := b.Desire(m, &reconcile.Observed{})
	var found secrets
	for _, value := range desired.Set {
		if !value.Sensitive || value.Unknown {
			continue
		}
		for _, form := range []string{value.Text(), strings.Join(strings.Fields(value.Text()), " ")} {
			if len(form) >= shortestSecret {
				found = append(found, form)
			}
		}
	}
	return found
}

// hide replaces every secret in a text.
func (s secrets) hide(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "(sensitive)")
	}
	return text
}

// hidden is an error without the secrets in its text.
type hidden struct {
	err  error
	text string
}

func (h *hidden) Error() string { return h.text }
func (h *hidden) Unwrap() error { return h.err }

// hideError is the error with every secret in its text replaced. Its class and
// what it wraps stay.
func (s secrets) hideError(err error) error {
	if err == nil || s.hide(err.Error()) == err.Error() {
		return err
	}
	if failure, ok := errors.AsType[*reconcile.Failure](err); ok {
		return &reconcile.Failure{Class: failure.Class, Next: s.hide(failure.Next),
			Err: &hidden{failure.Err, s.hide(failure.Err.Error())}}
	}
	return &hidden{err, s.hide(err.Error())}
}

// hideResult is the result with every secret in its warnings replaced.
func (s secrets) hideResult(result *reconcile.Result) *reconcile.Result {
	if result != nil {
		for i, warning := range result.Warnings {
			result.Warnings[i] = s.hide(warning)
		}
	}
	return result
}
