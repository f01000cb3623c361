package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile/emulator"
)

const scope = "https://api.store.microsoft.com/.default"

func form(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

// TestTokenEndpoints: both versions of the endpoint, and their errors.
func TestTokenEndpoints(t *testing.T) {
	good := []string{"grant_type", "client_credentials", "client_id", "app", "client_secret", "hush", "scope", scope}
	set := func(name, value string) string { return form(append(append([]string{}, good...), name, value)...) }
	v2, v1 := "/contoso/oauth2/v2.0/token", "/contoso/oauth2/token"
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"secret", "POST", v2, form(good...), 200, `{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"`},
		{"assertion", "POST", v2, form("grant_type", "client_credentials", "client_id", "app", "client_assertion", "a.b.c", "scope", scope), 200, `{"token_type":"Bearer"`},
		{"version 1", "POST", v1, set("resource", "https://api.store.microsoft.com"), 200, `{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599","expires_on":"1770624000","not_before":"1770620400","resource":"https://api.store.microsoft.com","access_token":"`},
		{"GET", "GET", v2, "", 400, "invalid_request AADSTS900561"},
		{"grant", "POST", v2, set("grant_type", "password"), 400, "unsupported_grant_type AADSTS70003"},
		{"no grant", "POST", v2, set("grant_type", ""), 400, "invalid_request AADSTS900144"},
		{"no client", "POST", v2, set("client_id", ""), 400, "invalid_request AADSTS900144"},
		{"unknown client", "POST", v2, set("client_id", "other"), 400, "unauthorized_client AADSTS700016"},
		{"no secret", "POST", v2, set("client_secret", ""), 401, "invalid_client AADSTS7000218"},
		{"wrong secret", "POST", v2, set("client_secret", "loud"), 401, "invalid_client AADSTS7000215"},
		{"no scope", "POST", v2, set("scope", " "), 400, "invalid_request AADSTS900144"},
		{"scope without default", "POST", v2, set("scope", "https://api.store.microsoft.com"), 400, "invalid_scope AADSTS1002012"},
		{"foreign scope", "POST", v2, set("scope", "https://graph.microsoft.com/.default"), 400, "invalid_resource AADSTS500011"},
		{"no resource", "POST", v1, form(good...), 400, "invalid_request AADSTS900144"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, emulator.Options{Now: newClock().Now}, `{"account":{"sellerId":"12345","clientId":"app","clientSecret":"hush"}}`)
			a := c.send(test.method, base+test.path, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, test.body)
			if test.status == 200 {
				if a.status != 200 || !strings.HasPrefix(a.body, test.want) {
					t.Errorf("want %s, got %d %s", test.want, a.status, a.body)
				}
				return
			}
			var failure struct {
				Code        string `json:"error"`
				Description string `json:"error_description"`
				Codes       []int  `json:"error_codes"`
				Trace       string `json:"trace_id"`
			}
			if err := json.Unmarshal([]byte(a.body), &failure); err != nil || len(failure.Codes) != 1 || failure.Trace == "" {
				t.Fatalf("body %s", a.body)
			}
			number, _, _ := strings.Cut(failure.Description, ":")
			if got := failure.Code + " " + number; a.status != test.status || got != test.want {
				t.Errorf("want %d %s, got %d %s", test.status, test.want, a.status, got)
			}
			if strings.Contains(a.body, "hush") || strings.Contains(a.body, "loud") {
				t.Errorf("the answer holds a secret: %s", a.body)
			}
		})
	}
}

// TestTokenLife: tokens are for one API and live 60 minutes.
func TestTokenLife(t *testing.T) {
	clock := newClock()
	c := start(t, emulator.Options{Now: clock.Now}, "")
	issue := func(scope string) {
		var token struct {
			AccessToken string `json:"access_token"`
		}
		body := form("grant_type", "client_credentials", "client_id", "app", "client_secret", "s", "scope", scope)
		if err := json.Unmarshal([]byte(c.send("POST", base+"/contoso/oauth2/v2.0/token", nil, body).body), &token); err != nil {
			t.Fatal(err)
		}
		c.header.Set("Authorization", "Bearer "+token.AccessToken)
	}
	issue("https://manage.devcenter.microsoft.com/.default")
	diff(t, `{"statusCode":401,"message":"Unauthorized. Access token was issued for another audience than https://api.store.microsoft.com."}`, c.do("GET", product+"/status", "").body)
	issue(scope)
	clock.advance(time.Hour - time.Second)
	diff(t, 200, c.do("GET", product+"/status", "").status)
	clock.advance(time.Second)
	diff(t, `{"statusCode":401,"message":"Unauthorized. Access token is expired."}`, c.do("GET", product+"/status", "").body)

	c.header.Set("Authorization", "Bearer "+c.e.Token())
	clock.advance(1000 * time.Hour)
	diff(t, 200, c.do("GET", product+"/status", "").status)
	if state := string(c.e.State()); strings.Contains(state, `"key"`) || !strings.Contains(state, productID) {
		t.Errorf("state %s", state)
	}
}

// TestDiscovery: what credentials may ask before they ask for a token.
func TestDiscovery(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	a := c.send("GET", base+"/contoso/v2.0/.well-known/openid-configuration", nil, "")
	if a.status != 200 || !strings.Contains(a.body, `"token_endpoint":"`+base+`/contoso/oauth2/v2.0/token"`) || !strings.Contains(a.body, `"issuer":"`+base+`/contoso/v2.0"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	a = c.send("GET", base+"/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.contoso.example%2Fcontoso%2Foauth2%2Fv2.0%2Fauthorize", nil, "")
	if a.status != 200 || !strings.Contains(a.body, `"aliases":["store.contoso.example"]`) ||
		!strings.Contains(a.body, `"tenant_discovery_endpoint":"`+base+`/contoso/v2.0/.well-known/openid-configuration"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}
