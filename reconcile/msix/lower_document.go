package msix

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// apply puts the changes into the target document. Nothing else in it is
// touched: what storesync does not know, and what was not asked for, goes back
// to the Store as it came.
func (l *lowering) apply() error {
	if err := l.applyChanges(); err != nil {
		return err
	}
	return l.nameFamilies()
}

// nameFamilies completes a map of future device families that is sent: without
// another change nothing is.
func (l *lowering) nameFamilies() error {
	unnamed := unnamedFamilies(l.target)
	if l.kind != kindApp || len(unnamed) == 0 || l.target.equal(l.base) {
		return nil
	}
	for _, family := range unnamed {
		if err := l.target.set(pointerTo(fieldFutureFamilies, family), json.RawMessage("false")); err != nil {
			return err
		}
	}
	return nil
}

// applyChanges puts the changes where they belong.
func (l *lowering) applyChanges() error {
	// A pending draft may differ from what was observed, so it is brought to
	// the target as a whole.
	changes := l.Changes
	if l.Use == reconcile.UsePending {
		changes = l.fromPending()
	}
	// What a product is found and made by stands in no submission.
	changes = slices.DeleteFunc(slices.Clone(changes), func(c plan.Change) bool { return slices.Contains(identityPaths(), c.Path) })
	if l.kind == kindAddOn {
		return l.applyAddOn(changes)
	}
	images := map[string][]string{} // language to types
	packages := false
	for _, change := range changes {
		l.place = change.Path
		segments := strings.Split(string(change.Path), ".")
		switch {
		case segments[0] == fieldPackages:
			packages = true
		case segments[0] == fieldListings && len(segments) == 4 && segments[2] == fieldImages:
			images[segments[1]] = append(images[segments[1]], segments[3])
		default:
			if err := l.write(change, segments); err != nil {
				return err
			}
		}
	}
	for _, language := range slices.Sorted(maps.Keys(images)) {
		l.place = plan.Join(fieldListings, language, fieldImages)
		if err := l.writeImages(language, images[language]); err != nil {
			return err
		}
	}
	if packages {
		l.place = fieldPackages
		return l.writePackages()
	}
	return nil
}

