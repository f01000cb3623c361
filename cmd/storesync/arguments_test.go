package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testHost(environ ...string) (h *host, out, err *bytes.Buffer) {
	out, err = &bytes.Buffer{}, &bytes.Buffer{}
	return &host{streams: &streams{in: strings.NewReader(""), out: out, err: err}, environ: environ}, out, err
}

func TestArrange(t *testing.T) {
	h, _, _ := testHost()
	commands := allCommands(h, &signals{})
	for _, tt := range []struct{ reason, args, want string }{
		{"flags before paths", "plan --draft a.yaml", "plan --draft -- a.yaml"},
		{"flags after paths", "plan a.yaml b --draft --var x=1 c", "plan --draft --var x=1 -- a.yaml b c"},
		{"flags before the command", "--emulator --var x=1 plan a.yaml", "plan --emulator --var x=1 -- a.yaml"},
		{"values with an equals sign", "plan a --var=x=1", "plan --var=x=1 -- a"},
		{"what follows a double dash is a path", "plan --draft -- --emulator -", "plan --draft -- --emulator -"},
		{"a dash is standard input", "plan - --draft", "plan --draft -- -"},
		{"a value may begin with one dash", "plan --var -x", "plan --var -x --"},
		{"short names", "plan a -o json", "plan -o json -- a"},
		{"a path may be called like a flag or command", "plan emulator help", "plan -- emulator help"},
		{"help drops the rest", "plan a.yaml --help --draft", "plan --help"},
		{"help of a command", "help plan", "plan --help"},
		{"help before the command", "--help plan", "plan --help"},
		{"nothing", "", ""},
		{"help", "--help", ""},
		{"version as a flag", "--version", "version --"},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			got, err := arrange(commands, append([]string{"storesync"}, strings.Fields(tt.args)...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{"storesync"}, strings.Fields(tt.want)...), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestArrangeErrors(t *testing.T) {
	h, _, _ := testHost()
	commands := allCommands(h, &signals{})
	for args, want := range map[string]string{
		"plna":                  "there is no command \"plna\"\n  Did you mean plan? storesync --help lists the commands.",
		"--wait apply":          "flag --wait means different things to different commands\n  Write it behind the command.",
		"--emulator":            "no command given\n  storesync --help lists the commands.",
		"plan --var":            "flag --var needs a value\n  Write --var VALUE or --var=VALUE; storesync plan --help says which values there are.",
		"plan --var --draft x":  "flag --var needs a value\n  Write --var VALUE or --var=VALUE; storesync plan --help says which values there are.",
		"plan a --auto-approve": "storesync plan has no flag --auto-approve\n  storesync plan --help lists the flags. A path that begins with a dash goes behind \"--\".",
		"plan a -draft":         "storesync plan has no flag -draft\n  Did you mean --draft? storesync plan --help lists the flags. A path that begins with a dash goes behind \"--\".",
	} {
		_, err := arrange(commands, append([]string{"storesync"}, strings.Fields(args)...))
		if err == nil {
			t.Errorf("%s: no error", args)
		} else if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", args, diff)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"validate", "plan", "apply", "status", "emulator", "version"}
	for word, want := range map[string]string{
		"plna": "plan", "aply": "apply", "valdiate": "validate", "emulate": "emulator", "stat": "status",
		"destroy": "", "x": "", "PLAN": "plan",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("nearest(%q): want %q, got %q", word, want, got)
		}
	}
}
