package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"github.com/storesync/storesync/reconcile/internal/atomicfile"
	"github.com/storesync/storesync/reconcile/plan"
)

// Files keeps records and journals as files in a folder, which is made
// when first written to; the folder around it is storesync's own, too. Each product has three files: its record, its journal
// and its lock. They hold digests and ids, no values and no secrets.
func Files(folder string) Store { return &fileRecords{folder: folder} }

type fileRecords struct {
	folder string
	// tracked are the files of the folder that git tracks, read once.
	once    sync.Once
	tracked []string
}

const journalEnding = ".journal.jsonl"

// FileName names a product's record so that a person recognises it; the digest
// keeps apart what the readable part does not.
func (k Key) FileName() string {
	readable := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}, strings.TrimPrefix(k.Endpoint, "https://")+"_"+k.Account+"_"+k.Product)
	const most = 100
	if len(readable) > most {
		readable = readable[:most]
	}
	return readable + "_" + plan.HashOf(plan.Encode(k))[:12]
}

func (f *fileRecords) path(key Key, ending string) string {
	return filepath.Join(f.folder, key.FileName()+ending)
}

// Lock takes the product's lock file. The system gives it back when the
// process ends, however it ends.
func (f *fileRecords) Lock(ctx context.Context, key Key) (func() error, error) {
	if why := f.linkedFolder(); why != "" {
		return nil, &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("the record of product %s cannot be kept: %s", key.Product, why),
			Next: "Nothing was changed. Delete it: storesync makes a folder there."}
	}
	if err := os.MkdirAll(f.folder, 0o700); err != nil {
		return nil, fmt.Errorf("make record folder: %w", err)
	}
	if err := clearPlace(f.path(key, ".lock")); err != nil {
		return nil, fmt.Errorf("lock record: %w", err)
	}
	lock := flock.New(f.path(key, ".lock"))
	taken, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock record: %w", err)
	}
	if !taken {
		return nil, &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("another storesync is applying to product %s right now", key.Product),
			Next: "Nothing was changed. Run apply again when the other has ended; it holds " + lock.Path() + "."}
	}
	return lock.Unlock, nil
}

// Load reads the product's record. One that is a link, or that git tracks, may
// be anybody's: it counts for nothing. So does one beside such a journal, for the
// two tell one story.
func (f *fileRecords) Load(ctx context.Context, key Key) (*Record, error) {
	path := f.path(key, ".json")
	for _, file := range []string{path, f.path(key, journalEnding)} {
		if why := f.suspect(ctx, file); why != "" {
			return Ignore(key, why), nil
		}
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return Parse(content, key, path)
}

// Others reads the other records of the folder; what is none is left out.
func (f *fileRecords) Others(ctx context.Context, known map[Key]bool) ([]*Record, error) {
	if f.linkedFolder() != "" {
		return nil, nil
	}
	entries, err := os.ReadDir(f.folder)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	names := map[string]bool{}
	for key := range known {
		names[key.FileName()+".json"] = true
	}
	var records []*Record
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") || !entry.Type().IsRegular() || names[entry.Name()] {
			continue
		}
		content, err := os.ReadFile(filepath.Join(f.folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		var head struct{ Key Key }
		if json.Unmarshal(content, &head) != nil || head.Key.FileName()+".json" != entry.Name() {
			continue
		}
		record, err := f.Load(ctx, head.Key)
		if err == nil && record != nil && record.Ignored == "" {
			records = append(records, record)
		}
	}
	return records, nil
}

// Save replaces the product's record as a whole: a reader sees the old or the
// new one, whatever happens in between.
func (f *fileRecords) Save(ctx context.Context, record *Record) error {
	if err := os.MkdirAll(f.folder, 0o700); err != nil {
		return err
	}
	content, err := record.Document()
	if err != nil {
		return err
	}
	path := f.path(record.Key, ".json")
	if err := clearPlace(path); err != nil {
		return err
	}
	return atomicfile.Replace(path, content)
}

// Append adds a line to the product's journal and syncs it. A line that a
// crash cut short is closed first, so that it cannot swallow the new one.
func (f *fileRecords) Append(ctx context.Context, key Key, entry Entry) error {
	if err := os.MkdirAll(f.folder, 0o700); err != nil {
		return err
	}
	path := f.path(key, journalEnding)
	if err := clearPlace(path); err != nil {
		return err
	}
	line := entry.Line()
	if content, err := os.ReadFile(path); err == nil && len(content) > 0 && content[len(content)-1] != '\n' {
		line = append([]byte("\n"), line...)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(line)
	return errors.Join(err, file.Sync(), file.Close())
}

// Last reads the last whole line of the product's journal.
func (f *fileRecords) Last(ctx context.Context, key Key) (*Entry, error) {
	path := f.path(key, journalEnding)
	if f.suspect(ctx, path) != "" {
		return nil, nil
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return LastEntry(content), nil
}
