package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/reconcile/record/blobrecords"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// envRecord says where records are kept, a container of Azure Blob Storage with
// a prefix; unset: in the workspace.
const envRecord = "STORESYNC_RECORD"

// envLoopbackToken is a ready token for Stores on loopback.
const envLoopbackToken = "STORESYNC_ACCESS_TOKEN"

// access is whether a command may write to the Store.
type access int

const (
	// readOnly refuses every request but GET before it is sent.
	readOnly access = iota
	readWrite
)

// newEngine builds the engine for a workspace, on the real Store or on the
// embedded emulator.
func newEngine(h *host, workspace *schema.Workspace, options commonOptions, may access, events func(reconcile.Event)) (*reconcile.Engine, error) {
	root, err := workspaceRoot(workspace)
	if err != nil {
		return nil, err
	}
	// A command that only reads works in a folder that cannot be written, too.
	if err := makeStateFolder(root); err != nil && may == readWrite {
		return nil, fmt.Errorf("make %s: %w", stateFolder, err)
	}
	records, err := newRecords(h, root, options)
	if err != nil {
		return nil, err
	}
	backends, err := newBackends(h, workspace, options, may)
	if err != nil {
		return nil, err
	}
	return reconcile.New(reconcile.Options{
		Backends:    backends,
		Records:     records,
		Parallelism: options.parallelism,
		Tool:        "storesync " + readVersion().Version,
		Events:      events,
	}), nil
}

// newRecords are the records where STORESYNC_RECORD says, else in the workspace.
// Those of an embedded emulator stay beside it: they are of no use elsewhere.
func newRecords(h *host, root string, options commonOptions) (record.Store, error) {
	address := strings.TrimSpace(h.env(envRecord))
	if address == "" || options.emulator {
		return record.Files(filepath.Join(root, stateFolder, "records")), nil
	}
	return blobrecords.New(blobrecords.Options{Address: address, SignIn: func() (azcore.TokenCredential, error) {
		credential, err := storehttp.NewCredential(h.lookupStorageEnv, storehttp.API{Name: "blob storage", Endpoint: storageEndpoint})
		if err != nil {
			return nil, credentialFailure(err)
		}
		return credential, nil
	}})
}

// lookupStorageEnv hides the token for Stores on loopback, which is none for a
// storage account.
func (h *host) lookupStorageEnv(name string) (string, bool) {
	if name == envLoopbackToken {
		return "", false
	}
	return h.lookupEnv(name)
}

// storageEndpoint stands for all storage accounts where a credential is chosen:
// none of them is on loopback.
const storageEndpoint = "https://blob.core.windows.net"

// newLogger writes to standard error from the asked level on. Hosts, paths and
// ids come from answers, too: no text of a line acts on a terminal or a runner.
func newLogger(h *host, options commonOptions) *slog.Logger {
	return slog.New(slog.NewTextHandler(h.err, &slog.HandlerOptions{Level: options.logLevel, ReplaceAttr: func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Value.Kind() == slog.KindString {
			attribute.Value = slog.StringValue(sanitize(attribute.Value.String()))
		}
		return attribute
	}}))
}
