package main

import (
	"fmt"
	"slices"
	"strings"
)

// knownAddresses checks addresses that a flag names.
func knownAddresses(flag string, given, known []string) error {
	for _, address := range given {
		if slices.Contains(known, address) {
			continue
		}
		hint := "The manifests are: " + strings.Join(known, ", ") + "."
		if len(known) == 0 {
			hint = "No manifest was found in the given paths."
		}
		if suggestion := nearestAddress(address, known); suggestion != "" {
			hint = "Did you mean " + suggestion + "? " + hint
		}
		return &usageError{fmt.Sprintf("--%s: there is no manifest %s", flag, sanitize(address)), hint}
	}
	return nil
}

// nearestAddress also finds an address whose kind was left out.
func nearestAddress(address string, known []string) string {
	for _, k := range known {
		if _, name, _ := strings.Cut(k, "/"); name == address {
			return k
		}
	}
	return nearest(address, known)
}
