//go:build unix

package record

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
)

// kept is a workspace with a record and a journal of contoso in it.
func kept(t *testing.T) (workspace string, records *fileRecords) {
	t.Helper()
	workspace, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	records = &fileRecords{folder: filepath.Join(workspace, ".storesync", "records")}
	if err := records.Save(t.Context(), New(contoso)); err != nil {
		t.Fatal(err)
	}
	if err := records.Append(t.Context(), contoso, Entry{At: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Operation: "submit", Phase: PhaseStart}); err != nil {
		t.Fatal(err)
	}
	return workspace, &fileRecords{folder: records.folder}
}

func git(t *testing.T, folder string, arguments ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not there")
	}
	command := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=c", "-c", "user.email=c@contoso.example", "-c", "protocol.file.allow=always"}, arguments...)...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", arguments, err, out)
	}
}

// replaced puts something else in the place of a file or folder, what was there
// beside it.
func replaced(t *testing.T, path string, put func(path, old string) error) {
	t.Helper()
	old := path + ".old"
	if err := os.Rename(path, old); err != nil {
		t.Fatal(err)
	}
	if err := put(path, old); err != nil {
		t.Fatal(err)
	}
}

func link(path, old string) error { return os.Symlink(old, path) }
func pipe(path, _ string) error   { return syscall.Mkfifo(path, 0o600) }
func made(path, _ string) error   { return os.Mkdir(path, 0o700) }

// What a pull request can bring along is no memory of ours.
func TestARecordThatMayBeAnybodysCountsForNothing(t *testing.T) {
	record, journal := contoso.FileName()+".json", contoso.FileName()+journalEnding
	for name, test := range map[string]struct {
		change func(t *testing.T, workspace, folder string)
		want   string
	}{
		"record is a link":       {func(t *testing.T, _, f string) { replaced(t, filepath.Join(f, record), link) }, "is a link or no regular file"},
		"record is a pipe":       {func(t *testing.T, _, f string) { replaced(t, filepath.Join(f, record), pipe) }, "is a link or no regular file"},
		"record is a folder":     {func(t *testing.T, _, f string) { replaced(t, filepath.Join(f, record), made) }, "is a link or no regular file"},
		"journal is a link":      {func(t *testing.T, _, f string) { replaced(t, filepath.Join(f, journal), link) }, "is a link or no regular file"},
		"journal is a pipe":      {func(t *testing.T, _, f string) { replaced(t, filepath.Join(f, journal), pipe) }, "is a link or no regular file"},
		"journal is a folder":    {func(t *testing.T, _, f string) { replaced(t, filepath.Join(f, journal), made) }, "is a link or no regular file"},
		"records is a link":      {func(t *testing.T, _, f string) { replaced(t, f, link) }, "is a link or no folder"},
		"state folder is a link": {func(t *testing.T, w, _ string) { replaced(t, filepath.Join(w, ".storesync"), link) }, "is a link or no folder"},
		"record is tracked": {func(t *testing.T, w, f string) {
			git(t, w, "init", "-q")
			git(t, w, "add", "-f", filepath.Join(f, record))
		}, "is tracked by git"},
		"journal is tracked": {func(t *testing.T, w, f string) {
			git(t, w, "init", "-q")
			git(t, w, "add", "-f", filepath.Join(f, journal))
		}, "is tracked by git"},
		"tracked by a repository further up": {func(t *testing.T, w, f string) {
			git(t, filepath.Dir(w), "init", "-q")
			git(t, filepath.Dir(w), "add", "-f", filepath.Join(f, record))
		}, "is tracked by git"},
		"state folder is a submodule": {func(t *testing.T, w, _ string) {
			state := filepath.Join(w, ".storesync")
			git(t, state, "init", "-q")
			git(t, state, "add", "-A", "-f")
			git(t, state, "commit", "-q", "-m", "x")
			git(t, w, "init", "-q")
			git(t, w, "submodule", "add", "-q", "-f", "./.storesync", ".storesync")
		}, "is tracked by git"},
		"tracked as a submodule that is not checked out as one": {func(t *testing.T, w, _ string) {
			git(t, w, "init", "-q")
			git(t, w, "update-index", "--add", "--cacheinfo", "160000,0123456789012345678901234567890123456789,.storesync")
		}, "is tracked by git"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace, records := kept(t)
			test.change(t, workspace, records.folder)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // a pipe would be waited at for ever
			defer cancel()
			found, err := records.Load(ctx, contoso)
			if err != nil || found == nil || !strings.Contains(found.Ignored, test.want) {
				t.Errorf("record: %+v, %v", found, err)
			}
			if others, err := records.Others(ctx, nil); err != nil || len(others) > 0 {
				t.Errorf("others: %v, %v", others, err)
			}
			if strings.Contains(name, "journal is") || strings.Contains(name, "folder is a") {
				if last, err := records.Last(ctx, contoso); err != nil || last != nil {
					t.Errorf("journal: %v, %v", last, err)
				}
			}
		})
	}
}

