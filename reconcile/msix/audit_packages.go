package msix

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/storesync/storesync/schema"
)

// packages judges what is to be uploaded, beside the app it is for. A package
// that the Store has is proof that the Store takes it, whatever its version,
// format or identity; it is judged no more.
func (a *auditor) packages() {
	set, err := packagesOf(a.live, &desirer{manifest: a.manifest, spec: a.spec, contents: contentsIn(a.observed)})
	if err != nil {
		return // Desire has said so.
	}
	for i, w := range set.wanted {
		if p := w.spec; p.Content != nil && (w.entry == nil || w.entry.FileStatus == statusPendingUpload) {
			a.ofThisApp(i, p)
			a.storeVersions(i, p, set)
			a.bundleAgain(i, w, set)
		}
	}
}

// ofThisApp compares what a file says with the app it is for.
func (a *auditor) ofThisApp(i int, p schema.MsixPackage) {
	if a.app.PackageIdentityName == "" {
		return
	}
	if p.Content.Identity != a.app.PackageIdentityName {
		a.fail(packagePath(i), fmt.Sprintf("the identity name of %s is %s, and that of app %s is %s", p.File, strconv.Quote(p.Content.Identity), a.app.ID, strconv.Quote(a.app.PackageIdentityName)),
			"Build the package with the identity that Partner Center shows under Product identity, or check the Store ID of the app.")
	}
	if a.app.PublisherName != "" && p.Content.Publisher != a.app.PublisherName {
		a.fail(packagePath(i), fmt.Sprintf("the publisher of %s is %s, and that of app %s is %s", p.File, strconv.Quote(p.Content.Publisher), a.app.ID, strconv.Quote(a.app.PublisherName)),
			"Build the package with the publisher that Partner Center shows under Product identity.")
	}
}

// storeVersions judges versions by the Store's rules. That the first part is not
// 0 is said by Microsoft's page alone, and apps are live that break it (five were
// found in 2026): a warning, and none where this very app has such a package.
func (a *auditor) storeVersions(i int, p schema.MsixPackage, set *packageSet) {
	for _, err := range p.Content.ValidateStore() {
		a.fail(packagePath(i), err.Error(), "Build it again, or name another file.")
	}
	if slices.ContainsFunc(set.entries, func(e *packageEntry) bool {
		return e.FileStatus != statusPendingUpload && strings.HasPrefix(e.facts.version, "0.")
	}) {
		return
	}
	if summary, detail := p.Content.Version0(); summary != "" {
		a.add(schema.SeverityWarning, packagePath(i), summary, detail)
	}
}

// bundleAgain refuses a single package for an app that has a bundle: Partner
// Center does, "once you have shipped a bundle" (reported by publishers in
// microsoft/WinUI-Gallery#2222, JitHubApp/JitHubV2#76 and microsoft/winappCli#517;
// no page of the API says so). An app that has both is proof of the contrary.
func (a *auditor) bundleAgain(i int, w *wantedPackage, set *packageSet) {
	if shapeOf(w.shapeName()) != shapeSingle {
		return
	}
	bundle := ""
	for _, e := range set.entries {
		if e.FileStatus == statusPendingUpload {
			continue
		}
		switch shapeOf(e.FileName) {
		case shapeSingle:
			return
		case shapeBundle:
			bundle = e.FileName
		case shapeUnknown:
		}
	}
	if bundle != "" {
		a.fail(packagePath(i), fmt.Sprintf("%s is a single package, and the Store has a bundle of the app: %s", w.spec.File, bundle),
			"Partner Center takes only bundles of an app that has one. Put the packages of all architectures into one .msixbundle (makeappx bundle), and name that.")
	}
}
