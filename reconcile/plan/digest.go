package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// DigestOf is the SHA-256 of what a value means, in hex. Empty values have the
// digest of nothing, texts that of their lines whatever ends them, images that of
// their contents, or of their ids where a content is not known.
func DigestOf(v Value) string {
	if v.Empty() {
		return HashOf(json.RawMessage(nil))
	}
	switch v.Type {
	case Text:
		return HashOf(Encode(foldLines(v.Text())))
	case Images:
	default:
		return HashOf(v.JSON)
	}
	parts := make([]string, 0, len(v.Images()))
	for _, image := range v.Images() {
		part := image.Digest
		if part == "" {
			part = "id:" + image.ID
		}
		if image.Description != "" {
			part += " " + image.Description
		}
		parts = append(parts, part)
	}
	return HashOf(Encode(parts))
}

// Digests are the digests per path of everything in a state that may be kept:
// not of sensitive values.
func Digests(s State) map[Path]string {
	d := make(map[Path]string, len(s))
	for path, value := range s {
		if !value.Sensitive && !value.Empty() {
			d[path] = DigestOf(value)
		}
	}
	return d
}

// RevisionOf identifies an observed product: the same for the same live values
// on every machine.
func RevisionOf(s State) string { return HashOf(Encode(Digests(s))) }

func HashOf(document json.RawMessage) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}
