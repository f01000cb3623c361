package schema

// Kinds are what a manifest may describe. A further kind gets its spec type in
// manifest.go, a file of its own for decoding and validating, and a case in
// each function here.

func kindNames() []string { return []string{string(MsiExeAppKind)} }

// decodeSpec fills in the manifest's spec.
func decodeSpec(d *decoder, m *Manifest, spec *tree) {
	switch m.Kind {
	case MsiExeAppKind:
		m.MsiExeApp = decodeMsiExeApp(d, spec)
	}
}

// validateSpec judges what the spec writes.
func validateSpec(v *validator) {
	switch v.manifest.Kind {
	case MsiExeAppKind:
		v.msiExeApp(v.manifest.MsiExeApp)
	}
}

// ProductID is the Store's id of the manifest's product whatever its kind, ""
// when the manifest could not be read that far.
func (m *Manifest) ProductID() string {
	switch m.Kind {
	case MsiExeAppKind:
		if m.MsiExeApp != nil {
			return m.MsiExeApp.ProductID
		}
	}
	return ""
}
