package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/storesync/storesync/reconcile/plan"
)

// ownElements are the elements that a page may hold, with the attributes that
// may stand on each beside those of every element.
func ownElements() map[string][]string {
	return map[string][]string{
		"html": nil, "head": nil, "body": nil, "title": nil, "style": nil, "script": nil,
		"meta":   {"charset", "http-equiv", "content", "name"},
		"header": nil, "main": {"tabindex"}, "nav": nil, "footer": nil, "section": nil, "article": nil, "search": {"hidden"},
		"h1": nil, "h2": nil, "h3": nil, "h4": nil, "p": nil, "div": nil, "span": nil, "ul": nil, "ol": nil, "li": nil,
		"dl": nil, "dt": nil, "dd": nil, "b": nil, "strong": nil, "small": nil, "code": nil, "kbd": nil, "bdi": nil, "ins": nil, "del": nil,
		"figure": nil, "figcaption": nil, "details": {"open"}, "summary": nil, "time": {"datetime"}, "progress": {"max", "value"},
		"a": {"href"}, "label": {"for"}, "fieldset": nil, "legend": nil,
		"input": {"type", "name", "value", "checked", "placeholder", "autocomplete", "spellcheck"},
		"table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"scope", "colspan"}, "td": {"colspan"},
		"svg": {"viewbox", "width", "height"}, "rect": {"x", "y", "width", "height", "rx"}, "circle": {"cx", "cy", "r"}, "path": {"d"},
		"defs": nil, "use": {"href"}, "image": {"width", "height", "href"},
	}
}

// anywhere are the attributes that may stand on every element.
var anywhere = []string{"class", "id", "lang", "dir", "title", "role"}

// checkPage parses a page and checks that nothing is in it but what the view
// puts there, and that it is whole.
func checkPage(t *testing.T, name string, page []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	own := ownElements()
	ids := map[string]int{}
	var links []string
	level, h1 := 0, 0
	for node := range root.Descendants() {
		switch node.Type {
		case html.ElementNode:
		case html.TextNode:
			// Isolates are ours, and end where they begin.
			if strings.ContainsFunc(node.Data, func(r rune) bool { return !strings.ContainsRune("\n"+isolateStart+isolateEnd, r) && needsEscape(r) }) {
				t.Errorf("%s: a control character is in %.80q", name, node.Data)
			}
			continue
		case html.DoctypeNode:
			continue
		default:
			t.Errorf("%s: there is a node %d: %.80q", name, node.Type, node.Data)
			continue
		}
		attributes, known := own[node.Data]
		if !known {
			t.Fatalf("%s: there is an element %q", name, node.Data)
		}
		for _, a := range node.Attr {
			if !slices.Contains(anywhere, a.Key) && !slices.Contains(attributes, strings.ToLower(a.Key)) && !strings.HasPrefix(a.Key, "aria-") && !strings.HasPrefix(a.Key, "data-") {
				t.Errorf("%s: <%s> has %s=%.80q", name, node.Data, a.Key, a.Val)
			}
			switch {
			case a.Key == "id":
				ids[a.Val]++
			case a.Key == "href" && node.Data == "image":
				checkPicture(t, name, a.Val)
			case a.Key == "href":
				links = append(links, a.Val)
			}
		}
		if len(node.Data) == 2 && node.Data[0] == 'h' && node.Data[1] >= '1' && node.Data[1] <= '6' {
			if next := int(node.Data[1] - '0'); next > level+1 {
				t.Errorf("%s: a heading of level %d comes after one of %d", name, next, level)
			} else if level = next; next == 1 {
				h1++
			}
		}
	}
	if h1 != 1 {
		t.Errorf("%s: there are %d h1", name, h1)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: id %s is there %d times", name, id, n)
		}
	}
	for _, link := range links {
		if id, ok := strings.CutPrefix(link, "#"); !ok || ids[id] == 0 {
			t.Errorf("%s: a link leads to %.80q", name, link)
		}
	}
	checkPolicy(t, name, root)
	return root
}

// checkPicture checks that an address is a picture in the page itself.
func checkPicture(t *testing.T, name, address string) {
	t.Helper()
	data, ok := strings.CutPrefix(address, "data:image/png;base64,")
	if !ok {
		data, ok = strings.CutPrefix(address, "data:image/jpeg;base64,")
	}
	if _, err := base64.StdEncoding.DecodeString(data); err != nil || !ok {
		t.Errorf("%s: a picture comes from %.80q", name, address)
	}
}

