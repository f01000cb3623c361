package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// parseAllow takes GUARD[=ADDRESS] values; without an address a guard is
// allowed for every product.
func parseAllow(values []string) (map[string][]plan.Guard, error) {
	allow := map[string][]plan.Guard{}
	for _, value := range values {
		name, address, hasAddress := strings.Cut(value, "=")
		if hasAddress && address == "" {
			return nil, &usageError{fmt.Sprintf("--allow %s: the address is missing", sanitize(value)), "Write --allow " + sanitize(name) + "=ADDRESS."}
		}
		guard, err := parseChoice("allow", name, plan.Guards()...)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(allow[address], guard) {
			allow[address] = append(allow[address], guard)
		}
	}
	return allow, nil
}

// allowFlag is the exact flag that allows a guard for one product.
func allowFlag(g plan.Guard, address string) string {
	return "--allow " + sanitize(string(g)) + "=" + sanitize(address)
}
