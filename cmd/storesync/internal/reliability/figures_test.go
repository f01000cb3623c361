//go:build linux

package reliability

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"
)

func (f *figures) groups() []string {
	groups := maps.Clone(f.tried)
	maps.Copy(groups, f.skipped)
	return slices.Sorted(maps.Keys(groups))
}

// page is docs/reliability.md.
func (f *figures) page(seed uint64, took time.Duration) []byte {
	var b bytes.Buffer
	b.WriteString(`# Reliability

The built command is killed, starved and lied to, and the Store must end as it would have ended undisturbed: the same
listings, prices, packages and images, nothing made, committed or submitted twice, no secret written anywhere, no run
that hangs, and an exit code of the table in [commands](commands.md). The Store is the [emulator](emulator.md) over real
HTTP; the command is the real binary, and it is killed with SIGKILL.

After each disturbance apply runs again, as people and scheduled jobs would, until it succeeds. Where the record is lost
or damaged, a draft may be made anew; where apply cannot tell whose work the Store holds, it says so, and the test does
what it says. A point is not reached when the run took another way and never came there.

This page is written by ` + "`make reliability`" + `; ` + "`go test`" + ` tries a sample of the points each time.

`)
	sum := func(of map[string]int) (n int) {
		for _, one := range of {
			n += one
		}
		return n
	}
	fmt.Fprintf(&b, "%d points, %d held; %s on %d cores, seed %d.\n\n", sum(f.tried), sum(f.held), took.Round(time.Second), runtime.NumCPU(), seed)
	b.WriteString("| what happens | points | held | not reached |\n|---|---:|---:|---:|\n")
	for _, group := range f.groups() {
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", group, f.tried[group], f.held[group], f.skipped[group])
	}
	b.WriteString("\n## Known not to hold\n\n")
	if len(f.failures) == 0 {
		b.WriteString("Nothing.\n")
	}
	var names []string
	for _, failed := range f.failures {
		why, _, _ := strings.Cut(failed.err.Error(), "\n")
		names = append(names, fmt.Sprintf("- %s: %s.\n", failed.point.name, cmp.Or(knownNotToHold[failed.point.name], strings.TrimSuffix(why, ":"))))
	}
	slices.Sort(names)
	b.WriteString(strings.Join(names, ""))
	return b.Bytes()
}
