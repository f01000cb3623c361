package storehttp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Set by GitHub for jobs with the permission "id-token: write".
//
// https://docs.github.com/actions/reference/security/oidc
const (
	envGitHubURL   = "ACTIONS_ID_TOKEN_REQUEST_URL"
	envGitHubToken = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
)

// exchangeAudience is what Entra wants a federated token to be made for.
//
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation
const exchangeAudience = "api://AzureADTokenExchange"

// githubAssertion gets the identity token of the running GitHub Actions job:
// no secret needs to be stored. It lives some minutes, so it is asked for each
// time Entra wants one.
type githubAssertion struct {
	requestURL, token string
	transport         policy.Transporter
}

func (g githubAssertion) get(ctx context.Context) (string, error) {
	target, err := url.Parse(g.requestURL)
	if err != nil {
		return "", fmt.Errorf("%s is not a URL", envGitHubURL)
	}
	if err := checkAddress(target); err != nil {
		return "", fmt.Errorf("%s %w", envGitHubURL, err)
	}
	query := target.Query()
	query.Set("audience", exchangeAudience)
	target.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return "", fmt.Errorf("%s is not usable", envGitHubURL)
	}
	request.Header.Set("Authorization", "Bearer "+g.token)
	request.Header.Set("Accept", "application/json")
	response, err := withoutRedirects(g.transport).Do(request)
	if err != nil {
		return "", fmt.Errorf("ask GitHub for the job's identity token: %s", OneLine(causeText(err)))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ask GitHub for the job's identity token: HTTP %d", response.StatusCode)
	}
	var answer struct {
		Value string `json:"value"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxErrorBody)).Decode(&answer); err != nil || answer.Value == "" {
		return "", errors.New("ask GitHub for the job's identity token: the answer holds none")
	}
	return answer.Value, nil
}
