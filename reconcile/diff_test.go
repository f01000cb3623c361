package reconcile

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiff(t *testing.T) {
	image := func(digest, id string) Image { return Image{Digest: digest, ID: id, Width: 1366, Height: 768} }
	cases := []struct {
		name             string
		reason           string
		observed, target State
		want             []Change
	}{
		{
			name: "one text", reason: "only the path that differs is a change",
			observed: State{"listings.en.description": TextValue("old"), "listings.de.description": TextValue("alt")},
			target:   State{"listings.en.description": TextValue("new"), "listings.de.description": TextValue("alt")},
			want: []Change{{Path: "listings.en.description", Action: ActionUpdate, Type: Text,
				Before: json.RawMessage(`"old"`), After: json.RawMessage(`"new"`)}},
		},
		{
			name: "line ends", reason: "the Store may answer CRLF and drop the last line break",
			observed: State{"d": TextValue("a\r\nb")}, target: State{"d": TextValue("a\nb\n")},
		},
		{
			name: "empty and absent", reason: "an unset text is absent in answers, an unset list is []",
			observed: State{"list": ListValue(nil)}, target: State{"text": TextValue("")},
		},
		{
			name: "cleared", reason: "an empty text clears, and the plan shows what it becomes",
			observed: State{"text": TextValue("x")}, target: State{"text": TextValue("")},
			want: []Change{{Path: "text", Action: ActionUpdate, Type: Text, Before: json.RawMessage(`"x"`), After: json.RawMessage(`""`)}},
		},
		{
			name: "set order", reason: "markets have no order",
			observed: State{"m": SetValue([]string{"US", "DE"})}, target: State{"m": SetValue([]string{"DE", "US", "US"})},
		},
		{
			name: "list order", reason: "features are shown in order",
			observed: State{"f": ListValue([]string{"a", "b"})}, target: State{"f": ListValue([]string{"b", "a"})},
			want: []Change{{Path: "f", Action: ActionUpdate, Type: List, Before: json.RawMessage(`["a","b"]`), After: json.RawMessage(`["b","a"]`)}},
		},
		{
			name: "images by content", reason: "ids and file names mean nothing, contents in order do",
			observed: State{"s": ImagesValue([]Image{image("sha256:1", "id-1")})},
			target:   State{"s": ImagesValue([]Image{{Digest: "sha256:1", Name: "images/1.png"}})},
		},
		{
			name: "sensitive", reason: "neither side of a sensitive value is shown",
			observed: State{"n": {Type: Text, JSON: json.RawMessage(`"old secret"`), Sensitive: true}},
			target:   State{"n": {Type: Text, JSON: json.RawMessage(`"new secret"`), Sensitive: true}},
			want: []Change{{Path: "n", Action: ActionUpdate, Type: Text, Sensitive: true,
				Before: json.RawMessage(`"(sensitive)"`), After: json.RawMessage(`"(sensitive)"`)}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := diff(c.observed, c.target)
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
	observed := State{
		"a": TextValue("live"), "b": TextValue("live"), "listings.fr.description": TextValue("adieu"), "listings.fr-ca.description": TextValue("reste"),
	}
	desired := &Desired{
		Set:    State{"a": TextValue("wanted"), "secret": {Type: Text, Unknown: true}},
		Remove: []Path{"listings.fr"},
	}
	want := State{"a": TextValue("wanted"), "b": TextValue("live"), "listings.fr-ca.description": TextValue("reste")}
	once := overlay(observed, desired)
	if d := cmp.Diff(want, once); d != "" {
		t.Errorf("overlay (-want +got):\n%s", d)
	}
	if d := cmp.Diff(once, overlay(once, desired)); d != "" {
		t.Errorf("a second overlay changed something (-once +twice):\n%s", d)
	}
}

func TestRemovalsShowWhatGoes(t *testing.T) {
	observed := State{
		"listings.fr.description": TextValue("adieu"),
		"listings.fr.whatsNew":    TextValue(""),
		"listings.en.description": TextValue("hello"),
	}
	want := []Change{{Path: "listings.fr", Action: ActionDelete, Before: json.RawMessage(`{"description":"adieu"}`)}}
	if d := cmp.Diff(want, removals(observed, []Path{"listings.fr", "listings.it"})); d != "" {
		t.Errorf("removals (-want +got):\n%s", d)
	}
}

func TestAcceptRewrites(t *testing.T) {
	sent, returned := TextValue("https://contoso.example"), TextValue("https://contoso.example/")
	known := map[Path]Rewrite{"website": {Sent: digestOf(sent), Returned: digestOf(returned), Confirmed: true}}
	exact := sent
	exact.Exact = true
	cases := []struct {
		name             string
		observed, target Value
		want             Value
	}{
		{"both sides stand", returned, sent, returned},
		{"manifest changed", returned, TextValue("https://new.example"), TextValue("https://new.example")},
		{"store changed", TextValue("https://other.example"), sent, sent},
		{"exact values are never taken for equal", returned, exact, exact},
	}
	for _, c := range cases {
		got := acceptRewrites(State{"website": c.observed}, State{"website": c.target}, known)
		if d := cmp.Diff(State{"website": c.want}, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func FuzzDiffIsSymmetricAndEndsEmpty(f *testing.F) {
	f.Add("a", "b", "c")
	f.Add("", "\r\n", "\x00\xff")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		one := State{Path(a): TextValue(b), "k": ListValue([]string{c})}
		two := State{Path(a): TextValue(c), "k": ListValue([]string{b})}
		there, err := diff(one, two)
		if err != nil {
			t.Fatal(err)
		}
		back, err := diff(two, one)
		if err != nil {
			t.Fatal(err)
		}
		if len(there) != len(back) {
			t.Errorf("%d changes there, %d back", len(there), len(back))
		}
		if same, err := diff(one, one); err != nil || len(same) > 0 {
			t.Errorf("a state differs from itself: %v %v", same, err)
		}
	})
}
