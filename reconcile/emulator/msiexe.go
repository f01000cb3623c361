package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	correlationHeader = "X-Correlation-Id" // as net/http spells X-Correlation-ID
	sellerHeader      = "X-Seller-Account-Id"
)

// The codes and targets of errors that were seen; no list of them is public.
const (
	codeBadRequest    = "badrequest"
	codeWarning       = "warning"
	codeError         = "error"
	codePackageUpload = "packageuploaderror"

	targetListings     = "listings"
	targetProperties   = "properties"
	targetAvailability = "availability"
	targetPackages     = "packages"
	targetSubmission   = "submission"
)

type apiError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Target  string `json:"target"`
}

// problems are the errors and warnings of one answer.
type problems []apiError

func (p *problems) add(target, format string, args ...any) {
	*p = append(*p, apiError{codeBadRequest, fmt.Sprintf(format, args...), target})
}

func (p *problems) warn(target, format string, args ...any) {
	*p = append(*p, apiError{codeWarning, fmt.Sprintf(format, args...), target})
}

func (p problems) fatal() bool {
	return slices.ContainsFunc(p, func(e apiError) bool { return e.Code != codeWarning })
}

// envelope wraps the data of an answer. Failures have HTTP status 200, as
// observed; without errors the key is missing.
func (c *call) envelope(data object, success bool, errs problems) reply {
	if data == nil {
		data = object{}
	}
	out := object{{"responseData", data}, {"isSuccess", success}}
	if len(errs) > 0 {
		out = append(out, member{"errors", []apiError(errs)})
	} else if c.state.Behavior.EmptyErrorsAsNull {
		out = append(out, member{"errors", nil})
	}
	return jsonReply(http.StatusOK, out)
}

func (c *call) success(data object, warnings problems) reply { return c.envelope(data, true, warnings) }

func (c *call) refuse(errs problems) reply { return c.envelope(nil, false, errs) }

func (c *call) refusal(target, format string, args ...any) reply {
	var errs problems
	errs.add(target, format, args...)
	return c.refuse(errs)
}

// msiExe answers API A. The gateway checks the token, then the service the
// account, the product and the route.
func (c *call) msiExe() reply {
	out := c.msiExeAnswer()
	out.header.Set(correlationHeader, newGUID())
	return out
}

func (c *call) msiExeAnswer() reply {
	if problem := c.tokenProblem(audienceMsiExe); problem != "" {
		return gateway(http.StatusUnauthorized, problem)
	}
	seller := c.request.Header.Get(sellerHeader)
	if seller == "" {
		return c.refusal(targetSubmission, "The header %s is required: send the seller id of the Partner Center account.", sellerHeader)
	}
	if own := c.ownSeller(); own != "" && own != seller {
		return gateway(http.StatusForbidden, fmt.Sprintf("The application has no access to seller account %q. Check the %s header.", seller, sellerHeader))
	}
	rest, ok := cutPrefixFold(c.request.URL.Path, "/submission/v1/product/")
	if !ok {
		return notFoundPage()
	}
	id, rest, _ := strings.Cut(rest, "/")
	product := c.state.product(id)
	if product == nil {
		return notFoundPage()
	}
	return c.msiExeRoute(product, strings.Split(strings.TrimSuffix(rest, "/"), "/"))
}

func (c *call) ownSeller() string {
	if c.sellerID != "" {
		return c.sellerID
	}
	return c.state.Account.SellerID
}

func cutPrefixFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return "", false
	}
	return text[len(prefix):], true
}

// methods are the handlers of one route by HTTP method.
type methods map[string]func() reply

// msiExeRoute finds the operation: the rest of the path after the product.
func (c *call) msiExeRoute(p *product, path []string) reply {
	is := func(pattern ...string) bool {
		if len(path) != len(pattern) {
			return false
		}
		for i, want := range pattern {
			if want != "*" && !strings.EqualFold(want, path[i]) || path[i] == "" {
				return false
			}
		}
		return true
	}
	var found methods
	switch {
	case is("metadata"):
		found = methods{
			http.MethodGet: func() reply { return c.getMetadata(p, "") },
			http.MethodPut: func() reply { return c.writeMetadata(p, modePut) },
		}
		if !c.state.Behavior.RefusePatch {
			found[http.MethodPatch] = func() reply { return c.writeMetadata(p, modePatch) }
		}
	case is("metadata", "*"):
		found = methods{http.MethodGet: func() reply { return c.getMetadata(p, path[1]) }}
	case is("packages"):
		found = methods{
			http.MethodGet: func() reply { return c.getPackages(p, "") },
			http.MethodPut: func() reply { return c.putPackages(p) },
		}
	case is("packages", "commit"):
		found = methods{http.MethodPost: func() reply { return c.commitPackages(p) }}
	case is("packages", "*"):
		found = methods{
			http.MethodGet:   func() reply { return c.getPackages(p, path[1]) },
			http.MethodPatch: func() reply { return c.patchPackage(p, path[1]) },
		}
	case is("listings", "assets"):
		found = methods{http.MethodGet: func() reply { return c.getAssets(p) }}
	case is("listings", "assets", "create"):
		found = methods{http.MethodPost: func() reply { return c.createAssets(p) }}
	case is("listings", "assets", "commit"):
		found = methods{http.MethodPut: func() reply { return c.commitAssets(p) }}
	case is("status"):
		found = methods{http.MethodGet: func() reply { return c.getStatus(p) }}
	case is("submit"):
		found = methods{http.MethodPost: func() reply { return c.submit(p) }}
	case is("submission", "*", "status"):
		found = methods{http.MethodGet: func() reply { return c.getSubmissionStatus(p, path[1]) }}
	default:
		return notFoundPage()
	}
	handler, ok := found[c.request.Method]
	if !ok {
		out := gateway(http.StatusMethodNotAllowed, "The requested resource does not support http method '"+c.request.Method+"'.")
		allowed := make([]string, 0, len(found))
		for method := range found {
			allowed = append(allowed, method)
		}
		slices.Sort(allowed)
		out.header.Set("Allow", strings.Join(allowed, ", "))
		return out
	}
	return handler()
}

// decode reads the request body into a value; the reply says what is wrong
// with it. Names match without regard to case, unknown fields are tolerated.
func (c *call) decode(into any, target string) (reply, bool) {
	if err := json.Unmarshal(c.body, into); err != nil {
		var errs problems
		errs.add(target, "The request body is not valid: %s.", decodeMessage(err))
		out := c.refuse(errs)
		out.status = http.StatusBadRequest
		return out, false
	}
	if isNull(c.body) || bytes.TrimSpace(c.body)[0] != '{' {
		return c.refusal(target, "The request body must be a JSON object."), false
	}
	return reply{}, true
}

// decodeMessage words a JSON error as a service would, without Go's types.
func decodeMessage(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return "it cannot be a JSON " + wrong.Value
		}
		return fmt.Sprintf("%s cannot be a JSON %s", wrong.Field, wrong.Value)
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("it is not JSON at byte %d", wrong.Offset)
	}
	return "it is not JSON"
}

// pollingURL is where the client is told to poll: observed without a leading
// slash, documented with one.
func (c *call) pollingURL(p *product, rest string) string {
	out := "submission/v1/product/" + p.ID + "/" + rest
	if c.state.Behavior.PollingURLLeadingSlash {
		return "/" + out
	}
	return out
}
