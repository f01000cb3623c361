package msix

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// creation makes the product itself
// (https://learn.microsoft.com/windows/uwp/monetize/create-an-add-on and
// create-a-flight). What it is given here the API never changes again.
func (l *lowering) creation() plan.Operation {
	var covers []plan.Path
	for _, change := range l.Changes {
		if slices.Contains(identityPaths(), change.Path) {
			covers = append(covers, change.Path)
		}
	}
	slices.Sort(covers)
	return plan.Operation{
		ID: stepProductCreate, Verb: plan.VerbCall, Method: http.MethodPost, Path: l.collection(), Body: l.creationBody(),
		Covers: covers, Effect: plan.EffectDraft, Owes: []string{stepPut},
		Summary: "makes the " + l.String() + "; customers see nothing of it yet",
	}
}

func (l *lowering) creationBody() json.RawMessage {
	if l.kind == kindAddOn {
		return encode(addOnCreation{ApplicationIDs: []string{l.app}, ProductID: l.Manifest.AddOn.ProductID, ProductType: l.Manifest.AddOn.ProductType})
	}
	f := l.Manifest.PackageFlight
	return encode(flightCreation{FriendlyName: f.FriendlyName, GroupIDs: none(f.GroupIDs), RankHigherThan: f.RankHigherThan})
}

// deletion is the one request that deletes a product.
func (l *lowering) deletion() []plan.Operation {
	who := "it goes from the app for good; who bought it keeps it as the Store decides"
	switch {
	case l.Observed.Drafts == provenance.FirstDraft:
		who = "it was never published, so nobody has it; what its first submission holds is lost"
	case l.kind == kindFlight:
		who = "its testers get the packages of the next lower rank"
	}
	return []plan.Operation{{
		ID: stepProductDelete, Verb: plan.VerbCall, Method: http.MethodDelete, Path: l.path(),
		Covers: []plan.Path{plan.PathProduct}, Effect: plan.EffectDestroy,
		Summary: "deletes the " + l.String() + ": " + who,
	}}
}

// firstBody is the body of a put into a first draft. What the Store fills in
// when it makes one is not known, so there is no document to be patched: what
// is wanted is laid over whatever is there.
func (l *lowering) firstBody() (json.RawMessage, []string) {
	for _, step := range l.rollout() {
		if err := l.target.apply(step); err != nil {
			l.fail(plan.PathRollout, err.Error(), "Nothing was changed.")
		}
	}
	if len(l.target.keys("")) == 0 {
		return nil, nil
	}
	var fill []string
	for _, place := range l.fill {
		fill = append(fill, "/merge"+place)
	}
	slices.Sort(fill)
	return encode(putBody{Base: baseNew, Merge: l.target.raw()}), fill
}
