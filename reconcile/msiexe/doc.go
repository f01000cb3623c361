// Package msiexe is the backend for MSI and EXE apps: it knows the Microsoft
// Store submission API for MSI or EXE app
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api) and
// what a manifest of kind MsiExeApp means there.
//
// A product has one draft, which the portal shares. It is read module by
// module (metadata, packages, listing assets), written module by module, waited
// for until it is ready, and submitted. The parts of the package follow that
// way:
//
//	api.go wire.go       requests and answers of the thirteen operations
//	observe.go images.go what is read, and what stored images are
//	documents.go         the modules as they were read, unknown fields included
//	convert*.go          documents to a plan.State
//	desire.go            a manifest to what it wants of an observed product
//	audit.go guard.go    what the Store requires; what is allowed by name only
//	lower*.go body.go    changes to operations and their bodies; pure
//	execute*.go          operations to requests, with lost answers settled
//	readback.go await.go reading back, and waiting
//
// Facts that Microsoft's pages do not state are marked "observed" with a date.
package msiexe
