package schema

import (
	"strings"
	"testing"
)

// What somebody meant for storesync is named, whatever is wrong with it.
func TestFilesMeantForUsAreNamed(t *testing.T) {
	const good = "apiVersion: storesync/v1\nkind: MsixApp\nmetadata: {name: two}\nspec: {appId: 9NC0NT0S0N02}\n"
	change := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	tests := map[string]struct{ content, want string }{
		"key in lower case":         {change("apiVersion", "apiversion"), `two.yaml:1:1: error: apiversion: unknown field "apiversion"`},
		"key in snake case":         {change("apiVersion", "api_version"), "two.yaml:1:1: error: apiVersion is missing"},
		"key mistyped":              {change("apiVersion", "apiVerson"), "Did you mean apiVersion?"},
		"no version":                {change("apiVersion: storesync/v1\n", ""), "two.yaml:1:1: error: apiVersion is missing"},
		"group in capitals":         {change("storesync/v1", "StoreSync/v1"), `two.yaml:1:13: error: apiVersion: "StoreSync/v1" is not supported`},
		"group mistyped":            {change("storesync/v1", "storsync/v1"), "two.yaml:1:13: error: apiVersion"},
		"version alone, foreign":    {change("storesync/v1", "v1"), "two.yaml:1:13: error: apiVersion"},
		"kind mistyped, no version": {change("apiVersion: storesync/v1\nkind: MsixApp", "kind: MsixApps"), `"MsixApps" is not supported`},
		"kind of another name":      {change("apiVersion: storesync/v1\nkind: MsixApp", "kind: App"), `two.yaml:1:7: error: kind: "App" is not supported`},
		"kind key in capitals":      {change("apiVersion: storesync/v1\nkind", "Kind"), "Did you mean kind?"},
		"spec alone":                {"appId: 9NC0NT0S0N02\nlistings: {}\n", "two.yaml:1:1: error: apiVersion, kind, metadata, spec are missing"},
		"add-on without a version":  {"kind: Addon\nmetadata: {name: two}\nspec: {app: notes, productId: a}\n", `"Addon" is not supported`},
		"inside a list":             {"- " + strings.ReplaceAll(good, "\n", "\n  ") + "\n", "two.yaml:1:1: error: a manifest must be a mapping, not a list"},
		"tab":                       {change("metadata:", "metadata:\n\tlabels:"), "two.yaml:4:1: error: not YAML"},
		"tab, wrong case":           {strings.Replace(change("metadata:", "metadata:\n\tlabels:"), "apiVersion", "APIVERSION", 1), "error: not YAML"},
		"colon forgotten":           {change("apiVersion:", "apiVersion"), "two.yaml:2:"},
		"one line of JSON":          {`{"kind":"MsixApp","metadata":{"name":"two"},"apiVersion":"storesync/v1","spec":{"appId":"9NC0NT0S0N02"`, "two.yaml:2:1: error: not YAML"},
		"indented and broken":       {"# ours\n---\n  " + strings.ReplaceAll(strings.TrimSpace(good), "\n", "\n  ") + "\n  x: [\n", "error: not YAML"},
		"line ends of old Macs":     {strings.ReplaceAll(good, "\n", "\r") + "x: [\r", "error: not YAML"},
		"UTF-16 without its mark":   {strings.Join(strings.Split(good, ""), "\x00") + "\x00", "error: not YAML"},
		"Latin-1":                   {good + "# caf\xe9\n", "error: not YAML"},
		"too large":                 {good + "# " + repeat("x", maxManifestBytes), "two.yaml: error: "},
		"second document":           {change("apiVersion: storesync/v1\n", "a: b\n---\n"), "two.yaml:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := folder(t, map[string]string{"app.yaml": msixManifest(""), "two.yaml": test.content})
			if _, text := loadIn(t, root, LoadOptions{Paths: []string{root}}); !strings.Contains(text, test.want) {
				t.Errorf("got:\n%s\nwant it to hold: %s", text, test.want)
			}
		})
	}
}

// Files of other tools are passed over in silence, broken or not.
func TestFilesOfOtherToolsAreNotNamed(t *testing.T) {
	files := map[string]string{
		"workflow.yml":        "name: publish\non: push\njobs:\n  plan:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: storesync/storesync@v1\n        with: {kind: MsixApp}\n",
		"docker-compose.yaml": "version: '3'\nservices:\n  store: {image: \"storesync/v1\"}\n",
		"deployment.yaml":     "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: 1}\n",
		"addon.yaml":          "apiVersion: k3s.cattle.io/v1\nkind: Addon\nmetadata: {name: a}\nspec: {source: x}\n",
		"list.yaml":           "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod}]\n",
		"chart/broken.yaml":   "apiVersion: apps/v1\nkind: {{ .Values.kind }}\nmetadata:\n\t{{ end }}\n",
		"chart/Chart.yaml":    "apiVersion: v2\nname: storesync\nversion: 1.0.0\n",
		"broken.yaml":         "a: [\n",
		"openapi.yaml":        "openapi: 3.0.0\ninfo: {title: Store}\npaths: {}\n",
		"package.yaml":        "appId: com.contoso.app\nlistings: x\n",
		"empty.yaml":          "",
		"comment.yaml":        "# apiVersion: storesync/v1\n# kind: MsixApp\n",
		"pnpm-lock.yaml":      "lockfileVersion: '9.0'\n" + repeat("# storesync\n", maxManifestBytes/10),
		"binary.yaml":         "\x00\x01\x02",
		"plan.json":           `{"formatVersion":"1.1","products":[{"kind":"MsixApp"}]}`,
		"schema.json":         `{"properties":{"apiVersion":{"const":"storesync/v1"},"kind":{}}}`,
		"notes.txt":           "apiVersion: storesync/v1\n",
		"app.yaml":            msixManifest(""),
	}
	root := folder(t, files)
	w, text := loadIn(t, root, LoadOptions{Paths: []string{root}})
	if text != "" || len(w.Manifests) != 1 {
		t.Errorf("%d manifests; diagnostics:\n%s", len(w.Manifests), text)
	}
}

// A manifest in a file of another name is not read, and that is said.
func TestManifestsOfOtherNamesAreNamed(t *testing.T) {
	second := strings.Replace(strings.Replace(msixManifest(""), "9NBLGGH4R315", "9NC0NT0S0N02", 1), "name: ", "name: second-", 1)
	root := folder(t, map[string]string{
		"app.yaml": msixManifest(""), "second.yaml.txt": second, "other.json": `{"apiVersion": "storesync/v1", "kind": "MsixApp", "metadata": {"name": "x"}, "spec": {}}`,
	})
	_, text := loadIn(t, root, LoadOptions{Paths: []string{root}})
	for _, want := range []string{"other.json:1:1: warning: holds a manifest that is not read\n", "second.yaml.txt:1:1: warning: holds a manifest that is not read\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("got:\n%s\nwant it to hold: %s", text, want)
		}
	}
}
