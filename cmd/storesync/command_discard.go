package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/reconcile"
)

type discardOptions struct {
	commonOptions
	address     string
	autoApprove bool
	output      output
}

func discardCommand(h *host) *cli.Command {
	return &cli.Command{
		Name:      "discard",
		Usage:     "delete a pending draft of storesync's own",
		ArgsUsage: "ADDRESS [PATH…]",
		Description: `Shows what the pending draft of a product holds beside what is published,
asks, and deletes it. Nothing that customers have changes. Only a draft that
the record knows as storesync's own is deleted; one that somebody else made, one
that is committed, and an app's first draft are refused.

ADDRESS names the product, for example MsixApp/contoso-notes. MSI and EXE apps
have one draft for good, which nothing can delete.`,
		Flags: append(commonFlagsBut("target", "selector"), outputFlag(),
			&cli.BoolFlag{Name: "auto-approve", Usage: "delete without asking"}),
		Action: func(c *cli.Context) error {
			options, err := parseDiscard(c)
			if err != nil {
				return err
			}
			return runDiscard(c.Context, h, options)
		},
	}
}

func parseDiscard(c *cli.Context) (discardOptions, error) {
	common, err := parseCommon(c)
	if err != nil {
		return discardOptions{}, err
	}
	if len(common.paths) == 0 {
		return discardOptions{}, &usageError{"discard needs the address of a product", "Write for example: storesync discard MsixApp/contoso-notes"}
	}
	options := discardOptions{commonOptions: common, address: common.paths[0], autoApprove: c.Bool("auto-approve")}
	options.paths = common.paths[1:]
	options.targets = []string{options.address}
	options.output, err = parseOutput(c.String("output"))
	return options, err
}

func runDiscard(ctx context.Context, h *host, options discardOptions) error {
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, false)
	if err != nil {
		return err
	}
	printDiagnostics(h, diagnostics)
	if diagnostics.HasErrors() {
		return alreadyShown(diagnostics)
	}
	if workspace == nil || len(workspace.Manifests) == 0 {
		return knownAddress(options.address)
	}
	engine, err := newEngine(h, workspace, options.commonOptions, readWrite, nil)
	if err != nil {
		return err
	}
	view := discardView{h: h, options: options}
	plan, err := engine.Discard(ctx, workspace.Manifests[0], view.approve)
	if plan != nil && options.output == outputJSON {
		if writeErr := writeJSON(h.out, newDiscardDocument(plan, err)); writeErr != nil {
			return writeErr
		}
	}
	if err != nil {
		return err
	}
	return view.done(plan)
}

// knownAddress refuses an address where no manifest was found at all.
func knownAddress(address string) error {
	return knownAddresses("discard", []string{address}, nil)
}

// commonFlagsBut are the common flags without some.
func commonFlagsBut(names ...string) []cli.Flag {
	return slices.DeleteFunc(commonFlags(), func(f cli.Flag) bool { return slices.Contains(names, f.Names()[0]) })
}

// discardView shows what is about to be deleted, and asks.
type discardView struct {
	h       *host
	options discardOptions
}

// approve shows the draft and gets its end approved.
func (v discardView) approve(ctx context.Context, plan *reconcile.DiscardPlan) error {
	if v.options.output == outputHuman {
		if _, err := fmt.Fprint(v.h.out, humanDiscard(plan, v.h.look(v.options.commonOptions))); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	if v.options.autoApprove {
		return nil
	}
	return ask(ctx, v.h, question{
		text:   fmt.Sprintf("Do you want to delete draft %s of %s?", sanitize(plan.Draft), sanitize(plan.Address)),
		unseen: "Nothing was changed. Add --auto-approve to delete without asking.",
	})
}

// done says how it ended.
func (v discardView) done(plan *reconcile.DiscardPlan) error {
	if v.options.output == outputJSON {
		return nil
	}
	text := fmt.Sprintf("%s: draft %s is deleted.", sanitize(plan.Address), sanitize(plan.Draft))
	if plan.Draft == "" {
		text = fmt.Sprintf("Nothing to discard. %s has no pending draft.", sanitize(plan.Address))
	}
	_, err := fmt.Fprintln(v.h.out, text)
	return err
}
