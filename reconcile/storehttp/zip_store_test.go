package storehttp_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/reconcile/storehttp/azuritetest"
)

// file is an entry and what must arrive.
type file struct {
	entry   storehttp.ZipEntry
	content []byte
}

func newFile(name string, content []byte, compressed bool) file {
	sum := sha256.Sum256(content)
	return file{content: content, entry: storehttp.ZipEntry{
		Name: name, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Compressed: compressed,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}}
}

func noise(size int) []byte {
	out := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(out)
	return out
}

// uploads are a ZIP that goes in one request and one of several blocks.
func uploads() map[string][]file {
	picture := newFile(`en-us\desktop\01.png`, noise(50_000), true)
	captions := newFile("captions/en-us.vtt", []byte(strings.Repeat("WEBVTT Contoso Reader\n", 1000)), false)
	return map[string][]file{
		"one request": {picture, captions},
		"blocks":      {newFile("packages/Contoso_1.2.0.0_x64.msix", noise(27<<20), true), picture, captions},
	}
}

func entries(files []file) []storehttp.ZipEntry {
	var out []storehttp.ZipEntry
	for _, f := range files {
		out = append(out, f.entry)
	}
	return out
}

// mustHold reads a ZIP back.
func mustHold(t *testing.T, archive []byte, files []file) {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, f := range files {
		want = append(want, fmt.Sprintf("%s %x", strings.ReplaceAll(f.entry.Name, `\`, "/"), sha256.Sum256(f.content)))
	}
	for _, f := range reader.File {
		sum := sha256.New()
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(sum, content); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %x", f.Name, sum.Sum(nil)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// transporter sends requests, as azcore and http.Client do.
type transporter interface {
	Do(*http.Request) (*http.Response, error)
}

func read(t *testing.T, client transporter, method, address, token string) (int, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

func TestUploadZipToTheEmulator(t *testing.T) {
	const app = "9NCONTOSO001"
	for name, files := range uploads() {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 2, 9, 7, 0, 0, 0, time.UTC)
			e, err := emulator.New(emulator.Options{Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			e.SeedMsixApp(app, []string{"en-us"})
			status, body := read(t, e, "POST", "https://store.contoso.example/v1.0/my/applications/"+app+"/submissions", e.Token())
			var submission struct{ FileUploadURL string }
			if err := json.Unmarshal(body, &submission); err != nil || submission.FileUploadURL == "" {
				t.Fatalf("create: %d %s", status, body)
			}
			address := storehttp.NewSASURL(submission.FileUploadURL)
			if err := storehttp.UploadZip(t.Context(), e, address, entries(files), nil); err != nil {
				t.Fatal(err)
			}
			status, stored := read(t, e, "GET", strings.ReplaceAll(submission.FileUploadURL, "+", "%2B"), "")
			if status != http.StatusOK {
				t.Fatalf("read back: %d %s", status, stored)
			}
			mustHold(t, stored, files)

			now = now.Add(48 * time.Hour)
			err = storehttp.UploadZip(t.Context(), e, address, entries(files), nil)
			if !storehttp.IsUploadRefused(err) || strings.Contains(err.Error(), "sig=") {
				t.Errorf("with an address that has run out: %v", err)
			}
		})
	}
}

// The protocol is what Azure's own emulator understands, in spite of faults on
// the way.
func TestUploadZipToAzurite(t *testing.T) {
	service := azuritetest.Start(t)
	credential, err := blob.NewSharedKeyCredential(azuritetest.Account, azuritetest.Key)
	if err != nil {
		t.Fatal(err)
	}
	folder := service + "/ingestion"
	owner, err := container.NewClientWithSharedKeyCredential(folder, credential, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	// signed is an address whose signature holds a +, sent bare as the Store does.
	signed := func(name string, life time.Duration) string {
		for i := range 1000 {
			client, err := blockblob.NewClientWithSharedKeyCredential(folder+"/"+name, credential, nil)
			if err != nil {
				t.Fatal(err)
			}
			address, err := client.GetSASURL(sas.BlobPermissions{Read: true, Write: true, Create: true}, time.Now().Add(life+time.Duration(i)*time.Second), nil)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(address, "%2B") {
				return strings.ReplaceAll(address, "%2B", "+")
			}
		}
		t.Fatal("no signature with a +")
		return ""
	}
	for name, files := range uploads() {
		t.Run(name, func(t *testing.T) {
			address := signed(strings.ReplaceAll(name, " ", "-")+".zip", time.Hour)
			faulty := &faultyTransport{}
			for range 2 { // a second upload replaces the first
				if err := storehttp.UploadZip(t.Context(), faulty, storehttp.NewSASURL(address), entries(files), nil); err != nil {
					t.Fatal(err)
				}
			}
			status, stored := read(t, http.DefaultClient, "GET", strings.ReplaceAll(address, "+", "%2B"), "")
			if status != http.StatusOK {
				t.Fatalf("read back: %d %s", status, stored)
			}
			mustHold(t, stored, files)
			if faulty.lost != 1 {
				t.Errorf("%d answers were lost, want 1", faulty.lost)
			}
		})
	}
	err = storehttp.UploadZip(t.Context(), nil, storehttp.NewSASURL(signed("late.zip", -2*time.Hour)), entries(uploads()["blocks"]), nil)
	if !storehttp.IsUploadRefused(err) || strings.Contains(err.Error(), "sig=") {
		t.Errorf("with an address that has run out: %v", err)
	}
}

// faultyTransport loses the answer to the request that makes the blob, once.
type faultyTransport struct{ lost int }

func (f *faultyTransport) Do(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultClient.Do(request)
	if err == nil && request.URL.Query().Get("comp") != "block" && f.lost == 0 {
		f.lost++
		response.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return response, err
}
