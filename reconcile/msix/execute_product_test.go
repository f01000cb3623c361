package msix

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// flightWith is a flight as the service answers it; "" for no such submission.
func flightWith(name, group, published, pending string) string {
	f := `{"flightId":"` + testFlight + `","friendlyName":"` + name + `","groupIds":["` + group + `"],"rankHigherThan":"Non-flighted submission"`
	if published != "" {
		f += `,"lastPublishedFlightSubmission":{"id":"` + published + `","resourceLocation":"flights/` + testFlight + `/submissions/` + published + `"}`
	}
	if pending != "" {
		f += `,"pendingFlightSubmission":{"id":"` + pending + `","resourceLocation":"flights/` + testFlight + `/submissions/` + pending + `"}`
	}
	return f + "}"
}

func listOf(entries ...string) reply {
	return ok(`{"value":[` + strings.Join(entries, ",") + `],"totalCount":` + string(encode(len(entries))) + `}`)
}

func madeStep() plan.Operation {
	return plan.Operation{ID: stepProductCreate, Verb: plan.VerbCall, Method: http.MethodPost, Path: flightsPath(testApp),
		Body: encode(flightCreation{FriendlyName: "Insiders", GroupIDs: []string{"1"}}), Effect: plan.EffectDraft}
}

const (
	keyMake  = "POST flights"
	keyList  = "GET listflights"
	keyOwn   = "GET flights/" + testFlight
	keyFirst = "POST flights/" + testFlight + "/submissions"
	keyRead  = "GET flights/" + testFlight + "/submissions/" + testDraft
	keyWrite = "PUT flights/" + testFlight + "/submissions/" + testDraft
)

func TestProductIsMadeOnce(t *testing.T) {
	m := insiders(schema.PackageFlight{FriendlyName: "Insiders", GroupIDs: []string{"1"}})
	whole, bare := flightWith("Insiders", "1", "", testDraft), flightWith("Insiders", "1", "", "")
	made := func(body string) reply { return reply{status: 201, body: body} }
	cases := []struct {
		name, reason string
		replies      map[string][]reply
		requests     []string
		output       string
		class        plan.Class
		phrase       string
	}{
		{"made with a draft", "the answer names it, as in Microsoft's sample", map[string][]reply{keyMake: {made(whole)}},
			[]string{keyMake}, `{"id":"` + testFlight + `","draft":"` + testDraft + `"}`, "", ""},
		{"made without one", "the answer names none, as the page says", map[string][]reply{keyMake: {made(bare)}},
			[]string{keyMake}, `{"id":"` + testFlight + `"}`, "", ""},
		{"the answer is lost", "the list shows that it was made", map[string][]reply{keyMake: {lost()}, keyList: {listOf(whole)}},
			[]string{keyMake, keyList}, `{"id":"` + testFlight + `","draft":"` + testDraft + `"}`, "", ""},
		{"the answer is nonsense", "the list shows that it was made", map[string][]reply{keyMake: {made(`{}`)}, keyList: {listOf(bare)}},
			[]string{keyMake, keyList}, `{"id":"` + testFlight + `"}`, "", ""},
		{"the request is lost", "the list shows three times that it was not made, so it is sent again", map[string][]reply{keyMake: {{status: 503}, made(bare)}, keyList: {listOf()}},
			[]string{keyMake, keyList, keyList, keyList, keyMake}, `{"id":"` + testFlight + `"}`, "", ""},
		{"made late", "the list did not show it yet, and a second one is refused", map[string][]reply{
			keyMake: {{status: 503}, no(409, "InvalidState", "a flight of that name exists", "flight")}, keyList: {listOf(), listOf(), listOf(), listOf(bare)}},
			[]string{keyMake, keyList, keyList, keyList, keyMake, keyList}, `{"id":"` + testFlight + `"}`, "", ""},
		{"never made", "it is not tried for ever", map[string][]reply{keyMake: {{status: 503}}, keyList: {listOf()}},
			[]string{keyMake, keyList, keyList, keyList, keyMake, keyList, keyList, keyList, keyMake, keyList, keyList, keyList}, "", plan.ClassError, "HTTP 503"},
		{"somebody else's", "it has other groups", map[string][]reply{keyMake: {lost()}, keyList: {listOf(flightWith("Insiders", "9", "", ""))}},
			[]string{keyMake, keyList}, "", plan.ClassRefused, "storesync did not make it: its groupIds is [\"9\"]"},
		{"refused", "what is wrong is said", map[string][]reply{keyMake: {no(400, "InvalidParameterValue", "group 1 is not known", "groupIds")}},
			[]string{keyMake}, "", plan.ClassError, "flight groups"},
		{"there already", "the plan is old", map[string][]reply{keyMake: {no(409, "InvalidState", "a flight of that name exists", "flight")}},
			[]string{keyMake}, "", plan.ClassError, "Plan again"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, store := against(t, c.replies)
			result, err := runSteps(t, b, m, map[string]json.RawMessage{}, madeStep())
			if c.phrase != "" {
				checkError(t, err, c.class, c.phrase)
			} else if err != nil {
				t.Fatal(err)
			} else if d := cmp.Diff(c.output, string(result.Output)); d != "" {
				t.Errorf("%s: output (-want +got):\n%s", c.reason, d)
			}
			if d := cmp.Diff(c.requests, store.requests()); d != "" {
				t.Errorf("%s: requests (-want +got):\n%s", c.reason, d)
			}
		})
	}
	t.Run("in doubt", func(t *testing.T) {
		b, _ := against(t, map[string][]reply{keyMake: {lost()}, keyList: {no(400, "InvalidOperation", "not now", "")}})
		if _, err := runSteps(t, b, m, map[string]json.RawMessage{}, madeStep()); !errors.Is(err, plan.ErrOutcomeUnknown) {
			t.Errorf("what became of it is not known, and the error is %v", err)
		}
	})
}

