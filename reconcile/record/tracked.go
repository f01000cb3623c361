package record

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// suspect says why a file of the folder may be anybody's, "" when it may not: it
// or its folder is no plain file or folder, or git tracks it, so that whoever can
// change the repository can change it. A file that is not there is not suspect.
func (f *fileRecords) suspect(ctx context.Context, path string) string {
	if why := f.linkedFolder(); why != "" {
		return why
	}
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return ""
	case !info.Mode().IsRegular():
		return path + " is a link or no regular file"
	case f.isTracked(ctx, path, info):
		return path + " is tracked by git, so a pull request can change it"
	}
	return ""
}

// linkedFolder says that the folder or the one around it is a link or no folder:
// what is kept there may lie anywhere.
func (f *fileRecords) linkedFolder() string {
	for _, folder := range []string{filepath.Dir(f.folder), f.folder} {
		if info, err := os.Lstat(folder); err == nil && !info.IsDir() {
			return folder + " is a link or no folder"
		}
	}
	return ""
}

// clearPlace makes place for a file of ours where something else is that counts for
// nothing, so that nothing is written through a link or into a pipe.
func clearPlace(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().IsRegular() {
		return nil
	}
	return os.Remove(path)
}

// isTracked reports whether git tracks a file of the folder. Without the git
// program nothing is known to be tracked.
func (f *fileRecords) isTracked(ctx context.Context, path string, info fs.FileInfo) bool {
	f.once.Do(func() { f.tracked = trackedFiles(ctx, f.folder) })
	for _, tracked := range f.tracked {
		if tracked == "" {
			return true
		}
		// Where the file system does not mind case, git may know the file by
		// another name.
		if strings.EqualFold(filepath.Base(tracked), filepath.Base(path)) {
			if other, err := os.Lstat(tracked); err == nil && os.SameFile(info, other) {
				return true
			}
		}
	}
	return false
}

// trackedFiles are the files in a folder that a repository around it tracks; ""
// stands for all of them: the folder is a submodule, or lies in one.
func trackedFiles(ctx context.Context, folder string) []string {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil
	}
	if resolved, err := filepath.EvalSymlinks(folder); err == nil {
		folder = resolved
	}
	var tracked []string
	for up := folder; ; up = filepath.Dir(up) {
		if _, err := os.Lstat(filepath.Join(up, ".git")); err == nil {
			if up == folder || up == filepath.Dir(folder) {
				// A repository of its own holds nothing but what it tracks, or
				// what came with it.
				return append(tracked, "")
			}
			tracked = append(tracked, trackedIn(ctx, up, folder)...)
		}
		if up == filepath.Dir(up) {
			return tracked
		}
	}
}

// trackedIn are the files in a folder that one repository tracks.
func trackedIn(ctx context.Context, repository, folder string) []string {
	relative, err := filepath.Rel(repository, folder)
	if err != nil {
		return nil
	}
	folderName, around := filepath.ToSlash(relative), filepath.ToSlash(filepath.Dir(relative))
	asked := around
	if around == "." {
		asked = folderName
	}
	// No file of the repository may have a say in what is run. Whose the folder
	// is does not matter then: nothing is run that it names.
	command := exec.CommandContext(ctx, "git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath="+os.DevNull, "-c", "safe.directory=*",
		"ls-files", "-z", "--", ":(top,icase,literal)"+asked)
	command.Dir = repository
	listed, err := command.Output()
	if err != nil {
		return nil
	}
	var tracked []string
	for name := range strings.SplitSeq(string(listed), "\x00") {
		switch {
		case strings.EqualFold(name, folderName) || strings.EqualFold(name, around):
			tracked = append(tracked, "")
		case name != "":
			tracked = append(tracked, filepath.Join(repository, filepath.FromSlash(name)))
		}
	}
	return tracked
}
