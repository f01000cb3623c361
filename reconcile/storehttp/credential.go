package storehttp

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// The environment variables that credentials come from, azidentity's own names
// where it has any.
const (
	envLoopbackToken = "STORESYNC_ACCESS_TOKEN"
	envTenant        = "AZURE_TENANT_ID"
	envClient        = "AZURE_CLIENT_ID"
	envSecret        = "AZURE_CLIENT_SECRET"
	envCertificate   = "AZURE_CLIENT_CERTIFICATE_PATH"
	envCertPassword  = "AZURE_CLIENT_CERTIFICATE_PASSWORD"
	envCertChain     = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"
	envTokenFile     = "AZURE_FEDERATED_TOKEN_FILE"
	envAuthority     = "AZURE_AUTHORITY_HOST"
)

// API says whose credentials are wanted.
type API struct {
	// Name is the API in words, "MSI/EXE".
	Name string
	// TokenEnv names the variable of a ready token for this API.
	TokenEnv string
	// Endpoint is the API's base URL; a loopback one accepts
	// STORESYNC_ACCESS_TOKEN.
	Endpoint string
	// Transport reaches the token endpoint; nil: the default HTTP client.
	Transport policy.Transporter
}

// NewCredential picks the credential that the environment holds, the first of:
//
//   - a ready token for this API (API.TokenEnv);
//   - STORESYNC_ACCESS_TOKEN, for loopback endpoints only;
//   - the Entra application AZURE_CLIENT_ID of the tenant AZURE_TENANT_ID, by
//     AZURE_CLIENT_SECRET, else AZURE_CLIENT_CERTIFICATE_PATH (with
//     AZURE_CLIENT_CERTIFICATE_PASSWORD), else AZURE_FEDERATED_TOKEN_FILE,
//     else the OpenID Connect token of a GitHub Actions job;
//   - who is signed in to the Azure CLI.
//
// The sign-in host is AZURE_AUTHORITY_HOST, by default Azure's public cloud. No
// request is sent yet. Errors, here and of GetToken, are *CredentialError.
//
// https://learn.microsoft.com/windows/apps/publish/store-submission-api
func NewCredential(lookupEnv func(string) (string, bool), api API) (azcore.TokenCredential, error) {
	env := environment{lookup: lookupEnv}
	if token := env.get(api.TokenEnv); token != "" {
		return newStaticToken(api.TokenEnv, token), nil
	}
	if token := env.get(envLoopbackToken); token != "" {
		endpoint, err := ParseEndpoint(api.Endpoint)
		if err != nil {
			return nil, err
		}
		if !IsLoopback(endpoint) {
			return nil, &CredentialError{
				Err:  fmt.Errorf("%s is set, but %s is not on loopback", envLoopbackToken, place(endpoint)),
				Next: fmt.Sprintf("It is for emulators only. Unset it, or put a token for the real service in %s.", api.TokenEnv),
			}
		}
		return newStaticToken(envLoopbackToken, token), nil
	}
	source, err := env.source(api)
	if err != nil {
		return nil, err
	}
	return newRenewable(api, source)
}

// environment reads variables; blank ones count as not set.
type environment struct {
	lookup func(string) (string, bool)
}

func (e environment) get(name string) string {
	if name == "" {
		return ""
	}
	value, _ := e.lookup(name)
	return strings.TrimSpace(value)
}

func (e environment) missing(names ...string) []string {
	var missing []string
	for _, name := range names {
		if e.get(name) == "" {
			missing = append(missing, name)
		}
	}
	return missing
}

// source is one way to get tokens.
type source struct {
	// name says in words which, for errors.
	name string
	// instead says why it is not the variables of the environment, "" when those
	// are used.
	instead string
	make    func() (azcore.TokenCredential, error)
}

