package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/urfave/cli/v2"
	"sigs.k8s.io/yaml"

	"github.com/storesync/storesync/reconcile/emulator"
)

type emulatorOptions struct {
	listen  string
	state   string
	seed    string
	latency time.Duration
	faults  string
	// publicURL is the base of upload addresses.
	publicURL string
}

// emulatorReady is the one line that the emulator prints.
type emulatorReady struct {
	// MsiExe and Msix are for STORESYNC_MSIEXE_ENDPOINT and
	// STORESYNC_MSIX_ENDPOINT, Login is for AZURE_AUTHORITY_HOST.
	MsiExe string `json:"msiexe"`
	Msix   string `json:"msix"`
	Login  string `json:"login"`
	// Blob is where images lie, Upload where the files of drafts go.
	Blob   string `json:"blob"`
	Upload string `json:"upload"`
	// Token is for STORESYNC_ACCESS_TOKEN. It opens nothing but this emulator.
	Token string `json:"token"`
}

func emulatorCommand(h *host) *cli.Command {
	return &cli.Command{
		Name:  "emulator",
		Usage: "serve an emulator of the Store",
		Description: `Serves the submission APIs for MSI/EXE and for MSIX apps, the token endpoints
and blob storage over plain HTTP. When it is ready it prints one JSON line with
its URLs and a token that it accepts; point storesync at it with
STORESYNC_MSIEXE_ENDPOINT, STORESYNC_MSIX_ENDPOINT, STORESYNC_ACCESS_TOKEN and
any STORESYNC_SELLER_ID.

Products come from --seed: a seed document (YAML or JSON), or a folder of
manifests, whose products are made as if their first submission had been made
by hand. Without a seed there are none, and every product answers 404. SIGINT
or SIGTERM ends it with exit code 0.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Usage: "`ADDRESS` to listen on; port 0 takes a free one", Value: "127.0.0.1:0"},
			&cli.StringFlag{Name: "state", Usage: "keep the state in `DIR` (default: in memory)"},
			&cli.StringFlag{Name: "seed", Usage: "seed document or folder of manifests, `PATH`"},
			&cli.DurationFlag{Name: "latency", Usage: "wait `DURATION` before each answer"},
			&cli.StringFlag{Name: "faults", Usage: "fault script, a YAML or JSON `FILE`"},
			&cli.StringFlag{Name: "public-url", Usage: "base `URL` of upload addresses, where clients reach the emulator by another one"},
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return &usageError{"emulator takes no paths", "Name a seed document or a folder of manifests with --seed."}
			}
			options := emulatorOptions{
				listen: c.String("listen"), state: c.String("state"), seed: c.String("seed"),
				latency: c.Duration("latency"), faults: c.String("faults"), publicURL: c.String("public-url"),
			}
			if public, err := url.Parse(options.publicURL); options.publicURL != "" && (err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" || public.RawQuery != "") {
				return &usageError{"--public-url " + sanitize(options.publicURL) + " is no base of addresses", "Write for example --public-url http://store.contoso.example:8080"}
			}
			if options.latency < 0 {
				return &usageError{"--latency takes no negative duration", "Write for example --latency 200ms."}
			}
			return runEmulator(c.Context, h, options)
		},
	}
}

func runEmulator(ctx context.Context, h *host, options emulatorOptions) error {
	store, err := emulator.New(emulator.Options{Folder: options.state, Latency: options.latency, PublicURL: options.publicURL})
	if err != nil {
		return fmt.Errorf("start emulator: %w", err)
	}
	if err := seedStore(ctx, h, store, options.seed); err != nil {
		return err
	}
	if err := setFaults(store, options.faults); err != nil {
		return err
	}
	listener, err := listen(ctx, h, options.listen)
	if err != nil {
		return err
	}
	base := baseURL(listener)
	if err := writeJSON(h.out, emulatorReady{MsiExe: base, Msix: base, Login: base, Blob: base, Upload: cmp.Or(options.publicURL, base), Token: store.Token()}); err != nil {
		return errors.Join(err, listener.Close())
	}
	return serve(ctx, store, listener)
}

// seedStore seeds from a document, or from a folder of manifests.
func seedStore(ctx context.Context, h *host, store *emulator.Emulator, seed string) error {
	if seed == "" {
		return nil
	}
	info, err := os.Stat(seed)
	if err != nil {
		return &usageError{fmt.Sprintf("--seed %s: %s", sanitize(seed), causeOf(err)), "Give a seed document or a folder of manifests."}
	}
	if !info.IsDir() {
		return seedFromFile(store, seed)
	}
	workspace, diagnostics, err := loadWorkspace(ctx, h, commonOptions{paths: []string{seed}}, false)
	if err != nil {
		return err
	}
	printDiagnostics(h, diagnostics)
	if diagnostics.HasErrors() {
		return alreadyShown(diagnostics)
	}
	return seedWorkspace(store, workspace, seedList{})
}

func setFaults(store *emulator.Emulator, file string) error {
	if file == "" {
		return nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return &usageError{fmt.Sprintf("--faults %s: %s", sanitize(file), causeOf(err)), "Give a file with a list of faults."}
	}
	document, err := yaml.YAMLToJSONStrict(content)
	if err != nil {
		return fmt.Errorf("--faults %s: %w", file, err)
	}
	if err := store.SetFaults(document); err != nil {
		return fmt.Errorf("--faults %s: %w", file, err)
	}
	return nil
}

// listen opens the port. Beyond this machine anyone could write to the emulator
// and read its token, so that is said aloud.
func listen(ctx context.Context, h *host, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		fmt.Fprintf(h.err, "warning: the emulator listens on %s, beyond this machine: anyone who reaches it can use it.\n  Listen on 127.0.0.1 to keep it to yourself.\n", listener.Addr())
	}
	return listener, nil
}

// baseURL is where the emulator is reached from this machine. That it listens
// on every address is no address to connect to.
func baseURL(listener net.Listener) string {
	tcp, ok := listener.Addr().(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return "http://" + listener.Addr().String()
}

// serve answers until the context ends, which is the way to stop it.
func serve(ctx context.Context, handler http.Handler, listener net.Listener) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	// Requests under way get a moment to end.
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if server.Shutdown(shutdown) != nil {
		return server.Close()
	}
	return nil
}
