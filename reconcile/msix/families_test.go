package msix

import (
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/plan"
)

// A map of future device families is sent whole, whatever an answer lacks: the
// service refuses one that does not name all four.
func TestFutureFamiliesAreNamed(t *testing.T) {
	whole := `"allowTargetFutureDeviceFamilies":{"7":true,"Desktop":true,"Mobile":false,"Xbox":false,"Team":false,"Holographic":false}`
	if !strings.Contains(oddSubmission(), whole) {
		t.Fatal("the submission has other families")
	}
	for answer, want := range map[string]string{
		whole: "",
		`"allowTargetFutureDeviceFamilies":{"desktop":true,"Mobile":false}`: "Holographic Xbox",
		`"allowTargetFutureDeviceFamilies":{}`:                              "Desktop Mobile Holographic Xbox",
		`"allowTargetFutureDeviceFamilies":null`:                            "",
		`"x":1`:                                                             "",
	} {
		doc, err := parseDocument([]byte(strings.Replace(oddSubmission(), whole, answer, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(unnamedFamilies(doc), " "); got != want {
			t.Errorf("%s: unnamed are %q, want %q", answer, got, want)
		}
		l := &lowering{product: product{kind: kindApp}, base: doc}
		if l.target, err = parseDocument(doc.raw()); err != nil {
			t.Fatal(err)
		}
		if err := l.nameFamilies(); err != nil || string(l.target.raw()) != string(doc.raw()) {
			t.Errorf("%s: completed though nothing else is sent: %v", answer, err)
		}
		if err := l.target.set(pointerTo(fieldVisibility), []byte(`"Private"`)); err != nil {
			t.Fatal(err)
		}
		if err := l.nameFamilies(); err != nil || len(unnamedFamilies(l.target)) > 0 {
			t.Errorf("%s: sent without %v, %v", answer, unnamedFamilies(l.target), err)
		}
		for _, family := range strings.Fields(want) {
			if raw, _ := l.target.get(pointerTo(fieldFutureFamilies, family)); string(raw) != "false" {
				t.Errorf("%s is sent as %s", plan.Join(fieldFutureFamilies, family), raw)
			}
		}
	}
}
