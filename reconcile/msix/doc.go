// Package msix is the backend for MSIX apps: it knows the Microsoft Store
// submission API for apps in MSIX and older packages
// (https://learn.microsoft.com/windows/uwp/monetize/create-and-manage-submissions-using-windows-store-services)
// and what a manifest of kind MsixApp means there.
//
// An app has a published submission and at most one pending one. A draft is
// made as a copy of what is published, changed by sending the whole of it back,
// given its new files in one ZIP, and committed. The parts of the package
// follow that way:
//
//	api.go wire.go        requests and answers; explain.go: what errors mean
//	document*.go          a submission as it was read, unknown members included,
//	                      and the JSON Patch that changes it
//	observe.go            which submission is looked at
//	convert*.go fields.go documents to a reconcile.State; match_packages.go: which
//	                      package is which; files.go: names that tell the content
//	desire*.go            a manifest to what it wants of an observed app
//	audit.go guard.go     what the Store requires; what is allowed by name only
//	lower*.go             changes to operations and their bodies; pure
//	execute*.go           operations to requests, with lost answers settled
//	price.go              what no body that is sent may say about prices
//	readback.go await.go  reading back, and waiting
//
// Facts that Microsoft's pages do not state are marked "observed" with a date.
package msix
