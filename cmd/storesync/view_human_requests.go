package main

import (
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// requests lists every call that apply makes, in order: writes with what they
// send and set off, reads dimmed.
func (v *planView) requests(p plan.Product) {
	if len(p.Operations) == 0 {
		return
	}
	base := commonBase(p.Operations)
	title := "Requests, in order"
	if base != "" {
		title += ", below " + sanitize(v.endpoint()+base)
	}
	v.hanging(2, 4, text(title+":"))

	rows := make([]requestRow, len(p.Operations))
	target, limit := 0, max(8, v.width*2/5)
	method := len("PATCH")
	for _, o := range p.Operations {
		method = max(method, columns(sanitize(o.Method)))
	}
	for i, o := range p.Operations {
		rows[i] = requestRow{method: padded(sanitize(o.Method), method) + " ", number: fmt.Sprintf("%*d. ", len(fmt.Sprint(len(rows))), i+1), operation: o, target: requestTarget(o, base, p.Operations)}
		if width := columns(rows[i].target); width <= limit {
			target = max(target, width)
		}
	}
	for _, r := range rows {
		v.request(r, target)
	}
}

type requestRow struct {
	number, method string
	operation      plan.Operation
	// target is the path, or the file of an upload.
	target string
}

func (v *planView) request(r requestRow, width int) {
	o := r.operation
	what, ink := requestInks(o)
	indent := fieldIndent + len(r.number) + columns(r.method)
	start := []span{inked(r.number, what), inked(r.method, what)}
	summary := sanitize(o.Summary)
	column := indent + width + 2
	room := v.width - column
	if columns(r.target) <= width && (room >= minSummary || columns(summary) <= room) {
		v.hanging(fieldIndent, column, append(start, inked(padded(r.target, width), what), inked("  "+summary, ink))...)
	} else {
		v.hanging(fieldIndent, indent, append(start, inked(r.target, what))...)
		v.hanging(indent+2, indent+2, inked(summary, ink))
	}
	if isArchive(o) {
		for _, u := range o.Uploads {
			v.hanging(indent+2, indent+4, inked(uploadText(u), what))
		}
	}
}

// isArchive reports whether an operation sends its files in one archive.
func isArchive(o plan.Operation) bool { return len(o.Uploads) > 0 && o.Uploads[0].As != "" }

func uploadText(u plan.Upload) string {
	return fmt.Sprintf("%s, %s", sanitize(u.Name), humanBytes(u.Bytes))
}

// minSummary is how many columns a summary needs to stand beside its request.
const minSummary = 32

// requestInks are the inks of a request and of what it sets off.
func requestInks(o plan.Operation) (request, effect ink) {
	switch o.Effect {
	case plan.EffectRead:
		return faint, faint
	case plan.EffectDraft:
		return plain, plain
	case plan.EffectPublish:
		return plain, updated
	case plan.EffectDestroy:
		return plain, removed
	}
	return plain, plain
}

// requestTarget is what a request is about: its path below the base, the files
// it sends, or the archive of them, which are then listed below.
func requestTarget(o plan.Operation, base string, all []plan.Operation) string {
	if isArchive(o) {
		return "ZIP, " + humanBytes(uploadBytes(o))
	}
	if len(o.Uploads) > 0 {
		files := make([]string, len(o.Uploads))
		for i, u := range o.Uploads {
			files[i] = uploadText(u)
		}
		return strings.Join(files, "; ")
	}
	path := strings.TrimPrefix(o.Path, base)
	for i, other := range all {
		path = nameSource(path, other.ID, i+1)
	}
	return sanitize(path)
}

// nameSource replaces the placeholders that an operation fills in by words.
func nameSource(path, id string, number int) string {
	for {
		start := strings.Index(path, "${op:"+id+"/")
		if start < 0 {
			return path
		}
		length := strings.Index(path[start:], "}")
		if length < 0 {
			return path
		}
		path = path[:start] + fmt.Sprintf("(from request %d)", number) + path[start+length+1:]
	}
}

// commonBase is what the paths of all requests to the API begin with, up to a
// slash; "" when nothing is worth taking out.
func commonBase(operations []plan.Operation) string {
	base, n := "", 0
	for _, o := range operations {
		if !strings.HasPrefix(o.Path, "/") {
			continue
		}
		if n++; n == 1 {
			base = o.Path
		}
		for !strings.HasPrefix(o.Path, base) {
			base = base[:len(base)-1]
		}
	}
	if end := strings.IndexByte(base, '?'); end >= 0 {
		base = base[:end]
	}
	return base[:strings.LastIndexByte(base, '/')+1]
}

// endpoint is the address that a path lies at, "" when the plan has several.
func (v *planView) endpoint() string {
	if len(v.plan.Endpoints) == 1 {
		return strings.TrimSuffix(v.plan.Endpoints[0], "/")
	}
	return ""
}
