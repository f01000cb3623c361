package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// planningOptions are what plan and apply plan by.
type planningOptions struct {
	commonOptions
	output output
	plan   reconcile.PlanOptions
}

type planOptions struct {
	planningOptions
	detailedExitCode bool
	// out is the file to save the plan in, "" for none.
	out string
}

// planningFlags are the flags that shape a plan, and the formats of output
// beside human and json.
func planningFlags(formats ...output) []cli.Flag {
	return append(commonFlags(), outputFlag(formats...),
		&cli.BoolFlag{Name: "draft", Usage: "write the draft and do not submit it"},
		&cli.BoolFlag{Name: "submit", Usage: "submit the draft though nothing differs"},
		&cli.StringSliceFlag{Name: "allow", Usage: "allow what a guard refuses, `GUARD[=ADDRESS]` (repeatable)"},
		&cli.StringSliceFlag{Name: "reupload-images", Usage: "send all managed images of `ADDRESS` again (repeatable)"},
		&cli.StringFlag{Name: "metadata-write", Usage: "how metadata is written, `METHOD`: patch sends what changes, put the whole module", Value: string(plan.WritePatch)},
	)
}

func planCommand(h *host) *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "show what apply would do",
		ArgsUsage: "[PATH…]",
		Description: `Reads the live products, compares them with the manifests, and shows every
field that would change and every request that apply would make, in order.
Nothing is written: requests other than GET are refused before they are sent.

With --out the plan is saved, for show and for apply --plan: a file that only
you may read, with what the manifests and the Store say, but no secret.

Exit code 0 says that planning worked, whatever it found. With
--detailed-exitcode, 0 says that customers get what git says or soon will, and 2
that they do not: of several products, the worst verdict decides.`,
		Flags: append(planningFlags(planFormats()...),
			&cli.StringFlag{Name: "out", Usage: "save the plan in `FILE`"},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 when customers do not get what git says"}),
		Action: func(c *cli.Context) error {
			planning, err := parsePlanning(c, planFormats()...)
			if err != nil {
				return err
			}
			options := planOptions{planningOptions: planning, detailedExitCode: c.Bool("detailed-exitcode"), out: c.String("out")}
			if c.IsSet("out") && options.out == "" {
				return &usageError{"--out names no file", "Write for example --out plan.json."}
			}
			return runPlan(c.Context, h, options)
		},
	}
}

// planFormats are the formats of plan beside human and json.
func planFormats() []output { return []output{outputMarkdown, outputHTML, outputGitHub, outputSARIF} }

func parsePlanning(c *cli.Context, formats ...output) (planningOptions, error) {
	common, err := parseCommon(c)
	if err != nil {
		return planningOptions{}, err
	}
	options := planningOptions{commonOptions: common}
	if options.output, err = parseOutput(c.String("output"), formats...); err != nil {
		return options, err
	}
	options.plan = reconcile.PlanOptions{
		Draft: c.Bool("draft"), Submit: c.Bool("submit"), ReuploadImages: c.StringSlice("reupload-images"),
	}
	if options.plan.Draft && options.plan.Submit {
		return options, &usageError{"--draft and --submit exclude each other", "Leave one of them out."}
	}
	options.plan.WriteMode, err = parseChoice("metadata-write", c.String("metadata-write"), plan.WritePatch, plan.WritePut)
	if err != nil {
		return options, err
	}
	options.plan.Allow, err = parseAllow(c.StringSlice("allow"))
	return options, err
}

func runPlan(ctx context.Context, h *host, options planOptions) error {
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, true)
	if err == nil {
		err = checkAddresses(workspace, options.planningOptions)
	}
	if err != nil {
		printDiagnostics(h, diagnostics)
		return err
	}
	if err := checkOut(options.out, workspace); err != nil {
		return err
	}
	if diagnostics.HasErrors() {
		return errors.Join(noPlan(h, options, diagnostics), diagnostics)
	}
	printDiagnostics(h, diagnostics)
	if options.plan.Selection, err = selectionOf(options.commonOptions, workspace); err != nil {
		return err
	}
	engine, err := newEngine(h, workspace, options.commonOptions, readOnly, nil)
	if err != nil {
		return err
	}
	proposal, err := engine.Plan(ctx, workspace, options.plan)
	if err != nil {
		return err
	}
	if err := save(proposal.Plan, options.out); err != nil {
		return err
	}
	if err := showPlan(h, options.planningOptions, proposal.Plan, workspace.Open); err != nil {
		return err
	}
	return planOutcome(h, proposal, options.detailedExitCode)
}

