package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// defaultWidth is used where no terminal says how wide it is.
const defaultWidth = 80

// minWidth keeps layouts sane on a terminal that claims to be tiny.
const minWidth = 20

// streams are the three streams of a process and what stands behind them.
type streams struct {
	in                    io.Reader
	out, err              io.Writer
	inTTY, outTTY, errTTY bool
	// terminalWidth is the width in columns that the terminal reports, 0
	// when there is none.
	terminalWidth int
}

func systemStreams() *streams {
	s := &streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		inTTY:  term.IsTerminal(int(os.Stdin.Fd())),
		outTTY: term.IsTerminal(int(os.Stdout.Fd())),
		errTTY: term.IsTerminal(int(os.Stderr.Fd())),
	}
	for _, file := range []*os.File{os.Stdout, os.Stderr} {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			s.terminalWidth = width
			break
		}
	}
	return s
}

// width is how many columns a line may have: COLUMNS, else what the terminal
// reports, else 80.
func (h *host) width() int {
	if columns, err := strconv.Atoi(h.env("COLUMNS")); err == nil && columns > 0 {
		return max(columns, minWidth)
	}
	if h.terminalWidth > 0 {
		return max(h.terminalWidth, minWidth)
	}
	return defaultWidth
}

// color reports whether to colour what goes to a stream. NO_COLOR
// (https://no-color.org) counts with any value that is not empty and wins over
// CLICOLOR_FORCE, which colours without a terminal too.
func (h *host) color(tty bool, noColor bool) bool {
	if noColor || h.env("NO_COLOR") != "" {
		return false
	}
	if force := h.env("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return tty && h.env("TERM") != "dumb"
}
