package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/schema"
)

// usageError is a mistake on the command line: exit 1, with a hint.
type usageError struct{ message, hint string }

func (e *usageError) Error() string {
	if e.hint == "" {
		return e.message
	}
	return e.message + "\n  " + e.hint
}

// arrange puts a command line into the order that the flag library reads
// rightly: the command, its flags, "--", and the paths. The library itself
// takes a flag after a path for a path, and says nothing.
func arrange(commands []*cli.Command, args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, nil
	}
	name, rest, err := findCommand(commands, args[1:])
	if err != nil {
		return nil, err
	}
	if name == "" {
		return args[:1], nil
	}
	command := commands[slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(name) })]
	flags, paths, help, err := splitFlags(command, rest)
	if err != nil {
		return nil, err
	}
	if help {
		return []string{args[0], name, "--help"}, nil
	}
	arranged := append([]string{args[0], name}, flags...)
	return append(append(arranged, "--"), paths...), nil
}

// findCommand finds the command's name, which is the first argument that is
// neither a flag nor a flag's value, and returns the other arguments. No name
// means that help is wanted.
func findCommand(commands []*cli.Command, args []string) (string, []string, error) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--help" || arg == "-h":
			continue
		case arg == "--version":
			return versionCommandName, nil, nil
		case arg == "help":
			if i+1 < len(args) {
				return findHelp(commands, args[i+1])
			}
			return "", nil, nil
		case !isFlag(arg):
			if !slices.ContainsFunc(commands, func(c *cli.Command) bool { return c.HasName(arg) }) {
				return "", nil, unknownCommand(commands, arg)
			}
			return arg, slices.Delete(slices.Clone(args), i, i+1), nil
		}
		name, _, inline := strings.Cut(arg, "=")
		flag := findAnyFlag(commands, name)
		if flag == nil {
			return "", nil, unknownFlag("storesync", allFlagNames(commands), name)
		}
		if ambiguous(commands, name) {
			return "", nil, &usageError{fmt.Sprintf("flag %s means different things to different commands", name), "Write it behind the command."}
		}
		if takesValue(flag) && !inline {
			i++
		}
	}
	if slices.ContainsFunc(args, func(a string) bool { return a != "--help" && a != "-h" }) {
		return "", nil, &usageError{"no command given", "storesync --help lists the commands."}
	}
	return "", nil, nil
}

func findHelp(commands []*cli.Command, name string) (string, []string, error) {
	if !slices.ContainsFunc(commands, func(c *cli.Command) bool { return c.HasName(name) }) {
		return "", nil, unknownCommand(commands, name)
	}
	return name, []string{"--help"}, nil
}

// splitFlags takes a command's arguments apart into flags and paths.
func splitFlags(command *cli.Command, args []string) (flags, paths []string, help bool, err error) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			paths = append(paths, args[i+1:]...)
			break
		}
		if !isFlag(arg) {
			paths = append(paths, arg)
			continue
		}
		name, _, inline := strings.Cut(arg, "=")
		if name == "--help" || name == "-h" {
			return nil, nil, true, nil
		}
		flag := findFlag(command, name)
		if flag == nil {
			return nil, nil, false, unknownFlag("storesync "+command.Name, flagNames(command), name)
		}
		flags = append(flags, arg)
		if inline || !takesValue(flag) {
			continue
		}
		if i+1 == len(args) || strings.HasPrefix(args[i+1], "--") {
			return nil, nil, false, &usageError{
				fmt.Sprintf("flag %s needs a value", name),
				fmt.Sprintf("Write %s VALUE or %s=VALUE; storesync %s --help says which values there are.", name, name, command.Name),
			}
		}
		i++
		flags = append(flags, args[i])
	}
	return flags, paths, false, nil
}

// isFlag reports whether an argument is a flag. "-" alone is standard input.
func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

func takesValue(flag cli.Flag) bool {
	documented, ok := flag.(cli.DocGenerationFlag)
	return ok && documented.TakesValue()
}

func findFlag(command *cli.Command, name string) cli.Flag {
	for _, flag := range command.Flags {
		for _, n := range flag.Names() {
			if dashed(n) == name {
				return flag
			}
		}
	}
	return nil
}

func findAnyFlag(commands []*cli.Command, name string) cli.Flag {
	for _, command := range commands {
		if flag := findFlag(command, name); flag != nil {
			return flag
		}
	}
	return nil
}

// ambiguous reports whether a flag takes a value in one command and none in
// another.
func ambiguous(commands []*cli.Command, name string) bool {
	first := findAnyFlag(commands, name)
	return slices.ContainsFunc(commands, func(c *cli.Command) bool {
		flag := findFlag(c, name)
		return flag != nil && takesValue(flag) != takesValue(first)
	})
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func flagNames(command *cli.Command) []string {
	var names []string
	for _, flag := range command.Flags {
		names = append(names, dashed(flag.Names()[0]))
	}
	return names
}

func allFlagNames(commands []*cli.Command) []string {
	names := []string{"--version"}
	for _, command := range commands {
		names = append(names, flagNames(command)...)
	}
	return names
}

func unknownFlag(command string, known []string, name string) error {
	hint := command + " --help lists the flags. A path that begins with a dash goes behind \"--\"."
	if suggestion := nearest(name, known); suggestion != "" {
		hint = "Did you mean " + suggestion + "? " + hint
	}
	return &usageError{fmt.Sprintf("%s has no flag %s", command, sanitize(name)), hint}
}

func unknownCommand(commands []*cli.Command, name string) error {
	var known []string
	for _, c := range commands {
		known = append(known, c.Name)
	}
	hint := "storesync --help lists the commands."
	if suggestion := nearest(name, known); suggestion != "" {
		hint = "Did you mean " + suggestion + "? " + hint
	}
	return &usageError{fmt.Sprintf("there is no command %q", sanitize(name)), hint}
}

// nearest is the known word that a mistyped or unfinished one probably stands
// for, "" when none is near enough.
func nearest(word string, known []string) string {
	if near := schema.Nearest(word, known); near != "" {
		return near
	}
	const telling = 3 // letters: fewer begin too many words
	if len(strings.TrimLeft(word, "-")) >= telling {
		for _, k := range known {
			if strings.HasPrefix(k, word) {
				return k
			}
		}
	}
	return ""
}
