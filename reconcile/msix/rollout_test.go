package msix

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/schema"
)

const (
	testFlight = "43e448df-97c9-4a43-a0bc-2a445e736bcd"
	// pointerDelivery is the object that a rollout lies in.
	pointerDelivery = "/" + fieldDelivery
)

// liveFlight is a published flight submission as the service answers it, with a
// member that no page names.
const liveFlight = `{"id":"` + testPublished + `","flightId":"` + testFlight + `","status":"Published",
	"statusDetails":{"errors":[],"warnings":[],"certificationReports":[]},
	"flightPackages":[{"fileName":"ContosoNotes_1.0.0.0_x64.msix","fileStatus":"Uploaded","id":"2000000000000000001","version":"1.0.0.0","architecture":"x64",
		"languages":["en-US"],"capabilities":[],"minimumDirectXVersion":"None","minimumSystemRam":"None","targetDeviceFamilies":["Windows.Desktop min version 10.0.17763.0"]}],
	"packageDeliveryOptions":{"packageRollout":{"isPackageRollout":false,"packageRolloutPercentage":0.0,"packageRolloutStatus":"PackageRolloutNotStarted","fallbackSubmissionId":"0"},
		"isMandatoryUpdate":false,"mandatoryUpdateEffectiveDate":"1601-01-01T00:00:00.0000000Z"},
	"fileUploadUrl":null,"targetPublishMode":"Immediate","targetPublishDate":"","notesForCertification":"none","somethingNew":{"share":1.50}}`

// rolloutKind is a kind of product that has rollouts.
type rolloutKind struct {
	submission string
	manifest   func(schema.MsixApp) *schema.Manifest
	product    product
}

func rolloutKinds() map[string]rolloutKind {
	return map[string]rolloutKind{
		"app": {liveSubmission, notes, appProduct(testApp)},
		"flight": {liveFlight, func(spec schema.MsixApp) *schema.Manifest {
			return &schema.Manifest{Kind: schema.PackageFlightKind, Metadata: schema.Metadata{Name: "insiders"}, File: "flight.yaml", PackageFlight: &schema.PackageFlight{
				App: "contoso-notes", AppID: testApp, ID: testFlight, Packages: spec.Packages, Rollout: spec.Rollout,
				PackageDeliveryOptions: spec.PackageDeliveryOptions, NotesForCertification: spec.NotesForCertification}}
		}, product{kind: kindFlight, app: testApp, id: testFlight}},
	}
}

// lookLive is what Observe makes of a published submission.
func lookLive(t *testing.T, kind rolloutKind, m *schema.Manifest, submission string) *reconcile.Observed {
	t.Helper()
	o := look(t, m, submission, nil)
	o.ID = kind.product.id
	o.Raw[rawProduct] = encode(productFacts{Kind: kind.product.kind})
	live := parsed(t, submission)
	o.Running = runningRollout(live)
	takeRollout(o.State, live)
	return o
}

// samePackage and newPackage are the package that is live, and one that is not.
func samePackage() []schema.MsixPackage {
	return []schema.MsixPackage{pinned("ContosoNotes_1.0.0.0_x64.msix", "1.0.0.0", "x64")}
}

func newPackage() []schema.MsixPackage {
	return []schema.MsixPackage{built("ContosoNotes_2.0.0.0_x64.msix", "2.0.0.0", "x64")}
}

func rolledTo(status, percentage string) map[string]string {
	return map[string]string{rolloutPointer: `{"isPackageRollout":true,"packageRolloutPercentage":` + percentage + `,"packageRolloutStatus":"` + status + `","fallbackSubmissionId":"7"}`}
}

// planned is what a plan says of a rollout.
type planned struct {
	// Changes are those below rollout, as "path before > after".
	Changes []string
	// Problems are phrases of what Desire or Audit found, Notices of notices.
	Problems, Notices []string
	// Steps are the operations on what is published, Start the rollout that the
	// put of a new submission sets.
	Steps []string
	Start string
}

