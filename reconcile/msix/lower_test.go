package msix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

type lowerCase struct {
	name, reason string
	spec         schema.MsixApp
	// base changes the published submission before it is looked at.
	base   map[string]string
	adjust func(*reconcile.LowerRequest)
}

// fresh packages of all that is live.
func livePackages() []schema.MsixPackage {
	return []schema.MsixPackage{pinned("x64.msix", "1.1.0.0", "x64"), pinned("arm64.msix", "1.1.0.0", "arm64")}
}

func bumped() []schema.MsixPackage {
	return []schema.MsixPackage{built("Notes_1.2.0.0_x64.msix", "1.2.0.0", "x64"), pinned("arm64.msix", "1.1.0.0", "arm64")}
}

func ourDraft(r *reconcile.LowerRequest) {
	r.Use = reconcile.UseObserved
	r.Observed.Draft = testDraft
}

func lowerCases() []lowerCase {
	return []lowerCase{
		{name: "nothing", reason: "no change, no request", spec: schema.MsixApp{Visibility: new("Public")}},
		{name: "one-word", reason: "one field is a draft, one PUT and a commit, with nothing to upload", spec: schema.MsixApp{
			Listings: map[string]*schema.MsixListing{"en-us": {Description: text("Takes notes.\nFaster.")}}}},
		{name: "secret", reason: "a sensitive value is a placeholder, and the one that is stored is nowhere", spec: schema.MsixApp{
			NotesForCertification: secret("password: hidden"),
			Listings:              map[string]*schema.MsixListing{"fr-FR": {Title: text("Notes"), Description: secret("hidden too"), Images: map[string][]schema.CaptionedImage{"Screenshot": {image("editor")}}}}}},
		{name: "caption", reason: "an edited caption is one PUT and no upload", spec: screenshots("en-us", captioned("editor", "The new editor"), image("sync"))},
		{name: "images", reason: "a kept image is not sent, a new one is, one that goes is listed as PendingDelete; other types stay",
			spec: screenshots("en-us", image("share"), image("editor"))},
		{name: "reorder", reason: "another order needs no upload", spec: screenshots("en-us", image("sync"), image("editor"))},
		{name: "reupload", reason: "--reupload-images sends all of the type under names that no stored image has", spec: screenshots("en-us", image("editor"), image("sync")),
			adjust: func(r *reconcile.LowerRequest) {
				r.ReuploadImages = true
				path := imagesPath("En-US", "Screenshot")
				r.Changes = []plan.Change{{Path: path, Action: plan.ActionUpdate, Type: plan.Images}}
			}},
		{name: "languages", reason: "a new language is lower case with empty overrides; one that is not listed goes when that is asked for", spec: schema.MsixApp{
			RemoveUnlistedLanguages: true, Listings: map[string]*schema.MsixListing{
				"en-us": {Title: text("Contoso Notes")}, "FR-fr": {Title: text("Contoso Notes"), Description: text("Note tout."), Features: []string{"Rapide"},
					Images: map[string][]schema.CaptionedImage{"Screenshot": {captioned("editor", "L'éditeur")}}}}}},
		{name: "price", reason: "pricing goes back as it was with the asked changes in it; a tier that goes is Base", spec: schema.MsixApp{
			Pricing: &schema.MsixPricing{PriceID: new("Tier1014"), MarketSpecificPricings: map[string]string{"JP": "Base", "FR": "Tier1020"}}}},
		{name: "market", reason: "a market switched off is one entry; those of others stay", spec: schema.MsixApp{
			Markets: &schema.Markets{All: true, Except: []string{"CN", "RU"}}}},
		{name: "settings", reason: "top-level fields, an unknown device family beside a known one, fields of the gaming row", spec: schema.MsixApp{
			ApplicationCategory: new("Productivity"), EnterpriseLicensing: new("None"), HardwarePreferences: []string{"Mouse"}, IsGameDvrEnabled: new(true),
			AllowTargetFutureDeviceFamilies: map[string]bool{"desktop": false, "Xbox": true},
			GamingOptions:                   []schema.GamingOptions{{Genres: []string{"Games_Word"}, LocalMultiplayerMaxPlayers: new(8)}},
			PackageDeliveryOptions:          &schema.PackageDeliveryOptions{IsMandatoryUpdate: new(true), MandatoryUpdateEffectiveDate: new("2026-12-01T09:00:00+01:00")}}},
		{name: "specific-date", reason: "the commit says when it publishes", spec: schema.MsixApp{
			TargetPublishMode: new("SpecificDate"), TargetPublishDate: new("2026-12-24T18:00:00Z")}},
		{name: "manual", reason: "leaving SpecificDate clears the date; the commit says that a person has to go on", spec: schema.MsixApp{TargetPublishMode: new("Manual")},
			base: map[string]string{"/targetPublishMode": `"SpecificDate"`, "/targetPublishDate": `"2026-12-24T18:00:00Z"`}},
		{name: "one-package", reason: "a new version: the old entries are marked, kept ones untouched, one file sent", spec: schema.MsixApp{Packages: bumped()}},
		{name: "package-removed", reason: "packages is the whole set: what it does not name goes, without an upload", spec: schema.MsixApp{Packages: livePackages()}},
		{name: "rollout", reason: "a rollout starts with a new package set", spec: schema.MsixApp{Packages: bumped(), Rollout: &schema.Rollout{Percentage: new(12.5)}}},
		{name: "trailers", reason: "a stored trailer keeps its entry, a new one is sent with its thumbnail", spec: schema.MsixApp{Trailers: []schema.Trailer{
			{Video: schema.MediaFile{Name: "video/new.mp4", Bytes: 9000, SHA256: hash("new")}, TrailerAssets: map[string]schema.TrailerAsset{"en-US": {Title: text("New"), Image: new(captioned("still", "A new still"))}}},
			{Video: schema.MediaFile{Name: "video/old.mp4", Bytes: 9000, SHA256: hash("video")}, TrailerAssets: map[string]schema.TrailerAsset{"en-us": {Title: text("Notes again")}}}}}},
		{name: "our-draft", reason: "a draft of ours is gone on with; files it waits for are sent again", spec: schema.MsixApp{Packages: bumped(), Visibility: new("Hidden")},
			base: map[string]string{"/status": `"PendingCommit"`, "/applicationPackages/1/fileStatus": `"PendingDelete"`, "/applicationPackages/0/fileStatus": `"PendingDelete"`,
				"/applicationPackages/-": `{"fileName":"` + packageName(bumped()[0].Content) + `","fileStatus":"PendingUpload"}`}, adjust: ourDraft},
		{name: "sent-already", reason: "a draft whose files are known to have arrived is committed without sending them again", spec: schema.MsixApp{Packages: bumped()},
			base: map[string]string{"/applicationPackages/1/fileStatus": `"PendingDelete"`, "/applicationPackages/0/fileStatus": `"PendingDelete"`, rolloutPointer: `{"isPackageRollout":false}`,
				"/applicationPackages/-": `{"fileName":"` + packageName(bumped()[0].Content) + `","fileStatus":"PendingUpload"}`},
			adjust: func(r *reconcile.LowerRequest) { ourDraft(r); r.Unfinished, r.Submit = []string{stepCommit}, true }},
		{name: "one-more-file", reason: "a further file means one ZIP with all files again", spec: schema.MsixApp{Packages: bumped(),
			Listings: map[string]*schema.MsixListing{"en-us": {Images: map[string][]schema.CaptionedImage{"StoreLogoSquare": {image("share")}}}}},
			base: map[string]string{"/applicationPackages/1/fileStatus": `"PendingDelete"`, "/applicationPackages/0/fileStatus": `"PendingDelete"`, rolloutPointer: `{"isPackageRollout":false}`,
				"/applicationPackages/-": `{"fileName":"` + packageName(bumped()[0].Content) + `","fileStatus":"PendingUpload"}`},
			adjust: func(r *reconcile.LowerRequest) { ourDraft(r); r.Unfinished, r.Submit = []string{stepCommit}, true }},
		{name: "owed", reason: "steps of an apply that was killed come back although nothing differs", spec: schema.MsixApp{Visibility: new("Public")},
			adjust: func(r *reconcile.LowerRequest) { ourDraft(r); r.Unfinished, r.Submit = []string{stepCommit}, true }},
		{name: "replace", reason: "a draft that is replaced is deleted first, and the plan says so", spec: schema.MsixApp{Visibility: new("Hidden")},
			adjust: func(r *reconcile.LowerRequest) {
				r.Use = reconcile.UseReplace
				r.Observed.Pending = &reconcile.PendingDraft{ID: testDraft}
			}},
		{name: "draft", reason: "--draft stops before the commit", spec: schema.MsixApp{Visibility: new("Hidden")},
			adjust: func(r *reconcile.LowerRequest) { r.Draft = true }},
		{name: "submit", reason: "--submit commits a copy though nothing differs", spec: schema.MsixApp{Visibility: new("Public")},
			adjust: func(r *reconcile.LowerRequest) { r.Submit = true }},
	}
}

