package reconcile_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// memory is a Store of apps, add-ons and flights in memory, behind a Backend
// that lowers as the agreed operations of those kinds say. It knows one field
// of each kind, for what is tested is the engine.
type memory struct {
	mu sync.Mutex
	// products are those that exist, by the last part of their record key.
	products map[string]*memoryProduct
	// sent are the writes that arrived, "NAME OPERATION", in order.
	sent []string
	// fail makes a write fail before it arrives, by the same name.
	fail map[string]error
	// before is called when an operation is about to be carried out.
	before func(name, operation string)
	// draftWithProduct: making a product also makes its first draft.
	draftWithProduct bool
	// unguarded: deletions trip no guard. lagging: they do not show.
	unguarded, lagging bool
	// failing: certification fails.
	failing bool
	// awaited counts waits for a submission.
	awaited int
	// readTwice: drafts are read back once more before they are committed.
	readTwice bool
}

type memoryProduct struct {
	id   string
	live plan.State
	// draft is nil when there is none; touched is true when somebody wrote it.
	draft   plan.State
	touched bool
	drafts  int
	commits int
	// rollout is the percentage of a running rollout, "" when there is none.
	rollout string
	// rolledOut is the submission that is rolled out, "" for another one.
	rolledOut string
	running   *plan.Submission
	// publishedID is the submission that is live, ended how the pending one ended.
	publishedID string
	ended       *plan.Submission
	// pending stands beside what is live.
	pending *reconcile.PendingDraft
}

func (p *memoryProduct) draftID() string { return fmt.Sprintf("%s-draft-%d", p.id, p.drafts) }

// submissionID is that of what is live.
func (p *memoryProduct) submissionID() string { return cmp.Or(p.rolledOut, p.id+"-live") }

const storeFilled plan.Path = "filled"

func nameOf(m *schema.Manifest) string { return m.Metadata.Name }

func (s *memory) Endpoint() string { return "https://memory.contoso.example" }
func (s *memory) Account() string  { return "contoso" }
func (s *memory) ProductID(m *schema.Manifest) string {
	return cmp.Or(m.ProductID(), "9NBLGGH4R315/"+nameOf(m))
}

// find is by id, else by name.
func (s *memory) find(m *schema.Manifest) *memoryProduct {
	for _, p := range s.products {
		if id := m.ProductID(); id != "" && p.id == id {
			return p
		}
	}
	return s.products[nameOf(m)]
}

func (s *memory) Observe(_ context.Context, m *schema.Manifest, record *record.Record) (*reconcile.Observed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail[nameOf(m)+" observe"]; err != nil {
		return nil, err
	}
	p := s.find(m)
	if p == nil {
		return &reconcile.Observed{Missing: true, Drafts: provenance.FirstDraft, Complete: true, State: plan.State{}}, nil
	}
	o := &reconcile.Observed{
		Collections: []reconcile.Collection{{Path: "packages", By: []string{"fileName"}, Derived: []string{"version"}}},
		ID:          p.id, Drafts: provenance.FirstDraft, Complete: true, State: plan.State{}, Running: p.running, Pending: p.pending,
		Status: reconcile.Status{Draft: "none"},
	}
	if p.live != nil {
		o.Drafts, o.Published = provenance.OwnDraft, &reconcile.Publication{ID: p.publishedID, State: plan.State{}}
		copyState(o.Published.State, p.live)
	}
	if p.pending != nil {
		o.Newest = p.ended
	}
	switch {
	case p.draft != nil && (record.OwnsDraft(p.draftID()) || p.live == nil):
		o.Draft = p.draftID()
		copyState(o.State, p.draft)
		if p.live == nil && !p.touched {
			o.Filled = o.State
		}
	case p.live != nil:
		copyState(o.State, p.live)
	case p.pending != nil && p.pending.Untouchable != "":
		copyState(o.State, p.pending.State)
	}
	if p.rollout != "" {
		o.Running = &plan.Submission{ID: p.submissionID(), Status: "PackageRolloutInProgress", Rollout: true}
		o.State["rollout.percentage"] = number(p.rollout)
	}
	return o, nil
}

func copyState(to, from plan.State) {
	for path, value := range from {
		to[path] = value
	}
}

func number(text string) plan.Value {
	return plan.Value{Type: plan.Scalar, JSON: json.RawMessage(text)}
}

