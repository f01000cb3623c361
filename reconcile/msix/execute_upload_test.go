package msix

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// openText opens a file as a text that starts with its name.
func openText(name string) (io.ReadSeekCloser, error) {
	return nopCloser{strings.NewReader("content of " + name)}, nil
}

func uploadOf(name, as string) plan.Upload {
	content := "content of " + name
	sum := sha256.Sum256([]byte(content))
	return plan.Upload{Name: name, As: as, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
}

// waiting is a draft that waits for two files.
func waiting(t *testing.T) json.RawMessage {
	return json.RawMessage(draftWith(t, map[string]string{
		"/listings/en-us/baseListing/images/-": `{"fileName":"Assets\\en-us\\Screenshot\\new.png","fileStatus":"PendingUpload","id":"77","imageType":"Screenshot"}`,
		"/applicationPackages/-":               `{"fileName":"ContosoNotes_1.1.0.0_x64.msix","fileStatus":"PendingUpload","minimumDirectXVersion":"None","minimumSystemRam":"None"}`,
	}))
}

func uploadStep(address string, uploads ...plan.Upload) plan.Operation {
	return plan.Operation{ID: stepUpload, Verb: plan.VerbUpload, Method: http.MethodPut, Path: address, Uploads: uploads, Effect: plan.EffectDraft}
}

func TestUploadSendsWhatTheDraftWaitsFor(t *testing.T) {
	var body []byte
	var query string
	blob := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		query = r.URL.RawQuery
		if r.Method != http.MethodPut || r.Header.Get("X-Ms-Blob-Type") != "BlockBlob" || r.Header.Get("Authorization") != "" {
			t.Errorf("%s with %v", r.Method, r.Header)
		}
		w.WriteHeader(http.StatusCreated)
	}))
	defer blob.Close()
	b, _ := against(t, nil)
	image, app := uploadOf("images/new.png", "Assets/en-us/Screenshot/new.png"), uploadOf("dist/notes.msix", "ContosoNotes_1.1.0.0_x64.msix")
	var told reconcile.Progress
	result, err := b.Execute(t.Context(), reconcile.Call{
		Manifest: notes(schema.MsixApp{}), Operation: uploadStep(blob.URL+"/c/f?sig=a+b%2Bc", image, app),
		Outputs: map[string]json.RawMessage{stepDraft: json.RawMessage(draftWith(t, nil)), stepPut: waiting(t)},
		Open:    openText, Progress: func(p reconcile.Progress) { told = p },
	})
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, file := range archive.File {
		content, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		got[file.Name] = string(text)
	}
	want := map[string]string{"Assets/en-us/Screenshot/new.png": "content of images/new.png", "ContosoNotes_1.1.0.0_x64.msix": "content of dist/notes.msix"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ZIP (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"77": image.SHA256}, result.Stored); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(reconcile.Progress{Sent: image.Bytes + app.Bytes, Total: image.Bytes + app.Bytes}, told); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if !strings.Contains(query, "sig=a%2Bb%2Bc") {
		t.Errorf("the signature was sent as %s", query)
	}
}

func TestUploadRefusals(t *testing.T) {
	image, app := uploadOf("images/new.png", "Assets/en-us/Screenshot/new.png"), uploadOf("dist/notes.msix", "ContosoNotes_1.1.0.0_x64.msix")
	expired := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-ms-error-code", "AuthenticationFailed")
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code><Message>Signature not valid in the specified time frame</Message></Error>`)
	}))
	defer expired.Close()
	tests := []struct {
		name, address string
		uploads       []plan.Upload
		phrases       []string
		class         plan.Class
	}{
		{"ran out", "https://blob.contoso.example/c/f?se=2026-02-10T07%3A24%3A27Z&sig=SECRET", []plan.Upload{image, app}, []string{"ran out at 2026-02-10 07:24 UTC", "makes the draft anew"}, plan.ClassError},
		{"refused by the blob", expired.URL + "/c/f?sig=SECRET", []plan.Upload{image, app}, []string{"HTTP 403", "makes the draft anew"}, plan.ClassError},
		{"portal-made", "", []plan.Upload{image, app}, []string{"made in Partner Center"}, plan.ClassRefused},
		{"less than the draft waits for", "https://blob.contoso.example/c/f?sig=SECRET", []plan.Upload{image}, []string{"waits for the file ContosoNotes_1.1.0.0_x64.msix"}, plan.ClassError},
		{"no URL", "SECRET", []plan.Upload{image, app}, []string{"not a URL"}, plan.ClassError},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, _ := against(t, nil)
			b.now = func() time.Time { return time.Date(2026, 2, 10, 8, 0, 0, 0, time.UTC) }
			_, err := b.Execute(t.Context(), reconcile.Call{Manifest: notes(schema.MsixApp{}), Operation: uploadStep(test.address, test.uploads...),
				Outputs: map[string]json.RawMessage{stepPut: waiting(t)}, Open: openText})
			checkError(t, err, test.class, test.phrases...)
		})
	}
}

func TestUploadDoesNotFollowAnAddressIntoThisMachine(t *testing.T) {
	b, err := newBackend(Options{Account: "contoso", Credential: fixedToken{}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Execute(t.Context(), reconcile.Call{Manifest: notes(schema.MsixApp{}), Open: openText,
		Operation: uploadStep("http://127.0.0.1:9/metadata?sig=SECRET", uploadOf("a.png", "a.png"))})
	checkError(t, err, plan.ClassError, "127.0.0.1:9", "nothing was sent", "STORESYNC_UPLOAD_HOSTS")
	b, err = newBackend(Options{Account: "contoso", Credential: fixedToken{}, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Execute(t.Context(), reconcile.Call{Manifest: notes(schema.MsixApp{}), Open: openText,
		Operation: uploadStep("https://blob.contoso.example/c/f?sig=SECRET", uploadOf("a.png", "a.png"))})
	checkError(t, err, plan.ClassError, "only reads")
}

func TestPendingFilesAreThoseOfAllListings(t *testing.T) {
	d := parsed(t, string(waiting(t)))
	if err := d.set("/listings/en-us/platformOverrides/Windows81/images", json.RawMessage(`[{"fileName":"old.png","fileStatus":"PendingUpload"},{"fileName":"gone.png","fileStatus":"PendingDelete"}]`)); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range pendingFiles(d) {
		names = append(names, file.name)
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{`Assets\en-us\Screenshot\new.png`, "ContosoNotes_1.1.0.0_x64.msix", "old.png"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
