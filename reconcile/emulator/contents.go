package emulator

import (
	"bytes"
	"crypto/md5" //nolint:gosec // Content-MD5 is Azure's checksum of uploads, not a protection
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// contents keeps the bytes of blobs, in memory or as files of a folder.
type contents struct {
	folder string // "" for memory

	mu     sync.Mutex
	memory map[string][]byte
}

// content names bytes that were kept; they never change.
type content struct {
	ID   string `json:"id"`
	Size int64  `json:"size"`
	MD5  []byte `json:"md5"`
}

func newContents(folder string) (*contents, error) {
	c := &contents{memory: map[string][]byte{}}
	if folder == "" {
		return c, nil
	}
	c.folder = filepath.Join(folder, "blobs")
	if err := os.MkdirAll(c.folder, 0o700); err != nil {
		return nil, fmt.Errorf("create emulator folder: %w", err)
	}
	return c, nil
}

func (c *contents) path(id string) string { return filepath.Join(c.folder, id) }

// write keeps what the reader gives.
func (c *contents) write(from io.Reader) (content, error) {
	out := content{ID: newGUID()}
	sum := md5.New()
	if c.folder == "" {
		var buffer bytes.Buffer
		size, err := io.Copy(io.MultiWriter(&buffer, sum), from)
		if err != nil {
			return content{}, err
		}
		out.Size, out.MD5 = size, sum.Sum(nil)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.memory[out.ID] = buffer.Bytes()
		return out, nil
	}
	file, err := os.OpenFile(c.path(out.ID), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return content{}, err
	}
	out.Size, err = io.Copy(io.MultiWriter(file, sum), from)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(file.Name())
		return content{}, err
	}
	out.MD5 = sum.Sum(nil)
	return out, nil
}

type memoryContent struct{ *bytes.Reader }

func (memoryContent) Close() error { return nil }

func (c *contents) open(id string) (io.ReadSeekCloser, error) {
	if c.folder != "" {
		return os.Open(c.path(id))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	raw, ok := c.memory[id]
	if !ok {
		return nil, fmt.Errorf("open blob: %w", os.ErrNotExist)
	}
	return memoryContent{bytes.NewReader(raw)}, nil
}

// remove forgets bytes; what is not there is no error.
func (c *contents) remove(id string) {
	if id == "" {
		return
	}
	if c.folder != "" {
		os.Remove(c.path(id))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.memory, id)
}

// join keeps the bytes of several contents, one after the other, as a new one.
func (c *contents) join(parts []content) (content, error) {
	readers := make([]io.Reader, 0, len(parts))
	for _, part := range parts {
		file, err := c.open(part.ID)
		if err != nil {
			return content{}, err
		}
		defer file.Close()
		readers = append(readers, file)
	}
	return c.write(io.MultiReader(readers...))
}
