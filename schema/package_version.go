package schema

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version is the version of a package or of Windows: four numbers from 0 to
// 65535. It is not a semantic version; parts are compared as numbers, from the
// left
// (https://learn.microsoft.com/uwp/schemas/appxpackage/uapmanifestschema/element-identity).
type Version struct {
	Major, Minor, Build, Revision uint16
}

// ParseVersion reads a version as package manifests write it: exactly four
// decimal numbers up to 65535 joined by dots, none with a leading zero. The
// error says which part is wrong.
func ParseVersion(s string) (Version, error) {
	parts := strings.Split(s, ".")
	if len(s) > len("65535.65535.65535.65535") || len(parts) != 4 {
		return Version{}, fmt.Errorf("%s is not a version: write four numbers joined by dots, such as 1.4.2.0", quote(s))
	}
	var numbers [4]uint16
	for i, part := range parts {
		number, err := strconv.ParseUint(part, 10, 16)
		if err != nil || strconv.FormatUint(number, 10) != part {
			return Version{}, fmt.Errorf("%s is not a version: part %d, %s, is not a number from 0 to 65535 without leading zeros", quote(s), i+1, quote(part))
		}
		numbers[i] = uint16(number)
	}
	return Version{numbers[0], numbers[1], numbers[2], numbers[3]}, nil
}

// String writes the version as package manifests do: 1.4.2.0.
func (v Version) String() string {
	return fmt.Sprintf("%d.%d.%d.%d", v.Major, v.Minor, v.Build, v.Revision)
}

// Compare is negative when v is lower than w, zero when they are equal, and
// positive when v is higher.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Build, w.Build), cmp.Compare(v.Revision, w.Revision))
}

// MarshalText writes the version as String does.
func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the version as ParseVersion does.
func (v *Version) UnmarshalText(text []byte) error {
	parsed, err := ParseVersion(string(text))
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}
