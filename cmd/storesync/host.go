package main

import (
	"os"
	"strings"
)

// host is what a command may know of the process that it runs in.
type host struct {
	*streams
	// environ holds the environment as NAME=value.
	environ []string
}

func systemHost() *host {
	return &host{streams: systemStreams(), environ: os.Environ()}
}

// lookupEnv is os.LookupEnv over the host's environment.
func (h *host) lookupEnv(name string) (string, bool) {
	for i := len(h.environ) - 1; i >= 0; i-- {
		if key, value, ok := strings.Cut(h.environ[i], "="); ok && key == name {
			return value, true
		}
	}
	return "", false
}

// env is the value of an environment variable, "" when it is not set.
func (h *host) env(name string) string {
	value, _ := h.lookupEnv(name)
	return value
}
