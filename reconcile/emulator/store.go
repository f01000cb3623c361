package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// store keeps the state, in memory or in a folder that several processes may
// share: a lock file keeps them apart, and the state is read again when another
// process has replaced it.
type store struct {
	folder string // "" for memory
	state  *state
	seen   os.FileInfo // of the state file that state was read from or saved to
}

func openStore(folder string) (*store, error) {
	s := &store{folder: folder, state: newState()}
	if folder == "" {
		return s, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("create emulator folder: %w", err)
	}
	// The first state holds the key that signs tokens; saving it at once lets
	// processes that start together agree on one.
	return s, s.update(func(state *state) {
		if s.seen == nil {
			state.touch()
		}
	})
}

func (s *store) file() string { return filepath.Join(s.folder, "state.json") }

// update runs change on the newest state and saves what it leaves.
func (s *store) update(change func(*state)) error {
	if s.folder == "" {
		change(s.state)
		return nil
	}
	unlock, err := lockFile(filepath.Join(s.folder, "lock"))
	if err != nil {
		return fmt.Errorf("lock emulator folder %s: %w", s.folder, err)
	}
	defer unlock()
	if err := s.refresh(); err != nil {
		return err
	}
	s.state.changed = false
	change(s.state)
	if !s.state.changed {
		return nil
	}
	if err := s.save(); err != nil {
		s.seen = nil // what is in memory is not what is on disk: read again
		return err
	}
	return nil
}

// refresh reads the state file if it is not the one that was last seen.
func (s *store) refresh() error {
	info, err := os.Stat(s.file())
	if errors.Is(err, fs.ErrNotExist) {
		if s.seen != nil {
			s.state, s.seen = newState(), nil // someone has emptied the folder
			s.state.touch()
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read emulator state: %w", err)
	}
	if s.seen != nil && os.SameFile(info, s.seen) && info.ModTime().Equal(s.seen.ModTime()) && info.Size() == s.seen.Size() {
		return nil
	}
	raw, err := os.ReadFile(s.file())
	if err != nil {
		return fmt.Errorf("read emulator state: %w", err)
	}
	loaded := newState()
	if err := json.Unmarshal(raw, loaded); err != nil {
		return fmt.Errorf("read emulator state %s: %w; remove the folder to start afresh", s.file(), err)
	}
	if loaded.Version != stateVersion {
		return fmt.Errorf("read emulator state %s: version %d, not %d; remove the folder to start afresh", s.file(), loaded.Version, stateVersion)
	}
	s.state, s.seen = loaded, info
	return nil
}

// save replaces the state file at once, so that a process that is killed
// leaves either the old or the new one.
func (s *store) save() error {
	raw, err := encode(s.state)
	if err != nil {
		return fmt.Errorf("save emulator state: %w", err)
	}
	temporary, err := os.CreateTemp(s.folder, "state-*.tmp")
	if err != nil {
		return fmt.Errorf("save emulator state: %w", err)
	}
	_, err = temporary.Write(raw)
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary.Name(), s.file())
	}
	if err != nil {
		os.Remove(temporary.Name())
		return fmt.Errorf("save emulator state: %w", err)
	}
	if s.seen, err = os.Stat(s.file()); err != nil {
		return fmt.Errorf("save emulator state: %w", err)
	}
	return nil
}
