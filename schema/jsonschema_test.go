package schema

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v3"
)

// resolvedSchema is made once, since every test that loads a manifest asks it.
var resolvedSchema = sync.OnceValues(func() (*jsonschema.Resolved, error) {
	var s jsonschema.Schema
	if err := json.Unmarshal(JSONSchema(), &s); err != nil {
		return nil, err
	}
	return s.Resolve(nil)
})

// editorSchema is the JSON Schema as an editor uses it.
func editorSchema(t testing.TB) *jsonschema.Resolved {
	t.Helper()
	resolved, err := resolvedSchema()
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// instance is a YAML document as JSON, read as editors do: a time is a text.
func instance(t testing.TB, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.AliasNode:
		return instance(t, n.Alias)
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			object[n.Content[i].Value] = instance(t, n.Content[i+1])
		}
		return object
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, instance(t, item))
		}
		return list
	}
	var value any
	if tag := n.ShortTag(); tag != "!!bool" && tag != "!!int" && tag != "!!float" && tag != "!!null" {
		return n.Value
	}
	if err := n.Decode(&value); err != nil {
		t.Fatal(err)
	}
	if whole, ok := value.(int); ok {
		return float64(whole)
	}
	return value
}

// judge is what the schema says of each document, nil for those that it accepts.
func judge(t testing.TB, resolved *jsonschema.Resolved, content string) []error {
	t.Helper()
	documents, broken := parseDocuments("app.yaml", []byte(content))
	if broken != nil {
		t.Fatal(broken)
	}
	var verdicts []error
	for _, n := range slices.Sorted(maps.Keys(documents)) {
		verdicts = append(verdicts, resolved.Validate(instance(t, documents[n])))
	}
	return verdicts
}

// Everything that the tests and pages call a manifest is one to editors.
func TestEditorsAcceptManifests(t *testing.T) {
	resolved := editorSchema(t)
	manifests := map[string]string{
		"MsiExeApp": fullManifest, "MsixApp": fullMsixManifest, "AddOn": fullAddOnManifest, "PackageFlight": fullFlightManifest,
		"absent, with what is not looked at": strings.NewReplacer("state: present", "state: absent", "lifetime: OneYear", "lifetime: 12").Replace(fullAddOnManifest),
		"variables":                          addOnManifest("  productId: \"${var:a}: b\"\n  visibility: ${var:visibility}\n  keywords: [\"${var:" + repeat("k", 40) + "}\"]\n  markets: [\"${var:market}\"]\n"),
		"a long block":                       addOnManifest("  productId: a\n  tag: |\n    " + repeat("t", 3000) + "\n"),
	}
	maps.Copy(manifests, exampleManifests(t))
	maps.Copy(manifests, pageManifests(t))
	for name, content := range manifests {
		for i, err := range judge(t, resolved, content) {
			if err != nil {
				t.Errorf("%s, document %d: %v", name, i, err)
			}
		}
	}
}

// exampleManifests are the manifests below examples/.
func exampleManifests(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "examples", "*", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if textOutline(content).ours() {
			found[file] = string(content)
		}
	}
	if len(found) < 2 {
		t.Fatalf("found only %d example manifests", len(found))
	}
	return found
}

var yamlBlock = regexp.MustCompile("(?ms)^```yaml( spec| msix)?\n(.*?)^```$")

// pageManifests are the manifests in the blocks of the pages.
func pageManifests(t *testing.T) map[string]string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join("..", "docs", "manifest*.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, page := range pages {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range yamlBlock.FindAllStringSubmatch(string(content), -1) {
			text, indented := match[2], "  "+strings.ReplaceAll(strings.TrimSuffix(match[2], "\n"), "\n", "\n  ")+"\n"
			switch match[1] {
			case " spec":
				text = manifest(indented)
			case " msix":
				text = msixManifest(indented)
			}
			found[page+"\n"+match[2]] = text
		}
	}
	if len(found) < 10 {
		t.Fatalf("found only %d manifests in the pages", len(found))
	}
	return found
}

