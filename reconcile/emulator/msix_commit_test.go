package emulator_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// add puts new files into a draft: packages, and images of en-us by type.
func (c msixClient) add(path string, document map[string]any, packages []string, images map[string]string) map[string]any {
	c.t.Helper()
	list := field(c.t, document, "applicationPackages").([]any)
	for _, name := range packages {
		list = append(list, map[string]any{"fileName": name, "fileStatus": "PendingUpload", "minimumDirectXVersion": "None", "minimumSystemRam": "None"})
	}
	set(c.t, document, "applicationPackages", list)
	shots := field(c.t, document, "listings.en-us.baseListing.images").([]any)
	for name, kind := range images {
		shots = append(shots, map[string]any{"fileName": name, "fileStatus": "PendingUpload", "imageType": kind, "description": "New"})
	}
	set(c.t, document, "listings.en-us.baseListing.images", shots)
	return c.want(200, "PUT", path, text(c.t, document))
}

// commit commits a draft and gives its status and errors once settled.
func (c msixClient) commit(path string) string {
	c.t.Helper()
	c.want(202, "POST", path+"/commit", "")
	c.e.Settle()
	status := c.get(path + "/status")
	out := status["status"].(string)
	for _, e := range field(c.t, status, "statusDetails.errors").([]any) {
		out += fmt.Sprintf("\n%v: %v", field(c.t, e, "code"), field(c.t, e, "details"))
	}
	return out
}

