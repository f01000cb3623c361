//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestInterrupt stops an apply in its first request. That is finished, no other
// is started, and the next apply does the rest.
func TestInterrupt(t *testing.T) {
	folder := newWorkspace(t)
	stopping := make(chan struct{})
	first := &screen{when: map[string]func(){
		"MsiExeApp/contoso-reader: 1/": func() { interrupt(t); <-stopping },
		"Stopping:":                    func() { close(stopping) },
	}}
	args := []string{"storesync", "apply", "--emulator", "--auto-approve", folder}
	if code := run(args, terminal("", first)); code != 130 {
		t.Errorf("want exit code 130, got %d", code)
	}
	for _, want := range []string{
		"Stopping: requests under way are finished, no more are started. A second signal cancels them.\n",
		"error: MsiExeApp/contoso-reader: interrupted",
	} {
		if !strings.Contains(first.String(), want) {
			t.Errorf("standard error does not hold %q:\n%s", want, first)
		}
	}
	want := "MsiExeApp/contoso-reader: interrupted after 1 request; running apply again does\n  the rest.\n"
	if !strings.HasSuffix(first.out.String(), want) {
		t.Errorf("standard output does not end with %q:\n%s", want, &first.out)
	}

	second := &screen{}
	if code := run(args, terminal("", second)); code != 0 {
		t.Errorf("apply again: want exit code 0, got %d\n%s", code, second)
	}
	if !strings.Contains(second.out.String(), "MsiExeApp/contoso-reader: submitted ") {
		t.Errorf("apply again does not do the rest:\n%s", &second.out)
	}
}

// TestInterruptAtThePrompt: nothing was changed, and nothing is left to go on with.
func TestInterruptAtThePrompt(t *testing.T) {
	folder := newWorkspace(t)
	first := &screen{when: map[string]func(){"Only 'yes' is accepted": func() { interrupt(t) }}}
	h := terminal("", first)
	typing, keyboard := io.Pipe()
	defer keyboard.Close()
	h.in = typing
	if code := run([]string{"storesync", "apply", "--emulator", folder}, h); code != 130 {
		t.Errorf("want exit code 130, got %d", code)
	}
	if !strings.HasSuffix(first.String(), "error: interrupted: not approved\n  Nothing was changed.\n") {
		t.Errorf("standard error is:\n%s", first)
	}
}

// TestInterruptWaiting cancels the wait for a submission with two signals. The
// submission is made, and the next apply knows it.
func TestInterruptWaiting(t *testing.T) {
	folder := newWorkspace(t)
	slow := "pace: {certification: 24h}\n"
	seed := filepath.Join(folder, "emulator.yaml")
	content, err := os.ReadFile(seed)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(seed, append([]byte(slow), content...), 0o644); err != nil {
		t.Fatal(err)
	}
	first := &screen{when: map[string]func(){
		"is INPROGRESS": func() { interrupt(t) },
		"Stopping:":     func() { interrupt(t) },
	}}
	args := []string{"storesync", "apply", "--emulator", "--auto-approve", "--wait", "published", folder}
	if code := run(args, terminal("", first)); code != 130 {
		t.Errorf("want exit code 130, got %d\n%s", code, first)
	}
	second := &screen{}
	if code := run([]string{"storesync", "plan", "--emulator", folder}, terminal("", second)); code != 0 {
		t.Errorf("plan: want exit code 0, got %d\n%s", code, second)
	}
	if got := second.out.String(); !strings.Contains(got, "  submitted\n") || !strings.Contains(got, "is on its way") {
		t.Errorf("plan does not know the submission:\n%s", got)
	}
}

// TestInterruptPlan ends a command that only reads at once.
func TestInterruptPlan(t *testing.T) {
	ctx, signals := watchSignals(t.Context(), &host{streams: &streams{err: &screen{}}})
	defer signals.stop()
	interrupt(t)
	<-ctx.Done()
	if !signals.interrupted() {
		t.Error("the signal is not known")
	}
}

func interrupt(t *testing.T) {
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Error(err)
	}
}