const (
	atOnce      = `POST X/submissions/` + testPublished
	started     = `{"fallbackSubmissionId":"0","isPackageRollout":true,"packageRolloutPercentage":10,"packageRolloutStatus":"PackageRolloutNotStarted"}`
	applyNext   = "rollout applies to the next new package set"
	haltedClone = "the next submission is a copy of the halted one"
)

// TestRolloutStates is the table of the rollout: what is live, what the manifest
// has, and what a plan makes of it.
func TestRolloutStates(t *testing.T) {
	share := func(p float64) *schema.Rollout { return &schema.Rollout{Percentage: &p} }
	finalized, halted := &schema.Rollout{Finalized: true}, &schema.Rollout{Halted: true}
	running := rolledTo(rolloutInProgress, "25.0")
	cases := []struct {
		name, reason string
		live         map[string]string
		packages     []schema.MsixPackage
		rollout      *schema.Rollout
		want         planned
	}{
		{"new set", "starts at its percentage", nil, newPackage(), share(10),
			planned{Changes: []string{`rollout.percentage  > 10`}, Start: started}},
		{"new set to everybody step by step", "100 % is a rollout, too", nil, newPackage(), share(100),
			planned{Changes: []string{`rollout.percentage  > 100`}, Notices: []string{"100 % is not finalized"}, Start: strings.Replace(started, ":10,", ":100,", 1)}},
		{"new set finalized", "goes to everybody at once, without a rollout", nil, newPackage(), finalized, planned{}},
		{"new set halted", "is nothing that there can be", nil, newPackage(), halted, planned{Problems: []string{"error rollout.halted: a new package set cannot start halted"}}},
		{"new set, nothing said", "inherits none", rolledTo(rolloutComplete, "100"), newPackage(), nil, planned{}},
		{"new set after a finished one", "starts anew", rolledTo(rolloutComplete, "100"), newPackage(), share(10),
			planned{Changes: []string{`rollout.percentage  > 10`}, Start: started}},
		{"new set after a halt", "starts anew", rolledTo(rolloutStopped, "0"), newPackage(), share(10),
			planned{Changes: []string{`rollout.percentage  > 10`}, Start: started}},

		{"raised", "is one call", running, samePackage(), share(50), planned{Changes: []string{`rollout.percentage 25 > 50`},
			Steps: []string{"rollout.percentage publish " + atOnce + "/updatepackagerolloutpercentage?percentage=50"}}},
		{"raised by a part of a percent", "percentages are no whole numbers", running, samePackage(), share(25.5), planned{Changes: []string{`rollout.percentage 25 > 25.5`},
			Steps: []string{"rollout.percentage publish " + atOnce + "/updatepackagerolloutpercentage?percentage=25.5"}}},
		{"raised to 100 %", "is not finalized", running, samePackage(), share(100), planned{Changes: []string{`rollout.percentage 25 > 100`}, Notices: []string{"100 % is not finalized"},
			Steps: []string{"rollout.percentage publish " + atOnce + "/updatepackagerolloutpercentage?percentage=100"}}},
		{"raised, packages unmanaged", "the set is the live one", running, nil, share(50), planned{Changes: []string{`rollout.percentage 25 > 50`},
			Steps: []string{"rollout.percentage publish " + atOnce + "/updatepackagerolloutpercentage?percentage=50"}}},
		{"lowered", "cannot be", running, samePackage(), share(10), planned{Changes: []string{`rollout.percentage 25 > 10`},
			Problems: []string{"error rollout.percentage: the rollout is at 25 % and cannot go back to 10 %"}}},
		{"equal", "is nothing to do", running, samePackage(), share(25), planned{}},
		{"equal at 100 %", "still is not finalized", rolledTo(rolloutInProgress, "100"), samePackage(), share(100), planned{Notices: []string{"100 % is not finalized"}}},
		{"finalized", "is one call", running, samePackage(), finalized, planned{Changes: []string{`rollout.finalized  > true`},
			Steps: []string{"rollout.finalize publish " + atOnce + "/finalizepackagerollout"}}},
		{"halted", "is one call that cannot be taken back", running, samePackage(), halted, planned{Changes: []string{`rollout.halted  > true [halt-rollout]`},
			Notices: []string{"halting is final: who has the packages keeps them, nobody else gets them, and " + haltedClone},
			Steps:   []string{"rollout.halt destroy " + atOnce + "/haltpackagerollout"}}},
		{"unmanaged", "is let run", running, samePackage(), nil, planned{}},
		{"new set while one runs", "the percentage is that of the next set, and no step of the running one", running, newPackage(), share(50),
			planned{Notices: []string{"50 % is for the new packages, which have to wait; the rollout that is running stays at 25 %"},
				Start: strings.Replace(started, ":10,", ":50,", 1)}},
		{"new set to everybody while one runs", "is no finalizing of the running one", running, newPackage(), finalized, planned{}},
		{"new set halted while one runs", "says how to halt the running one", running, newPackage(), halted, planned{Problems: []string{"error rollout.halted: a new package set cannot start halted"}}},

		{"finished, a percentage left in git", "does not fight what is finished", rolledTo(rolloutComplete, "100"), samePackage(), share(10), planned{Notices: []string{"complete; " + applyNext}}},
		{"finished, finalized", "is what is wanted", rolledTo(rolloutComplete, "100"), samePackage(), finalized, planned{}},
		{"finished, halted", "comes too late", rolledTo(rolloutComplete, "100"), samePackage(), halted, planned{Notices: []string{"complete; " + applyNext}}},
		{"halted, a percentage left in git", "does not start it again", rolledTo(rolloutStopped, "0"), samePackage(), share(10), planned{Notices: []string{"was halted, which is final; " + applyNext + ", and " + haltedClone}}},
		{"halted, finalized", "cannot be", rolledTo(rolloutStopped, "0"), samePackage(), finalized, planned{Notices: []string{"was halted, which is final; "}}},
		{"halted, halted", "is what is wanted", rolledTo(rolloutStopped, "0"), samePackage(), halted, planned{Notices: []string{"is halted, and " + haltedClone}}},
		{"never started, a percentage", "is for the next set", nil, samePackage(), share(10), planned{Notices: []string{"no rollout is running and there are no new packages; " + applyNext}}},
		{"never started, finalized", "everybody has the packages", nil, samePackage(), finalized, planned{}},
		{"never started, halted", "has nothing to halt", nil, samePackage(), halted, planned{Notices: []string{"no rollout is running"}}},
		{"no rollout object", "nothing to read", map[string]string{rolloutPointer: "null"}, samePackage(), share(10), planned{Notices: []string{"no rollout is running"}}},
	}
	for name, kind := range rolloutKinds() {
		for _, c := range cases {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				m := kind.manifest(schema.MsixApp{Packages: c.packages, Rollout: c.rollout})
				got := planRollout(t, kind, m, with(t, kind.submission, c.live))
				for _, phrases := range []*[]string{&got.Problems, &got.Notices} {
					want := c.want.Problems
					if phrases == &got.Notices {
						want = c.want.Notices
					}
					keepPhrases(*phrases, want)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", c.reason, diff)
				}
			})
		}
	}
}

