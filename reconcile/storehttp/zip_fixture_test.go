package storehttp

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// vault is blob storage with one blob, as strict as the real one about what
// uploads send: checksums, ids, lengths.
type vault struct {
	// fault answers instead of the vault when it returns true. body is what
	// came; nth counts the requests for the same block, from 1.
	fault func(w http.ResponseWriter, r *http.Request, body []byte, nth int) bool

	mu      sync.Mutex
	blocks  map[string][]byte
	order   []string       // block ids as they came first
	tries   map[string]int // by block id; "" is Put Blob, "list" Put Block List
	queries []string
	content []byte
	commits int
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		hangUp(nil, nil) // the sender broke off
	}
	// In memory, headers come as the client spelled them.
	header := http.Header{}
	for name, values := range r.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	r.Header = header
	id, comp := r.URL.Query().Get("blockid"), r.URL.Query().Get("comp")
	if comp == "blocklist" {
		id = "list"
	}
	v.mu.Lock()
	if v.tries == nil {
		v.tries, v.blocks = map[string]int{}, map[string][]byte{}
	}
	v.tries[id]++
	nth := v.tries[id]
	if nth == 1 && comp == "block" {
		v.order = append(v.order, id)
	}
	v.queries = append(v.queries, r.URL.RawQuery)
	v.mu.Unlock()
	if v.fault != nil && v.fault(w, r, body, nth) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if status, code := v.store(r, comp, id, body); code != "" {
		answer(status, "<Error><Code>"+code+"</Code><Message>It is "+code+".\nRequestId:r-1</Message></Error>", "x-ms-error-code: "+code)(w, r)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

func (v *vault) store(r *http.Request, comp, id string, body []byte) (int, string) {
	sum := md5.Sum(body)
	switch {
	case r.Method != http.MethodPut || r.Header.Get("Authorization") != "":
		return http.StatusBadRequest, "InvalidRequest"
	case comp != "blocklist" && r.Header.Get("Content-Md5") != base64.StdEncoding.EncodeToString(sum[:]):
		return http.StatusBadRequest, "Md5Mismatch"
	case comp == "":
		if r.Header.Get("X-Ms-Blob-Type") != "BlockBlob" {
			return http.StatusBadRequest, "MissingRequiredHeader"
		}
		v.content, v.commits = body, v.commits+1
	case comp == "block":
		for other := range v.blocks {
			if len(other) != len(id) {
				return http.StatusBadRequest, "InvalidBlobOrBlock"
			}
		}
		v.blocks[id] = body
	case comp == "blocklist":
		var list struct{ Latest []string }
		if err := xml.Unmarshal(body, &list); err != nil {
			return http.StatusBadRequest, "InvalidXmlDocument"
		}
		var whole [][]byte
		for _, id := range list.Latest {
			if v.blocks[id] == nil {
				return http.StatusBadRequest, "InvalidBlockList"
			}
			whole = append(whole, v.blocks[id])
		}
		v.content, v.commits = slices.Concat(whole...), v.commits+1
	}
	return 0, ""
}

// noise are bytes that do not compress, the same for the same seed.
func noise(seed byte, size int) []byte {
	out := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(out)
	return out
}

func entryOf(name string, content []byte, compressed bool) ZipEntry {
	sum := sha256.Sum256(content)
	return ZipEntry{
		Name: name, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Compressed: compressed,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

// packages are entries of four blocks in all.
func packages() []ZipEntry { return slices.Clone(madePackages()) }

var madePackages = sync.OnceValue(func() []ZipEntry {
	return []ZipEntry{
		entryOf(`packages\Contoso_1.2.0.0_x64.msix`, noise(1, 20<<20), true),
		entryOf("en-us/desktop/01-größe.png", noise(2, 100_000), true),
		entryOf("captions/en-us.vtt", []byte(strings.Repeat("WEBVTT Contoso Reader\n", 10_000)), false),
		entryOf("packages/Contoso_1.2.0.0_arm64.msix", noise(3, 6<<20), true),
		entryOf("empty.txt", nil, true),
	}
})

const zipSAS = "?sv=2017-04-17&sr=b&sig=SECRET+SIGNATURE%3D&se=2026-03-01T12%3A00%3A00Z&sp=rwl"
