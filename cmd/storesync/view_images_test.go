package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
)

// Captions are shown where they change, with the image that they belong to.
func TestCaptions(t *testing.T) {
	image := func(name, caption string) plan.Image {
		return plan.Image{Digest: "sha256:" + name, Name: name, Description: caption}
	}
	stored := func(id, name, caption string) plan.Image {
		return plan.Image{Digest: "sha256:" + name, ID: id, Description: caption}
	}
	tests := []struct {
		name          string
		before, after []plan.Image
		want          string
	}{
		{"changed", []plan.Image{stored("1", "a", "Old"), stored("2", "b", "Same")}, []plan.Image{image("a", "New"), image("b", "Same")}, `
    ~ images: 2 images, 1 caption changed
        ~ a
            caption: "Old" → "New"
          b  stays`},
		{"set", []plan.Image{stored("1", "a", "")}, []plan.Image{image("a", "New")}, `
    ~ images: 1 image, 1 caption changed
        ~ a
            caption: (none) → "New"`},
		{"cleared", []plan.Image{stored("1", "a", "Old")}, []plan.Image{image("a", "")}, `
    ~ images: 1 image, 1 caption changed
        ~ a
            caption: "Old" → (none)`},
		{"moved", []plan.Image{stored("1", "a", "One"), stored("2", "b", "Two")}, []plan.Image{image("b", "Two"), image("a", "First")}, `
    ~ images: in another order
          b  stays
        ~ a  moves
            caption: "One" → "First"`},
		{"joined and left", []plan.Image{stored("1", "a", "One"), stored("2", "b", "Two")}, []plan.Image{image("a", "One"), image("c", "Three")}, `
    ~ images: 2 → 2 images
          a  stays
        - stored image 2  "Two"
        + c  "Three"`},
		{"hostile", nil, []plan.Image{image("a", "\x1b[2Jgone")}, `
    ~ images: 1 image
        + a  "\x1b[2Jgone"`},
	}
	encode := func(images []plan.Image) json.RawMessage {
		if images == nil {
			return nil
		}
		return plan.ImagesValue(images).JSON
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := &planView{page: page{width: 100}}
			change := plan.Change{Path: "images", Action: plan.ActionUpdate, Type: plan.Images, Before: encode(test.before), After: encode(test.after)}
			v.imagesField(text("~ "), "images:", 7, change)
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), strings.TrimRight(v.String(), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A stored image is called by its file where the plan knows it: by what it is
// itself called, or by a file of the same content.
func TestStoredImageHasItsFileName(t *testing.T) {
	elsewhere := plan.Change{Path: "listings.de-de.logos", Type: plan.Images, After: plan.ImagesValue([]plan.Image{{Digest: "sha256:aa", Name: "images/logo.png"}}).JSON}
	planned := &plan.Plan{Products: []plan.Product{{Changes: []plan.Change{elsewhere}}}}
	files := filesOf(planned)
	files.sizes["images/old.png"] = 10
	for _, tt := range []struct {
		reason string
		image  plan.Image
		want   string
	}{
		{"the record knows the file", plan.Image{ID: "1152", Name: "images/old.png", Width: 1366, Height: 768}, "images/old.png  1366x768"},
		{"another language has that file", plan.Image{ID: "1152", Digest: "sha256:aa"}, "images/logo.png"},
		{"nothing is known of it", plan.Image{ID: "1152", Digest: "sha256:bb"}, "stored image 1152"},
		{"its content is not known", plan.Image{ID: "1152"}, "stored image 1152"},
		{"it has no id either", plan.Image{}, "stored image"},
	} {
		v := &planView{page: page{width: 100}, plan: planned, files: files}
		if got := v.imageText(tt.image); got != tt.want {
			t.Errorf("%s: want %q, got %q", tt.reason, tt.want, got)
		}
		b := &htmlBuilder{plan: planned, files: files, pictures: newPictures(nil)}
		if got, file := b.image(tt.image).Name, strings.TrimSuffix(tt.want, "  1366x768"); got != upperFirstOfStored(file) {
			t.Errorf("%s: want %q in a page, got %q", tt.reason, upperFirstOfStored(file), got)
		}
	}
}

// upperFirstOfStored is how a page begins what is no file.
func upperFirstOfStored(name string) string {
	return strings.Replace(name, "stored image", "Stored image", 1)
}

// An archive is one request, with its files listed below it.
func TestArchiveIsOneRequest(t *testing.T) {
	p := plan.Product{Operations: []plan.Operation{
		{ID: "discard", Verb: plan.VerbCall, Method: "DELETE", Path: "/v1/a/submissions/1", Effect: plan.EffectDestroy, Summary: "deletes draft 1"},
		{ID: "upload", Verb: plan.VerbUpload, Method: "PUT", Path: "${op:draft/fileUploadUrl}", Effect: plan.EffectDraft, Summary: "sends 2 files in one ZIP",
			Uploads: []plan.Upload{{Name: "dist/a.msix", As: "a.msix", Bytes: 2_000_000}, {Name: "1.png", As: "Assets/1.png", Bytes: 1000}}},
	}}
	v := &planView{page: page{width: 100}, plan: &plan.Plan{Endpoints: []string{"https://contoso.example"}}}
	v.requests(p)
	want := `  Requests, in order, below https://contoso.example/v1/a/submissions/:
    1. DELETE 1            deletes draft 1
    2. PUT    ZIP, 2.0 MB  sends 2 files in one ZIP
                dist/a.msix, 2.0 MB
                1.png, 1.0 kB
`
	if diff := cmp.Diff(want, v.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
