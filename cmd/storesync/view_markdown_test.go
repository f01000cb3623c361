package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	source "github.com/yuin/goldmark/text"

	"github.com/storesync/storesync/reconcile/plan"
)

// markdownShape is what a parser of GitHub's Markdown sees in a comment: its
// blocks and spans without what stands in code, and the words outside of code.
type markdownShape struct {
	blocks []string
	words  strings.Builder
}

func commentShapeOf(t *testing.T, comment string) *markdownShape {
	t.Helper()
	content := []byte(comment)
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(source.NewReader(content))
	shape := &markdownShape{}
	err := ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.CodeSpan, *ast.FencedCodeBlock:
			shape.blocks = append(shape.blocks, n.Kind().String())
			return ast.WalkSkipChildren, nil
		case *ast.HTMLBlock:
			shape.blocks = append(shape.blocks, "HTML "+string(n.Lines().Value(content)))
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			shape.words.WriteString(string(n.Value(content)) + "\n")
			return ast.WalkContinue, nil
		}
		shape.blocks = append(shape.blocks, n.Kind().String())
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return shape
}

// ownHTML is all the HTML that a comment may hold.
var ownHTML = regexp.MustCompile(`^(<!-- storesync:(plan|drift) [A-Za-z0-9./_%]+ -->|<details><summary>(<code>[^<>]*</code>: )?[A-Za-z0-9 ,;.%-]*</summary>|</details>)\n$`)

// ownKinds are all the kinds of Markdown that a comment may be made of. Links,
// images, quotes and HTML within a line are not among them.
var ownKinds = map[string]bool{
	ast.KindDocument.String(): true, ast.KindHeading.String(): true, ast.KindParagraph.String(): true, ast.KindTextBlock.String(): true,
	ast.KindEmphasis.String(): true, ast.KindCodeSpan.String(): true, ast.KindFencedCodeBlock.String(): true,
	ast.KindList.String(): true, ast.KindListItem.String(): true,
	extast.KindTable.String(): true, extast.KindTableHeader.String(): true, extast.KindTableRow.String(): true, extast.KindTableCell.String(): true,
}

// TestHostileMarkdown reads comments as GitHub would: whatever the texts are,
// they stand in code and nowhere else, the same things are on the page as with
// harmless texts, and nothing is a link, an image, a mention or HTML.
func TestHostileMarkdown(t *testing.T) {
	for _, hostile := range hostileTexts(t) {
		t.Run(hostile.Name, func(t *testing.T) {
			for name, plan := range hostilePlans(t, hostile.Text) {
				for document, comment := range comments(plan) {
					checkComment(t, document, comment)
					for line := range strings.Lines(comment) {
						if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
							t.Errorf("%s of %s: a line is a command of a runner: %q\nreason: %s", document, name, line, hostile.Reason)
						}
					}
				}
				if t.Failed() {
					t.Fatalf("%s\nreason: %s", name, hostile.Reason)
				}
			}
		})
	}
}

// comments are both documents that are made of a plan, by name.
func comments(plan *plan.Plan) map[string]string {
	return map[string]string{"plan": markdownPlan(plan), "drift": markdownDrift(plan)}
}

// checkComment checks what holds of every comment.
func checkComment(t *testing.T, document, comment string) {
	t.Helper()
	if n := len(utf16.Encode([]rune(comment))); n >= 65_000 {
		t.Errorf("%d characters are more than a comment may have", n)
	}
	if first, _, _ := strings.Cut(comment, "\n"); !strings.HasPrefix(first, "<!-- storesync:"+document+" ") {
		t.Errorf("the first line is no marker: %q", first)
	}
	for _, r := range comment {
		if r != '\n' && r != '\u2068' && r != '\u2069' && needsEscape(r) {
			t.Errorf("%q is in the comment", r)
		}
	}
	shape := commentShapeOf(t, comment)
	opened := 0
	for _, block := range shape.blocks {
		html, isHTML := strings.CutPrefix(block, "HTML ")
		switch {
		case isHTML && !ownHTML.MatchString(html):
			t.Errorf("HTML that is not ours: %q", html)
		case strings.HasPrefix(html, "<details>"):
			opened++
		case strings.HasPrefix(html, "</details>"):
			opened--
		case !isHTML && !ownKinds[block]:
			t.Errorf("a comment has no %s", block)
		}
	}
	if opened != 0 {
		t.Errorf("%d folds are not closed", opened)
	}
	if words := shape.words.String(); strings.ContainsAny(words, "@#<>`") || strings.Contains(words, "h0stile") || strings.Contains(words, "://") {
		t.Errorf("words outside of code:\n%s", words)
	}
}

// TestMarkdownShape shows that hostile texts put nothing on the page that
// harmless ones of the same length do not.
func TestMarkdownShape(t *testing.T) {
	harmless := hostilePlans(t, "plain words")
	for _, hostile := range hostileTexts(t) {
		// Texts that are long, or empty, lead to other pages by right.
		if columns(sanitize(hostile.Text)) > 150 || strings.TrimSpace(hostile.Text) == "" {
			continue
		}
		for name, planned := range hostilePlans(t, hostile.Text) {
			if name == "errored" {
				continue // the number of items is the same, but not which come first
			}
			kinds := func(p *plan.Plan) []string {
				var all []string
				for _, block := range commentShapeOf(t, markdownPlan(p)+markdownDrift(p)).blocks {
					block, _, _ = strings.Cut(block, " ")
					all = append(all, block)
				}
				return all
			}
			if diff := cmp.Diff(kinds(harmless[name]), kinds(planned)); diff != "" {
				t.Errorf("%s, %s: other things are on the page (-want +got):\n%s", hostile.Name, name, diff)
			}
		}
	}
}