// keepPhrases shortens texts to the phrase that is wanted of each.
func keepPhrases(texts, phrases []string) {
	for i := range texts {
		if i < len(phrases) && strings.Contains(texts[i], phrases[i]) {
			texts[i] = phrases[i]
		}
	}
}

// with is a submission with other members set.
func with(t *testing.T, submission string, changes map[string]string) string {
	t.Helper()
	d := parsed(t, submission)
	for pointer, value := range changes {
		if err := d.set(pointer, json.RawMessage(value)); err != nil {
			t.Fatal(err)
		}
	}
	return string(d.raw())
}

// planRollout plans as the engine does, and keeps what belongs to the rollout.
func planRollout(t *testing.T, kind rolloutKind, m *schema.Manifest, submission string) planned {
	t.Helper()
	o := lookLive(t, kind, m, submission)
	b := &backend{}
	var got planned
	desired, found := b.Desire(m, o)
	if got.Problems = problems(found); len(found) > 0 {
		return got
	}
	for _, notice := range desired.Notices {
		got.Notices = append(got.Notices, notice.Text)
	}
	target, changes := targetOf(t, m, o)
	steps := changes
	for i, change := range changes {
		if !change.Path.Under(plan.PathRollout) {
			continue
		}
		line := string(change.Path) + " " + string(change.Before) + " > " + string(change.After)
		for _, guard := range b.Guards(change, o, target) {
			line += " [" + string(guard) + "]"
		}
		got.Changes = append(got.Changes, line)
		if o.Running != nil {
			steps = changes[i : i+1]
		}
	}
	if len(changes) == 0 {
		return got
	}
	if got.Problems = problems(b.Audit(m, o, target)); len(got.Problems) > 0 {
		return got
	}
	operations, found := b.Lower(reconcile.LowerRequest{Manifest: m, Observed: o, Target: target, Changes: steps, Use: reconcile.UseFresh})
	if len(found) > 0 {
		t.Fatal(found)
	}
	for _, operation := range operations {
		switch {
		case strings.HasPrefix(operation.ID, "rollout."):
			path, below := strings.CutPrefix(operation.Path, kind.product.path())
			if !below || !slices.Equal(operation.Covers, []plan.Path{steps[0].Path}) || operation.Verb != plan.VerbCall || operation.Summary == "" || len(operations) != 1 {
				t.Errorf("operation %+v", operation)
			}
			got.Steps = append(got.Steps, operation.ID+" "+string(operation.Effect)+" "+operation.Method+" X"+path)
		case operation.ID == stepPut:
			var body putBody
			if err := json.Unmarshal(operation.Body, &body); err != nil {
				t.Fatal(err)
			}
			patch, _ := parsePatch(body.Patch)
			for _, step := range patch {
				if step.Path == rolloutPointer {
					got.Start = string(step.Value)
				}
			}
		}
	}
	return got
}

