package reconcile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// TestGuardsAreThoseOfTheManifest: metadata.protect takes every guard, and each
// says what it protects.
func TestGuardsAreThoseOfTheManifest(t *testing.T) {
	var names []string
	for _, guard := range plan.Guards() {
		names = append(names, string(guard))
		if text := guard.Protects(); !strings.HasSuffix(text, ".") {
			t.Errorf("%s protects %q", guard, text)
		}
	}
	if d := cmp.Diff(schema.EnumGuard.Values(), names); d != "" {
		t.Errorf("guards (-metadata.protect takes +the engine knows):\n%s", d)
	}
}

func TestProtectRefusesWhateverIsAllowed(t *testing.T) {
	const protect = "  protect: [visibility-change, price-change]\n"
	store := live()
	b := newShelf(t, store, addOn("pro", protect, hidden))
	everything := reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": plan.Guards()}}
	p := b.one(t, everything)
	if p.Applyable || !cmp.Equal(p.Blocked, []plan.Guard{plan.GuardVisibilityChange}) ||
		!cmp.Equal(p.Protected, []plan.Guard{plan.GuardPriceChange, plan.GuardVisibilityChange}) {
		t.Errorf("applyable %t, blocked %v, protected %v", p.Applyable, p.Blocked, p.Protected)
	}
	result := b.apply(t, everything, reconcile.ApplyOptions{})[0]
	at := fmt.Sprintf("%s/all.yaml:%d", b.Folder, b.load(t).Manifests[0].Pos("metadata.protect").Line)
	wantError(t, result.Err, plan.ClassRefused, "visibility-change: Who can find the app in the Store would change. (visibility); metadata.protect forbids it whatever is allowed\n"+
		"  Nothing was changed. If it is meant, take visibility-change out of metadata.protect at "+at)
	if strings.Contains(result.Err.Error(), "--allow") || len(store.sent) > 0 {
		t.Errorf("sent %v: %v", store.sent, result.Err)
	}
	result = b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]
	wantError(t, result.Err, plan.ClassRefused, at+", and apply with --allow visibility-change=AddOn/pro")

	b.write(t, addOn("pro", "  protect: [price-change]\n", hidden))
	b.mustApply(t, reconcile.Published, plan.GuardVisibilityChange)
}

// TestProtectKeepsAProductFromBeingDeleted: one who deletes it has to take the
// word out of the manifest first.
func TestProtectKeepsAProductFromBeingDeleted(t *testing.T) {
	b := newShelf(t, live(), addOn("pro", absent+"  protect: [delete-add-on]\n", ""))
	result := b.apply(t, reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": plan.Guards()}}, reconcile.ApplyOptions{})[0]
	wantError(t, result.Err, plan.ClassRefused, "take delete-add-on out of metadata.protect")
	if len(b.store.sent) > 0 {
		t.Errorf("sent %v", b.store.sent)
	}
}
