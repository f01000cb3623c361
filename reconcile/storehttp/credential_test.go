package storehttp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/google/go-cmp/cmp"
)

const (
	tenantID = "11111111-2222-3333-4444-555555555555"
	clientID = "66666666-7777-8888-9999-000000000000"
	scope    = "https://api.contoso.example/.default"
)

// entra is a sign-in host: it describes itself and answers token requests
// with numbered tokens, or with an error.
type entra struct {
	host   string
	forms  []url.Values
	denied string
}

func (e *entra) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/openid-configuration") {
		base := e.host + "/" + tenantID
		fmt.Fprintf(w, `{"issuer":"%[1]s/v2.0","authorization_endpoint":"%[1]s/oauth2/v2.0/authorize","token_endpoint":"%[1]s/oauth2/v2.0/token"}`, base)
		return
	}
	_ = r.ParseForm()
	e.forms = append(e.forms, r.PostForm)
	if e.denied != "" {
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_client", "error_description": e.denied})
		return
	}
	fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3599,"access_token":"entra-token-%d"}`, len(e.forms))
}

func startEntra(t *testing.T) (*entra, *http.Client) {
	t.Helper()
	e := &entra{}
	address, client := serveTLS(t, e)
	e.host = address
	return e, client
}

func getToken(t *testing.T, credential azcore.TokenCredential) (string, error) {
	t.Helper()
	token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}, EnableCAE: true})
	return token.Token, err
}

func api(e *entra, client *http.Client) API {
	return API{Name: "MSI/EXE", TokenEnv: "STORESYNC_MSIEXE_ACCESS_TOKEN", Endpoint: "https://api.contoso.example", Transport: client}
}

func TestClientSecretSendsTheDocumentedForm(t *testing.T) {
	e, client := startEntra(t)
	credential, err := NewCredential(env(envTenant, tenantID, envClient, clientID, envSecret, "s3cret", envAuthority, e.host), api(e, client))
	if err != nil {
		t.Fatal(err)
	}
	token, err := getToken(t, credential)
	if err != nil || token != "entra-token-1" {
		t.Fatalf("%q, %v", token, err)
	}
	form := e.forms[0]
	got := map[string]string{}
	for _, name := range []string{"grant_type", "client_id", "client_secret", "claims"} {
		got[name] = form.Get(name)
	}
	want := map[string]string{"grant_type": "client_credentials", "client_id": clientID, "client_secret": "s3cret", "claims": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(form.Get("scope"), scope) {
		t.Errorf("scope %q", form.Get("scope"))
	}
}

func TestTokenIsKeptAndForgotten(t *testing.T) {
	e, client := startEntra(t)
	credential, err := NewCredential(env(envTenant, tenantID, envClient, clientID, envSecret, "s3cret", envAuthority, e.host), api(e, client))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	next := func() {
		token, err := getToken(t, credential)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, token)
	}
	next()
	next()
	credential.(forgetter).Forget("entra-token-1")
	next()
	credential.(forgetter).Forget("entra-token-1") // another request's late 401
	next()
	if diff := cmp.Diff([]string{"entra-token-1", "entra-token-1", "entra-token-2", "entra-token-2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The whole way: the API refuses a token, azidentity is made to get another
// one, and the POST is sent again with it.
func TestPipelineRenewsAnEntraToken(t *testing.T) {
	e, client := startEntra(t)
	credential, err := NewCredential(env(envTenant, tenantID, envClient, clientID, envSecret, "s3cret", envAuthority, e.host), api(e, client))
	if err != nil {
		t.Fatal(err)
	}
	s := &script{answers: []http.HandlerFunc{answer(200, `{}`), answer(401, `{"statusCode":401,"message":"expired"}`), answer(200, `{}`)}}
	p := newTestPipeline(t, s, func(o *Options) { o.Credential = credential })
	for range 2 {
		if _, err := p.Do(t.Context(), request("POST")); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, r := range s.requests {
		got = append(got, r.Header.Get("Authorization"))
	}
	if diff := cmp.Diff([]string{"Bearer entra-token-1", "Bearer entra-token-1", "Bearer entra-token-2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCertificateFileAndFederatedToken(t *testing.T) {
	e, client := startEntra(t)
	dir := t.TempDir()
	certificate := writeCertificate(t, dir)
	federated := filepath.Join(dir, "token")
	if err := os.WriteFile(federated, []byte("federated-assertion"), 0o600); err != nil {
		t.Fatal(err)
	}
	github := &script{answers: []http.HandlerFunc{answer(200, `{"count":1,"value":"github-assertion"}`)}}
	githubURL, _ := serveTLS(t, github)
	tests := []struct {
		name      string
		variables []string
		assertion string
	}{
		{"certificate", []string{envCertificate, certificate}, ""},
		{"workload identity", []string{envTokenFile, federated}, "federated-assertion"},
		{"GitHub Actions", []string{envGitHubURL, githubURL + "/token?api-version=2.0", envGitHubToken, "runner-secret"}, "github-assertion"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e.forms = nil
			variables := append([]string{envTenant, tenantID, envClient, clientID, envAuthority, e.host}, test.variables...)
			where := api(e, client)
			where.Transport = trustAll(nil)
			credential, err := NewCredential(env(variables...), where)
			if err != nil {
				t.Fatal(err)
			}
			if token, err := getToken(t, credential); err != nil || token != "entra-token-1" {
				t.Fatalf("%q, %v", token, err)
			}
			assertion := e.forms[0].Get("client_assertion")
			if assertion == "" || test.assertion != "" && assertion != test.assertion {
				t.Errorf("client_assertion %q", assertion)
			}
		})
	}
	got := github.request(0)
	if diff := cmp.Diff([]string{"api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange", "Bearer runner-secret"},
		[]string{got.Query, got.Header.Get("Authorization")}); diff != "" {
		t.Errorf("GitHub was asked (-want +got):\n%s", diff)
	}
}

func writeCertificate(t *testing.T, dir string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Contoso"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	content := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	path := filepath.Join(dir, "contoso.pem")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The whole text that a person reads, cause and advice.
func TestMissingAndWrongCredentials(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no Azure CLI
	e, client := startEntra(t)
	const all = "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and one of AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE (in GitHub Actions the permission \"id-token: write\" is enough), or run az login, or put a ready token in STORESYNC_MSIEXE_ACCESS_TOKEN."
	secret := []string{envTenant, tenantID, envClient, clientID, envSecret, "s3cret", envAuthority, e.host}
	tests := []struct {
		name      string
		variables []string
		denied    string
		want      string
		next      string
	}{
		{
			name: "the tenant alone", variables: []string{envTenant, tenantID},
			want: "no credentials for the MSI/EXE API: AZURE_TENANT_ID is set, but AZURE_CLIENT_ID is not, and the Azure CLI gave no token: it is not installed",
			next: all,
		},
		{
			name: "nothing set, no Azure CLI",
			want: "no credentials for the MSI/EXE API: none in the environment, and the Azure CLI gave no token: it is not installed",
			next: all,
		},
		{
			name: "secret alone", variables: []string{envSecret, "s3cret"},
			want: "credentials for the MSI/EXE API are incomplete: AZURE_TENANT_ID and AZURE_CLIENT_ID not set",
			next: all,
		},
		{
			name: "nothing to prove it", variables: []string{envTenant, tenantID, envClient, clientID, envSecret, "  "},
			want: "credentials for the MSI/EXE API are incomplete: nothing proves that this is application " + clientID + ": none of AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH and AZURE_FEDERATED_TOKEN_FILE is set",
			next: all,
		},
		{
			name: "wrong secret", variables: secret,
			denied: "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '" + clientID + "'. Trace ID: aaaa Correlation ID: bbbb Timestamp: 2026-01-01 00:00:00Z",
			want:   "sign in to the MSI/EXE API as application " + clientID + " by AZURE_CLIENT_SECRET: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '" + clientID + "'",
			next:   "AZURE_CLIENT_SECRET must be the value of a secret of this application, not the secret's id.",
		},
		{
			name: "application of another tenant", variables: secret,
			denied: "AADSTS700016: Application with identifier '" + clientID + "' was not found in the directory 'Contoso'.\r\nTrace ID: aaaa",
			want:   "sign in to the MSI/EXE API as application " + clientID + " by AZURE_CLIENT_SECRET: AADSTS700016: Application with identifier '" + clientID + "' was not found in the directory 'Contoso'",
			next:   "Check AZURE_CLIENT_ID, and that AZURE_TENANT_ID is the tenant that the application is in.",
		},
		{
			name: "no such certificate file", variables: []string{envTenant, tenantID, envClient, clientID, envCertificate, "missing.pem"},
			want: "sign in to the MSI/EXE API as application " + clientID + " by AZURE_CLIENT_CERTIFICATE_PATH: read the certificate of AZURE_CLIENT_CERTIFICATE_PATH: open missing.pem: no such file or directory",
			next: "Check the path, and that this user may read the file.",
		},
		{
			name: "loopback token for the real service", variables: []string{envLoopbackToken, "s3cret"},
			want: "STORESYNC_ACCESS_TOKEN is set, but https://api.contoso.example is not on loopback",
			next: "It is for emulators only. Unset it, or put a token for the real service in STORESYNC_MSIEXE_ACCESS_TOKEN.",
		},
		{
			name: "sign-in host without https", variables: []string{envAuthority, "http://login.contoso.example"},
			want: "AZURE_AUTHORITY_HOST is not an https URL",
			next: "Unset it for Azure's public cloud, or give the sign-in host as https://host.",
		},
		{
			name: "token with a line break", variables: []string{"STORESYNC_MSIEXE_ACCESS_TOKEN", "s3cret\ns3cret"},
			want: "the token in STORESYNC_MSIEXE_ACCESS_TOKEN is not one: it holds spaces or line breaks",
			next: "Put the bare access token there.",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e.denied = test.denied
			credential, err := NewCredential(env(test.variables...), api(e, client))
			if err == nil {
				_, err = getToken(t, credential)
			}
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want+"\n"+test.next, err.Error()+"\n"+Advice(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			mustNotHold(t, fmt.Sprintf("%v %+v", err, err), "s3cret")
			if !IsAuth(err) {
				t.Error("it does not count as a credential problem")
			}
		})
	}
}

func TestPipelineNamesTheRequestWhenSignInFails(t *testing.T) {
	e, client := startEntra(t)
	e.denied = "AADSTS7000222: The provided client secret keys for app 'contoso' are expired. Visit the Azure portal."
	credential, err := NewCredential(env(envTenant, tenantID, envClient, clientID, envSecret, "s3cret", envAuthority, e.host), api(e, client))
	if err != nil {
		t.Fatal(err)
	}
	s := &script{answers: []http.HandlerFunc{answer(200, `{}`)}}
	_, err = newTestPipeline(t, s, func(o *Options) { o.Credential = credential }).Do(t.Context(), request("POST"))
	want := "read status of product contoso: sign in to the MSI/EXE API as application " + clientID +
		" by AZURE_CLIENT_SECRET: AADSTS7000222: The provided client secret keys for app 'contoso' are expired. Visit the Azure portal"
	if diff := cmp.Diff(want, errText(err)); diff != "" || s.count() != 0 || len(e.forms) != 1 {
		t.Errorf("%d API requests, %d sign-ins (-want +got):\n%s", s.count(), len(e.forms), diff)
	}
	if !IsAuth(err) || IsUnknownOutcome(err) {
		t.Errorf("auth %v, unknown %v", IsAuth(err), IsUnknownOutcome(err))
	}
}

func jwt(expires time.Time) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"none"}`) + "." + part(fmt.Sprintf(`{"exp":%d}`, expires.Unix())) + "." + part("sig")
}

func TestStaticTokenRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		token := jwt(time.Now().Add(10 * time.Minute))
		credential, err := NewCredential(env("STORESYNC_MSIEXE_ACCESS_TOKEN", "Bearer "+token+"\n", envSecret, "ignored"), API{Name: "MSI/EXE", TokenEnv: "STORESYNC_MSIEXE_ACCESS_TOKEN"})
		if err != nil {
			t.Fatal(err)
		}
		s := &script{answers: []http.HandlerFunc{answer(200, `{}`)}}
		p := newTestPipeline(t, s, func(o *Options) { o.Credential = credential })
		for range 2 {
			if _, err := p.Do(t.Context(), request("GET")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(9 * time.Minute)
		}
		_, err = p.Do(t.Context(), request("POST"))
		want := "read status of product contoso: the token in STORESYNC_MSIEXE_ACCESS_TOKEN ran out at 2000-01-01T00:10:00Z\n" +
			"Put a fresh token in STORESYNC_MSIEXE_ACCESS_TOKEN and run the same command again: it goes on where it stopped. To have tokens renewed, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET instead."
		if diff := cmp.Diff(want, errText(err)+"\n"+Advice(err)); diff != "" || !IsAuth(err) || s.count() != 2 {
			t.Errorf("%d requests (-want +got):\n%s", s.count(), diff)
		}
		mustNotHold(t, errText(err), token)
	})
}

