package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/schema"
)

// compared is the second phase of a product: what git wants beside what the
// Store shows, and whose each value is.
type compared struct {
	*observed
	// live, published and pending are the states that were observed, with every
	// sensitive path marked: from here on nothing shows or keeps it.
	live, published, pending plan.State
	desired                  *Desired
	// target is what the product will be; nil where the draft cannot be read.
	target  plan.State
	changes []plan.Change
	// names translates paths of the plan to those of the evidence, of which table
	// has the findings.
	names   *naming
	table   provenance.Table
	notices []plan.Notice
	// lossy are texts that the Store is known to return otherwise than they are
	// sent, unread images whose content may equal the local one.
	lossy, unknownImages []plan.Path
	diagnostics          schema.Diagnostics
}

// compare compares what git wants with what was observed. It fails only when the
// comparison itself does; what is wrong with a manifest is in the diagnostics.
func (o *observed) compare(options PlanOptions) (*compared, error) {
	c := &compared{observed: o, desired: &Desired{}, names: newNaming(o.product.Collections)}
	var found schema.Diagnostics
	if !o.manifest.Absent() {
		c.desired, found = o.backend.Desire(o.manifest, o.product)
		if c.desired == nil {
			c.desired = &Desired{}
		}
	}
	c.diagnose(found)
	c.hideSecrets()
	c.names.learn(c.live)
	c.names.learn(c.published)
	if c.diagnostics.HasErrors() {
		return c, nil
	}
	c.notices = slices.Concat(c.observed.notices, o.product.Notices, c.desired.Notices)
	switch {
	case o.manifest.Absent():
		c.target, c.changes = plan.State{}, c.deletion()
		c.table = c.evidence().Table()
		return c, nil
	case o.unreadable():
		c.table = c.evidence().Table()
		c.changes = c.againstSubmitted()
		return c, nil
	}
	c.target = c.acceptRewritings(overlay(c.live, c.desired))
	c.names.learn(c.target)
	c.table = c.evidence().Table()
	return c, c.diff(options)
}

func (c *compared) notice(path plan.Path, format string, arguments ...any) {
	c.notices = append(c.notices, plan.Notice{Path: path, Text: fmt.Sprintf(format, arguments...)})
}

func (c *compared) diagnose(found schema.Diagnostics) {
	for _, d := range found {
		d.Address = c.address()
		c.diagnostics = append(c.diagnostics, d)
	}
}

