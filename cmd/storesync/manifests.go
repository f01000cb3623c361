package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/storesync/storesync/schema"
)

// variablePrefix is what an environment variable's name starts with that gives
// a value of ${var:…}.
const variablePrefix = "STORESYNC_VAR_"

// loadWorkspace reads the manifests that a command is about, as far as they
// can be read, and judges them. Only with resolveEnv are {env} values looked up.
func loadWorkspace(ctx context.Context, h *host, options commonOptions, resolveEnv bool) (*schema.Workspace, schema.Diagnostics, error) {
	vars, err := variables(h, options)
	if err != nil {
		return nil, nil, err
	}
	load := schema.LoadOptions{
		Paths: options.paths, Stdin: h.in, Vars: vars,
		AllowedEnv: options.envAllow, AllowOutside: options.allowOutside,
	}
	if resolveEnv {
		load.LookupEnv = h.lookupEnv
	}
	workspace, diagnostics := schema.Load(ctx, load)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if workspace == nil {
		return nil, diagnostics, nil
	}
	diagnostics = append(diagnostics, schema.Validate(workspace)...)
	diagnostics.Sort()
	if found := workspace.Select(options.targets, options.selectors); found.HasErrors() {
		return nil, diagnostics, found
	}
	return workspace, diagnostics, nil
}

// variables collects the values of ${var:NAME}: --var goes before --var-file,
// and that before STORESYNC_VAR_NAME.
func variables(h *host, options commonOptions) (map[string]string, error) {
	vars := map[string]string{}
	for _, entry := range h.environ {
		if name, value, ok := strings.Cut(entry, "="); ok && len(name) > len(variablePrefix) && strings.HasPrefix(name, variablePrefix) {
			vars[strings.TrimPrefix(name, variablePrefix)] = value
		}
	}
	for _, file := range options.varFiles {
		values, err := readVariables(file)
		if err != nil {
			return nil, err
		}
		for name, value := range values {
			vars[name] = value
		}
	}
	for name, value := range options.vars {
		vars[name] = value
	}
	return vars, nil
}

func readVariables(file string) (map[string]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, &usageError{fmt.Sprintf("--var-file: read %s: %s", sanitize(file), causeOf(err)), "Give a file with lines like version: \"1.4.2\"."}
	}
	values, err := decodeVariables(content)
	if err != nil {
		return nil, &usageError{
			fmt.Sprintf("--var-file %s: %s", sanitize(file), sanitize(err.Error())),
			"Give a mapping of names to strings. Numbers, dates, true and false need quotation marks, or 1.10 would become 1.1: version: \"1.10\".",
		}
	}
	return values, nil
}

// decodeVariables reads a flat mapping of names to strings. Nothing is
// converted to a string: YAML would have read it as something else before.
func decodeVariables(content []byte) (map[string]string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, err
	}
	values := map[string]string{}
	if document.Kind == 0 {
		return values, nil // an empty file
	}
	mapping := document.Content[0]
	if mapping.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: not a mapping", mapping.Line)
	}
	for i := 0; i < len(mapping.Content); i += 2 {
		name, value := mapping.Content[i], mapping.Content[i+1]
		if value.Kind != yaml.ScalarNode || value.ShortTag() != "!!str" {
			return nil, fmt.Errorf("line %d: the value of %s is not a string", value.Line, name.Value)
		}
		if _, twice := values[name.Value]; twice {
			return nil, fmt.Errorf("line %d: %s is there twice", name.Line, name.Value)
		}
		values[name.Value] = value.Value
	}
	return values, nil
}

// causeOf is an error without the operation and path that os puts before it.
func causeOf(err error) string {
	if path, ok := err.(*os.PathError); ok { //nolint:errorlint // os.ReadFile returns it bare
		return path.Err.Error()
	}
	return err.Error()
}

// workspaceRoot is the folder that keeps .storesync.
func workspaceRoot(workspace *schema.Workspace) (string, error) {
	root, err := filepath.Abs(workspace.Root)
	if err != nil {
		return "", fmt.Errorf("find workspace %s: %w", workspace.Root, err)
	}
	return root, nil
}
