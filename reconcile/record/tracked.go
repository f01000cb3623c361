package record

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// isTracked reports whether git tracks a file of the folder: then whoever can
// change the repository can change the record. Without the git program nothing
// is known to be tracked.
func (f *fileRecords) isTracked(ctx context.Context, path string) bool {
	f.once.Do(func() { f.tracked = trackedFiles(ctx, f.folder) })
	return f.tracked[filepath.Base(path)]
}

// trackedFiles are the names of the files in a folder that git tracks.
func trackedFiles(ctx context.Context, folder string) map[string]bool {
	if !insideRepository(folder) {
		return nil
	}
	// No file of the repository may have a say in what is run.
	command := exec.CommandContext(ctx, "git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath="+os.DevNull, "ls-files", "-z", "--", ".")
	command.Dir = folder
	listed, err := command.Output()
	if err != nil {
		return nil
	}
	tracked := map[string]bool{}
	for name := range strings.SplitSeq(string(listed), "\x00") {
		if name != "" && !strings.Contains(name, "/") {
			tracked[name] = true
		}
	}
	return tracked
}

func insideRepository(folder string) bool {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return false
	}
	for up := folder; ; up = filepath.Dir(up) {
		if _, err := os.Lstat(filepath.Join(up, ".git")); err == nil {
			return true
		}
		if up == filepath.Dir(up) {
			return false
		}
	}
}
