package schema

import (
	"context"
	"fmt"
	"strings"
)

// decodeMsixApp decodes the spec of kind MsixApp and reads its packages and
// videos.
func decodeMsixApp(ctx context.Context, d *decoder, spec *tree) *MsixApp {
	app := decodeInto[MsixApp](d, d.mergeListings(spec, "images"))
	app.AppID = storeSpelling(app.AppID)
	d.rolloutWords(spec.field("rollout"))
	d.readMsixPackages(ctx, app.Packages)
	for i := range app.Trailers {
		video := &app.Trailers[i].Video
		if video.Name == "" || ctx.Err() != nil {
			continue // reported already
		}
		measured, problem := d.sources.files.video(ctx, video.Name)
		if problem != nil {
			d.failWritten(fmt.Sprintf("trailers[%d].videoFile", i), problem)
			continue
		}
		*video = measured
	}
	return app
}

// storeSpelling is a Store ID in capitals, as the Store answers it; what is no
// Store ID stays as it is.
func storeSpelling(id string) string {
	if storeID.MatchString(id) {
		return strings.ToUpper(id)
	}
	return id
}

// readMsixPackages reads the files of a package set.
func (d *decoder) readMsixPackages(ctx context.Context, packages []MsixPackage) {
	for i := range packages {
		d.readMsixPackage(ctx, fmt.Sprintf("packages[%d]", i), &packages[i])
	}
}

// failWritten reports a problem at the place of a decoded value.
func (d *decoder) failWritten(path string, problem *fileProblem) {
	at := d.places[strings.ToLower(path)]
	d.failAt(at.pos, at.written, problem.summary, problem.detail)
}

// readMsixPackage reads what is in a package's file. The file may be absent
// when the manifest says all that it must know of it.
func (d *decoder) readMsixPackage(ctx context.Context, path string, p *MsixPackage) {
	if ctx.Err() != nil {
		return // reported once, by Load
	}
	content, problem := d.sources.files.readPackage(ctx, p.File)
	switch {
	case problem == nil:
		p.Content = content
	case ctx.Err() != nil:
	case p.pinned() && (problem.missing || packageFormat(p.File) == ""):
		// Formats that cannot be read, such as .xap, may be live all the same.
	case problem.missing:
		problem = &fileProblem{summary: problem.summary, detail: problem.detail +
			" Build the package; or, if it is in the Store already, write its version and its architecture beside file, such as {file: …, version: 1.4.2.0, architecture: x64}."}
		fallthrough
	default:
		d.failWritten(path+".file", problem)
	}
}

// rolloutWords refuses a rollout without a step, and a step that is written and
// denied at once. Whatever else is written has been judged by decodeInto.
func (d *decoder) rolloutWords(rollout *tree) {
	if rollout == nil {
		return
	}
	if rollout.kind == mappingTree && len(rollout.fields) == 0 && !rollout.holed {
		d.fail(rollout, "no step is written; a rollout takes one", rolloutForms)
	}
	for _, step := range []string{"halted", "finalized"} {
		if v := rollout.field(step); v != nil && v.kind == scalarTree && v.tag == "!!bool" && strings.EqualFold(v.text, "false") {
			d.fail(v, step+": false says nothing", rolloutForms)
		}
	}
}

const rolloutForms = "Write exactly one of {percentage: 10}, {halted: true} and {finalized: true}."
