package reconcile

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
)

func TestFill(t *testing.T) {
	outputs := map[string]json.RawMessage{
		"assets.en.create": json.RawMessage(`{"screenshots":[{"id":"s1","primaryAssetUploadUrl":"https://blob.example/s1?sig=x"}]}`),
	}
	target := plan.State{"properties.certificationNotes": {Type: plan.Text, JSON: json.RawMessage(`"use account a"`), Sensitive: true}}
	cases := []struct {
		name, reason string
		operation    plan.Operation
		wantPath     string
		wantBody     string
		wantErr      string
	}{
		{
			name: "named places are filled", reason: "ids and secrets come in while applying",
			operation: plan.Operation{ID: "x", Path: "/p", Fill: []string{"/properties/certificationNotes", "/ids/0"},
				Body: json.RawMessage(`{"ids":["${op:assets.en.create/screenshots/0/id}"],"properties":{"certificationNotes":"${value:properties.certificationNotes}"}}`)},
			wantPath: "/p", wantBody: `{"ids":["s1"],"properties":{"certificationNotes":"use account a"}}`,
		},
		{
			name: "text stays text", reason: "a listing that looks like a placeholder must never pull in a secret",
			operation: plan.Operation{ID: "x", Path: "/p", Body: json.RawMessage(`{"description":"${value:properties.certificationNotes}"}`)},
			wantPath:  "/p", wantBody: `{"description":"${value:properties.certificationNotes}"}`,
		},
		{
			name: "upload address", reason: "the address of an upload is known only after its create call",
			operation: plan.Operation{ID: "u", Verb: plan.VerbUpload, Path: "${op:assets.en.create/screenshots/0/primaryAssetUploadUrl}"},
			wantPath:  "https://blob.example/s1?sig=x",
		},
		{
			name: "fewer than asked", reason: "the Store's answer is not trusted to hold what was asked for",
			operation: plan.Operation{ID: "u", Verb: plan.VerbUpload, Path: "${op:assets.en.create/screenshots/1/primaryAssetUploadUrl}"},
			wantErr:   `the Store's answer has no element "1"`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := fill(c.operation, outputs, target)
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Fatalf("%s: error %v, want %q", c.reason, err, c.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Path != c.wantPath {
				t.Errorf("%s: path %q, want %q", c.reason, got.Path, c.wantPath)
			}
			if d := cmp.Diff(c.wantBody, string(got.Body)); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, d)
			}
		})
	}
}