func (s *memory) Desire(m *schema.Manifest, o *reconcile.Observed) (*reconcile.Desired, schema.Diagnostics) {
	set := plan.State{}
	field := func(path plan.Path, value *string) {
		if value != nil {
			set[path] = plan.StringValue(*value)
		}
	}
	var rollout *schema.Rollout
	switch {
	case m.AddOn != nil:
		field("visibility", m.AddOn.Visibility)
	case m.PackageFlight != nil:
		field("targetPublishMode", m.PackageFlight.TargetPublishMode)
		rollout = m.PackageFlight.Rollout
	case m.MsixApp != nil:
		field("visibility", m.MsixApp.Visibility)
		rollout = m.MsixApp.Rollout
	}
	if rollout != nil && o.Running != nil && o.Running.Rollout {
		switch {
		case rollout.Finalized:
			set["rollout.finalized"] = plan.BoolValue(true)
		case rollout.Halted:
			set["rollout.halted"] = plan.BoolValue(true)
		case rollout.Percentage != nil:
			set["rollout.percentage"] = number(fmt.Sprint(*rollout.Percentage))
		}
	}
	return &reconcile.Desired{Set: set}, nil
}

func (s *memory) Audit(*schema.Manifest, *reconcile.Observed, plan.State) schema.Diagnostics {
	return nil
}

func (s *memory) Guards(c plan.Change, _ *reconcile.Observed, _ plan.State) []plan.Guard {
	switch {
	case c.Path == plan.PathProduct && !s.unguarded:
		return []plan.Guard{plan.GuardDeleteAddOn}
	case c.Path == "visibility" && c.Action == plan.ActionUpdate:
		return []plan.Guard{plan.GuardVisibilityChange}
	case c.Path == "rollout.halted":
		return []plan.Guard{plan.GuardHaltRollout}
	}
	return nil
}

func (s *memory) Lower(r reconcile.LowerRequest) ([]plan.Operation, schema.Diagnostics) {
	call := func(id string, effect plan.Effect, owes ...string) plan.Operation {
		return plan.Operation{ID: id, Verb: plan.VerbCall, Method: "POST", Path: "/" + nameOf(r.Manifest), Effect: effect, Owes: owes}
	}
	if r.Delete {
		return []plan.Operation{call("product.delete", plan.EffectDestroy)}, nil
	}
	var operations []plan.Operation
	if len(r.Changes) > 0 && r.Changes[0].Path.Under(plan.PathRollout) {
		for _, change := range r.Changes {
			step := call(string(change.Path), plan.EffectPublish)
			step.Covers = []plan.Path{change.Path}
			operations = append(operations, step)
		}
		return operations, nil
	}
	if r.Observed.Missing {
		operations = append(operations, call("product.create", plan.EffectDraft, "create"))
	}
	if r.Observed.Draft == "" {
		operations = append(operations, call("create", plan.EffectDraft, "put"))
	}
	put := call("put", plan.EffectDraft, "commit")
	for _, change := range r.Changes {
		put.Covers = append(put.Covers, change.Path)
	}
	operations = append(operations, put, plan.Operation{ID: "verify", Verb: plan.VerbVerify, Effect: plan.EffectRead, Covers: put.Covers})
	if s.readTwice {
		operations = append(operations, plan.Operation{ID: "verify.sent", Verb: plan.VerbVerify, Effect: plan.EffectRead, Covers: put.Covers})
	}
	if !r.Draft {
		commit := call("commit", plan.EffectPublish)
		commit.Verb = plan.VerbSubmit
		operations = append(operations, commit)
	}
	for i := range operations {
		if operations[i].ID == "put" {
			operations[i].Body, _ = json.Marshal(valuesOf(r.Target))
		}
	}
	return operations, nil
}

func valuesOf(state plan.State) map[plan.Path]json.RawMessage {
	values := map[plan.Path]json.RawMessage{}
	for path, value := range state {
		values[path] = value.JSON
	}
	return values
}