// What Load or Validate refuses without looking at a file, an editor marks too.
func TestEditorsMarkMistakes(t *testing.T) {
	msi, msix, addOn, flight := manifest, msixManifest, addOnManifest, flightManifest
	found := func(spec string) string { return addOn("  productId: a\n" + spec) }
	tests := map[string]string{
		"version":                         strings.Replace(msi(""), "v1", "v2", 1),
		"kind":                            strings.Replace(msi(""), "MsiExeApp", "MsiApp", 1),
		"field at the top":                msi("") + "status: {}\n",
		"no spec":                         "apiVersion: storesync/v1\nkind: AddOn\nmetadata: {name: a}\n",
		"name":                            strings.Replace(msi(""), "name: reader", "name: ../reader", 1),
		"no name":                         strings.Replace(msi(""), "name: reader", "labels: {}", 1),
		"label":                           strings.Replace(msi(""), "name: reader", "name: reader, labels: {a: b c}", 1),
		"label key":                       strings.Replace(msi(""), "name: reader", "name: reader, labels: {\"a b\": c}", 1),
		"metadata":                        strings.Replace(msi(""), "name: reader", "name: reader, namespace: x", 1),
		"guard":                           strings.Replace(msi(""), "name: reader", "name: reader, protect: [delete-app]", 1),
		"guard twice":                     strings.Replace(msi(""), "name: reader", "name: reader, protect: [mass-change, mass-change]", 1),
		"state":                           strings.Replace(found(""), "name: themes", "name: themes, state: gone", 1),
		"absent app":                      strings.Replace(msix(""), "name: notes", "name: notes, state: absent", 1),
		"absent, not found":               strings.Replace(addOn("  lifetime: Forever\n"), "name: themes", "name: themes, state: absent", 1),
		"absent, mistyped":                strings.Replace(found("  lifetme: Forever\n"), "name: themes", "name: themes, state: absent", 1),
		"null":                            msi("  availability: ~\n"),
		"unknown field":                   msi("  availability: {price: 1}\n"),
		"list for a mapping":              msi("  availability: []\n"),
		"number for a text":               msi("  listings: {de: {copyright: 2026}}\n"),
		"text for a boolean":              msi("  removeUnlistedLanguages: \"true\"\n"),
		"value set":                       msi("  availability: {pricing: free}\n"),
		"long text":                       msi("  listings: {de: {copyright: " + repeat("c", 202) + "}}\n"),
		"long item":                       msi("  listings: {de: {searchTerms: [" + repeat("c", 31) + "]}}\n"),
		"too many items":                  msi("  listings: {de: {searchTerms: [a, b, c, d, e, f, g, h]}}\n"),
		"empty item":                      msi("  listings: {de: {searchTerms: [\"\"]}}\n"),
		"language":                        msi("  listings: {de_de: {}}\n"),
		"language of the other":           msi("  listings: {es-021: {}}\n"),
		"language for a variable":         msi("  languages: [\"${var:version}\"]\n  listings: {\"*\": {}}\n"),
		"no listing":                      msi("  listings: {}\n"),
		"no screenshot":                   msi("  listings: {de: {screenshots: []}}\n"),
		"text of two sources":             msi("  listings: {de: {copyright: {file: a, env: STORE_A}}}\n"),
		"optional variable":               msi("  listings: {de: {copyright: {env: STORE_A, optional: true}}}\n"),
		"text of no source":               msi("  listings: {de: {copyright: {optional: true}}}\n"),
		"market":                          msi("  availability: {markets: [UK]}\n"),
		"market twice":                    msi("  availability: {markets: [US, US]}\n"),
		"no market":                       msi("  availability: {markets: []}\n"),
		"markets but not all":             msi("  availability: {markets: {all: false}}\n"),
		"no package":                      msi("  packages: {}\n"),
		"package without type":            msi("  packages: {a: {architecture: X64}}\n"),
		"package digest":                  msi("  packages: {a: {architecture: X64, packageType: exe, sha256: abc}}\n"),
		"scenario":                        msi("  packages: {a: {architecture: X64, packageType: exe, errorDetails: {never: []}}}\n"),
		"hardware":                        msi("  properties: {isSystemFeatureRequired: {NFC: {}}}\n"),
		"guid":                            strings.Replace(msi(""), "6f1c0b1e", "6f1c0b1", 1),
		"Store ID":                        strings.Replace(msix(""), "9NBLGGH4R315", "9NBLGGH4R3155", 1),
		"no Store ID":                     strings.Replace(msix(""), "9NBLGGH4R315", `""`, 1),
		"a field of MSI apps":             msix("  availability: {}\n"),
		"category":                        msix("  applicationCategory: Games_RolePlaying\n"),
		"base price":                      msix("  pricing: {priceId: Base}\n"),
		"price":                           msix("  pricing: {marketSpecificPricings: {US: Cheap}}\n"),
		"price of no market":              msix("  pricing: {marketSpecificPricings: {us: Free}}\n"),
		"time":                            msix("  targetPublishMode: SpecificDate\n  targetPublishDate: tomorrow\n"),
		"hardware twice":                  msix("  hardwarePreferences: [Touch, Touch]\n"),
		"players":                         msix("  gamingOptions: [{localMultiplayerMinPlayers: 0}]\n"),
		"half a player":                   msix("  gamingOptions: [{localMultiplayerMinPlayers: 1.5}]\n"),
		"two games":                       msix("  gamingOptions: [{}, {}]\n"),
		"device family":                   msix("  allowTargetFutureDeviceFamilies: {Phone: true}\n"),
		"image type":                      msix("  listings: {de: {images: {Logo: []}}}\n"),
		"package without file":            msix("  packages: [{version: 1.0.0.0}]\n"),
		"package as a path":               msix("  packages: [a.msix]\n"),
		"package version":                 msix("  packages: [{file: a.msix, version: 1.0.0, architecture: x64}]\n"),
		"package architecture":            msix("  packages: [{file: a.msix, version: 1.0.0.0, architecture: amd64}]\n"),
		"percentage 0":                    msix("  rollout: {percentage: 0}\n"),
		"percentage 101":                  msix("  rollout: {percentage: 101}\n"),
		"percentage in quotes":            msix("  rollout: {percentage: \"10\"}\n"),
		"two steps":                       msix("  rollout: {percentage: 10, finalized: true}\n"),
		"no step":                         msix("  rollout: {}\n"),
		"step denied":                     msix("  rollout: {halted: false}\n"),
		"trailer for all":                 msix("  trailers: [{videoFile: a.mp4, trailerAssets: {\"*\": {}}}]\n"),
		"no app":                          strings.Replace(found(""), "  app: 9NBLGGH4R315\n", "", 1),
		"empty app":                       strings.Replace(found(""), "9NBLGGH4R315", `""`, 1),
		"neither id nor name":             addOn("  productType: Durable\n"),
		"add-on id":                       addOn("  id: themes\n"),
		"product id":                      addOn("  productId: \"a:b\"\n"),
		"long product id":                 addOn("  productId: " + repeat("p", 101) + "\n"),
		"product type":                    found("  productType: Subscription\n"),
		"empty product type":              found("  productType: \"\"\n"),
		"content type":                    found("  contentType: ASP\n"),
		"lifetime":                        found("  lifetime: TenYears\n"),
		"eleven keywords":                 found("  keywords: [a, b, c, d, e, f, g, h, i, j, k]\n"),
		"long tag":                        found("  tag: " + repeat("t", 3002) + "\n"),
		"trial of an add-on":              found("  pricing: {trialPeriod: OneDay}\n"),
		"icon as the API has it":          found("  listings: {de: {icon: {fileName: a.png}}}\n"),
		"long title":                      found("  listings: {de: {title: " + repeat("t", 102) + "}}\n"),
		"neither id nor name of a flight": flight("  groupIds: [\"1\"]\n"),
		"flight id":                       flight("  id: Beta\n"),
		"group as a number":               flight("  friendlyName: a\n  groupIds: [1]\n"),
		"group twice":                     flight("  friendlyName: a\n  groupIds: [\"1\", \"1\"]\n"),
		"listings of a flight":            flight("  friendlyName: a\n  listings: {de: {}}\n"),
		"no packages of a flight":         flight("  friendlyName: a\n  packages: []\n"),
	}
	resolved := editorSchema(t)
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			w, text := load(t, content, nil)
			if !strings.Contains(text, ": error: ") {
				t.Errorf("Load and Validate accept it: %s\n%v", text, w.Manifests)
			}
			if verdicts := judge(t, resolved, content); len(verdicts) != 1 || verdicts[0] == nil {
				t.Errorf("the schema accepts it:\n%s", content)
			}
		})
	}
}

