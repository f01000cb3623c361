package reconcile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// verdict says where the product stands. The first case that fits decides. It is
// the only place where that is judged: documents, views, status, drift and exit
// codes go by it.
func (p *planned) verdict() (plan.Verdict, *plan.Standing) {
	changed := p.changed()
	switch {
	case p.err != nil || p.found.HasErrors():
		return plan.VerdictError, nil
	case p.manifest.Absent():
		return p.verdictOfDeletion()
	case p.product.Missing && p.gone:
		return plan.VerdictMissing, say("The Store does not have this product any more, though storesync has submitted it.",
			"Applying makes it anew; if it was deleted on purpose, remove its manifest.")
	case p.product.Missing:
		return plan.VerdictNotCreated, say("The Store does not have this "+p.traits.Noun+" yet.", "Applying makes it.")
	case p.submissionFailed():
		return plan.VerdictSubmissionFailed, p.failedStanding()
	case p.isBlocked(changed):
		return plan.VerdictBlocked, p.blockedStanding()
	case len(changed) > 0:
		return p.verdictOfChanges(changed)
	case p.isUnsubmitted():
		return plan.VerdictUnsubmitted, p.unsubmittedStanding()
	case p.own.standing == onItsWay && p.own.shown.Waiting:
		return plan.VerdictPendingRelease, p.say(fmt.Sprintf("Submission %s holds what git says; it is certified and waits to be released (%s).", p.own.shown.ID, p.own.shown.Status), "")
	case p.own.standing == onItsWay:
		return plan.VerdictSubmitted, p.say(fmt.Sprintf("Submission %s holds what git says and is on its way (%s).", p.own.shown.ID, p.own.shown.Status), "")
	}
	if why, next := p.incomplete(); why != "" {
		return plan.VerdictIncomplete, say(why, next)
	}
	return plan.VerdictInSync, say("Customers get what git says.", "")
}

func say(sentence, next string) *plan.Standing {
	return &plan.Standing{Sentence: sentence, Next: next}
}

// say is a standing with our newest submission as evidence.
func (p *planned) say(sentence, next string, paths ...plan.Path) *plan.Standing {
	s := say(sentence, next)
	s.Paths = paths
	if p.own.standing != standsNowhere {
		s.Submission = p.own.submission()
	}
	return s
}

func (p *planned) verdictOfDeletion() (plan.Verdict, *plan.Standing) {
	if p.product.Missing {
		return plan.VerdictInSync, say("The Store has no such product, as the manifest wants.", "This manifest can go.")
	}
	return plan.VerdictNotApplied, say("The manifest wants this product to be gone, and the Store has it.", "Applying deletes it, once that is allowed by name.")
}

// submissionFailed reports whether our last submission ended without being
// published, git wants what it held and nothing else, and customers lack some of
// it.
func (p *planned) submissionFailed() bool {
	if p.own.standing != unpublished || p.own.held == nil || p.product.Running != nil && !p.rollingOut() {
		return false
	}
	return p.isHeld(p.changed())
}

func (p *planned) failedStanding() *plan.Standing {
	sentence := fmt.Sprintf("Submission %s ended with %s, so customers do not have what git says.", p.own.shown.ID, p.own.shown.Status)
	next := p.adviceForFailed()
	switch {
	case p.untouchable != nil:
		why := p.standingOf(p.untouchable)
		next = strings.TrimSpace(why.Sentence + " " + why.Next)
	case p.own.shown.Repeatable:
		next = "Applying submits it again."
	}
	return p.say(sentence, next, p.namedIn(p.own.shown.Detail)...)
}

