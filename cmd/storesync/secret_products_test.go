package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"
)

// The products of a secretWorld: of each kind one whose texts come from the
// environment, and one whose notes come from a file that is used for nothing else;
// and of apps a bare one, whose notes no manifest writes.
const (
	secretReader, secretReader2 = "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11", "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a12"
	secretReader3               = "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a13"
	secretApp, secretApp2       = "9NC0NT0S0N01", "9NC0NT0S0N02"
	secretApp3                  = "9NC0NT0S0N03"
	secretFlight, secretFlight2 = "5e2c9a1f-0000-4000-8000-000000000001", "5e2c9a1f-0000-4000-8000-000000000002"
)

// seed fills the Store with products whose texts are secrets. certification is
// how long a submission takes.
func (w *secretWorld) seed(certification string, outcomes ...string) {
	w.Helper()
	document := map[string]any{
		"pace": map[string]string{"packages": "0s", "modules": "0s", "certification": certification},
	}
	bareReader := map[string]any{"productId": secretReader3, "properties": map[string]any{"certificationNotes": w.secret("bare-reader live notes")}}
	bareApp := map[string]any{"appId": secretApp3, "submission": map[string]any{"notesForCertification": w.secret("bare-app live notes")}}
	msiExe := []any{bareReader, w.liveReader(secretReader, "reader live"), w.liveReader(secretReader2, "filed-reader live")}
	app, filed := w.liveApp("app live"), w.liveApp("filed-app live")
	app["appId"], filed["appId"] = secretApp, secretApp2
	addOn := map[string]any{"productId": "extra-storage", "productType": "Durable", "unchecked": true}
	addOn["submission"] = w.liveAddOn("extra live")
	app["addOns"] = []any{addOn}
	flights := []any{}
	for name, id := range map[string]string{"insiders": secretFlight, "filed": secretFlight2} {
		flights = append(flights, map[string]any{"flightId": id, "friendlyName": name, "groupIds": []string{"1"}, "unchecked": true,
			"submission": map[string]any{"notesForCertification": w.secret(name + " live notes")}})
	}
	app["flights"] = flights
	if outcomes != nil {
		// What an API knows for an end differs.
		document["outcomes"] = []string{"FAILED", "FAILED"}
		app["outcomes"], filed["outcomes"], bareApp["outcomes"], addOn["outcomes"] = outcomes, outcomes, outcomes, outcomes
		for _, flight := range flights {
			flight.(map[string]any)["outcomes"] = outcomes
		}
	}
	document["msiExe"], document["msix"] = msiExe, []any{app, filed, bareApp}
	w.check(w.store.Seed(w.json(document), nil))
}

func (w *secretWorld) json(document any) []byte {
	w.Helper()
	content, err := json.Marshal(document)
	w.check(err)
	return content
}

// liveReader is an MSI or EXE app as the Store shows it.
func (w *secretWorld) liveReader(id, name string) map[string]any {
	edit := w.readerEdit(name)
	edit["productId"], edit["unchecked"] = id, true
	return edit
}

// readerEdit are its secret fields: those that the manifests of both write.
func (w *secretWorld) readerEdit(name string) map[string]any {
	return map[string]any{
		"properties": map[string]any{"certificationNotes": w.secret(name + " notes")},
		"listings": []any{map[string]any{"language": "en-us", "description": w.secret(name + " description"), "shortDescription": "Read anything.",
			"additionalLicenseTerms": "None.", "contactInfo": w.secret(name + " contact"), "whatsNew": w.secret(name + " news")}},
		"packages": []any{map[string]any{"packageUrl": w.address("1.0.0/setup-x64.exe", name+" installer"), "languages": []string{"en"}, "architectures": []string{"X64"},
			"isSilentInstall": false, "installerParameters": w.secret(name + " parameters"), "packageType": "exe"}},
	}
}

func (w *secretWorld) liveApp(name string) map[string]any {
	return map[string]any{"unchecked": true, "submission": w.appEdit(name)}
}