// checkPolicy checks that the policy names the style and the script of the page,
// that there is no other, and that it lets nothing load.
func checkPolicy(t *testing.T, name string, root *html.Node) {
	t.Helper()
	parts := map[string][]string{}
	policy := ""
	for node := range root.Descendants() {
		switch {
		case node.Type != html.ElementNode:
		case node.Data == "style" || node.Data == "script":
			parts[node.Data] = append(parts[node.Data], node.FirstChild.Data)
		case node.Data == "meta" && attribute(node, "http-equiv") == "Content-Security-Policy":
			policy = attribute(node, "content")
		}
	}
	if len(parts["style"]) != 1 || len(parts["script"]) != 1 {
		t.Fatalf("%s: there are %d styles and %d scripts", name, len(parts["style"]), len(parts["script"]))
	}
	want := fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'",
		policyDigest([]byte(parts["style"][0])), policyDigest([]byte(parts["script"][0])))
	if diff := cmp.Diff(want, policy); diff != "" {
		t.Errorf("%s: policy (-want +got):\n%s", name, diff)
	}
}

func attribute(node *html.Node, key string) string {
	for _, a := range node.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// textsOf are the texts of all elements of a class.
func textsOf(root *html.Node, class string) []string {
	var all []string
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && slices.Contains(strings.Fields(attribute(node, "class")), class) {
			var b strings.Builder
			for child := range node.Descendants() {
				if child.Type == html.TextNode {
					b.WriteString(child.Data)
				}
			}
			all = append(all, strings.Join(strings.Fields(b.String()), " "))
		}
	}
	return all
}

