package reconcile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

func TestSecretsReachNoPlanRecordOrJournal(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		const secret = "hunter2-sesame"
		b.Env = map[string]string{"STORE_CERT_NOTES": "user demo, password " + secret}
		edit(t, b, `{"properties": {"certificationNotes": "old-password-open"}}`)
		b.Write(t, backendtest.ReaderManifest("  properties: {certificationNotes: {env: STORE_CERT_NOTES}}\n"))
		plan := b.Plan(t, reconcile.PlanOptions{})
		if change := plan.Products[0].Changes[0]; !change.Sensitive || string(change.Before) != `"(sensitive)"` || string(change.After) != `"(sensitive)"` {
			t.Errorf("change %+v", change)
		}
		b.MustApply(t)
		b.MustBeInSync(t)
		if !strings.Contains(string(b.Emulator.State()), secret) {
			t.Error("the notes did not reach the Store")
		}
		everything := fmt.Sprintf("%+v", plan)
		err := filepath.WalkDir(filepath.Join(b.Folder, ".storesync"), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			everything += string(content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{secret, "old-password-open", "sig="} {
			if strings.Contains(everything, word) {
				t.Errorf("%q is in the plan, the record or the journal", word)
			}
		}
	})
}

func TestUnsetVariableMakesThePlanNotApplyable(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german+"  properties: {certificationNotes: {env: STORE_CERT_NOTES}}\n"))
		planned := b.Plan(t, reconcile.PlanOptions{})
		if planned.Applyable || planned.Complete {
			t.Errorf("applyable %t, complete %t", planned.Applyable, planned.Complete)
		}
		b.Emulator.ForgetRequests()
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassError, "STORE_CERT_NOTES")
		if writes := b.Writes(); len(writes) > 0 {
			t.Errorf("wrote %+v", writes)
		}
	})
}