// TestMsixArchive: what the archive must hold, and what becomes of it.
func TestMsixArchive(t *testing.T) {
	shot := string(picture(t, 1366, 768, 3))
	good := msix(t, "1.1.0.0", "x64")
	named := func(name, publisher, version string) string {
		return archive(t, "AppxManifest.xml", manifest(name, publisher, version, "x64"))
	}
	for _, test := range []struct {
		name     string
		packages []string
		images   map[string]string
		content  string // "": nothing is uploaded
		want     string
	}{
		{"nothing new", nil, nil, "", "Published"},
		{"not looked at", nil, nil, "no archive", "Published"},
		{"package", []string{"a.msix"}, nil, archive(t, "a.msix", good), "Published"},
		{"folders", []string{`p\a.msix`}, map[string]string{`Assets\en-us\1.png`: "Screenshot"}, archive(t, "p/a.msix", good, "Assets/en-us/1.png", shot, "more.txt", ""), "Published"},
		{"not uploaded", []string{"a.msix"}, nil, "", "CommitFailed\nMissingFiles: The archive was not uploaded."},
		{"no archive", []string{"a.msix"}, nil, "no archive", "CommitFailed\nInvalidArchive: The archive cannot be read as a ZIP file."},
		{"files missing", []string{"a.msix", "b.msix"}, map[string]string{"1.png": "Screenshot"}, archive(t, "A.msix", good, "b.msix", good), "CommitFailed\nMissingFiles: The following files are missing from the archive: a.msix, 1.png"},
		{"no package", []string{"a.msix"}, nil, archive(t, "a.msix", "text"), "CommitFailed\nPackageValidationFailed: The package a.msix is not valid: it is not a package: it cannot be read as a ZIP archive."},
		{"no manifest", []string{"a.msix"}, nil, archive(t, "a.msix", archive(t, "x", "")), "CommitFailed\nPackageValidationFailed: The package a.msix is not valid: it has no AppxManifest.xml."},
		{"bad manifest", []string{"a.msix"}, nil, archive(t, "a.msix", archive(t, "AppxManifest.xml", "<Package")), "CommitFailed\nPackageValidationFailed: The package a.msix is not valid: its AppxManifest.xml is not valid."},
		{"kind", []string{"a.exe"}, nil, archive(t, "a.exe", good), "CommitFailed\nPackageValidationFailed: The package a.exe is not valid: it is of no kind that the Store takes: use .msix, .msixbundle, .msixupload, .appx, .appxbundle or .appxupload."},
		{"identity", []string{"a.msix"}, nil, archive(t, "a.msix", named("Contoso.Other", "CN=Contoso", "1.1.0.0")), "CommitFailed\nPackageValidationFailed: The package a.msix has the identity name \"Contoso.Other\", not the application's \"Contoso.Notes\"."},
		{"publisher", []string{"a.msix"}, nil, archive(t, "a.msix", named("Contoso.Notes", "CN=Other", "1.1.0.0")), "CommitFailed\nPackageValidationFailed: The package a.msix has the publisher \"CN=Other\", not the application's \"CN=Contoso\"."},
		{"fourth part", []string{"a.msix"}, nil, archive(t, "a.msix", named("Contoso.Notes", "CN=Contoso", "1.1.0.5")), "CommitFailed\nPackageValidationFailed: The package a.msix is not valid: the fourth part of its version 1.1.0.5 is not 0."},
		{"first part", []string{"a.msix"}, nil, archive(t, "a.msix", named("Contoso.Notes", "CN=Contoso", "0.1.0.0")), "Published"},
		{"no version", []string{"a.msix"}, nil, archive(t, "a.msix", named("Contoso.Notes", "CN=Contoso", "1.1.70000.0")), "CommitFailed\nPackageValidationFailed: The package a.msix is not valid: its version \"1.1.70000.0\" is not four numbers."},
		{"version again", []string{"a.msix"}, nil, archive(t, "a.msix", msix(t, "1.0.0.0", "x64")), "CommitFailed\nPackageValidationFailed: The package a.msix has the version and architecture (1.0.0.0 x64) of another package."},
		{"version twice", []string{"a.msix", "b.msix"}, nil, archive(t, "a.msix", good, "b.msix", good), "CommitFailed\nPackageValidationFailed: The package b.msix has the version and architecture (1.1.0.0 x64) of another package."},
		{"two architectures", []string{"a.msix", "b.msix"}, nil, archive(t, "a.msix", good, "b.msix", msix(t, "1.1.0.0", "ARM64")), "Published"},
		{"no picture", nil, map[string]string{"1.png": "Icon"}, archive(t, "1.png", "text"), "CommitFailed\nInvalidParameterValue: The image 1.png is not a PNG file."},
		{"picture size", nil, map[string]string{"1.png": "Icon"}, archive(t, "1.png", shot), "CommitFailed\nInvalidParameterValue: The image 1.png is not valid: Icon must have 300x300 pixels, not 1366x768."},
		{"screenshot size", nil, map[string]string{"1.png": "XboxScreenshot"}, archive(t, "1.png", shot), "CommitFailed\nInvalidParameterValue: The image 1.png is not valid: XboxScreenshot must have 1920x1080 to 3840x2160 pixels, not 1366x768."},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startMsix(t, "", "")
			path, document := c.create()
			document = c.add(path, document, test.packages, test.images)
			if test.content != "" {
				c.uploadArchive(document, test.content)
			}
			diff(t, test.want, c.commit(path))
			failed := strings.HasPrefix(test.want, "CommitFailed")
			_, pending := c.get(app)["pendingApplicationSubmission"]
			diff(t, failed, pending)
			if failed {
				diff(t, "409 InvalidState submission: The submission cannot be changed or committed in its current state: CommitFailed.", c.refused("PUT", path, text(t, document)))
				diff(t, 204, c.do("DELETE", path, "").status)
			}
		})
	}
}

