//go:build linux

package reliability

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// undisturbed is a scenario with how it goes when nothing happens.
type undisturbed struct {
	*scenario
	requests []string
	// end is how the Store ends, by whether its history counts.
	end map[bool]*ending
}

func goUndisturbed(ctx context.Context, s *scenario) (*undisturbed, error) {
	st, err := newStand(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	defer st.close()
	st.gate.arm(nil, nil)
	if r := st.apply(ctx); r.code != 0 {
		return nil, fmt.Errorf("%s: exit %d\n%s", s.name, r.code, r.out)
	}
	requests := st.gate.since()
	if err := st.finish(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", s.name, err, st.story())
	}
	u := &undisturbed{scenario: s, requests: requests, end: map[bool]*ending{}}
	for _, history := range []bool{true, false} {
		if u.end[history], err = st.end(history); err != nil {
			return nil, err
		}
	}
	return u, st.leaks()
}

// end is how the Store stands, with or without its history.
func (s *stand) end(history bool) (*ending, error) {
	s.store.Settle()
	return endingOf(s.store.State(), s.store.Requests(), history)
}

// recordFate is what becomes of the record when the command was killed.
type recordFate string

const (
	kept    recordFate = "record kept"
	lost    recordFate = "record lost"
	damaged recordFate = "record damaged"
)

func (s *stand) meet(fate recordFate) error {
	folder := filepath.Join(s.folder, ".storesync")
	switch fate {
	case lost:
		return os.RemoveAll(folder)
	case damaged:
		return filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if errors.Is(err, os.ErrNotExist) || err == nil && !entry.Type().IsRegular() {
				return nil
			}
			if err != nil {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, append(content[:len(content)/2], "\x00{["...), 0o600)
		})
	}
	return nil
}

// moment is when a request kills the command.
type moment struct {
	name string
	act  action
}

var moments = []moment{{"before", killBefore}, {"within", killWithin}, {"after", killAfter}}

// killPoints kill the command at every request of every scenario.
func killPoints(u *undisturbed) []point {
	var points []point
	for i, line := range u.requests {
		for _, m := range moments {
			for _, fate := range []recordFate{kept, lost, damaged} {
				points = append(points, point{
					group: "SIGKILL at a request, " + string(fate),
					name:  fmt.Sprintf("%s: killed %s request %d, %s, %s", u.name, m.name, i+1, line, fate),
					run: func(ctx context.Context) error {
						return u.disturbedBy(ctx, fate, func(st *stand) bool {
							st.gate.arm(func(index int, _ string) bool { return index == i }, m.act)
							st.apply(ctx)
							return st.gate.disarm() > 0
						})
					},
				})
			}
		}
	}
	return points
}

// errNotReached: the run took another way and never came there.
var errNotReached = errors.New("not reached")

// disturbedBy lets a run be disturbed, then applies until nothing is left, and
// compares. disturb reports whether it came to that.
func (u *undisturbed) disturbedBy(ctx context.Context, fate recordFate, disturb func(*stand) bool) (err error) {
	st, err := newStand(ctx, u.scenario)
	if err != nil {
		return err
	}
	defer st.close()
	st.gate.arm(nil, nil)
	if !disturb(st) {
		return errNotReached
	}
	if err := st.meet(fate); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, st.story())
		}
	}()
	return u.converges(ctx, st, fate == kept)
}

// converges finishes what was disturbed. Without its record the command cannot
// tell what is its own, and says so: a person then looks and says --submit.
func (u *undisturbed) converges(ctx context.Context, st *stand, strict bool) error {
	if err := st.finish(ctx); err != nil {
		return err
	}
	differs := u.compare(st, strict)
	if differs == nil || strict {
		return errors.Join(differs, st.leaks())
	}
	last := st.said[len(st.said)-1].out
	if !strings.Contains(last, "--submit") && !strings.Contains(last, "adopt") && !strings.Contains(last, "cannot tell") {
		return errors.Join(differs, errors.New("and the last plan does not say that it cannot tell"))
	}
	if err := st.finish(ctx, "--submit"); err != nil {
		return err
	}
	return errors.Join(u.compare(st, strict), st.leaks())
}

func (u *undisturbed) compare(st *stand, strict bool) error {
	end, err := st.end(strict)
	if err != nil {
		return err
	}
	return end.differs(u.end[strict])
}