func oddWith(t *testing.T, changes map[string]string) string {
	t.Helper()
	d := parsed(t, oddSubmission())
	for pointer, value := range changes {
		if err := d.set(pointer, json.RawMessage(value)); err != nil {
			t.Fatal(err)
		}
	}
	return string(d.raw())
}

func TestLower(t *testing.T) {
	for _, c := range lowerCases() {
		t.Run(c.name, func(t *testing.T) {
			base := oddWith(t, c.base)
			request := requestOf(t, notes(c.spec), base, c.adjust)
			operations, found := (&backend{}).Lower(request)
			if len(found) > 0 {
				t.Fatalf("lower: %v", found)
			}
			golden(t, "testdata/lower/"+c.name+".txt", render(c.reason, request.Changes, operations))
			all := string(encode(operations))
			for _, leak := range []string{"NEVER", "hidden"} {
				if strings.Contains(all, leak) {
					t.Errorf("a secret is in the operations: %s", all)
				}
			}
			again, _ := (&backend{}).Lower(request)
			if diff := cmp.Diff(operations, again); diff != "" {
				t.Errorf("lowering twice differs (-first +second):\n%s", diff)
			}
			checkCovered(t, request.Changes, operations)
			checkArrives(t, request, base, operations)
		})
	}
}

func requestOf(t *testing.T, m *schema.Manifest, base string, adjust func(*reconcile.LowerRequest)) reconcile.LowerRequest {
	t.Helper()
	o := look(t, m, base, nil)
	target, changes := targetOf(t, m, o)
	request := reconcile.LowerRequest{Manifest: m, Observed: o, Target: target, Changes: changes, Use: reconcile.UseFresh}
	if adjust != nil {
		adjust(&request)
	}
	return request
}

