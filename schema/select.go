package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Select keeps the manifests whose address is among the targets (all, when
// there are none) and which bear every label of the selectors. An unknown
// target, or a selection that leaves nothing, is an error.
func (w *Workspace) Select(targets []string, selectors map[string]string) Diagnostics {
	var addresses []string
	for _, m := range w.Manifests {
		addresses = append(addresses, m.Address())
	}
	var diagnostics Diagnostics
	for _, target := range targets {
		if !slices.Contains(addresses, target) {
			diagnostics = append(diagnostics, unknownTarget(target, addresses))
		}
	}
	if diagnostics.HasErrors() {
		return diagnostics
	}
	selected := slices.DeleteFunc(slices.Clone(w.Manifests), func(m *Manifest) bool {
		return len(targets) > 0 && !slices.Contains(targets, m.Address()) || !m.hasLabels(selectors)
	})
	if len(selected) == 0 && len(w.Manifests) > 0 {
		return Diagnostics{{
			Severity: SeverityError, Summary: "no manifest bears the labels " + formatLabels(selectors),
			Detail: "Labels are written under metadata.labels. Known addresses: " + strings.Join(addresses, ", ") + ".",
		}}
	}
	w.Manifests = selected
	return nil
}

func unknownTarget(target string, addresses []string) Diagnostic {
	hint := didYouMean(target, addresses)
	for _, address := range addresses {
		if _, name, _ := strings.Cut(address, "/"); strings.EqualFold(name, target) {
			hint = "Did you mean " + address + "? "
		}
	}
	return Diagnostic{
		Severity: SeverityError, Summary: fmt.Sprintf("no manifest has the address %s", quote(target)),
		Detail: hint + "Known addresses: " + strings.Join(addresses, ", ") + ".",
	}
}

func (m *Manifest) hasLabels(selectors map[string]string) bool {
	for key, value := range selectors {
		if got, ok := m.Metadata.Labels[key]; !ok || got != value {
			return false
		}
	}
	return true
}

func formatLabels(labels map[string]string) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, key+"="+labels[key])
	}
	return strings.Join(pairs, ", ")
}
