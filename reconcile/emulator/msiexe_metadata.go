package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxLanguages is how many languages one GET answers.
const maxLanguages = 200

// writeMode is how a write treats fields that it does not name.
type writeMode int

const (
	modePut   writeMode = iota // they are reset
	modePatch                  // they stay
)

func (c *call) getMetadata(p *product, module string) reply {
	if refused, ok := c.mayRead(p); !ok {
		return refused
	}
	query := c.request.URL.Query()
	languages, refused, ok := c.languagesQuery()
	if !ok {
		return refused
	}
	withList := false
	if text := queryFold(query, "includelanguagelist"); text != "" {
		var err error
		if withList, err = strconv.ParseBool(strings.ToLower(text)); err != nil {
			return c.refusal(targetListings, "includelanguagelist must be true or false.")
		}
	}
	var data object
	listings := func() { data = append(data, member{"listings", c.listingAnswers(p, languages)}) }
	availability := func() { data = append(data, member{"availability", p.Availability.answer()}) }
	properties := func() {
		data = append(data, member{"properties", p.Properties.answer(c.facts, c.state.Behavior.DuplicateRequirements)})
	}
	switch strings.ToLower(module) {
	case "":
		listings()
		availability()
		properties()
	case "listings":
		listings()
	case "availability":
		availability()
	case "properties":
		properties()
	default:
		return c.refusal(targetListings, "The module %q is not known: use %s.", module, oneOf(c.facts.enums.ModuleName))
	}
	if withList {
		data = append(data, member{"listingLanguages", listingLanguages(p)})
	}
	return c.success(data, nil)
}

