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
	live reconcile.State
	// draft is nil when there is none; touched is true when somebody wrote it.
	draft   reconcile.State
	touched bool
	drafts  int
	commits int
	// rollout is the percentage of a running rollout, "" when there is none.
	rollout string
	// rolledOut is the submission that is rolled out, "" for another one.
	rolledOut string
	running   *reconcile.Submission
	// pending stands beside what is live.
	pending *reconcile.PendingDraft
}

func (p *memoryProduct) draftID() string { return fmt.Sprintf("%s-draft-%d", p.id, p.drafts) }

// submissionID is that of what is live.
func (p *memoryProduct) submissionID() string { return cmp.Or(p.rolledOut, p.id+"-live") }

const storeFilled reconcile.Path = "filled"

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

func (s *memory) Observe(_ context.Context, m *schema.Manifest, record *reconcile.Record) (*reconcile.Observed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail[nameOf(m)+" observe"]; err != nil {
		return nil, err
	}
	p := s.find(m)
	if p == nil {
		return &reconcile.Observed{Missing: true, Unpublished: true, Complete: true, State: reconcile.State{}}, nil
	}
	o := &reconcile.Observed{Keyed: []reconcile.Path{"packages"}, ID: p.id, Unpublished: p.live == nil, Complete: true, State: reconcile.State{}, Running: p.running, Pending: p.pending}
	ours := record != nil && record.Draft != nil && record.Draft.Submission == p.draftID()
	switch {
	case p.draft != nil && (ours || p.live == nil):
		o.Draft, o.Pristine = p.draftID(), p.live == nil && !p.touched
		copyState(o.State, p.draft)
	case p.live != nil:
		copyState(o.State, p.live)
	case p.pending != nil && p.pending.Untouchable != "":
		copyState(o.State, p.pending.State)
	}
	if p.rollout != "" {
		o.Running = &reconcile.Submission{ID: p.submissionID(), Status: "PackageRolloutInProgress", Rollout: true}
		o.State["rollout.percentage"] = number(p.rollout)
	}
	return o, nil
}

func copyState(to, from reconcile.State) {
	for path, value := range from {
		to[path] = value
	}
}

func number(text string) reconcile.Value {
	return reconcile.Value{Type: reconcile.Scalar, JSON: json.RawMessage(text)}
}

func (s *memory) Desire(m *schema.Manifest, o *reconcile.Observed) (*reconcile.Desired, schema.Diagnostics) {
	set := reconcile.State{}
	field := func(path reconcile.Path, value *string) {
		if value != nil {
			set[path] = reconcile.StringValue(*value)
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
			set["rollout.finalized"] = reconcile.BoolValue(true)
		case rollout.Halted:
			set["rollout.halted"] = reconcile.BoolValue(true)
		case rollout.Percentage != nil:
			set["rollout.percentage"] = number(fmt.Sprint(*rollout.Percentage))
		}
	}
	return &reconcile.Desired{Set: set}, nil
}

func (s *memory) Audit(*schema.Manifest, *reconcile.Observed, reconcile.State) schema.Diagnostics {
	return nil
}

func (s *memory) Guards(c reconcile.Change, _ *reconcile.Observed, _ reconcile.State) []reconcile.Guard {
	switch {
	case c.Path == reconcile.PathProduct && !s.unguarded:
		return []reconcile.Guard{reconcile.GuardDeleteAddOn}
	case c.Path == "visibility" && c.Action == reconcile.ActionUpdate:
		return []reconcile.Guard{reconcile.GuardVisibilityChange}
	case c.Path == "rollout.halted":
		return []reconcile.Guard{reconcile.GuardHaltRollout}
	}
	return nil
}

func (s *memory) Lower(r reconcile.LowerRequest) ([]reconcile.Operation, schema.Diagnostics) {
	call := func(id string, effect reconcile.Effect, owes ...string) reconcile.Operation {
		return reconcile.Operation{ID: id, Verb: reconcile.VerbCall, Method: "POST", Path: "/" + nameOf(r.Manifest), Effect: effect, Owes: owes}
	}
	if r.Delete {
		return []reconcile.Operation{call("product.delete", reconcile.EffectDestroy)}, nil
	}
	var operations []reconcile.Operation
	if len(r.Changes) > 0 && r.Changes[0].Path.Under(reconcile.PathRollout) {
		for _, change := range r.Changes {
			step := call(string(change.Path), reconcile.EffectPublish)
			step.Covers = []reconcile.Path{change.Path}
			operations = append(operations, step)
		}
		return operations, nil
	}
	if r.Observed.Missing {
		operations = append(operations, call("product.create", reconcile.EffectDraft, "create"))
	}
	if r.Observed.Draft == "" {
		operations = append(operations, call("create", reconcile.EffectDraft, "put"))
	}
	put := call("put", reconcile.EffectDraft, "commit")
	for _, change := range r.Changes {
		put.Covers = append(put.Covers, change.Path)
	}
	operations = append(operations, put, reconcile.Operation{ID: "verify", Verb: reconcile.VerbVerify, Effect: reconcile.EffectRead, Covers: put.Covers})
	if s.readTwice {
		operations = append(operations, reconcile.Operation{ID: "verify.sent", Verb: reconcile.VerbVerify, Effect: reconcile.EffectRead, Covers: put.Covers})
	}
	if !r.Draft {
		commit := call("commit", reconcile.EffectPublish)
		commit.Verb = reconcile.VerbSubmit
		operations = append(operations, commit)
	}
	for i := range operations {
		if operations[i].ID == "put" {
			operations[i].Body, _ = json.Marshal(valuesOf(r.Target))
		}
	}
	return operations, nil
}