// While a rollout runs the state says how far it is, and what blocks others.
func TestRunningRolloutIsObserved(t *testing.T) {
	for name, kind := range rolloutKinds() {
		m := kind.manifest(schema.MsixApp{})
		for _, c := range []struct {
			status, percentage, submission string
			running, words, share          string
		}{
			{rolloutInProgress, "25.5", statusPublished, "25.5 %", "running: 25.5 % of the customers", "25.5"},
			{rolloutInProgress, "100.0", statusPublished, "100 %", "running: 100 % of the customers", "100"},
			{rolloutInProgress, "25.0", statusPendingCommit, "", "", ""}, // a copy of the live one's
			{rolloutInProgress, "25.0", statusCertification, "", "", ""},
			{rolloutComplete, "100.0", statusPublished, "", "finalized: the packages are for everybody", ""},
			{rolloutStopped, "0.0", statusPublished, "", "halted: nobody else gets the packages", ""},
			{rolloutNotStarted, "0.0", statusPublished, "", "", ""},
			{"PackageRolloutOfTheFuture", "10.0", statusPublished, "", "", ""},
		} {
			changes := rolledTo(c.status, c.percentage)
			changes["/status"] = `"` + c.submission + `"`
			submission := with(t, kind.submission, changes)
			o := lookLive(t, kind, m, submission)
			if got := string(o.State[rolloutPath].JSON); got != c.share || o.State[rolloutPath].Exact != (c.share != "") {
				t.Errorf("%s %s: the state has %q", name, c.status, got)
			}
			if (o.Running != nil) != (c.running != "") {
				t.Fatalf("%s %s %s: running %+v", name, c.submission, c.status, o.Running)
			}
			if r := o.Running; r != nil && (!r.Rollout || r.ID != testPublished || !strings.Contains(r.Detail[0], c.running) ||
				!strings.Contains(r.Next, "rollout: {finalized: true}") || !strings.Contains(r.Next, "halt-rollout")) {
				t.Errorf("%s: running %+v", name, r)
			}
			if got := rolloutWords(parsed(t, submission)); got != c.words && c.submission == statusPublished {
				t.Errorf("%s %s: said %q", name, c.status, got)
			}
		}
	}
}

