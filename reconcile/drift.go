package reconcile

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/schema"
)

// attribute says of each change which side moved, as far as the record tells,
// and lists what moved and is not managed if that is asked for.
func (p *proposed) attribute(unmanaged bool) {
	if p.err != nil || p.observed == nil || p.desired == nil {
		return
	}
	applied := p.applied()
	p.plan.Recorded = applied != nil || p.gone
	if p.gone {
		for i := range p.plan.Changes {
			if change := &p.plan.Changes[i]; change.Action != ActionReport {
				change.Origin = OriginStore
			}
		}
		return
	}
	if applied == nil {
		return
	}
	for i := range p.plan.Changes {
		switch change := &p.plan.Changes[i]; {
		case change.Action != ActionReport:
			change.Origin = p.origin(*change, applied)
		case slices.Contains(change.Guards, GuardForeignEdits) && change.Type != "":
			change.Origin = OriginStore
		}
	}
	if unmanaged {
		p.reportUnmanaged(applied)
	}
}

// applied is what storesync last made of what is observed, nil when the record
// does not know it: nothing was applied yet, an apply was interrupted while it
// wrote, or the last submission was not published, so that the Store rightly
// has something else.
func (p *proposed) applied() *Snapshot {
	if p.record == nil {
		return nil
	}
	draft, id := p.record.Draft, p.observed.Draft
	switch {
	case draft != nil && (p.observed.SharedDraft || p.adopted != nil || id != "" && id == draft.Submission):
		return draft.Written
	case p.observed.SharedDraft:
		return p.record.Submitted
	case id != "":
		return nil
	}
	if newest := p.record.newest(); newest != nil && newest.Failed {
		return nil
	}
	return p.record.Submitted
}

// unpublished reports whether a submission of ours stands beside what is
// published without having got there: what it changes is not applied yet.
func (p *proposed) unpublished() bool {
	pending := p.observed.Pending
	return !p.observed.SharedDraft && pending != nil && pending.Ours && p.record.knows(pending.ID)
}

// origin compares both sides of a change with what was applied.
func (p *proposed) origin(change Change, applied *Snapshot) Origin {
	if change.Sensitive || matchesAny(change.Path, applied.Unread) {
		return ""
	}
	if p.unpublished() || !p.observed.SharedDraft && p.rekeyed(change.Path, applied) {
		return OriginManifest
	}
	if change.Path == PathProduct || change.Type == "" && change.Action == ActionDelete {
		return p.originOfRemoval(change.Path, applied)
	}
	last := applied.Digests[change.Path]
	manifestMoved := !p.wasDesired(change.Path, last)
	// While a running submission hides the draft, what was submitted stands
	// for what the Store has.
	storeMoved := !p.unreadable() && digestOrNone(p.observed.State[change.Path]) != last
	switch {
	case storeMoved && manifestMoved:
		return OriginBoth
	case storeMoved:
		return OriginStore
	case manifestMoved:
		return OriginManifest
	}
	return ""
}

// wasDesired reports whether the manifest says what it said when the value with
// that digest was applied. The Store may have rewritten it.
func (p *proposed) wasDesired(path Path, last string) bool {
	wanted := digestOrNone(p.desired.Set[path])
	rewrite, rewritten := p.record.Rewritten[path]
	return wanted == last || rewritten && rewrite.Sent == wanted && rewrite.Returned == last
}

// originOfRemoval is that of a group of values, or of the whole product, that
// the manifest wants to be gone.
func (p *proposed) originOfRemoval(group Path, applied *Snapshot) Origin {
	inGroup := func(path Path) bool { return group == PathProduct || path.Under(group) }
	known, moved := false, false
	for path, digest := range applied.Digests {
		if inGroup(path) {
			known = true
			moved = moved || digestOrNone(p.observed.State[path]) != digest
		}
	}
	for path, value := range p.observed.State {
		if inGroup(path) && !value.Empty() && !value.Sensitive && applied.Digests[path] == "" {
			moved = true
		}
	}
	switch {
	case !known:
		return OriginStore
	case moved:
		return OriginBoth
	}
	return OriginManifest
}

// reportUnmanaged lists what no manifest writes and is not what it was at the
// last apply. It is no difference from the manifest, and apply leaves it alone.
func (p *proposed) reportUnmanaged(applied *Snapshot) {
	unmanaged := func(path Path) bool {
		_, managed := p.desired.Set[path]
		listed := slices.ContainsFunc(p.plan.Changes, func(c Change) bool { return path.Under(c.Path) })
		return !managed && !listed && !underAny(path, p.desired.Remove)
	}
	for _, path := range p.movedFrom(applied, unmanaged) {
		value := p.observed.State[path]
		p.plan.Changes = append(p.plan.Changes, Change{
			Path: path, Action: ActionReport, Type: value.Type, After: value.JSON, Origin: OriginStore,
			Reason: "not in the manifest; changed in the Store since the last apply",
		})
	}
	slices.SortStableFunc(p.plan.Changes, func(a, b Change) int { return strings.Compare(string(a.Path), string(b.Path)) })
}

