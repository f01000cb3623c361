package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// msixPageSize is how many rows a page has unless top says otherwise
// (https://learn.microsoft.com/windows/uwp/monetize/get-all-apps; assumed for
// the lists of one application).
const msixPageSize = 10

// msixPage answers one page of a list; size is what it has unless top says
// otherwise.
func msixPage[T any](c *call, path string, all []T, size int, row func(T) object) reply {
	query := c.request.URL.Query()
	number := func(name string, fallback, low int) (int, bool) {
		text := foldedQuery(query, name)
		if text == "" {
			return fallback, true
		}
		n, err := strconv.Atoi(text)
		return n, err == nil && n >= low
	}
	top, topOK := number("top", size, 1)
	skip, skipOK := number("skip", 0, 0)
	if !topOK || !skipOK {
		return msixError{http.StatusBadRequest, msixInvalidParameterValue, "The values of top and skip must be positive numbers.", "top"}.reply()
	}
	total := len(all)
	from := min(skip, total)
	to := from + min(top, total-from)
	var out object
	if to < total {
		out = object{{"@nextLink", fmt.Sprintf("%s?skip=%d&top=%d", path, to, top)}}
	}
	page := make([]object, 0, to-from)
	for _, item := range all[from:to] {
		page = append(page, row(item))
	}
	return jsonReply(http.StatusOK, append(out, member{"value", page}, member{"totalCount", total}))
}

func foldedQuery(query url.Values, name string) string {
	for key, values := range query {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func (c *call) listMsixApps() reply {
	// One entry of a list was seen with the capital (observed); which one is not
	// known.
	return msixPage(c, "applications", c.state.Msix, msixPageSize, func(a *msixApp) object { return a.answer(a == c.state.Msix[0]) })
}

// listMsixAddOns gives all of the account's add-ons at once unless top is
// given (https://learn.microsoft.com/windows/uwp/monetize/get-all-add-ons).
func (c *call) listMsixAddOns() reply {
	return msixPage(c, "inappproducts", c.state.MsixAddOns, max(1, len(c.state.MsixAddOns)), (*msixAddOn).answer)
}

// listAppAddOns names the add-ons of an application
// (https://learn.microsoft.com/windows/uwp/monetize/get-add-ons-for-an-app).
func (c *call) listAppAddOns(a *msixApp) reply {
	return msixPage(c, "applications/"+a.ID+"/listinappproducts", c.state.addOnsOf(a), msixPageSize, func(i *msixAddOn) object {
		return object{{"inAppProductId", i.ID}}
	})
}

// listAppFlights gives the flights of an application, from the lowest rank to
// the highest
// (https://learn.microsoft.com/windows/uwp/monetize/get-flights-for-an-app; the
// order is not documented).
func (c *call) listAppFlights(a *msixApp) reply {
	return msixPage(c, "applications/"+a.ID+"/listflights", a.Flights, msixPageSize, func(f *msixFlight) object {
		return a.flightAnswer(f, c.state.Behavior.Msix)
	})
}
