// Package backendtest is the contract suite that every backend runs, and the
// bench that tests use: an engine with a real backend against the emulator,
// with manifests in a folder and records in files. It holds no product code.
package backendtest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// Files are a workspace's files by slash-separated name.
type Files map[string][]byte

// Backends makes the backends of a bench; readOnly is as in reading commands.
type Backends func(t testing.TB, store *emulator.Emulator, readOnly bool) map[schema.Kind]reconcile.Backend

// Bench is one workspace against one emulated Store.
type Bench struct {
	Emulator *emulator.Emulator
	Records  record.Store
	// Folder is the workspace root.
	Folder string
	// Env is what {env} values see.
	Env map[string]string
	// WriteMode is how MustApply writes metadata; "" is WritePatch.
	WriteMode plan.WriteMode
	// Parallelism is how many products are worked on at a time; 0: as usual.
	Parallelism int
	// OnEvent is told what happens while applying; nil: nobody.
	OnEvent func(reconcile.Event)

	backends Backends
}

// NewBench makes a bench with an empty workspace.
func NewBench(t testing.TB, store *emulator.Emulator, backends Backends) *Bench {
	t.Helper()
	folder := t.TempDir()
	write(t, folder, "storesync.yaml", nil)
	return &Bench{Emulator: store, Records: record.Files(filepath.Join(folder, ".storesync", "records")), Folder: folder, backends: backends}
}

// Write puts files into the workspace.
func (b *Bench) Write(t testing.TB, files Files) {
	t.Helper()
	for name, content := range files {
		write(t, b.Folder, name, content)
	}
}

func write(t testing.TB, folder, name string, content []byte) {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Load reads the workspace; errors end the test.
func (b *Bench) Load(t testing.TB) *schema.Workspace {
	t.Helper()
	workspace, found := schema.Load(t.Context(), schema.LoadOptions{
		Paths:     []string{b.Folder},
		LookupEnv: func(name string) (string, bool) { value, ok := b.Env[name]; return value, ok },
	})
	found = append(found, schema.Validate(workspace)...)
	if found.HasErrors() {
		t.Fatalf("load manifests: %v", found)
	}
	return workspace
}

// Engine is an engine that may write.
func (b *Bench) Engine(t testing.TB) *reconcile.Engine { return b.engine(t, false) }

func (b *Bench) engine(t testing.TB, readOnly bool) *reconcile.Engine {
	return reconcile.New(reconcile.Options{
		Backends: b.backends(t, b.Emulator, readOnly), Records: b.Records, Tool: "storesync test", Parallelism: b.Parallelism,
		Events: func(event reconcile.Event) {
			if b.OnEvent != nil {
				b.OnEvent(event)
			}
		},
	})
}

// Plan plans with a backend that cannot write.
func (b *Bench) Plan(t testing.TB, options reconcile.PlanOptions) *plan.Plan {
	t.Helper()
	proposal, err := b.engine(t, true).Plan(t.Context(), b.Load(t), options)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	return proposal.Plan
}

// Apply plans and applies; what went wrong is in the report.
func (b *Bench) Apply(t testing.TB, options reconcile.PlanOptions, how reconcile.ApplyOptions) *reconcile.Report {
	t.Helper()
	engine := b.engine(t, false)
	proposal, err := engine.Plan(t.Context(), b.Load(t), options)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	report, err := engine.Apply(t.Context(), proposal, how)
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return report
}

// MustApply applies with every guard allowed and ends the test when a product
// was not brought in sync.
func (b *Bench) MustApply(t testing.TB) *reconcile.Report {
	t.Helper()
	report := b.Apply(t, reconcile.PlanOptions{Allow: AllowAll(), WriteMode: b.WriteMode}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
	for _, result := range report.Products {
		if result.Err != nil {
			t.Fatalf("apply %s: %v", result.Address, result.Err)
		}
		if result.Verified != reconcile.VerifiedInSync {
			t.Fatalf("apply %s: %s, remaining %+v, warnings %v", result.Address, result.Verified, result.Remaining, result.Warnings)
		}
	}
	return report
}

// MustApplyAfterWaiting applies as --wait-running does: when what runs has ended.
func (b *Bench) MustApplyAfterWaiting(t testing.TB) {
	t.Helper()
	if err := b.Engine(t).AwaitIdle(t.Context(), b.Load(t), 24*time.Hour); err != nil {
		t.Fatalf("wait for what runs: %v", err)
	}
	b.MustApply(t)
}

// MustBeInSync plans and ends the test when anything would be done.
func (b *Bench) MustBeInSync(t testing.TB) {
	t.Helper()
	b.Emulator.ForgetRequests()
	plan := b.Plan(t, reconcile.PlanOptions{})
	for _, product := range plan.Products {
		if product.Error != "" || len(product.Changes) > 0 || len(product.Operations) > 0 {
			t.Fatalf("%s is not in sync: %s\nchanges %+v\noperations %+v", product.Address, product.Error, product.Changes, product.Operations)
		}
	}
	if !plan.Complete || plan.Applyable || plan.Errored {
		t.Fatalf("complete %t, applyable %t, errored %t; diagnostics %v", plan.Complete, plan.Applyable, plan.Errored, plan.Diagnostics)
	}
	if writes := b.Writes(); len(writes) > 0 {
		t.Fatalf("a plan wrote: %+v", writes)
	}
}

// Writes are the requests since the last ForgetRequests that change something.
func (b *Bench) Writes() []emulator.Request {
	var writes []emulator.Request
	for _, request := range b.Emulator.Requests() {
		if request.Kind != "token" && request.Method != http.MethodGet && request.Method != http.MethodHead {
			writes = append(writes, request)
		}
	}
	return writes
}

// Count counts the requests since the last ForgetRequests whose method and path
// end like one of the given "METHOD suffix" lines.
func (b *Bench) Count(line string) int {
	method, suffix, _ := strings.Cut(line, " ")
	n := 0
	for _, request := range b.Emulator.Requests() {
		if request.Method == method && strings.HasSuffix(request.Path, suffix) {
			n++
		}
	}
	return n
}

// AllowAll allows every guard for every address by which the Store becomes as git
// says. To take the Store's text for git's is another thing.
func AllowAll() map[string][]plan.Guard {
	return map[string][]plan.Guard{"": slices.DeleteFunc(plan.Guards(), func(g plan.Guard) bool { return g == plan.GuardLossyRewrite })}
}

// PNG is an image of the given pixels, one bit each; another seed is another
// image. It is put together by hand because encoding whole pictures is most of
// what the tests would do.
func PNG(t testing.TB, width, height, seed int) []byte {
	t.Helper()
	stride := 1 + (width+7)/8 // a filter byte, then the pixels of a row
	pixels := make([]byte, stride*height)
	binary.BigEndian.PutUint32(pixels[1:], uint32(seed))
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, err := z.Write(pixels)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(width))
	header = binary.BigEndian.AppendUint32(header, uint32(height))
	header = append(header, 1, 0, 0, 0, 0) // one bit of grey, nothing interlaced
	picture := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range []struct {
		name string
		data []byte
	}{{"IHDR", header}, {"IDAT", packed.Bytes()}, {"IEND", nil}} {
		picture = binary.BigEndian.AppendUint32(picture, uint32(len(chunk.data)))
		start := len(picture)
		picture = append(append(picture, chunk.name...), chunk.data...)
		picture = binary.BigEndian.AppendUint32(picture, crc32.ChecksumIEEE(picture[start:]))
	}
	return picture
}
