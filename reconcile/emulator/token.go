package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// tokenLife is how long a token lives, as the API page states.
const tokenLife = time.Hour

// The audiences tokens are issued for.
const (
	audienceMsiExe = "https://api.store.microsoft.com"
	audienceMsix   = "https://manage.devcenter.microsoft.com"
)

// claims is the payload of a token.
type claims struct {
	ID        string   `json:"jti"`
	Audiences []string `json:"aud"`
	IssuedAt  int64    `json:"iat"`
	Expires   int64    `json:"exp"` // 0: never
}

// Token is a bearer token that the emulator accepts without having issued it
// through a token endpoint. It is good for both APIs and does not run out,
// unless a fault expires it.
func (e *Emulator) Token() string {
	var out string
	err := e.update(func(s *state, now time.Time) {
		out = s.sign(claims{ID: newGUID(), Audiences: []string{audienceMsiExe, audienceMsix}, IssuedAt: now.Unix()})
	})
	if err != nil {
		return ""
	}
	return out
}

// sign makes a token that looks like Entra's and needs no memory: any process
// on the same folder can check it.
func (s *state) sign(c claims) string {
	payload, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	encoding := base64.RawURLEncoding
	text := encoding.EncodeToString([]byte(`{"typ":"JWT","alg":"HS256"}`)) + "." + encoding.EncodeToString(payload)
	return text + "." + encoding.EncodeToString(s.mac(text))
}

