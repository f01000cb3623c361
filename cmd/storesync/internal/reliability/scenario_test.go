//go:build linux

package reliability

import (
	"maps"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/backendtest"
)

const (
	readerID = backendtest.ReaderID
	notesID  = backendtest.NotesID
)

// files are a workspace's files by name; nil takes one away.
type files map[string][]byte

func with(all ...files) files {
	sum := files{}
	for _, one := range all {
		maps.Copy(sum, one)
	}
	return sum
}

// scenario is a Store and what git wants of it.
type scenario struct {
	name string
	seed string
	// before is applied first, undisturbed; nil: nothing was ever applied.
	before, wanted files
}

// seed is a Store with the given members. Certification takes long enough for the
// next run to see it.
func seed(members ...string) string {
	return `{"account": {"sellerId": "12345678"}, "pace": {"packages": "0s", "modules": "0s", "certification": "3s"}, ` + strings.Join(members, ", ") + `}`
}

const readerSeed = `"msiExe": [{"productId": "` + readerID + `", "languages": ["en-us", "de-de"], "unchecked": true}]`

// notesSeed is Contoso Notes; more are further members.
func notesSeed(more string) string {
	return `"msix": [{"appId": "` + notesID + `", "packageIdentityName": "` + backendtest.NotesIdentity + `", "publisherName": "` +
		backendtest.NotesPublisher + `", "languages": ["en-us", "de-de"], "unchecked": true` + more + `}]`
}

func reader(spec string) files { return files(backendtest.ReaderManifest(spec)) }
func app(spec string) files    { return files(backendtest.NotesManifest(spec)) }
func flight(spec string) files { return files(backendtest.FlightManifest(spec)) }
func addOn(spec string) files  { return files(backendtest.AddOnManifest(spec)) }

// scenarios are all kinds with all that can be done to each.
func scenarios(t *testing.T) []*scenario {
	t.Helper()
	images := files{"1.png": backendtest.PNG(t, 1366, 768, 1), "2.png": backendtest.PNG(t, 1920, 1080, 2)}
	packages := files{"x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64"), "arm64.msix": backendtest.NotesPackage(t, "2.1.0.0", "arm64")}
	const (
		german   = "  listings: {de-de: {whatsNew: \"Jetzt schneller.\"}}\n"
		storage  = "  listings: {en-us: {title: Extra storage, description: More room.}}\n"
		inFlight = `, "flights": [{"friendlyName": "Insiders"}]`
		extra    = `, "addOns": [{"productId": "extra-storage", "productType": "Durable"}]`
	)
	return []*scenario{
		{name: "MSI/EXE: texts", seed: seed(readerSeed), wanted: reader(german)},
		{name: "MSI/EXE: images", seed: seed(readerSeed), before: reader(german), wanted: with(images,
			reader("  listings: {de-de: {screenshots: [1.png, 2.png]}}\n"))},
		{name: "MSI/EXE: package, price, markets", seed: seed(readerSeed), before: reader(german), wanted: reader(
			"  availability: {markets: [US, CA], pricing: FREEMIUM}\n" +
				"  packages: {x64: {packageUrl: \"https://dl.contoso.example/2.0.0/setup.exe\", packageType: exe, architecture: X64, languages: [en], isSilentInstall: false, installerParameters: /quiet}}\n")},
		{name: "MSIX app: texts and images", seed: seed(notesSeed("")), wanted: with(images,
			app("  notesForCertification: {env: STORE_NOTES}\n  listings: {de-de: {releaseNotes: Schneller., images: {Screenshot: [1.png, 2.png]}}}\n"))},
		{name: "MSIX app: packages and rollout", seed: seed(notesSeed("")), before: app("  listings: {de-de: {releaseNotes: Neu.}}\n"), wanted: with(packages,
			app("  packages: [{file: x64.msix}, {file: arm64.msix}]\n  rollout: {percentage: 20}\n"))},
		{name: "MSIX app: step of a rollout", seed: seed(notesSeed(`, "rollout": {"percentage": 10}`)), wanted: app("  rollout: {percentage: 50}\n")},
		{name: "MSIX app: price and markets", seed: seed(notesSeed("")), wanted: app("  pricing: {priceId: Tier3}\n  markets: {all: true, except: [CN]}\n")},
		{name: "flight: new", seed: seed(notesSeed("")), wanted: with(packages, flight("  packages: [{file: x64.msix}]\n"))},
		{name: "flight: package", seed: seed(notesSeed(inFlight)), wanted: with(packages, flight("  packages: [{file: x64.msix}]\n"))},
		{name: "add-on: new", seed: seed(notesSeed("")), wanted: addOn("  contentType: OnlineDownload\n  pricing: {priceId: Tier2}\n" + storage)},
		{name: "add-on: price", seed: seed(notesSeed(extra)), wanted: addOn("  pricing: {priceId: Tier2}\n")},
		{name: "everything at once", seed: seed(readerSeed, notesSeed("")), before: reader(german), wanted: with(images, packages, reader("  listings: {de-de: {screenshots: [1.png]}}\n"),
			app("  listings: {de-de: {releaseNotes: Neu.}}\n"), flight("  packages: [{file: x64.msix}]\n"), addOn("  contentType: OnlineDownload\n  pricing: {priceId: Tier2}\n"+storage))},
	}
}