// TestMsixIngested: what a commit fills in, and what it takes away.
func TestMsixIngested(t *testing.T) {
	c := startMsix(t, `{"plusInSignature":true}`, "")
	path, document := c.create()
	set(t, document, "applicationPackages.0.fileStatus", "PendingDelete")
	set(t, document, "listings.en-us.baseListing.images.0.fileStatus", "PendingDelete")
	set(t, document, "trailers", []any{map[string]any{"videoFileName": "t.mp4", "trailerAssets": map[string]any{"en-us": map[string]any{"title": "T", "imageList": []any{map[string]any{"fileName": "t.png"}}}}}})
	document = c.add(path, document, []string{"a.msix", "b.msixbundle", "c.msixupload"}, map[string]string{"1.png": "Screenshot"})
	nested := func(version string) string {
		return archive(t,
			"AppxMetadata/AppxBundleManifest.xml", `<Bundle><Identity Name="Contoso.Notes" Publisher="CN=Contoso" Version="`+version+`"/><Packages>
				<Package Type="application" FileName="x64.msix"/><Package Type="application" FileName="arm 64.msix"/><Package Type="resource" FileName="none.msix"/></Packages></Bundle>`,
			"x64.msix", msix(t, version, "x64"), "arm%2064.msix", msix(t, version, "arm64"))
	}
	c.uploadArchive(document, archive(t, "a.msix", msix(t, "2.0.0.0", "x86"), "b.msixbundle", nested("3.0.0.0"),
		"c.msixupload", archive(t, "in.msixbundle", nested("4.0.0.0"), "in.appxsym", ""),
		"1.png", string(picture(t, 1366, 768, 1)), "t.mp4", "video", "t.png", "picture"))
	diff(t, "Published", c.commit(path))
	live := c.get(path)
	read := func(at string) string { return id19.ReplaceAllString(text(t, field(t, live, at)), "ID") }
	entry := func(name, version, architecture string) string {
		return `{"architecture":"` + architecture + `","capabilities":["internetClient","runFullTrust"],"fileName":"` + name + `","fileStatus":"Uploaded","id":"ID","languages":["en-us","de-de"],"minimumDirectXVersion":"None","minimumSystemRam":"None","targetDeviceFamilies":["Windows.Desktop min version 10.0.17763.0"],"targetPlatform":"Windows10","version":"` + version + `"}`
	}
	diff(t, "["+entry("a.msix", "2.0.0.0", "x86")+","+entry("b.msixbundle", "3.0.0.0", "neutral")+","+entry("c.msixupload", "4.0.0.0", "neutral")+"]", read("applicationPackages"))
	diff(t, `[{"description":"New","fileName":"1.png","fileStatus":"Uploaded","id":"ID","imageType":"Screenshot"}]`, read("listings.en-us.baseListing.images"))
	diff(t, `[{"id":"ID","trailerAssets":{"en-us":{"imageList":[{"fileName":"t.png","id":"ID"}],"title":"T"}},"videoFileId":"ID","videoFileName":"t.mp4"}]`, read("trailers"))
	diff(t, "null", read("fileUploadUrl"))
	// The next draft is a copy of it, ids included.
	_, next := c.create()
	diff(t, live["applicationPackages"], next["applicationPackages"])
	diff(t, live["listings"], next["listings"])
}

// TestMsixPixels: each type of image has its sizes.
func TestMsixPixels(t *testing.T) {
	for kind, sizes := range map[string][][2]int{
		"Screenshot":                  {{768, 1366}, {3840, 2160}},
		"MobileScreenshot":            {{320, 480}},
		"HoloLensScreenshot":          {{1268, 720}},
		"XboxScreenshot":              {{1920, 1080}},
		"StoreLogo9x16":               {{720, 1080}, {1440, 2160}},
		"StoreLogoSquare":             {{1080, 1080}, {2160, 2160}},
		"Icon":                        {{300, 300}},
		"PromotionalArt16x9":          {{1920, 1080}, {3840, 2160}},
		"PromotionalArtwork2400X1200": {{2400, 1200}},
		"SquareIcon358X358":           {{358, 358}},
		"BackgroundImage1000X800":     {{1000, 800}},
		"PromotionalArtwork414X180":   {{414, 180}},
		"XboxTitledHeroArt":           {{7, 7}}, // none is documented
	} {
		t.Run(kind, func(t *testing.T) {
			c := startMsix(t, "", "")
			for i, size := range append(sizes, [2]int{5000, 1}) {
				want := "Published"
				if i == len(sizes) && kind != "XboxTitledHeroArt" {
					want = "CommitFailed\nInvalidParameterValue: The image 1.png is not valid: " + kind + " must have "
				}
				path, document := c.create()
				document = c.add(path, document, nil, map[string]string{"1.png": kind})
				c.uploadArchive(document, archive(t, "1.png", string(picture(t, size[0], size[1], 1))))
				if got := c.commit(path); !strings.HasPrefix(got, want) {
					t.Errorf("%v\nwant %s\ngot  %s", size, want, got)
				}
			}
		})
	}
}

