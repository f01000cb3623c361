package provenance_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// A situation is evidence of one path in values instead of marks, so that the
// rows below can be written as a person would read them. A value is one of
// these; "" is nothing.
//
//	a, a' are harmless rewritings of each other
//	b     the Store is known to return as k
//	S     is sensitive
type situation struct {
	observed, base, before, filled string
	equalInMemory                  bool
	writes                         []act
}

// unknown stands for a value of which nothing tells.
const unknown = "?"

type act struct {
	sent    string
	outcome provenance.Outcome
}

var situationMarks = map[string]plan.Mark{
	"": none, "a": text("a"), "a'": text(" a"), "b": text("b"), "k": text("k"), "S": secret,
}

var knownRewriting = map[plan.Path][]provenance.Rewriting{title: {{Sent: text("b"), Returned: text("k")}}}

func rewriting(sent, returned string) bool {
	return sent == "a" && returned == "a'" || sent == "a'" && returned == "a" || sent == "b" && returned == "k"
}

func (s situation) isBase() bool {
	return s.base != unknown && (s.observed == s.base && s.observed != "S" || s.bothSecret() && s.equalInMemory)
}

// isRewritingOfBase reports whether the Store may have made the value from the
// base by itself: no write can have put it there that sent something else.
func (s situation) isRewritingOfBase() bool {
	return s.base != unknown && rewriting(s.base, s.observed) && s.indexOf(func(i int) bool {
		laterConfirmed := slices.ContainsFunc(s.writes[i+1:], func(w act) bool { return w.outcome == provenance.Confirmed })
		return s.oursBy(i) && s.writes[i].sent != s.base && !laterConfirmed
	}) < 0
}

func (s situation) bothSecret() bool { return s.observed == "S" && s.base == "S" }

func (s situation) someKnown() bool { return s.base != unknown || s.before != unknown }

// oursBy reports whether the value can be that of a write, by which no later
// confirmed one wrote something else.
func (s situation) oursBy(i int) bool {
	shows := func(w act) bool { return w.sent == s.observed || rewriting(w.sent, s.observed) }
	return s.writes[i].outcome != provenance.Refused && shows(s.writes[i]) &&
		!slices.ContainsFunc(s.writes[i+1:], func(w act) bool { return w.outcome == provenance.Confirmed && !shows(w) })
}

// overwrote reports whether a write is known to have put something over what the
// Store had filled in, which no later one took away.
func (s situation) overwrote(i int) bool {
	return s.writes[i].outcome == provenance.Confirmed && s.writes[i].sent != "" &&
		!slices.ContainsFunc(s.writes[i+1:], func(w act) bool { return w.outcome != provenance.Refused && w.sent == "" })
}

// indexOf is the first index for which a condition holds, -1 for none.
func (s situation) indexOf(holds func(i int) bool) int {
	for i := range s.writes {
		if holds(i) {
			return i
		}
	}
	return -1
}

type row struct {
	name string
	fits func(situation) bool
	want provenance.Provenance
}

// rows is the table of provenances, one predicate a row.
var rows = []row{
	{"not read", func(s situation) bool { return s.observed == unknown }, provenance.Unread},
	{"base", situation.isBase, provenance.Same},
	{"a rewriting of base", situation.isRewritingOfBase, provenance.Same},
	{"no base, and as it was before", func(s situation) bool {
		return s.base == unknown && s.observed == s.before && s.observed != "S"
	}, provenance.Unknown},
	{"a write of ours", func(s situation) bool { return s.someKnown() && s.indexOf(s.oursBy) >= 0 }, provenance.Ours},
	{"filled in, nothing of ours there", func(s situation) bool { return s.observed == s.filled && s.indexOf(s.overwrote) < 0 }, provenance.Filled},
	{"neither base nor before", func(s situation) bool { return !s.someKnown() }, provenance.Unknown},
	{"two secrets", func(s situation) bool {
		return s.bothSecret() || s.base == unknown && s.observed == "S" && s.before == "S"
	}, provenance.Unknown},
	{"otherwise", func(situation) bool { return true }, provenance.Foreign},
}

func (s situation) evidence(model provenance.Draft) *evidence {
	known := func(value string) *snapshot {
		if value == unknown {
			return nil
		}
		return holds(situationMarks[value])
	}
	e := draftOf(model, none, known(s.base), known(s.before))
	if s.observed == unknown {
		e.Observed = *lacks()
	} else {
		e.Observed = *holds(situationMarks[s.observed])
	}
	if s.filled != unknown {
		e.Filled = sent{title: situationMarks[s.filled]}
	}
	for _, w := range s.writes {
		e.Writes = append(e.Writes, write{Sent: sent{title: situationMarks[w.sent]}, Outcome: w.outcome})
	}
	e.Known = knownRewriting
	e.EqualSecrets = map[plan.Path]bool{title: s.equalInMemory}
	return &e
}

// The first row that fits decides, in every situation of one path with up to two
// writes. Each row must have decided somewhere.
func TestTheFirstRowThatFitsDecides(t *testing.T) {
	t.Parallel()
	step := 1
	if testing.Short() {
		step = 7
	}
	decided := map[string]int{}
	failures := 0
	situations := everySituation()
	for i := 0; i < len(situations) && failures < 10; i += step {
		s := situations[i]
		row := rows[slices.IndexFunc(rows, func(r row) bool { return r.fits(s) })]
		decided[row.name]++
		model := models[i%len(models)]
		if got := s.evidence(model).Of(title); got != row.want {
			failures++
			t.Errorf("%s draft: %s, want %s by the row %q: %s", model, got, row.want, row.name, fmt.Sprintf("%+v", s))
		}
	}
	for _, row := range rows {
		if decided[row.name] == 0 {
			t.Errorf("the row %q decided nowhere", row.name)
		}
	}
}

func everySituation() []situation {
	values := []string{"", "a", "a'", "b", "k", "S"}
	var acts []act
	for _, sent := range values {
		for _, outcome := range []provenance.Outcome{provenance.InDoubt, provenance.Confirmed, provenance.Refused} {
			acts = append(acts, act{sent, outcome})
		}
	}
	histories := [][]act{nil}
	for _, first := range acts {
		histories = append(histories, []act{first})
		for _, second := range acts {
			histories = append(histories, []act{first, second})
		}
	}
	var all []situation
	for _, observed := range append(values, unknown) {
		for _, base := range []string{"", "a", "b", "S", unknown} {
			for _, before := range []string{"", "a", "S", unknown} {
				for _, filled := range []string{unknown, "", "a", "S"} {
					for _, writes := range histories {
						all = append(all, situation{observed, base, before, filled, len(all)%2 == 0, writes})
					}
				}
			}
		}
	}
	return all
}
