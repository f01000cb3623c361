package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// readSaved reads a plan file, which is not trusted.
func readSaved(file string) (*plan.Plan, error) {
	opened, err := os.Open(file)
	if err != nil {
		hint := "Give a file that storesync plan --out FILE wrote."
		if !errors.Is(err, fs.ErrNotExist) {
			hint = "Check its permissions."
		}
		return nil, &usageError{fmt.Sprintf("read plan %s: %s", sanitize(file), causeOf(err)), hint}
	}
	defer opened.Close()
	planned, err := plan.Read(opened)
	if failure, ok := errors.AsType[*plan.Failure](err); ok {
		return nil, &plan.Failure{Class: failure.Class, Err: fmt.Errorf("read plan %s: %w", file, failure.Err), Next: failure.Next}
	}
	if err != nil {
		return nil, fmt.Errorf("read plan %s: %w", file, err)
	}
	return planned, nil
}

// selectionOf is what was planned, as another run can find it again: relative
// to the workspace root, never an absolute path.
func selectionOf(options commonOptions, workspace *schema.Workspace) (plan.Selection, error) {
	selection := plan.Selection{Targets: options.targets}
	if len(options.selectors) > 0 {
		selection.Selectors = options.selectors
	}
	given := options.paths
	if len(given) == 0 {
		given = []string{"."}
	}
	for _, path := range given {
		if path != "-" {
			inside, err := relativePath(workspace.Root, path)
			if err != nil {
				return selection, fmt.Errorf("find %s below the workspace: %w", path, err)
			}
			path = inside
		}
		selection.Paths = append(selection.Paths, path)
	}
	working, err := filepath.Abs(".")
	if err == nil {
		selection.Folder, err = relativePath(working, workspace.Root)
	}
	if err != nil {
		return selection, fmt.Errorf("find the workspace from the working folder: %w", err)
	}
	return selection, nil
}

// relativePath is a path as it is seen from a folder, links resolved, with
// forward slashes.
func relativePath(folder, path string) (string, error) {
	absolute, err := resolved(path)
	if err != nil {
		return "", err
	}
	if folder, err = resolved(folder); err != nil {
		return "", err
	}
	relative, err := filepath.Rel(folder, absolute)
	return filepath.ToSlash(relative), err
}

func resolved(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

// adoptSaved takes from a saved plan what it was made by. What opens doors on
// this machine (--env-allow, --allow-outside) and values of variables are not in
// a plan: they come from the command line again.
func (o *applyOptions) adoptSaved(planned *plan.Plan) error {
	if planned.Options == nil || len(planned.Options.Paths) == 0 {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("plan %s does not say which manifests it was made of", o.planFile),
			Next: "Nothing was changed. Plan again with --out."}
	}
	o.plan = reconcile.PlanOptionsOf(planned)
	o.plan.WriteMode = cmp.Or(o.plan.WriteMode, plan.WritePatch)
	if o.plan.WriteMode != plan.WritePatch && o.plan.WriteMode != plan.WritePut {
		return &usageError{fmt.Sprintf("plan %s: --metadata-write %s: there is no such value", sanitize(o.planFile), sanitize(string(o.plan.WriteMode))), "Plan again with --out."}
	}
	o.targets, o.selectors, o.paths = planned.Options.Targets, planned.Options.Selectors, nil
	root, err := savedRoot(planned)
	if err != nil {
		return err
	}
	for _, path := range planned.Options.Paths {
		if path == "-" {
			o.paths = append(o.paths, path)
			continue
		}
		if !filepath.IsLocal(filepath.FromSlash(path)) && !o.allowOutside {
			return &plan.Failure{Class: plan.ClassRefused,
				Err:  fmt.Errorf("plan %s: its manifest path %s lies outside the workspace", o.planFile, path),
				Next: "Nothing was changed. Give --allow-outside if you trust the plan."}
		}
		o.paths = append(o.paths, fromWorking(filepath.Join(root, filepath.FromSlash(path))))
	}
	return nil
}

// fromWorking is a path as a person in the working folder would give it.
func fromWorking(path string) string {
	working, err := resolved(".")
	if err != nil {
		return path
	}
	relative, err := filepath.Rel(working, path)
	if err != nil {
		return path
	}
	return relative
}

// planText is a plan in one of the formats that are made of nothing else.
func planText(plan *plan.Plan, format output, open imageOpener, l look) (string, error) {
	switch format {
	case outputMarkdown:
		return markdownPlan(plan), nil
	case outputGitHub:
		return githubPlan(plan), nil
	case outputHTML:
		page, err := htmlPlan(plan, open)
		return string(page), err
	case outputSARIF:
		document, err := sarifPlan(plan)
		return string(document), err
	case outputJSON:
		var b strings.Builder
		err := writeJSON(&b, plan)
		return b.String(), err
	case outputHuman:
	}
	return humanPlan(plan, l), nil
}