// TestMsixTrailers: a new video, or a new picture of one, is to be uploaded.
func TestMsixTrailers(t *testing.T) {
	for name, trailer := range map[string]map[string]any{
		"video":   {"videoFileName": `t\v.avi`, "trailerAssets": map[string]any{}},
		"picture": {"trailerAssets": map[string]any{"en-us": map[string]any{"title": "T", "imageList": []any{map[string]any{"fileName": "p.png"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := startMsix(t, "", `,"submission":{"trailers":[{"videoFileName":"old.mp4","trailerAssets":{}}]}`)
			path, document := c.create()
			want := "InvalidParameterValue: The trailer t\\v.avi is neither an MP4 nor a MOV file."
			if name == "picture" {
				trailer["id"] = field(t, document, "trailers.0.id")
				want = ""
			}
			set(t, document, "trailers", []any{trailer})
			text := text(t, document)
			c.want(200, "PUT", path, text)
			diff(t, "CommitFailed\nMissingFiles: The archive was not uploaded.", c.commit(path))
			diff(t, 204, c.do("DELETE", path, "").status)

			path, document = c.create()
			c.want(200, "PUT", path, text)
			c.uploadArchive(document, archive(t, "t/v.avi", "", "p.png", ""))
			if got := c.commit(path); got != strings.TrimSpace("CommitFailed\n"+want) && (want != "" || got != "Published") {
				t.Errorf("want %s, got %s", want, got)
			}
			if want == "" {
				diff(t, any("old.mp4"), field(t, c.get(path), "trailers.0.videoFileName"))
			}
		})
	}
}

// TestMsixStored: packages that are stored, not deflated, are read in place.
func TestMsixStored(t *testing.T) {
	c := startMsix(t, "", "")
	path, document := c.create()
	document = c.add(path, document, []string{"a.msix"}, nil)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	entry, err := w.CreateHeader(&zip.FileHeader{Name: "a.msix", Method: zip.Store})
	if err == nil {
		_, err = io.WriteString(entry, msix(t, "1.2.0.0", "x64"))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	c.uploadArchive(document, out.String())
	diff(t, "Published", c.commit(path))
	diff(t, any("1.2.0.0"), field(t, c.get(path), "applicationPackages.1.version"))
}

// TestMsixIncomplete: what only Partner Center shows fails with one InvalidState.
func TestMsixIncomplete(t *testing.T) {
	for name, test := range map[string]struct {
		path  string
		value any
	}{
		"no category":    {"applicationCategory", "NotSet"},
		"into games":     {"applicationCategory", "Games_Word"},
		"no package":     {"applicationPackages.0.fileStatus", "PendingDelete"},
		"no screenshot":  {"listings.en-us.baseListing.images.0.fileStatus", "PendingDelete"},
		"no description": {"listings.de-de.baseListing.description", ""},
		"name":           {"listings.de-de.baseListing.title", "Stolen"},
	} {
		t.Run(name, func(t *testing.T) {
			c := startMsix(t, "", `,"reservedNames":["Contoso Notes"]`)
			path, document := c.create()
			set(t, document, test.path, test.value)
			c.want(200, "PUT", path, text(t, document))
			diff(t, "CommitFailed\nInvalidState: The submission has validation errors. Look at it in Partner Center.", c.commit(path))
		})
	}
}

// TestMsixOutcomes: how else a commit may end.
func TestMsixOutcomes(t *testing.T) {
	for outcome, want := range map[string]string{
		"Published":           "Published",
		"CommitFailed":        "CommitFailed\nInvalidState: The submission has validation errors. Look at it in Partner Center.",
		"PreProcessingFailed": "PreProcessingFailed\nPackageValidationFailed: The packages could not be processed.",
		"CertificationFailed": "CertificationFailed",
		"ReleaseFailed":       "ReleaseFailed\nServiceError: The submission could not be published.",
		"PublishFailed":       "PublishFailed\nServiceError: The submission could not be published.",
		"Canceled":            "Canceled",
		"PendingCommit":       "PendingCommit",
		"CommitStarted":       "CommitStarted",
	} {
		t.Run(outcome, func(t *testing.T) {
			c := startMsix(t, "", `,"outcomes":["`+outcome+`"]`)
			path, _ := c.create()
			diff(t, want, c.commit(path))
			reports := text(t, field(t, c.get(path), "statusDetails.certificationReports"))
			if failed := strings.Contains(reports, `"reportUrl":"https://`); failed != (outcome == "CertificationFailed") {
				t.Errorf("reports %s", reports)
			}
			switch outcome {
			case "PendingCommit":
				diff(t, "Published", c.commit(path))
			case "CommitStarted":
				c.clock.advance(1000 * time.Hour)
				diff(t, "CommitStarted", c.get(path + "/status")["status"].(string))
				diff(t, "409 InvalidState submissionId: Submission in its current state cannot be deleted", c.refused("DELETE", path, ""))
			}
		})
	}
}

// TestMsixWaits: submissions that are not published at once wait.
func TestMsixWaits(t *testing.T) {
	for behavior, waits := range map[string]string{`{}`: "Release", `{"pendingPublication":true}`: "PendingPublication"} {
		t.Run(waits, func(t *testing.T) {
			c := startMsix(t, behavior, "")
			path, document := c.create()
			set(t, document, "targetPublishMode", "Manual")
			c.want(200, "PUT", path, text(t, document))
			diff(t, waits, c.commit(path))
			c.clock.advance(1000 * time.Hour)
			diff(t, waits, c.get(path + "/status")["status"].(string))
			if err := c.e.EditMsix(appID, []byte(`{"pending":{"status":"Published"}}`)); err != nil {
				t.Fatal(err)
			}
			diff(t, field(t, c.get(app), "lastPublishedApplicationSubmission.id").(string), field(t, document, "id").(string))

			path, document = c.create()
			set(t, document, "targetPublishMode", "SpecificDate")
			set(t, document, "targetPublishDate", c.clock.Now().Add(48*time.Hour).Format(time.RFC3339))
			c.want(200, "PUT", path, text(t, document))
			diff(t, waits, c.commit(path))
			c.clock.advance(47 * time.Hour)
			diff(t, waits, c.get(path + "/status")["status"].(string))
			c.clock.advance(time.Hour + 100*time.Millisecond)
			diff(t, "Publishing", c.get(path)["status"].(string))
			c.e.Settle()
			diff(t, "Published", c.get(path)["status"].(string))
		})
	}
}

// TestMsixUpload: the upload URL, its plus signs, permissions and end.
func TestMsixUpload(t *testing.T) {
	c := startMsix(t, `{"plusInSignature":true}`, "")
	path, document := c.create()
	link := document["fileUploadUrl"].(string)
	if !strings.Contains(link, "sig=") || !strings.Contains(strings.Split(link, "sig=")[1], "+") {
		t.Fatalf("no plus in the signature of %s", link)
	}
	put := func(link string, header http.Header, body string) int {
		return c.send("PUT", link, header, body).status
	}
	block := http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}
	diff(t, 403, put(link, block, "x"))
	link = strings.ReplaceAll(link, "+", "%2B")
	diff(t, 201, put(link, block, "x"))
	diff(t, 409, put(link, http.Header{"X-Ms-Blob-Type": {"BlockBlob"}, "If-None-Match": {"*"}}, "y"))
	diff(t, 201, put(link+"&comp=block&blockid=MDAx", http.Header{}, "one"))
	diff(t, 201, put(link+"&comp=block&blockid=MDAy", http.Header{}, "two"))
	diff(t, 201, put(link+"&comp=blocklist", http.Header{}, `<BlockList><Latest>MDAx</Latest><Latest>MDAy</Latest></BlockList>`))
	diff(t, "onetwo", c.send("GET", link, http.Header{}, "").body)
	c.clock.advance(24*time.Hour + time.Second)
	diff(t, 403, put(link, block, "x"))
	diff(t, strings.ReplaceAll(c.get(path)["fileUploadUrl"].(string), "+", "%2B"), link)
	diff(t, 204, c.do("DELETE", path, "").status)
	if state := string(c.e.State()); strings.Contains(state, "/ingestion/") {
		t.Error("the upload of a deleted submission is kept")
	}
}
