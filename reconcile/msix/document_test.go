package msix

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parsed(t *testing.T, raw string) *document {
	t.Helper()
	d, err := parseDocument(json.RawMessage(raw))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDocumentKeepsWhatItDoesNotKnow(t *testing.T) {
	const submission = `{"z":1.50,"big":12345678901234567890,"tiny":1E-400,"minus":-0,
		"pricing":{"priceId":"Tier12","sales":[{"name":"x"}]},"future":{"deep":[{"a":[]},{"b":null},{}]},
		"text":"\u00e4\u0041/\/<&>\u2028","lone":"\ud800 half","7":true}`
	d := parsed(t, submission)
	const want = `{"7":true,"big":12345678901234567890,"future":{"deep":[{"a":[]},{"b":null},{}]},"lone":"\ud800 half","minus":-0,` +
		`"pricing":{"priceId":"Tier12","sales":[{"name":"x"}]},"text":"äA//<&>\u2028","tiny":1E-400,"z":1.50}`
	if diff := cmp.Diff(want, string(d.raw())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseDocumentRefuses(t *testing.T) {
	for _, raw := range []string{"", "null", "[]", `"x"`, "{", `{"a":1} {"b":2}`, "<html>", "{\"a\":01}", strings.Repeat(`{"a":`, maxDepth+1) + "1" + strings.Repeat("}", maxDepth+1)} {
		if d, err := parseDocument(json.RawMessage(raw)); err == nil {
			t.Errorf("%q was read as %s", raw, d.raw())
		}
	}
	if _, err := parseDocument(json.RawMessage("\ufeff{}")); err != nil {
		t.Errorf("a byte order mark is refused: %v", err)
	}
}

func TestDocumentByPointer(t *testing.T) {
	d := parsed(t, `{"Pricing":{"priceId":"Free"},"listings":{"en-US":{"baseListing":{"title":"Contoso"}}},"a/b":{"~":1},"list":[{"x":1},{"x":2}],"none":null}`)
	for pointer, want := range map[string]string{
		"/pricing/PriceID": `"Free"`, "/listings/en-us/baseListing/title": `"Contoso"`, "/a~1b/~0": "1", "/list/1/x": "2", "/none": "null",
		"/list/2": "", "/list/01": "", "/list/-": "", "/list/x": "", "/none/x": "", "list": "",
	} {
		if got, _ := d.get(pointer); string(got) != want {
			t.Errorf("get %s = %s, want %s", pointer, got, want)
		}
	}
	for _, step := range []struct{ pointer, value string }{
		{"/pricing/priceid", `"Tier2"`}, {"/listings/fr-fr/baseListing/title", `"Contoso Notes"`}, {"/none/made", "1"},
		{"/list/0/x", "7"}, {"/list/-", `{"x":3}`},
	} {
		if err := d.set(step.pointer, json.RawMessage(step.value)); err != nil {
			t.Errorf("set %s: %v", step.pointer, err)
		}
	}
	for _, pointer := range []string{"", "x", "/list/9", "/list/5/x", "/a~1b/~0/x"} {
		if err := d.set(pointer, json.RawMessage("1")); err == nil {
			t.Errorf("set %q was possible", pointer)
		}
	}
	if !d.remove("/A~1B/~0") || !d.remove("/list/1") || d.remove("/list/9") || d.remove("/nowhere/x") {
		t.Error("remove says something else than what it did")
	}
	const want = `{"Pricing":{"priceId":"Tier2"},"a/b":{},"list":[{"x":7},{"x":3}],` +
		`"listings":{"en-US":{"baseListing":{"title":"Contoso"}},"fr-fr":{"baseListing":{"title":"Contoso Notes"}}},"none":{"made":1}}`
	if diff := cmp.Diff(want, string(d.raw())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPatchReadsWell(t *testing.T) {
	tests := []struct{ name, from, to, want string }{
		{"nothing", `{"a":1}`, `{"a":1}`, `[]`},
		{"a word", `{"a":{"b/c":"x"},"k":1}`, `{"a":{"b/c":"y"},"k":1}`, `[{"op":"replace","path":"/a/b~1c","value":"y"}]`},
		{"a number's digits", `{"a":1}`, `{"a":1.0}`, `[{"op":"replace","path":"/a","value":1.0}]`},
		{"escapes are no change", `{"a":"\u0041\/"}`, `{"a":"A/"}`, `[]`},
		{"from null", `{"a":null}`, `{"a":[1]}`, `[{"op":"add","path":"/a","value":[1]}]`},
		{"to null", `{"a":1}`, `{"a":null}`, `[{"op":"replace","path":"/a","value":null}]`},
		{"members", `{"a":1,"b":2}`, `{"b":2,"c":3}`, `[{"op":"remove","path":"/a"},{"op":"add","path":"/c","value":3}]`},
		{"a list of words is one value", `{"k":["a","b"]}`, `{"k":["a","c"]}`, `[{"op":"replace","path":"/k","value":["a","c"]}]`},
		{"a caption", `{"i":[{"id":"1","d":"x","e":[]},{"id":"2"}]}`, `{"i":[{"id":"1","d":"y","e":[]},{"id":"2"}]}`, `[{"op":"replace","path":"/i/0/d","value":"y"}]`},
		{"a package more", `{"i":[{"id":"1"}]}`, `{"i":[{"id":"1"},{"id":"2"}]}`, `[{"op":"add","path":"/i/1","value":{"id":"2"}}]`},
		{"one in front", `{"i":[{"id":"1"}]}`, `{"i":[{"id":"0"},{"id":"1"}]}`, `[{"op":"add","path":"/i/0","value":{"id":"0"}}]`},
		{"two fewer", `{"i":[{"id":"1"},{"id":"2"},{"id":"3"},{"id":"4"}]}`, `{"i":[{"id":"1"},{"id":"4"}]}`,
			`[{"op":"remove","path":"/i/2"},{"op":"remove","path":"/i/1"}]`},
		{"another type", `{"i":[{}]}`, `{"i":{}}`, `[{"op":"replace","path":"/i","value":{}}]`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := makePatch(parsed(t, test.from), parsed(t, test.to))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestApplyPatchRefusesWhatDoesNotFit(t *testing.T) {
	const submission = `{"a":{"b":1},"l":[{"x":1}],"s":"x"}`
	for _, patch := range []string{
		`{}`, `[{"op":"replace","path":"","value":{}}]`, `[{"op":"replace","path":"a","value":1}]`, `[{"op":"replace","path":"/nowhere","value":1}]`,
		`[{"op":"remove","path":"/a/c"}]`, `[{"op":"add","path":"/x/y","value":1}]`, `[{"op":"add","path":"/l/2","value":1}]`, `[{"op":"replace","path":"/l/-","value":1}]`,
		`[{"op":"remove","path":"/l/01"}]`, `[{"op":"move","from":"/a","path":"/b"}]`, `[{"op":"test","path":"/s","value":"x"}]`, `[{"op":"add","path":"/s/t","value":1}]`,
		`[{"op":"add","path":"/n"}]`, `[{"op":"replace","path":"/A","value":1}]`,
	} {
		d := parsed(t, submission)
		if got, err := applyPatch(d, json.RawMessage(patch)); err == nil {
			t.Errorf("%s was applied: %s", patch, got.raw())
		}
		if diff := cmp.Diff(string(parsed(t, submission).raw()), string(d.raw())); diff != "" {
			t.Errorf("%s changed its input (-want +got):\n%s", patch, diff)
		}
	}
}

// TestPatchIsExact: what a patch was made of comes out of it, whatever the
// documents hold.
func TestPatchIsExact(t *testing.T) {
	live := parsed(t, liveSubmission)
	checkPatch(t, live, parsed(t, strings.Replace(liveSubmission, "The editor", "The window", 1)))
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		checkPatch(t, live, mutated(random, live))
	}
	for range 1000 {
		from := &document{root: randomObject(random, 4)}
		to := mutated(random, from)
		checkPatch(t, from, to)
		checkPatch(t, from, &document{root: randomObject(random, 4)})
	}
}

func checkPatch(t *testing.T, from, to *document) {
	t.Helper()
	before := string(from.raw())
	patch, err := makePatch(from, to)
	if err != nil {
		t.Fatal(err)
	}
	got, err := applyPatch(from, patch)
	if err != nil {
		t.Fatalf("%v\nfrom  %s\nto    %s\npatch %s", err, from.raw(), to.raw(), patch)
	}
	if string(got.raw()) != string(to.raw()) || !got.equal(to) {
		t.Fatalf("another document came out:\nfrom  %s\nto    %s\npatch %s\ngot   %s", from.raw(), to.raw(), patch, got.raw())
	}
	if string(from.raw()) != before {
		t.Fatalf("the document was changed in place: %s", before)
	}
	if from.equal(to) != (string(patch) == "[]") {
		t.Fatalf("an empty patch for other documents, or the other way round: %s", patch)
	}
}

func randomNode(random *rand.Rand, depth int) *node {
	kinds := 7
	if depth == 0 {
		kinds = 4
	}
	switch random.IntN(kinds) {
	case 0:
		return &node{leaf: json.RawMessage([]string{"null", "true", "false"}[random.IntN(3)])}
	case 1:
		return &node{leaf: json.RawMessage([]string{"0", "-0", "1", "1.0", "1e1", "10", "12345678901234567890", "0.10"}[random.IntN(8)])}
	case 2, 3:
		return &node{leaf: encode([]string{"", "a", "b", "ä<&>", "a/b", "~", "\u2028"}[random.IntN(7)])}
	case 4:
		list := &node{array: true}
		for range random.IntN(5) {
			list.elements = append(list.elements, randomObject(random, depth-1))
		}
		return list
	case 5:
		list := &node{array: true}
		for range random.IntN(4) {
			list.elements = append(list.elements, randomNode(random, depth-1))
		}
		return list
	}
	return randomObject(random, depth-1)
}

func randomObject(random *rand.Rand, depth int) *node {
	n := &node{members: map[string]*node{}}
	for range random.IntN(5) {
		n.members[[]string{"a", "A", "b", "a/b", "~0", "", "7"}[random.IntN(7)]] = randomNode(random, max(depth, 0))
	}
	return n
}

// mutated is a copy with a few things changed, as in a real plan.
func mutated(random *rand.Rand, d *document) *document {
	c := d.clone()
	var all []*node
	var collect func(n *node)
	collect = func(n *node) {
		all = append(all, n)
		for _, member := range n.members {
			collect(member)
		}
		for _, element := range n.elements {
			collect(element)
		}
	}
	collect(c.root)
	for range random.IntN(3) + 1 {
		n := all[random.IntN(len(all))]
		switch {
		case n.members != nil:
			n.members["k"+strconv.Itoa(random.IntN(3))] = randomNode(random, 1)
		case n.array && len(n.elements) > 0 && random.IntN(2) == 0:
			i := random.IntN(len(n.elements))
			n.elements = append(n.elements[:i:i], n.elements[i+1:]...)
		case n.array:
			n.elements = append(n.elements, randomObject(random, 1))
		default:
			n.leaf = randomNode(random, 0).leaf
		}
	}
	return c
}

func FuzzPatch(f *testing.F) {
	f.Add(`{"a":1,"l":[{"x":"1"},{"y":2.0}]}`, `{"a":1.0,"l":[{"y":2.0}],"n":null}`)
	f.Add(`{"\ud800":"\ud801","a":{}}`, `{"a":{"":[[]]}}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		from, err := parseDocument(json.RawMessage(a))
		if err != nil {
			return
		}
		if again, err := parseDocument(from.raw()); err != nil || !again.equal(from) {
			t.Fatalf("what was written is not what was read: %s: %v", from.raw(), err)
		}
		to, err := parseDocument(json.RawMessage(b))
		if err != nil {
			return
		}
		checkPatch(t, from, to)
	})
}

func TestDigestLeavesOutWhatTheServiceOwns(t *testing.T) {
	published := parsed(t, liveSubmission)
	clone := published.clone()
	for pointer, value := range map[string]string{
		"/id": `"1152921500000000002"`, "/status": `"PendingCommit"`, "/statusDetails": `{"errors":[],"warnings":[{"code":"SalesUnsupportedWarning"}]}`,
		"/fileUploadUrl": `"https://blob.contoso.example/c/f?sig=SECRET"`, "/friendlyName": `"Submission 20"`, "/pricing/sales": `[]`,
		"/pricing/isAdvancedPricingModel": `false`, "/packageDeliveryOptions/packageRollout/packageRolloutStatus": `"PackageRolloutComplete"`,
		"/notesForCertification": `"other"`, "/absent": `null`, "/listings/en-us/baseListing/sortTitle": `null`,
		// What means nothing: dates of another mode, and none in any spelling.
		"/targetPublishDate": `"2027-01-31T09:00:00Z"`, "/packageDeliveryOptions/mandatoryUpdateEffectiveDate": `""`, "/listings/en-us/baseListing/shortTitle": `""`,
		"/listings/en-us/baseListing/recommendedHardware": `null`, "/listings/en-us/baseListing/websiteUrl": `"https://contoso.example"`, "/trailers": `null`, "/gamingOptions/0/genres": `null`,
	} {
		if err := clone.set(pointer, json.RawMessage(value)); err != nil {
			t.Fatal(err)
		}
	}
	if published.digest() != clone.digest() {
		t.Error("a draft just made has another digest than what it was made of")
	}
	for pointer, value := range map[string]string{
		"/pricing/priceId": `"Free"`, "/pricing/marketSpecificPricings/JP": `"Tier2"`, "/visibility": `"Hidden"`, "/unknownField": `1`, "/listings/en-us/baseListing/title": `"x"`,
		"/listings/en-us/baseListing/images/0/description": `"x"`, "/packageDeliveryOptions/isMandatoryUpdate": `true`, "/applicationPackages/0/fileStatus": `"PendingDelete"`,
		"/listings/de-de": `{}`, "/targetPublishMode": `"Manual"`, "/gamingOptions": `[]`,
	} {
		changed := published.clone()
		if err := changed.set(pointer, json.RawMessage(value)); err != nil {
			t.Fatal(err)
		}
		if changed.digest() == published.digest() {
			t.Errorf("%s does not count", pointer)
		}
	}
}

// TestDatesThatCountAreInTheDigest, however they are written.
func TestDatesThatCountAreInTheDigest(t *testing.T) {
	for pointer, condition := range map[string][2]string{
		"/targetPublishDate": {"/targetPublishMode", `"SpecificDate"`},
		"/packageDeliveryOptions/mandatoryUpdateEffectiveDate": {"/packageDeliveryOptions/isMandatoryUpdate", "true"},
	} {
		digest := func(date string) string {
			return parsed(t, with(t, liveSubmission, map[string]string{condition[0]: condition[1], pointer: date})).digest()
		}
		day := digest(`"2027-01-31T09:00:00Z"`)
		if day != digest(`"2027-01-31T10:00:00.0000000+01:00"`) {
			t.Errorf("%s: the spelling counts", pointer)
		}
		if none := digest("null"); day == none || none != digest(`""`) || none != digest(`"1601-01-01T00:00:00Z"`) || day == digest(`"2027-02-28T09:00:00Z"`) {
			t.Errorf("%s: the date does not count, or none is not none", pointer)
		}
	}
}

// TestPatchFitsWhatMeansTheSame: a patch is made for one document and applied
// to another that means the same.
func TestPatchFitsWhatMeansTheSame(t *testing.T) {
	bases := []string{
		`{"targetPublishMode":"Immediate"}`,
		`{"targetPublishMode":"Immediate","a":null,"listings":null,"targetPublishDate":null}`,
		`{"targetPublishMode":"Immediate","a":{"b":"","l":[],"n":{}},"targetPublishDate":"1601-01-01T00:00:00Z"}`,
		`{"targetPublishMode":"Immediate","a":{},"targetPublishDate":"2026-12-24T18:00:00Z"}`,
		`{"targetPublishMode":"Immediate","a":{"b":null,"l":null,"n":{"m":""}},"targetPublishDate":""}`,
	}
	changes := map[string]map[string]string{
		"a text":             {"/a/b": `"x"`},
		"an element":         {"/a/l": `[{"x":1}]`},
		"deep":               {"/a/n/m": `"x"`, "/a/n/o": `1`},
		"a date":             {"/targetPublishMode": `"SpecificDate"`, "/targetPublishDate": `"2026-12-24T18:00:00Z"`},
		"a part of nothing":  {"/packageDeliveryOptions/isMandatoryUpdate": `false`},
		"nothing but itself": {"/x": `true`},
	}
	for name, change := range changes {
		bodies := map[string]bool{}
		for _, base := range bases {
			planned := parsed(t, base)
			if got, want := planned.digest(), parsed(t, bases[0]).digest(); got != want {
				t.Fatalf("%s means something else", base)
			}
			patch, err := makePatch(idleless(planned, parsed(t, with(t, base, change))))
			if err != nil {
				t.Fatal(err)
			}
			bodies[strings.ReplaceAll(string(patch), `"op":"replace"`, `"op":"add"`)] = true
			steps, err := parsePatch(patch)
			if err != nil {
				t.Fatal(err)
			}
			for _, other := range bases {
				got, err := fitPatch(parsed(t, other), steps)
				if err != nil {
					t.Errorf("%s: %s made for %s does not fit %s: %v", name, patch, base, other, err)
					continue
				}
				if want := parsed(t, with(t, other, change)); got.digest() != want.digest() {
					t.Errorf("%s: %s made of %s by %s, want %s", name, got.raw(), other, patch, want.raw())
				}
			}
		}
		if name == "a date" && len(bodies) != 1 {
			t.Errorf("%s: the patch depends on what means nothing: %v", name, bodies)
		}
	}
	// What had something is as exact as ever.
	for _, patch := range []string{`[{"op":"replace","path":"/s/t","value":1}]`, `[{"op":"remove","path":"/l/3"}]`, `[{"op":"add","path":"/l/7","value":1}]`, `[{"op":"move","path":"/s"}]`, `[{"op":"add","path":"","value":1}]`} {
		steps, err := parsePatch(json.RawMessage(patch))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fitPatch(parsed(t, `{"l":[{"x":1}],"s":"x"}`), steps); err == nil {
			t.Errorf("%s was applied: %s", patch, got.raw())
		}
	}
}
