# Kills the command everywhere, lets every fault happen, and writes what held to
# docs/reliability.md. It needs Linux, and strace and the right to mount for all of it.
.PHONY: reliability
reliability:
	STORESYNC_RELIABILITY=$(CURDIR)/docs/reliability.md go test -count=1 -v -timeout 60m ./cmd/storesync/internal/reliability