// appEdit are the secret fields of an MSIX app.
func (w *secretWorld) appEdit(name string) map[string]any {
	return map[string]any{"notesForCertification": w.secret(name + " notes"), "listings": map[string]any{"en-us": map[string]any{"baseListing": map[string]any{
		"description": w.secret(name + " description"), "releaseNotes": w.secret(name + " changes"), "licenseTerms": w.secret(name + " terms")}}}}
}

func (w *secretWorld) liveAddOn(name string) map[string]any {
	return map[string]any{"tag": w.secret(name + " tag"), "listings": map[string]any{"en-us": map[string]any{
		"title": "Extra storage", "description": w.secret(name + " description")}}}
}

var notInNames = regexp.MustCompile(`[^A-Z0-9]+`)

// text is a secret as a manifest writes it: a variable of the environment, which
// is set, or in a world that hides nothing the text.
func (w *secretWorld) text(name string) string { return w.reference(name, w.secret(name)) }

func (w *secretWorld) reference(name, value string) string {
	if w.plain {
		return string(w.json(value))
	}
	variable := "STORE_" + notInNames.ReplaceAllString(strings.ToUpper(name), "_")
	w.environ[variable] = value
	return "{env: " + variable + "}"
}

// file is a file of a secret.
func (w *secretWorld) file(name string) string {
	file := strings.ReplaceAll(name, " ", "-") + ".txt"
	w.write(file, w.secret(name)+"\n")
	return "{file: " + file + "}"
}

// manifests write all secret fields, with new texts each round; rest are fields
// of the MSIX app beside them.
func (w *secretWorld) manifests(round, rest string) {
	w.Helper()
	w.write("storesync.yaml", "")
	w.picture("shot.png")
	w.write("apps.yaml", strings.Join([]string{
		fmt.Sprintf(`apiVersion: storesync/v1
kind: MsiExeApp
metadata: {name: reader}
spec:
  productId: %s
  properties: {certificationNotes: %s, supportContactInfo: %s}
  listings:
    en-us: {description: %s, contactInfo: %s, whatsNew: %s, shortDescription: Read everything.}
  packages:
    x64: {packageUrl: %s, packageType: exe, architecture: X64, languages: [en], isSilentInstall: false, installerParameters: %s}
`, secretReader, w.text("reader "+round+" notes"), w.reference("reader "+round+" support", w.address("support", "reader "+round+" support")),
			w.text("reader "+round+" description"), w.text("reader "+round+" contact"), w.text("reader "+round+" news"),
			w.reference("reader "+round+" installer", w.address("2.0.0/setup-x64.exe", "reader "+round+" installer")), w.text("reader "+round+" parameters")),
		fmt.Sprintf(`apiVersion: storesync/v1
kind: MsiExeApp
metadata: {name: filed-reader}
spec:
  productId: %s
  properties: {certificationNotes: %s}
  listings: {en-us: {description: %s, contactInfo: %[3]s, whatsNew: %[3]s}}
  packages:
    x64: {packageUrl: %[4]s, packageType: exe, architecture: X64, languages: [en], isSilentInstall: false, installerParameters: %[5]s}
`, secretReader2, w.file("filed-reader "+round+" notes"), w.text("filed-reader "+round+" description"),
			w.reference("filed-reader "+round+" installer", w.address("2.0.0/setup-x64.exe", "filed-reader "+round+" installer")), w.text("filed-reader "+round+" parameters")),
		fmt.Sprintf(`apiVersion: storesync/v1
kind: MsixApp
metadata: {name: app}
spec:
  appId: %s
  notesForCertification: %s
  listings: {en-us: {description: %s, releaseNotes: %s, licenseTerms: %s, title: Contoso %[1]s}}
%[6]s`, secretApp, w.text("app "+round+" notes"), w.text("app "+round+" description"), w.text("app "+round+" changes"), w.text("app "+round+" terms"), rest),
		fmt.Sprintf(`apiVersion: storesync/v1
kind: MsixApp
metadata: {name: filed-app}
spec:
  appId: %s
  notesForCertification: %s
  listings: {en-us: {description: %s, releaseNotes: %[3]s, licenseTerms: %[3]s}}
`, secretApp2, w.file("filed-app "+round+" notes"), w.text("filed-app "+round+" description")),
		fmt.Sprintf(`apiVersion: storesync/v1
kind: AddOn
metadata: {name: extra}
spec:
  app: %s
  productId: extra-storage
  productType: Durable
  tag: %s
  listings: {en-us: {title: Extra storage, description: %s}}
`, secretApp, w.text("extra "+round+" tag"), w.text("extra "+round+" description")),
		fmt.Sprintf("apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: insiders}\nspec: {app: %s, friendlyName: insiders, notesForCertification: %s}\n", secretApp, w.text("insiders "+round+" notes")),
		fmt.Sprintf("apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: filed}\nspec: {app: %s, friendlyName: filed, notesForCertification: %s}\n", secretApp, w.file("filed "+round+" notes")),
		secretBare,
	}, "---\n"))
}

