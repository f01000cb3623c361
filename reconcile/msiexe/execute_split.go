package msiexe

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
)

// part is one top-level field of a metadata body.
type part struct {
	name  string
	value json.RawMessage
}

// split takes a metadata body apart, in the order in which the parts are sent:
// languages first, since a listing needs its language (seen to work live,
// observed 2025-06).
func split(document json.RawMessage) []part {
	fields, err := parseObject("metadata", document)
	if err != nil {
		return nil
	}
	var parts []part
	for _, name := range []string{fieldToAdd, fieldToRemove, moduleAvailability, moduleProperties, moduleListings} {
		if value, ok := fields[name]; ok {
			parts = append(parts, part{name, value})
		}
	}
	return parts
}

// sendApart sends the parts of a body one by one after the service refused
// them together; the first part that is refused tells why. What the refused
// request may have done already is read first, so that no language is added or
// removed twice.
func (b *backend) sendApart(ctx context.Context, call reconcile.Call, parts []part) (*reconcile.Result, error) {
	parts, err := b.withoutDone(ctx, call.Manifest.MsiExeApp.ProductID, parts)
	if err != nil {
		return nil, err
	}
	whole := &reconcile.Result{}
	for _, p := range parts {
		result, err := b.sendWhenReady(ctx, call, encode(object{p.name: p.value}))
		if err != nil {
			return nil, withAdvice(call.Manifest, err)
		}
		whole.Output = result.Output
		whole.Warnings = append(whole.Warnings, result.Warnings...)
	}
	return whole, nil
}

// withoutDone leaves out languages that are added or removed already.
func (b *backend) withoutDone(ctx context.Context, product string, parts []part) ([]part, error) {
	if !slices.ContainsFunc(parts, func(p part) bool { return p.name == fieldToAdd || p.name == fieldToRemove }) {
		return parts, nil
	}
	read, err := b.client.metadata(ctx, product)
	if err != nil {
		return nil, err
	}
	live := hasLanguage(read.Listings)
	var open []part
	for _, p := range parts {
		if p.name == fieldToAdd || p.name == fieldToRemove {
			languages, _, err := field[[]string](object{p.name: p.value}, p.name)
			if err != nil {
				return nil, err
			}
			languages = slices.DeleteFunc(languages, func(language string) bool {
				return live(strings.ToLower(language)) == (p.name == fieldToAdd)
			})
			if len(languages) == 0 {
				continue
			}
			p.value = encode(languages)
		}
		open = append(open, p)
	}
	return open, nil
}
