package storehttp

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// IsAuth reports whether the error is about who we are or what we may: no
// token to be had, or a 401 or 403 from an API. A refused upload is not: it
// carries no credentials.
func IsAuth(err error) bool {
	if _, ok := errors.AsType[*CredentialError](err); ok {
		return true
	}
	e, ok := errors.AsType[*Error](err)
	return ok && !e.anonymous && !e.foreign && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

// IsThrottled reports whether the Store went on answering 429.
func IsThrottled(err error) bool { return status(err) == http.StatusTooManyRequests }

// IsNotFound reports whether the Store answered 404.
func IsNotFound(err error) bool { return status(err) == http.StatusNotFound }

// IsUnknownOutcome reports whether the request may have been carried out
// although it failed.
func IsUnknownOutcome(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Unknown
}

// IsMethodRefused reports whether the service does not offer the method for
// that path: 405, 501, or 404 to a PATCH. The last is how a gateway answers
// that has no such operation; use it for a product that other requests have
// found.
func IsMethodRefused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusNotFound:
		return e.Method == http.MethodPatch
	}
	return false
}

// IsUploadRefused reports whether blob storage refused an upload address: it
// has run out (they live an hour) or was used up. Ask for a new one.
func IsUploadRefused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.anonymous && !e.foreign && (e.Status == http.StatusForbidden || e.Status == http.StatusUnauthorized)
}

func status(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// OtherAccount is advice on a further cause of 403: the application gets a token
// all the same (reported by users of Microsoft's clients; no page says it). whose
// is what the account must be for, such as "app's".
func OtherAccount(whose string) string {
	return " An application that is added to two Partner Center accounts, or to one of another kind than the " + whose + ", gets a token and then this answer, too: use one that is added to this account alone."
}

// Advice says what a person can do about the error, in a sentence or two; ""
// when the error says it all.
func Advice(err error) string {
	if credential, ok := errors.AsType[*CredentialError](err); ok {
		return credential.Next
	}
	if _, ok := errors.AsType[*ReadOnlyError](err); ok {
		return "This is a mistake in storesync: please report it with the command that you ran."
	}
	if host, ok := errors.AsType[*UploadHostError](err); ok {
		return host.Next()
	}
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return ""
	case e.advice != "":
		return e.advice
	case e.foreign && e.Unknown:
		return foreignAdvice(e.Status) + " Then run the same command again: it reads the Store first and goes on from what is there."
	case e.foreign:
		return foreignAdvice(e.Status)
	case IsUploadRefused(err):
		return "Upload addresses live one hour. Run the same command again: it asks for new ones."
	case e.Status == http.StatusTooManyRequests:
		return throttleAdvice(e.RetryAfter)
	case e.Unknown:
		return "Run the same command again: it reads the Store first and goes on from what is there."
	case e.Status >= 300 && e.Status < 400 && !e.anonymous:
		return "Set the endpoint to the address that the service is at."
	case refusedHere(e.err):
		return ""
	case e.Status == 0:
		return networkAdvice(e.err)
	case transient(e.Status):
		return "The service has trouble. Run the same command again in some minutes."
	}
	return ""
}

func throttleAdvice(wait time.Duration) string {
	return fmt.Sprintf("The Store limits how many requests an account may send. Wait %s and run the same command again: it goes on where it stopped. Other jobs of the same account count too.",
		cmp.Or(wait, time.Minute))
}
