package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/storesync/storesync/reconcile/emulator"
)

// secretText is a text that nobody may read. Every few bytes of it are its own,
// and between them stands what escapes differ about.
func secretText(name string) string {
	sum := sha256.Sum256([]byte(name))
	r := hex.EncodeToString(sum[:])
	return fmt.Sprintf(`K%s & <%s> "%s+%s/ü Z%s`, r[:9], r[9:18], r[18:27], r[27:36], r[36:54])
}

// secretAddress is an address whose query nobody may read.
func secretAddress(file, name string) (whole, core string) {
	core = strings.NewReplacer(" ", "~", "<", "(", ">", ")", `"`, "'", "ü", "*").Replace(secretText(name))
	return "https://dl.contoso.example/" + file + "?" + core, core
}

// secretWorld is a Store and a workspace in which secrets stand wherever they
// may, and what has been written about them so far.
type secretWorld struct {
	*testing.T
	store   *emulator.Emulator
	folder  string
	environ map[string]string
	// values are the secrets by name; plain is true where the manifests write
	// them as they are, for which the scan has to find them.
	values map[string]string
	plain  bool

	mu   sync.Mutex
	scan *secretScan
	// said are words of the Store, each with what it says in their place.
	said []string
	// leaks are the outputs with what was found in them.
	leaks map[string][]string
	// outputs counts all, signatures those that the Store handed out.
	outputs, signatures int
	// snapshot copies the state folder when a request of this kind arrives.
	snapshot *regexp.Regexp
}

func newSecretWorld(t *testing.T, plain bool) *secretWorld {
	t.Helper()
	store, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &secretWorld{T: t, store: store, folder: t.TempDir(), plain: plain, values: map[string]string{},
		scan: newSecretScan(), leaks: map[string][]string{}}
	server := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(server.Close)
	token := store.Token()
	w.environ = map[string]string{
		envMsiExeEndpoint: server.URL, envMsixEndpoint: server.URL, envSellerID: embeddedSeller, "STORESYNC_ACCESS_TOKEN": token,
		envClient: "11111111-2222-4333-8444-555555555555", "AZURE_CLIENT_SECRET": secretText("client secret"),
	}
	w.scan.add("client secret", secretText("client secret"), secretText("client secret"))
	w.scan.add("access token", token, token[strings.Index(token, ".")+1:])
	return w
}

// secret makes a text of a name a secret and returns it.
func (w *secretWorld) secret(name string) string {
	text := secretText(name)
	w.keep(name, text, text)
	return text
}

// address is the same for an address.
func (w *secretWorld) address(file, name string) string {
	whole, core := secretAddress(file, name)
	w.keep(name, whole, core)
	return whole
}

func (w *secretWorld) keep(name, whole, core string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.values[name] = whole
	w.scan.add(name, whole, core)
}

var uploadSignature = regexp.MustCompile(`sig=([^&"\\ ]+)`)

// serve answers like the emulator. The signatures that it hands out are secrets
// from then on.
func (w *secretWorld) serve(response http.ResponseWriter, r *http.Request) {
	if w.snapshot != nil && w.snapshot.MatchString(r.Method+" "+r.URL.Path) {
		if err := os.CopyFS(w.folder+".killed", os.DirFS(filepath.Join(w.folder, stateFolder))); err != nil {
			w.Error(err)
		}
	}
	recorder := httptest.NewRecorder()
	w.store.ServeHTTP(recorder, r)
	body := recorder.Body.String()
	w.mu.Lock()
	if kind := recorder.Header().Get("Content-Type"); strings.Contains(kind, "json") {
		for _, found := range uploadSignature.FindAllStringSubmatch(body, -1) {
			signature, err := url.QueryUnescape(found[1])
			if err != nil {
				w.Error(err)
			}
			if !w.scan.known[signature] {
				w.signatures++
			}
			w.scan.add("upload signature", signature, signature)
		}
		for i := 0; i < len(w.said); i += 2 {
			body = strings.ReplaceAll(body, w.said[i], w.said[i+1])
		}
		body = strings.ReplaceAll(body, repeated, inJSON(w.repetition(r, recorder.Code), true))
	}
	w.mu.Unlock()
	for name, values := range recorder.Header() {
		if name != "Content-Length" {
			response.Header()[name] = values
		}
	}
	response.WriteHeader(recorder.Code)
	_, _ = response.Write([]byte(body))
}

// repeated stands in the Store's words for all secrets of the product that they
// are about.
const repeated = "(REPEATED)"

// repetition is what the Store may repeat of the product that a request is about:
// the token of one that is refused, and where there is a submission, what the manifest wrote into it, or
// the notes that stand in it. mu is held.
func (w *secretWorld) repetition(r *http.Request, status int) string {
	all, product := []string{}, ""
	if status >= 400 {
		all = append(all, w.environ["STORESYNC_ACCESS_TOKEN"])
	}
	for _, p := range []struct{ part, product string }{
		{secretReader, "reader"}, {secretReader2, "filed-reader"}, {secretReader3, "bare-reader"}, {secretFlight, "insiders"}, {secretFlight2, "filed"},
		{secretApp, "app"}, {secretApp2, "filed-app"}, {secretApp3, "bare-app"}, {"/inappproducts/", "extra"},
	} {
		if strings.Contains(r.URL.Path, p.part) {
			product = p.product
			break
		}
	}
	if r.Method == http.MethodGet && !strings.Contains(r.URL.Path, "/submissions/") {
		return strings.Join(all, "; ")
	}
	for name, value := range w.values {
		written := strings.Contains(name, " wanted ") || strings.HasPrefix(product, "bare") && strings.HasSuffix(name, " notes")
		if strings.HasPrefix(name, product+" ") && written {
			all = append(all, value)
		}
	}
	return strings.Join(all, "; ")
}

