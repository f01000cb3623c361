package msix_test

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// captionsSent are the captions of the English screenshots of a PUT, in order,
// without those of images that go.
func captionsSent(put map[string]any) []string {
	captions := []string{}
	rows, _ := part(put, "listings", "en-us", "baseListing")["images"].([]any)
	for _, row := range rows {
		if image, _ := row.(map[string]any); image["imageType"] == "Screenshot" && image["fileStatus"] != "PendingDelete" {
			caption, _ := image["description"].(string)
			captions = append(captions, caption)
		}
	}
	return captions
}

func captionsOf(value []byte) []string {
	captions := []string{}
	for _, image := range (plan.Value{Type: plan.Images, JSON: value}).Images() {
		captions = append(captions, image.Description)
	}
	return captions
}

func pictures(t testing.TB, names ...string) backendtest.Files {
	files := backendtest.Files{}
	for i, name := range names {
		files[name] = backendtest.PNG(t, 1366, 768, i+1)
	}
	return files
}

func screenshotsOf(list string) backendtest.Files {
	return backendtest.NotesManifest("  listings: {en-us: {images: {Screenshot: [" + list + "]}}}\n")
}

// TestImageKeepsTheCaptionOfTheOneWhosePlaceItTakes: what is not written is not
// touched.
func TestImageKeepsTheCaptionOfTheOneWhosePlaceItTakes(t *testing.T) {
	const before = `{file: a.png, description: The editor}, {file: b.png, description: Sync}`
	cases := []struct {
		name, reason, after string
		want                []string
	}{
		{"replaced", "the second one is another picture of the same", "a.png, c.png", []string{"The editor", "Sync"}},
		{"both replaced", "each keeps its own", "c.png, d.png", []string{"The editor", "Sync"}},
		{"cleared", "an empty caption is written", `a.png, {file: c.png, description: ""}`, []string{"The editor", ""}},
		{"written", "as any other is", `a.png, {file: c.png, description: Share}`, []string{"The editor", "Share"}},
		{"one more", "a new place has none", "a.png, b.png, c.png", []string{"The editor", "Sync", ""}},
		{"one in front", "who stays keeps the caption and gives it to nobody", "c.png, a.png, b.png", []string{"", "The editor", "Sync"}},
		{"one fewer", "content counts before position", "b.png", []string{"Sync"}},
		{"swapped and one more", "wherever it stands", "b.png, c.png, a.png", []string{"Sync", "", "The editor"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, odd := oddBench(t, backendtest.MsixStore(t, bare, "en-us"))
				b.Write(t, pictures(t, "a.png", "b.png", "c.png", "d.png"))
				b.Write(t, screenshotsOf(before))
				b.MustApply(t)
				b.Write(t, screenshotsOf(c.after))
				changes := b.Plan(t, reconcile.PlanOptions{}).Products[0].Changes
				if len(changes) != 1 {
					t.Fatalf("changes: %+v", changes)
				}
				if diff := cmp.Diff(c.want, captionsOf(changes[0].After)); diff != "" {
					t.Errorf("%s: planned captions (-want +got):\n%s", c.reason, diff)
				}
				b.MustApply(t)
				if diff := cmp.Diff(c.want, captionsSent(odd.put)); diff != "" {
					t.Errorf("%s: sent captions (-want +got):\n%s", c.reason, diff)
				}
				b.MustBeInSync(t)
			})
		})
	}
}

// TestImageOfThePortalKeepsItsCaptionByName: the content of what others sent is
// not known, but its name is.
func TestImageOfThePortalKeepsItsCaptionByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, odd := oddBench(t, backendtest.MsixStore(t, `"submission": {"listings": {"en-us": {"baseListing": {"images": [
			{"fileName": "Screens\\Editor.PNG", "description": "The editor"}, {"fileName": "sync.png", "description": "Sync"}, {"fileName": "1152.png", "description": "Share"}]}}}}`, "en-us"))
		b.Write(t, pictures(t, "images/sync.png", "images/editor.png", "images/share.png", "images/more.png"))
		b.Write(t, screenshotsOf("images/sync.png, images/editor.png, images/share.png, images/more.png"))
		report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll(), ReuploadImages: []string{"MsixApp/contoso-notes"}}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
		if err := report.Products[0].Err; err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"Sync", "The editor", "Share", ""}, captionsSent(odd.put)); diff != "" {
			t.Errorf("sent captions (-want +got):\n%s", diff)
		}
		b.MustBeInSync(t)
	})
}

// TestThumbnailKeepsItsCaption, and a trailer's title: of the same video, and of
// the one whose place another video takes.
func TestThumbnailKeepsItsCaption(t *testing.T) {
	const mp4 = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
	for name, c := range map[string]struct {
		after string
		want  []string
	}{
		"another thumbnail":  {"{videoFile: a.mp4, trailerAssets: {en-us: {image: c.png}}}", []string{"Notes", "A still"}},
		"caption cleared":    {`{videoFile: a.mp4, trailerAssets: {en-us: {image: {file: c.png, description: ""}}}}`, []string{"Notes", ""}},
		"another video, too": {"{videoFile: b.mp4, trailerAssets: {en-us: {image: c.png}}}", []string{"Notes", "A still"}},
		"one in front": {"{videoFile: b.mp4, trailerAssets: {en-us: {title: More, image: c.png}}}, {videoFile: a.mp4}",
			[]string{"More", "", "Notes", "A still"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, odd := oddBench(t, backendtest.MsixStore(t, bare, "en-us"))
				b.Write(t, backendtest.Files{"a.mp4": []byte(mp4 + "first"), "b.mp4": []byte(mp4 + "second"), "t.png": backendtest.PNG(t, 1920, 1080, 1), "c.png": backendtest.PNG(t, 1920, 1080, 2), "s.png": backendtest.PNG(t, 1366, 768, 3)})
				trailers := func(list string) backendtest.Files {
					return backendtest.NotesManifest("  listings: {en-us: {images: {Screenshot: [s.png]}}}\n  trailers: [" + list + "]\n")
				}
				b.Write(t, trailers("{videoFile: a.mp4, trailerAssets: {en-us: {title: Notes, image: {file: t.png, description: A still}}}}"))
				b.MustApply(t)
				b.Write(t, trailers(c.after))
				b.MustApply(t)
				got := []string{}
				rows, _ := odd.put["trailers"].([]any)
				for _, row := range rows {
					trailer, _ := row.(map[string]any)
					asset := part(trailer, "trailerAssets", "en-us")
					title, _ := asset["title"].(string)
					list, _ := asset["imageList"].([]any)
					image, _ := list[0].(map[string]any)
					caption, _ := image["description"].(string)
					got = append(got, title, caption)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("titles and captions sent (-want +got):\n%s", diff)
				}
				b.MustBeInSync(t)
			})
		})
	}
}
