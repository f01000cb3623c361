package msix

import (
	"context"
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// maxMoved bounds how many places one error names.
const maxMoved = 10

// movedSince refuses a draft that is not what was planned against, and names
// where it differs. Values are not shown: some are secret, and the names say
// where to look.
func (b *backend) movedSince(ctx context.Context, p product, draft *document, base string) error {
	where := ""
	switch planned, err := b.plannedAgainst(ctx, p, base); {
	case err != nil: // What it was cannot be read; that it is another is known.
	case planned == nil:
		where = ", and neither is what is published now"
	default:
		where = ": it differs at " + differences(ctx, planned, draft)
	}
	return &plan.Failure{Class: plan.ClassRefused,
		Err:  fmt.Errorf("draft %s is not what was planned against%s", draft.id(), where),
		Next: "Nothing was sent. Plan again and look at what is different."}
}

// plannedAgainst is the submission of a digest, nil where there is none any more.
// It was read by this process, unless many others were since; then it is what is
// published, of which a draft is a copy.
func (b *backend) plannedAgainst(ctx context.Context, p product, base string) (*document, error) {
	if planned := b.client.seen.find(base); planned != nil {
		return planned, nil
	}
	found, err := b.client.resource(ctx, p)
	if err != nil || found.Published == nil {
		return nil, err
	}
	published, err := b.client.submission(ctx, p, string(found.Published.ID))
	if err != nil || published.digest() != base {
		return nil, err
	}
	return published, nil
}

// differences are the places where two submissions differ, by JSON pointer.
func differences(ctx context.Context, planned, draft *document) string {
	var places []string
	for _, step := range diffNodes(nil, "", planned.normalised().root, draft.normalised().root) {
		places = append(places, storehttp.Shown(ctx, step.Path))
	}
	if len(places) > maxMoved {
		places = append(places[:maxMoved], fmt.Sprintf("and %d more", len(places)-maxMoved))
	}
	return strings.Join(places, ", ")
}
