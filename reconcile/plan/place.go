package plan

// Source is where a product's manifest is written, so that a view can point at
// the lines that a change comes from. Moving a line changes nothing at the
// Store: positions are part of neither hash nor revision.
type Source struct {
	// File is relative to the workspace root, with forward slashes; "-" is
	// standard input.
	File string `json:"file"`
	// Line and Col are where the manifest is named, counted from 1.
	Line int `json:"line,omitempty"`
	Col  int `json:"col,omitempty"`
	// Paths are where the paths of changes and notices are written, or the
	// nearest parent that is.
	Paths map[Path]Place `json:"paths,omitempty"`
}

// Place is a line and a column of a file, counted from 1.
type Place struct {
	Line int `json:"line"`
	Col  int `json:"col"`
}
