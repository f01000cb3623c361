package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of an add-on's own id
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/set-your-add-on-product-id).
const (
	maxAddOnProductID = 100
	addOnForbidden    = `<>*%&:\?+,` // characters that it must not have
)

// msixAddOn is one add-on (in-app product) with its submissions.
type msixAddOn struct {
	ID string `json:"id"`
	// AppID is the one application that it belongs to.
	AppID       string `json:"appId"`
	ProductID   string `json:"productId"`
	ProductType string `json:"productType"`
	Unsupported bool   `json:"unsupported,omitempty"`
	msixLine
}

func (s *state) msixAddOn(id string) *msixAddOn {
	for _, i := range s.MsixAddOns {
		if strings.EqualFold(i.ID, id) {
			return i
		}
	}
	return nil
}

// addOnsOf are the add-ons of an application.
func (s *state) addOnsOf(a *msixApp) []*msixAddOn {
	var out []*msixAddOn
	for _, i := range s.MsixAddOns {
		if strings.EqualFold(i.AppID, a.ID) {
			out = append(out, i)
		}
	}
	return out
}

// addOnNamed finds an add-on by the developer's id, in any case: the service
// is not known to keep apart ids that differ in nothing else.
func (s *state) addOnNamed(a *msixApp, productID string) *msixAddOn {
	for _, i := range s.addOnsOf(a) {
		if strings.EqualFold(i.ProductID, productID) {
			return i
		}
	}
	return nil
}

// newAddOn adds an add-on without a submission.
func (s *state) newAddOn(a *msixApp, id, productID, productType string) *msixAddOn {
	for id == "" || s.msixAddOn(id) != nil {
		id = fmt.Sprintf("9NADD%07d", s.number()) // 12 characters, as Store IDs have
	}
	out := &msixAddOn{ID: id, AppID: a.ID, ProductID: productID, ProductType: productType}
	s.MsixAddOns = append(s.MsixAddOns, out)
	s.touch()
	return out
}

// dropAddOn removes an add-on with all of its submissions.
func (s *state) dropAddOn(gone *msixAddOn, contents *contents) {
	s.dropMsixSubmissions(gone.line(), contents)
	s.MsixAddOns = slices.DeleteFunc(s.MsixAddOns, func(other *msixAddOn) bool { return other == gone })
	s.touch()
}

// answer is the add-on resource
// (https://learn.microsoft.com/windows/uwp/monetize/get-an-add-on).
func (i *msixAddOn) answer() object {
	app := object{{"id", i.AppID}, {"resourceLocation", "applications/" + i.AppID}}
	out := object{
		{"applications", object{{"value", []object{app}}, {"totalCount", 1}}},
		{"id", i.ID}, {"productId", i.ProductID}, {"productType", i.ProductType},
	}
	return i.links(out, "InAppProduct", "inappproducts/"+i.ID)
}

// msixAddOns finds the operation on add-ons.
func (c *call) msixAddOns(path []string) reply {
	if len(path) == 0 {
		return c.msixMethod(methods{http.MethodGet: c.listMsixAddOns, http.MethodPost: c.createMsixAddOn})
	}
	i := c.state.msixAddOn(path[0])
	if i == nil {
		return msixError{http.StatusNotFound, msixResourceNotFound, "In-app product not found", "inAppProductId"}.reply()
	}
	if a := c.state.msixApp(i.AppID); a != nil && a.Forbidden {
		return forbiddenProduct()
	}
	if i.Unsupported {
		return unsupportedProduct(i)
	}
	if len(path) > 1 {
		return c.msixSubmissions(i, path[1:])
	}
	return c.msixMethod(methods{
		http.MethodGet:    func() reply { return jsonReply(http.StatusOK, i.answer()) },
		http.MethodDelete: func() reply { return c.deleteMsixAddOn(i) },
	})
}

// createMsixAddOn makes an add-on, as a rule without a submission
// (https://learn.microsoft.com/windows/uwp/monetize/create-an-add-on).
func (c *call) createMsixAddOn() reply {
	sent, problem := c.msixBody()
	if problem != nil {
		return problem.reply()
	}
	f := &msixFit{facts: c.facts}
	appID, productID, productType := f.addOn(sent)
	if f.problem != nil {
		return f.problem.reply()
	}
	a := c.state.msixApp(appID)
	if a == nil {
		return msixError{http.StatusBadRequest, msixInvalidParameterValue, "Application not found", "applicationIds"}.reply()
	}
	if refused, ok := servedApp(a); !ok {
		return refused
	}
	if c.state.addOnNamed(a, productID) != nil {
		return msixError{
			http.StatusConflict, msixInvalidState,
			fmt.Sprintf("The application has an in-app product with the product ID %q already.", productID), "productId",
		}.reply()
	}
	i := c.state.newAddOn(a, "", productID, productType)
	if c.state.Behavior.Msix.AddOnsWithDraft {
		c.draftMsixSubmission(i)
	}
	return jsonReply(http.StatusCreated, i.answer())
}

// addOn reads the body that makes an add-on: all three members are required,
// and there is one application.
func (f *msixFit) addOn(sent object) (appID, productID, productType string) {
	ids, _ := foldedMember(sent, "applicationIds")
	if list, ok := ids.([]any); ok && len(list) == 1 {
		appID, _ = list[0].(string)
	}
	if appID == "" {
		f.refuse("applicationIds", "The value of applicationIds is not valid: it must be a list of one application.")
	}
	value, _ := foldedMember(sent, "productId")
	productID, _ = value.(string)
	f.addOnProductID(productID)
	value, _ = foldedMember(sent, "productType")
	kinds := choiceShape{func(f *msixFacts) []string { return f.AddOnProductType }, ""}
	productType, _ = kinds.fit(f, "productType", value).(string)
	return appID, productID, productType
}

func (f *msixFit) addOnProductID(productID string) {
	switch n := utf8.RuneCountInString(productID); {
	case strings.TrimSpace(productID) == "":
		f.refuse("productId", "The value of productId is required.")
	case n > maxAddOnProductID:
		f.refuse("productId", "The value of productId has %d characters; at most %d are allowed.", n, maxAddOnProductID)
	case strings.ContainsAny(productID, addOnForbidden):
		f.refuse("productId", "The value of productId is not valid: it must not have any of %s.", addOnForbidden)
	}
}

// deleteMsixAddOn answers 204 and nothing else, like the other deletions. One
// that has a running submission stays (409); so do, by a switch, those that
// were ever published: which states the page means is not known.
func (c *call) deleteMsixAddOn(i *msixAddOn) reply {
	if refused, ok := c.mayDeleteProduct(i, "inAppProductId"); !ok {
		return refused
	}
	c.state.dropAddOn(i, c.contents)
	return reply{status: http.StatusNoContent, header: http.Header{}}
}

// mayDeleteProduct refuses to delete add-ons and flights in some states.
func (c *call) mayDeleteProduct(p msixProduct, target string) (reply, bool) {
	pending := p.line().pending()
	busy := pending != nil && pending.running()
	if busy || c.state.Behavior.Msix.KeepPublished && p.line().published() != nil {
		return msixError{
			http.StatusConflict, msixInvalidState,
			"The " + p.noun() + " in its current state cannot be deleted.", target,
		}.reply(), false
	}
	return reply{}, true
}
