package msix

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// upload sends the draft's new files in one ZIP. Sending them again is always
// possible and replaces what was sent before.
func (b *backend) upload(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	address := storehttp.NewSASURL(call.Operation.Path)
	if err := b.reachesDraft(address, kindOf(call.Manifest)); err != nil {
		return nil, err
	}
	draft := writtenDraft(call)
	entries := zipEntries(call)
	if draft != nil {
		if err := sendsAll(ctx, draft, entries); err != nil {
			return nil, err
		}
	}
	err := b.client.upload(ctx, address, entries, func(sent, total int64) {
		if call.Progress != nil {
			call.Progress(reconcile.Progress{Sent: sent, Total: total})
		}
	})
	if err != nil {
		return nil, err
	}
	return &reconcile.Result{Stored: storedFiles(draft, entries)}, nil
}

// reachesDraft refuses an upload address that leads nowhere (any more) before
// gigabytes are sent there.
func (b *backend) reachesDraft(address storehttp.SASURL, kind productKind) error {
	if address.Reveal() == "" {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("the draft has no upload address: it was made in Partner Center, and the API cannot send files for it"),
			Next: "Nothing was committed. Submit or delete it in Partner Center, then apply again."}
	}
	expires, known := uploadExpiry(address)
	if !known || b.now().Before(expires) {
		return nil
	}
	next := "Nothing was committed. Upload addresses live about a day. Run the same command again: it makes the draft anew, with a new address."
	if kind.madeByAPI() {
		next += fmt.Sprintf(" A first draft is kept and gets none: then delete the %s with metadata.state: absent and --allow delete-%s, and apply it anew.", kind, kind)
	}
	return &plan.Failure{Class: plan.ClassError,
		Err: fmt.Errorf("the draft's upload address ran out at %s", minuteOf(expires)), Next: next}
}

// writtenDraft is the draft as it was last read, nil when it was not.
func writtenDraft(call reconcile.Call) *document {
	for _, step := range []string{stepPut, stepDraft, stepCreate} {
		if draft, err := parseDocument(call.Outputs[step]); err == nil && draft.whole(kindOf(call.Manifest)) {
			return draft
		}
	}
	return nil
}

// zipEntries are the files as they go into the ZIP.
func zipEntries(call reconcile.Call) []storehttp.ZipEntry {
	var entries []storehttp.ZipEntry
	for _, file := range call.Operation.Uploads {
		name := file.As
		if name == "" {
			name = file.Name
		}
		entries = append(entries, storehttp.ZipEntry{
			Name: name, Bytes: file.Bytes, SHA256: file.SHA256, Compressed: isCompressed(name),
			Open: func() (io.ReadCloser, error) { return call.Open(file.Name) },
		})
	}
	return entries
}

// isCompressed reports whether a file of that name is compressed in itself.
func isCompressed(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".mp4", ".mov", ".xap",
		".msix", ".msixbundle", ".msixupload", ".appx", ".appxbundle", ".appxupload":
		return true
	}
	return false
}

// pendingFile is a file that a submission waits for.
type pendingFile struct{ id, name string }

// pendingFiles are the packages and images of a submission that its ZIP must
// hold. Trailers carry no status that would tell.
func pendingFiles(d *document) []pendingFile {
	var files []pendingFile
	add := func(n *node) {
		file := &document{root: n}
		if file.text("/fileStatus") == statusPendingUpload {
			files = append(files, pendingFile{id: file.id(), name: file.text("/fileName")})
		}
	}
	each := func(n *node) {
		if n == nil {
			return
		}
		for _, element := range n.elements {
			add(element)
		}
	}
	for _, kind := range []productKind{kindApp, kindFlight} {
		each(d.find(packagesPointer(kind)))
	}
	for _, language := range d.keys("/listings") {
		listing := pointerTo("listings", language)
		if icon := d.find(listing + "/" + fieldIcon); icon != nil {
			add(icon)
		}
		each(d.find(listing + "/baseListing/images"))
		for _, platform := range d.keys(listing + "/platformOverrides") {
			each(d.find(listing + "/platformOverrides" + pointerTo(platform) + "/images"))
		}
	}
	return files
}

// statusPendingUpload is the fileStatus of a file that the ZIP must hold.
const statusPendingUpload = "PendingUpload"

// sendsAll refuses to upload less than the draft waits for: the commit would
// fail with MissingFiles, after the whole upload.
func sendsAll(ctx context.Context, draft *document, entries []storehttp.ZipEntry) error {
	for _, file := range pendingFiles(draft) {
		if !slices.ContainsFunc(entries, func(e storehttp.ZipEntry) bool { return sameFileName(e.Name, file.name) }) {
			return &plan.Failure{Class: plan.ClassError,
				Err:  fmt.Errorf("draft %s waits for the file %s, which this apply does not send", draft.id(), storehttp.Shown(ctx, file.name)),
				Next: "Nothing was committed. Plan again; if it stays so, delete the draft with `storesync discard` and apply again."}
		}
	}
	return nil
}

// sameFileName compares names as the service does: folders may be divided by
// either slash.
func sameFileName(a, b string) bool {
	return strings.EqualFold(entryName(a), entryName(b))
}

// storedFiles are the contents now known, by the id of the file: of those that
// the draft gives one already.
func storedFiles(draft *document, entries []storehttp.ZipEntry) map[string]string {
	stored := map[string]string{}
	if draft == nil {
		return stored
	}
	for _, file := range pendingFiles(draft) {
		for _, entry := range entries {
			if file.id != "" && sameFileName(entry.Name, file.name) {
				stored[file.id] = entry.SHA256
			}
		}
	}
	return stored
}
