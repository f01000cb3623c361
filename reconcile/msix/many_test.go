package msix_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
)

// counted are how often each request of a plan was sent, ids left out.
func counted(b *backendtest.Bench) map[string]int {
	counts := map[string]int{}
	for line := range strings.Lines(productLines(b)) {
		counts[strings.TrimSpace(line)]++
	}
	return counts
}

// TestManyProductsAreFoundWithTheFewestCalls: the pages of one list, and one
// submission for each product.
func TestManyProductsAreFoundWithTheFewestCalls(t *testing.T) {
	header := func(kind string) string {
		return "apiVersion: storesync/v1\nkind: " + kind + "\nmetadata: {name: p-%[1]d}\nspec: "
	}
	cases := []struct {
		name  string
		count int
		// seed is one product, manifest one manifest; %d is its number.
		list, seed, manifest string
		want                 map[string]int
	}{
		{"150 apps", 150, "", `{"appId": "9NC0NT0S%04d", "languages": ["en-us"], "unchecked": true}`,
			header("MsixApp") + "{appId: 9NC0NT0S%04[1]d, visibility: Public}\n",
			map[string]int{"GET applications": 2, "GET applications/9NC0NT0S{id}/submissions/{id}": 150}},
		{"150 flights", 150, "flights", `{"friendlyName": "Ring %d", "groupIds": ["1"], "unchecked": true}`,
			header("PackageFlight") + "{app: " + backendtest.NotesID + ", friendlyName: Ring %[1]d, targetPublishMode: Immediate}\n",
			map[string]int{"GET (app)/listflights": 2, "GET (app)/flights/{id}/submissions/{id}": 150}},
		{"450 add-ons", 450, "addOns", `{"productId": "item-%d", "productType": "Durable", "unchecked": true}`,
			header("AddOn") + "{app: " + backendtest.NotesID + ", productId: item-%[1]d, productType: Durable, visibility: Public}\n",
			map[string]int{"GET inappproducts": 1, "GET inappproducts/{id}/submissions/{id}": 450}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seeds []string
				files := backendtest.Files{}
				for i := range c.count {
					seeds = append(seeds, fmt.Sprintf(c.seed, i))
					files[fmt.Sprintf("p%d.yaml", i)] = fmt.Appendf(nil, c.manifest, i)
				}
				more := ""
				if c.list != "" {
					more = fmt.Sprintf(`%q: [%s]`, c.list, strings.Join(seeds, ","))
				}
				store := backendtest.MsixStore(t, more, "en-us")
				if c.list == "" {
					if err := store.Seed([]byte(`{"msix": [`+strings.Join(seeds, ",")+`]}`), nil); err != nil {
						t.Fatal(err)
					}
				}
				b := backendtest.NewBench(t, store, backendtest.MsixProducts)
				b.Write(t, files)
				b.Emulator.ForgetRequests()
				plan := b.Plan(t, reconcile.PlanOptions{})
				for _, p := range plan.Products {
					if p.Error != "" || p.ID == "" || len(p.Changes) > 0 {
						t.Fatalf("%s (%q): %s, %v", p.Address, p.ID, p.Error, p.Changes)
					}
				}
				got := map[string]int{}
				for line, n := range counted(b) {
					if rest, ok := strings.CutPrefix(line, "GET applications/9NC0NT0S"); ok {
						line = "GET applications/9NC0NT0S{id}" + rest[4:]
					}
					got[line] += n
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}

// TestPinnedProducts: a product that is pinned by its id is read by itself,
// unless the list costs less.
func TestPinnedProducts(t *testing.T) {
	guid := func(i int) string { return fmt.Sprintf("5e2c9a1f-0000-4000-8000-%012d", i) }
	for _, c := range []struct {
		pinned, others int
		want           map[string]int
	}{
		{1, 0, map[string]int{"GET (app)/flights/{id}": 1, "GET (app)/flights/{id}/submissions/{id}": 1}},
		{3, 0, map[string]int{"GET (app)/listflights": 1, "GET (app)/flights/{id}/submissions/{id}": 3}},
		// After the first page, the other two would cost as much as the two flights.
		{2, 250, map[string]int{"GET (app)/listflights": 1, "GET (app)/flights/{id}": 2, "GET (app)/flights/{id}/submissions/{id}": 2}},
	} {
		t.Run(fmt.Sprintf("%d among %d", c.pinned, c.others), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seeds []string
				files := backendtest.Files{}
				for i := range c.others {
					seeds = append(seeds, fmt.Sprintf(`{"friendlyName": "Other %d", "groupIds": ["1"]}`, i))
				}
				for i := range c.pinned {
					seeds = append(seeds, fmt.Sprintf(`{"flightId": %q, "friendlyName": "Ring %d", "groupIds": ["1"]}`, guid(i), i))
					files[fmt.Sprintf("p%d.yaml", i)] = fmt.Appendf(nil, "apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: p-%d}\nspec: {app: %s, id: %s, targetPublishMode: Immediate}\n",
						i, backendtest.NotesID, guid(i))
				}
				b := backendtest.NewFlight(t, "["+strings.Join(seeds, ",")+"]")
				b.Write(t, files)
				b.MustBeInSync(t)
				if d := cmp.Diff(c.want, counted(b)); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}
