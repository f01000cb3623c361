// Package atomicfile replaces files as a whole: a reader sees the old content
// or the new one, whatever happens in between.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace writes content beside the file and renames it into place. The file is
// readable by its owner only, and the rename is durable when Replace returns.
// A file that is there and is not a regular one is left alone.
func Replace(file string, content []byte) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return errors.New("it is there and is no regular file")
	}
	folder := filepath.Dir(file)
	temporary, err := os.CreateTemp(folder, ".storesync-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(content)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), file); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes a rename durable where the system can; some cannot sync a
// folder, and there the rename itself has to do.
func syncFolder(folder string) error {
	opened, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := opened.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
