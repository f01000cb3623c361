package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// TestHostileHTML checks that no text makes an element, an attribute, a link or
// a script of its own, wherever it stands.
func TestHostileHTML(t *testing.T) {
	for _, hostile := range append(hostileTexts(t), hostileText{Name: "script", Text: hostileScript}) {
		t.Run(hostile.Name, func(t *testing.T) {
			plans := hostilePlans(t, hostile.Text)
			plans["listing"] = hostileListing(hostile.Text)
			for name, plan := range plans {
				root := checkPage(t, name, must(t)(htmlPlan(plan, nil)))
				for node := range root.Descendants() {
					if node.Type != html.ElementNode {
						continue
					}
					for _, a := range node.Attr {
						switch a.Key {
						case "id", "href", "class", "data-jump", "data-product-link", "data-language", "lang", "dir", "for", "viewbox", "viewBox":
							if strings.Contains(a.Val, "h0stile") {
								t.Errorf("%s: <%s> has %s=%.80q\nreason: %s", name, node.Data, a.Key, a.Val, hostile.Reason)
							}
						}
					}
				}
			}
		})
	}
}

// hostileScript is a text that would set a flag in the page if it ran, in any of
// the ways that text comes to run.
const hostileScript = `</script></style></title><script>globalThis.pwned = "h0stile"</script>` +
	`<img src=x onerror="globalThis.pwned = 1"><svg onload="globalThis.pwned = 1"><a href="javascript:globalThis.pwned = 1">h0stile</a>` +
	`" onmouseover="globalThis.pwned = 1" autofocus onfocus="globalThis.pwned = 1" x="` +
	`'><iframe srcdoc="<script>parent.pwned = 1</script>"></iframe><meta http-equiv="refresh" content="0;url=https://evil.example/h0stile">` +
	`<link rel="stylesheet" href="https://evil.example/h0stile.css"><base href="https://evil.example/">{{.Script}}${globalThis.pwned = 1}`

// hostileListing is a plan with a text in every place of a listing.
func hostileListing(s string) *plan.Plan {
	segment := strings.NewReplacer(".", "·", "\x00", "", "\n", " ").Replace(s)
	text, list := plan.TextValue(s).JSON, plan.ListValue([]string{s, s + "2"}).JSON
	images := plan.ImagesValue([]plan.Image{{Digest: s, Name: s, Description: s, Width: 1, Height: -5}, {ID: s, Description: s}}).JSON
	members, _ := json.Marshal(map[string]json.RawMessage{s: text, "x" + s: list, "y" + s: images})
	change := func(kind plan.Type, before, after json.RawMessage, path ...string) plan.Change {
		return plan.Change{Path: plan.Join(path...), Action: plan.ActionUpdate, Type: kind, Before: before, After: after, Reason: s, Guards: []plan.Guard{plan.Guard(s)}}
	}
	gone := plan.Change{Path: plan.Join("listings", "fr-"+segment), Action: plan.ActionDelete, Before: members, Reason: s}
	return &plan.Plan{Tool: s, Endpoints: []string{s}, Hash: s, Inputs: []schema.Input{{Name: s, SHA256: s}},
		Diagnostics: hostileDiagnostics(s),
		Products: []plan.Product{{Address: "MsixApp/" + s, Kind: s, ID: s, Hash: s, Blocked: []plan.Guard{plan.Guard(s)}, Notices: []plan.Notice{{Path: plan.Path(s), Text: s}},
			Changes: []plan.Change{
				change(plan.Text, plan.TextValue("before "+s).JSON, text, "listings", segment, "title"),
				change(plan.Text, nil, text, "listings", "en-us", "title"),
				change(plan.Text, text, plan.TextValue(s+s).JSON, "listings", "en-us", segment),
				change(plan.List, list, text, "listings", "en-us", "features"),
				change(plan.Images, images, nil, "listings", "en-us", "images", segment),
				change(plan.Images, nil, images, "listings", "en-us", "images", "Screenshot"),
				change(plan.Set, nil, list, "markets"),
				change(plan.Scalar, text, list, "pricing", "marketSpecificPricings", segment),
				change(plan.Scalar, text, nil, "packages", segment, segment),
				change(plan.Type(s), text, members, "packages", "x64", "file"),
				change(plan.Scalar, text, text, "rollout", "percentage"),
				change(plan.Scalar, text, members, segment),
				gone,
			},
			Operations: []plan.Operation{{ID: s, Verb: plan.VerbUpload, Method: s, Path: s, Effect: plan.Effect(s), Summary: s, Uploads: []plan.Upload{{Name: s, As: s}}}}}}}
}

// TestHTMLForBrowser writes pages for the browser check of CI into the folder
// that STORESYNC_HTML_PAGES names: some goldens, hostile ones, pictures, and very
// many languages.
func TestHTMLForBrowser(t *testing.T) {
	folder := os.Getenv("STORESYNC_HTML_PAGES")
	if folder == "" {
		t.Skip("STORESYNC_HTML_PAGES names no folder to write to")
	}
	pages := map[string][]byte{
		"hostile-script": must(t)(htmlPlan(hostileListing(hostileScript), nil)),
		"hostile-words":  must(t)(htmlPlan(hostileListing(strings.Repeat("W", 10_000)), nil)),
		"hostile-plan":   must(t)(htmlPlan(hostilePlans(t, hostileScript)["everything"], nil)),
		"thousand":       must(t)(htmlPlan(manyTexts(t, 20, 50), nil)),
	}
	for _, name := range []string{"everything", "fifty-languages", "right-to-left", "several-products",
		"guard-protected", "guard-delete-add-on", "rollout-step", "in-sync"} {
		pages[name] = must(t)(htmlPlan(goldenPlan(t, filepath.Join("testdata", "plan", name)), nil))
	}
	plan, open := picturePlan(t)
	pages["pictures"] = must(t)(htmlPlan(plan, open))
	for name, page := range pages {
		if err := os.WriteFile(filepath.Join(folder, name+".html"), page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