// TestHTMLPages checks the page of every golden plan, and that all products,
// languages, guards, requests and findings of the plan are in it.
func TestHTMLPages(t *testing.T) {
	for _, folder := range goldenFolders(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			plan := goldenPlan(t, folder)
			page := must(t)(htmlPlan(plan, nil))
			root := checkPage(t, folder, page)
			shown := string(page)
			languages, requests, guards := map[string]bool{}, 0, 0
			for _, p := range plan.Products {
				requests += len(p.Operations)
				guards += len(p.Blocked)
				for _, c := range p.Changes {
					if language := listingLanguage(c.Path); language != "" {
						languages[p.Address+language] = true
					}
				}
				if !strings.Contains(shown, html.EscapeString(sanitize(productName(&p)))) {
					t.Errorf("%s is not shown", p.Address)
				}
			}
			counts := map[string]int{"languages": len(textsOf(root, "tag")), "requests": len(textsOf(root, "effect")), "guards": len(textsOf(root, "command")), "findings": len(textsOf(root, "finding-title"))}
			want := map[string]int{"languages": len(languages), "requests": requests, "guards": guards, "findings": len(plan.Diagnostics)}
			if diff := cmp.Diff(want, counts); diff != "" {
				t.Errorf("in the page (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHTMLMarksWords checks that changed words, and nothing else, are marked,
// each on its own side.
func TestHTMLMarksWords(t *testing.T) {
	tests := []struct {
		name, before, after string
		old, new            []htmlMark
	}{
		{"one word", "Read any book offline.", "Read every book offline.",
			[]htmlMark{{"", "Read "}, {markCut, "any"}, {"", " book offline."}}, []htmlMark{{"", "Read "}, {markPut, "every"}, {"", " book offline."}}},
		{"a line end", "One line\nand two of them", "One line\n\nand two of them",
			[]htmlMark{{"", "One line\n"}, {"", "and two of them"}}, []htmlMark{{"", "One line\n"}, {markPut, "↵\n"}, {"", "and two of them"}}},
		{"new", "", "Read.", nil, []htmlMark{{"", "Read."}}},
		{"rewritten", "Nobody liked it", "Every book you own", []htmlMark{{"", "Nobody liked it"}}, []htmlMark{{"", "Every book you own"}}},
		{"without blanks", "本を読む", "本を書く", []htmlMark{{"", "本を"}, {markCut, "読む"}}, []htmlMark{{"", "本を"}, {markPut, "書く"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			old, new, _ := compareTexts(test.before, test.after, 0)
			if diff := cmp.Diff(test.old, old); diff != "" {
				t.Errorf("before (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.new, new); diff != "" {
				t.Errorf("after (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHTMLDirection checks that text runs as its language does, and that it is
// named to screen readers only when its tag is one.
func TestHTMLDirection(t *testing.T) {
	tests := []struct{ tag, lang, dir string }{
		{"en-us", "en-us", "ltr"}, {"ar-sa", "ar-sa", "rtl"}, {"HE", "HE", "rtl"}, {"uz-arab-af", "uz-arab-af", "rtl"},
		{"az-latn-az", "az-latn-az", "ltr"}, {"fa-latn", "fa-latn", "ltr"}, {"zh-hans", "zh-hans", "ltr"}, {"es-419", "es-419", "ltr"},
		{`x" onload="`, "", "ltr"}, {"*", "", "ltr"}, {"-", "", "ltr"}, {"", "", "ltr"},
	}
	for _, test := range tests {
		if got := languageOf(test.tag).Lang; got != test.lang {
			t.Errorf("language of %q is %q, want %q", test.tag, got, test.lang)
		}
		if got := directionOf(test.tag); got != test.dir {
			t.Errorf("direction of %q is %q, want %q", test.tag, got, test.dir)
		}
	}
}

// TestHTMLStaysSmall renders fifty languages of many products with texts of the
// Store's full length: the page stays usable and says what it shortened.
func TestHTMLStaysSmall(t *testing.T) {
	const most = 6_000_000
	plan := manyTexts(t, 20, 50)
	page := must(t)(htmlPlan(plan, nil))
	if len(page) > most {
		t.Errorf("the page has %d bytes, more than %d", len(page), most)
	}
	root := checkPage(t, "many", page)
	if n := len(textsOf(root, "tag")); n != 20*50 {
		t.Errorf("%d languages are shown, want %d", n, 20*50)
	}
	if notes := textsOf(root, "remark"); len(notes) != 1 || !strings.Contains(notes[0], "shortened") {
		t.Errorf("the page does not say that texts are shortened: %q", notes)
	}
	if gaps := textsOf(root, "gap"); len(gaps) == 0 {
		t.Error("no gap is shown")
	}
	if page := must(t)(htmlPlan(manyTexts(t, 1, 50), nil)); bytes.Contains(page, []byte("more text than a page should")) {
		t.Error("fifty languages of one product are shortened")
	}
}

// manyTexts is a plan of products and languages in each of which one word of a
// long text changes.
func manyTexts(t *testing.T, products, languages int) *plan.Plan {
	t.Helper()
	text := func(s string) json.RawMessage { return plan.TextValue(s).JSON }
	planned := &plan.Plan{FormatVersion: plan.FormatVersion, Complete: true, Applyable: true}
	for i := range products {
		p := plan.Product{Address: fmt.Sprintf("MsixApp/app-%d", i), Kind: "MsixApp", Complete: true, Applyable: true}
		for j := range languages {
			long := strings.Repeat(fmt.Sprintf("sentence %d of app %d is long enough. ", j, i), 130)
			p.Changes = append(p.Changes, plan.Change{Path: plan.Join("listings", fmt.Sprintf("x%c%c", 'a'+j/26, 'a'+j%26), "description"),
				Action: plan.ActionUpdate, Type: plan.Text, Before: text(long + "old" + long), After: text(long + "new" + long)})
		}
		planned.Products = append(planned.Products, p)
	}
	return planned
}

// TestHTMLShortened checks that a shortened text keeps the changes and what
// stands around them, and counts what it leaves out.
func TestHTMLShortened(t *testing.T) {
	long := strings.Repeat("é", 1000)
	old, new, _ := compareTexts(long+" old "+long, long+" new "+long, 400)
	want := func(kind, word string) []htmlMark {
		return []htmlMark{{markGap, "975 characters unchanged"}, {"", strings.Repeat("é", 25) + " "}, {kind, word},
			{"", " " + strings.Repeat("é", 24)}, {markGap, "976 characters unchanged"}}
	}
	if diff := cmp.Diff(want(markCut, "old"), old); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want(markPut, "new"), new); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
}

// TestHTMLAlike checks that languages that change alike share a card, and that
// one that differs has its own.
func TestHTMLAlike(t *testing.T) {
	change := func(language, after string) plan.Change {
		return plan.Change{Path: plan.Join("listings", language, "copyright"), Action: plan.ActionUpdate, Type: plan.Text,
			Before: plan.TextValue("2025").JSON, After: plan.TextValue(after).JSON}
	}
	p := plan.Product{Address: "MsiExeApp/a", Kind: "MsiExeApp"}
	for _, language := range []string{"de-de", "en-us", "fr-fr"} {
		p.Changes = append(p.Changes, change(language, "2026"))
	}
	p.Changes = append(p.Changes, change("it-it", "2027"))
	b := &htmlBuilder{plan: &plan.Plan{}, pictures: newPictures(nil)}
	var got [][]string
	for _, card := range b.listings(&p, "p") {
		var tags []string
		for _, l := range card.Languages {
			tags = append(tags, l.Tag)
		}
		got = append(got, tags)
	}
	if diff := cmp.Diff([][]string{{"de-de", "en-us", "fr-fr"}, {"it-it"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHTMLHidesSecrets checks that a sensitive value, were it ever in a plan,
// stays out of the page.
func TestHTMLHidesSecrets(t *testing.T) {
	for _, kind := range []plan.Type{plan.Text, plan.Scalar, plan.List, plan.Set, plan.Images} {
		value := json.RawMessage(`"s3cret"`)
		if kind != plan.Text && kind != plan.Scalar {
			value = json.RawMessage(`["s3cret"]`)
		}
		plan := &plan.Plan{Products: []plan.Product{{Address: "MsixApp/a", Kind: "MsixApp", Changes: []plan.Change{
			{Path: "notesForCertification", Action: plan.ActionUpdate, Type: kind, Before: value, After: value, Sensitive: true}}}}}
		if bytes.Contains(must(t)(htmlPlan(plan, nil)), []byte("s3cret")) {
			t.Errorf("a sensitive value of type %s is in the page", kind)
		}
	}
}
