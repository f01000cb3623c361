package schema

import "strings"

// Pos is where a manifest path is written. For a value that a language took
// from "*", it is the place under "*"; for a path that is not written, the
// place of its nearest written parent. Paths match without regard to case,
// since languages do.
func (m *Manifest) Pos(path string) Position { return m.place(path).pos }

// place finds a path or its nearest written parent.
func (m *Manifest) place(path string) place {
	for at := strings.ToLower(path); ; at = parentPath(at) {
		if p, ok := m.places[at]; ok && p.pos.Line > 0 {
			return p
		}
		if at == "" {
			return place{pos: Position{File: m.File}}
		}
	}
}

// parentPath takes off the last segment or index.
func parentPath(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }
