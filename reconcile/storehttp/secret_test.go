package storehttp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHide(t *testing.T) {
	const address = "https://dl.contoso.example/reader.exe?sv=1&sig=AbC%2FdEf"
	for _, c := range []struct{ reason, text, want string }{
		{"nothing of it", "all is well", "all is well"},
		{"the value", "cannot get " + address + ".", "cannot get (sensitive)."},
		{"its beginning", "cannot get https://dl.contoso…", "cannot get (sensitive)…"},
		{"its end", "…reader.exe?sv=1&sig=AbC%2FdEf is odd", "…(sensitive) is odd"},
		{"another case, as hosts are repeated", "HTTPS://DL.CONTOSO.EXAMPLE is down", "(sensitive) is down"},
		{"as a query", "u=" + url.QueryEscape(address) + "&x=1", "u=(sensitive)&x=1"},
		{"escaped twice", "u=" + url.QueryEscape(url.QueryEscape(address)), "u=(sensitive)"},
		{"wrapped", "cannot get https://dl.con\n\ttoso.exam\nple/reader.exe", "cannot get (sensitive)"},
		{"less than twelve characters", "dl.contoso", "dl.contoso"},
		{"a short one", "password s3cr\"t!?", "password (sensitive)?"},
		{"a short one in JSON", `{"p":"s3cr\"t!"}`, `{"p":"(sensitive)"}`},
		{"a short line of several", "the account Ann B. is locked", "the account (sensitive) is locked"},
		{"two characters", "ab abc", "ab (sensitive)"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			got := NewSecrets(address, `s3cr"t!`, "account:\r\nAnn B.\r\nask her", "ab", "abc").Hide(c.text)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if NewSecrets("", " a ") != nil || (*Secrets)(nil).Hide("a") != "a" || (*Secrets)(nil).OneLine("a\n") != "a" {
		t.Error("no secrets change a text")
	}
}

// leaks is a run of twelve characters that a text has of a secret, if any.
func leaks(text, secret string) string {
	const long = 12
	runes := []rune(secret)
	for i := range max(len(runes)-long+1, 0) {
		if run := string(runes[i : i+long]); strings.Contains(text, run) {
			return run
		}
	}
	return ""
}

// echoes are ways in which an answer repeats what it was sent.
var echoes = []func(r *rand.Rand, s string) string{
	func(_ *rand.Rand, s string) string { return s },
	func(r *rand.Rand, s string) string { return cutAt(r, s, true) },
	func(r *rand.Rand, s string) string { return cutAt(r, s, false) },
	func(r *rand.Rand, s string) string { return cutAt(r, s, true) + "…" + cutAt(r, s, false) },
	func(r *rand.Rand, s string) string { return strings.Repeat("very long ", r.IntN(80)) + s },
	func(r *rand.Rand, s string) string { return wrap(s, 13+r.IntN(60)) },
	func(_ *rand.Rand, s string) string { return strings.Join(strings.Fields(s), " ") },
	func(_ *rand.Rand, s string) string { return url.QueryEscape(s) },
	func(_ *rand.Rand, s string) string { return url.PathEscape(s) },
	func(_ *rand.Rand, s string) string { return html.EscapeString(s) },
	func(_ *rand.Rand, s string) string { return fmt.Sprintf("%q", s) },
	func(_ *rand.Rand, s string) string { return fmt.Sprintf("%+q", s) },
	func(_ *rand.Rand, s string) string { encoded, _ := json.Marshal(s); return string(encoded) },
	func(_ *rand.Rand, s string) string { return strings.Join(strings.Split(s, ""), "\u200b") },
	func(_ *rand.Rand, s string) string { return strings.ToUpper(s) },
}

func cutAt(r *rand.Rand, s string, head bool) string {
	runes := []rune(s)
	at := r.IntN(len(runes) + 1)
	if head {
		return string(runes[:at])
	}
	return string(runes[at:])
}

func wrap(s string, width int) string {
	var b strings.Builder
	for i, r := range []rune(s) {
		if i > 0 && i%width == 0 {
			b.WriteString("\n    ")
		}
		b.WriteRune(r)
	}
	return b.String()
}

func randomSecret(r *rand.Rand) string {
	alphabets := []string{
		"abcdefghijklmnopqrstuvwxyz     ABC.,:;\n", "abcdef0123456789%/=+&?", "äöüß漢字仮名😀éñ \n", `\"'<>&%nrtu00/x `, "   \t\n-=",
	}
	runes := []rune(alphabets[r.IntN(len(alphabets))])
	var b strings.Builder
	for range 12 + r.IntN(900) {
		b.WriteRune(runes[r.IntN(len(runes))])
	}
	return b.String()
}

// Whatever an answer does with a secret, no error text, correlation id or log
// line has twelve characters in a row of it.
func TestNoErrorTextHoldsASecret(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		secret := randomSecret(r)
		echo := secret
		for range 1 + r.IntN(2) {
			echo = echoes[r.IntN(len(echoes))](r, echo)
		}
		text := "the value " + echo + " is not accepted"
		message, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		s := &script{answers: []http.HandlerFunc{answer(400, `{"code":`+string(message)+`,"message":`+string(message)+`}`,
			"X-Correlation-ID: "+strings.Join(strings.Fields(echo), " "))}}
		var log bytes.Buffer
		p := newTestPipeline(t, s, func(o *Options) {
			o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		_, err = p.Do(WithSecrets(t.Context(), secret), request("PATCH"))
		if err == nil {
			t.Fatal("no error")
		}
		for _, text := range []string{err.Error(), log.String()} {
			if run := leaks(text, secret); run != "" {
				t.Fatalf("%d: text has %q of\n%q\nechoed as\n%q\n%s", i, run, secret, echo, text)
			}
		}
	}
}

func FuzzHide(f *testing.F) {
	f.Add("https://dl.contoso.example/a?sig=AbC%2F", "cannot get ", " now", 3)
	f.Add("a\\nb\\u0041%25%32%46 &amp; c", "", "", 0)
	f.Fuzz(func(t *testing.T, secret, before, after string, cut int) {
		if NewSecrets(secret) == nil {
			t.Skip("spaces are no secret")
		}
		echo := before + secret[min(max(cut, 0), len(secret)):] + after
		for name, text := range map[string]string{"hidden": NewSecrets(secret).Hide(echo), "one line": NewSecrets(secret).OneLine(echo)} {
			if run := leaks(strings.ReplaceAll(text, sensitive, "\x00"), secret); run != "" {
				t.Errorf("%s: %q has %q of %q", name, text, run, secret)
			}
		}
	})
}

// What hides comes before what shortens and redacts, and contexts add up.
func TestShown(t *testing.T) {
	ctx := WithSecrets(WithSecrets(t.Context(), "hunter2"), "https://dl.contoso.example/a?sig=AbCdEf")
	for in, want := range map[string]string{
		strings.Repeat("x", 597) + "hunter2":          strings.Repeat("x", 597) + "(se…",
		"get https://dl.contoso.example/a?sig=AbCdEf": "get (sensitive)",
		"hun\u200bter2": "(sensitive)",
		"another https://blob.fabrikam.example/b?sig=AbC&hunter2": "another https://blob.fabrikam.example/b?sig=REDACTED&(sensitive)",
	} {
		if diff := cmp.Diff(want, Shown(ctx, in)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if got := Shown(t.Context(), "hunter2"); got != "hunter2" {
		t.Errorf("got %q", got)
	}
}
