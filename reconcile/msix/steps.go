package msix

// The operations of a plan, by id. What Execute takes from each beside its id:
//
//   - product.create: its Body. Its output is a productOutput.
//   - product.delete: the product in its Path.
//   - discard: the id of the draft to delete, last in its Path.
//   - create: the product in its Path. Its output is the draft, often only its
//     id and upload address. Nothing is sent where product.create brought a
//     draft.
//   - draft: the id in its Path, or draftID for the one that create made. Its
//     output is the whole draft. Nothing is sent where the answer to create held
//     it.
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

	stepProductCreate = "product.create"
	stepProductDelete = "product.delete"
)

// Placeholders for what is known only once the draft is there.
const (
	// draftID stands in paths for the id of the draft that create makes.
	draftID = "${op:" + stepCreate + "/id}"
	// uploadAddress is where the ZIP goes: the address of the draft that was
	// read, or just made.
	uploadAddress = "${op:" + stepDraft + "/fileUploadUrl}"
)
