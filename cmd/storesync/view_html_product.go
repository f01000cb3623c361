package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// htmlProduct is one product's part of the page.
type htmlProduct struct {
	ID string
	// Address, Kind, Name and StoreID say which product it is.
	Address, Kind, Name, StoreID string
	Initial                      string
	// Source is the manifest, Effect what apply sets off.
	Source, Effect string
	// Verdict is where it stands, State whether it can be applied; either may be
	// empty. Dot is the class of what matters more.
	Verdict, State htmlState
	Dot            string
	Counts         []htmlCount
	// Alerts stand at the top: errors, what runs, what is owed.
	Alerts  []htmlAlert
	Guards  []htmlGuard
	Notices []htmlNotice
	// Fate is what happens to the product itself, nil when it stays.
	Fate     *htmlGroup
	Listings []htmlListing
	Packages []htmlGroup
	Markets  []htmlMarkets
	Prices   []htmlRow
	Rollout  *htmlRollout
	Settings []htmlGroup
	Requests *htmlRequests
	Hash     string
	Idle     bool
}

// htmlState is how something stands: in words, and as a class.
type htmlState struct{ Text, Class string }

// htmlCount is how many changes of a kind there are.
type htmlCount struct {
	Action htmlAction
	N      int
}

// htmlAlert is a message that comes before everything else.
type htmlAlert struct{ Class, Title, Text string }

type htmlNotice struct{ Path, Text string }

// htmlGuard is a guard that was tripped, with how to allow it.
type htmlGuard struct {
	Name, Protects, Flag string
	Address, Link        string
	// Allowed tells one that the person allowed from one that refuses;
	// Protected says that the manifest refuses it whatever is allowed.
	Allowed, Protected bool
}

func (b *htmlBuilder) product(p *plan.Product, number int) htmlProduct {
	shown := htmlProduct{
		ID: fmt.Sprintf("product-%d", number), Address: sanitize(p.Address), Kind: sanitize(p.Kind), Name: sanitize(productName(p)),
		StoreID: sanitize(p.ID), Initial: initialOf(productName(p)), Verdict: verdictState(p.Verdict), State: b.productState(p), Counts: countActions(p.Changes),
		Hash: sanitize(p.Hash), Idle: settled(*p) && !b.hasErrors(p.Address),
	}
	if shown.Dot = shown.Verdict.Class; shown.State.Class == "bad" || shown.Dot == "" {
		shown.Dot = shown.State.Class
	}
	if p.Source != nil {
		shown.Source = sanitize(schema.Position{File: p.Source.File, Line: p.Source.Line, Col: p.Source.Col}.String())
	}
	if len(p.Operations) > 0 {
		shown.Effect = upperFirst(effectWords(*p))
	}
	shown.Alerts = b.productAlerts(p)
	for _, g := range p.Blocked {
		shown.Guards = append(shown.Guards, guardOf(p, g, shown.ID))
	}
	for _, g := range p.Allowed {
		if isAllowed(p, g) {
			shown.Guards = append(shown.Guards, guardOf(p, g, shown.ID))
		}
	}
	for _, n := range noticesOf(*p) {
		shown.Notices = append(shown.Notices, htmlNotice{sanitize(string(n.Path)), sanitizeLines(n.Text)})
	}
	sections := map[string][]plan.Change{}
	for _, c := range p.Changes {
		section := sectionOf(c)
		sections[section] = append(sections[section], c)
	}
	shown.Fate = b.fate(p, sections["product"])
	shown.Listings = b.listings(p, shown.ID+"-listing")
	shown.Packages = b.packageGroups(p, sections["packages"])
	for _, c := range sections["markets"] {
		shown.Markets = append(shown.Markets, marketsOf(p, c))
	}
	shown.Prices = b.priceRows(p, sections["prices"])
	shown.Rollout = b.rollout(p, sections["rollout"])
	shown.Settings = b.settingGroups(p, sections["settings"])
	shown.Requests = b.requests(p)
	return shown
}

// fate is what happens to the product itself.
func (b *htmlBuilder) fate(p *plan.Product, changes []plan.Change) *htmlGroup {
	if len(changes) == 0 && !isNew(*p) {
		return nil
	}
	g := &htmlGroup{Title: upperFirst(kindNoun(p.Kind)) + " will be created", Action: actionOf(plan.ActionCreate)}
	for _, c := range changes {
		g.Title, g.Action = upperFirst(kindNoun(p.Kind))+" will be "+actionOf(c.Action).Word, actionOf(c.Action)
		if c.Action == plan.ActionDelete {
			g.Title = upperFirst(kindNoun(p.Kind)) + " will be deleted, with everything in it"
		}
		g.Remarks = append(g.Remarks, remarksOf(p, c)...)
		g.Rows = append(g.Rows, b.tableMembers(p, c, membersOf(c))...)
	}
	return g
}