// source chooses among the ways that azidentity knows.
func (e environment) source(api API) (source, error) {
	options, discovery, err := e.clientOptions(api)
	if err != nil {
		return source{}, err
	}
	tenant, client := e.get(envTenant), e.get(envClient)
	secret, certificate, file := e.get(envSecret), e.get(envCertificate), e.get(envTokenFile)
	if client == "" && secret == "" && certificate == "" && file == "" {
		instead := "none in the environment"
		if tenant != "" {
			instead = fmt.Sprintf("%s is set, but %s is not", envTenant, envClient)
		}
		return source{name: "Azure CLI", instead: instead, make: func() (azcore.TokenCredential, error) {
			return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: tenant})
		}}, nil
	}
	if missing := e.missing(envTenant, envClient); len(missing) > 0 {
		return source{}, &CredentialError{
			Err:  fmt.Errorf("credentials for the %s API are incomplete: %s not set", api.Name, joinAnd(missing)),
			Next: howToSignIn(api),
		}
	}
	application := "application " + client
	switch {
	case secret != "":
		return source{name: application + " by " + envSecret, make: func() (azcore.TokenCredential, error) {
			return azidentity.NewClientSecretCredential(tenant, client, secret, &azidentity.ClientSecretCredentialOptions{
				ClientOptions: options, DisableInstanceDiscovery: discovery,
			})
		}}, nil
	case certificate != "":
		return source{name: application + " by " + envCertificate, make: func() (azcore.TokenCredential, error) {
			return e.certificateCredential(tenant, client, certificate, options, discovery)
		}}, nil
	case file != "":
		return source{name: application + " by " + envTokenFile, make: func() (azcore.TokenCredential, error) {
			return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
				ClientOptions: options, DisableInstanceDiscovery: discovery,
				ClientID: client, TenantID: tenant, TokenFilePath: file,
			})
		}}, nil
	}
	if e.get(envGitHubURL) != "" && e.get(envGitHubToken) != "" {
		github := githubAssertion{requestURL: e.get(envGitHubURL), token: e.get(envGitHubToken), transport: api.Transport}
		return source{name: application + " by the GitHub Actions identity", make: func() (azcore.TokenCredential, error) {
			return azidentity.NewClientAssertionCredential(tenant, client, github.get, &azidentity.ClientAssertionCredentialOptions{
				ClientOptions: options, DisableInstanceDiscovery: discovery,
			})
		}}, nil
	}
	return source{}, &CredentialError{
		Err: fmt.Errorf("credentials for the %s API are incomplete: nothing proves that this is %s: none of %s, %s and %s is set",
			api.Name, application, envSecret, envCertificate, envTokenFile),
		Next: howToSignIn(api),
	}
}

// clientOptions are those of the token request. discovery is true when the
// authority is not one that Microsoft's instance discovery knows: asking the
// public cloud about it would fail, and reveal it.
func (e environment) clientOptions(api API) (options azcore.ClientOptions, discovery bool, err error) {
	host := cmp.Or(e.get(envAuthority), cloud.AzurePublic.ActiveDirectoryAuthorityHost)
	if !strings.HasPrefix(strings.ToLower(host), "https://") {
		return options, false, &CredentialError{
			Err:  fmt.Errorf("%s is not an https URL", envAuthority),
			Next: "Unset it for Azure's public cloud, or give the sign-in host as https://host.",
		}
	}
	known := false
	for _, c := range []cloud.Configuration{cloud.AzurePublic, cloud.AzureGovernment, cloud.AzureChina} {
		known = known || strings.TrimRight(host, "/") == strings.TrimRight(c.ActiveDirectoryAuthorityHost, "/")
	}
	options = azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: host},
		Transport: withoutRedirects(api.Transport),
	}
	return options, !known, nil
}

// certificateCredential reads the certificate anew each time, so that a
// renewed file is seen.
func (e environment) certificateCredential(tenant, client, path string, options azcore.ClientOptions, discovery bool) (azcore.TokenCredential, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the certificate of %s: %w", envCertificate, err)
	}
	certificates, key, err := azidentity.ParseCertificates(data, []byte(e.get(envCertPassword)))
	if err != nil {
		return nil, fmt.Errorf("read the certificate of %s %s: %w: it must be a PEM or PKCS#12 file with the private key, its password in %s",
			envCertificate, path, err, envCertPassword)
	}
	return azidentity.NewClientCertificateCredential(tenant, client, certificates, key, &azidentity.ClientCertificateCredentialOptions{
		ClientOptions: options, DisableInstanceDiscovery: discovery,
		SendCertificateChain: e.get(envCertChain) == "1" || strings.EqualFold(e.get(envCertChain), "true"),
	})
}

// renewable hands out the tokens of azidentity. azidentity keeps tokens until
// they run out by their own date; Forget makes it ask for a new one earlier.
type renewable struct {
	api    API
	source source

	mu      sync.Mutex
	current azcore.TokenCredential
	last    string
}

func newRenewable(api API, source source) (*renewable, error) {
	current, err := source.make()
	if err != nil {
		return nil, signInError(api, source, err)
	}
	return &renewable{api: api, source: source, current: current}, nil
}

// GetToken asks for a token as the API page describes it: without the client
// capability claims that azcore's bearer policy would add.
func (r *renewable) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	options.EnableCAE = false
	r.mu.Lock()
	current := r.current
	r.mu.Unlock()
	token, err := current.GetToken(ctx, options)
	if err != nil {
		return azcore.AccessToken{}, signInError(r.api, r.source, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = token.Token
	return token, nil
}

// Forget drops a token that the API refused. It reports whether another one
// may be had, which is so too when somebody else has already got it.
func (r *renewable) Forget(token string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if token != r.last {
		return true
	}
	fresh, err := r.source.make()
	if err != nil {
		return false
	}
	r.current, r.last = fresh, ""
	return true
}

// Advice says what to do when the API goes on refusing the tokens.
func (r *renewable) Advice() string {
	return fmt.Sprintf("The token of %s was not accepted. Check that it is of the Entra tenant that Partner Center is linked to, and that it has the Manager role there (Account settings > User management).", r.source.name)
}

func joinAnd(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
