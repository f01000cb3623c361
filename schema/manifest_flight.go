package schema

// PackageFlightKind is a package flight of an MSIX app, served by
// https://manage.devcenter.microsoft.com.
const PackageFlightKind Kind = "PackageFlight"

// PackageFlight is the spec of kind PackageFlight. Field names are those of the
// flight and flight submission resources
// (https://learn.microsoft.com/windows/uwp/monetize/manage-flights and
// manage-flight-submissions). A nil field is unmanaged. A flight that the app
// does not have is made, unless ID pins it.
type PackageFlight struct {
	// App is the metadata.name of the MsixApp manifest that the flight belongs
	// to, or the app's 12-character Store ID.
	App string `json:"app" schema:"required"`
	// AppID is the Store ID of App.
	AppID string `json:"-"`
	// ID pins the flight by its GUID; "" when it is found by FriendlyName
	// within the app.
	ID           string `json:"id"`
	FriendlyName string `json:"friendlyName"`
	// GroupIDs are the ids of flight groups, which Partner Center alone makes.
	// The API sets them only when it makes the flight.
	GroupIDs []string `json:"groupIds"`
	// RankHigherThan is the friendly name of the flight ranked just below, or
	// "Non-flighted submission" for the lowest rank; nil for the highest. The
	// API sets it only when it makes the flight.
	RankHigherThan *string `json:"rankHigherThan"`

	// Packages is the whole package set when not nil.
	Packages               []MsixPackage           `json:"packages"`
	PackageDeliveryOptions *PackageDeliveryOptions `json:"packageDeliveryOptions"`
	// Rollout is what share of the flight's people a new package set reaches first.
	Rollout           *Rollout `json:"rollout"`
	TargetPublishMode *string  `json:"targetPublishMode"`
	// TargetPublishDate is an RFC 3339 time, used with SpecificDate.
	TargetPublishDate *string `json:"targetPublishDate" schema:"time"`
	// NotesForCertification is always sensitive: it may name test accounts.
	NotesForCertification *Text `json:"notesForCertification"`
}
