package storehttp

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	largeBytes = 5 << 30
	// ceiling is what an upload may take above the idle process.
	ceiling = 64 << 20
	// sinkEnv makes this test's binary the uploading process.
	sinkEnv = "STORESYNC_TEST_SINK"
)

// generated is a reader of size bytes that no disk holds: a page of noise again
// and again, with the number of the page in front.
type generated struct {
	page []byte
	at   int64
	size int64
}

func newGenerated(size int64) *generated { return &generated{page: noise(1, 1<<20), size: size} }

func (g *generated) Read(buffer []byte) (int, error) {
	if g.at == g.size {
		return 0, io.EOF
	}
	offset := g.at % int64(len(g.page))
	if offset == 0 {
		copy(g.page, strconv.FormatInt(g.at, 36)+"\n")
	}
	n := copy(buffer, g.page[offset:min(int64(len(g.page)), offset+g.size-g.at)])
	g.at += int64(n)
	return n, nil
}

func (g *generated) Close() error { return nil }

// sink takes blocks and keeps only what a ZIP is known by: its first bytes and
// its last block.
type sink struct {
	mu        sync.Mutex
	bytes     int64
	blocks    int
	first     []byte
	last      []byte
	committed bool
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var kept bytes.Buffer
	small := r.ContentLength < smallestBlock
	if small {
		_, _ = io.Copy(&kept, r.Body)
	} else {
		_, _ = io.CopyN(&kept, r.Body, 4096)
		_, _ = io.Copy(io.Discard, r.Body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.URL.Query().Get("comp") {
	case "block":
		s.blocks++
		s.bytes += r.ContentLength
		if bytes.HasPrefix(kept.Bytes(), []byte("PK\x03\x04")) {
			s.first = kept.Bytes()
		}
		if small {
			s.last = kept.Bytes()
		}
	case "blocklist":
		s.committed = true
	}
	w.WriteHeader(http.StatusCreated)
}

// ReadAt reads what was kept; the middle is zeros.
func (s *sink) ReadAt(buffer []byte, offset int64) (int, error) {
	clear(buffer)
	if offset < int64(len(s.first)) {
		copy(buffer, s.first[offset:])
	}
	begin := s.bytes - int64(len(s.last))
	for i := range buffer {
		if at := offset + int64(i) - begin; at >= 0 && at < int64(len(s.last)) {
			buffer[i] = s.last[at]
		}
	}
	if offset+int64(len(buffer)) > s.bytes {
		return int(max(0, s.bytes-offset)), io.EOF
	}
	return len(buffer), nil
}

// measured is what the uploading process says about itself, in bytes.
type measured struct{ Idle, Peak int64 }

// TestUploadZipMemory sends a package of 5 GB, which nobody holds in memory or
// on disk, from a process of its own, and asks how large that became. The race
// detector multiplies memory and time, so that run leaves it out.
func TestUploadZipMemory(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("takes some ten seconds; run without -short and -race")
	}
	s := &sink{}
	server := httptest.NewServer(s)
	defer server.Close()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestUploadZipMemoryProcess$", "-test.timeout=5m")
	command.Env = append(os.Environ(), sinkEnv+"="+server.URL)
	var output, stderr bytes.Buffer
	command.Stdout, command.Stderr = &output, &stderr
	begin := time.Now()
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, output.String(), stderr.String())
	}
	line, _, _ := strings.Cut(output.String(), "\n")
	var m measured
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		t.Fatalf("%v in %s", err, output.String())
	}
	t.Logf("%d blocks in %v; idle %d KiB, at most %d KiB more", s.blocks, time.Since(begin).Round(time.Millisecond), m.Idle>>10, (m.Peak-m.Idle)>>10)
	if grown := m.Peak - m.Idle; grown > ceiling || m.Idle == 0 {
		t.Errorf("it took %d bytes above the idle process' %d, at most %d are fine", grown, m.Idle, int64(ceiling))
	}
	if !s.committed || s.bytes < largeBytes {
		t.Errorf("%d bytes arrived, committed: %v", s.bytes, s.committed)
	}
	archive, err := zip.NewReader(s, s.bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, newGenerated(largeBytes)); err != nil {
		t.Fatal(err)
	}
	if file := archive.File[0]; file.UncompressedSize64 != largeBytes || file.Method != zip.Store || file.CRC32 != sum.Sum32() {
		t.Errorf("the directory says %d bytes, method %d, CRC %x", file.UncompressedSize64, file.Method, file.CRC32)
	}
}

// TestUploadZipMemoryProcess is the uploading process of TestUploadZipMemory.
func TestUploadZipMemoryProcess(t *testing.T) {
	address := os.Getenv(sinkEnv)
	if address == "" {
		t.Skip("run by TestUploadZipMemory")
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, newGenerated(largeBytes)); err != nil {
		t.Fatal(err)
	}
	entry := ZipEntry{
		Name: "packages/Contoso_1.2.0.0_x64.msix", Bytes: largeBytes, SHA256: hex.EncodeToString(sum.Sum(nil)), Compressed: true,
		Open: func() (io.ReadCloser, error) { return newGenerated(largeBytes), nil },
	}
	idle, err := footprint("VmRSS")
	if err != nil {
		t.Fatal(err)
	}
	if err := UploadZip(t.Context(), nil, NewSASURL(address+"/ingestion/app.zip"+zipSAS), []ZipEntry{entry}, func(_, _ int64) {}); err != nil {
		t.Fatal(err)
	}
	peak, err := footprint("VmHWM")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(measured{Idle: idle, Peak: peak}); err != nil {
		t.Fatal(err)
	}
}

// footprint is the process's memory: resident now (VmRSS) or at most (VmHWM) on
// Linux, elsewhere what Go's runtime has had from the system, which never falls.
func footprint(field string) (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.Sys), nil
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			kib, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("no " + field + " in /proc/self/status")
}
