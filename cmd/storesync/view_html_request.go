package main

import (
	"fmt"

	"github.com/storesync/storesync/reconcile/plan"
)

// htmlRequests are the calls of one product, in order.
type htmlRequests struct {
	Base  string
	Calls []htmlRequest
	// Writes and Reads count them; Sends says what is uploaded.
	Writes, Reads int
	// Noun is what stands behind Writes.
	Noun  string
	Sends string
	Open  bool
}

type htmlRequest struct {
	Number         int
	Method, Target string
	Summary        string
	Effect         htmlState
	Read           bool
	Uploads        []string
}

// openRequests is up to how many requests are shown at once.
const openRequests = 8

func (b *htmlBuilder) requests(p *plan.Product) *htmlRequests {
	if len(p.Operations) == 0 {
		return nil
	}
	base := commonBase(p.Operations)
	v := planView{plan: b.plan}
	shown := &htmlRequests{Open: len(p.Operations) <= openRequests}
	if base != "" {
		shown.Base = sanitize(v.endpoint() + base)
	}
	var bytes int64
	files := 0
	for i, o := range p.Operations {
		call := htmlRequest{Number: i + 1, Method: sanitize(o.Method), Target: requestTarget(o, base, p.Operations), Summary: sanitize(o.Summary),
			Effect: effectState(o.Effect), Read: !o.Writes() || o.Effect == plan.EffectRead}
		if call.Read {
			shown.Reads++
		} else {
			shown.Writes++
		}
		if isArchive(o) {
			for _, u := range o.Uploads {
				call.Uploads = append(call.Uploads, uploadText(u))
			}
		}
		files += len(o.Uploads)
		bytes += uploadBytes(o)
		shown.Calls = append(shown.Calls, call)
	}
	shown.Noun = plural(shown.Writes, "request") + " that write"
	if shown.Writes == 1 {
		shown.Noun += "s"
	}
	if files > 0 {
		shown.Sends = fmt.Sprintf("%s, %s", count(files, "file"), humanBytes(bytes))
	}
	return shown
}

// effectState is what an effect is called.
func effectState(e plan.Effect) htmlState {
	switch e {
	case plan.EffectRead:
		return htmlState{"reads", "read"}
	case plan.EffectDraft:
		return htmlState{"changes the draft", "draft"}
	case plan.EffectPublish:
		return htmlState{"publishes", "publish"}
	case plan.EffectDestroy:
		return htmlState{"destroys", "destroy"}
	}
	return htmlState{sanitize(string(e)), "draft"}
}