// A file that git knows by another case is the same one where the file system
// does not mind; where it does, a file of that name is another one.
func TestATrackedFileOfAnotherCase(t *testing.T) {
	workspace, records := kept(t)
	other := filepath.Join(workspace, ".StoreSync", "Records")
	if err := os.MkdirAll(other, 0o700); err != nil {
		t.Fatal(err)
	}
	name := strings.ToUpper(contoso.FileName()) + ".JSON"
	// A second name of one file is what such a file system has.
	if err := os.Link(filepath.Join(records.folder, contoso.FileName()+".json"), filepath.Join(other, name)); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	git(t, workspace, "init", "-q")
	git(t, workspace, "add", "-f", filepath.Join(".StoreSync", "Records", name))
	if found, err := records.Load(t.Context(), contoso); err != nil || !strings.Contains(found.Ignored, "is tracked by git") {
		t.Errorf("the same file: %+v, %v", found, err)
	}
	if err := os.Remove(filepath.Join(other, name)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(records.folder, contoso.FileName()+".json")); err != nil || info.Size() == 0 {
		t.Skip("this file system does not mind case")
	}
	if found, err := Files(records.folder).Load(t.Context(), contoso); err != nil || found.Ignored != "" {
		t.Errorf("another file: %+v, %v", found, err)
	}
}

// Nothing is written through a link, nor waited for at a pipe.
func TestNothingIsWrittenThroughALink(t *testing.T) {
	for _, ending := range []string{".json", journalEnding, ".lock"} {
		for name, put := range map[string]func(path, old string) error{"link": link, "pipe": pipe} {
			t.Run(name+ending, func(t *testing.T) {
				t.Parallel()
				_, records := kept(t)
				path := records.path(contoso, ending)
				if ending == ".lock" {
					if err := os.WriteFile(path, nil, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				replaced(t, path, put)
				before, err := os.ReadFile(path + ".old")
				if err != nil {
					t.Fatal(err)
				}
				unlock, err := records.Lock(t.Context(), contoso)
				if err != nil {
					t.Fatal(err)
				}
				if err := records.Append(t.Context(), contoso, Entry{Operation: "submit", Phase: PhaseEnd}); err != nil {
					t.Fatal(err)
				}
				if err := records.Save(t.Context(), New(contoso)); err != nil {
					t.Fatal(err)
				}
				if err := unlock(); err != nil {
					t.Fatal(err)
				}
				if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
					t.Errorf("%s is %v, %v", path, info.Mode(), err)
				}
				if after, err := os.ReadFile(path + ".old"); err != nil || string(after) != string(before) {
					t.Errorf("what was linked to changed: %v", err)
				}
			})
		}
	}
	workspace, records := kept(t)
	replaced(t, filepath.Join(workspace, ".storesync"), link)
	if _, err := records.Lock(t.Context(), contoso); plan.ClassOf(err) != plan.ClassRefused || !strings.Contains(err.Error(), ".storesync is a link or no folder") {
		t.Errorf("a linked state folder: %v", err)
	}
}