// TestMarkdownSize renders plans of any size: a comment always fits, is whole,
// and says what it leaves out; and what fits is not cut.
func TestMarkdownSize(t *testing.T) {
	for _, tt := range []struct {
		reason                         string
		products, languages, textBytes int
		cut                            bool
		want                           []string
	}{
		{"a small plan is whole", 1, 3, 200, false, nil},
		{"fifty languages of one product", 1, 50, 400, false, nil},
		{"one product that is too large by itself keeps its first languages and its requests", 1, 400, 600, true, []string{"submits to certification", "Requests, in order", "of `MsiExeApp/contoso-0` changes of `listings.l"}},
		{"products share the room", 30, 20, 500, true, []string{"MsiExeApp/contoso-29</code>: 20 to change"}},
		{"a thousand products are a table, as far as it fits", 1000, 1, 100, true, []string{"rows of the table", "plan hashes", "the details of"}},
		{"three thousand products with long text", 3000, 1, 1000, true, []string{"Cut to fit"}},
	} {
		t.Run(fmt.Sprint(tt.products, "x", tt.languages), func(t *testing.T) {
			plan := largePlan(tt.products, tt.languages, tt.textBytes)
			comment, drift := markdownPlan(plan), markdownDrift(plan)
			checkComment(t, "plan", comment)
			checkComment(t, "drift", drift)
			if cut := strings.Contains(drift, "Cut to fit a comment"); cut != tt.cut {
				t.Errorf("the drift is cut: %v, want %v: %s (%d characters)", cut, tt.cut, tt.reason, units(drift))
			}
			if cut := strings.Contains(comment, "Cut to fit a comment"); cut != tt.cut {
				t.Errorf("cut: %v, want %v: %s (%d characters)", cut, tt.cut, tt.reason, units(comment))
			}
			if tt.cut && units(comment) < commentLimit*2/3 {
				t.Errorf("%d characters: more would have fitted: %s", units(comment), tt.reason)
			}
			for _, want := range tt.want {
				if !strings.Contains(comment, want) {
					t.Errorf("%q is missing: %s\n%s", want, tt.reason, comment[max(0, len(comment)-1500):])
				}
			}
		})
	}
}

// largePlan is a plan with so many products, each with other text in so many
// languages.
func largePlan(products, languages, textBytes int) *plan.Plan {
	planned := &plan.Plan{FormatVersion: plan.FormatVersion, Complete: true, Applyable: true, Hash: strings.Repeat("a", 64)}
	for i := range products {
		address := fmt.Sprintf("MsiExeApp/contoso-%d", i)
		p := plan.Product{Address: address, Kind: "MsiExeApp", ID: "id", Hash: strings.Repeat("b", 64), Complete: true, Applyable: true,
			Operations: []plan.Operation{{ID: "submit", Verb: plan.VerbSubmit, Method: "POST", Path: "/submit", Effect: plan.EffectPublish, Summary: "starts certification"}}}
		for l := range languages {
			text := fmt.Sprintf("%d %d ", i, l) + strings.Repeat("words ", textBytes/6)
			p.Changes = append(p.Changes, plan.Change{Path: plan.Path(fmt.Sprintf("listings.l%d.description", l)), Action: plan.ActionUpdate, Type: plan.Text,
				Before: plan.TextValue(text).JSON, After: plan.TextValue(strings.ToUpper(text)).JSON})
		}
		planned.Products = append(planned.Products, p)
		planned.Summary.Update += languages
	}
	return planned
}

// TestMarkdownMarker checks the line by which a comment is found again.
func TestMarkdownMarker(t *testing.T) {
	for _, tt := range []struct{ reason, document, workspace, want string }{
		{"a drift is another comment", "drift", "apps", "<!-- storesync:drift apps -->"},
		{"the repository itself", "plan", ".", "<!-- storesync:plan . -->"},
		{"an older plan has no workspace", "plan", "", "<!-- storesync:plan . -->"},
		{"a folder", "plan", "apps/reader", "<!-- storesync:plan apps/reader -->"},
		{"two folders that differ in a dash do not meet", "plan", "a-b", "<!-- storesync:plan a%2Db -->"},
		{"nothing ends the comment", "plan", "--> <b>", "<!-- storesync:plan %2D%2D%3E%20%3Cb%3E -->"},
	} {
		if diff := cmp.Diff(tt.want, markdownMarker(tt.document, tt.workspace)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

func TestCodeSpan(t *testing.T) {
	for _, tt := range []struct{ reason, in, want string }{
		{"plain", "a.b", "`a.b`"},
		{"backticks inside", "a`b``c", "```a`b``c```"},
		{"a backtick at an end", "`a", "`` `a ``"},
		{"blanks at both ends are kept", " a ", "`  a  `"},
		{"line ends are shown", "a\nb", "`a\\nb`"},
		{"nothing is nothing", "", ""},
	} {
		if diff := cmp.Diff(tt.want, codeSpan(tt.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}