// TestFirstDraftOfAProductJustMade: whether or not it came with one, and
// whether or not the answer said so.
func TestFirstDraftOfAProductJustMade(t *testing.T) {
	m := insiders(schema.PackageFlight{FriendlyName: "Insiders"})
	create := plan.Operation{ID: stepCreate, Method: http.MethodPost, Path: wantedProduct(m).with(newProduct).createPath()}
	worked := strings.Replace(pristineFlight, `"flightPackages":[]`, `"flightPackages":[{"fileName":"theirs.msix"}]`, 1)
	pending := no(409, "InvalidState", "Create submission failed, Conflict", "submission")
	cases := []struct {
		name, draft string
		replies     map[string][]reply
		requests    []string
		phrase      string
	}{
		{"it came with one", testDraft, nil, nil, ""},
		{"it came without", "", map[string][]reply{keyFirst: {{status: 201, body: `{"id":"` + testDraft + `"}`}}}, []string{keyFirst}, ""},
		{"it came with one and did not say so", "", map[string][]reply{keyFirst: {pending}, keyOwn: {ok(flightWith("Insiders", "1", "", testDraft))}, keyRead: {ok(pristineFlight)}},
			[]string{keyFirst, keyOwn, keyRead}, ""},
		{"the answer is lost", "", map[string][]reply{keyFirst: {lost()}, keyOwn: {ok(flightWith("Insiders", "1", "", testDraft))}, keyRead: {ok(pristineFlight)}},
			[]string{keyFirst, keyOwn, keyRead}, ""},
		{"somebody has worked in it", "", map[string][]reply{keyFirst: {pending}, keyOwn: {ok(flightWith("Insiders", "1", "", testDraft))}, keyRead: {ok(worked)}},
			[]string{keyFirst, keyOwn, keyRead}, "it has flightPackages"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, store := against(t, c.replies)
			outputs := map[string]json.RawMessage{stepProductCreate: encode(productOutput{ID: testFlight, Draft: c.draft})}
			result, err := runSteps(t, b, m, outputs, create)
			if c.phrase != "" {
				checkError(t, err, plan.ClassRefused, c.phrase)
			} else if err != nil {
				t.Fatal(err)
			} else if result.Draft != testDraft {
				t.Errorf("draft %q, want %s", result.Draft, testDraft)
			}
			if d := cmp.Diff(c.requests, store.requests()); d != "" {
				t.Errorf("requests (-want +got):\n%s", d)
			}
		})
	}
}

