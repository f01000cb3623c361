// Package msix is the backend for MSIX apps, their add-ons and their package
// flights: it knows the Microsoft Store submission API for apps in MSIX and older
// packages
// (https://learn.microsoft.com/windows/uwp/monetize/create-and-manage-submissions-using-windows-store-services)
// and what manifests of kinds MsixApp, AddOn and PackageFlight mean there.
//
// A product (an app, an add-on or a flight) has a published submission and at
// most one pending one. A draft is made as a copy of what is published, changed
// by sending the whole of it back, given its new files in one ZIP, and
// committed. Add-ons and flights are made and deleted, too; their first draft is
// as the Store makes it. The parts of the package follow that way:
//
//	product.go            which product a manifest is about, and its addresses
//	find.go readahead.go  a product by its id or by its name in a list; known.go:
//	                      what of that is remembered
//	identity.go           what a product is found and made by
//	api.go wire.go        requests and answers; explain.go: what errors mean
//	document*.go          a submission as it was read, unknown members included,
//	                      and the JSON Patch, or Merge Patch, that changes it
//	observe.go            which submission is looked at
//	convert*.go fields.go documents to a plan.State; match_packages.go: which
//	                      package is which; files.go: names that tell the content
//	desire*.go            a manifest to what it wants of an observed app
//	audit*.go guard.go    what the Store requires; what is allowed by name only
//	lower*.go             changes to operations and their bodies; pure
//	execute*.go           operations to requests, with lost answers settled
//	rollout*.go           the rollout of a package set, from its start to its end;
//	                      published.go: the set that customers have
//	*_addon.go            the form of an add-on, where it is not that of an app
//	price.go              what no body that is sent may say about prices
//	readback.go await.go  reading back, and waiting
//
// Facts that Microsoft's pages do not state are marked "observed" with a date.
package msix
