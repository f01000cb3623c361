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
	switch strings.ToLower(path[0]) {
	case "applications":
		return c.msixApps(path[1:])
	case "inappproducts":
		return c.msixAddOns(path[1:])
	default:
		return notFoundPage()
	}
}

// msixApps finds the operation on applications.
func (c *call) msixApps(path []string) reply {
	if len(path) == 0 {
		return c.msixMethod(methods{http.MethodGet: c.listMsixApps})
	}
	a := c.state.msixApp(path[0])
	if a == nil {
		return msixError{http.StatusNotFound, msixResourceNotFound, "Application not found", "applicationId"}.reply()
	}
	if refused, ok := servedApp(a); !ok {
		return refused
	}
	switch path = path[1:]; {
	case len(path) == 0:
		return c.msixMethod(methods{http.MethodGet: func() reply { return jsonReply(http.StatusOK, a.answer(true)) }})
	case strings.EqualFold(path[0], "flights"):
		return c.msixFlights(a, path[1:])
	case len(path) == 1 && strings.EqualFold(path[0], "listflights"):
		return c.msixMethod(methods{http.MethodGet: func() reply { return c.listAppFlights(a) }})
	case len(path) == 1 && strings.EqualFold(path[0], "listinappproducts"):
		return c.msixMethod(methods{http.MethodGet: func() reply { return c.listAppAddOns(a) }})
	default:
		return c.msixSubmissions(a, path)
	}
}

// servedApp refuses applications that the API does not serve.
func servedApp(a *msixApp) (reply, bool) {
	switch {
	case a.Forbidden:
		return forbiddenProduct(), false
	case a.Unsupported:
		return unsupportedProduct(a), false
	default:
		return reply{}, true
	}
}

// forbiddenProduct is the answer for products of another account, without a
// body (observed).
func forbiddenProduct() reply { return reply{status: http.StatusForbidden, header: http.Header{}} }

// unsupportedProduct refuses products with mandatory app updates or with
// consumables that the Store manages
// (https://learn.microsoft.com/windows/uwp/monetize/create-and-manage-submissions-using-windows-store-services).
func unsupportedProduct(p msixProduct) reply {
	return msixError{
		http.StatusConflict, msixInvalidState,
		"The " + p.noun() + " uses features that are not supported by the submission API.", "",
	}.reply()
}

// msixSubmissions finds the operation on a product's submissions.
func (c *call) msixSubmissions(p msixProduct, path []string) reply {
	if !strings.EqualFold(path[0], "submissions") || len(path) > 3 {
		return notFoundPage()
	}
	if len(path) == 1 {
		return c.msixMethod(methods{http.MethodPost: func() reply { return c.createMsixSubmission(p) }})
	}
	s := p.line().submission(path[1])
	on := func(handler func(msixProduct, *msixSubmission) reply) func() reply {
		return func() reply {
			if s == nil {
				return msixError{http.StatusNotFound, msixResourceNotFound, "Submission not found", "submissionId"}.reply()
			}
			return handler(p, s)
		}
	}
	if len(path) == 2 {
		return c.msixMethod(methods{
			http.MethodGet:    on(c.getMsixSubmission),
			http.MethodPut:    on(c.putMsixSubmission),
			http.MethodDelete: on(c.deleteMsixSubmission),
		})
	}
	operation := strings.ToLower(path[2])
	switch {
	case operation == "commit":
		return c.msixMethod(methods{http.MethodPost: on(c.commitMsixSubmission)})
	case operation == "status":
		return c.msixMethod(methods{http.MethodGet: on(c.getMsixStatus)})
	case !p.rolls():
		return notFoundPage()
	case operation == "packagerollout":
		return c.msixMethod(methods{http.MethodGet: on(c.getMsixRollout)})
	case operation == "updatepackagerolloutpercentage":
		return c.msixMethod(methods{http.MethodPost: on(c.percentMsixRollout)})
	case operation == "haltpackagerollout":
		return c.msixMethod(methods{http.MethodPost: on(c.haltMsixRollout)})
	case operation == "finalizepackagerollout":
		return c.msixMethod(methods{http.MethodPost: on(c.finalizeMsixRollout)})
	default:
		return notFoundPage()
	}
}

// msixBody reads a request that makes a product.
func (c *call) msixBody() (object, *msixError) {
	value, err := parseJSON(c.body)
	if err != nil {
		return nil, &msixError{http.StatusBadRequest, msixInvalidParameterValue, "The request body is not valid: " + err.Error() + ".", ""}
	}
	sent, ok := value.(object)
	if !ok {
		return nil, &msixError{http.StatusBadRequest, msixInvalidParameterValue, "The request body must be an object.", ""}
	}
	return sent, nil
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
