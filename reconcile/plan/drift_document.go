package plan

import (
	"encoding/json"
	"time"

	"github.com/storesync/storesync/schema"
)

// Drift is how live products differ from their manifests, and which side moved.
// `drift --output json` prints it. It holds no secret.
type Drift struct {
	FormatVersion string           `json:"formatVersion"`
	Tool          string           `json:"tool"`
	CreatedAt     time.Time        `json:"createdAt"`
	Endpoints     []string         `json:"endpoints"`
	Products      []DriftOfProduct `json:"products"`
	Summary       DriftSummary     `json:"summary"`
	// Verdict is the weightiest of the products.
	Verdict Verdict `json:"verdict"`
	// InSync is true when every product is.
	InSync bool `json:"inSync"`
	// Complete is true when everything managed could be read and compared.
	Complete bool `json:"complete"`
	// Errored is true when a product could not be compared at all.
	Errored bool `json:"errored"`
	// Diagnostics are what is wrong with manifests.
	Diagnostics schema.Diagnostics `json:"diagnostics"`
}

// DriftOfProduct is how one product differs from its manifest.
type DriftOfProduct struct {
	Address string `json:"address"`
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	// Verdict says where the product stands, Standing what that rests on.
	Verdict  Verdict   `json:"verdict"`
	Standing *Standing `json:"standing,omitempty"`
	// InSync is true when customers get what git says, or will soon.
	InSync   bool `json:"inSync"`
	Complete bool `json:"complete"`
	// Recorded is true when the record knows what was last applied.
	Recorded bool `json:"recorded"`
	// Unfinished is true when nothing differs and customers still do not have
	// it; the verdict says why.
	Unfinished  bool         `json:"unfinished,omitempty"`
	Differences []Difference `json:"differences"`
	// Reports are what could not be compared, or what to know.
	Reports []Difference `json:"reports,omitempty"`
	// Unmanaged are what no manifest writes and somebody changed in the Store
	// since the last apply.
	Unmanaged []Difference `json:"unmanaged,omitempty"`
	Running   *Submission  `json:"running,omitempty"`
	Notices   []Notice     `json:"notices"`
	Error     string       `json:"error,omitempty"`
}

// Difference is one path of a drift.
type Difference struct {
	Path   Path   `json:"path"`
	Action Action `json:"action"`
	Type   Type   `json:"type,omitempty"`
	// Observed is what the Store has, Desired what the manifest says; a
	// sensitive value is "(sensitive)" on both sides.
	Observed  json.RawMessage `json:"observed,omitempty"`
	Desired   json.RawMessage `json:"desired,omitempty"`
	Sensitive bool            `json:"sensitive,omitempty"`
	// Origin is "" when the record does not tell; Label is it in words.
	Origin Origin `json:"origin,omitempty"`
	Label  string `json:"label,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// DriftSummary counts the differences by origin.
type DriftSummary struct {
	Store     int `json:"store"`
	Manifest  int `json:"manifest"`
	Both      int `json:"both"`
	Unknown   int `json:"unknown"`
	Unmanaged int `json:"unmanaged"`
	Reports   int `json:"reports"`
}

// Drift is the plan read as a comparison.
func (p *Plan) Drift() *Drift {
	drift := &Drift{
		FormatVersion: FormatVersion, Tool: p.Tool, CreatedAt: p.CreatedAt, Endpoints: OrEmpty(p.Endpoints),
		Products: []DriftOfProduct{}, InSync: true, Complete: p.Complete, Errored: p.Errored,
		Diagnostics: p.Diagnostics,
	}
	if drift.Diagnostics == nil {
		drift.Diagnostics = schema.Diagnostics{}
	}
	var verdicts []Verdict
	for _, product := range p.Products {
		found := product.Drift()
		drift.Products = append(drift.Products, found)
		drift.InSync = drift.InSync && found.InSync
		drift.Summary.Count(found)
		verdicts = append(verdicts, product.Verdict)
	}
	drift.Verdict = Worst(verdicts)
	return drift
}

// Drift is the product's plan read as a comparison.
func (p Product) Drift() DriftOfProduct {
	drift := DriftOfProduct{
		Address: p.Address, Kind: p.Kind, ID: p.ID, Verdict: p.Verdict, Standing: p.Standing, Complete: p.Complete, Recorded: p.Recorded,
		Differences: []Difference{}, Running: p.Running, Notices: OrEmpty(p.Notices), Error: p.Error,
	}
	for _, change := range p.Changes {
		d := Difference{
			Path: change.Path, Action: change.Action, Type: change.Type, Observed: change.Before, Desired: change.After,
			Sensitive: change.Sensitive, Origin: change.Origin, Reason: change.Reason,
		}
		switch {
		case change.Action != ActionReport:
			d.Label = change.Origin.Label()
			drift.Differences = append(drift.Differences, d)
		case change.Origin == OriginStore:
			d.Observed, d.Desired, d.Label = change.After, nil, change.Origin.Label()
			drift.Unmanaged = append(drift.Unmanaged, d)
		default:
			drift.Reports = append(drift.Reports, d)
		}
	}
	drift.InSync = p.Verdict.ExitCode() == 0
	drift.Unfinished = len(drift.Differences) == 0 && !drift.InSync && p.Verdict != VerdictError
	return drift
}

func (s *DriftSummary) Count(p DriftOfProduct) {
	for _, d := range p.Differences {
		switch d.Origin {
		case OriginStore:
			s.Store++
		case OriginManifest:
			s.Manifest++
		case OriginBoth:
			s.Both++
		default:
			s.Unknown++
		}
	}
	s.Unmanaged += len(p.Unmanaged)
	s.Reports += len(p.Reports)
}
