package msiexe

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile"
)

// Names of the modules in Observed.Raw. A module that was not read is absent.
const (
	rawAvailability = "availability"
	rawProperties   = "properties"
	rawListings     = "listings"
	rawPackages     = "packages"
	rawAssets       = "assets"
)

// documents are the modules of a product's draft as the Store answered them.
// A nil module was not read.
type documents struct {
	availability object
	properties   object
	listings     []object
	packages     []object
	assets       []object
}

// parseDocuments reads what observing kept. Answers are untrusted: an identity
// that could not be a path segment is refused here, so that the rest of the
// package need not look again.
func parseDocuments(raw map[string]json.RawMessage) (*documents, error) {
	d := &documents{}
	for name, module := range map[string]*object{rawAvailability: &d.availability, rawProperties: &d.properties} {
		if document, ok := raw[name]; ok {
			parsed, err := parseObject(name, document)
			if err != nil {
				return nil, err
			}
			*module = parsed
		}
	}
	for name, module := range map[string]*[]object{rawListings: &d.listings, rawPackages: &d.packages, rawAssets: &d.assets} {
		if document, ok := raw[name]; ok {
			*module = []object{}
			if err := json.Unmarshal(document, module); err != nil {
				return nil, fmt.Errorf("read %s of the Store's answer: %w", name, err)
			}
		}
	}
	if err := checkLanguages(rawListings, d.listings); err != nil {
		return nil, err
	}
	return d, checkLanguages(rawAssets, d.assets)
}

// checkLanguages refuses rows without a usable language and languages that
// come twice.
func checkLanguages(module string, rows []object) error {
	seen := map[string]bool{}
	for i, row := range rows {
		language := row.text("language")
		if !isSegment(language) {
			return fmt.Errorf("read %s of the Store's answer: row %d has no usable language (%.40q)", module, i, language)
		}
		folded := strings.ToLower(language)
		if seen[folded] {
			return fmt.Errorf("read %s of the Store's answer: language %s comes twice", module, language)
		}
		seen[folded] = true
	}
	return nil
}

// isSegment reports whether a string of the Store can be one segment of a path.
func isSegment(s string) bool {
	return s != "" && !strings.ContainsAny(s, ".${}/ \t\r\n")
}

// documentsOf parses what was observed; the documents were parsed once while
// observing, so that an error here is a damaged Observed.
func documentsOf(observed *reconcile.Observed) (*documents, error) {
	if observed == nil {
		return &documents{}, nil
	}
	return parseDocuments(observed.Raw)
}

// language is the live spelling of a language and whether it is live.
func (d *documents) language(code string) (string, bool) {
	for _, listing := range d.listings {
		if live := listing.text("language"); strings.EqualFold(live, code) {
			return live, true
		}
	}
	return "", false
}

// listing is the live listing of a language, nil when it is not live.
func (d *documents) listing(language string) object {
	return byLanguage(d.listings, language)
}

// assetsOf are the stored images of a language, nil when it has none.
func (d *documents) assetsOf(language string) object {
	return byLanguage(d.assets, language)
}

func byLanguage(rows []object, language string) object {
	for _, row := range rows {
		if strings.EqualFold(row.text("language"), language) {
			return row
		}
	}
	return nil
}
