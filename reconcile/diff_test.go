package reconcile

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

func TestDiff(t *testing.T) {
	image := func(digest, id string) plan.Image {
		return plan.Image{Digest: digest, ID: id, Width: 1366, Height: 768}
	}
	cases := []struct {
		name             string
		reason           string
		observed, target plan.State
		want             []plan.Change
	}{
		{
			name: "one text", reason: "only the path that differs is a change",
			observed: plan.State{"listings.en.description": plan.TextValue("old"), "listings.de.description": plan.TextValue("alt")},
			target:   plan.State{"listings.en.description": plan.TextValue("new"), "listings.de.description": plan.TextValue("alt")},
			want: []plan.Change{{Path: "listings.en.description", Action: plan.ActionUpdate, Type: plan.Text,
				Before: json.RawMessage(`"old"`), After: json.RawMessage(`"new"`)}},
		},
		{
			name: "line ends", reason: "the Store may answer CRLF and drop the last line break",
			observed: plan.State{"d": plan.TextValue("a\r\nb")}, target: plan.State{"d": plan.TextValue("a\nb\n")},
		},
		{
			name: "empty and absent", reason: "an unset text is absent in answers, an unset list is []",
			observed: plan.State{"list": plan.ListValue(nil)}, target: plan.State{"text": plan.TextValue("")},
		},
		{
			name: "cleared", reason: "an empty text clears, and the plan shows what it becomes",
			observed: plan.State{"text": plan.TextValue("x")}, target: plan.State{"text": plan.TextValue("")},
			want: []plan.Change{{Path: "text", Action: plan.ActionUpdate, Type: plan.Text, Before: json.RawMessage(`"x"`), After: json.RawMessage(`""`)}},
		},
		{
			name: "set order", reason: "markets have no order",
			observed: plan.State{"m": plan.SetValue([]string{"US", "DE"})}, target: plan.State{"m": plan.SetValue([]string{"DE", "US", "US"})},
		},
		{
			name: "list order", reason: "features are shown in order",
			observed: plan.State{"f": plan.ListValue([]string{"a", "b"})}, target: plan.State{"f": plan.ListValue([]string{"b", "a"})},
			want: []plan.Change{{Path: "f", Action: plan.ActionUpdate, Type: plan.List, Before: json.RawMessage(`["a","b"]`), After: json.RawMessage(`["b","a"]`)}},
		},
		{
			name: "images by content", reason: "ids and file names mean nothing, contents in order do",
			observed: plan.State{"s": plan.ImagesValue([]plan.Image{image("sha256:1", "id-1")})},
			target:   plan.State{"s": plan.ImagesValue([]plan.Image{{Digest: "sha256:1", Name: "images/1.png"}})},
		},
		{
			name: "sensitive", reason: "neither side of a sensitive value is shown",
			observed: plan.State{"n": {Type: plan.Text, JSON: json.RawMessage(`"old secret"`), Sensitive: true}},
			target:   plan.State{"n": {Type: plan.Text, JSON: json.RawMessage(`"new secret"`), Sensitive: true}},
			want: []plan.Change{{Path: "n", Action: plan.ActionUpdate, Type: plan.Text, Sensitive: true,
				Before: json.RawMessage(`"(sensitive)"`), After: json.RawMessage(`"(sensitive)"`)}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := plan.Diff(c.observed, c.target)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, d)
			}
		})
	}
}

func TestOverlayKeepsWhatIsNotWritten(t *testing.T) {
	observed := plan.State{
		"a": plan.TextValue("live"), "b": plan.TextValue("live"), "listings.fr.description": plan.TextValue("adieu"), "listings.fr-ca.description": plan.TextValue("reste"),
	}
	desired := &Desired{
		Set:    plan.State{"a": plan.TextValue("wanted"), "secret": {Type: plan.Text, Unknown: true}},
		Remove: []plan.Path{"listings.fr"},
	}
	want := plan.State{"a": plan.TextValue("wanted"), "b": plan.TextValue("live"), "listings.fr-ca.description": plan.TextValue("reste")}
	once := overlay(observed, desired)
	if d := cmp.Diff(want, once); d != "" {
		t.Errorf("overlay (-want +got):\n%s", d)
	}
	if d := cmp.Diff(once, overlay(once, desired)); d != "" {
		t.Errorf("a second overlay changed something (-once +twice):\n%s", d)
	}
}

func TestRemovalsShowWhatGoes(t *testing.T) {
	observed := plan.State{
		"listings.fr.description": plan.TextValue("adieu"),
		"listings.fr.whatsNew":    plan.TextValue(""),
		"listings.en.description": plan.TextValue("hello"),
	}
	want := []plan.Change{{Path: "listings.fr", Action: plan.ActionDelete, Before: json.RawMessage(`{"description":"adieu"}`)}}
	if d := cmp.Diff(want, plan.Removals(observed, []plan.Path{"listings.fr", "listings.it"})); d != "" {
		t.Errorf("removals (-want +got):\n%s", d)
	}
}

func TestAcceptRewritings(t *testing.T) {
	sent, returned := plan.TextValue("https://contoso.example"), plan.TextValue("https://contoso.example/")
	exact := sent
	exact.Exact = true
	cases := []struct {
		name            string
		accepted        bool
		observed, wants plan.Value
		want            plan.Value
		lossy           int
	}{
		{"both sides stand", true, returned, sent, returned, 0},
		{"nobody allowed it", false, returned, sent, returned, 1},
		{"manifest changed", true, returned, plan.TextValue("https://new.example"), plan.TextValue("https://new.example"), 0},
		{"store changed", true, plan.TextValue("https://other.example"), sent, sent, 0},
		{"exact values are never taken for equal", true, returned, exact, exact, 0},
	}
	for _, c := range cases {
		known := record.New(record.Key{})
		known.NoteRewriting("website", plan.MarkOf(sent), plan.MarkOf(returned), c.accepted)
		compared := &compared{observed: &observed{record: known}, live: plan.State{"website": c.observed}, desired: &Desired{Set: plan.State{"website": c.wants}}}
		got := compared.acceptRewritings(overlay(compared.live, compared.desired))
		if d := cmp.Diff(plan.State{"website": c.want}, got); d != "" || len(compared.lossy) != c.lossy {
			t.Errorf("%s: lossy %v (-want +got):\n%s", c.name, compared.lossy, d)
		}
	}
}

func FuzzDiffIsSymmetricAndEndsEmpty(f *testing.F) {
	f.Add("a", "b", "c")
	f.Add("", "\r\n", "\x00\xff")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		one := plan.State{plan.Path(a): plan.TextValue(b), "k": plan.ListValue([]string{c})}
		two := plan.State{plan.Path(a): plan.TextValue(c), "k": plan.ListValue([]string{b})}
		there, err := plan.Diff(one, two)
		if err != nil {
			t.Fatal(err)
		}
		back, err := plan.Diff(two, one)
		if err != nil {
			t.Fatal(err)
		}
		if len(there) != len(back) {
			t.Errorf("%d changes there, %d back", len(there), len(back))
		}
		if same, err := plan.Diff(one, one); err != nil || len(same) > 0 {
			t.Errorf("a state differs from itself: %v %v", same, err)
		}
	})
}
