package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/schema"
)

type validateOptions struct {
	commonOptions
	output output
	// online also looks at the addresses of packages.
	online bool
}

func validateCommand(h *host) *cli.Command {
	return &cli.Command{
		Name:      "validate",
		Usage:     "check manifests without the Store",
		ArgsUsage: "[PATH…]",
		Description: `Checks what is written: format, limits and allowed values of the API, image
headers. Nothing is asked of the Store, no credentials are needed, and {env: …}
values are not looked up. What the Store requires of the whole product is
checked by plan, which knows the rest of it.`,
		Flags: append(commonFlags(), outputFlag(),
			&cli.BoolFlag{Name: "online", Usage: "also look whether package URLs answer as the Store demands, and check pinned digests"}),
		Action: func(c *cli.Context) error {
			options, err := parseValidate(c)
			if err != nil {
				return err
			}
			return runValidate(c.Context, h, options)
		},
	}
}

func parseValidate(c *cli.Context) (validateOptions, error) {
	common, err := parseCommon(c)
	if err != nil {
		return validateOptions{}, err
	}
	format, err := parseOutput(c.String("output"))
	return validateOptions{commonOptions: common, output: format, online: c.Bool("online")}, err
}

func runValidate(ctx context.Context, h *host, options validateOptions) error {
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, false)
	if err != nil {
		printDiagnostics(h, diagnostics)
		return err
	}
	if options.online && workspace != nil {
		found, err := probePackages(ctx, h, options.commonOptions, workspace)
		if err != nil {
			return err
		}
		diagnostics = append(diagnostics, found...)
		diagnostics.Sort()
	}
	if options.output == outputJSON {
		if err := writeJSON(h.out, newValidationDocument(workspace, diagnostics)); err != nil {
			return err
		}
		return validationError(diagnostics)
	}
	printDiagnostics(h, diagnostics)
	if diagnostics.HasErrors() {
		return validationError(diagnostics)
	}
	_, err = fmt.Fprintln(h.out, validText(workspace, diagnostics))
	return err
}

func validText(workspace *schema.Workspace, diagnostics schema.Diagnostics) string {
	s := count(len(workspace.Manifests), "manifest") + " valid"
	if len(diagnostics) > 0 {
		s += ", " + count(len(diagnostics), "warning")
	}
	return s + "."
}

// validationError carries the exit code of diagnostics that were shown.
func validationError(diagnostics schema.Diagnostics) error {
	if !diagnostics.HasErrors() {
		return nil
	}
	return alreadyShown(diagnostics)
}
