package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// helpColumn is where the descriptions of flags begin.
const helpColumn = 26

// rootHelp is what storesync --help prints.
func rootHelp(commands []*cli.Command, width int) string {
	p := &page{width: width}
	p.line(0, text("storesync keeps the Microsoft Store as the manifests in git say."))
	p.blank()
	p.line(0, text("Usage: storesync COMMAND [FLAG…] [PATH…]"))
	p.blank()
	p.line(0, text("Commands:"))
	for _, c := range commands {
		p.hanging(2, 13, text(padded(c.Name, 10)+" "+c.Usage))
	}
	p.blank()
	p.line(0, text("PATH is a manifest, a folder with manifests, or - for standard input; without one it is the current folder. Flags may stand before or after paths."))
	p.blank()
	p.line(0, text("storesync COMMAND --help tells more about a command; storesync --version is the same as storesync version."))
	p.blank()
	p.line(0, text("Exit codes: 0 done or nothing to do, 1 error, 2 changes (plan --detailed-exitcode, drift), 3 refused, 4 credentials or permission, 8 a submission is still running, 130 interrupted."))
	return p.String()
}

// commandHelp is what storesync COMMAND --help prints.
func commandHelp(c *cli.Command, width int) string {
	p := &page{width: width}
	p.line(0, text(strings.TrimSpace("Usage: storesync "+c.Name+" [FLAG…] "+c.ArgsUsage)))
	for paragraph := range strings.SplitSeq(c.Description, "\n\n") {
		p.blank()
		p.line(0, text(strings.ReplaceAll(paragraph, "\n", " ")))
	}
	p.blank()
	p.line(0, text("Flags:"))
	for _, flag := range c.Flags {
		flagHelp(p, flag)
	}
	return p.String()
}

// flagHelp is one flag: names, the placeholder that its usage has in
// backquotes, what it does, and its default.
func flagHelp(p *page, flag cli.Flag) {
	documented, ok := flag.(cli.DocGenerationFlag)
	if !ok {
		return
	}
	usage := documented.GetUsage()
	var names []string
	for _, name := range flag.Names() {
		names = append(names, dashed(name))
	}
	head := strings.Join(names, ", ")
	if before, rest, found := strings.Cut(usage, "`"); found {
		placeholder, after, _ := strings.Cut(rest, "`")
		head += " " + placeholder
		usage = before + placeholder + after
	}
	if d := strings.Trim(documented.GetDefaultText(), `"`); documented.TakesValue() && !slices.Contains([]string{"", "0s"}, d) {
		usage += " (default " + d + ")"
	}
	if columns(head) > helpColumn-4 || p.width < 60 {
		p.line(2, text(head))
		p.line(min(helpColumn, p.width/6), text(usage))
		return
	}
	p.hanging(2, helpColumn, text(padded(head, helpColumn-2)+usage))
}
