package storehttp

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func upload(t *testing.T, v *vault, entries []ZipEntry, progress func(sent, total int64)) error {
	t.Helper()
	return UploadZip(t.Context(), handlerTransport{v}, NewSASURL("https://blob.contoso.example/ingestion/app.zip"+zipSAS), entries, progress)
}

type unpacked struct {
	Name    string
	Method  uint16
	Flags   uint16
	Date    time.Time
	Content string
}

func unpack(t *testing.T, archive []byte) []unpacked {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var out []unpacked
	for _, file := range reader.File {
		content, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(content) // checks size and CRC-32
		if err != nil {
			t.Fatalf("%s: %v", file.Name, err)
		}
		out = append(out, unpacked{file.Name, file.Method, file.Flags, file.Modified, string(data)})
	}
	return out
}

func contentOf(t *testing.T, entry ZipEntry) string {
	t.Helper()
	content, err := entry.Open()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestUploadZip(t *testing.T) {
	small := packages()[1:3]
	tests := map[string]struct {
		entries  []ZipEntry
		blocks   int // 0: one Put Blob
		requests int
	}{
		"one request": {small, 0, 1},
		"blocks":      {packages(), 4, 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var archives [2][]byte
			for i := range archives {
				v := &vault{}
				if err := upload(t, v, test.entries, nil); err != nil {
					t.Fatal(err)
				}
				if len(v.blocks) != test.blocks || len(v.queries) != test.requests || v.commits != 1 {
					t.Errorf("%d blocks, %d requests, %d commits", len(v.blocks), len(v.queries), v.commits)
				}
				archives[i] = v.content
			}
			if !bytes.Equal(archives[0], archives[1]) {
				t.Error("the same entries made other bytes")
			}
			var want []unpacked
			first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
			for _, entry := range test.entries {
				e := unpacked{Name: strings.ReplaceAll(entry.Name, `\`, "/"), Method: zip.Store, Date: first, Content: contentOf(t, entry)}
				if strings.Contains(e.Name, "ö") {
					e.Flags = 0x800 // UTF-8
				}
				if !entry.Compressed {
					e.Method, e.Flags = zip.Deflate, 0x8 // sizes follow
				}
				want = append(want, e)
			}
			if diff := cmp.Diff(want, unpack(t, archives[0])); diff != "" {
				t.Errorf("(-want +got):\n%.2000s", diff)
			}
		})
	}
}

// The signature arrives as it was signed, however azblob writes a query.
func TestUploadZipSignatureOnTheWire(t *testing.T) {
	v := &vault{}
	server := http.NewServeMux()
	server.Handle("/", v)
	address, client := serveTLS(t, server)
	for _, entries := range [][]ZipEntry{packages(), packages()[1:2]} {
		if err := UploadZip(t.Context(), client, NewSASURL(address+"/ingestion/app.zip"+zipSAS), entries, nil); err != nil {
			t.Fatal(err)
		}
	}
	want, _ := url.ParseQuery(strings.ReplaceAll(zipSAS[1:], "+", "%2B"))
	if len(v.queries) != 6 {
		t.Errorf("%d requests", len(v.queries))
	}
	for _, query := range v.queries {
		if !strings.Contains(query, "sig=SECRET%2BSIGNATURE%3D") || strings.Contains(query, "+") {
			t.Errorf("query %s", query)
		}
		got, _ := url.ParseQuery(query)
		got.Del("comp")
		got.Del("blockid")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// A block that fails is sent again, alone.
func TestUploadZipResendsOneBlock(t *testing.T) {
	md5Mismatch := answer(400, "<Error><Code>Md5Mismatch</Code></Error>", "x-ms-error-code: Md5Mismatch")
	tests := map[string]http.HandlerFunc{
		"503":                answer(503, "<Error><Code>ServerBusy</Code></Error>"),
		"dropped":            hangUp,
		"429":                answer(429, "", "Retry-After: 30"),
		"damaged on the way": md5Mismatch,
		"no bytes are taken": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); hangUp(nil, nil) },
	}
	for name, fail := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vault{}
				v.fault = func(w http.ResponseWriter, r *http.Request, _ []byte, nth int) bool {
					v.mu.Lock()
					second := len(v.order) > 1 && r.URL.Query().Get("blockid") == v.order[1]
					v.mu.Unlock()
					if !second || nth > 2 {
						return false
					}
					fail(w, r)
					return true
				}
				if err := upload(t, v, packages(), nil); err != nil {
					t.Fatal(err)
				}
				var got []int
				for _, id := range v.order {
					got = append(got, v.tries[id])
				}
				if diff := cmp.Diff([]int{1, 3, 1, 1}, got); diff != "" || v.tries["list"] != 1 {
					t.Errorf("tries of each block (-want +got):\n%s", diff)
				}
				if len(unpack(t, v.content)) != len(packages()) {
					t.Error("the archive is not whole")
				}
			})
		})
	}
}

// A server may answer before it has read a block, whose buffer is used again
// later. Run with -race.
func TestUploadZipAnsweredEarly(t *testing.T) {
	v := &vault{}
	var mu sync.Mutex
	early := map[string]bool{}
	address, client := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		first := !early[r.URL.RawQuery]
		early[r.URL.RawQuery] = true
		mu.Unlock()
		if first {
			answer(503, "", "Retry-After-Ms: 1")(w, r)
			return
		}
		v.ServeHTTP(w, r)
	}))
	entries := []ZipEntry{entryOf("a.msix", noise(7, 40<<20), true)}
	if err := UploadZip(t.Context(), client, NewSASURL(address+"/ingestion/app.zip"+zipSAS), entries, nil); err != nil {
		t.Fatal(err)
	}
	if got := unpack(t, v.content); got[0].Content != contentOf(t, entries[0]) {
		t.Error("the content is another one")
	}
}

func TestUploadZipProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{fault: func(w http.ResponseWriter, r *http.Request, _ []byte, nth int) bool {
			if nth == 1 {
				answer(503, "")(w, r)
			}
			return nth == 1
		}}
		var last, total int64
		steps := 0
		err := upload(t, v, packages(), func(sent, all int64) {
			if sent <= last && steps > 0 || sent > all {
				t.Errorf("%d after %d of %d", sent, last, all)
			}
			last, total = sent, all
			steps++
		})
		var want int64
		for _, entry := range packages() {
			want += entry.Bytes
		}
		if err != nil || last != want || total != want || steps < 50 {
			t.Errorf("ended at %d of %d after %d steps, want %d: %v", last, total, steps, want, err)
		}
	})
}

// A file that is not what was planned is an error, and the blob stays as it was.
func TestUploadZipOfChangedFiles(t *testing.T) {
	content := noise(5, 10<<20)
	other := bytes.Clone(content)
	other[len(other)-1] ^= 1
	broken := errors.New("disk error")
	reader := func(content []byte) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	}
	opens := 0
	tests := map[string]struct {
		open func() (io.ReadCloser, error)
		want string
	}{
		"shorter":       {reader(content[1:]), "packages/a.msix changed its size since planning: plan again"},
		"longer":        {reader(append(bytes.Clone(content), 0)), "packages/a.msix changed its size since planning: plan again"},
		"other content": {reader(other), "packages/a.msix changed since planning: its content is another one; plan again"},
		"changes between the readings": {func() (io.ReadCloser, error) {
			opens++
			if opens%2 == 1 {
				return reader(content)()
			}
			return reader(other)()
		}, "packages/a.msix changed since planning: its content is another one; plan again"},
		"gone": {func() (io.ReadCloser, error) { return nil, broken }, "read packages/a.msix: disk error"},
		"broken": {func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(content[:9<<20]), failingReader{broken})), nil
		}, "read packages/a.msix: disk error"},
	}
	for name, test := range tests {
		for _, compressed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, compressed %v", name, compressed), func(t *testing.T) {
				opens = 0
				if !compressed && strings.Contains(name, "between") {
					opens = 1 // a deflated file is read once
				}
				v := &vault{}
				entry := entryOf(`packages\a.msix`, content, compressed)
				entry.Open = test.open
				err := upload(t, v, []ZipEntry{packages()[1], entry}, nil)
				if diff := cmp.Diff("upload the ZIP to blob.contoso.example: "+test.want, errText(err)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if v.commits != 0 || IsUnknownOutcome(err) || IsUploadRefused(err) {
					t.Errorf("%d commits, %v", v.commits, err)
				}
			})
		}
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func TestUploadZipErrors(t *testing.T) {
	expired := answer(403, "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request. sig=SECRET\nRequestId:r-1</Message>"+
		"<AuthenticationErrorDetail>Signature not valid in the specified time frame SECRET</AuthenticationErrorDetail></Error>", "x-ms-request-id: r-1", "x-ms-error-code: AuthenticationFailed")
	all := func(string) bool { return true }
	is := func(want string) func(string) bool { return func(id string) bool { return id == want } }
	blocks := func(id string) bool { return id != "list" }
	renew := "The upload address of a submission lives about a day. Run the same command again: it makes the draft anew, with a new address."
	tests := map[string]struct {
		answer  http.HandlerFunc
		which   func(id string) bool
		small   bool
		want    string
		refused bool
		unknown bool
		advice  string
	}{
		"expired": {
			answer: expired, which: blocks, refused: true, advice: renew,
			want: "upload block N of the ZIP to blob.contoso.example: HTTP 403 Forbidden: AuthenticationFailed: Server failed to authenticate the request. sig=REDACTED (correlation id r-1)",
		},
		"expired, one request": {
			answer: expired, which: all, small: true, refused: true, advice: renew,
			want: "upload the ZIP to blob.contoso.example: HTTP 403 Forbidden: AuthenticationFailed: Server failed to authenticate the request. sig=REDACTED (correlation id r-1)",
		},
		"expired before the end": {
			answer: expired, which: is("list"), refused: true, advice: renew,
			want: "put the blocks of the ZIP together at blob.contoso.example: HTTP 403 Forbidden: AuthenticationFailed: Server failed to authenticate the request. sig=REDACTED (correlation id r-1)",
		},
		"damaged again and again": {
			answer: answer(400, "<Error><Code>Md5Mismatch</Code><Message>The MD5 value did not match.</Message></Error>", "x-ms-error-code: Md5Mismatch"), which: blocks,
			want: "upload block N of the ZIP to blob.contoso.example: HTTP 400 Bad Request: Md5Mismatch: The MD5 value did not match.",
		},
		"a redirect": {
			answer: answer(307, "", "Location: https://evil.example/?sig=SECRET"), which: all,
			want: "upload block N of the ZIP to blob.contoso.example: HTTP 307 Temporary Redirect: the answer is a redirect, which is not followed",
		},
		"not blob storage": {
			answer: answer(200, "hello"), which: all,
			want: "upload block N of the ZIP to blob.contoso.example: the Store answered with a failure: the answer has status 200, which is not blob storage's",
		},
		"blocks dropped": {
			answer: hangUp, which: blocks, advice: "Check the network, the proxy settings (HTTPS_PROXY) and the endpoint.",
			want: "upload block N of the ZIP to blob.contoso.example: no answer: unexpected EOF",
		},
		"blocks stall": {
			answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); hangUp(nil, nil) }, which: blocks,
			advice: "Check the network, the proxy settings (HTTPS_PROXY) and the endpoint.",
			want:   "upload block N of the ZIP to blob.contoso.example: no answer: the connection took no data for 2m0s",
		},
		"the end is in doubt": {
			answer: hangUp, which: is("list"), unknown: true, advice: "Run the same command again: it reads the Store first and goes on from what is there.",
			want: "put the blocks of the ZIP together at blob.contoso.example: no answer: unexpected EOF; it may have been carried out all the same",
		},
		"the end takes too long": {
			answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); hangUp(nil, nil) }, which: is("list"),
			unknown: true, advice: "Run the same command again: it reads the Store first and goes on from what is there.",
			want: "put the blocks of the ZIP together at blob.contoso.example: no answer: unexpected EOF; it may have been carried out all the same",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vault{fault: func(w http.ResponseWriter, r *http.Request, _ []byte, _ int) bool {
					id := r.URL.Query().Get("blockid")
					if r.URL.Query().Get("comp") == "blocklist" {
						id = "list"
					}
					if test.which(id) {
						test.answer(w, r)
						return true
					}
					return false
				}}
				entries := packages()
				if test.small {
					entries = entries[1:2]
				}
				err := upload(t, v, entries, nil)
				got := errText(err)
				for n := range 9 {
					got = strings.Replace(got, fmt.Sprintf("block %d of", n), "block N of", 1)
				}
				if diff := cmp.Diff([]string{test.want, test.advice}, []string{got, Advice(err)}); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				mustNotHold(t, fmt.Sprintf("%v %+v %#v", err, err, err), "SECRET")
				if v.commits != 0 || IsUploadRefused(err) != test.refused || IsUnknownOutcome(err) != test.unknown || IsAuth(err) {
					t.Errorf("%d commits, refused %v, unknown %v, auth %v", v.commits, IsUploadRefused(err), IsUnknownOutcome(err), IsAuth(err))
				}
			})
		})
	}
}

// An end that was carried out although its answer was lost is not in doubt.
func TestUploadZipLostAnswerOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{}
		v.fault = func(_ http.ResponseWriter, r *http.Request, body []byte, nth int) bool {
			if r.URL.Query().Get("comp") == "blocklist" && nth == 1 {
				v.mu.Lock()
				v.store(r, "blocklist", "list", body)
				v.mu.Unlock()
				hangUp(nil, nil)
			}
			return false
		}
		if err := upload(t, v, packages(), nil); err != nil || len(unpack(t, v.content)) != len(packages()) {
			t.Error(err)
		}
	})
}

func TestUploadZipCancelled(t *testing.T) {
	signal := errors.New("stopped by a signal")
	for name, at := range map[string]int{"at once": 0, "at the first block": 1, "at the last one": 4} {
		t.Run(name, func(t *testing.T) {
			// The bubble also shows that nothing goes on after the return.
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				v := &vault{}
				v.fault = func(_ http.ResponseWriter, r *http.Request, _ []byte, _ int) bool {
					v.mu.Lock()
					due := len(v.order) == at
					v.mu.Unlock()
					if due {
						cancel(signal)
						hangUp(nil, nil)
					}
					return false
				}
				if at == 0 {
					cancel(signal)
				}
				err := UploadZip(ctx, handlerTransport{v}, NewSASURL("https://blob.contoso.example/ingestion/app.zip"+zipSAS), packages(), nil)
				if diff := cmp.Diff("upload the ZIP to blob.contoso.example: stopped by a signal", errText(err)); diff != "" || !errors.Is(err, signal) {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if v.commits != 0 || v.tries["list"] != 0 || IsUnknownOutcome(err) {
					t.Errorf("%d commits, %d lists, unknown %v", v.commits, v.tries["list"], IsUnknownOutcome(err))
				}
			})
		})
	}
}

func TestUploadZipRefusesBadEntries(t *testing.T) {
	entry := func(name string) ZipEntry { return entryOf(name, []byte("x"), true) }
	undigested := entry("a.msix")
	undigested.SHA256 = ""
	tests := map[string]struct {
		entries []ZipEntry
		target  string
		want    string
	}{
		"none":         {nil, "", "there is no file to send"},
		"no name":      {[]ZipEntry{entry("")}, "", `the file name "" is not a plain relative path: rename the file`},
		"above":        {[]ZipEntry{entry(`..\a.msix`)}, "", `the file name "..\\a.msix" is not a plain relative path: rename the file`},
		"inside above": {[]ZipEntry{entry("a/../../b")}, "", `the file name "a/../../b" is not a plain relative path: rename the file`},
		"absolute":     {[]ZipEntry{entry(`\a.msix`)}, "", `the file name "\\a.msix" is not a plain relative path: rename the file`},
		"drive":        {[]ZipEntry{entry(`C:\a.msix`)}, "", `the file name "C:\\a.msix" is not a plain relative path: rename the file`},
		"folder":       {[]ZipEntry{entry("a/")}, "", `the file name "a/" is not a plain relative path: rename the file`},
		"not UTF-8":    {[]ZipEntry{entry("a\xff")}, "", `the file name "a" cannot be in a ZIP: rename the file`},
		"twice":        {[]ZipEntry{entry("a/b.png"), entry(`A\B.png`)}, "", "two files are called A/B.png: rename one"},
		"no digest":    {[]ZipEntry{undigested}, "", "a.msix was planned without its digest: plan again"},
		"plain http":   {[]ZipEntry{entry("a")}, "http://blob.contoso.example/a" + zipSAS, "the Store's upload address is plain http, which is accepted on loopback only: use https"},
		"broken query": {[]ZipEntry{entry("a")}, "https://blob.contoso.example/a?sig=SECRET;x", "the Store's upload address has a broken query"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := &vault{}
			address := "https://blob.contoso.example/ingestion/app.zip" + zipSAS
			if test.target != "" {
				address = test.target
			}
			err := UploadZip(t.Context(), handlerTransport{v}, NewSASURL(address), test.entries, nil)
			if diff := cmp.Diff("upload the ZIP to blob.contoso.example: "+test.want, errText(err)); diff != "" || len(v.queries) != 0 {
				t.Errorf("%d requests (-want +got):\n%s", len(v.queries), diff)
			}
			mustNotHold(t, errText(err), "SECRET")
		})
	}
}

func TestBlockSize(t *testing.T) {
	const gib = 1 << 30
	for _, test := range []struct{ total, want int64 }{
		{0, 0}, {1, 1}, {8 << 20, 8 << 20}, {8<<20 + 1, 8 << 20}, {25 * gib, 8 << 20},
		{50_000 * 8 << 20, 8 << 20}, {50_000*8<<20 + 1, 9 << 20}, {50_000 * 64 << 20, 64 << 20},
		{50_000*64<<20 + 1, -1}, {-1, -1},
	} {
		got, err := blockSize(test.total)
		if err != nil {
			got = -1
		}
		if got != test.want {
			t.Errorf("%d bytes: blocks of %d, want %d (%v)", test.total, got, test.want, err)
		}
		if got > 0 && (test.total+got-1)/got > 50_000 {
			t.Errorf("%d bytes make too many blocks of %d", test.total, got)
		}
	}
}

// The size is chosen before the ZIP is made, from a bound that must hold.
func TestZipBound(t *testing.T) {
	for name, entries := range map[string][]ZipEntry{
		"several":        packages()[1:],
		"incompressible": {entryOf("noise.bin", noise(9, 3<<20), false)},
		"tiny":           {entryOf("a", []byte("a"), false), entryOf("b", nil, false)},
	} {
		v := &vault{}
		if err := upload(t, v, entries, nil); err != nil {
			t.Fatal(err)
		}
		if got, bound := int64(len(v.content)), zipBound(entries); got > bound {
			t.Errorf("%s: %d bytes, the bound was %d", name, got, bound)
		}
	}
}
