package emulator

import (
	"encoding/json"
	"fmt"
	"time"
)

// Pace is how long the service takes for what it does by itself. Zero is the
// default of a field; a negative duration is "at once".
type Pace struct {
	// Packages is from a commit of changed packages until they are downloaded
	// and scanned; default one second, in production minutes.
	Packages time.Duration
	// Modules is from a write of metadata or images until the module is ready
	// again; default at once, as observed.
	Modules time.Duration
	// Certification is from a submit until the submission is published or has
	// failed; default three seconds, in production hours to days.
	Certification time.Duration
	// StatusLag is how long after a submit the status still answers ready and
	// names no submission (observed 2026-02); default at once.
	StatusLag time.Duration
}

// The defaults of Pace.
const (
	defaultPackagesPace      = time.Second
	defaultCertificationPace = 3 * time.Second
)

// paceDocument is Pace in JSON, with durations as Go writes them.
type paceDocument struct {
	Packages      string `json:"packages,omitempty"`
	Modules       string `json:"modules,omitempty"`
	Certification string `json:"certification,omitempty"`
	StatusLag     string `json:"statusLag,omitempty"`
}

// UnmarshalJSON reads durations like "2s"; "0s" is at once.
func (p *Pace) UnmarshalJSON(raw []byte) error {
	var document paceDocument
	if err := strictDecode(raw, &document); err != nil {
		return err
	}
	for _, entry := range []struct {
		name, text string
		into       *time.Duration
	}{
		{"packages", document.Packages, &p.Packages},
		{"modules", document.Modules, &p.Modules},
		{"certification", document.Certification, &p.Certification},
		{"statusLag", document.StatusLag, &p.StatusLag},
	} {
		if entry.text == "" {
			continue
		}
		d, err := time.ParseDuration(entry.text)
		if err != nil {
			return fmt.Errorf("pace.%s %q: give a duration like 2s", entry.name, entry.text)
		}
		if d == 0 {
			d = -1
		}
		*entry.into = d
	}
	return nil
}

// MarshalJSON writes durations as text.
func (p Pace) MarshalJSON() ([]byte, error) {
	text := func(d time.Duration) string {
		switch {
		case d == 0:
			return ""
		case d < 0:
			return "0s"
		default:
			return d.String()
		}
	}
	return json.Marshal(paceDocument{text(p.Packages), text(p.Modules), text(p.Certification), text(p.StatusLag)})
}

// pace is the one in force: the seed's, else the options', else the default.
func (s *state) pace() Pace {
	var seeded Pace
	if s.Pace != nil {
		seeded = *s.Pace
	}
	first := func(values ...time.Duration) time.Duration {
		for _, d := range values {
			if d != 0 {
				return d
			}
		}
		return 0
	}
	return Pace{
		Packages:      first(seeded.Packages, s.fallback.Packages, defaultPackagesPace),
		Modules:       first(seeded.Modules, s.fallback.Modules),
		Certification: first(seeded.Certification, s.fallback.Certification, defaultCertificationPace),
		StatusLag:     first(seeded.StatusLag, s.fallback.StatusLag),
	}
}

// advance lets everything happen that was due by now.
func (s *state) advance(now time.Time, contents *contents) {
	for _, p := range s.MsiExe {
		if p.Processing != nil && !now.Before(p.Processing.Due) {
			s.finishPackages(p)
		}
		if running := p.running(); running != nil && !now.Before(running.Due) {
			running.Status = running.Outcome
			s.touch()
		}
		s.forgetExpiredAssets(p, now, contents)
	}
	s.advanceMsix(now, contents)
}

// settle is advance with everything due.
func (s *state) settle(now time.Time, contents *contents) {
	for _, p := range s.MsiExe {
		if p.Processing != nil {
			p.Processing.Due = now
			s.touch()
		}
		if running := p.running(); running != nil {
			running.Due = now
			s.touch()
		}
		if now.Before(p.ModulesReady) {
			p.ModulesReady = now
			s.touch()
		}
	}
	s.settleMsix(now)
	s.advance(now, contents)
}
