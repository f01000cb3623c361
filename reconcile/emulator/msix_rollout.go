package emulator

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
)

// The states of a gradual rollout
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#package-rollout-object).
const (
	rolloutNotStarted = "PackageRolloutNotStarted"
	rolloutInProgress = "PackageRolloutInProgress"
	rolloutComplete   = "PackageRolloutComplete"
	rolloutStopped    = "PackageRolloutStopped"
)

// noFallback is the fallbackSubmissionId of packages that are not rolled out.
const noFallback = "0"

// rolloutOf is the package rollout resource of a submission's document.
func rolloutOf(document object) object {
	return document.lookupObject("packageDeliveryOptions").lookupObject("packageRollout")
}

// withRollout is a document with another package rollout resource.
func withRollout(document object, changes ...member) object {
	rollout := rolloutOf(document)
	for _, m := range changes {
		rollout = rollout.with(m.name, m.value)
	}
	delivery := document.lookupObject("packageDeliveryOptions")
	return document.with("packageDeliveryOptions", delivery.with("packageRollout", rollout))
}

// rollingOut reports whether a product's last published packages are on their
// way to people. Until this is finalized or halted there is no new submission
// (https://learn.microsoft.com/windows/apps/publish/gradual-package-rollout).
func rollingOut(p msixProduct) bool {
	published := p.line().published()
	return published != nil && rolloutOf(object(published.Document)).lookupText("packageRolloutStatus") == rolloutInProgress
}

// released is the document of a submission at the moment of its publication,
// when its rollout begins if it has one.
func released(p msixProduct, s *msixSubmission) msixDocument {
	document := object(s.Document)
	rollout := rolloutOf(document)
	if rollout == nil {
		return s.Document // an add-on's
	}
	if rollout.lookup("isPackageRollout") != true {
		return msixDocument(withRollout(document, member{"packageRolloutStatus", rolloutNotStarted}, member{"fallbackSubmissionId", noFallback}))
	}
	fallback := noFallback
	if other := p.fallback(s); other != nil {
		fallback = other.ID
	}
	return msixDocument(withRollout(document, member{"packageRolloutStatus", rolloutInProgress}, member{"fallbackSubmissionId", fallback}))
}

// cloned is the document of a draft made of a published submission. It has the
// rollout's settings (observed: msstore-cli issue 110). What became of the
// published one's rollout is not carried over, as far as is known.
func (b MsixBehavior) cloned(document msixDocument) msixDocument {
	if b.CloneKeepsRolloutStatus || rolloutOf(object(document)) == nil {
		return document
	}
	return msixDocument(withRollout(object(document), member{"packageRolloutStatus", rolloutNotStarted}, member{"fallbackSubmissionId", noFallback}))
}

// shown is a document as it is answered.
func (b MsixBehavior) shown(document object) object {
	rollout := rolloutOf(document)
	if !b.OmitUnusedRollout || rollout == nil || rollout.lookup("isPackageRollout") == true {
		return document
	}
	return document.with("packageDeliveryOptions", document.lookupObject("packageDeliveryOptions").without("packageRollout"))
}

// rolloutUnsupported refuses all of the rollout methods when the product
// cannot roll out.
func (c *call) rolloutUnsupported() (reply, bool) {
	if !c.state.Behavior.Msix.RolloutUnsupported {
		return reply{}, false
	}
	return msixError{
		http.StatusConflict, msixInvalidState,
		"Gradual package rollout is not supported for this product.", "submission",
	}.reply(), true
}

// getMsixRollout answers for every submission, published or not
// (https://learn.microsoft.com/windows/uwp/monetize/get-package-rollout-info-for-an-app-submission).
func (c *call) getMsixRollout(_ msixProduct, s *msixSubmission) reply {
	if refused, ok := c.rolloutUnsupported(); ok {
		return refused
	}
	return jsonReply(http.StatusOK, rolloutOf(object(s.Document)))
}

// changeMsixRollout changes a rollout in progress, and refuses all others.
func (c *call) changeMsixRollout(s *msixSubmission, changes ...member) reply {
	if refused, ok := c.rolloutUnsupported(); ok {
		return refused
	}
	document := object(s.Document)
	if s.Status != msixPublished || rolloutOf(document).lookupText("packageRolloutStatus") != rolloutInProgress {
		return msixError{
			http.StatusConflict, msixInvalidState,
			"The submission is not published with a package rollout in progress.", "submission",
		}.reply()
	}
	document = withRollout(document, changes...)
	s.Document = msixDocument(document)
	c.state.touch()
	return jsonReply(http.StatusOK, rolloutOf(document))
}

// percentMsixRollout raises the percentage
// (https://learn.microsoft.com/windows/uwp/monetize/update-the-package-rollout-percentage-for-an-app-submission).
// What the service does when it is lowered is not known: a refusal is assumed,
// for people who have the packages keep them. The same percentage is taken.
func (c *call) percentMsixRollout(_ msixProduct, s *msixSubmission) reply {
	text := foldedQuery(c.request.URL.Query(), "percentage")
	percentage, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(percentage) || percentage < 0 || percentage > 100 {
		return msixError{
			http.StatusBadRequest, msixInvalidParameterValue,
			fmt.Sprintf("The value of percentage is not valid: %q is no number from 0 to 100.", text), "percentage",
		}.reply()
	}
	rollout := rolloutOf(object(s.Document))
	if now := numberOf(rollout, "packageRolloutPercentage"); rollout.lookupText("packageRolloutStatus") == rolloutInProgress && percentage < now {
		return msixError{
			http.StatusConflict, msixInvalidState,
			fmt.Sprintf("The rollout percentage cannot be lowered from %g to %g.", now, percentage), "percentage",
		}.reply()
	}
	return c.changeMsixRollout(s, member{"packageRolloutPercentage", numberText(percentage)})
}

// haltMsixRollout ends a rollout: nobody else gets the packages
// (https://learn.microsoft.com/windows/uwp/monetize/halt-the-package-rollout-for-an-app-submission).
func (c *call) haltMsixRollout(_ msixProduct, s *msixSubmission) reply {
	return c.changeMsixRollout(s, haltedRollout()...)
}

// finalizeMsixRollout gives the packages to everyone
// (https://learn.microsoft.com/windows/uwp/monetize/finalize-the-package-rollout-for-an-app-submission).
func (c *call) finalizeMsixRollout(_ msixProduct, s *msixSubmission) reply {
	return c.changeMsixRollout(s, finalizedRollout()...)
}

func haltedRollout() []member {
	return []member{{"packageRolloutPercentage", numberText(0)}, {"packageRolloutStatus", rolloutStopped}}
}

func finalizedRollout() []member {
	return []member{{"packageRolloutPercentage", numberText(100)}, {"packageRolloutStatus", rolloutComplete}}
}

func numberText(n float64) json.Number {
	return json.Number(strconv.FormatFloat(n, 'f', -1, 64))
}

// numberOf gives a member that is a number; 0 when there is none.
func numberOf(o object, name string) float64 {
	number, _ := o.lookup(name).(json.Number)
	n, err := number.Float64()
	if err != nil {
		return 0
	}
	return n
}
