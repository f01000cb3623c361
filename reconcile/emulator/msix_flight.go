package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// nonFlighted is what the lowest flight ranks higher than
// (https://learn.microsoft.com/windows/uwp/monetize/manage-flights).
const nonFlighted = "Non-flighted submission"

// msixFlight is one package flight with its submissions.
type msixFlight struct {
	ID           string   `json:"flightId"`
	FriendlyName string   `json:"friendlyName"`
	GroupIDs     []string `json:"groupIds,omitempty"`
	msixLine
}

// appFlight is a flight as a product, for which its application matters.
type appFlight struct {
	*msixFlight
	app *msixApp
}

func (a *msixApp) flight(id string) *msixFlight {
	for _, f := range a.Flights {
		if strings.EqualFold(f.ID, id) {
			return f
		}
	}
	return nil
}

func (a *msixApp) flightsNamed(name string) []*msixFlight {
	var out []*msixFlight
	for _, f := range a.Flights {
		if f.FriendlyName == name {
			out = append(out, f)
		}
	}
	return out
}

// place is the index among the flights that a rank stands for: just above the
// flight that it names, which may be by GUID; "" is the highest.
func (a *msixApp) place(rankHigherThan string) (int, error) {
	switch rankHigherThan {
	case "":
		return len(a.Flights), nil
	case nonFlighted:
		return 0, nil
	}
	below := a.flight(rankHigherThan)
	if named := a.flightsNamed(rankHigherThan); len(named) > 1 {
		return 0, fmt.Errorf("%d flights have the friendly name %q", len(named), rankHigherThan)
	} else if len(named) == 1 {
		below = named[0]
	}
	if below == nil {
		return 0, fmt.Errorf("there is no flight %q", rankHigherThan)
	}
	return slices.Index(a.Flights, below) + 1, nil
}

// flightAnswer is the flight resource. Its links are relative to the
// application, not to the root (observed).
func (a *msixApp) flightAnswer(f *msixFlight, behavior MsixBehavior) object {
	out := object{{"flightId", f.ID}, {"friendlyName", f.FriendlyName}}
	out = f.links(out, "Flight", "flights/"+f.ID)
	higherThan := nonFlighted
	if i := slices.Index(a.Flights, f); i > 0 {
		higherThan = a.Flights[i-1].FriendlyName
		if behavior.RankAsGUID {
			higherThan = a.Flights[i-1].ID
		}
	}
	return append(out, member{"groupIds", listOf(f.GroupIDs)}, member{"rankHigherThan", higherThan})
}

// msixFlights finds the operation on an application's flights.
func (c *call) msixFlights(a *msixApp, path []string) reply {
	if len(path) == 0 {
		return c.msixMethod(methods{http.MethodPost: func() reply { return c.createMsixFlight(a) }})
	}
	f := a.flight(path[0])
	if f == nil {
		return msixError{http.StatusNotFound, msixResourceNotFound, "Flight not found", "flightId"}.reply()
	}
	if len(path) > 1 {
		return c.msixSubmissions(appFlight{f, a}, path[1:])
	}
	return c.msixMethod(methods{
		http.MethodGet:    func() reply { return jsonReply(http.StatusOK, a.flightAnswer(f, c.state.Behavior.Msix)) },
		http.MethodDelete: func() reply { return c.deleteMsixFlight(appFlight{f, a}) },
	})
}

// createMsixFlight makes a flight
// (https://learn.microsoft.com/windows/uwp/monetize/create-a-flight). The page
// says that no submission comes with it; Microsoft's samples read one from the
// answer, so that one does.
func (c *call) createMsixFlight(a *msixApp) reply {
	sent, problem := c.msixBody()
	if problem != nil {
		return problem.reply()
	}
	f := &msixFit{facts: c.facts}
	made, higherThan := f.flight(sent, c.state.Account.FlightGroups)
	at, err := a.place(higherThan)
	if err != nil {
		f.refuse("rankHigherThan", "The value of rankHigherThan is not valid: %s.", err)
	}
	if f.problem != nil {
		return f.problem.reply()
	}
	if c.state.Behavior.Msix.UniqueFlightNames && len(a.flightsNamed(made.FriendlyName)) > 0 {
		return msixError{
			http.StatusConflict, msixInvalidState,
			fmt.Sprintf("The application has a flight with the friendly name %q already.", made.FriendlyName), "friendlyName",
		}.reply()
	}
	made.ID = newGUID()
	a.Flights = slices.Insert(a.Flights, at, made)
	c.state.touch()
	if !c.state.Behavior.Msix.FlightsWithoutDraft {
		c.draftMsixSubmission(appFlight{made, a})
	}
	return jsonReply(http.StatusCreated, a.flightAnswer(made, c.state.Behavior.Msix))
}

// flight reads the body that makes a flight; every member is optional.
func (f *msixFit) flight(sent object, groups []string) (made *msixFlight, rankHigherThan string) {
	text := func(name string) string {
		value, _ := foldedMember(sent, name)
		out, ok := value.(string)
		if value != nil && !ok {
			f.wrongType(name, "a string")
		}
		return out
	}
	made = &msixFlight{FriendlyName: text("friendlyName")}
	if made.FriendlyName == nonFlighted {
		f.refuse("friendlyName", "The value of friendlyName is not valid: %q is not a flight.", nonFlighted)
	}
	ids, _ := foldedMember(sent, "groupIds")
	list, ok := ids.([]any)
	if ids != nil && !ok {
		f.wrongType("groupIds", "a list")
	}
	for i, item := range list {
		id, _ := item.(string)
		if id == "" || len(groups) > 0 && !slices.Contains(groups, id) {
			f.refuse("groupIds", "The value of groupIds[%d] is not valid: there is no group %q.", i, id)
		}
		made.GroupIDs = append(made.GroupIDs, id)
	}
	return made, text("rankHigherThan")
}

// deleteMsixFlight answers 204 and nothing else, like the other deletions; the
// flights above take over the rank. For the states see deleteMsixAddOn.
func (c *call) deleteMsixFlight(f appFlight) reply {
	if refused, ok := c.mayDeleteProduct(f, "flightId"); !ok {
		return refused
	}
	c.state.dropFlight(f, c.contents)
	return reply{status: http.StatusNoContent, header: http.Header{}}
}

// dropFlight removes a flight with all of its submissions.
func (s *state) dropFlight(gone appFlight, contents *contents) {
	s.dropMsixSubmissions(gone.line(), contents)
	gone.app.Flights = slices.DeleteFunc(gone.app.Flights, func(other *msixFlight) bool { return other == gone.msixFlight })
	s.touch()
}
