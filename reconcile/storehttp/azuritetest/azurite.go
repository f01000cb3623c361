// Package azuritetest starts Azurite, Microsoft's emulator of blob storage, for
// tests. It holds no product code.
package azuritetest

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// version is the release that is installed.
const version = "3.35.0"

// The account that Azurite's documentation gives to everybody.
//
// https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
const (
	Account = "devstoreaccount1"
	Key     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// Start starts Azurite for the time of the test and gives the address of
// Account's blob storage. STORESYNC_AZURITE is its program azurite-blob, or
// "install" to have npm install it into a temporary folder; without it the test
// is skipped.
func Start(t *testing.T) string {
	t.Helper()
	program := os.Getenv("STORESYNC_AZURITE")
	folder := t.TempDir()
	switch program {
	case "":
		t.Skip("set STORESYNC_AZURITE to the program azurite-blob, or to install (needs npm and the network)")
	case "install":
		program = install(t, folder)
	}
	ctx, stop := context.WithCancel(context.Background())
	// The version check knows no service version that is newer than Azurite.
	command := exec.CommandContext(ctx, program, "--inMemoryPersistence", "--blobHost", "127.0.0.1", "--blobPort", "0",
		"--skipApiVersionCheck", "--disableTelemetry", "--silent")
	command.Dir, command.Stderr = folder, os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = command.Wait()
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if found := regexp.MustCompile(`listens on (http://\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return found[1] + "/" + Account
		}
	}
	t.Fatal("azurite ended without an address")
	return ""
}

func install(t *testing.T, folder string) string {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is not installed")
	}
	output, err := exec.CommandContext(t.Context(), npm, "install", "--no-audit", "--no-fund", "--prefix", folder, "azurite@"+version).CombinedOutput()
	if err != nil {
		t.Skipf("npm cannot install azurite: %v\n%s", err, output)
	}
	return filepath.Join(folder, "node_modules", ".bin", "azurite-blob")
}