// says lets the Store say something in place of its own words.
func (w *secretWorld) says(pairs ...string) {
	for i := 1; i < len(pairs); i += 2 {
		pairs[i] = inJSON(pairs[i], true)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = pairs
}

// write writes a file of the workspace.
func (w *secretWorld) write(name, content string) {
	w.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, name), []byte(content), 0o600); err != nil {
		w.Fatal(err)
	}
}

// run carries out a command, searches what it writes, and returns its exit code
// and standard output.
func (w *secretWorld) run(command string, more ...string) (int, string) {
	w.Helper()
	code, out, stderr := w.quietly(command, more...)
	w.search(command+" (output)", out)
	w.search(command+" (errors)", stderr)
	return code, out
}

// quietly runs a command and searches nothing.
func (w *secretWorld) quietly(command string, more ...string) (code int, out, stderr string) {
	h, stdout, _ := testHost("HOME="+w.folder, "COLUMNS=100")
	// The log of requests and the progress write to it at the same time.
	errors := &screen{}
	h.err = errors
	for name, value := range w.environ {
		h.environ = append(h.environ, name+"="+value)
	}
	args := append(append([]string{"storesync"}, strings.Fields(command)...), more...)
	code = run(args, h)
	return code, stdout.String(), errors.String()
}

// search looks for secrets in an output.
func (w *secretWorld) search(name, output string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outputs++
	if found := w.scan.in(output); len(found) > 0 {
		w.leaks[name] = append(w.leaks[name], found...)
	}
}

// searchAll runs every command that only reads in every format it has, and
// searches all that is kept.
func (w *secretWorld) searchAll() {
	w.Helper()
	w.searchSaved()
	for _, format := range outputs(planFormats()) {
		w.run("plan --log-level debug --output "+string(format), w.folder)
	}
	w.run("drift", w.folder)
	for _, format := range outputs([]output{outputMarkdown, outputGitHub, outputSARIF}) {
		w.run("drift --unmanaged --output "+string(format), w.folder)
	}
	for _, format := range outputs(nil) {
		w.run("status --output "+string(format), w.folder)
	}
	w.searchFiles()
}

// searchMost is searchAll for a variation of a state: views that show the same
// plan or comparison are tried once, for reading the Store takes the time.
func (w *secretWorld) searchMost() {
	w.Helper()
	w.searchSaved()
	for _, command := range []string{"drift --unmanaged", "drift --unmanaged --output json", "status --output json"} {
		w.run(command, w.folder)
	}
	w.searchFiles()
}

// searchSaved saves a plan, and shows it in every format.
func (w *secretWorld) searchSaved() {
	w.Helper()
	saved := filepath.Join(w.folder, "plan.json")
	if _, _, stderr := w.quietly("plan --out "+saved, w.folder); stderr != "" {
		w.search("plan --out (errors)", stderr)
	}
	content, err := os.ReadFile(saved)
	w.check(err)
	w.search("the saved plan", string(content))
	for _, format := range outputs(planFormats()) {
		w.run("show --output "+string(format), saved)
	}
}

// searchFiles searches the records and journals.
func (w *secretWorld) searchFiles() {
	w.Helper()
	root := filepath.Join(w.folder, stateFolder)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		w.search("file "+strings.TrimPrefix(path, root), string(content))
		return err
	})
	w.check(err)
}

func (w *secretWorld) check(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// mustEnd runs a command that is to end with an exit code.
func (w *secretWorld) mustEnd(want int, command string, more ...string) string {
	w.Helper()
	code, out := w.run(command, more...)
	if code != want {
		_, _, stderr := w.quietly(command, more...)
		w.Errorf("%s ended with %d, want %d; once more it says\n%s%s", command, code, want, out, stderr)
	}
	return out
}

// killed puts the state folder back as it was when the snapshot was taken: a
// process that is killed writes nothing more.
func (w *secretWorld) killed() {
	w.Helper()
	w.check(os.RemoveAll(filepath.Join(w.folder, stateFolder)))
	w.check(os.Rename(w.folder+".killed", filepath.Join(w.folder, stateFolder)))
	w.snapshot = nil
}

// faults sets the fault script.
func (w *secretWorld) faults(match string, status int, message string) {
	w.Helper()
	body, err := json.Marshal(map[string]any{"code": "InvalidParameterValue", "message": message, "details": []any{}, "data": []any{}, "innererror": map[string]any{"data": []string{message}}})
	w.check(err)
	script, err := json.Marshal([]map[string]any{{"match": match, "times": -1, "action": "status", "status": status, "body": json.RawMessage(body)}})
	w.check(err)
	w.check(w.store.SetFaults(script))
}

// total counts outputs and spellings over all states.
type total struct{ outputs, spellings atomic.Int64 }

// report says what was found, and adds up.
func (w *secretWorld) report(sum *total) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	sum.outputs.Add(int64(w.outputs))
	sum.spellings.Add(int64(w.scan.spellings))
	w.Logf("%d outputs, %d secrets, %d spellings", w.outputs, len(w.scan.known), w.scan.spellings)
	for name, found := range w.leaks {
		w.Errorf("%s:\n  %s", name, strings.Join(found, "\n  "))
	}
}
