package schema

import "context"

// Kinds are what a manifest may describe. A further kind gets its spec type in
// a manifest file of its own, another for decoding and validating, and a case in
// each function here.

func kindNames() []string { return []string{string(MsiExeAppKind), string(MsixAppKind)} }

// decodeSpec fills in the manifest's spec.
func decodeSpec(ctx context.Context, d *decoder, m *Manifest, spec *tree) {
	switch m.Kind {
	case MsiExeAppKind:
		m.MsiExeApp = decodeMsiExeApp(d, spec)
	case MsixAppKind:
		m.MsixApp = decodeMsixApp(ctx, d, spec)
	}
}

// validateSpec judges what the spec writes.
func validateSpec(v *validator) {
	switch v.manifest.Kind {
	case MsiExeAppKind:
		v.msiExeApp(v.manifest.MsiExeApp)
	case MsixAppKind:
		v.msixApp(v.manifest.MsixApp)
	}
}

// ProductID is the Store's id of the manifest's product whatever its kind, ""
// when the manifest could not be read that far.
func (m *Manifest) ProductID() string {
	switch {
	case m.Kind == MsiExeAppKind && m.MsiExeApp != nil:
		return m.MsiExeApp.ProductID
	case m.Kind == MsixAppKind && m.MsixApp != nil:
		return m.MsixApp.AppID
	}
	return ""
}

// productIDField is the field that ProductID is written in.
func (k Kind) productIDField() string {
	if k == MsixAppKind {
		return "appId"
	}
	return "productId"
}
