package main

import (
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/schema"
)

// envRecord asks for records elsewhere than in the workspace.
const envRecord = "STORESYNC_RECORD"

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
	// A record that is silently kept elsewhere would be a lost record.
	if h.env(envRecord) != "" {
		return nil, &usageError{
			envRecord + " is set, but this version keeps records in files only",
			"Unset it; the record then lies in " + stateFolder + "/records of the workspace, which a CI job has to keep from run to run.",
		}
	}
	records := reconcile.FileRecords(filepath.Join(root, stateFolder, "records"))
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

// newLogger writes to standard error from the asked level on.
func newLogger(h *host, options commonOptions) *slog.Logger {
	return slog.New(slog.NewTextHandler(h.err, &slog.HandlerOptions{Level: options.logLevel}))
}
