package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"sigs.k8s.io/yaml"

	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/msiexe"
	"github.com/storesync/storesync/schema"
)

const (
	// stateFolder holds what storesync keeps beside the manifests.
	stateFolder = ".storesync"
	// seedFile describes the emulator's Store, beside the manifests.
	seedFile = "emulator.yaml"
	// embeddedEndpoint is the embedded emulator's address in plans and
	// records. No request leaves the process, and the name never resolves
	// (RFC 2606, section 2).
	embeddedEndpoint = "https://emulator.storesync.invalid"
	// embeddedSeller is the seller account when the environment names none.
	embeddedSeller = "12345678"
	// defaultLanguage is the listing of a seeded product whose manifest names none.
	defaultLanguage = "en-us"
)

// embeddedBackend makes the options of a backend that talks to an emulator in
// this process, whose state lies in the workspace.
func embeddedBackend(h *host, workspace *schema.Workspace) (msiexe.Options, error) {
	store, err := openEmbedded(workspace)
	if err != nil {
		return msiexe.Options{}, err
	}
	seller := h.env(envSellerID)
	if seller == "" {
		seller = embeddedSeller
	}
	return msiexe.Options{
		Endpoint: embeddedEndpoint, SellerID: seller,
		Credential: emulatorToken{store}, Transport: store,
	}, nil
}

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
	if isNew {
		if err := seedWorkspace(store, workspace); err != nil {
			return nil, errors.Join(err, os.RemoveAll(folder))
		}
	} else if len(seedFiles(workspace)) == 0 {
		// Manifests may have been added since.
		seedProducts(store, workspace)
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

// makeStateFolder makes the folder that git ignores by itself.
func makeStateFolder(root string) error {
	folder := filepath.Join(root, stateFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	ignore := filepath.Join(folder, ".gitignore")
	if _, err := os.Stat(ignore); err == nil {
		return nil
	}
	return os.WriteFile(ignore, []byte("*\n"), 0o600)
}

// seedWorkspace seeds from the emulator.yaml files beside manifests, else from
// the manifests themselves.
func seedWorkspace(store *emulator.Emulator, workspace *schema.Workspace) error {
	files := seedFiles(workspace)
	for _, file := range files {
		if err := seedFromFile(store, file); err != nil {
			return err
		}
	}
	if len(files) == 0 {
		seedProducts(store, workspace)
	}
	return nil
}

// seedFiles are the emulator.yaml files that lie beside manifests.
func seedFiles(workspace *schema.Workspace) []string {
	var files []string
	for _, m := range workspace.Manifests {
		file := filepath.Join(filepath.Dir(m.File), seedFile)
		if slices.Contains(files, file) {
			continue
		}
		if _, err := os.Stat(file); err == nil {
			files = append(files, file)
		}
	}
	return files
}

// seedsPace reports whether an emulator.yaml says how long things take.
func seedsPace(workspace *schema.Workspace) (bool, error) {
	for _, file := range seedFiles(workspace) {
		content, err := os.ReadFile(file)
		if err != nil {
			return false, fmt.Errorf("read seed: %w", err)
		}
		var seed struct {
			Pace map[string]string `json:"pace"`
		}
		if err := yaml.Unmarshal(content, &seed); err != nil {
			return false, fmt.Errorf("read seed %s: %w", file, err)
		}
		if len(seed.Pace) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// seedFromFile seeds from a YAML or JSON document; files that it names lie
// beside it.
func seedFromFile(store *emulator.Emulator, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read seed: %w", err)
	}
	document, err := yaml.YAMLToJSONStrict(content)
	if err != nil {
		return fmt.Errorf("read seed %s: %w", file, err)
	}
	folder, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return fmt.Errorf("read seed: %w", err)
	}
	defer folder.Close()
	if err := store.Seed(document, folder.FS()); err != nil {
		return fmt.Errorf("seed from %s: %w", file, err)
	}
	return nil
}

// seedProducts makes the products that the emulator does not have yet, as if
// their first submission had been made by hand.
func seedProducts(store *emulator.Emulator, workspace *schema.Workspace) {
	for _, m := range workspace.Manifests {
		if m.Kind == schema.MsiExeAppKind {
			languages := slices.Sorted(maps.Keys(m.MsiExeApp.Listings))
			if len(languages) == 0 {
				languages = []string{defaultLanguage}
			}
			store.SeedMsiExeProduct(m.MsiExeApp.ProductID, languages)
		}
	}
}

// emulatorToken is the credential of an embedded emulator. It needs no token
// endpoint, which would have to be reached over https.
type emulatorToken struct{ store *emulator.Emulator }

// GetToken returns the emulator's own token.
func (t emulatorToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: t.store.Token(), ExpiresOn: time.Now().Add(time.Hour)}, nil
}
