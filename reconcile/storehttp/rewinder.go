package storehttp

import (
	"errors"
	"io"
	"sync"
)

// rewinder lends one file to the tries of an upload, one after the other.
// net/http may go on reading the body of a try that was answered early; such
// a reader must not move the file under the next try, so rewinding cuts it off.
type rewinder struct {
	content  io.ReadSeeker
	size     int64
	progress func(sent, total int64)

	mu      sync.Mutex
	current *attempt
}

// attempt is the body of one try.
type attempt struct {
	owner *rewinder
	sent  int64
}

var errCutOff = errors.New("the upload was started anew")

// rewind cuts off the last attempt and starts one from the beginning.
func (r *rewinder) rewind() (io.ReadCloser, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = nil
	if _, err := r.content.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r.current = &attempt{owner: r}
	return r.current, nil
}

// Read reads on, as long as this is the current attempt.
func (a *attempt) Read(buffer []byte) (int, error) {
	a.owner.mu.Lock()
	defer a.owner.mu.Unlock()
	if a.owner.current != a {
		return 0, errCutOff
	}
	n, err := a.owner.content.Read(buffer)
	a.sent += int64(n)
	if n > 0 && a.owner.progress != nil {
		a.owner.progress(a.sent, a.owner.size)
	}
	return n, err
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
