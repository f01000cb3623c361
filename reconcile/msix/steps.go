package msix

import (
	"net/url"
	"strings"
)

// The operations of a plan, by id. What Execute takes from each beside its id:
//
//   - discard: the id of the draft to delete, last in its Path.
//   - create: nothing. Its output is the draft, often only its id and upload
//     address.
//   - draft: the id in its Path, or draftID for the one that create made. Its
//     output is the whole draft.
//   - put: as draft, and its Body, a putBody. Its output is the Store's answer.
//   - verify: the output of put.
//   - upload: its Path is uploadAddress; Uploads say what goes into the ZIP and
//     under which name.
//   - commit: the id in its Path.
const (
	stepDiscard = "discard"
	stepCreate  = "create"
	stepDraft   = "draft"
	stepPut     = "put"
	stepVerify  = "verify"
	// stepVerifyAgain reads the draft once more after its files were sent.
	stepVerifyAgain = "verify.sent"
	stepUpload      = "upload"
	stepCommit      = "commit"
)

// Placeholders for what is known only once the draft is there.
const (
	// draftID stands in paths for the id of the draft that create makes.
	draftID = "${op:" + stepCreate + "/id}"
	// uploadAddress is where the ZIP goes: the address of the draft that was
	// read, or just made.
	uploadAddress = "${op:" + stepDraft + "/fileUploadUrl}"
)

// apiRoot is below the endpoint.
const apiRoot = "/v1.0/my/"

func applicationsPath() string                   { return apiRoot + "applications" }
func applicationPath(app string) string          { return applicationsPath() + "/" + segment(app) }
func submissionsPath(app string) string          { return applicationPath(app) + "/submissions" }
func createPath(app string) string               { return submissionsPath(app) + "?isMinimalResponse=true" }
func submissionPath(app, id string) string       { return submissionsPath(app) + "/" + segment(id) }
func commitPath(app, id string) string           { return submissionPath(app, id) + "/commit" }
func submissionStatusPath(app, id string) string { return submissionPath(app, id) + "/status" }

// segment escapes an id so that it stays one segment of a path: a dot segment
// would be taken away by whoever normalises the path. A placeholder stays as it
// is, to be read in a plan.
func segment(id string) string {
	switch {
	case id == draftID:
		return id
	case strings.Trim(id, ".") == "":
		return strings.ReplaceAll(id, ".", "%2E")
	}
	return url.PathEscape(id)
}