// namedIn are the managed paths that words of the Store are about, as far as
// they name a file, a language or a field.
func (p *planned) namedIn(words []string) []plan.Path {
	all := strings.ToLower(strings.Join(words, "\n"))
	if all == "" {
		return nil
	}
	var paths []plan.Path
	for _, path := range plan.SortedPaths(p.desired.Set) {
		segments := strings.Split(string(path), ".")
		value := p.desired.Set[path]
		names := []string{string(path)}
		switch {
		case value.Sensitive:
		case value.Type == plan.Images:
			for _, image := range value.Images() {
				names = append(names, fileNameOf(image.Name))
			}
		case value.Type == plan.Scalar && strings.Contains(strings.ToLower(segments[len(segments)-1]), "file"):
			names = append(names, fileNameOf(value.Text()))
		}
		if slices.ContainsFunc(names, func(name string) bool { return len(name) > 3 && strings.Contains(all, strings.ToLower(name)) }) {
			paths = append(paths, path)
		} else if len(segments) > 2 && segments[0] == "listings" && namesWord(all, strings.ToLower(segments[1])) {
			paths = append(paths, plan.Join(segments[:2]...))
		}
	}
	return slices.Compact(paths)
}

func fileNameOf(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }

// namesWord reports whether a text has a word that stands by itself.
func namesWord(text, word string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), word)
}

// isBlocked reports whether something is to be done, and nothing of it can be.
func (p *planned) isBlocked(changed []plan.Change) bool {
	wants := len(changed) > 0 || len(p.work()) > 0 && p.own.standing != onItsWay || p.waits
	switch {
	case !wants || len(p.steps) > 0:
		return false
	case p.product.Running != nil:
		return p.waits
	case p.untouchable != nil, p.waitsForStranger():
		return true
	}
	return slices.ContainsFunc(p.after, (*planned).isStuck)
}

// isStuck reports whether a product cannot be applied, so that those which depend
// on it cannot be either.
func (p *planned) isStuck() bool {
	return p.err != nil || p.found.HasErrors() || p.untouchable != nil || p.isWaiting()
}

// standingOf is what an error says, as a sentence and a next step.
func (p *planned) standingOf(err error) *plan.Standing {
	failure, ok := errors.AsType[*plan.Failure](err)
	if !ok {
		return say(err.Error(), "")
	}
	sentence := strings.TrimPrefix(failure.Err.Error(), p.doc.Address+": ") + "."
	return say(strings.ToUpper(sentence[:1])+sentence[1:], failure.Next)
}

func (p *planned) blockedStanding() *plan.Standing {
	switch running := p.product.Running; {
	case running != nil:
		standing := p.standingOf(blockedBy(p.doc.Address, *running))
		standing.Submission = running
		return standing
	case p.untouchable != nil:
		return p.standingOf(p.untouchable)
	case p.product.Pending != nil && !p.product.Pending.Ours:
		return say(fmt.Sprintf("Draft %s, which is not in this record, is in the way: a new one would replace it.", p.product.Pending.ID),
			fmt.Sprintf("Submit or delete it in Partner Center, or allow its loss with --allow %s=%s.", plan.GuardReplaceDraft, p.doc.Address))
	}
	var names []string
	for _, other := range p.after {
		names = append(names, other.doc.Address)
	}
	return say("It depends on "+strings.Join(names, " and ")+", which cannot be applied now.", "Settle that first.")
}

// verdictOfChanges goes by who moved.
func (p *planned) verdictOfChanges(changed []plan.Change) (plan.Verdict, *plan.Standing) {
	store, manifest, dropped := false, false, true
	paths := plan.PathsOf(changed)
	for _, change := range changed {
		dropped = dropped && p.notTaken(change.Path)
		switch change.Origin {
		case plan.OriginStore:
			store = true
		case plan.OriginManifest:
			manifest = true
		case plan.OriginBoth:
			store, manifest = true, true
		}
	}
	verdict, sentence, next := plan.VerdictDiffers, "The Store and git differ, and the record does not tell who moved.", "Look at the changes and apply."
	switch {
	case store && manifest && !dropped:
		verdict, sentence = plan.VerdictDiverged, "Both the Store and git have changed since the last apply."
		next = "Applying brings the Store to what git says; take what you want to keep of the Store's into the manifest first."
	case dropped:
		return plan.VerdictDrifted, p.say(fmt.Sprintf("Submission %s was published without what git says: the Store did not take it.", p.own.shown.ID),
			"Look at the submission and its report in Partner Center. Applying sends it again.", paths...)
	case store:
		verdict, sentence = plan.VerdictDrifted, "The Store has changed since the last apply."
		next = "Applying brings it back to what git says; or take the Store's values into the manifest."
	case manifest:
		verdict, sentence, next = plan.VerdictNotApplied, "Git has changed since the last apply.", "Apply it."
	}
	if p.inapplicable {
		next = "It cannot be applied as it is; the notices say why."
	}
	return verdict, p.sayChanges(sentence, next, paths)
}

