package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/storesync/storesync/reconcile/plan"
)

var planSchema = sync.OnceValues(func() (*jsonschema.Resolved, error) {
	var parsed jsonschema.Schema
	if err := json.Unmarshal(plan.Schema(), &parsed); err != nil {
		return nil, err
	}
	return parsed.Resolve(nil)
})

func fitsPlanSchema(document any) error {
	resolved, err := planSchema()
	if err != nil {
		return err
	}
	return resolved.Validate(document)
}

// Every golden plan fits the published schema.
func TestGoldenPlansFitTheSchema(t *testing.T) {
	files, err := filepath.Glob("testdata/plan/*/plan.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden plans: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(content, &document); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := fitsPlanSchema(document); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// checkedMain is main for the scripts. It also checks what is printed as JSON:
// plans fit their schema, and a stream of events begins with the version, ends
// with the exit code, and has no line of an unknown type.
func checkedMain() {
	h := systemHost()
	var printed bytes.Buffer
	h.out = io.MultiWriter(h.out, &printed)
	code := run(os.Args, h)
	if slices.ContainsFunc(os.Args, func(a string) bool { return a == "json" || strings.HasSuffix(a, "=json") }) {
		if err := checkPrinted(printed.Bytes(), code); err != nil {
			fmt.Fprintln(os.Stderr, "what was printed is not what it should be:", err)
			code = 98
		}
	}
	os.Exit(code)
}

func checkPrinted(printed []byte, code int) error {
	var lines []map[string]any
	for line := range bytes.Lines(printed) {
		var document map[string]any
		if err := json.Unmarshal(line, &document); err != nil {
			return fmt.Errorf("%w: %s", err, line)
		}
		lines = append(lines, document)
	}
	if len(lines) == 0 {
		return nil
	}
	if lines[0]["type"] == nil {
		if _, isPlan := lines[0]["hash"]; isPlan {
			return fitsPlanSchema(lines[0])
		}
		return nil
	}
	for i, line := range lines {
		kind := fmt.Sprint(line["type"])
		switch {
		case !slices.Contains(messageTypes(), messageType(kind)):
			return fmt.Errorf("line %d has the type %s", i, kind)
		case (i == 0) != (kind == string(messageVersion)), (i == len(lines)-1) != (kind == string(messageSummary)):
			return fmt.Errorf("line %d of %d is of type %s", i, len(lines), kind)
		case kind == string(messagePlan):
			if err := fitsPlanSchema(line["plan"]); err != nil {
				return err
			}
		case kind == string(messageSummary) && line["exitCode"] != float64(code):
			return fmt.Errorf("the summary says exit code %v, and it is %d", line["exitCode"], code)
		}
	}
	return nil
}

// Every type of event is explained.
func TestEventsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "commands.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range messageTypes() {
		if !bytes.Contains(page, []byte("\n| `"+string(kind)+"` |")) {
			t.Errorf("docs/commands.md does not explain events of type %s", kind)
		}
	}
}

// Every member of the plan document is explained.
func TestPlanMembersAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "commands.md"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]any `json:"properties"`
		Defs       map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(plan.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, properties := range []map[string]any{schema.Properties, schema.Defs["product"].Properties, schema.Defs["change"].Properties} {
		for name := range properties {
			if !bytes.Contains(page, []byte("`"+name+"`")) && !bytes.Contains(page, []byte("`"+name+"[]`")) {
				t.Errorf("docs/commands.md does not explain %s", name)
			}
		}
	}
}
