package schema

import "strings"

// decodeMsiExeApp decodes the spec of kind MsiExeApp.
func decodeMsiExeApp(d *decoder, spec *tree) *MsiExeApp {
	app := decodeInto[MsiExeApp](d, d.mergeListings(spec))
	for _, p := range app.Packages {
		p.SHA256 = strings.ToLower(p.SHA256)
	}
	return app
}