// TestWriteOfAFirstDraft: it is written only as it was made, and never so that
// a price comes from nowhere.
func TestWriteOfAFirstDraft(t *testing.T) {
	outputs := func(draft string) map[string]json.RawMessage {
		return map[string]json.RawMessage{stepProductCreate: encode(productOutput{ID: testFlight, Draft: testDraft}), stepCreate: json.RawMessage(`{"id":"` + testDraft + `"}`),
			stepDraft: json.RawMessage(draft)}
	}
	put := func(m *schema.Manifest, merge string) plan.Operation {
		return plan.Operation{ID: stepPut, Method: http.MethodPut, Path: wantedProduct(m).with(newProduct).submissionPath(draftID), Body: encode(putBody{Base: baseNew, Merge: json.RawMessage(merge)})}
	}
	t.Run("what the Store filled in stays, and a rollout is not inherited", func(t *testing.T) {
		m := insiders(schema.PackageFlight{FriendlyName: "Insiders"})
		draft := strings.NewReplacer(`"isPackageRollout":false`, `"isPackageRollout":true`, `"targetPublishDate":""`, `"targetPublishDate":"","xFilled":[1.50]`).Replace(pristineFlight)
		b, store := against(t, map[string][]reply{keyWrite: {ok(pristineFlight)}})
		if _, err := runSteps(t, b, m, outputs(draft), put(m, `{"flightPackages":[{"fileName":"a.msix"}],"packageDeliveryOptions":{"isMandatoryUpdate":true}}`)); err != nil {
			t.Fatal(err)
		}
		want := parsed(t, draft)
		for pointer, value := range map[string]string{"/flightPackages": `[{"fileName":"a.msix"}]`, pointerDelivery + "/isMandatoryUpdate": "true",
			rolloutPointer + "/isPackageRollout": "false", rolloutPointer + "/packageRolloutPercentage": "0"} {
			if err := want.set(pointer, json.RawMessage(value)); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(string(want.raw()), string(parsed(t, store.bodyOf(keyWrite)).raw())); d != "" {
			t.Errorf("sent (-want +got):\n%s", d)
		}
	})
	t.Run("a rollout that is set stays", func(t *testing.T) {
		m := insiders(schema.PackageFlight{FriendlyName: "Insiders"})
		b, store := against(t, map[string][]reply{keyWrite: {ok(pristineFlight)}})
		if _, err := runSteps(t, b, m, outputs(pristineFlight), put(m, `{"packageDeliveryOptions":{"packageRollout":{"isPackageRollout":true,"packageRolloutPercentage":10}}}`)); err != nil {
			t.Fatal(err)
		}
		if got := parsed(t, store.bodyOf(keyWrite)).rollout(); !got.Enabled || got.Percentage != 10 {
			t.Errorf("sent %+v", got)
		}
	})
	t.Run("somebody has worked in it", func(t *testing.T) {
		m := insiders(schema.PackageFlight{FriendlyName: "Insiders"})
		b, store := against(t, nil)
		_, err := runSteps(t, b, m, outputs(strings.Replace(pristineFlight, `"notesForCertification":""`, `"notesForCertification":"theirs"`, 1)), put(m, `{"flightPackages":[]}`))
		checkError(t, err, plan.ClassRefused, "is not as the Store makes a first one: it has notesForCertification", "Plan again")
		if got := store.requests(); len(got) > 0 {
			t.Errorf("requests: %v", got)
		}
	})
	t.Run("an add-on without a price", func(t *testing.T) {
		m := storage(schema.AddOn{ProductID: "extra-storage"})
		b, store := against(t, nil)
		_, err := runSteps(t, b, m, outputs(`{"id":"`+testDraft+`","status":"PendingCommit","listings":{},"pricing":{"priceId":null},"fileUploadUrl":"https://blob.contoso.example/f?sig=SECRET"}`),
			put(m, `{"listings":{"en-us":{"title":"Extra"}}}`))
		checkError(t, err, plan.ClassError, "could change a price", "first draft of the add-on is kept")
		if got := store.requests(); len(got) > 0 {
			t.Errorf("requests: %v", got)
		}
	})
}

func TestProductIsDeletedOnce(t *testing.T) {
	m := insiders(schema.PackageFlight{FriendlyName: "Insiders"})
	gone := "DELETE flights/" + testFlight
	step := plan.Operation{ID: stepProductDelete, Method: http.MethodDelete, Path: wantedProduct(m).with(testFlight).path()}
	for _, c := range []struct {
		name    string
		replies map[string][]reply
		phrase  string
	}{
		{"deleted", map[string][]reply{gone: {{status: 204}}}, ""},
		{"gone already", map[string][]reply{gone: {no(404, "ResourceNotFound", "Flight not found", "flightId")}}, ""},
		{"the answers are lost", map[string][]reply{gone: {lost()}, keyOwn: {no(404, "ResourceNotFound", "Flight not found", "flightId")}}, ""},
		{"it is still there", map[string][]reply{gone: {{status: 503}}, keyOwn: {ok(flightWith("Insiders", "1", testPublished, ""))}}, "HTTP 503"},
		{"refused", map[string][]reply{gone: {no(409, "InvalidState", "The flight cannot be deleted", "flight")}}, "cannot be deleted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, _ := inVirtualTime(t, c.replies)
				_, err := runSteps(t, b, m, map[string]json.RawMessage{}, step)
				if c.phrase == "" && err != nil {
					t.Fatal(err)
				}
				if c.phrase != "" {
					checkError(t, err, plan.ClassError, c.phrase)
				}
			})
		})
	}
}

