package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/schema"
)

const (
	// seedFile describes the emulator's Store, beside the manifests.
	seedFile = "emulator.yaml"
	// defaultLanguage is the listing of a seeded product whose manifest names none.
	defaultLanguage = "en-us"
)

// seedWorkspace seeds from the emulator.yaml files beside manifests that were
// not used yet, and from the manifests that have none beside them.
func seedWorkspace(store *emulator.Emulator, workspace *schema.Workspace, used seedList) error {
	files := seedFiles(workspace)
	for _, file := range files {
		if used.has(file) {
			continue
		}
		if err := seedFromFile(store, file); err != nil {
			return err
		}
		if err := used.add(file); err != nil {
			return err
		}
	}
	return seedProducts(store, slices.DeleteFunc(slices.Clone(workspace.Manifests), func(m *schema.Manifest) bool {
		return slices.Contains(files, seedBeside(m))
	}))
}

// seedList remembers which seed files an embedded emulator was seeded from: a
// seed says what was live at the start, and is used once. The zero value
// remembers nothing.
type seedList struct {
	// file holds the names of seed files below root, one a line.
	file, root string
}

func (l seedList) has(seed string) bool {
	content, err := os.ReadFile(l.file)
	return err == nil && slices.Contains(strings.Split(string(content), "\n"), l.name(seed))
}

func (l seedList) add(seed string) error {
	if l.file == "" || l.has(seed) {
		return nil
	}
	file, err := os.OpenFile(l.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("remember seed: %w", err)
	}
	_, err = fmt.Fprintln(file, l.name(seed))
	return errors.Join(err, file.Close())
}

// name is the same from whichever folder a command is run.
func (l seedList) name(seed string) string {
	absolute, err := filepath.Abs(seed)
	if err != nil {
		return filepath.ToSlash(seed)
	}
	name, err := filepath.Rel(l.root, absolute)
	if err != nil {
		return filepath.ToSlash(absolute)
	}
	return filepath.ToSlash(name)
}

// seedBeside is where the seed of a manifest lies, when there is one.
func seedBeside(m *schema.Manifest) string { return filepath.Join(filepath.Dir(m.File), seedFile) }

// seedFiles are the emulator.yaml files that lie beside manifests.
func seedFiles(workspace *schema.Workspace) []string {
	var files []string
	for _, m := range workspace.Manifests {
		file := seedBeside(m)
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
// their first submission had been made by hand. Add-ons and flights are not
// made, only their apps: an apply makes those by itself.
func seedProducts(store *emulator.Emulator, manifests []*schema.Manifest) error {
	for _, m := range manifests {
		if m.MsiExeApp != nil {
			store.SeedMsiExeProduct(m.MsiExeApp.ProductID, seedLanguages(m.MsiExeApp.Listings))
		}
	}
	for _, app := range seededApps(manifests) {
		document, err := json.Marshal(map[string][]seededApp{"msix": {*app}})
		if err != nil {
			return err
		}
		if err := store.Seed(document, nil); err != nil {
			return fmt.Errorf("seed app %s: %w", app.AppID, err)
		}
	}
	return nil
}

// seedLanguages are the languages of a product's listings.
func seedLanguages[T any](listings map[string]*T) []string {
	if len(listings) == 0 {
		return []string{defaultLanguage}
	}
	return slices.Sorted(maps.Keys(listings))
}

// seededApp is an application of a seed document.
type seededApp struct {
	AppID               string           `json:"appId"`
	PackageIdentityName string           `json:"packageIdentityName,omitempty"`
	PublisherName       string           `json:"publisherName,omitempty"`
	Languages           []string         `json:"languages"`
	Submission          seededSubmission `json:"submission"`
	Unchecked           bool             `json:"unchecked"`
}

type seededSubmission struct {
	ApplicationPackages []seededPackage `json:"applicationPackages,omitempty"`
}

type seededPackage struct {
	FileName     string `json:"fileName"`
	Version      string `json:"version"`
	Architecture string `json:"architecture,omitempty"`
}

// seededApps are the apps that manifests are about, sorted by Store ID. The
// identity of an app is that of its packages, or of its flights' packages, for
// others would be refused. Packages whose file is absent are live.
func seededApps(manifests []*schema.Manifest) []*seededApp {
	apps := map[string]*seededApp{}
	about := func(id string) *seededApp {
		if apps[id] == nil {
			apps[id] = &seededApp{AppID: id, Languages: []string{defaultLanguage}, Unchecked: true}
		}
		return apps[id]
	}
	for _, m := range manifests {
		switch {
		case m.MsixApp != nil:
			app := about(m.MsixApp.AppID)
			app.Languages = seedLanguages(m.MsixApp.Listings)
			app.identify(m.MsixApp.Packages)
			app.Submission.ApplicationPackages = livePackages(m.MsixApp.Packages)
		case m.AddOn != nil:
			about(m.AddOn.AppID)
		case m.PackageFlight != nil:
			about(m.PackageFlight.AppID).identify(m.PackageFlight.Packages)
		}
	}
	sorted := []*seededApp{}
	for _, id := range slices.Sorted(maps.Keys(apps)) {
		sorted = append(sorted, apps[id])
	}
	return sorted
}

// identify gives the app the identity of packages.
func (a *seededApp) identify(packages []schema.MsixPackage) {
	for _, p := range packages {
		if p.Content != nil {
			a.PackageIdentityName, a.PublisherName = p.Content.Identity, p.Content.Publisher
		}
	}
}

// livePackages are those that have no file, so that they must be live.
func livePackages(packages []schema.MsixPackage) []seededPackage {
	var live []seededPackage
	for _, p := range packages {
		if p.Content == nil {
			live = append(live, seededPackage{FileName: path.Base(p.File), Version: p.Version, Architecture: p.Architecture})
		}
	}
	return live
}