// picture writes a picture, for which the Store hands out addresses to send it to.
func (w *secretWorld) picture(name string) {
	w.Helper()
	var content bytes.Buffer
	w.check(png.Encode(&content, image.NewPaletted(image.Rect(0, 0, 1366, 768), color.Palette{color.White})))
	w.write(name, content.String())
}

// secretBare are the manifests of the bare products.
const secretBare = `apiVersion: storesync/v1
kind: MsiExeApp
metadata: {name: bare-reader}
spec: {productId: ` + secretReader3 + `, listings: {en-us: {shortDescription: Read on., screenshots: [shot.png]}}}
---
apiVersion: storesync/v1
kind: MsixApp
metadata: {name: bare-app}
spec: {appId: ` + secretApp3 + `, listings: {en-us: {features: [Sync], images: {Screenshot: [{file: shot.png}]}}}}
`

// withoutSecrets are manifests that have dropped every secret field.
func (w *secretWorld) withoutSecrets() {
	w.Helper()
	w.write("apps.yaml", fmt.Sprintf(`apiVersion: storesync/v1
kind: MsiExeApp
metadata: {name: reader}
spec: {productId: %s, listings: {en-us: {shortDescription: Read everything.}}}
---
apiVersion: storesync/v1
kind: MsiExeApp
metadata: {name: filed-reader}
spec: {productId: %s, listings: {en-us: {shortDescription: Read it all.}}}
---
apiVersion: storesync/v1
kind: MsixApp
metadata: {name: app}
spec: {appId: %s, listings: {en-us: {title: Contoso %[3]s}}}
---
apiVersion: storesync/v1
kind: MsixApp
metadata: {name: filed-app}
spec: {appId: %s, visibility: Public}
---
apiVersion: storesync/v1
kind: AddOn
metadata: {name: extra}
spec: {app: %[3]s, productId: extra-storage, productType: Durable, listings: {en-us: {title: Extra storage}}}
---
apiVersion: storesync/v1
kind: PackageFlight
metadata: {name: insiders}
spec: {app: %[3]s, friendlyName: insiders, targetPublishMode: Immediate}
---
apiVersion: storesync/v1
kind: PackageFlight
metadata: {name: filed}
spec: {app: %[3]s, friendlyName: filed, targetPublishMode: Immediate}
---
`, secretReader, secretReader2, secretApp, secretApp2)+secretBare)
}

// edited is what somebody writes into the Store's secret fields.
func (w *secretWorld) edited(name string) {
	w.Helper()
	w.check(w.store.EditMsiExe(secretReader, w.json(w.readerEdit("reader "+name)), nil))
	w.check(w.store.EditMsiExe(secretReader2, w.json(w.readerEdit("filed-reader "+name)), nil))
	app := w.liveApp("app " + name)
	app["addOns"] = []any{map[string]any{"productId": "extra-storage", "unchecked": true, "submission": w.liveAddOn("extra " + name)}}
	flights := []any{}
	for flight, id := range map[string]string{"insiders": secretFlight, "filed": secretFlight2} {
		flights = append(flights, map[string]any{"flightId": id, "unchecked": true, "submission": map[string]any{"notesForCertification": w.secret(flight + " " + name + " notes")}})
	}
	app["flights"] = flights
	w.check(w.store.EditMsix(secretApp, w.json(app)))
	w.check(w.store.EditMsix(secretApp2, w.json(w.liveApp("filed-app "+name))))
}
