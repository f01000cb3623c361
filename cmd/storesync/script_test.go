package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/storesync/storesync/schema/msixtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"storesync": checkedMain, "normal": normal})
}

// normal runs a command and replaces what differs from run to run in what it
// prints: exec normal storesync plan .
func normal() {
	command := exec.Command(os.Args[1], os.Args[2:]...)
	command.Stdin = os.Stdin
	var out, stderr bytes.Buffer
	command.Stdout, command.Stderr = &out, &stderr
	err := command.Run()
	folder, _ := os.Getwd()
	replace := func(s string) string {
		s = strings.ReplaceAll(s, folder, "$WORK")
		for pattern, by := range map[string]string{
			`correlation id [0-9a-f-]{36}`:  "correlation id $$ID",
			`127\.0\.0\.1:\d+`:              "$$STORE",
			`\b11529215\d{11}\b`:            "$$SUBMISSION",
			`Hash: [0-9a-f]{64}`:            "Hash: $$HASH",
			`\d{4}-\d\d-\d\d \d\d:\d\d UTC`: "$$TIME",
			`report of \d{4}-\d\d-\d\d`:     "report of $$DAY",
			`\.[0-9a-f]{16}\.msix`:          ".$$DIGEST.msix",
			`lookup (\S+) on \S+:53`:        "lookup $1",
		} {
			s = regexp.MustCompile(pattern).ReplaceAllString(s, by)
		}
		return s
	}
	fmt.Fprint(os.Stdout, replace(out.String()))
	fmt.Fprint(os.Stderr, replace(stderr.String()))
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(exit.ExitCode())
	} else if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
}

// TestScript runs the command as people do, on the embedded emulator or on one
// that is served. The scripts hold the whole text of the errors they show; go
// test -update writes these texts anew.
//
// Beside testscript's own commands there are:
//
//	exec normal CMD…       run a command, replacing what differs from run to run
//	store [FLAG…]          serve an emulator and point the environment at it
//	jsonq FILE PATH WANT   look into JSON: PATH is a.0.b, @N.a in the Nth
//	                       document of a stream, @last.a in its last one
//	jsonenv NAME FILE PATH set an environment variable to what is there
//	png FILE WIDTH HEIGHT  make an image
//	msix FILE VERSION ARCHITECTURE [IDENTITY [PAYLOAD]]
//	                       make an app package of Contoso.Notes, or of IDENTITY;
//	                       another PAYLOAD (a number) makes another build
//	replace OLD NEW FILE   edit a file
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// Nothing of the machine's own credentials or settings counts.
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NO_COLOR", "")
			env.Setenv("COLUMNS", "80")
			// The race detector would let every process linger for a second.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"store": cmdStore, "jsonq": cmdJSONQuery, "jsonenv": cmdJSONEnv, "png": cmdPNG, "msix": cmdMSIX, "replace": cmdReplace,
		},
	})
}

