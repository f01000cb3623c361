//go:build linux

package reliability

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// point is one thing that is done to a run of the command.
type point struct {
	group, name string
	run         func(ctx context.Context) error
}

// knownNotToHold are points at which the command does not do what it should, with
// what it does. One that holds must leave the list.
var knownNotToHold = map[string]string{
	"add-on: new: no JSON at PUT /v1.0/my/inappproducts/ID/submissions/ID": "an answer of 200 is taken for a write that was done, though its body is no answer; " +
		"with lossy-rewrite allowed, the old values then count as what the Store made of the new ones, and no later apply sends them",
	"MSI/EXE: package, price, markets: killed after request 5, PATCH /submission/v1/product/" + readerID + "/packages/70000035, record lost": "packages that were " +
		"written and not committed look as the manifest says; without the record nothing tells that the commit is missing, and the Store refuses the submission",
}

// sampled is how many points of a group go test tries: of each fault one, for
// there are many, and many wait.
func sampled(group string) int {
	if strings.HasPrefix(group, "fault") {
		return 1
	}
	return 6
}

// TestReliability tries a sample of all points, or all of them where
// STORESYNC_RELIABILITY names the file to write the figures to.
// STORESYNC_RELIABILITY_SEED chooses another sample.
func TestReliability(t *testing.T) {
	t.Parallel()
	file := os.Getenv("STORESYNC_RELIABILITY")
	// The sample is the same each time, so that a failure belongs to a change.
	seed := uint64(1)
	if file != "" {
		seed = uint64(time.Now().UnixNano())
	}
	if text := os.Getenv("STORESYNC_RELIABILITY_SEED"); text != "" {
		parsed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = parsed
	}
	t.Logf("seed %d", seed)

	begun := time.Now()
	points, err := allPoints(t.Context(), scenarios(t))
	if err != nil {
		t.Fatal(err)
	}
	// Each point has its own place in the order: one that comes or goes with how a
	// run went moves no other.
	place := func(p point) uint64 {
		h := fnv.New64a()
		fmt.Fprint(h, seed, p.name)
		return h.Sum64()
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(place(a), place(b)) })
	if file == "" {
		points = sampleOf(points)
	}
	figures := try(t.Context(), points)
	for _, f := range figures.failures {
		if knownNotToHold[f.point.name] == "" {
			t.Errorf("%s: %v", f.point.name, f.err)
		}
	}
	for _, name := range figures.better {
		t.Errorf("%s holds now: take it off the list of what is known not to", name)
	}
	for _, group := range figures.groups() {
		t.Log(figures.line(group))
	}
	if file != "" {
		if err := os.WriteFile(file, figures.page(seed, time.Since(begun)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// sampleOf takes some points of each group.
func sampleOf(points []point) []point {
	var sample []point
	taken := map[string]int{}
	for _, p := range points {
		if taken[p.group]++; taken[p.group] <= sampled(p.group) {
			sample = append(sample, p)
		}
	}
	return sample
}

func allPoints(ctx context.Context, scenarios []*scenario) ([]point, error) {
	var mu sync.Mutex
	var points []point
	trace := canTrace()
	err := inParallel(scenarios, func(s *scenario) error {
		u, err := goUndisturbed(ctx, s)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		points = append(points, killPoints(u)...)
		points = append(points, faultPoints(u)...)
		points = append(points, togetherPoints(u)...)
		points = append(points, diskPoints(u)...)
		if trace {
			points = append(points, writePoints(u)...)
		}
		return nil
	})
	return points, err
}

// atOnce is how many points are tried at a time: most of the time each waits.
func atOnce() int { return 8 * runtime.NumCPU() }

func inParallel[T any](all []T, do func(T) error) error {
	var wait sync.WaitGroup
	var mu sync.Mutex
	var found error
	free := make(chan struct{}, atOnce())
	for _, one := range all {
		free <- struct{}{}
		wait.Go(func() {
			defer func() { <-free }()
			if err := do(one); err != nil {
				mu.Lock()
				defer mu.Unlock()
				found = errors.Join(found, err)
			}
		})
	}
	wait.Wait()
	return found
}

type failure struct {
	point point
	err   error
}

// figures count what was tried.
type figures struct {
	mu                   sync.Mutex
	tried, held, skipped map[string]int
	failures             []failure
	// better are points that hold and are known not to.
	better []string
}

func try(ctx context.Context, points []point) *figures {
	f := &figures{tried: map[string]int{}, held: map[string]int{}, skipped: map[string]int{}}
	_ = inParallel(points, func(p point) error {
		err := p.run(ctx)
		f.mu.Lock()
		defer f.mu.Unlock()
		switch {
		case errors.Is(err, errNotReached):
			f.skipped[p.group]++
		case err != nil:
			f.tried[p.group]++
			f.failures = append(f.failures, failure{p, err})
		default:
			f.tried[p.group]++
			f.held[p.group]++
			if knownNotToHold[p.name] != "" {
				f.better = append(f.better, p.name)
			}
		}
		return nil
	})
	return f
}

func (f *figures) line(group string) string {
	line := fmt.Sprintf("%s: %d of %d held", group, f.held[group], f.tried[group])
	if n := f.skipped[group]; n > 0 {
		line += fmt.Sprintf(", %d not reached", n)
	}
	return line
}
