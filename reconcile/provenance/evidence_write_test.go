package provenance_test

import (
	"testing"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

func TestAWriteOfThatValueMakesItOurs(t *testing.T) {
	t.Parallel()
	cases := []rowCase{
		{reason: "confirmed", writes: []write{confirmed(text("v"))}, want: provenance.Ours},
		{reason: "in doubt, and it shows", writes: []write{doubtful(text("v"))}, want: provenance.Ours},
		{reason: "refused counts as never made", writes: []write{refused(text("v"))}, want: provenance.Foreign},
		{reason: "no write at all", want: provenance.Foreign},
		{reason: "a write of something else", writes: []write{confirmed(text("w"))}, want: provenance.Foreign},
		{reason: "a write beside it", writes: []write{{Sent: sent{other: text("v")}, Outcome: provenance.Confirmed}}, want: provenance.Foreign},
		{reason: "the last of two confirmed ones", writes: []write{confirmed(text("w")), confirmed(text("v"))}, want: provenance.Ours},
		{reason: "a later confirmed one sent something else, so somebody put it back", writes: []write{confirmed(text("v")), confirmed(text("w"))}, want: provenance.Foreign},
		{reason: "a later confirmed one took it away", writes: []write{confirmed(text("v")), confirmed(none)}, want: provenance.Foreign},
		{reason: "a later confirmed one took the group away", writes: []write{confirmed(text("v")), takenAway(group, provenance.Confirmed)}, want: provenance.Foreign},
		{reason: "a later one was refused", writes: []write{confirmed(text("v")), refused(text("w"))}, want: provenance.Ours},
		{reason: "a later one is in doubt and does not show", writes: []write{confirmed(text("v")), doubtful(text("w"))}, want: provenance.Ours},
		{reason: "a later one took the group away, in doubt, and it does not show", writes: []write{confirmed(text("v")), takenAway(group, provenance.InDoubt)}, want: provenance.Ours},
		{reason: "an earlier doubtful one, and a later confirmed one of something else", writes: []write{doubtful(text("v")), confirmed(text("w"))}, want: provenance.Foreign},
		{reason: "an earlier confirmed one of something else, and a later doubtful one that shows", writes: []write{confirmed(text("w")), doubtful(text("v"))}, want: provenance.Ours},
		{reason: "written again after something else", writes: []write{confirmed(text("v")), confirmed(text("w")), confirmed(text("v"))}, want: provenance.Ours},
		{reason: "a later confirmed one beside it", writes: []write{confirmed(text("v")), {Sent: sent{other: text("w")}, Outcome: provenance.Confirmed}}, want: provenance.Ours},
		{reason: "a value at the group's own path takes nothing away", writes: []write{confirmed(text("v")), {Sent: sent{group: text("w")}, Outcome: provenance.Confirmed}}, want: provenance.Ours},
		{reason: "one write that takes the group away and sends the value anew", writes: []write{{Sent: sent{group: none, title: text("v")}, Outcome: provenance.Confirmed}}, want: provenance.Ours},
		{reason: "an outcome that nobody knows is doubt", writes: []write{{Sent: sent{title: text("v")}, Outcome: "lost"}}, want: provenance.Ours},
	}
	for i := range cases {
		cases[i].observed = text("v")
	}
	for _, place := range []struct{ base, before *snapshot }{
		{base: holds(text("a"))}, {base: holds(none)}, {before: holds(text("a"))}, {before: holds(none)},
		{base: holds(text("a")), before: holds(text("b"))}, {base: holds(text("a")), before: holds(text("v"))}, {base: lacks(), before: holds(text("a"))},
	} {
		for i := range cases {
			cases[i].base, cases[i].before = place.base, place.before
		}
		judge(t, cases)
	}
}

func TestARewritingOfWhatWasSentIsOurs(t *testing.T) {
	t.Parallel()
	known := func(e *evidence) {
		e.Known = map[plan.Path][]provenance.Rewriting{title: {{Sent: text("long"), Returned: text("short")}}}
	}
	base := holds(text("a"))
	judge(t, []rowCase{
		{reason: "harmless", observed: text("x & y"), base: base, writes: []write{confirmed(text(" x &amp; y"))}, want: provenance.Ours},
		{reason: "harmless, in doubt", observed: text("x & y"), base: base, writes: []write{doubtful(text(" x &amp; y"))}, want: provenance.Ours},
		{reason: "harmless, of a refused one", observed: text("x & y"), base: base, writes: []write{refused(text(" x &amp; y"))}, want: provenance.Foreign},
		{reason: "of an exact value none is harmless", observed: exact("x "), base: base, writes: []write{confirmed(exact("x"))}, want: provenance.Foreign},
		{reason: "known", observed: text("short"), base: base, writes: []write{confirmed(text("long"))}, more: known, want: provenance.Ours},
		{reason: "known, and then something else was sent", observed: text("short"), base: base, writes: []write{confirmed(text("long")), confirmed(text("w"))}, more: known, want: provenance.Foreign},
		{reason: "not known: a loss", observed: text("shor"), base: base, writes: []write{confirmed(text("long"))}, more: known, want: provenance.Foreign},
		{reason: "known for what was not sent", observed: text("short"), base: base, writes: []write{confirmed(text("longer"))}, more: known, want: provenance.Foreign},
	})
}

func TestWhatWeTookAwayIsOurs(t *testing.T) {
	t.Parallel()
	cases := []rowCase{
		{reason: "taken away by itself", writes: []write{confirmed(none)}, want: provenance.Ours},
		{reason: "taken away with its group", writes: []write{takenAway(group, provenance.Confirmed)}, want: provenance.Ours},
		{reason: "taken away with a group far above", writes: []write{takenAway("listings", provenance.Confirmed)}, want: provenance.Ours},
		{reason: "taken away with its group, in doubt, and it shows", writes: []write{takenAway(group, provenance.InDoubt)}, want: provenance.Ours},
		{reason: "taken away with its group, refused", writes: []write{takenAway(group, provenance.Refused)}, want: provenance.Foreign},
		{reason: "another group", writes: []write{takenAway("listings.d", provenance.Confirmed)}, want: provenance.Foreign},
		{reason: "the path of another value", writes: []write{takenAway(other, provenance.Confirmed)}, want: provenance.Foreign},
		{reason: "then written anew, so somebody took it away", writes: []write{takenAway(group, provenance.Confirmed), confirmed(text("v"))}, want: provenance.Foreign},
		{reason: "written anew in the same request", writes: []write{{Sent: sent{group: none, title: text("v")}, Outcome: provenance.Confirmed}}, want: provenance.Foreign},
		{reason: "a value above says nothing of what is below it", writes: []write{{Sent: sent{group: text("v"), "listings": none}, Outcome: provenance.Confirmed}}, want: provenance.Ours},
		{reason: "somebody took it away, and a value above was sent", writes: []write{{Sent: sent{group: text("v")}, Outcome: provenance.Confirmed}}, want: provenance.Foreign},
	}
	for _, place := range []struct{ base, before *snapshot }{{base: holds(text("a"))}, {before: holds(text("a"))}} {
		for i := range cases {
			cases[i].base, cases[i].before = place.base, place.before
		}
		judge(t, cases)
	}
}

// Of a sensitive value only that there is one is known.
func TestSecrets(t *testing.T) {
	t.Parallel()
	equal := func(e *evidence) { e.EqualSecrets = map[plan.Path]bool{title: true} }
	judge(t, []rowCase{
		{reason: "equal in memory", observed: secret, base: holds(secret), more: equal, want: provenance.Same},
		{reason: "equal in memory, whatever we sent", observed: secret, base: holds(secret), writes: []write{confirmed(secret)}, more: equal, want: provenance.Same},
		{reason: "another path is equal in memory", observed: secret, base: holds(secret), more: func(e *evidence) { e.EqualSecrets = map[plan.Path]bool{other: true} }, want: provenance.Unknown},
		{reason: "equal to what? there is no base", observed: secret, more: equal, want: provenance.Unknown},
		{reason: "equal to a value that is not there", observed: secret, base: holds(none), more: equal, want: provenance.Foreign},
		{reason: "not there, and said to be equal", observed: none, base: holds(secret), more: equal, want: provenance.Foreign},
		{reason: "observed is the submission itself", observed: secret, writes: []write{confirmed(secret)}, more: func(e *evidence) { e.ObservesSubmission = true }, want: provenance.Same},
		{reason: "both sides have one: who could tell", observed: secret, base: holds(secret), want: provenance.Unknown},
		{reason: "both sides have one, and so it was before", observed: secret, base: holds(secret), before: holds(secret), want: provenance.Unknown},
		{reason: "both sides have one, and there was none before", observed: secret, base: holds(secret), before: holds(none), want: provenance.Unknown},
		{reason: "we sent one", observed: secret, base: holds(secret), writes: []write{confirmed(secret)}, want: provenance.Ours},
		{reason: "we sent one, where there was none", observed: secret, base: holds(none), writes: []write{confirmed(secret)}, want: provenance.Ours},
		{reason: "we sent one, in doubt", observed: secret, base: holds(none), writes: []write{doubtful(secret)}, want: provenance.Ours},
		{reason: "we sent one, refused", observed: secret, base: holds(none), writes: []write{refused(secret)}, want: provenance.Foreign},
		{reason: "we sent one and took it away", observed: secret, base: holds(none), writes: []write{confirmed(secret), confirmed(none)}, want: provenance.Foreign},
		{reason: "we sent one and took its group away, in doubt", observed: secret, base: holds(none), writes: []write{confirmed(secret), takenAway(group, provenance.InDoubt)}, want: provenance.Ours},
		{reason: "we sent one, and it is gone", observed: none, base: holds(text("a")), writes: []write{confirmed(secret)}, want: provenance.Foreign},
		{reason: "we took it away", observed: none, base: holds(secret), writes: []write{confirmed(none)}, want: provenance.Ours},
		{reason: "we took it away and sent one after that", observed: none, base: holds(secret), writes: []write{confirmed(none), confirmed(secret)}, want: provenance.Foreign},
		{reason: "somebody took it away", observed: none, base: holds(secret), want: provenance.Foreign},
		{reason: "there is one where there was none", observed: secret, base: holds(none), want: provenance.Foreign},
		{reason: "there is one where there was none, though it was there before we began", observed: secret, base: holds(none), before: holds(secret), want: provenance.Foreign},
		{reason: "no base, and it was there before", observed: secret, before: holds(secret), want: provenance.Unknown},
		{reason: "no base, it was there before, and we sent one", observed: secret, before: holds(secret), writes: []write{confirmed(secret)}, want: provenance.Ours},
		{reason: "no base, and it was not there before", observed: secret, before: holds(none), want: provenance.Foreign},
		{reason: "no base, and it is gone since", observed: none, before: holds(secret), want: provenance.Foreign},
		{reason: "no base, and something else was there before", observed: text("a"), before: holds(secret), want: provenance.Foreign},
		{reason: "a write of a secret is no write of another value", observed: text("a"), base: holds(none), writes: []write{confirmed(secret)}, want: provenance.Foreign},
		{reason: "a write of another value is none of a secret", observed: secret, base: holds(none), writes: []write{confirmed(text("a"))}, want: provenance.Foreign},
		{reason: "a write of another value came later", observed: secret, base: holds(none), writes: []write{confirmed(secret), confirmed(text("a"))}, want: provenance.Foreign},
		{reason: "and where both sides have one that is not known to be ours, nothing tells", observed: secret, base: holds(secret), writes: []write{confirmed(secret), confirmed(none)}, want: provenance.Unknown},
	})
}

// A record that was cut or written over has marks that no value has.
func TestBrokenMarksAreNobodysWrite(t *testing.T) {
	t.Parallel()
	a := text(" a ")
	cut := plan.Mark(a.Digest() + "~")
	judge(t, []rowCase{
		{reason: "a mark without its canonical form is no rewriting of nothing", observed: none, base: holds(cut), want: provenance.Foreign},
		{reason: "and no write of nothing", observed: none, base: holds(text("b")), writes: []write{confirmed(cut)}, want: provenance.Foreign},
		{reason: "what is left of it still tells the value", observed: a, base: holds(text("b")), writes: []write{confirmed(cut)}, want: provenance.Ours},
		{reason: "it excuses no rewriting", observed: text("a"), base: holds(text("b")), writes: []write{confirmed(cut)}, want: provenance.Foreign},
		{reason: "a mark that says nothing", observed: a, base: holds(text("b")), writes: []write{confirmed("~")}, want: provenance.Foreign},
		{reason: "half a digest", observed: a, base: holds(text("b")), writes: []write{confirmed(a[:20])}, want: provenance.Foreign},
	})
}
