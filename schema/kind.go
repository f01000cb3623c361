package schema

import "context"

// Kinds are what a manifest may describe. A further kind gets its spec type in
// a manifest file of its own, another for decoding and validating, and a case in
// each function here.

func kindNames() []string {
	return []string{string(MsiExeAppKind), string(MsixAppKind), string(AddOnKind), string(PackageFlightKind)}
}

// deletionGuard is the guard of the deletion of such a product, "" when the API
// cannot delete it.
func (k Kind) deletionGuard() string {
	switch k {
	case AddOnKind:
		return "delete-add-on"
	case PackageFlightKind:
		return "delete-flight"
	case MsiExeAppKind, MsixAppKind:
	}
	return ""
}

// mayBeAbsent reports whether the API can delete such a product.
func (k Kind) mayBeAbsent() bool { return k.deletionGuard() != "" }

// decodeSpec fills in the manifest's spec.
func decodeSpec(ctx context.Context, d *decoder, m *Manifest, spec *tree) {
	switch m.Kind {
	case MsiExeAppKind:
		m.MsiExeApp = decodeMsiExeApp(d, spec)
	case MsixAppKind:
		m.MsixApp = decodeMsixApp(ctx, d, spec)
	case AddOnKind:
		m.AddOn = decodeAddOn(d, spec, m.Absent())
	case PackageFlightKind:
		m.PackageFlight = decodePackageFlight(ctx, d, spec, m.Absent())
	}
}

// validateSpec judges what the spec writes.
func validateSpec(v *validator) {
	switch v.manifest.Kind {
	case MsiExeAppKind:
		v.msiExeApp(v.manifest.MsiExeApp)
	case MsixAppKind:
		v.msixApp(v.manifest.MsixApp)
	case AddOnKind:
		v.addOn(v.manifest.AddOn)
	case PackageFlightKind:
		v.packageFlight(v.manifest.PackageFlight)
	}
}

// ProductID is the Store's id of the manifest's product whatever its kind, ""
// when the manifest does not hold it: an add-on or flight may be found by its
// name, and a manifest may have been read in part only.
func (m *Manifest) ProductID() string {
	switch {
	case m.Kind == MsiExeAppKind && m.MsiExeApp != nil:
		return m.MsiExeApp.ProductID
	case m.Kind == MsixAppKind && m.MsixApp != nil:
		return m.MsixApp.AppID
	case m.Kind == AddOnKind && m.AddOn != nil:
		return m.AddOn.ID
	case m.Kind == PackageFlightKind && m.PackageFlight != nil:
		return m.PackageFlight.ID
	}
	return ""
}

// productIDField is the field that ProductID is written in.
func (k Kind) productIDField() string {
	switch k {
	case MsixAppKind:
		return "appId"
	case AddOnKind, PackageFlightKind:
		return "id"
	case MsiExeAppKind:
	}
	return "productId"
}
