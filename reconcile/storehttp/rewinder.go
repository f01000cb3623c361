package storehttp

import (
	"bytes"
	"crypto/md5" //nolint:gosec // Azure checks uploads by Content-MD5.
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
)

// rewinder lends one file to the tries of an upload, one after the other.
// net/http may go on reading the body of a try that was answered early; such
// a reader must not move the file under the next try, so rewinding cuts it off.
type rewinder struct {
	content io.ReadSeeker
	// name is the file's own, for errors.
	name string
	// size and planned (SHA-256) are those of the plan; planned is nil for
	// content in memory, such as a block of a ZIP, whose files are checked while
	// it is made.
	size     int64
	planned  []byte
	progress func(sent, total int64)

	mu      sync.Mutex
	current *attempt
	// other is why the content is not the planned one, once that is known.
	other error
}

// attempt is the body of one try.
type attempt struct {
	owner *rewinder
	sent  int64
	sum   hash.Hash
}

var errCutOff = errors.New("the upload was started anew")

// changedSize and changedContent are for a file that is not as it was planned.
func changedSize(name string) error {
	return fmt.Errorf("%s changed its size since planning: plan again", name)
}

func changedContent(name string) error {
	return fmt.Errorf("%s changed since planning: its content is another one; plan again", name)
}

// contentMD5 reads the content once before it is sent, which also shows
// whether it is still what was planned: then nothing is sent at all.
func (r *rewinder) contentMD5() (string, error) {
	if r.size > maxPutBlob {
		return "", fmt.Errorf("%s has %d bytes, one request takes at most %d", r.name, r.size, int64(maxPutBlob))
	}
	if _, err := r.content.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("read %s: %w", r.name, err)
	}
	md5Sum, sha := md5.New(), sha256.New() //nolint:gosec // see the import
	read, err := io.Copy(io.MultiWriter(md5Sum, sha), io.LimitReader(r.content, r.size+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read %s: %w", r.name, err)
	case read != r.size:
		return "", changedSize(r.name)
	case !bytes.Equal(sha.Sum(nil), r.planned):
		return "", changedContent(r.name)
	}
	return base64.StdEncoding.EncodeToString(md5Sum.Sum(nil)), nil
}

// changed is why an attempt ended because the content is not the planned one.
func (r *rewinder) changed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.other
}

// rewind cuts off the last attempt and starts one from the beginning.
func (r *rewinder) rewind() (io.ReadCloser, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = nil
	if _, err := r.content.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r.current = &attempt{owner: r, sum: sha256.New()}
	return r.current, nil
}

// Read reads on, as long as this is the current attempt.
func (a *attempt) Read(buffer []byte) (int, error) {
	a.owner.mu.Lock()
	defer a.owner.mu.Unlock()
	if a.owner.current != a {
		return 0, errCutOff
	}
	if a.owner.planned != nil {
		// What was added to the file since is no part of what was planned.
		left := a.owner.size - a.sent
		if left == 0 {
			return 0, io.EOF
		}
		buffer = buffer[:min(int64(len(buffer)), left)]
	}
	n, err := a.owner.content.Read(buffer)
	if other := a.check(buffer[:n], err); other != nil {
		// The last bytes are held back, so that nobody gets a whole file.
		a.owner.other = other
		return 0, other
	}
	if n > 0 && a.owner.progress != nil {
		a.owner.progress(a.sent, a.owner.size)
	}
	return n, err
}

// check compares what was read so far with the plan: the size as it grows, the
// digest with the last byte.
func (a *attempt) check(content []byte, err error) error {
	r := a.owner
	a.sent += int64(len(content))
	if r.planned == nil {
		return nil
	}
	a.sum.Write(content)
	switch {
	case errors.Is(err, io.EOF) && a.sent < r.size:
		return changedSize(r.name)
	case a.sent == r.size && !bytes.Equal(a.sum.Sum(nil), r.planned):
		return changedContent(r.name)
	}
	return nil
}

// stop cuts off the last attempt for good: the owner may now close the file.
func (r *rewinder) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = nil
}

// Close ends the attempt; the file stays open for its owner.
func (a *attempt) Close() error {
	a.owner.mu.Lock()
	defer a.owner.mu.Unlock()
	if a.owner.current == a {
		a.owner.current = nil
	}
	return nil
}