// A clone that came without a rollout gets a whole one: set inside of nothing,
// it would be lost, and the packages would go to everybody.
func TestRolloutWithoutAnObjectToSetItIn(t *testing.T) {
	for name, kind := range rolloutKinds() {
		for _, missing := range []map[string]string{
			{rolloutPointer: "null"}, {pointerDelivery: "{}"}, {pointerDelivery: "null"}, {rolloutPointer: ""}, {pointerDelivery: ""},
		} {
			live := parsed(t, kind.submission)
			for pointer, value := range missing {
				if live.remove(pointer); value != "" {
					if err := live.set(pointer, json.RawMessage(value)); err != nil {
						t.Fatal(err)
					}
				}
			}
			m := kind.manifest(schema.MsixApp{Packages: newPackage(), Rollout: &schema.Rollout{Percentage: new(10.0)}})
			o := lookLive(t, kind, m, string(live.raw()))
			target, changes := targetOf(t, m, o)
			operations, found := (&backend{}).Lower(reconcile.LowerRequest{Manifest: m, Observed: o, Target: target, Changes: changes, Use: reconcile.UseFresh})
			if len(found) > 0 {
				t.Fatal(found)
			}
			i := slices.IndexFunc(operations, func(o plan.Operation) bool { return o.ID == stepPut })
			sent, _, err := (&backend{client: &client{}}).patched(t.Context(), kind.product, live, operations[i].Body, true)
			if err != nil {
				t.Fatalf("%s %v: %v", name, missing, err)
			}
			if got, _ := sent.get(rolloutPointer); string(got) != started {
				t.Errorf("%s %v: sent %s", name, missing, got)
			}
		}
	}
}

