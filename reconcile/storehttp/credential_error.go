package storehttp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// CredentialError says that there is no token to be had, and what to do.
type CredentialError struct {
	Err error
	// Next says what the person can do, in a sentence or two.
	Next string
}

// Error is the cause, one line.
func (e *CredentialError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CredentialError) Unwrap() error { return e.Err }

// NonRetriable is azcore's marker: the credential has tried again by itself.
func (e *CredentialError) NonRetriable() {}

// howToSignIn lists all the ways, for someone who has set up none.
func howToSignIn(api API) string {
	ways := fmt.Sprintf("Set %s, %s and one of %s, %s or %s (in GitHub Actions the permission \"id-token: write\" is enough), or run az login",
		envTenant, envClient, envSecret, envCertificate, envTokenFile)
	if api.TokenEnv == "" {
		return ways + "."
	}
	return ways + ", or put a ready token in " + api.TokenEnv + "."
}

var (
	entraCode = regexp.MustCompile(`AADSTS\d+`)
	// azidentity begins with its type's name, net/http with method and URL.
	credentialType = regexp.MustCompile(`^\w+Credential(\.GetToken\(\))?: `)
	requestedURL   = regexp.MustCompile(`\b(Get|Post) "[^"]*": `)
)

// signInError turns azidentity's many-line errors into one line with Entra's
// own code, and advice.
func signInError(api API, from source, err error) error {
	if own, ok := errors.AsType[*CredentialError](err); ok {
		return own
	}
	text := entraText(err)
	if from.instead != "" {
		return &CredentialError{
			Err:  fmt.Errorf("no credentials for the %s API: %s, and the Azure CLI gave no token: %s", api.Name, from.instead, cliText(text)),
			Next: howToSignIn(api),
		}
	}
	return &CredentialError{
		Err:  fmt.Errorf("sign in to the %s API as %s: %s", api.Name, from.name, text),
		Next: entraAdvice(entraCode.FindString(text), err, api),
	}
}

// entraText is what Entra says, without the trace ids after it, or the
// error's own words in one line.
func entraText(err error) string {
	text := err.Error()
	if failed, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok && failed.RawResponse != nil {
		text = fmt.Sprintf("HTTP %d from the sign-in host", failed.RawResponse.StatusCode)
		if body, err := runtime.Payload(failed.RawResponse); err == nil {
			if page := signInPage(failed.RawResponse); page != "" {
				text += ": " + page
			}
			var answer struct {
				Error       string `json:"error"`
				Description string `json:"error_description"`
			}
			if json.Unmarshal(body, &answer) == nil && answer.Error != "" {
				text = strings.TrimSpace(answer.Error + ": " + answer.Description)
				if at := entraCode.FindStringIndex(answer.Description); at != nil {
					text = answer.Description[at[0]:]
				}
			}
		}
	}
	if at := entraCode.FindStringIndex(text); at != nil {
		text = text[at[0]:]
	}
	for _, tail := range []string{"Trace ID:", "To troubleshoot, visit"} {
		text, _, _ = strings.Cut(text, tail)
	}
	text = requestedURL.ReplaceAllString(credentialType.ReplaceAllString(text, ""), "")
	return strings.TrimRight(OneLine(text), " .,:")
}

// signInPage says what an answer is that the sign-in host cannot have sent, ""
// for one of its own.
func signInPage(response *http.Response) string {
	if response == nil {
		return ""
	}
	body, err := runtime.Payload(response)
	if err != nil {
		return ""
	}
	return foreignAnswer("the sign-in host", response.StatusCode, response.Header, body)
}

// cliText says in words that people know that there is no Azure CLI.
func cliText(text string) string {
	if strings.Contains(text, "not found on path") {
		return "it is not installed"
	}
	return text
}

// entraAdvice explains the codes that people meet.
//
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func entraAdvice(code string, err error, api API) string {
	switch code {
	case "AADSTS7000215":
		return "AZURE_CLIENT_SECRET must be the value of a secret of this application, not the secret's id."
	case "AADSTS7000222":
		return "The client secret has run out: make a new one for the application in Entra and put its value in AZURE_CLIENT_SECRET."
	case "AADSTS700016":
		return "Check AZURE_CLIENT_ID, and that AZURE_TENANT_ID is the tenant that the application is in."
	case "AADSTS90002", "AADSTS900023", "AADSTS900021":
		return "Check AZURE_TENANT_ID: it is the id of the Entra tenant that Partner Center is linked to."
	case "AADSTS70021", "AADSTS700211", "AADSTS700212", "AADSTS700213":
		return "The application has no federated credential for this job: add one in Entra whose issuer, subject and audience are those of the message."
	case "AADSTS700024":
		return "The federated token has run out: the job that runs storesync must get a fresh one. Check this machine's clock."
	case "AADSTS700027":
		return "The application does not know this certificate: upload its public part to the application in Entra."
	case "AADSTS500011", "AADSTS650057":
		return "The tenant does not know the Store's API: check that Partner Center is linked to this tenant and that the application is added there with the Manager role."
	case "AADSTS53003", "AADSTS530034":
		return "A Conditional Access policy of the tenant blocks this sign-in: ask who administers the tenant."
	}
	// azidentity keeps the texts of network errors, not the errors.
	text := err.Error()
	if failed, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok && signInPage(failed.RawResponse) != "" {
		return foreignAdvice(failed.RawResponse.StatusCode)
	}
	switch {
	case strings.Contains(text, "certificate signed by unknown authority"), strings.Contains(text, "certificate is not trusted"):
		return unknownAuthority
	case strings.Contains(text, http.StatusText(http.StatusProxyAuthRequired)):
		return proxySignIn
	}
	for _, sign := range []string{"dial tcp", "no such host", "i/o timeout", "TLS handshake", "x509:", "proxyconnect"} {
		if strings.Contains(text, sign) {
			return "Check the network and the proxy settings (HTTPS_PROXY), and AZURE_AUTHORITY_HOST when it is set."
		}
	}
	if _, file := errors.AsType[*fs.PathError](err); file {
		return "Check the path, and that this user may read the file."
	}
	return howToSignIn(api)
}
