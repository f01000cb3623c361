package backendtest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile/emulator"
)

// signIn asks one of the emulator's token endpoints, as a client with a secret
// does.
type signIn struct {
	store *emulator.Emulator
	// path is the endpoint's, below the tenant; asks is the form field that
	// names what the token is for.
	path, asks string
}

func (s signIn) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	wanted := options.Scopes[0]
	if s.asks == "resource" {
		wanted = strings.TrimSuffix(wanted, "/.default")
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"c"}, "client_secret": {"s"}, s.asks: {wanted}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://login.contoso.example/contoso/"+s.path, strings.NewReader(form.Encode()))
	if err != nil {
		return azcore.AccessToken{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := s.store.Do(request)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	defer response.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return azcore.AccessToken{}, err
	}
	// Tokens of both endpoints live for an hour.
	return azcore.AccessToken{Token: answer.AccessToken, ExpiresOn: time.Now().Add(time.Hour)}, nil
}
