package msiexe

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// guarded is the context for requests about a manifest. The Store repeats in
// its messages what it was sent ("could not download https://…"), so none of
// the manifest's sensitive values may be shown of what it says, nor of those that
// were read of the product.
func (b *backend) guarded(ctx context.Context, m *schema.Manifest) context.Context {
	desired, _ := b.Desire(m, &reconcile.Observed{})
	return b.known.Guard(storehttp.WithSecrets(ctx, plan.SensitiveTexts(desired.Set)...), m.MsiExeApp.ProductID)
}

// filledIn are the texts that were filled into a body while applying. They are
// the target's sensitive values, live ones among them that are sent along when
// a module is replaced; of images, whose ids are filled in too, the signatures
// of the addresses.
func filledIn(operation plan.Operation) []string {
	var found []string
	for _, pointer := range operation.Fill {
		var text string
		if json.Unmarshal(valueAt(operation.Body, pointer), &text) != nil {
			continue
		}
		if strings.HasPrefix(operation.ID, "assets.") {
			address, err := url.Parse(text)
			if err != nil {
				continue
			}
			text = address.RawQuery
		}
		found = append(found, text)
	}
	return found
}

// valueAt is what stands in a document at a JSON pointer, nil when nothing does.
func valueAt(document json.RawMessage, pointer string) json.RawMessage {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		var fields object
		var rows []json.RawMessage
		switch {
		case json.Unmarshal(document, &fields) == nil:
			document = fields[token]
		case json.Unmarshal(document, &rows) == nil:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(rows) {
				return nil
			}
			document = rows[i]
		default:
			return nil
		}
	}
	return document
}

// hideError is the error with every secret of the context hidden in its text:
// what the Store said holds none any more, but a value may stand in what was
// read of its documents. The error's class and what it wraps stay.
func hideError(ctx context.Context, err error) error {
	return reconcile.RewordError(err, func(text string) string { return storehttp.Hide(ctx, text) })
}

// hideObserved hides the context's secrets, and those that were read, in what
// is said about an observed product. What was read is remembered: the Store may
// repeat it when the draft is written or submitted, too.
func (b *backend) hideObserved(ctx context.Context, m *schema.Manifest, observed *reconcile.Observed, known *record.Record) {
	b.known.Add(m.MsiExeApp.ProductID, observed.SecretTexts(known)...)
	ctx = b.guarded(ctx, m)
	observed.Reword(func(text string) string { return storehttp.Hide(ctx, text) })
}