// checkCovered holds lowering to the contract: every change is written by an
// operation and read back by another.
func checkCovered(t *testing.T, changes []plan.Change, operations []plan.Operation) {
	t.Helper()
	for _, change := range changes {
		written := slices.ContainsFunc(operations, func(o plan.Operation) bool { return o.ID == stepPut && slices.Contains(o.Covers, change.Path) })
		verified := slices.ContainsFunc(operations, func(o plan.Operation) bool { return o.ID == stepVerify && slices.Contains(o.Covers, change.Path) })
		if !written || !verified {
			t.Errorf("%s: written %t, read back %t", change.Path, written, verified)
		}
	}
}

// checkArrives applies the plan's patch to its base: what is stored then must
// be the target, and everything unknown must be as it was.
func checkArrives(t *testing.T, request reconcile.LowerRequest, base string, operations []plan.Operation) {
	t.Helper()
	i := slices.IndexFunc(operations, func(o plan.Operation) bool { return o.ID == stepPut })
	if i < 0 {
		return
	}
	before := parsed(t, base)
	after := sent(t, request.Target, before, operations[i])
	got, err := stateOf(after, request.Manifest, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(meaning(request.Target), meaning(got)); diff != "" {
		t.Errorf("what is stored is not the target (-target +stored):\n%s", diff)
	}
	kept, now := unknowns(before), unknowns(after)
	elements := elementsOf(after)
	for place, value := range kept {
		if trailerGone(place, elements) {
			continue
		}
		gone := slices.ContainsFunc(request.Changes, func(c plan.Change) bool {
			return c.Action == plan.ActionDelete && strings.HasPrefix(place, "/"+strings.ReplaceAll(string(c.Path), ".", "/"))
		})
		if !gone && now[place] != value && !(request.ReuploadImages && strings.Contains(place, "images")) {
			t.Errorf("%s was %s and is %s", place, value, now[place])
		}
	}
	for _, entry := range packageRows(t, before) {
		if entry.ID != "" && !slices.ContainsFunc(packageRows(t, after), func(e storedPackage) bool { return e.ID == entry.ID }) {
			t.Errorf("package %s is not listed any more", entry.ID)
		}
	}
	if err := priceInvariants(after); err != nil {
		t.Error(err)
	}
}

func packageRows(t *testing.T, d *document) []storedPackage {
	t.Helper()
	var rows []storedPackage
	raw, _ := d.get(packagesPointer(kindApp))
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// sent is the submission that the put of a plan sends.
func sent(t *testing.T, target plan.State, base *document, put plan.Operation) *document {
	t.Helper()
	body := parsed(t, string(put.Body))
	for _, pointer := range put.Fill {
		path, _ := strings.CutPrefix(body.text(pointer), "${value:")
		value, ok := target[plan.Path(strings.TrimSuffix(path, "}"))]
		if !ok {
			t.Fatalf("nothing fills %s", pointer)
		}
		if err := body.set(pointer, value.JSON); err != nil {
			t.Fatal(err)
		}
	}
	if digest := body.text("/base"); digest != base.digest() {
		t.Errorf("the base is %s, want %s", digest, base.digest())
	}
	patch, _ := body.get("/patch")
	after, err := applyPatch(base, patch)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := parsePatch(patch)
	if err != nil {
		t.Fatal(err)
	}
	if err := withoutInheritedRollout(after, steps, strings.HasSuffix(put.Path, draftID)); err != nil {
		t.Fatal(err)
	}
	return after
}

// meaning is a state as it is compared.
func meaning(s plan.State) map[string]string {
	m := map[string]string{}
	for path, value := range s {
		switch {
		case value.Empty():
		case value.Type == plan.Images:
			var parts []string
			for _, image := range value.Images() {
				parts = append(parts, image.Digest+" "+image.Description)
			}
			m[string(path)] = strings.Join(parts, "\n")
		default:
			m[string(path)] = string(value.JSON)
		}
	}
	return m
}

// unknowns are the members whose names begin with x, and overrides, by place;
// elements that have an id are told by it.
func unknowns(d *document) map[string]string {
	found := map[string]string{}
	var walk func(place string, n *node)
	walk = func(place string, n *node) {
		for name, member := range n.members {
			if strings.HasPrefix(name, "x") || name == "platformOverrides" || name == "7" || name == "capabilities" || name == "sales" || name == "isAdvancedPricingModel" {
				found[place+"/"+name] = string(member.append(nil))
			}
			walk(place+"/"+name, member)
		}
		for i, element := range n.elements {
			name := fmt.Sprint(i)
			if id := (&document{root: element}).id(); id != "" {
				name = "id=" + id
			}
			walk(place+"/"+name, element)
		}
	}
	walk("", d.root)
	return found
}

// elementsOf are the places of all elements that have an id.
func elementsOf(d *document) map[string]bool {
	found := map[string]bool{}
	var walk func(place string, n *node)
	walk = func(place string, n *node) {
		for name, member := range n.members {
			walk(place+"/"+name, member)
		}
		for _, element := range n.elements {
			if id := (&document{root: element}).id(); id != "" {
				found[place+"/id="+id] = true
				walk(place+"/id="+id, element)
			}
		}
	}
	walk("", d.root)
	return found
}

// trailerGone reports whether a place lies in a trailer or thumbnail that the
// manifest does not have: unlike other files these go by being left out.
func trailerGone(place string, elements map[string]bool) bool {
	if !strings.HasPrefix(place, "/trailers/") {
		return false
	}
	for end, part := 0, ""; end < len(place); end += len(part) + 1 {
		part, _, _ = strings.Cut(place[end+1:], "/")
		if element := place[:end+1+len(part)]; strings.HasPrefix(part, "id=") && !elements[element] {
			return true
		}
	}
	return false
}

// render writes operations the way a reviewer reads them.
func render(reason string, changes []plan.Change, operations []plan.Operation) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", reason)
	for _, c := range changes {
		fmt.Fprintf(&b, "%s %s\n", c.Action, c.Path)
	}
	for _, o := range operations {
		fmt.Fprintf(&b, "\n%s: %s %s %s\n  %s (%s)\n", o.ID, o.Verb, o.Method, strings.ReplaceAll(o.Path, applicationPath(testApp), "APP"), o.Summary, o.Effect)
		for _, path := range o.Covers {
			fmt.Fprintf(&b, "  covers %s\n", path)
		}
		if len(o.Owes) > 0 {
			fmt.Fprintf(&b, "  owes %s\n", strings.Join(o.Owes, ", "))
		}
		for _, u := range o.Uploads {
			fmt.Fprintf(&b, "  sends %s as %s, %d bytes, %s\n", u.Name, u.As, u.Bytes, u.SHA256)
		}
		if len(o.Fill) > 0 {
			fmt.Fprintf(&b, "  fills %s\n", strings.Join(o.Fill, " "))
		}
		if o.Body != nil {
			b.WriteString("  ")
			if err := json.Indent(&b, o.Body, "  ", "  "); err != nil {
				panic(err)
			}
			b.WriteString("\n")
		}
	}
	return b.Bytes()
}