// sayChanges names a failed submission that git has answered since as evidence.
func (p *planned) sayChanges(sentence, next string, paths []plan.Path) *plan.Standing {
	s := say(sentence, next)
	s.Paths = paths
	if p.own.standing == unpublished {
		s.Submission = p.own.submission()
	}
	return s
}

// isUnsubmitted reports whether the draft holds what git says and customers do
// not have it.
func (p *planned) isUnsubmitted() bool {
	if p.own.standing == onItsWay && !p.rollingOut() {
		return false
	}
	return len(p.work()) > 0 || p.first() && p.product.Running == nil
}

func (p *planned) unsubmittedStanding() *plan.Standing {
	if p.own.doubtful != nil && len(p.doc.Operations) == 0 {
		return p.standingOf(p.own.doubtful)
	}
	paths := p.names.allInPlan(p.work())
	if len(paths) == 0 {
		if p.untouchable != nil {
			return p.standingOf(p.untouchable)
		}
		return say("Nothing of it was ever published: what equals git is a draft.", "Applying submits it.")
	}
	return p.say("The draft holds what git says, and it is not submitted.", "Applying submits it.", paths...)
}

// incomplete says what could not be compared, or why it cannot be told whether
// customers have it; "" when everything is known.
func (p *planned) incomplete() (why, next string) {
	var foreign, unknown, unread []plan.Path
	for path := range p.desired.Set {
		f, known := p.table[p.names.inEvidence(path, p.live)]
		switch {
		case p.desired.Set[path].Sensitive, !known && !p.unreadable():
		case f.Provenance == provenance.Foreign:
			foreign = append(foreign, path)
		case f.Provenance == provenance.Unknown:
			unknown = append(unknown, path)
		case f.Provenance == provenance.Unread, !known:
			unread = append(unread, path)
		}
	}
	switch {
	case len(p.unknownImages) > 0:
		return "All that could be compared is equal; the content of some stored images is not known.", "To settle it, send them anew with --reupload-images " + p.doc.Address + "."
	case len(p.unset()) > 0:
		return "All that could be compared is equal; a value from the environment is not set here.", "Set the variable."
	case len(unread) > 0 || !p.product.Complete:
		return "All that could be read is equal; some of it could not be read now.", "Look again later."
	case p.product.Running != nil && !p.rollingOut() && !p.product.Running.Done:
		return fmt.Sprintf("Submission %s, which is not in this record, is running and holds what git says.", p.product.Running.ID), "Look again when it has ended."
	case p.shared() && p.own.standing == endUnknown:
		return fmt.Sprintf("The draft holds what git says; how submission %s of it ended is not known.", p.own.shown.ID), "Look at the product in Partner Center."
	case p.shared() && len(unknown)+len(foreign) > 0:
		return "The draft holds what git says; whether customers have it cannot be told, as no submission of it is on record.", "`storesync apply --submit` submits the draft as it is."
	case p.product.Published != nil && len(p.product.Published.Unsure) > 0 && p.managesAny(p.product.Published.Unsure):
		return "All that is published is what git says; its packages were halted, so which ones a customer gets cannot be told.", ""
	}
	return "", ""
}

// managesAny reports whether git writes anything that the patterns cover.
func (p *planned) managesAny(patterns []plan.Path) bool {
	for path := range p.desired.Set {
		if plan.MatchesAny(path, patterns) {
			return true
		}
	}
	return false
}