// noPlan writes the plan of manifests that could not be loaded, for those who
// read plans: a file that is left from an earlier run would say something else.
func noPlan(h *host, options planOptions, diagnostics schema.Diagnostics) error {
	plan, err := failedPlan(diagnostics)
	if err != nil {
		return err
	}
	if err := save(plan, options.out); err != nil || options.output == outputHuman {
		return err
	}
	return showPlan(h, options.planningOptions, plan, nil)
}

// checkOut refuses to save a plan over a file that the plan is made of, or over
// any manifest.
func checkOut(out string, workspace *schema.Workspace) error {
	if out == "" {
		return nil
	}
	there, err := os.Stat(out)
	if err != nil || !there.Mode().IsRegular() {
		return nil // A new file; what cannot be replaced is refused when it is saved.
	}
	what := ""
	if workspace != nil {
		for _, input := range workspace.Inputs {
			name := filepath.FromSlash(input.Name)
			if !filepath.IsAbs(name) {
				name = filepath.Join(workspace.Root, name)
			}
			if read, err := os.Stat(name); err == nil && input.Name != "-" && os.SameFile(there, read) {
				what = "the plan is made of that file"
			}
		}
	}
	if what == "" && isYAML(out) {
		what = "that file is there and is YAML"
	}
	if what == "" {
		return nil
	}
	return &usageError{fmt.Sprintf("--out %s: %s", sanitize(out), what), "Name a file of its own, for example --out plan.json."}
}

// isYAML reports whether a file is YAML by its name, and not a plan all the same.
func isYAML(file string) bool {
	extension := strings.ToLower(filepath.Ext(file))
	if extension != ".yaml" && extension != ".yml" {
		return false
	}
	content, err := os.ReadFile(file)
	return err != nil || len(content) > 0 && !bytes.HasPrefix(bytes.TrimSpace(content), []byte("{"))
}

func save(plan *plan.Plan, file string) error {
	if file == "" {
		return nil
	}
	return reconcile.SavePlan(plan, file)
}

// showPlan writes the plan to standard output; open finds its pictures.
func showPlan(h *host, options planningOptions, plan *plan.Plan, open imageOpener) error {
	text, err := planText(plan, options.output, open, h.look(options.commonOptions))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(h.out, text); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// look is how results look on standard output.
func (h *host) look(options commonOptions) look {
	return look{width: h.width(), color: h.color(h.outTTY, options.noColor)}
}

// planOutcome prints what went wrong while planning and says how to exit.
func planOutcome(h *host, proposal *reconcile.Proposal, detailed bool) error {
	printDiagnostics(h, proposal.Plan.Diagnostics)
	if err := planError(proposal); err != nil {
		return err
	}
	if detailed {
		return verdictError(proposal.Plan)
	}
	return nil
}

// verdictError is how a command ends that judges the products by their verdicts:
// the worst decides. Every view has shown it.
func verdictError(planned *plan.Plan) error {
	worst := plan.Worst(verdictsOf(planned.Products))
	class := classChanges
	switch worst.ExitCode() {
	case 0:
		return nil
	case 1:
		class = plan.ClassError
	}
	return alreadyShown(&plan.Failure{Class: class, Err: errors.New(worst.Label())})
}

// planError is why products could not be planned, nil when all could.
func planError(proposal *reconcile.Proposal) error {
	err := proposal.Err()
	if proposal.Plan.Diagnostics.HasErrors() {
		// They are printed with the plan.
		err = errors.Join(err, alreadyShown(proposal.Plan.Diagnostics))
	}
	return err
}

// checkAddresses checks the addresses that planning flags name.
func checkAddresses(workspace *schema.Workspace, options planningOptions) error {
	if workspace == nil {
		return nil
	}
	var known []string
	for _, m := range workspace.Manifests {
		known = append(known, m.Address())
	}
	if err := knownAddresses("reupload-images", options.plan.ReuploadImages, known); err != nil {
		return err
	}
	for address := range options.plan.Allow {
		if address == "" {
			continue
		}
		if err := knownAddresses("allow", []string{address}, known); err != nil {
			return err
		}
	}
	return nil
}