// Drift is how live products differ from their manifests, and which side moved.
// `drift --output json` prints it. It holds no secret.
type Drift struct {
	FormatVersion string         `json:"formatVersion"`
	Tool          string         `json:"tool"`
	CreatedAt     time.Time      `json:"createdAt"`
	Endpoints     []string       `json:"endpoints"`
	Products      []ProductDrift `json:"products"`
	Summary       DriftSummary   `json:"summary"`
	// InSync is true when no product is known to differ.
	InSync bool `json:"inSync"`
	// Complete is true when everything managed could be read and compared.
	Complete bool `json:"complete"`
	// Errored is true when a product could not be compared at all.
	Errored bool `json:"errored"`
	// Diagnostics are what is wrong with manifests.
	Diagnostics schema.Diagnostics `json:"diagnostics"`
}

// ProductDrift is how one product differs from its manifest.
type ProductDrift struct {
	Address  string `json:"address"`
	Kind     string `json:"kind"`
	ID       string `json:"id"`
	InSync   bool   `json:"inSync"`
	Complete bool   `json:"complete"`
	// Recorded is true when the record knows what was last applied.
	Recorded bool `json:"recorded"`
	// Unfinished is true when nothing differs, but an earlier apply left
	// something to do: a draft that was not submitted, or nothing was ever
	// published.
	Unfinished  bool         `json:"unfinished,omitempty"`
	Differences []Difference `json:"differences"`
	// Reports are what could not be compared, or what to know.
	Reports []Difference `json:"reports,omitempty"`
	// Unmanaged are what no manifest writes and somebody changed in the Store
	// since the last apply.
	Unmanaged []Difference `json:"unmanaged,omitempty"`
	Running   *Submission  `json:"running,omitempty"`
	Notices   []Notice     `json:"notices"`
	Error     string       `json:"error,omitempty"`
}

// Difference is one path of a drift.
type Difference struct {
	Path   Path   `json:"path"`
	Action Action `json:"action"`
	Type   Type   `json:"type,omitempty"`
	// Observed is what the Store has, Desired what the manifest says; a
	// sensitive value is "(sensitive)" on both sides.
	Observed  json.RawMessage `json:"observed,omitempty"`
	Desired   json.RawMessage `json:"desired,omitempty"`
	Sensitive bool            `json:"sensitive,omitempty"`
	// Origin is "" when the record does not tell; Label is it in words.
	Origin Origin `json:"origin,omitempty"`
	Label  string `json:"label,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// DriftSummary counts the differences by origin.
type DriftSummary struct {
	Store     int `json:"store"`
	Manifest  int `json:"manifest"`
	Both      int `json:"both"`
	Unknown   int `json:"unknown"`
	Unmanaged int `json:"unmanaged"`
	Reports   int `json:"reports"`
}

// Drift is the plan read as a comparison.
func (p *Plan) Drift() *Drift {
	drift := &Drift{
		FormatVersion: FormatVersion, Tool: p.Tool, CreatedAt: p.CreatedAt, Endpoints: orEmpty(p.Endpoints),
		Products: []ProductDrift{}, InSync: !p.Errored, Complete: p.Complete, Errored: p.Errored,
		Diagnostics: p.Diagnostics,
	}
	if drift.Diagnostics == nil {
		drift.Diagnostics = schema.Diagnostics{}
	}
	for _, product := range p.Products {
		found := product.Drift()
		found.InSync = found.InSync && !p.hasErrors(product.Address)
		drift.Products = append(drift.Products, found)
		drift.InSync = drift.InSync && found.InSync
		drift.Summary.count(found)
	}
	return drift
}

// hasErrors reports whether a product's manifest cannot be applied.
func (p *Plan) hasErrors(address string) bool {
	return slices.ContainsFunc(p.Diagnostics, func(d schema.Diagnostic) bool {
		return d.Address == address && d.Severity == schema.SeverityError
	})
}

// Drift is the product's plan read as a comparison.
func (p ProductPlan) Drift() ProductDrift {
	drift := ProductDrift{
		Address: p.Address, Kind: p.Kind, ID: p.ID, Complete: p.Complete, Recorded: p.Recorded,
		Differences: []Difference{}, Running: p.Running, Notices: orEmpty(p.Notices), Error: p.Error,
	}
	for _, change := range p.Changes {
		d := Difference{
			Path: change.Path, Action: change.Action, Type: change.Type, Observed: change.Before, Desired: change.After,
			Sensitive: change.Sensitive, Origin: change.Origin, Reason: change.Reason,
		}
		switch {
		case change.Action != ActionReport:
			d.Label = change.Origin.Label()
			drift.Differences = append(drift.Differences, d)
		case change.Origin == OriginStore:
			d.Observed, d.Desired, d.Label = change.After, nil, change.Origin.Label()
			drift.Unmanaged = append(drift.Unmanaged, d)
		default:
			drift.Reports = append(drift.Reports, d)
		}
	}
	owed := len(p.Operations) > 0 || p.Stuck || p.Inapplicable && p.Draft == DraftOurs
	drift.Unfinished = len(drift.Differences) == 0 && owed
	drift.InSync = p.Error == "" && len(drift.Differences) == 0 && !drift.Unfinished
	return drift
}

func (s *DriftSummary) count(p ProductDrift) {
	for _, d := range p.Differences {
		switch d.Origin {
		case OriginStore:
			s.Store++
		case OriginManifest:
			s.Manifest++
		case OriginBoth:
			s.Both++
		default:
			s.Unknown++
		}
	}
	s.Unmanaged += len(p.Unmanaged)
	s.Reports += len(p.Reports)
}
