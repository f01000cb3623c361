package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
)

func TestChangeSentence(t *testing.T) {
	long := "Opens the pictures of every camera, with their layers, and shows what was changed in which of them."
	update := func(of plan.Type, before, after string) plan.Change {
		return plan.Change{Action: plan.ActionUpdate, Type: of, Before: json.RawMessage(before), After: json.RawMessage(after)}
	}
	quoted := func(s string) string { return string(plan.TextValue(s).JSON) }
	for _, tt := range []struct {
		reason string
		in     plan.Change
		want   string
	}{
		{"short texts stand whole", update(plan.Text, `"Old."`, `"New."`), `The Store has "Old."; the manifest has "New.".`},
		{"of long texts the words that differ", update(plan.Text, quoted(long), quoted(strings.ReplaceAll(long, "changed", "edited"))),
			"The Store has [-this-], the manifest {+this+}: … layers, and shows what was [-changed-]{+edited+} in which of them."},
		{"a line end is no line end", update(plan.Text, quoted(long+"\n"), quoted(long)), `The Store has [-this-], the manifest {+this+}: … was changed in which of them.[-\n-]`},
		{"a long address", update(plan.Scalar, quoted("https://contoso.example/"+strings.Repeat("a", 60)+"/old"), quoted("https://contoso.example/"+strings.Repeat("a", 60)+"/new")),
			"The Store has [-this-], the manifest {+this+}: … /[-old-]{+new+}"},
		{"who is only on one side of a set", update(plan.Set, `["AT","DE","FR"]`, `["DE","FR"]`), "The Store has 3 items; the manifest has 2 items. Only in the Store: AT."},
		{"as many, but others", update(plan.List, `["a","b"]`, `["b","c"]`), "The Store has 2 items; the manifest has 2 items. Only in the manifest: c. Only in the Store: a."},
		{"another order", update(plan.List, `["a","b"]`, `["b","a"]`), "The same 2 items in another order."},
		{"an element that is there twice", update(plan.List, `["a","a"]`, `["a"]`), "The Store has 2 items; the manifest has 1 item. Only in the Store: a."},
		{"text from right to left has no marks of ours", update(plan.Scalar, `"שלום"`, `"עולם"`), "The Store has שלום; the manifest has עולם."},
		{"images by file", update(plan.Images, `[{"digest":"sha256:1","id":"7"}]`, `[{"digest":"sha256:2","name":"a.png"}]`),
			"The Store has 1 image; the manifest has 1 image. Only in the manifest: a.png. Only in the Store: stored image 7."},
		{"captions", update(plan.Images, `[{"digest":"sha256:1"}]`, `[{"digest":"sha256:1","name":"a.png","description":"A."}]`), "The same 1 image with other captions."},
		{"the draft is hidden by a running submission", update(plan.Text, ``, `"New."`), `The manifest has "New.".`},
		{"somebody's edit was compared", plan.Change{Action: plan.ActionReport, Type: plan.Text, After: json.RawMessage(`"Theirs."`), Reason: "not in the manifest"},
			"The Store has \"Theirs.\".\nnot in the manifest"},
		{"stored images of which nothing is known", plan.Change{Action: plan.ActionReport, Type: plan.Images, Before: json.RawMessage(`[{"digest":"","id":"1"}]`)},
			"Cannot be compared: the content of 1 stored image is not known."},
		{"a whole draft", plan.Change{Action: plan.ActionReport, Reason: "draft 7 would be replaced"}, "draft 7 would be replaced"},
		{"sensitive", plan.Change{Action: plan.ActionUpdate, Sensitive: true}, "The values are sensitive and not shown."},
	} {
		if diff := cmp.Diff(tt.want, changeSentence(tt.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}
