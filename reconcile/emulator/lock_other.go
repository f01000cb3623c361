//go:build !unix || solaris || aix

package emulator

// lockFile does nothing where the standard library has no file lock: there one
// folder serves one process at a time.
func lockFile(string) (unlock func(), err error) { return func() {}, nil }