// TestReadBackOfAFirstDraft: what the Store filled in is nobody's change when it
// is seen first; after the files were sent it is known and counts, like all of a
// copy of what is published. What the product was made with stands in neither.
func TestReadBackOfAFirstDraft(t *testing.T) {
	m := insiders(schema.PackageFlight{FriendlyName: "Insiders"})
	covers := []plan.Path{fieldPublishMode}
	clone := strings.NewReplacer(testPublished, testDraft, `"status":"Published"`, `"status":"PendingCommit"`).Replace(liveFlight)
	for _, c := range []struct {
		name, draft, step string
		created           bool
		want              []plan.Path
	}{
		{"a first one, just made", pristineFlight, stepVerify, true, covers},
		{"a first one, once more", pristineFlight, stepVerifyAgain, true, []plan.Path{"*"}},
		{"a first one that was there", pristineFlight, stepVerify, false, []plan.Path{"*"}},
		{"a copy", clone, stepVerify, true, []plan.Path{"*"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, _ := against(t, map[string][]reply{keyRead: {ok(c.draft)}})
			outputs := map[string]json.RawMessage{stepDraft: json.RawMessage(c.draft), stepPut: json.RawMessage(c.draft)}
			if c.created {
				outputs[stepCreate] = json.RawMessage(`{"id":"` + testDraft + `"}`)
			}
			verify := plan.Operation{ID: c.step, Verb: plan.VerbVerify, Path: wantedProduct(m).with(testFlight).submissionPath(testDraft), Covers: covers}
			got, err := b.ReadBack(t.Context(), reconcile.Call{Manifest: m, Operation: verify, Outputs: outputs}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got.Scope); d != "" {
				t.Errorf("scope (-want +got):\n%s", d)
			}
			if d := cmp.Diff(identityPaths(), got.Except); d != "" {
				t.Errorf("except (-want +got):\n%s", d)
			}
		})
	}
}

// TestFoundInAFreshDraft: what the Store put into a draft is told apart from what
// is written to it, as soon as the whole of it was read.
func TestFoundInAFreshDraft(t *testing.T) {
	const addOnDraft = `{"id":"` + testDraft + `","status":"PendingCommit","contentType":"NotSet","visibility":"Public","keywords":[],"lifetime":"Forever","tag":"",
		"listings":{},"pricing":{"priceId":"Free","marketSpecificPricings":{"LB":"NotAvailable"},"sales":[]},"fileUploadUrl":"https://blob.contoso.example/f?se=2099-01-01T00%3A00%3A00Z&sig=SECRET"}`
	flight, addOn := insiders(schema.PackageFlight{FriendlyName: "Insiders"}), storage(schema.AddOn{ProductID: "extra-storage"})
	ofFlight, ofAddOn := wantedProduct(flight).with(testFlight), wantedProduct(addOn).with(testAddOn)
	step := func(id string, p product) plan.Operation {
		path := p.submissionPath(draftID)
		if id == stepCreate {
			path = p.createPath()
		}
		return plan.Operation{ID: id, Verb: plan.VerbCall, Path: path}
	}
	short := `{"id":"` + testDraft + `"}`
	for _, c := range []struct {
		name     string
		manifest *schema.Manifest
		replies  map[string][]reply
		outputs  map[string]json.RawMessage
		step     plan.Operation
		want     map[plan.Path]string
	}{
		{"a flight's, read", flight, map[string][]reply{keyRead: {ok(pristineFlight)}}, map[string]json.RawMessage{stepCreate: json.RawMessage(short)}, step(stepDraft, ofFlight),
			map[plan.Path]string{fieldPublishMode: `"Immediate"`}},
		{"a flight's, the answer is short", flight, map[string][]reply{keyFirst: {{status: 201, body: short}}}, map[string]json.RawMessage{}, step(stepCreate, ofFlight), nil},
		{"an add-on's, the answer is whole", addOn, map[string][]reply{"POST /v1.0/my/inappproducts/" + testAddOn + "/submissions": {{status: 201, body: addOnDraft}}},
			map[string]json.RawMessage{}, step(stepCreate, ofAddOn), map[plan.Path]string{"pricing.priceId": `"Free"`, "pricing.marketSpecificPricings.LB": `"NotAvailable"`}},
		{"an add-on's, known from the answer", addOn, nil, map[string]json.RawMessage{stepCreate: json.RawMessage(addOnDraft)}, step(stepDraft, ofAddOn),
			map[plan.Path]string{"pricing.priceId": `"Free"`}},
		{"a draft that was there", flight, map[string][]reply{keyRead: {ok(pristineFlight)}}, map[string]json.RawMessage{},
			plan.Operation{ID: stepDraft, Verb: plan.VerbCall, Path: ofFlight.submissionPath(testDraft)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, _ := against(t, c.replies)
			result, err := b.Execute(t.Context(), reconcile.Call{Manifest: c.manifest, Operation: c.step, Outputs: c.outputs})
			if err != nil {
				t.Fatal(err)
			}
			if (c.want == nil) != (result.Found == nil) {
				t.Errorf("found %v", result.Found)
			}
			for path, want := range c.want {
				if d := cmp.Diff(want, string(result.Found[path].JSON)); d != "" {
					t.Errorf("%s (-want +got):\n%s", path, d)
				}
			}
		})
	}
}
