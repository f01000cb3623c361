package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/schema"
)

// selectManifests keeps the manifests that --target and --selector ask for.
// That none is left is an error: it is a typing mistake more often than not.
func selectManifests(workspace *schema.Workspace, options commonOptions) error {
	var addresses []string
	for _, m := range workspace.Manifests {
		addresses = append(addresses, m.Address())
	}
	if err := knownAddresses("target", options.targets, addresses); err != nil {
		return err
	}
	before := len(workspace.Manifests)
	workspace.Manifests = slices.DeleteFunc(slices.Clone(workspace.Manifests), func(m *schema.Manifest) bool {
		return !selected(m, options)
	})
	if before > 0 && len(workspace.Manifests) == 0 {
		return &usageError{
			fmt.Sprintf("no manifest fits --selector and --target; there are %s", strings.Join(addresses, ", ")),
			"Compare the selector with metadata.labels of the manifests.",
		}
	}
	return nil
}

func selected(m *schema.Manifest, options commonOptions) bool {
	if len(options.targets) > 0 && !slices.Contains(options.targets, m.Address()) {
		return false
	}
	for key, value := range options.selectors {
		if label, ok := m.Metadata.Labels[key]; !ok || label != value {
			return false
		}
	}
	return true
}

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
