package msix

import (
	"errors"
	"net/http"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// explain adds the class and the advice that an error of a request has.
func explain(err error) error {
	class, next := classOf(err), advice(err)
	if isPortalMade(err) || isAlreadyPending(err) {
		class = plan.ClassRefused
	}
	if class == plan.ClassError && next == "" {
		return err
	}
	return &plan.Failure{Class: class, Err: err, Next: next}
}

// advice knows what answers mean at this API, beyond what any API means by
// them. The service uses one code for many things, so its text is looked at,
// too (messages as observed 2026-02).
func advice(err error) string {
	e, answered := errors.AsType[*storehttp.Error](err)
	if !answered || storehttp.IsUploadRefused(err) || storehttp.IsForeign(err) {
		return storehttp.Advice(err)
	}
	switch {
	case isPortalMade(err):
		return "The draft was made in Partner Center, and the API can neither change, delete nor commit it. Submit or delete it there, then run the same command again."
	case isUnsupported(err):
		return "The API does not serve apps and add-ons that use mandatory app updates or are Store-managed consumables. Manage the product in Partner Center, or switch those features off there."
	case isAlreadyPending(err):
		return "Somebody made a draft since the plan was made. Nothing was changed. Plan again to see what is in it."
	case e.Status == http.StatusConflict && e.Method == http.MethodDelete && !strings.Contains(e.Path, "/submissions/"):
		return "The Store does not delete it in its state: a submission of it may be running, or it was published and the Store keeps what customers may have. Nothing was deleted. " +
			"Look at it in Partner Center, and delete or withdraw it there; or take metadata.state: absent back and write what it shall be."
	case e.Status == http.StatusConflict && e.Says("cannot be deleted"):
		return "The submission was committed meanwhile, so it is no draft any more. Plan again, or wait for it with --wait-running 24h; it can only be cancelled in Partner Center."
	case e.Status == http.StatusForbidden:
		return "Check that AZURE_TENANT_ID and AZURE_CLIENT_ID name the Entra application that has the Manager role in the Partner Center account that owns the app (Account settings > User management > Microsoft Entra applications)." + storehttp.OtherAccount("app's")
	case e.Status == http.StatusUnauthorized && storehttp.Advice(err) == "":
		return "Check that the token is for " + Scope + " and has not run out, and that the Entra application has the Manager role in Partner Center."
	case isCreation(e) && e.Status == http.StatusConflict:
		return "One of that name may have been made since the plan, or was deleted and keeps its name. Nothing was changed. Plan again to see what is there."
	case isCreation(e) && e.Status == http.StatusBadRequest:
		if e.Path == addOnsPath() {
			return "Nothing was made. Check what the add-on is made of: productId and productType."
		}
		return "Nothing was made. Check what the flight is made of: friendlyName, groupIds (ids of flight groups, which Partner Center makes and shows) and rankHigherThan (the name of a flight of the app)."
	case e.Status == http.StatusNotFound && strings.Contains(e.Path, "/submissions/"):
		return "The submission is not there any more: it was deleted, in Partner Center or by another job. Run the same command again: it looks at what is there now."
	case e.Status == http.StatusNotFound && strings.HasPrefix(e.Path, addOnsPath()):
		return "The add-on is not there any more. Plan again."
	case e.Status == http.StatusNotFound && strings.Contains(e.Path, "/flights/"):
		return "The flight is not there any more. Plan again."
	case e.Status == http.StatusNotFound:
		return "Check the app's Store ID (spec.appId; spec.app of a flight): it stands in Partner Center (Product management > Product identity), and the app must belong to the account. " +
			"The app, and its first submission with age ratings, are made in Partner Center; the API can do neither."
	}
	if next := contentAdvice(e); next != "" {
		return next
	}
	return storehttp.Advice(err)
}

// contentAdvice is about what was sent.
func contentAdvice(e *storehttp.Error) string {
	if e.Status == http.StatusInternalServerError && e.Method == http.MethodPut {
		return "The service has trouble, or does not know a language of the listings: it answers that in the same way. Check the language codes; else run the same command again in some minutes."
	}
	if e.Status != http.StatusBadRequest {
		return ""
	}
	switch {
	case e.Says("keep all file entries"):
		return "The draft's packages are not those that were planned against. Nothing was committed. Plan again."
	case e.Says("language codes"):
		return "The Store has no listing in that language. Nothing was committed. Change the manifest's language codes to ones of Microsoft's list of supported languages."
	case e.Says("size of applistings", "size of listings"):
		return "An app, and an add-on, needs at least one listing. Nothing was committed. Keep a language in the manifest."
	case isAboutPrice(e):
		return "The Store refused a price. Nothing was committed. If the manifest does not change prices, set them once in Partner Center: an app priced there market by market cannot be changed by this API."
	}
	return ""
}

// isPortalMade: "You can only update, delete and commit submissions that were
// created through the API".
func isPortalMade(err error) bool {
	e, ok := errors.AsType[*storehttp.Error](err)
	return ok && e.Status == http.StatusBadRequest && e.Says("invalidoperation") && e.Says("through the api", "through api", "using the api", "only update, delete and commit")
}

// isUnsupported: "The application uses features not supported by the
// submission API".
func isUnsupported(err error) bool {
	e, ok := errors.AsType[*storehttp.Error](err)
	return ok && e.Status == http.StatusConflict && e.Says("not supported")
}

// isAlreadyPending: a create was refused because there is a pending submission.
func isAlreadyPending(err error) bool {
	e, ok := errors.AsType[*storehttp.Error](err)
	return ok && e.Status == http.StatusConflict && e.Method == http.MethodPost && strings.HasSuffix(e.Path, "/submissions") && !isUnsupported(err) && !storehttp.IsForeign(err)
}

// isCreation: an add-on or a flight was to be made.
func isCreation(e *storehttp.Error) bool {
	return e.Method == http.MethodPost && (e.Path == addOnsPath() || strings.HasSuffix(e.Path, "/flights"))
}

// isAboutPrice: the service refused a price of what was sent.
func isAboutPrice(e *storehttp.Error) bool {
	return e.Status == http.StatusBadRequest && e.Says("priceid", "pricing", "price tier", "pricetier")
}
