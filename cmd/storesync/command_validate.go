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

// The formats of validate that other commands have in another form or not at
// all.
const (
	validateGitHub output = "github"
	validateSARIF  output = "sarif"
)

func validateCommand(h *host) *cli.Command {
	return &cli.Command{
		Name:      "validate",
		Usage:     "check manifests without the Store",
		ArgsUsage: "[PATH…]",
		Description: `Checks what is written: format, limits and allowed values of the API, image
headers. Nothing is asked of the Store, no credentials are needed, and {env: …}
values are not looked up. What the Store requires of the whole product is
checked by plan, which knows the rest of it.`,
		Flags: append(commonFlags(),
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`FORMAT` of standard output: human, json, github (annotations), sarif (code scanning)", Value: string(outputHuman)},
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
	format, err := parseChoice("output", c.String("output"), outputHuman, outputJSON, validateGitHub, validateSARIF)
	return validateOptions{commonOptions: common, output: format, online: c.Bool("online")}, err
}

func runValidate(ctx context.Context, h *host, options validateOptions) error {
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, false)
	if err != nil {
		printDiagnostics(h, diagnostics)
		return err
	}
	if workspace != nil {
		diagnostics = append(diagnostics, schema.WarnVersions(workspace)...)
		diagnostics.Sort()
	}
	if options.online && workspace != nil {
		found, err := probePackages(ctx, h, options.commonOptions, workspace)
		if err != nil {
			return err
		}
		diagnostics = append(diagnostics, found...)
		diagnostics.Sort()
	}
	if err := showValidation(h, options.output, workspace, diagnostics); err != nil {
		return err
	}
	return validationError(diagnostics)
}

// showValidation writes what was found to standard output. Where that is a
// document for a program, people find it on standard error.
func showValidation(h *host, format output, workspace *schema.Workspace, diagnostics schema.Diagnostics) error {
	root := ""
	if workspace != nil {
		root = workspace.Root
	}
	switch format {
	case outputJSON:
		return writeJSON(h.out, newValidationDocument(workspace, diagnostics))
	case validateGitHub:
		_, err := fmt.Fprint(h.out, githubCommands(diagnosticFindings(root, diagnostics)))
		return err
	case validateSARIF:
		document, err := sarifDiagnostics(root, diagnostics)
		if err == nil {
			_, err = h.out.Write(document)
		}
		printDiagnostics(h, diagnostics)
		return err
	default:
		printDiagnostics(h, diagnostics)
		if diagnostics.HasErrors() {
			return nil
		}
		_, err := fmt.Fprintln(h.out, validText(workspace, diagnostics))
		return err
	}
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
