package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/msiexe"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// The environment variables that say which Store to talk to.
const (
	envMsiExeEndpoint = "STORESYNC_MSIEXE_ENDPOINT"
	envMsiExeToken    = "STORESYNC_MSIEXE_ACCESS_TOKEN"
	envSellerID       = "STORESYNC_SELLER_ID"
	envRecord         = "STORESYNC_RECORD"
)

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
	backendOptions, err := backendOptionsFor(h, workspace, options)
	if err != nil {
		return nil, err
	}
	backendOptions.ReadOnly = may == readOnly
	backendOptions.Version = readVersion().Version
	backendOptions.Transport = newRequestLog(backendOptions.Transport, newLogger(h, options))
	backend, err := msiexe.New(backendOptions)
	if err != nil {
		return nil, err
	}
	return reconcile.New(reconcile.Options{
		Backends:    map[schema.Kind]reconcile.Backend{schema.MsiExeAppKind: backend},
		Records:     records,
		Parallelism: options.parallelism,
		Tool:        "storesync " + readVersion().Version,
		Events:      events,
	}), nil
}

func backendOptionsFor(h *host, workspace *schema.Workspace, options commonOptions) (msiexe.Options, error) {
	if options.emulator {
		embedded, err := embeddedBackend(h, workspace)
		if err != nil {
			return embedded, &reconcile.Failure{
				Class: reconcile.ClassError,
				Err:   fmt.Errorf("start the embedded emulator: %w", err),
				Next:  "Correct what is named there. To start over with a new Store, delete " + stateFolder + "/emulator.",
			}
		}
		return embedded, nil
	}
	return storeBackend(h)
}

// storeBackend takes endpoint, seller and credentials from the environment.
func storeBackend(h *host) (msiexe.Options, error) {
	endpoint := cmp.Or(strings.TrimSpace(h.env(envMsiExeEndpoint)), msiexe.DefaultEndpoint)
	if _, err := storehttp.ParseEndpoint(endpoint); err != nil {
		return msiexe.Options{}, fmt.Errorf("%s: %w", envMsiExeEndpoint, err)
	}
	credential, err := storehttp.NewCredential(h.lookupEnv, storehttp.API{
		Name: "MSI/EXE", TokenEnv: envMsiExeToken, Endpoint: endpoint,
	})
	if err != nil {
		return msiexe.Options{}, credentialFailure(err)
	}
	seller := strings.TrimSpace(h.env(envSellerID))
	if seller == "" {
		return msiexe.Options{}, sellerMissing(h)
	}
	return msiexe.Options{Endpoint: endpoint, SellerID: seller, Credential: credential}, nil
}

// sellerMissing is for who has set up nothing yet, too: it names all there is.
func sellerMissing(h *host) error {
	next := "Set it to the seller id, which Partner Center shows under Account settings > Organization profile > Legal info. "
	if h.env("AZURE_CLIENT_ID") == "" && h.env(envMsiExeToken) == "" {
		next += "Credentials come from AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or from az login. "
	}
	return &reconcile.Failure{
		Class: reconcile.ClassCredentials,
		Err:   fmt.Errorf("%s is not set: the Store wants to know which seller account to work for", envSellerID),
		Next:  next + "To try storesync without an account, add --emulator.",
	}
}

// credentialFailure gives a credential's error its class and advice.
func credentialFailure(err error) error {
	missing, ok := errors.AsType[*storehttp.CredentialError](err)
	if !ok {
		return err
	}
	return &reconcile.Failure{
		Class: reconcile.ClassCredentials, Err: err,
		Next: missing.Next + " To try storesync without an account, add --emulator.",
	}
}

// newLogger writes to standard error from the asked level on.
func newLogger(h *host, options commonOptions) *slog.Logger {
	return slog.New(slog.NewTextHandler(h.err, &slog.HandlerOptions{Level: options.logLevel}))
}
