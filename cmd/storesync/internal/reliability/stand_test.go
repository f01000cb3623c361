//go:build linux

package reliability

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/plan"
)

const (
	// bound is how long one run of the command may take: longer is a hang. It is
	// wide, for other points run beside it.
	bound = 4 * time.Minute
	// patience is how often apply is run again before a point counts as stuck.
	patience = 8
	// notes stand in manifests as {env: …}: a secret that no output may have.
	notes = "9f81-Kennwort-Pr\u00fcfer-27ab"
)

// stand is a Store, a workspace and the command between them, for one point.
type stand struct {
	store  *emulator.Emulator
	server *httptest.Server
	gate   *gate
	folder string
	// environ is what the command sees; nothing of the caller's.
	environ []string

	mu sync.Mutex
	// running are the processes at work.
	running map[*os.Process]bool
	said    []run
}

// run is one run of the command.
type run struct {
	arguments string
	code      int
	out       string
}

// newStand makes the Store of a scenario, and a workspace that was applied up to
// where the scenario begins.
func newStand(ctx context.Context, s *scenario) (*stand, error) {
	store, err := emulator.New(emulator.Options{})
	if err != nil {
		return nil, err
	}
	if err := store.Seed([]byte(s.seed), nil); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "storesync-point-")
	if err != nil {
		return nil, err
	}
	st := &stand{store: store, folder: folder, running: map[*os.Process]bool{}}
	st.gate = &gate{store: store, stand: st}
	st.server = httptest.NewServer(st.gate)
	st.environ = []string{
		"HOME=" + folder, "PATH=" + os.Getenv("PATH"), "NO_COLOR=1", "STORE_NOTES=" + notes, "GOMAXPROCS=1",
		"STORESYNC_MSIEXE_ENDPOINT=" + st.server.URL, "STORESYNC_MSIX_ENDPOINT=" + st.server.URL,
		"STORESYNC_SELLER_ID=12345678", "STORESYNC_ACCESS_TOKEN=" + store.Token(),
	}
	if err := st.write(files{"storesync.yaml": nil}, s.before); err != nil {
		return nil, errors.Join(err, st.close())
	}
	if s.before != nil {
		if r := st.apply(ctx); r.code != 0 {
			return nil, errors.Join(fmt.Errorf("the state before: exit %d\n%s", r.code, r.out), st.close())
		}
	}
	return st, st.write(s.wanted)
}

func (s *stand) close() error {
	s.server.CloseClientConnections()
	s.server.Close()
	return os.RemoveAll(s.folder)
}

func (s *stand) write(all ...files) error {
	for _, one := range all {
		for name, content := range one {
			path := filepath.Join(s.folder, name)
			if content == nil && name != "storesync.yaml" {
				if err := os.Remove(path); err != nil {
					return err
				}
				continue
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// run runs the command in the workspace.
func (s *stand) run(ctx context.Context, arguments ...string) run {
	return s.runUnder(ctx, nil, arguments...)
}

// runUnder runs the command by another one, such as strace with its arguments.
func (s *stand) runUnder(ctx context.Context, by []string, arguments ...string) run {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	line := slices.Concat(by, []string{binary}, arguments)
	command := exec.CommandContext(ctx, line[0], line[1:]...)
	command.Dir, command.Env, command.WaitDelay = s.folder, s.environ, time.Second
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		return run{arguments: strings.Join(arguments, " "), code: -1, out: err.Error()}
	}
	s.mu.Lock()
	s.running[command.Process] = true
	s.mu.Unlock()
	err := command.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, command.Process)
	r := run{arguments: strings.Join(arguments, " "), code: command.ProcessState.ExitCode(), out: out.String()}
	if ctx.Err() != nil {
		r.out += fmt.Sprintf("\nstill running after %s: %v", bound, err)
		r.code = hung
	}
	s.said = append(s.said, r)
	return r
}

// hung is the code of a run that did not end, which no command gives. One that was
// killed has -1.
const hung = -2

// kill ends all that runs with SIGKILL.
func (s *stand) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for process := range s.running {
		_ = process.Kill()
	}
}

// apply is how a pipeline applies, with every guard allowed.
func (s *stand) apply(ctx context.Context, more ...string) run {
	return s.run(ctx, append(applyArguments(), more...)...)
}

func applyArguments() []string {
	arguments := []string{"apply", "--auto-approve", "--wait", "published", "--timeout", "30s"}
	for _, guard := range plan.Guards() {
		arguments = append(arguments, "--allow", string(guard))
	}
	return arguments
}

// finish applies until it succeeds, as people and scheduled jobs would, and then
// asks whether the Store is as git says.
func (s *stand) finish(ctx context.Context, more ...string) error {
	for range patience {
		r := s.apply(ctx, more...)
		if r.code == 0 {
			if r = s.run(ctx, "plan", "--detailed-exitcode"); r.code != 0 {
				return fmt.Errorf("apply succeeded, and plan ends with %d", r.code)
			}
			return nil
		}
		if r.code != 1 && r.code != 3 && r.code != 8 {
			return fmt.Errorf("apply ended with %d", r.code)
		}
	}
	return fmt.Errorf("%d applies did not finish", patience)
}

// leaks is where a secret is found: in what was printed, or in what is kept.
func (s *stand) leaks() error {
	found := func(text string) bool {
		return strings.Contains(text, notes) || strings.Contains(text, s.store.Token())
	}
	for _, r := range s.said {
		if r.code == hung {
			return fmt.Errorf("%s did not end", r.arguments)
		}
		if found(r.out) {
			return fmt.Errorf("a secret is in the output of %s", r.arguments)
		}
	}
	return filepath.WalkDir(filepath.Join(s.folder, ".storesync"), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil && found(string(content)) {
			err = fmt.Errorf("a secret is in %s", path)
		}
		return err
	})
}

// story is what was run and said, for whoever looks into a failure.
func (s *stand) story() string {
	var b strings.Builder
	for _, line := range s.gate.lines() {
		fmt.Fprintln(&b, line)
	}
	for _, r := range s.said {
		fmt.Fprintf(&b, "$ storesync %s\n%s[exit %d]\n", r.arguments, r.out, r.code)
	}
	return b.String()
}