func (s *memory) Execute(_ context.Context, c reconcile.Call) (*reconcile.Result, error) {
	name, operation := nameOf(c.Manifest), c.Operation.ID
	if s.before != nil {
		s.before(name, operation)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	line := name + " " + operation
	if err := s.fail[line]; err != nil {
		return nil, err
	}
	p := s.find(c.Manifest)
	if operation == "create" && p != nil && p.draft != nil {
		return p.drafted(), nil // Making the product made it.
	}
	s.sent = append(s.sent, line)
	switch operation {
	case "product.create":
		if p != nil {
			return nil, errors.New("409: there is one")
		}
		p = &memoryProduct{id: strings.ToUpper(name)}
		s.products[name] = p
		if s.draftWithProduct {
			p.makeDraft()
			return p.drafted(), nil
		}
		return &reconcile.Result{}, nil
	case "product.delete":
		if !s.lagging {
			delete(s.products, name)
		}
		return &reconcile.Result{}, nil
	}
	return p.execute(c.Operation)
}

func (p *memoryProduct) makeDraft() {
	p.drafts++
	p.draft, p.touched = plan.State{}, false
	copyState(p.draft, p.live)
	if p.live == nil {
		p.draft[storeFilled] = plan.StringValue("by the Store")
	}
}

// drafted is the result of making a draft.
func (p *memoryProduct) drafted() *reconcile.Result {
	found := plan.State{}
	copyState(found, p.draft)
	return &reconcile.Result{Draft: p.draftID(), Found: found}
}

func (p *memoryProduct) execute(operation plan.Operation) (*reconcile.Result, error) {
	switch operation.ID {
	case "create":
		p.makeDraft()
		return p.drafted(), nil
	case "put":
		var values map[plan.Path]json.RawMessage
		if err := json.Unmarshal(operation.Body, &values); err != nil {
			return nil, err
		}
		for path, value := range values {
			was := p.draft[path]
			p.draft[path] = plan.Value{Type: cmp.Or(was.Type, plan.Scalar), JSON: value, Sensitive: was.Sensitive}
		}
		p.touched = true
		return &reconcile.Result{Draft: p.draftID()}, nil
	case "commit":
		if p.draft == nil {
			return nil, errors.New("409: there is no draft")
		}
		p.live, p.draft = p.draft, nil
		p.commits++
		p.running = &plan.Submission{ID: p.draftID(), Status: "Certification"}
		return &reconcile.Result{Submission: p.draftID()}, nil
	case "rollout.percentage":
		p.rollout = "50"
	case "rollout.finalized", "rollout.halted":
		p.rollout = ""
	}
	return &reconcile.Result{}, nil
}

func (s *memory) ReadBack(_ context.Context, c reconcile.Call, _ *record.Record) (*reconcile.ReadBack, error) {
	if s.before != nil {
		s.before(nameOf(c.Manifest), c.Operation.ID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state := plan.State{}
	copyState(state, s.find(c.Manifest).draft)
	return &reconcile.ReadBack{State: state, Scope: []plan.Path{"*"}}, nil
}

// Await lets certification end.
func (s *memory) Await(_ context.Context, m *schema.Manifest, id string, _ reconcile.Goal, _ func(plan.Submission)) (plan.Submission, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaited++
	p := s.find(m)
	if p != nil {
		p.running, p.publishedID = nil, id
	}
	if s.failing && p != nil {
		p.ended = &plan.Submission{ID: id, Status: "CertificationFailed", Done: true, Failed: true}
		p.pending = &reconcile.PendingDraft{ID: id, State: p.live, Ours: true, Untouchable: "its certification failed, and it is the first one"}
		p.live = nil
		return plan.Submission{ID: id, Status: "CertificationFailed", Done: true, Failed: true}, nil
	}
	return plan.Submission{ID: id, Status: "Published", Done: true}, nil
}

func (s *memory) Traits(m *schema.Manifest) reconcile.Traits {
	return reconcile.Traits{Noun: "product", Delete: plan.GuardDeleteAddOn, WholeWrites: true}
}

// PendingDraft makes the first draft of something never published kept.
func (s *memory) PendingDraft(_ context.Context, m *schema.Manifest, _ *record.Record) (*reconcile.DiscardableDraft, error) {
	p := s.find(m)
	if p == nil || p.draft == nil {
		return nil, nil
	}
	o := &reconcile.Observed{ID: p.id, Draft: p.draftID(), Drafts: provenance.FirstDraft, State: plan.State{}}
	copyState(o.State, p.draft)
	draft := &reconcile.DiscardableDraft{ID: p.draftID(), Status: "PendingCommit", Observed: o}
	if p.live == nil {
		draft.Keep = &plan.Failure{Class: plan.ClassRefused, Err: errors.New("it is the first one")}
	}
	return draft, nil
}