// The first set of a product has no earlier one that the rest could keep.
func TestRolloutOfAFirstSet(t *testing.T) {
	for name, kind := range rolloutKinds() {
		m := kind.manifest(schema.MsixApp{Packages: newPackage(), Rollout: &schema.Rollout{Percentage: new(10.0)}})
		o := lookLive(t, kind, m, with(t, kind.submission, map[string]string{"/status": `"PendingCommit"`}))
		o.Drafts = provenance.FirstDraft
		target, _ := targetOf(t, m, o)
		if got := problems((&backend{}).Audit(m, o, target)); len(got) != 1 || !strings.Contains(got[0], "warning rollout.percentage: nothing is published yet") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A running rollout is not taken over by what else is planned meanwhile, though
// nothing of that can be done yet.
func TestRunningRolloutIsNoNewOnes(t *testing.T) {
	for name, kind := range rolloutKinds() {
		m := kind.manifest(schema.MsixApp{Rollout: &schema.Rollout{Percentage: new(25.0)}, NotesForCertification: text("Hello.")})
		if got := planRollout(t, kind, m, with(t, kind.submission, rolledTo(rolloutInProgress, "25"))); got.Start != "" || got.Steps != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What is halted does not come back, whatever is written: the next submission is
// a copy of it, and a word in git may be older than the halt.
func TestHaltedPackagesStayHalted(t *testing.T) {
	const brings = ": the rollout of the live packages was halted, and a new submission that keeps them gives them to all customers"
	refused := []string{"error rollout" + brings}
	for name, kind := range rolloutKinds() {
		for _, c := range []struct {
			status   string
			packages []schema.MsixPackage
			rollout  *schema.Rollout
			want     []string
		}{
			{rolloutStopped, nil, nil, refused},
			{rolloutStopped, samePackage(), nil, refused},
			{rolloutStopped, samePackage(), &schema.Rollout{Halted: true}, refused},
			{rolloutStopped, samePackage(), &schema.Rollout{Percentage: new(10.0)}, refused},
			{rolloutStopped, samePackage(), &schema.Rollout{Finalized: true}, refused},
			{rolloutStopped, newPackage(), nil, nil},
			{rolloutComplete, nil, nil, nil},
			{rolloutNotStarted, nil, nil, nil},
		} {
			m := kind.manifest(schema.MsixApp{Packages: c.packages, Rollout: c.rollout, NotesForCertification: text("Hello.")})
			o := lookLive(t, kind, m, with(t, kind.submission, rolledTo(c.status, "0.0")))
			target, _ := targetOf(t, m, o)
			if diff := cmp.Diff(c.want, problems((&backend{}).Audit(m, o, target))); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", name, c.status, diff)
			}
		}
	}
}

// TestNewestPackagesAreTheHaltedOnes: what a halted rollout brought is told by
// its version, whatever stands beside it.
func TestNewestPackagesAreTheHaltedOnes(t *testing.T) {
	live := func(versions ...string) publishedSet {
		var set publishedSet
		for _, v := range versions {
			version, architecture, _ := strings.Cut(v, " ")
			set.Packages = append(set.Packages, livePackage{storedPackage: storedPackage{FileName: v, Version: version, Architecture: architecture}})
		}
		return set
	}
	target := func(versions ...string) plan.State {
		state := plan.State{}
		for i, v := range versions {
			version, architecture, _ := strings.Cut(v, " ")
			key := "package" + percentNumber(float64(i))
			state[plan.Join(fieldPackages, key, fieldVersion)] = plan.StringValue(version)
			state[plan.Join(fieldPackages, key, fieldArchitecture)] = plan.StringValue(architecture)
		}
		return state
	}
	for _, c := range []struct {
		reason string
		live   publishedSet
		target plan.State
		want   []string
	}{
		{"the same", live("2.1.0.0 x64"), target("2.1.0.0 x64"), []string{"2.1.0.0 x64"}},
		{"another version", live("2.1.0.0 x64"), target("2.2.0.0 x64"), nil},
		{"back to the older one", live("2.1.0.0 x64", "2.0.0.0 x64"), target("2.0.0.0 x64"), nil},
		{"the older one goes", live("2.1.0.0 x64", "2.0.0.0 x64"), target("2.1.0.0 x64"), []string{"2.1.0.0 x64"}},
		{"one of two goes", live("2.1.0.0 x64", "2.1.0.0 arm64"), target("2.1.0.0 arm64"), []string{"2.1.0.0 arm64"}},
		{"one of two is mended", live("2.1.0.0 x64", "2.1.0.0 arm64"), target("2.2.0.0 x64", "2.1.0.0 arm64"), []string{"2.1.0.0 arm64"}},
		{"an older one for another device stays", live("2.1.0.0 x64", "1.0.0.0 arm64"), target("2.2.0.0 x64", "1.0.0.0 arm64"), nil},
		{"of that version for another device", live("2.1.0.0 x64"), target("2.1.0.0 arm64"), nil},
		{"a bundle that shows otherwise", live("2.1.0.0 x64_arm64"), target("2.1.0.0 x64"), []string{"2.1.0.0 x64_arm64"}},
		{"nothing is live", live(), target("2.1.0.0 x64"), nil},
	} {
		if diff := cmp.Diff(c.want, c.live.newestIn(c.target)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.reason, diff)
		}
	}
}

// A mandatory update and its day are written for apps and flights alike, and
// one without a day is refused.
func TestMandatoryUpdate(t *testing.T) {
	for name, kind := range rolloutKinds() {
		options := &schema.PackageDeliveryOptions{IsMandatoryUpdate: new(true), MandatoryUpdateEffectiveDate: new("2027-01-31T10:00:00+01:00")}
		m := kind.manifest(schema.MsixApp{PackageDeliveryOptions: options})
		o := lookLive(t, kind, m, kind.submission)
		var body putBody
		if err := json.Unmarshal(operation(t, lowered(t, m, o, nil), stepPut).Body, &body); err != nil {
			t.Fatal(err)
		}
		want := `[{"op":"replace","path":"/packageDeliveryOptions/isMandatoryUpdate","value":true},` +
			`{"op":"add","path":"/packageDeliveryOptions/mandatoryUpdateEffectiveDate","value":"2027-01-31T09:00:00Z"}]`
		if diff := cmp.Diff(want, string(body.Patch)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		m = kind.manifest(schema.MsixApp{PackageDeliveryOptions: &schema.PackageDeliveryOptions{IsMandatoryUpdate: new(true)}})
		checkProblems(t, audited(t, m, o), "error packageDeliveryOptions.mandatoryUpdateEffectiveDate: a mandatory update needs the date")
	}
}
