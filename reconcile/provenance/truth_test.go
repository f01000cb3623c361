package provenance_test

import (
	"fmt"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// truth is what may be said of a path by who really put its value there: more than
// one provenance only where evidence cannot tell.
func (w *world) truth(path plan.Path, v *view) []provenance.Provenance {
	value, base := v.observed[path], v.customers[path]
	_, baseKnown := v.Base(path)
	beforeKnown := v.evidence.Before != nil && !plan.MatchesAny(path, v.evidence.Before.Unread)
	switch {
	case plan.MatchesAny(path, v.Observed.Unread):
		return []provenance.Provenance{provenance.Unread}
	case v.ObservesSubmission:
		return []provenance.Provenance{provenance.Same}
	case path == notes:
		return v.truthOfSecret(baseKnown, beforeKnown)
	case baseKnown && v.isRewriting(path, base, value):
		return v.truthOfRewriting(path, base, value)
	case !baseKnown && beforeKnown && lines(v.record.before.holds[path].text) == lines(value.text):
		return []provenance.Provenance{provenance.Unknown}
	}
	may := w.byAuthor(path, value, v)
	if !baseKnown && !beforeKnown {
		may = slices.DeleteFunc(may, func(p provenance.Provenance) bool { return p == provenance.Ours || p == provenance.Foreign })
		may = append(may, provenance.Unknown)
	}
	return may
}

// truthOfRewriting: what is harmless when the Store does it is a change of ours
// when we did.
func (v *view) truthOfRewriting(path plan.Path, base, value cell) []provenance.Provenance {
	var may []provenance.Provenance
	if !value.mends(base) {
		may = append(may, provenance.Same)
	}
	// What others put back may be what we sent.
	if was := lines(base.text); lines(value.text) != was && v.wasSent(path, value, was) {
		may = append(may, provenance.Ours)
	}
	return may
}

// mends reports whether we put a value there to change what customers have, and
// the Store did not turn it back.
func (c cell) mends(base cell) bool {
	was := lines(base.text)
	return c.by == us && c.sent != was && lines(c.text) != was
}

func (w *world) byAuthor(path plan.Path, value cell, v *view) []provenance.Provenance {
	var may []provenance.Provenance
	if value.by != us && (value.by != others || value.text == "") && v.wasSent(path, value, "") {
		// What others put back may be what we sent.
		may = append(may, provenance.Ours)
	}
	switch value.by {
	case us:
		return []provenance.Provenance{provenance.Ours}
	case theStore:
		if w.spoiled[path] {
			may = append(may, provenance.Foreign)
		}
		return append(may, provenance.Filled)
	}
	return append(may, provenance.Foreign)
}

// isRewriting reports whether a value is what was sent, or a rewriting of it that
// is harmless or known.
func (v *view) isRewriting(path plan.Path, sent, returned cell) bool {
	return sent.root == returned.root || slices.Contains(v.known[path], [2]string{lines(sent.text), returned.text})
}

// wasSent reports whether a write that was not refused sent a value, and not in
// the words of another one.
func (v *view) wasSent(path plan.Path, value cell, notAs string) bool {
	return slices.ContainsFunc(v.writes, func(w written) bool {
		c, touched := w.at(path)
		return touched && w.outcome != provenance.Refused && v.isRewriting(path, c, value) && (notAs == "" || lines(c.text) != notAs)
	})
}

// truthOfSecret tells presence only, and what was compared in memory.
func (v *view) truthOfSecret(baseKnown, beforeKnown bool) []provenance.Provenance {
	value, base := v.observed[notes], v.customers[notes]
	has, had := value.text != "", base.text != ""
	switch {
	case baseKnown && !has && !had, baseKnown && has && had && v.EqualSecrets[notes]:
		return []provenance.Provenance{provenance.Same}
	case !has && !baseKnown && beforeKnown && v.record.before.holds[notes].text == "":
		return []provenance.Provenance{provenance.Unknown}
	case !baseKnown && !beforeKnown:
		return []provenance.Provenance{provenance.Unknown}
	}
	var may []provenance.Provenance
	if v.wasSentSecret(has) {
		may = append(may, provenance.Ours)
	}
	if value.by == us {
		return may
	}
	if has && (had && baseKnown || !baseKnown && v.record.before.holds[notes].text != "") {
		return append(may, provenance.Unknown)
	}
	return append(may, provenance.Foreign)
}

func (v *view) wasSentSecret(some bool) bool {
	return slices.ContainsFunc(v.writes, func(w written) bool {
		c, touched := w.at(notes)
		return touched && w.outcome != provenance.Refused && (c.text != "") == some
	})
}

// judged compares the findings of a view with who really put the values there.
func (w *world) judged(v *view) error {
	table := v.Table()
	for _, path := range fields {
		may := w.truth(path, v)
		if got := v.Of(path); !slices.Contains(may, got) {
			return fmt.Errorf("%s is %s, want one of %s", path, got, may)
		}
		if finding, known := table[path]; known && finding.Provenance != v.Of(path) {
			return fmt.Errorf("%s is %s in the table and %s by itself", path, finding.Provenance, v.Of(path))
		}
	}
	return nil
}
