package plan

import (
	"slices"
	"strings"
)

// Path names a value below a manifest's spec, for example
// listings.en-us.description. Segments never hold a dot: schema refuses keys
// that do.
type Path string

// Join builds a path from its segments.
func Join(segments ...string) Path { return Path(strings.Join(segments, ".")) }

// Under reports whether p is prefix itself or lies below it.
func (p Path) Under(prefix Path) bool {
	return p == prefix || strings.HasPrefix(string(p), string(prefix)+".")
}

// UnderAny reports whether a path is one of the prefixes or lies below one.
func UnderAny(path Path, prefixes []Path) bool {
	for _, prefix := range prefixes {
		if path.Under(prefix) {
			return true
		}
	}
	return false
}

// MatchesAny reports whether a path matches one of the patterns.
func MatchesAny(path Path, patterns []Path) bool {
	return slices.ContainsFunc(patterns, func(pattern Path) bool { return Matches(path, pattern) })
}

// Matches reports whether a path is, or lies below, a pattern whose segment
// "*" stands for any.
func Matches(path, pattern Path) bool {
	segments, wanted := strings.Split(string(path), "."), strings.Split(string(pattern), ".")
	if len(segments) < len(wanted) {
		return false
	}
	for i, want := range wanted {
		if want != "*" && want != segments[i] {
			return false
		}
	}
	return true
}

// RelatedTo reports whether a path is one of others, or lies above or below one.
func RelatedTo(path Path, others []Path) bool {
	return slices.ContainsFunc(others, func(other Path) bool { return path.Under(other) || other.Under(path) })
}

// Member is the member of a collection that a path lies below, of two segments as
// listings.en-us is; false for a path that lies below none.
func (p Path) Member() (member Path, below bool) {
	segments := strings.SplitN(string(p), ".", 3)
	if len(segments) < 3 {
		return "", false
	}
	return Join(segments[:2]...), true
}

// AnyUnder reports whether one of the paths of a map is the prefix or lies below it.
func AnyUnder[V any](values map[Path]V, prefix Path) bool {
	for path := range values {
		if path.Under(prefix) {
			return true
		}
	}
	return false
}

// SortedPaths are the paths of a state, sorted.
func SortedPaths(s State) []Path {
	paths := make([]Path, 0, len(s))
	for path := range s {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}