func valuesOf(state reconcile.State) map[reconcile.Path]json.RawMessage {
	values := map[reconcile.Path]json.RawMessage{}
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
	p.draft, p.touched = reconcile.State{}, false
	copyState(p.draft, p.live)
	if p.live == nil {
		p.draft[storeFilled] = reconcile.StringValue("by the Store")
	}
}

// drafted is the result of making a draft.
func (p *memoryProduct) drafted() *reconcile.Result {
	found := reconcile.State{}
	copyState(found, p.draft)
	return &reconcile.Result{Draft: p.draftID(), Found: found}
}

func (p *memoryProduct) execute(operation reconcile.Operation) (*reconcile.Result, error) {
	switch operation.ID {
	case "create":
		p.makeDraft()
		return p.drafted(), nil
	case "put":
		var values map[reconcile.Path]json.RawMessage
		if err := json.Unmarshal(operation.Body, &values); err != nil {
			return nil, err
		}
		for path, value := range values {
			was := p.draft[path]
			p.draft[path] = reconcile.Value{Type: cmp.Or(was.Type, reconcile.Scalar), JSON: value, Sensitive: was.Sensitive}
		}
		p.touched = true
		return &reconcile.Result{Draft: p.draftID()}, nil
	case "commit":
		if p.draft == nil {
			return nil, errors.New("409: there is no draft")
		}
		p.live, p.draft = p.draft, nil
		p.commits++
		p.running = &reconcile.Submission{ID: p.draftID(), Status: "Certification"}
		return &reconcile.Result{Submission: p.draftID()}, nil
	case "rollout.percentage":
		p.rollout = "50"
	case "rollout.finalized", "rollout.halted":
		p.rollout = ""
	}
	return &reconcile.Result{}, nil
}

func (s *memory) ReadBack(_ context.Context, c reconcile.Call, _ *reconcile.Record) (*reconcile.ReadBack, error) {
	if s.before != nil {
		s.before(nameOf(c.Manifest), c.Operation.ID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state := reconcile.State{}
	copyState(state, s.find(c.Manifest).draft)
	return &reconcile.ReadBack{State: state, Scope: []reconcile.Path{"*"}}, nil
}

// Await lets certification end.
func (s *memory) Await(_ context.Context, m *schema.Manifest, id string, _ reconcile.Goal, _ func(reconcile.Submission)) (reconcile.Submission, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaited++
	p := s.find(m)
	if p != nil {
		p.running = nil
	}
	if s.failing && p != nil {
		p.pending = &reconcile.PendingDraft{ID: id, State: p.live, Ours: true, Untouchable: "its certification failed, and it is the first one"}
		p.live = nil
		return reconcile.Submission{ID: id, Status: "CertificationFailed", Done: true, Failed: true}, nil
	}
	return reconcile.Submission{ID: id, Status: "Published", Done: true}, nil
}

func (s *memory) Status(_ context.Context, m *schema.Manifest) (*reconcile.Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(m)
	if p == nil {
		return &reconcile.Status{Missing: true, Draft: "none"}, nil
	}
	status := &reconcile.Status{ID: p.id, Draft: "none", Running: p.running}
	if p.rollout != "" {
		status.Running = &reconcile.Submission{ID: p.submissionID(), Status: "PackageRolloutInProgress", Rollout: true}
	}
	return status, nil
}

// PendingDraft makes the first draft of something never published kept.
func (s *memory) PendingDraft(_ context.Context, m *schema.Manifest, _ *reconcile.Record) (*reconcile.DiscardableDraft, error) {
	p := s.find(m)
	if p == nil || p.draft == nil {
		return nil, nil
	}
	draft := &reconcile.DiscardableDraft{ID: p.draftID(), Product: p.id, Status: "PendingCommit", Published: reconcile.State{}, Held: p.draft}
	if p.live == nil {
		draft.Keep = &reconcile.Failure{Class: reconcile.ClassRefused, Err: errors.New("it is the first one")}
	}
	return draft, nil
}
