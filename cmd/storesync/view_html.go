package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"sync"

	"github.com/storesync/storesync/reconcile/plan"
)

// The HTML view is one file that opens from disk and asks for nothing: style
// and script stand in it, pictures are data: URIs, and its content security
// policy lets nothing else run or load. Text of manifests and the Store goes
// through html/template into element content and a few harmless attributes,
// and never into style, script or an address.

//go:embed html
var htmlFiles embed.FS

// imageOpener opens a file that a plan names, by its workspace-relative name.
// It is nil where there is no workspace, as for a plan made elsewhere.
type imageOpener func(name string) (io.ReadSeekCloser, error)

// htmlPlan is a plan as one self-contained HTML file. With open, the images
// that the plan names are in it, scaled down; a file that is not what the plan
// saw is named instead of shown. The plan document holds what changes and
// nothing else of a listing, and the view says so: the observed rest is not
// added to the document for its sake, as a plan is kept and posted by people
// who must not see more than it needs.
func htmlPlan(plan *plan.Plan, open imageOpener) ([]byte, error) {
	assets, err := htmlAssets()
	if err != nil {
		return nil, err
	}
	page := newHTMLPage(plan, newPictures(open))
	page.Style, page.Script, page.Policy = assets.style, assets.script, assets.policy
	var b bytes.Buffer
	if err := assets.templates.ExecuteTemplate(&b, "page.html", page); err != nil {
		return nil, fmt.Errorf("render plan as HTML: %w", err)
	}
	return b.Bytes(), nil
}

// htmlParts are the embedded parts of the page, ready to use.
type htmlParts struct {
	templates *template.Template
	style     template.CSS
	script    template.JS
	// policy allows this style and this script by their digests, and pictures
	// that are in the file.
	policy string
}

var htmlAssets = sync.OnceValues(func() (htmlParts, error) {
	templates, err := template.ParseFS(htmlFiles, "html/*.html")
	if err != nil {
		return htmlParts{}, fmt.Errorf("parse page templates: %w", err)
	}
	var style bytes.Buffer
	for _, name := range []string{"base.css", "listing.css", "table.css", "print.css"} {
		content, err := htmlFiles.ReadFile("html/" + name)
		if err != nil {
			return htmlParts{}, fmt.Errorf("read page style: %w", err)
		}
		style.Write(content)
	}
	script, err := htmlFiles.ReadFile("html/page.js")
	if err != nil {
		return htmlParts{}, fmt.Errorf("read page script: %w", err)
	}
	return htmlParts{
		templates: templates,
		// Both are ours, embedded, and hold nothing of a plan.
		style:  template.CSS(style.String()),
		script: template.JS(script),
		policy: fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'",
			policyDigest(style.Bytes()), policyDigest(script)),
	}, nil
})

// policyDigest names content as a content security policy does
// (https://www.w3.org/TR/CSP3/#grammardef-hash-source).
func policyDigest(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