// cmdStore serves an emulator until the script ends, and checks that it then
// ends in good order.
func cmdStore(ts *testscript.TestScript, neg bool, args []string) {
	program, err := lookPath(ts.Getenv("PATH"), "storesync")
	ts.Check(err)
	served := exec.Command(program, append([]string{"emulator"}, args...)...)
	served.Dir = ts.MkAbs(".")
	served.Env = []string{"HOME=" + ts.Getenv("HOME"), "PATH=" + ts.Getenv("PATH"), "GORACE=" + ts.Getenv("GORACE")}
	served.Stderr = os.Stderr
	out, err := served.StdoutPipe()
	ts.Check(err)
	ts.Check(served.Start())
	ts.Defer(func() {
		ts.Check(served.Process.Signal(os.Interrupt))
		if err := served.Wait(); err != nil {
			ts.Fatalf("the emulator did not end in good order: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	var ready emulatorReady
	ts.Check(json.Unmarshal([]byte(line), &ready))
	ts.Setenv(envMsiExeEndpoint, ready.MsiExe)
	ts.Setenv(envMsixEndpoint, ready.Msix)
	ts.Setenv("STORESYNC_ACCESS_TOKEN", ready.Token)
	ts.Setenv(envSellerID, embeddedSeller)
}

func lookPath(path, program string) (string, error) {
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	for _, folder := range filepath.SplitList(path) {
		file := filepath.Join(folder, program)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("%s is not in PATH", program)
}

func cmdJSONQuery(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: jsonq FILE PATH WANT")
	}
	got := queryJSON(ts, args[0], args[1])
	if equal := got == args[2]; equal == neg {
		ts.Fatalf("%s is %s", args[1], got)
	}
}

func cmdJSONEnv(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 || neg {
		ts.Fatalf("usage: jsonenv NAME FILE PATH")
	}
	ts.Setenv(args[0], queryJSON(ts, args[1], args[2]))
}

// queryJSON looks into a file of JSON documents.
func queryJSON(ts *testscript.TestScript, file, path string) string {
	var documents []any
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	decoder.UseNumber()
	for {
		var document any
		err := decoder.Decode(&document)
		if err == io.EOF {
			break
		}
		ts.Check(err)
		documents = append(documents, document)
	}
	got, err := lookInto(documents, path)
	ts.Check(err)
	return got
}

// lookInto follows a path; what is not there is "null".
func lookInto(documents []any, path string) (string, error) {
	document := 0
	if rest, ok := strings.CutPrefix(path, "@"); ok {
		number, inner, _ := strings.Cut(rest, ".")
		path = inner
		if number == "last" {
			document = len(documents) - 1
		} else if _, err := fmt.Sscan(number, &document); err != nil {
			return "", err
		}
	}
	if document >= len(documents) {
		return "", fmt.Errorf("there are only %d documents", len(documents))
	}
	value := documents[document]
	for segment := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[segment]
		case []any:
			if segment == "length" {
				return strconv.Itoa(len(v)), nil
			}
			i, err := strconv.Atoi(segment)
			if err != nil || i >= len(v) {
				return "", fmt.Errorf("%s: no element %s of %d", path, segment, len(v))
			}
			value = v[i]
		default:
			value = nil
		}
	}
	if s, ok := value.(string); ok {
		return s, nil
	}
	content, err := json.Marshal(value)
	return string(content), err
}

func cmdPNG(ts *testscript.TestScript, neg bool, args []string) {
	width, err := strconv.Atoi(args[1])
	ts.Check(err)
	height, err := strconv.Atoi(args[2])
	ts.Check(err)
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
	picture := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	// The name is in the picture, so that no two files are alike.
	for i, b := range []byte(args[0]) {
		picture.SetColorIndex(int(b)%width, i%height, 1)
	}
	out, err := os.Create(file)
	ts.Check(err)
	ts.Check(png.Encode(out, picture))
	ts.Check(out.Close())
}

func cmdMSIX(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 || len(args) > 5 {
		ts.Fatalf("usage: msix FILE VERSION ARCHITECTURE [IDENTITY [PAYLOAD]]")
	}
	p := msixtest.Package{Version: args[1], Architecture: args[2], PayloadBytes: 1000}
	if len(args) > 3 {
		p.Identity = args[3]
	}
	if len(args) > 4 {
		seed, err := strconv.ParseUint(args[4], 10, 64)
		ts.Check(err)
		p.Seed = seed
	}
	content, err := p.Bytes()
	ts.Check(err)
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
	ts.Check(os.WriteFile(file, content, 0o644))
}

func cmdReplace(ts *testscript.TestScript, neg bool, args []string) {
	file := ts.MkAbs(args[2])
	content := ts.ReadFile(args[2])
	edited := strings.ReplaceAll(content, args[0], args[1])
	if edited == content {
		ts.Fatalf("%s does not hold %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(file, []byte(edited), 0o644))
}
