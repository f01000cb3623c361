package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

func schemaCommand(h *host) *cli.Command {
	return &cli.Command{
		Name:  "schema",
		Usage: "print the JSON Schema of manifests or of plans",
		Description: `Prints a JSON Schema (draft 2020-12) of what manifests may say, for editors and
other checkers; with --plan, that of the plan document.`,
		Flags: []cli.Flag{&cli.BoolFlag{Name: "plan", Usage: "the schema of the plan document"}},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return &usageError{"schema takes no paths", "It prints one schema, which is the same for all manifests."}
			}
			document := schema.JSONSchema()
			if c.Bool("plan") {
				document = plan.Schema()
			}
			if _, err := h.out.Write(document); err != nil {
				return fmt.Errorf("write output: %w", err)
			}
			return nil
		},
	}
}
