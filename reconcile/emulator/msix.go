package emulator

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

// msixCorrelationHeader is on every answer of API B (observed 2026-02).
const msixCorrelationHeader = "MS-CorrelationId"

// The codes of errors and of status details
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#submission-status-code).
const (
	msixInvalidParameterValue = "InvalidParameterValue"
	msixInvalidOperation      = "InvalidOperation"
	msixInvalidState          = "InvalidState"
	msixResourceNotFound      = "ResourceNotFound"
	msixInvalidArchive        = "InvalidArchive"
	msixMissingFiles          = "MissingFiles"
	msixPackageFailed         = "PackageValidationFailed"
	msixOptOut                = "ListingOptOutWarning"
	msixOptIn                 = "ListingOptInWarning"
	msixSalesUnsupported      = "SalesUnsupportedWarning"
)

// msixError is a refusal of API B.
type msixError struct {
	status  int
	code    string
	message string
	target  string
}

// reply has the shape of the live service's errors (observed 2026-02).
func (e msixError) reply() reply {
	out := object{
		{"code", e.code}, {"data", []any{}}, {"details", []any{}}, {"message", e.message}, {"source", "Ingestion Api"},
	}
	return jsonReply(e.status, out.text("target", e.target))
}

// msixFault is the service's answer when something breaks inside it.
func msixFault(status int) reply {
	code := "InternalServerError"
	if status == http.StatusServiceUnavailable {
		code = "UnknownInternalFailure"
	}
	return msixError{status, code, "The service cannot answer now. Try again later.", ""}.reply()
}

// msix answers API B. The gateway checks the token and the pace, then the
// service the application and the route.
func (c *call) msix() reply {
	out := c.msixAnswer()
	out.header.Set(msixCorrelationHeader, newGUID())
	return out
}

func (c *call) msixAnswer() reply {
	if problem := c.tokenProblem(audienceMsix); problem != "" {
		return gateway(http.StatusUnauthorized, problem)
	}
	if refused, ok := c.msixPace(); !ok {
		return refused
	}
	rest, ok := cutPrefixFold(c.request.URL.Path, "/v1.0/my/")
	if !ok {
		return notFoundPage()
	}
	path := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	if !strings.EqualFold(path[0], "applications") {
		return notFoundPage()
	}
	if len(path) == 1 {
		return c.msixMethod(methods{http.MethodGet: c.listMsixApps})
	}
	app := c.state.msixApp(path[1])
	if app == nil {
		return msixError{http.StatusNotFound, msixResourceNotFound, "Application not found", "applicationId"}.reply()
	}
	if app.Forbidden {
		return reply{status: http.StatusForbidden, header: http.Header{}}
	}
	if app.Unsupported {
		return msixError{http.StatusConflict, msixInvalidState, "The application uses features that are not supported by the submission API.", ""}.reply()
	}
	return c.msixRoute(app, path[2:])
}

// msixRoute finds the operation: the rest of the path after the application.
func (c *call) msixRoute(a *msixApp, path []string) reply {
	if len(path) == 0 {
		return c.msixMethod(methods{http.MethodGet: func() reply { return jsonReply(http.StatusOK, a.answer(true)) }})
	}
	if !strings.EqualFold(path[0], "submissions") || len(path) > 3 {
		return notFoundPage()
	}
	if len(path) == 1 {
		return c.msixMethod(methods{http.MethodPost: func() reply { return c.createMsixSubmission(a) }})
	}
	s := a.submission(path[1])
	on := func(handler func(*msixApp, *msixSubmission) reply) func() reply {
		return func() reply {
			if s == nil {
				return msixError{http.StatusNotFound, msixResourceNotFound, "Submission not found", "submissionId"}.reply()
			}
			return handler(a, s)
		}
	}
	switch {
	case len(path) == 2:
		return c.msixMethod(methods{
			http.MethodGet:    on(c.getMsixSubmission),
			http.MethodPut:    on(c.putMsixSubmission),
			http.MethodDelete: on(c.deleteMsixSubmission),
		})
	case strings.EqualFold(path[2], "commit"):
		return c.msixMethod(methods{http.MethodPost: on(c.commitMsixSubmission)})
	case strings.EqualFold(path[2], "status"):
		return c.msixMethod(methods{http.MethodGet: on(c.getMsixStatus)})
	default:
		return notFoundPage()
	}
}

func (c *call) msixMethod(found methods) reply {
	if handler, ok := found[c.request.Method]; ok {
		return handler()
	}
	out := gateway(http.StatusMethodNotAllowed, "The requested resource does not support http method '"+c.request.Method+"'.")
	allowed := make([]string, 0, len(found))
	for method := range found {
		allowed = append(allowed, method)
	}
	slices.Sort(allowed)
	out.header.Set("Allow", strings.Join(allowed, ", "))
	return out
}

// msixPace refuses what is more than the allowed requests of the last minute.
func (c *call) msixPace() (reply, bool) {
	most := c.state.Behavior.Msix.RequestsPerMinute
	if most <= 0 {
		return reply{}, true
	}
	calls := slices.DeleteFunc(c.state.MsixCalls, func(at time.Time) bool { return c.now.Sub(at) >= time.Minute })
	c.state.MsixCalls = calls
	c.state.touch()
	if len(calls) < most {
		c.state.MsixCalls = append(calls, c.now)
		return reply{}, true
	}
	wait := calls[len(calls)-most].Add(time.Minute).Sub(c.now)
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	out := gateway(http.StatusTooManyRequests, fmt.Sprintf("Rate limit is exceeded. Try again in %d seconds.", seconds))
	out.header.Set("Retry-After", fmt.Sprint(seconds))
	return out, false
}
