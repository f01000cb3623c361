package main

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// htmlGroup is a part of a table under one heading: a package, or a module.
type htmlGroup struct {
	Title   string
	Action  htmlAction
	Remarks []htmlRemark
	Rows    []htmlRow
	// Whole says what happens to all of it at once, "" when its fields change.
	Whole string
}

// htmlMarkets is where the app is offered, before and after.
type htmlMarkets struct {
	Old, New           int
	Joined, Left, Kept []htmlMarket
	Remarks            []htmlRemark
}

type htmlMarket struct{ Code, Name string }

// htmlRollout is how far a package set is rolled out, as it moves.
type htmlRollout struct {
	Rows []htmlRow
	// From and To are percentages, -1 when the plan does not say.
	From, To int
}

// sectionOf is the section that a change stands in.
func sectionOf(c plan.Change) string {
	path := string(c.Path)
	switch {
	case c.Path == plan.PathProduct:
		return "product"
	case c.Path.Under("listings") && path != "listings":
		return "listings"
	case c.Path.Under("packages"):
		return "packages"
	case c.Path.Under(plan.PathRollout):
		return "rollout"
	case c.Type == plan.Set && (path == "markets" || path == "availability.markets"):
		return "markets"
	case c.Path.Under("pricing") || path == "availability.pricing" || path == "availability.freeTrial":
		return "prices"
	}
	return "settings"
}

// packageGroups are the packages of a plan, one group each.
func (b *htmlBuilder) packageGroups(p *plan.Product, changes []plan.Change) []htmlGroup {
	var groups []htmlGroup
	index := map[string]int{}
	for _, c := range changes {
		segments := strings.SplitN(string(c.Path), ".", 3)
		title := "All packages"
		if len(segments) > 1 {
			title = sanitize(segments[1])
		}
		i, known := index[title]
		if !known {
			i = len(groups)
			index[title] = i
			groups = append(groups, htmlGroup{Title: title})
		}
		g := &groups[i]
		if len(segments) == 3 {
			g.Rows = append(g.Rows, b.row(p, c, fieldWords(segments[2])))
			continue
		}
		b.wholeGroup(p, g, c)
	}
	for i := range groups {
		finishGroup(&groups[i])
	}
	return groups
}

// wholeGroup adds a change of everything under a heading.
func (b *htmlBuilder) wholeGroup(p *plan.Product, g *htmlGroup, c plan.Change) {
	g.Action = actionOf(c.Action)
	g.Remarks = append(g.Remarks, remarksOf(p, c)...)
	members := membersOf(c)
	g.Rows = append(g.Rows, b.tableMembers(p, c, members)...)
	if len(members) > 0 {
		return
	}
	if c.Type != "" || len(c.Before) > 0 || len(c.After) > 0 {
		r := b.row(p, c, g.Title)
		r.Remarks = nil // they stand at the heading
		g.Rows = append(g.Rows, r)
		return
	}
	g.Whole = "The whole of it is " + g.Action.Word + "."
}

// tableMembers are the values of a group that comes or goes as a whole. In a
// table a short text looks like any other value.
func (b *htmlBuilder) tableMembers(p *plan.Product, c plan.Change, members []plan.Change) []htmlRow {
	var rows []htmlRow
	for _, member := range members {
		if member.Type == plan.Text && !isLong(textOf(member.Before)+textOf(member.After)) {
			member.Type = plan.Scalar
		}
		rows = append(rows, b.row(p, member, memberWords(strings.TrimPrefix(string(member.Path), string(c.Path)+"."))))
	}
	return rows
}

// memberWords is the name of a value of a whole product: "Title, en-us" for
// listings.en-us.title.
func memberWords(path string) string {
	if language, rest := splitListing(plan.Path(path)); rest != "" {
		label, _ := listingField(rest)
		return label + ", " + sanitize(language)
	}
	return fieldWords(path)
}

// finishGroup says of a group whose fields all come or go that it does.
func finishGroup(g *htmlGroup) {
	if g.Action.Word != "" {
		return
	}
	g.Action = actionOf(plan.ActionUpdate)
	for _, a := range []plan.Action{plan.ActionCreate, plan.ActionDelete, plan.ActionReport} {
		if action := actionOf(a); everyRow(g.Rows, func(r htmlRow) bool { return r.Action == action }) {
			g.Action = action
		}
	}
}

// settingGroups are the changes that have no section of their own, by module.
func (b *htmlBuilder) settingGroups(p *plan.Product, changes []plan.Change) []htmlGroup {
	var groups []htmlGroup
	index := map[string]int{}
	for _, c := range changes {
		title, label := heading(c)
		if title == "spec" {
			title = "Product"
		} else {
			title = fieldWords(title)
		}
		i, known := index[title]
		if !known {
			i = len(groups)
			index[title] = i
			groups = append(groups, htmlGroup{Title: title})
		}
		if label == "" {
			b.wholeGroup(p, &groups[i], c)
			continue
		}
		groups[i].Rows = append(groups[i].Rows, b.row(p, c, fieldWords(label)))
	}
	for i := range groups {
		finishGroup(&groups[i])
	}
	return groups
}

// priceRows are prices, each with the market that it is of.
func (b *htmlBuilder) priceRows(p *plan.Product, changes []plan.Change) []htmlRow {
	var rows []htmlRow
	for _, c := range changes {
		label := fieldWords(lastSegment(c.Path))
		switch path := string(c.Path); {
		case path == "pricing.priceId":
			label = "Base price"
		case path == "pricing.trialPeriod" || path == "availability.freeTrial":
			label = "Free trial"
		case path == "availability.pricing":
			label = "Price"
		case strings.HasPrefix(path, "pricing.marketSpecificPricings."):
			market := marketOf(lastSegment(c.Path))
			label = strings.TrimSpace(market.Name + " (" + market.Code + ")")
		}
		rows = append(rows, b.row(p, c, label))
	}
	return rows
}

func lastSegment(p plan.Path) string {
	return string(p[strings.LastIndexByte(string(p), '.')+1:])
}

func marketOf(code string) htmlMarket {
	return htmlMarket{Code: sanitize(code), Name: schema.MarketName(code)}
}

// marketsOf is one change of where the app is offered.
func marketsOf(p *plan.Product, c plan.Change) htmlMarkets {
	before, after := elements(c.Before), elements(c.After)
	m := htmlMarkets{Old: len(before), New: len(after), Remarks: remarksOf(p, c)}
	for _, code := range after {
		if slices.Contains(before, code) {
			m.Kept = append(m.Kept, marketOf(code))
		} else {
			m.Joined = append(m.Joined, marketOf(code))
		}
	}
	for _, code := range before {
		if !slices.Contains(after, code) {
			m.Left = append(m.Left, marketOf(code))
		}
	}
	return m
}

// rollout are the steps of a gradual rollout.
func (b *htmlBuilder) rollout(p *plan.Product, changes []plan.Change) *htmlRollout {
	if len(changes) == 0 {
		return nil
	}
	r := &htmlRollout{From: -1, To: -1}
	for _, c := range changes {
		label := fieldWords(strings.TrimPrefix(string(c.Path), string(plan.PathRollout)+"."))
		r.Rows = append(r.Rows, b.row(p, c, label))
		if lastSegment(c.Path) == "percentage" {
			r.From, r.To = percentageOf(c.Before), percentageOf(c.After)
		}
	}
	return r
}
