package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// shelf is a workspace against a memory.
type shelf struct {
	*backendtest.Bench
	store       *memory
	parallelism int
}

// newShelf is a workspace of manifests, one document each.
func newShelf(t *testing.T, store *memory, documents ...string) *shelf {
	t.Helper()
	if store.products == nil {
		store.products = map[string]*memoryProduct{}
	}
	b := &shelf{Bench: backendtest.NewBench(t, nil, nil), store: store, parallelism: 1}
	b.write(t, documents...)
	return b
}

func (b *shelf) write(t *testing.T, documents ...string) {
	t.Helper()
	b.Write(t, backendtest.Files{"all.yaml": []byte(strings.Join(documents, "---\n"))})
}

func (b *shelf) engine() *reconcile.Engine {
	return reconcile.New(reconcile.Options{
		Backends: map[schema.Kind]reconcile.Backend{schema.AddOnKind: b.store, schema.PackageFlightKind: b.store, schema.MsixAppKind: b.store},
		Records:  b.Records, Tool: "test", Parallelism: b.parallelism,
	})
}

// load reads the manifests without judging them.
func (b *shelf) load(t *testing.T) *schema.Workspace {
	t.Helper()
	workspace, found := schema.Load(t.Context(), schema.LoadOptions{Paths: []string{b.Folder}})
	if found.HasErrors() {
		t.Fatalf("load manifests: %v", found)
	}
	return workspace
}

func (b *shelf) propose(t *testing.T, options reconcile.PlanOptions) *reconcile.Proposal {
	t.Helper()
	proposal, err := b.engine().Plan(t.Context(), b.load(t), options)
	if err != nil {
		t.Fatal(err)
	}
	return proposal
}

// one is the plan of the only product.
func (b *shelf) one(t *testing.T, options reconcile.PlanOptions) plan.Product {
	t.Helper()
	return b.propose(t, options).Plan.Products[0]
}

func (b *shelf) apply(t *testing.T, options reconcile.PlanOptions, how reconcile.ApplyOptions) []reconcile.ProductResult {
	t.Helper()
	report, err := b.engine().Apply(t.Context(), b.propose(t, options), how)
	if err != nil {
		t.Fatal(err)
	}
	return report.Products
}

// mustApply applies to the one product, with nothing but the given guards allowed.
func (b *shelf) mustApply(t *testing.T, want reconcile.Outcome, allow ...plan.Guard) reconcile.ProductResult {
	t.Helper()
	result := b.apply(t, reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": allow}}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})[0]
	if result.Err != nil || result.Outcome != want || result.Verified != reconcile.VerifiedInSync {
		t.Fatalf("%s, %s, %v, remaining %+v; want %s", result.Outcome, result.Verified, result.Err, result.Remaining, want)
	}
	return result
}

func (b *shelf) mustBeInSync(t *testing.T) {
	t.Helper()
	plan := b.propose(t, reconcile.PlanOptions{}).Plan
	for _, p := range plan.Products {
		if len(p.Changes) > 0 || len(p.Operations) > 0 || p.Error != "" || !p.Complete {
			t.Fatalf("%s is not in sync: %+v, operations %v, %s", p.Address, p.Changes, idsOf(p), p.Error)
		}
	}
}

func resultOf(t *testing.T, results []reconcile.ProductResult, address string) reconcile.ProductResult {
	t.Helper()
	i := slices.IndexFunc(results, func(r reconcile.ProductResult) bool { return r.Address == address })
	if i < 0 {
		t.Fatalf("no result of %s", address)
	}
	return results[i]
}

// record is that of the product with the given name.
func (b *shelf) record(t *testing.T, product string) *record.Record {
	t.Helper()
	record, err := b.Records.Load(t.Context(), record.Key{Endpoint: b.store.Endpoint(), Account: b.store.Account(), Product: product})
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func idsOf(p plan.Product) []string {
	var ids []string
	for _, operation := range p.Operations {
		ids = append(ids, operation.ID)
	}
	return ids
}

func noticed(p plan.Product, text string) bool {
	return slices.ContainsFunc(p.Notices, func(n plan.Notice) bool { return strings.Contains(n.Text, text) })
}

// Manifests, one document each; more is lines of metadata, or of the spec, with
// their indentation.
const storeID = "9NBLGGH4R315"

func app(name, id, more string) string {
	return fmt.Sprintf("apiVersion: storesync/v1\nkind: MsixApp\nmetadata: {name: %s}\nspec:\n  appId: %s\n%s", name, id, more)
}

func addOn(name, metadata, more string) string {
	return fmt.Sprintf("apiVersion: storesync/v1\nkind: AddOn\nmetadata:\n  name: %s\n%sspec:\n  app: %s\n  productId: %s\n  productType: Durable\n%s",
		name, metadata, storeID, name, more)
}

func flight(name, more string) string {
	return fmt.Sprintf("apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: %s}\nspec:\n  app: %s\n  friendlyName: %s\n  groupIds: [\"1152921504607280735\"]\n%s",
		name, storeID, name, more)
}

const (
	visible = "  visibility: Public\n"
	hidden  = "  visibility: Hidden\n"
	absent  = "  state: absent\n"
)