// secrets are patterns of the sensitive paths: what the manifest takes from the
// environment, what the kind has that is never shown, and what the record knows
// as such from before.
func (c *compared) secrets() []plan.Path {
	found := map[plan.Path]bool{}
	for _, state := range []plan.State{c.desired.Set, c.product.State, c.pendingState(), c.publishedState()} {
		for path, value := range state {
			if value.Sensitive {
				found[c.pattern(path)] = true
			}
		}
	}
	for _, path := range c.record.Secrets {
		found[path] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// pattern is a path as it holds for every member of a collection, whose keys are
// the manifest's own.
func (c *compared) pattern(path plan.Path) plan.Path {
	if collection, _, below := c.names.collectionOf(path); collection != nil {
		return join(plan.Join(string(collection.Path), "*"), below)
	}
	return path
}

func (o *observed) pendingState() plan.State {
	if o.product.Pending == nil {
		return nil
	}
	return o.product.Pending.State
}

func (o *observed) publishedState() plan.State {
	if o.product.Published == nil {
		return nil
	}
	return o.product.Published.State
}

// hideSecrets marks every sensitive path in every state. It is decided here,
// once, and holds wherever a value goes from here.
func (c *compared) hideSecrets() {
	secrets := c.secrets()
	names := imageNames(c.record)
	marked := func(s plan.State) plan.State {
		if s == nil {
			return plan.State{}
		}
		hidden := maps.Clone(s)
		for path, value := range hidden {
			if value.Type == plan.Images {
				hidden[path] = named(value, names)
			}
			if !value.Sensitive && plan.MatchesAny(path, secrets) {
				value.Sensitive = true
				hidden[path] = value
			}
		}
		return hidden
	}
	c.live, c.pending, c.published = marked(c.product.State), marked(c.pendingState()), marked(c.publishedState())
	desired := *c.desired
	desired.Set = marked(c.desired.Set)
	c.desired = &desired
	// The backend judges and lowers what is marked, too.
	product := *c.product
	product.State = c.live
	o := *c.observed
	o.product = &product
	c.observed = &o
}

// acceptRewritings takes the observed value as the target where the Store is
// known to have rewritten exactly what is desired now. What it rewrote with a
// loss that nobody allowed yet stays as it is, too, and is guarded.
func (c *compared) acceptRewritings(target plan.State) plan.State {
	for path := range c.record.Rewritings {
		wanted, managed := c.desired.Set[path]
		observed := c.live[path]
		if !managed || wanted.Exact || wanted.Sensitive {
			continue
		}
		known := c.record.RewritingOf(path, plan.MarkOf(wanted), plan.MarkOf(observed))
		if known == nil {
			continue
		}
		target[path] = observed
		if !known.Accepted {
			c.lossy = append(c.lossy, path)
		}
	}
	slices.Sort(c.lossy)
	return target
}

// diff is the field diff with removed groups collapsed, and with what cannot be
// compared turned into reports.
func (c *compared) diff(options PlanOptions) error {
	reupload := slices.Contains(options.ReuploadImages, c.address())
	kept := maps.Clone(c.live)
	maps.DeleteFunc(kept, func(path plan.Path, _ plan.Value) bool { return plan.UnderAny(path, c.desired.Remove) })
	changes, err := plan.Diff(kept, c.target)
	if err != nil {
		return err
	}
	for _, change := range changes {
		if before, after := c.live[change.Path], c.target[change.Path]; change.Type == plan.Images && !reupload && mayBeEqual(before, after) {
			c.target[change.Path] = before // nothing is written there
			c.unknownImages = append(c.unknownImages, change.Path)
			continue
		}
		c.changes = append(c.changes, change)
	}
	c.noticeUnknownImages()
	if reupload {
		c.addReuploads()
	}
	c.changes = append(c.changes, plan.Removals(c.live, c.desired.Remove)...)
	if err := c.leaveReverted(); err != nil {
		return err
	}
	c.changes = append(c.changes, c.lossyReports()...)
	c.changes = append(c.changes, c.unset()...)
	for i := range c.changes {
		if c.changes[i].Action != plan.ActionReport {
			c.changes[i].Guards = c.backend.Guards(c.changes[i], c.product, c.target)
		}
	}
	sortChanges(c.changes)
	return nil
}

func sortChanges(changes []plan.Change) {
	slices.SortStableFunc(changes, func(a, b plan.Change) int { return strings.Compare(string(a.Path), string(b.Path)) })
}

// leaveReverted drops the changes of a draft of our own when git wants nothing
// that customers do not have, and nothing else of ours waits in the draft: what
// it holds was taken back in git. Writing the old values and submitting them
// would start a certification for nothing.
func (c *compared) leaveReverted() error {
	if c.product.Drafts != provenance.OwnDraft || c.product.Draft == "" || len(c.changes) == 0 || !c.ownsDraft() || len(c.unmanagedWork()) > 0 {
		return nil
	}
	beyond, err := plan.Diff(c.published, overlay(c.published, c.desired))
	if err != nil || len(beyond) > 0 || len(plan.Removals(c.published, c.desired.Remove)) > 0 {
		return err
	}
	for _, change := range c.changes {
		if plan.UnderAny(change.Path, c.desired.Remove) {
			continue
		}
		c.target[change.Path] = c.live[change.Path]
	}
	c.changes = nil
	return nil
}

// unmanagedWork are the paths of the evidence with unsubmitted work of ours that
// git does not write any more.
func (c *compared) unmanagedWork() []plan.Path {
	return slices.DeleteFunc(c.table.Unsubmitted(), func(path plan.Path) bool { return c.manages(c.names.inPlan(path)) })
}

// manages reports whether git says what a path of the plan is to be.
func (c *compared) manages(path plan.Path) bool {
	_, set := c.desired.Set[path]
	return set || plan.UnderAny(path, c.desired.Remove)
}

// lossyReports guard the texts that the Store returned otherwise than they were
// sent.
func (c *compared) lossyReports() []plan.Change {
	var changes []plan.Change
	for _, path := range c.lossy {
		change := plan.ChangeOf(path, c.live[path], c.desired.Set[path])
		change.Action, change.Guards = plan.ActionReport, []plan.Guard{plan.GuardLossyRewrite}
		change.Reason = "the Store returned this text when the other one was sent; it rewrote it, or somebody edited the draft at that moment"
		changes = append(changes, change)
	}
	return changes
}

// unset are the values whose environment variable is not there.
func (c *compared) unset() []plan.Change {
	var changes []plan.Change
	for path, value := range c.desired.Set {
		if value.Unknown && value.Type != plan.Images {
			changes = append(changes, plan.Change{Path: path, Action: plan.ActionReport, Type: value.Type, Sensitive: true,
				Reason: value.Why + ", so the value is not known"})
		}
	}
	return changes
}

// againstSubmitted stands in while a running submission hides the draft: the
// marks of our own tell which managed values differ from what was sent.
func (c *compared) againstSubmitted() []plan.Change {
	id := c.product.Running.ID
	if c.own.standing != onItsWay || c.own.held == nil {
		c.notice("", "The draft cannot be read while submission %s runs, and what that one holds is not in this record: nothing can be compared.", id)
		return nil
	}
	c.notice("", "The draft cannot be read while submission %s runs: compared with what that one holds.", id)
	c.names.learn(c.desired.Set)
	var changes []plan.Change
	for _, path := range plan.SortedPaths(c.desired.Set) {
		value := c.desired.Set[path]
		held, known := c.own.held.At(c.names.inEvidence(path, c.desired.Set))
		if value.Sensitive || value.Unknown || !known || held.Same(plan.MarkOf(value)) || c.rewritten(path, value, held) {
			continue
		}
		changes = append(changes, plan.Change{Path: path, Action: plan.ActionUpdate, Type: value.Type, After: value.JSON,
			Reason: "differs from what was last submitted"})
	}
	return changes
}

// rewritten reports whether the Store is known to return that mark for a value.
func (c *compared) rewritten(path plan.Path, value plan.Value, returned plan.Mark) bool {
	known := c.record.RewritingOf(path, plan.MarkOf(value), returned)
	return known != nil && known.Accepted
}