func queryFold(query map[string][]string, name string) string {
	for key, values := range query {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// languagesQuery reads the languages parameter; nil when there is none.
func (c *call) languagesQuery() ([]string, reply, bool) {
	text := queryFold(c.request.URL.Query(), "languages")
	if strings.TrimSpace(text) == "" {
		return nil, reply{}, true
	}
	var out []string
	for tag := range strings.SplitSeq(text, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			out = append(out, tag)
		}
	}
	if len(out) > maxLanguages {
		return nil, c.refusal(targetListings, "languages names %d languages; at most %d are allowed.", len(out), maxLanguages), false
	}
	return out, reply{}, true
}

// wanted says whether an answer has a language: it is named, or none is and it
// is one of the first.
func wanted(language string, index int, languages []string) bool {
	if languages == nil {
		return index < maxLanguages
	}
	return slices.ContainsFunc(languages, func(tag string) bool { return strings.EqualFold(tag, language) })
}

func (c *call) listingAnswers(p *product, languages []string) []object {
	out := []object{}
	for i, l := range p.Listings {
		if wanted(l.Language, i, languages) {
			out = append(out, l.answer(c.state.Behavior))
		}
	}
	return out
}

func listingLanguages(p *product) []object {
	out := []object{}
	for _, l := range p.Listings {
		out = append(out, object{{"language", l.Language}, {"isComplete", len(missing(p, l)) == 0}})
	}
	return out
}

// metadataInput is the body of a metadata write.
type metadataInput struct {
	Availability     json.RawMessage `json:"availability"`
	Properties       json.RawMessage `json:"properties"`
	Listings         json.RawMessage `json:"listings"`
	ListingsToAdd    []string        `json:"listingsToAdd"`
	ListingsToRemove []string        `json:"listingsToRemove"`
}

func (in metadataInput) modules() int {
	count := 0
	for _, raw := range []json.RawMessage{in.Availability, in.Properties, in.Listings} {
		if !isNull(raw) {
			count++
		}
	}
	return count
}

// metadataWrite is one metadata write at work on a copy of the product.
type metadataWrite struct {
	mode     writeMode
	facts    *facts
	behavior Behavior
	product  *product
	problems problems
	// unchecked keeps values that the rules forbid: states of the live service
	// that no API call could have made.
	unchecked bool
}

func (c *call) writeMetadata(p *product, mode writeMode) reply {
	if refused, ok := c.mayWriteDraft(p); !ok {
		return refused
	}
	var in metadataInput
	if refused, ok := c.decode(&in, targetListings); !ok {
		return refused
	}
	changesLanguages := len(in.ListingsToAdd)+len(in.ListingsToRemove) > 0
	if in.modules() == 0 && !changesLanguages && in.ListingsToAdd == nil && in.ListingsToRemove == nil {
		return c.refusal(targetListings, "The body names no module: send availability, properties, listings, listingsToAdd or listingsToRemove.")
	}
	if c.state.Behavior.RefuseCombined && (in.modules() > 1 || in.modules() == 1 && changesLanguages) {
		return c.refusal(targetListings, "Only one module can be updated in one request, and listingsToAdd and listingsToRemove without any.")
	}
	draft, err := p.clone()
	if err != nil {
		return plainReply(http.StatusInternalServerError, fmt.Sprintf("emulator: copy product: %v", err))
	}
	w := &metadataWrite{mode: mode, facts: c.facts, behavior: c.state.Behavior, product: draft}
	w.languages(in)
	if !isNull(in.Availability) {
		w.availability(in.Availability)
	}
	if !isNull(in.Properties) {
		w.properties(in.Properties)
	}
	if !isNull(in.Listings) {
		w.listing(in.Listings, in.ListingsToRemove)
	}
	if w.problems.fatal() {
		return c.refuse(w.problems)
	}
	c.keepDraft(p, draft)
	return c.success(c.afterWrite(p), w.problems)
}

// keepDraft replaces a product by the copy a write has worked on.
func (c *call) keepDraft(p, draft *product) {
	for _, path := range p.paths() {
		if !draft.uses(path) {
			c.dropBlob(path)
		}
	}
	*p = *draft
	c.state.touch()
}

// afterWrite is the data of a write's answer: empty, unless the module is not
// ready at once.
func (c *call) afterWrite(p *product) object {
	d := c.state.pace().Modules
	if d <= 0 {
		return nil
	}
	p.ModulesReady = later(c.now, d)
	return object{{"pollingUrl", c.pollingURL(p, "status")}}
}

// languages adds and removes listings. Naming what is there already, or gone
// already, is only a warning, so that a request may be sent twice.
func (w *metadataWrite) languages(in metadataInput) {
	for _, tag := range in.ListingsToAdd {
		spelled, ok := w.facts.language(tag)
		switch {
		case !ok:
			w.problems.add(targetListings, "listingsToAdd: %q is not a supported listing language.", tag)
		case slices.ContainsFunc(in.ListingsToRemove, func(other string) bool { return strings.EqualFold(other, tag) }):
			w.problems.add(targetListings, "%q is both in listingsToAdd and in listingsToRemove.", tag)
		case w.product.listing(tag) != nil:
			w.problems.warn(targetListings, "listingsToAdd: the product has a listing for %q already.", tag)
		default:
			w.product.addListing(spelled)
		}
	}
	for _, tag := range in.ListingsToRemove {
		if w.product.listing(tag) == nil {
			w.problems.warn(targetListings, "listingsToRemove: the product has no listing for %q.", tag)
			continue
		}
		w.product.removeListing(tag)
	}
	if len(in.ListingsToRemove) > 0 && len(w.product.Listings) == 0 {
		w.problems.add(targetListings, "listingsToRemove: the product must keep at least one listing.")
	}
}

func (p *product) removeListing(tag string) {
	p.Listings = slices.DeleteFunc(p.Listings, func(l listing) bool { return strings.EqualFold(l.Language, tag) })
	p.Assets = slices.DeleteFunc(p.Assets, func(a assetSet) bool { return strings.EqualFold(a.Language, tag) })
	p.Created = slices.DeleteFunc(p.Created, func(a createdAsset) bool { return strings.EqualFold(a.Language, tag) })
}

// pick is what a write leaves in a field: the sent value, else the old one or
// the default.
func pick[T any](mode writeMode, value *T, old T) T {
	var reset T
	switch {
	case value != nil:
		return *value
	case mode == modePatch:
		return old
	default:
		return reset
	}
}

// required reports a field that a full module must have.
func (w *metadataWrite) required(target, field string, present bool) {
	if w.mode == modePut && !present {
		w.problems.add(target, "%s.%s is required.", target, field)
	}
}

// into decodes a module; false when it cannot be read.
func (w *metadataWrite) into(target string, raw json.RawMessage, value any) bool {
	if err := json.Unmarshal(raw, value); err != nil {
		w.problems.add(target, "%s is not valid: %s.", target, decodeMessage(err))
		return false
	}
	return true
}
