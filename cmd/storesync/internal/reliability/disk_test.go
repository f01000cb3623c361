//go:build linux

package reliability

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// traced are the system calls by which the command makes something durable.
const traced = "fsync,renameat"

// canTrace reports whether strace is there and may trace.
func canTrace() bool {
	return exec.Command("strace", "-f", "-o", os.DevNull, "-e", "trace="+traced, "true").Run() == nil
}

// writePoints kill the command on entering each call that makes something
// durable. strace counts the calls of each thread, so the nth call of a thread is
// killed, for every n that a thread comes to.
func writePoints(u *undisturbed) []point {
	var points []point
	for _, call := range strings.Split(traced, ",") {
		for n := 1; n <= 2*len(u.requests)+4; n++ {
			for _, fate := range []recordFate{kept, lost} {
				points = append(points, point{
					group: "SIGKILL at a write to the disk, " + string(fate),
					name:  fmt.Sprintf("%s: killed at %s %d, %s", u.name, call, n, fate),
					run: func(ctx context.Context) error {
						return u.disturbedBy(ctx, fate, func(st *stand) bool {
							by := []string{"strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=" + call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", call, n)}
							return st.runUnder(ctx, by, applyArguments()...).code != 0
						})
					},
				})
			}
		}
	}
	return points
}

// diskPoints let the disk be full, or read-only, where the record is kept.
func diskPoints(u *undisturbed) []point {
	var points []point
	for _, options := range []string{"size=4k", "size=8k", "size=12k", "size=16k", "size=24k", "ro"} {
		points = append(points, point{
			group: "disk full or read-only",
			name:  u.name + ": " + options,
			run: func(ctx context.Context) error {
				return u.disturbedBy(ctx, lost, func(st *stand) bool {
					folder := filepath.Join(st.folder, ".storesync")
					if err := os.MkdirAll(folder, 0o755); err != nil {
						return false
					}
					var flags uintptr
					data := options
					if options == "ro" {
						flags, data = syscall.MS_RDONLY, ""
					}
					if err := syscall.Mount("tmpfs", folder, "tmpfs", flags, data); err != nil {
						return false
					}
					defer func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) }()
					st.apply(ctx)
					return true
				})
			},
		})
	}
	return points
}

// togetherPoints let two applies run at once in one checkout.
func togetherPoints(u *undisturbed) []point {
	var points []point
	for n := range 5 {
		points = append(points, point{
			group: "two applies at once in a checkout",
			name:  fmt.Sprintf("%s: together, %d", u.name, n+1),
			run: func(ctx context.Context) error {
				return u.disturbedBy(ctx, kept, func(st *stand) bool {
					done := make(chan run)
					go func() { done <- st.apply(ctx) }()
					st.apply(ctx)
					<-done
					return true
				})
			},
		})
	}
	return points
}
