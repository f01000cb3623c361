package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

const (
	// stateFolder holds what storesync keeps beside the manifests.
	stateFolder = ".storesync"
	// embeddedEndpoint is the embedded emulator's address in plans and
	// records. No request leaves the process, and the name never resolves
	// (RFC 2606, section 2).
	embeddedEndpoint = "https://emulator.storesync.invalid"
	// embeddedSeller is the seller account when the environment names none.
	embeddedSeller = "12345678"
	// embeddedTenant is the tenant in record keys.
	embeddedTenant = "emulator"
)

// openEmbedded opens the workspace's emulator. What was under way when the last
// command ended is finished, as if enough time had passed since then, unless a
// seed says how long things take.
func openEmbedded(workspace *schema.Workspace) (*emulator.Emulator, error) {
	root, err := workspaceRoot(workspace)
	if err != nil {
		return nil, err
	}
	if err := makeStateFolder(root); err != nil {
		return nil, err
	}
	folder := filepath.Join(root, stateFolder, "emulator")
	_, statErr := os.Stat(folder)
	isNew := errors.Is(statErr, fs.ErrNotExist)
	store, err := emulator.New(emulator.Options{Folder: folder})
	if err != nil {
		return nil, err
	}
	// Manifests may have been added since the last command.
	if err := seedWorkspace(store, workspace, seedList{file: filepath.Join(folder, "seeds"), root: root}); err != nil {
		if isNew {
			err = errors.Join(err, os.RemoveAll(folder))
		}
		return nil, err
	}
	paced, err := seedsPace(workspace)
	if err != nil {
		return nil, err
	}
	if !paced {
		store.Settle()
	}
	return store, nil
}

// makeStateFolder makes the folder that git ignores by itself. A link in its
// place, which a pull request may have put there, is refused: nothing is written
// through it.
func makeStateFolder(root string) error {
	folder := filepath.Join(root, stateFolder)
	if info, err := os.Lstat(folder); err == nil && !info.IsDir() {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("%s is a link or no folder", folder),
			Next: "Nothing was changed. Delete it: storesync makes a folder there."}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	ignore, err := os.OpenFile(filepath.Join(folder, ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = ignore.WriteString("*\n")
	return errors.Join(err, ignore.Close())
}

// emulatorToken is the credential of an embedded emulator. It needs no token
// endpoint, which would have to be reached over https.
type emulatorToken struct{ store *emulator.Emulator }

// GetToken returns the emulator's own token.
func (t emulatorToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: t.store.Token(), ExpiresOn: time.Now().Add(time.Hour)}, nil
}
