package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/storesync/storesync/reconcile/plan"
)

// sarifRuleOf describes a rule: what it is about, and what to do.
func sarifRuleOf(rule string) sarifRule {
	if guard, isGuard := strings.CutPrefix(rule, ruleGuard); isGuard {
		return guardRule(plan.Guard(guard))
	}
	if strings.HasPrefix(rule, ruleVerdict) {
		return verdictRule(rule)
	}
	r := sarifRule{ID: rule, DefaultConfiguration: sarifConfiguration{levelError}}
	r.Name = ruleName(rule)
	switch rule {
	case ruleManifest:
		r.describe("The manifest is not valid.",
			"What is written in the manifest breaks its format, or a limit or closed set of values of the Store's API.",
			"Correct the line. The message says what is allowed.")
	case ruleAdvice:
		r.DefaultConfiguration.Level = levelWarning
		r.describe("The manifest is valid, but is likely not meant as it is written.",
			"The manifest can be applied. Its effect may surprise.",
			"Read the message, and change the line if it is not meant like that.")
	case ruleNotPlanned:
		r.describe("The product could not be planned.",
			"Reading the product from the Store, or comparing it with its manifest, did not succeed; nothing is known of what would change.",
			"The message says why and what to do. Then run the command again.")
	case ruleRunning:
		r.DefaultConfiguration.Level = levelWarning
		r.describe("A submission is running.",
			"While a submission runs the Store takes no changes of the product.",
			"Apply again when it has ended, or run apply with --wait-running.")
	case ruleDriftStore:
		r.DefaultConfiguration.Level = levelWarning
		r.describe("The value was changed in the Store.",
			"The Store has another value than the one that was applied last; the manifest still says what was applied.",
			"Take the Store's value into the manifest, or apply to put the manifest's value back.")
	case ruleDriftManifest:
		r.DefaultConfiguration.Level = levelNote
		r.describe("The manifest's value is not applied yet.",
			"The manifest says something else than what was applied last; the Store still has what was applied.",
			"Apply sends it to the Store.")
	case ruleDriftBoth:
		r.DefaultConfiguration.Level = levelWarning
		r.describe("The value was changed in the Store and in the manifest.",
			"Both the Store and the manifest have another value than the one that was applied last.",
			"Decide which of them is right: write the Store's value into the manifest, or apply the manifest.")
	case ruleDriftUnknown:
		r.DefaultConfiguration.Level = levelWarning
		r.describe("The Store and the manifest have another value.",
			"It is not known which of them moved, for there is no record of what was applied last, or the record does not hold the value.",
			"Decide which of them is right: write the Store's value into the manifest, or apply the manifest.")
	default:
		r.DefaultConfiguration.Level = levelNote
		r.describe("Something to know about the product.",
			"Nothing is wrong, and nothing needs to be done.",
			"Read the message.")
	}
	return r
}

func guardRule(g plan.Guard) sarifRule {
	r := sarifRule{ID: ruleGuard + string(g), Name: ruleName(string(g)), DefaultConfiguration: sarifConfiguration{levelError}}
	protects, name := g.Protects(), string(g)
	if protects == "" {
		protects, name = "A change has to be allowed by name.", "GUARD"
	}
	r.describe("Apply refuses the change.", protects,
		"If it is meant, run plan and apply with --allow "+name+"=ADDRESS. If it is not, change the manifest.")
	return r
}

// verdictRule describes a verdict that is a finding of its own.
func verdictRule(rule string) sarifRule {
	r := sarifRule{ID: rule, Name: ruleName(rule)}
	for _, v := range plan.Verdicts() {
		if verdictRuleID(v) != rule {
			continue
		}
		r.DefaultConfiguration.Level = verdictLevel(v)
		switch v {
		case plan.VerdictMissing:
			r.describe("The Store does not have the product any more.",
				"storesync has submitted the product before, and the Store does not know it now.",
				"If it was deleted on purpose, remove its manifest. Otherwise apply makes it anew.")
		case plan.VerdictSubmissionFailed:
			r.describe("The last submission failed.",
				"The last submission of storesync ended without being published, so customers do not have what git says.",
				"Read what the Store says about it, mend the manifest, and apply; or submit the same again with apply --submit.")
		case plan.VerdictBlocked:
			r.describe("Something is in the way.",
				"There is something to apply, and none of it can be applied now: a submission, a rollout, a draft of somebody else, or what the product depends on is in the way.",
				"The message says what, and what to do about it.")
		case plan.VerdictUnsubmitted:
			r.describe("The draft is not submitted.",
				"The draft holds what git says, and customers do not have it.",
				"Apply submits it.")
		case plan.VerdictIncomplete:
			r.describe("Not everything could be compared.",
				"All that could be compared is equal; something could not, or whether customers have it cannot be told.",
				"The message says what to do to settle it.")
		case plan.VerdictError, plan.VerdictNotCreated, plan.VerdictDrifted, plan.VerdictNotApplied, plan.VerdictDiverged, plan.VerdictDiffers,
			plan.VerdictSubmitted, plan.VerdictPendingRelease, plan.VerdictInSync: // are no findings
		}
	}
	return r
}

func (r *sarifRule) describe(short, full, help string) {
	r.ShortDescription, r.FullDescription, r.Help = sarifText{short}, sarifText{sarifMessage(full)}, sarifText{sarifMessage(help)}
}

// ruleName is a rule's id as one word, as SARIF wants names: DriftStore.
func ruleName(id string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(id, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		first, size := utf8.DecodeRuneInString(part)
		b.WriteString(string(unicode.ToUpper(first)) + part[size:])
	}
	return b.String()
}
