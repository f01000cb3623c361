package main

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// htmlPage is what the page's template shows. Everything in it is made safe to
// look at; html/template makes it safe to write.
type htmlPage struct {
	Style  template.CSS
	Script template.JS
	Policy string

	Title, Summary string
	State          htmlState
	StateText      string
	Tiles          []htmlTile
	Guards         []htmlGuard
	Errors         []htmlDiagnostic
	Warnings       []htmlDiagnostic
	Products       []htmlProduct
	Idle           int
	// Languages is how many listing cards there are to search.
	Languages int
	// Protected says that a manifest refuses something whatever is allowed.
	Protected bool
	// Short says that texts are shortened, Left how many pictures are left out,
	// Named that pictures are only named, as there is nowhere to find them.
	Short     bool
	Left      int
	Named     bool
	Pictures  []picture
	Tool      string
	Created   string
	CreatedAt string
	Endpoints []string
	Inputs    []schema.Input
	Hash      string
}

// htmlTile is one number of the summary.
type htmlTile struct{ Number, Label, Class string }

type htmlDiagnostic struct{ Where, Address, Path, Summary, Detail string }

func newHTMLPage(planned *plan.Plan, all *pictures) htmlPage {
	b := &htmlBuilder{plan: planned, pictures: all, files: filesOf(planned), limit: textLimit(planned)}
	for _, p := range planned.Products {
		for _, c := range p.Changes {
			if c.Type == plan.Images && !c.Sensitive {
				all.know(imagesOf(c.After))
			}
		}
	}
	page := htmlPage{
		Title: pageTitle(planned), Summary: planSummary(planned), Tool: sanitize(planned.Tool), Hash: sanitize(planned.Hash), Short: b.limit > 0,
		Created: planned.CreatedAt.UTC().Format("2 January 2006, 15:04 UTC"), CreatedAt: planned.CreatedAt.UTC().Format(time.RFC3339),
		Tiles: htmlTiles(planned.Summary),
	}
	for i := range planned.Products {
		p := b.product(&planned.Products[i], i+1)
		page.Products = append(page.Products, p)
		page.Languages += len(p.Listings)
		if p.Idle {
			page.Idle++
		}
		for _, g := range p.Guards {
			if !g.Allowed {
				page.Guards = append(page.Guards, g)
			}
		}
	}
	for _, d := range planned.Diagnostics {
		shown := htmlDiagnostic{sanitize(d.Pos.String()), sanitize(d.Address), sanitize(d.Path), sanitizeLines(d.Summary), sanitizeLines(d.Detail)}
		if d.Severity == schema.SeverityError {
			page.Errors = append(page.Errors, shown)
		} else {
			page.Warnings = append(page.Warnings, shown)
		}
	}
	for _, e := range planned.Endpoints {
		page.Endpoints = append(page.Endpoints, sanitize(e))
	}
	for _, in := range planned.Inputs {
		page.Inputs = append(page.Inputs, schema.Input{Name: sanitize(in.Name), SHA256: sanitize(in.SHA256)})
	}
	page.State, page.StateText = b.pageState(page)
	page.Pictures, page.Left, page.Named = all.list, all.left, all.named
	page.Protected = slices.ContainsFunc(planned.Products, isProtected)
	return page
}

func pageTitle(plan *plan.Plan) string {
	if len(plan.Products) == 1 {
		return sanitize(productName(&plan.Products[0]))
	}
	return count(len(plan.Products), "product")
}

// pageState is how the whole plan stands, with what follows from it.
func (b *htmlBuilder) pageState(page htmlPage) (htmlState, string) {
	state, text := b.planState(page)
	if counts := productVerdicts(b.plan.Products); counts != "" {
		text += " Products: " + counts + "."
	}
	return state, text
}

func (b *htmlBuilder) planState(page htmlPage) (htmlState, string) {
	planned, verdicts := b.plan, verdictsOf(b.plan.Products)
	switch failed := failedProducts(planned); {
	case failed > 0:
		return htmlState{"Errored", "bad"}, count(failed, "product") + " could not be planned. Look at this plan; it cannot be applied as a whole."
	case len(page.Errors) > 0 || planned.Errored:
		return htmlState{"Cannot be applied", "bad"}, "There are errors to mend first."
	case len(page.Guards) > 0:
		return htmlState{"Refused by guards", "bad"}, "Apply refuses what cannot be undone until it is allowed by name."
	case planned.Applyable:
		return htmlState{"Ready to apply", "go"}, "Apply makes exactly these changes and requests, or stops if the Store has moved."
	case page.Idle == len(page.Products) && len(verdicts) > 0:
		return htmlState{"In sync", "ok"}, "The Store is as the manifests want it. Apply would do nothing."
	case page.Idle == len(page.Products) && planned.Complete:
		return htmlState{"Nothing to do", "ok"}, "Apply would do nothing."
	case page.Idle == len(page.Products):
		return htmlState{"Not fully compared", "warn"}, "No changes were seen, but not everything could be read."
	case len(verdicts) > 0 && !slices.ContainsFunc(planned.Products, hasWork):
		return verdictState(plan.Worst(verdicts)), "There is nothing to apply."
	case slices.Contains(verdicts, plan.VerdictBlocked), slices.ContainsFunc(page.Products, func(p htmlProduct) bool { return p.State.Class == "warn" }):
		return htmlState{"Has to wait", "warn"}, "Nothing can be applied now; each product says why."
	}
	return htmlState{"Cannot be applied", "bad"}, "Nothing in this plan can be applied as it is."
}

// hasWork reports whether the Store is to be changed: a report changes nothing.
func hasWork(p plan.Product) bool { return len(p.Operations) > 0 || !onlyReports(p.Changes) }

func htmlTiles(s plan.Summary) []htmlTile {
	all := []htmlTile{
		{fmt.Sprint(s.Create), "to add", "add"},
		{fmt.Sprint(s.Update), "to change", "change"},
		{fmt.Sprint(s.Delete), "to remove", "remove"},
	}
	if s.Report > 0 {
		all = append(all, htmlTile{fmt.Sprint(s.Report), "to look at", "look"})
	}
	all = append(all, htmlTile{fmt.Sprint(s.Writes), plural(s.Writes, "request"), ""})
	if s.Uploads > 0 {
		all = append(all, htmlTile{humanBytes(s.Bytes), "in " + count(s.Uploads, "upload"), ""})
	}
	return append(all, htmlTile{fmt.Sprint(s.Submissions), plural(s.Submissions, "submission"), ""})
}

// plural is a noun as it stands behind a number.
func plural(n int, noun string) string {
	return strings.TrimPrefix(count(n, noun), fmt.Sprint(n)+" ")
}

// hasErrors reports whether an error was found about a product.
func (b *htmlBuilder) hasErrors(address string) bool {
	return (&planView{plan: b.plan}).hasErrors(address)
}
