package storehttp

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// A page of a proxy is told from an answer of the API, whatever its status.
func TestAnswersOfAProxy(t *testing.T) {
	const page = "<!DOCTYPE html><html><head><title> Blocked &amp; logged\n</title></head></html>"
	tests := map[string]struct {
		method  string
		answer  http.HandlerFunc
		foreign bool
		want    string
	}{
		"403 page":           {"GET", answer(403, page, "Content-Type: text/html"), true, `HTTP 403 Forbidden: the answer is a web page ("Blocked & logged"), not one of the API`},
		"without a type":     {"GET", answer(403, "\n <HTML>no</HTML>"), true, "the answer is a web page, not one of the API"},
		"409 page":           {"POST", answer(409, page), true, "HTTP 409 Conflict: the answer is a web page"},
		"plain text":         {"GET", answer(403, "Access denied by policy 7", "Content-Type: text/plain"), true, "the answer is no answer of the API"},
		"407":                {"GET", answer(407, "<html></html>"), true, "the answer is of a proxy, not of the API"},
		"407 with no body":   {"GET", answer(407, ""), true, "the answer is of a proxy, not of the API"},
		"401 page":           {"GET", answer(401, page), true, "the answer is a web page"},
		"the API's own":      {"GET", answer(403, `{"code":"Forbidden","message":"no"}`), false, "Forbidden: no"},
		"its own, empty":     {"GET", answer(403, ""), false, "HTTP 403 Forbidden"},
		"JSON called a page": {"GET", answer(403, `{"code":"Forbidden"}`, "Content-Type: text/html"), false, "Forbidden"},
		"its own 404":        {"GET", answer(404, `{"code":"ResourceNotFound"}`), false, "ResourceNotFound"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := newTestPipeline(t, &script{answers: []http.HandlerFunc{test.answer}}, nil)
			_, err := p.Do(t.Context(), request(test.method))
			if err == nil || !strings.Contains(err.Error(), test.want) || IsForeign(err) != test.foreign {
				t.Fatalf("foreign %v: %v\nwant: %s", IsForeign(err), err, test.want)
			}
			if !test.foreign {
				return
			}
			if IsAuth(err) || IsNotFound(err) || IsUploadRefused(err) {
				t.Errorf("its status counts: %v", err)
			}
			if advice := Advice(err); !strings.Contains(advice, "proxy") || !strings.Contains(advice, "HTTPS_PROXY") || strings.Contains(advice, "Manager") {
				t.Errorf("advice is %q", advice)
			}
			if unknown := test.method == "POST"; IsUnknownOutcome(err) != unknown {
				t.Errorf("unknown outcome %v: %v", !unknown, err)
			}
		})
	}
}

// The same holds where a token is asked for, and a file is sent.
func TestProxyAtTheSignInHost(t *testing.T) {
	failed := &azidentity.AuthenticationFailedError{RawResponse: &http.Response{
		StatusCode: 403, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(strings.NewReader("<html>no</html>")),
		Request: &http.Request{Method: "POST", URL: &url.URL{Scheme: "https", Host: "login.contoso.example"}},
	}}
	if text := entraText(failed); !strings.Contains(text, "the answer is a web page, not one of the sign-in host") {
		t.Error(text)
	}
	for sign, want := range map[string]string{
		"tls: failed to verify certificate: x509: certificate signed by unknown authority": "SSL_CERT_FILE",
		"x509: “proxy” certificate is not trusted":                                         "SSL_CERT_FILE",
		"Post \"x\": Proxy Authentication Required":                                        "wants a sign-in",
	} {
		if advice := entraAdvice("", errors.New(sign), API{}); !strings.Contains(advice, want) {
			t.Errorf("%s: %s", sign, advice)
		}
	}
	if advice := entraAdvice("", failed, API{}); !strings.Contains(advice, "proxy or firewall") {
		t.Error(advice)
	}
}

func TestProxyAtBlobStorage(t *testing.T) {
	for status, body := range map[int]string{403: "<html>no</html>", 407: ""} {
		err := plainAnswer(t, status, body)
		if !IsForeign(err) || IsUploadRefused(err) || !strings.Contains(Advice(err), "proxy") {
			t.Errorf("%d: %v: %s", status, err, Advice(err))
		}
	}
	if err := plainAnswer(t, 403, "<Error><Code>AuthenticationFailed</Code></Error>"); IsForeign(err) || !IsUploadRefused(err) {
		t.Error(err)
	}
}

// plainAnswer is what uploadAnswer makes of an answer.
func plainAnswer(t *testing.T, status int, body string) error {
	t.Helper()
	return uploadAnswer(&Error{Method: "PUT", anonymous: true}, &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))})
}

func TestProxyThatRefusesTheTunnel(t *testing.T) {
	if advice := networkAdvice(errors.New("Proxy Authentication Required")); !strings.Contains(advice, "HTTPS_PROXY") || !strings.Contains(advice, "user") {
		t.Error(advice)
	}
}