// productState says whether a product can be applied, empty where its verdict
// does.
func (b *htmlBuilder) productState(p *plan.Product) htmlState {
	judged := p.Verdict != ""
	switch {
	case p.Error != "" && judged:
		return htmlState{}
	case p.Error != "":
		return htmlState{"Could not be planned", "bad"}
	case b.hasErrors(p.Address):
		return htmlState{"Cannot be applied", "bad"}
	case len(p.Blocked) > 0:
		return htmlState{"Refused: " + count(len(p.Blocked), "guard"), "bad"}
	case p.Applyable && (p.Running == nil || p.Running.Rollout):
		return htmlState{"Ready to apply", "go"}
	case judged && (idle(*p) || saysNothingIsDone(p.Verdict)):
		return htmlState{}
	case idle(*p) && !p.Complete:
		return htmlState{"Not fully compared", "warn"}
	case idle(*p):
		return htmlState{"Nothing to do", "ok"}
	case p.Running != nil && p.Running.Rollout:
		return htmlState{"Waits for the rollout", "warn"}
	case p.Running != nil:
		return htmlState{"Waits for a submission", "warn"}
	case len(p.Operations) == 0 && onlyReports(p.Changes):
		return htmlState{"To look at", "warn"}
	}
	return htmlState{"Cannot be applied", "bad"}
}

// saysNothingIsDone reports whether a verdict of a product without requests says
// why there are none.
func saysNothingIsDone(v plan.Verdict) bool {
	return v == plan.VerdictBlocked || v == plan.VerdictIncomplete || v == plan.VerdictSubmissionFailed
}

func onlyReports(changes []plan.Change) bool {
	for _, c := range changes {
		if c.Action != plan.ActionReport {
			return false
		}
	}
	return true
}

func (b *htmlBuilder) productAlerts(p *plan.Product) []htmlAlert {
	var alerts []htmlAlert
	if p.Error != "" {
		alerts = append(alerts, htmlAlert{"bad", "Could not be planned", sanitizeLines(p.Error)})
	}
	if lines := planStanding(*p).lines(); len(lines) > 0 && p.Error == "" {
		alerts = append(alerts, htmlAlert{verdictAlert(p.Verdict), "Why", sanitizeLines(strings.Join(lines, "\n"))})
	}
	if r := p.Running; r != nil && !saysRunning(*p) {
		title := "A submission is running"
		if r.Rollout {
			title = "A rollout is running"
		}
		alerts = append(alerts, htmlAlert{"warn", title, sanitize(runningSentence(*r))})
	}
	if shared := sharedOrigin(*p); shared != "" {
		alerts = append(alerts, htmlAlert{"note", "Every change", upperFirst(shared.Label()) + "."})
	}
	if why := withoutChanges(*p); why != "" {
		alerts = append(alerts, htmlAlert{"note", "No field differs", strings.TrimSuffix(why, ":")})
	}
	if !p.Complete && p.Error == "" && p.Verdict != plan.VerdictIncomplete {
		alerts = append(alerts, htmlAlert{"note", "Not everything could be compared", "A managed part could not be read; what is shown may not be all."})
	}
	return alerts
}

func guardOf(p *plan.Product, g plan.Guard, link string) htmlGuard {
	return htmlGuard{Name: sanitize(string(g)), Protects: g.Protects(), Flag: allowFlag(g, p.Address), Address: sanitize(p.Address), Link: link,
		Allowed: isAllowed(p, g), Protected: slices.Contains(p.Protected, g)}
}

func countActions(changes []plan.Change) []htmlCount {
	var counts []htmlCount
	for _, a := range []plan.Action{plan.ActionCreate, plan.ActionUpdate, plan.ActionDelete, plan.ActionReport} {
		n := 0
		for _, c := range changes {
			if c.Action == a {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, htmlCount{actionOf(a), n})
		}
	}
	return counts
}

// productName is the name in an address.
func productName(p *plan.Product) string {
	if _, name, ok := strings.Cut(p.Address, "/"); ok {
		return name
	}
	return p.Address
}

// initialOf stands for a product where its logo would.
func initialOf(name string) string {
	for _, r := range sanitize(name) {
		return strings.ToUpper(string(r))
	}
	return "?"
}

// percentageOf is a number in JSON, -1 when there is none from 0 to 100.
func percentageOf(raw json.RawMessage) int {
	var n float64
	if json.Unmarshal(raw, &n) != nil || n < 0 || n > 100 {
		return -1
	}
	return int(n)
}