// Every field of every type is described, nothing else is, and closed sets are
// those of the facts.
func TestEveryFieldIsDescribed(t *testing.T) {
	facts := fieldFactsOf()
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	check := func(typ reflect.Type) {
		names := fieldNames(typ)
		for _, name := range names {
			if facts[typ][name].about == "" {
				t.Errorf("%s.%s is not described", typ.Name(), name)
			}
		}
		for name := range facts[typ] {
			if !slices.Contains(names, name) {
				t.Errorf("%s has no field %s", typ.Name(), name)
			}
		}
		for _, name := range names {
			field, _ := fieldByName(typ, name)
			walk(field.Type)
		}
	}
	walk = func(typ reflect.Type) {
		switch typ {
		case reflect.TypeFor[Text](), reflect.TypeFor[Markets](), reflect.TypeFor[Image](), reflect.TypeFor[MediaFile]():
			return // forms of their own
		}
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem())
		case reflect.Struct:
			if !seen[typ] {
				seen[typ] = true
				check(typ)
			}
		}
	}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[Metadata](), reflect.TypeFor[MsiExeApp](), reflect.TypeFor[MsixApp](), reflect.TypeFor[AddOn](), reflect.TypeFor[PackageFlight](),
	} {
		walk(typ)
	}
	for typ := range facts {
		if !seen[typ] {
			t.Errorf("no manifest holds a %s", typ.Name())
		}
	}
}

// The schema is the same every time, and names the draft that editors know it by.
func TestJSONSchemaIsStable(t *testing.T) {
	first := string(JSONSchema())
	if first != string(JSONSchema()) {
		t.Error("two calls give two schemas")
	}
	if !strings.HasPrefix(first, "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n") || !strings.HasSuffix(first, "}\n") {
		t.Errorf("the schema begins with %.100s", first)
	}
	if len(first) > 200_000 {
		t.Errorf("the schema has %d bytes", len(first))
	}
}