// fromPending are the changes that lead from the pending draft to the target.
func (l *lowering) fromPending() []plan.Change {
	var changes []plan.Change
	removed := map[plan.Path]bool{}
	for path, before := range l.Observed.Pending.State {
		if _, stays := l.Target[path]; stays || before.Empty() {
			continue
		}
		change := plan.Change{Path: path, Action: plan.ActionUpdate, Type: before.Type}
		segments := strings.Split(string(path), ".")
		if (segments[0] == fieldListings || segments[0] == fieldPackages) && !l.keeps(plan.Join(segments[:2]...)) {
			change = plan.Change{Path: plan.Join(segments[:2]...), Action: plan.ActionDelete}
		}
		if !removed[change.Path] {
			removed[change.Path] = true
			changes = append(changes, change)
		}
	}
	for path, after := range l.Target {
		if before := l.Observed.Pending.State[path]; !sameContent(before, after) {
			changes = append(changes, plan.Change{Path: path, Action: plan.ActionUpdate, Type: after.Type})
		}
	}
	slices.SortFunc(changes, func(a, b plan.Change) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return changes
}

// keeps reports whether the target has anything below a path.
func (l *lowering) keeps(prefix plan.Path) bool {
	for path := range l.Target {
		if path.Under(prefix) {
			return true
		}
	}
	return false
}

// sameContent compares as the engine does: images by their contents and
// captions.
func sameContent(a, b plan.Value) bool {
	if a.Type != plan.Images || b.Type != plan.Images {
		return sameValue(a, b)
	}
	return slices.EqualFunc(a.Images(), b.Images(), func(x, y plan.Image) bool {
		same := x.Digest == y.Digest && x.Description == y.Description
		return same && (x.Digest != "" || x.ID == y.ID)
	})
}

// write puts one value at its place.
func (l *lowering) write(change plan.Change, segments []string) error {
	path, value := change.Path, l.Target[change.Path]
	switch {
	case segments[0] == fieldListings && len(segments) == 2:
		l.target.remove(pointerTo(segments...))
		return nil
	case segments[0] == fieldListings && len(segments) == 3:
		if err := l.openListing(segments[1]); err != nil {
			return err
		}
		return l.set(listingPointer(segments[1], segments[2]), path, value)
	case len(segments) == 3 && segments[0] == fieldPricing && segments[1] == fieldMarkets:
		return l.writeTier(segments[2], value)
	case path == fieldPublishDate:
		return l.setDate(pointerTo(fieldPublishDate), value, l.noPublishDate())
	case path == plan.Join(fieldDelivery, fieldMandatoryDate):
		return l.setDate(pointerTo(segments...), value, noMandatoryDate)
	case path == fieldGamingOptions:
		return l.writeGamingOptions(value)
	case path == fieldTrailers:
		return l.writeTrailers(value)
	case path == rolloutPath:
		return nil // see rollout
	}
	return l.set(pointerTo(segments...), path, value)
}

// set puts a value at a pointer, a placeholder for a sensitive one.
func (l *lowering) set(pointer string, path plan.Path, value plan.Value) error {
	raw := value.JSON
	switch {
	case value.Sensitive && !value.Empty():
		raw = encode("${value:" + string(path) + "}")
		l.fill = append(l.fill, pointer)
	case len(raw) == 0 && (value.Type == plan.List || value.Type == plan.Set):
		raw = json.RawMessage("[]")
	case len(raw) == 0:
		raw = json.RawMessage(`""`)
	}
	return l.target.set(pointer, raw)
}

// noPublishDate is how a submission says that it has no date: that of a flight
// is empty then (https://learn.microsoft.com/windows/uwp/monetize/manage-flight-submissions).
func (l *lowering) noPublishDate() string {
	if l.kind == kindFlight {
		return ""
	}
	return noPublishDate
}

func (l *lowering) setDate(pointer string, value plan.Value, none string) error {
	if value.Empty() {
		return l.target.set(pointer, encode(none))
	}
	return l.target.set(pointer, value.JSON)
}

// writeTier sets a market's tier. One that goes is written as Base, the
// documented word for "no own tier"; what a left-out market means is not
// documented.
func (l *lowering) writeTier(market string, value plan.Value) error {
	tier := value.JSON
	if value.Empty() {
		tier = encode(tierBase)
	}
	return l.target.set(pointerTo(fieldPricing, fieldMarkets, market), tier)
}

// openListing makes a new language's listing. Unset fields stay absent;
// platformOverrides is there as in every answer.
func (l *lowering) openListing(language string) error {
	if _, there := l.target.get(pointerTo(fieldListings, language)); there {
		return nil
	}
	return l.target.set(pointerTo(fieldListings, language), json.RawMessage(`{"baseListing":{"images":[]},"platformOverrides":{}}`))
}

// writeGamingOptions sets the row's fields one by one, so that those that
// storesync does not know stay.
func (l *lowering) writeGamingOptions(value plan.Value) error {
	var rows []map[string]json.RawMessage
	if !value.Empty() {
		if err := json.Unmarshal(value.JSON, &rows); err != nil {
			return fmt.Errorf("%s: %w", fieldGamingOptions, err)
		}
	}
	pointer := pointerTo(fieldGamingOptions)
	if len(rows) == 0 || l.target.length(pointer) != len(rows) {
		return l.target.set(pointer, encode(none(rows)))
	}
	for i, row := range rows {
		var live schema.GamingOptions
		raw, _ := l.target.get(pointer + "/" + strconv.Itoa(i))
		if err := json.Unmarshal(raw, &live); err != nil {
			return fmt.Errorf("%s: %w", fieldGamingOptions, typeProblem(err))
		}
		before := gamingFields(live)
		for name := range before {
			if _, stays := row[name]; !stays && name == "genres" {
				row[name] = json.RawMessage("[]")
			} else if !stays {
				l.target.remove(pointerTo(fieldGamingOptions, strconv.Itoa(i), name))
			}
		}
		for name, field := range row {
			if string(before[name]) == string(field) {
				continue
			}
			if err := l.target.set(pointerTo(fieldGamingOptions, strconv.Itoa(i), name), field); err != nil {
				return err
			}
		}
	}
	return nil
}

// none makes a list that is nil an empty one.
func none[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