func TestStaticTokenRefused(t *testing.T) {
	credential, err := NewCredential(env(envLoopbackToken, "opaque"), API{Name: "MSI/EXE", TokenEnv: "X", Endpoint: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	s := &script{answers: []http.HandlerFunc{answer(401, `{"statusCode":401,"message":"Access token is missing or invalid."}`, "X-Correlation-ID: c-6")}}
	p := newTestPipeline(t, s, func(o *Options) { o.Credential = credential })
	_, err = p.Do(t.Context(), request("GET"))
	want := "read status of product contoso: HTTP 401 Unauthorized: Access token is missing or invalid. (correlation id c-6)\n" +
		"Put a fresh token in STORESYNC_ACCESS_TOKEN and run the same command again: it goes on where it stopped. To have tokens renewed, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET instead."
	if diff := cmp.Diff(want, errText(err)+"\n"+Advice(err)); diff != "" || s.count() != 1 || !IsAuth(err) {
		t.Errorf("%d requests (-want +got):\n%s", s.count(), diff)
	}
	// The refused token is not tried again.
	_, err = p.Do(t.Context(), request("GET"))
	if _, ok := errors.AsType[*CredentialError](err); !ok || s.count() != 1 {
		t.Errorf("%d requests: %v", s.count(), err)
	}
}

// unreachable is a network without a way to the sign-in host.
type unreachable struct{}

func (unreachable) Do(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
}

func TestSignInHostOutOfReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		credential, err := NewCredential(env(envTenant, tenantID, envClient, clientID, envSecret, "s3cret", envAuthority, "https://login.contoso.example"),
			API{Name: "MSI/EXE", TokenEnv: "STORESYNC_MSIEXE_ACCESS_TOKEN", Transport: unreachable{}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = getToken(t, credential)
		want := "sign in to the MSI/EXE API as application " + clientID + " by AZURE_CLIENT_SECRET: "
		if text := errText(err); !strings.HasPrefix(text, want) || !strings.Contains(text, "connection refused") || strings.Contains(text, "\n") {
			t.Errorf("got %s", text)
		}
		next := "Check the network and the proxy settings (HTTPS_PROXY), and AZURE_AUTHORITY_HOST when it is set."
		if diff := cmp.Diff(next, Advice(err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		mustNotHold(t, errText(err), "s3cret")
	})
}