func (s *state) mac(text string) []byte {
	mac := hmac.New(sha256.New, s.Key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// parse reads a token of ours; false when it is none.
func (s *state) parse(token string) (claims, bool) {
	var out claims
	dot := strings.LastIndexByte(token, '.')
	if dot < 0 {
		return out, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil || !hmac.Equal(signature, s.mac(token[:dot])) {
		return out, false
	}
	_, payload, _ := strings.Cut(token[:dot], ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return out, false
	}
	return out, json.Unmarshal(raw, &out) == nil
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// revokeToken regards the request's token as expired from now on.
func (c *call) revokeToken() {
	token, ok := c.state.parse(bearer(c.request))
	if !ok {
		return
	}
	if c.state.Revoked == nil {
		c.state.Revoked = map[string]bool{}
	}
	c.state.Revoked[token.ID] = true
	c.state.touch()
}

// tokenProblem says why the request may not use an API; "" when it may.
func (c *call) tokenProblem(audience string) string {
	text := bearer(c.request)
	if text == "" {
		return "Access denied due to missing access token. Send Authorization: Bearer {token}."
	}
	token, ok := c.state.parse(text)
	if !ok {
		return "Unauthorized. Access token is invalid."
	}
	if c.state.Revoked[token.ID] || token.Expires != 0 && c.now.Unix() >= token.Expires {
		return "Unauthorized. Access token is expired."
	}
	for _, allowed := range token.Audiences {
		if allowed == audience {
			return ""
		}
	}
	return "Unauthorized. Access token was issued for another audience than " + audience + "."
}

// token answers the endpoints of the sign-in service.
func (c *call) token() reply {
	path := c.request.URL.Path
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	rest = strings.ToLower(rest)
	switch {
	case strings.HasSuffix(rest, "discovery/instance"):
		return c.instanceDiscovery(tenant)
	case strings.HasSuffix(rest, ".well-known/openid-configuration"):
		return c.openIDConfiguration(tenant)
	case rest == "oauth2/v2.0/token" || rest == "oauth2/token":
		return c.issue(rest == "oauth2/token")
	default:
		return notFoundPage()
	}
}

func (c *call) instanceDiscovery(tenant string) reply {
	host := c.request.Host
	// The client asks under "common" about the tenant of a URL it names.
	if about, err := url.Parse(c.request.URL.Query().Get("authorization_endpoint")); err == nil {
		if named, _, ok := strings.Cut(strings.TrimPrefix(about.Path, "/"), "/"); ok {
			tenant = named
		}
	}
	return jsonReply(http.StatusOK, object{
		{"tenant_discovery_endpoint", c.base + "/" + tenant + "/v2.0/.well-known/openid-configuration"},
		{"api-version", "1.1"},
		{"metadata", []object{{{"preferred_network", host}, {"preferred_cache", host}, {"aliases", []string{host}}}}},
	})
}

func (c *call) openIDConfiguration(tenant string) reply {
	base := c.base + "/" + tenant
	return jsonReply(http.StatusOK, object{
		{"token_endpoint", base + "/oauth2/v2.0/token"},
		{"authorization_endpoint", base + "/oauth2/v2.0/authorize"},
		{"device_authorization_endpoint", base + "/oauth2/v2.0/devicecode"},
		{"issuer", base + "/v2.0"},
		{"jwks_uri", base + "/discovery/v2.0/keys"},
		{"token_endpoint_auth_methods_supported", []string{"client_secret_post", "private_key_jwt", "client_secret_basic"}},
	})
}

// issue is the token endpoint; version 1 answers numbers as strings.
func (c *call) issue(v1 bool) reply {
	if c.request.Method != http.MethodPost {
		return c.entraError(http.StatusBadRequest, "invalid_request", 900561, "The endpoint only accepts POST requests. Received a "+c.request.Method+" request.")
	}
	form, err := url.ParseQuery(string(c.body))
	for _, values := range form {
		for i := range values {
			// Microsoft's own action writes its form with line ends between the
			// pairs, and is signed in so (read in its source).
			values[i] = strings.TrimRight(values[i], "\r\n")
		}
	}
	if err != nil {
		return c.entraError(http.StatusBadRequest, "invalid_request", 90014, "The request body is not a valid form.")
	}
	if id, secret, ok := c.request.BasicAuth(); ok {
		form.Set("client_id", id)
		form.Set("client_secret", secret)
	}
	if refused, ok := c.checkClient(form); !ok {
		return refused
	}
	audience, refused, ok := c.checkAudience(form, v1)
	if !ok {
		return refused
	}
	expires := c.now.Add(tokenLife)
	token := c.state.sign(claims{ID: newGUID(), Audiences: []string{audience}, IssuedAt: c.now.Unix(), Expires: expires.Unix()})
	seconds := int64(tokenLife/time.Second) - 1
	var answer object
	if v1 {
		text := strconv.FormatInt(seconds, 10)
		answer = object{
			{"token_type", "Bearer"}, {"expires_in", text}, {"ext_expires_in", text},
			{"expires_on", strconv.FormatInt(expires.Unix(), 10)}, {"not_before", strconv.FormatInt(c.now.Unix(), 10)},
			{"resource", audience}, {"access_token", token},
		}
	} else {
		answer = object{{"token_type", "Bearer"}, {"expires_in", seconds}, {"ext_expires_in", seconds}, {"access_token", token}}
	}
	out := jsonReply(http.StatusOK, answer)
	out.header.Set("Cache-Control", "no-store, no-cache")
	return out
}

func (c *call) checkClient(form url.Values) (reply, bool) {
	missing := func(name string) (reply, bool) {
		return c.entraError(http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: '"+name+"'."), false
	}
	grant := form.Get("grant_type")
	if grant == "" {
		return missing("grant_type")
	}
	if grant != "client_credentials" {
		return c.entraError(http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '"+grant+"'."), false
	}
	clientID := form.Get("client_id")
	if clientID == "" {
		return missing("client_id")
	}
	account := c.state.Account
	if account.ClientID != "" && !strings.EqualFold(account.ClientID, clientID) {
		return c.entraError(http.StatusBadRequest, "unauthorized_client", 700016, "Application with identifier '"+clientID+"' was not found in the directory."), false
	}
	if form.Get("client_assertion") != "" {
		return reply{}, true
	}
	secret := form.Get("client_secret")
	if secret == "" {
		return c.entraError(http.StatusUnauthorized, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."), false
	}
	if account.SecretHash != "" && subtle.ConstantTimeCompare([]byte(account.SecretHash), []byte(hashSecret(secret))) != 1 {
		return c.entraError(http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '"+clientID+"'."), false
	}
	return reply{}, true
}

// hashSecret is how the account's client secret is kept.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (c *call) checkAudience(form url.Values, v1 bool) (audience string, refused reply, ok bool) {
	name := "scope"
	if v1 {
		name = "resource"
	}
	wanted := strings.TrimSpace(form.Get(name))
	if wanted == "" {
		return "", c.entraError(http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: '"+name+"'."), false
	}
	audience = strings.TrimSuffix(wanted, "/")
	if !v1 {
		// Clients may name further scopes, like offline_access, after it.
		first := strings.Fields(wanted)[0]
		if audience, ok = strings.CutSuffix(first, "/.default"); !ok {
			return "", c.entraError(http.StatusBadRequest, "invalid_scope", 1002012, "The provided value for scope "+first+" is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."), false
		}
	}
	if audience != audienceMsiExe && audience != audienceMsix {
		return "", c.entraError(http.StatusBadRequest, "invalid_resource", 500011, "The resource principal named "+audience+" was not found in the tenant."), false
	}
	return audience, reply{}, true
}

// entraError has the shape of
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#error-response.
func (c *call) entraError(status int, code string, number int, text string) reply {
	trace, correlation := newGUID(), newGUID()
	stamp := c.now.UTC().Format("2006-01-02 15:04:05Z")
	description := fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", number, text, trace, correlation, stamp)
	return jsonReply(status, object{
		{"error", code}, {"error_description", description}, {"error_codes", []int{number}}, {"timestamp", stamp},
		{"trace_id", trace}, {"correlation_id", correlation}, {"error_uri", c.base + "/error?code=" + strconv.Itoa(number)},
	})
}
