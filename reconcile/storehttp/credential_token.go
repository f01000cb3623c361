package storehttp

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// opaqueLife is how long a token is used that does not say when it runs out;
// the Store's refusal ends it earlier.
const opaqueLife = 24 * time.Hour

// staticToken is a ready token from the environment. It cannot be renewed:
// when it has run out, work stops with a *CredentialError.
type staticToken struct {
	env, token string
	// expires is zero for a token that does not say when.
	expires time.Time
	refused atomic.Bool
}

func newStaticToken(env, token string) *staticToken {
	token = strings.TrimSpace(token)
	if scheme, rest, found := strings.Cut(token, " "); found && strings.EqualFold(scheme, "bearer") {
		token = strings.TrimSpace(rest)
	}
	return &staticToken{env: env, token: token, expires: tokenExpiry(token)}
}

// GetToken returns the token as long as it is good.
func (s *staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	switch now := time.Now(); {
	case strings.ContainsFunc(s.token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return azcore.AccessToken{}, &CredentialError{
			Err:  fmt.Errorf("the token in %s is not one: it holds spaces or line breaks", s.env),
			Next: "Put the bare access token there.",
		}
	case s.refused.Load():
		return azcore.AccessToken{}, &CredentialError{Err: fmt.Errorf("the token in %s was refused", s.env), Next: s.Advice()}
	case s.expires.IsZero():
		return azcore.AccessToken{Token: s.token, ExpiresOn: now.Add(opaqueLife)}, nil
	case !s.expires.After(now):
		return azcore.AccessToken{}, &CredentialError{
			Err:  fmt.Errorf("the token in %s ran out at %s", s.env, s.expires.UTC().Format(time.RFC3339)),
			Next: s.Advice(),
		}
	}
	return azcore.AccessToken{Token: s.token, ExpiresOn: s.expires}, nil
}

// Forget notes that the API refused the token; there is no other.
func (s *staticToken) Forget(string) bool {
	s.refused.Store(true)
	return false
}

// Advice says what to do when the token is refused or has run out.
func (s *staticToken) Advice() string {
	return fmt.Sprintf("Put a fresh token in %s and run the same command again: it goes on where it stopped. To have tokens renewed, set %s, %s and %s instead.",
		s.env, envTenant, envClient, envSecret)
}

// tokenExpiry reads the exp claim of a JWT, unverified: it only spares a
// request that would be refused. Zero when the token does not tell.
func tokenExpiry(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return time.Time{}
	}
	var claims struct {
		Expires json.Number `json:"exp"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return time.Time{}
	}
	seconds, err := claims.Expires.Int64()
	if err != nil || seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}
