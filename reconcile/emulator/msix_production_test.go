package emulator_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/emulator"
)

// What production was seen to take, the emulator takes.

func TestFormWithLineEnds(t *testing.T) {
	c := start(t, emulator.Options{Now: newClock().Now}, `{"account":{"sellerId":"12345","clientId":"app","clientSecret":"hush"}}`)
	body := "grant_type=client_credentials\r\n&client_id=app\r\n&client_secret=hush\r\n&scope=" + scope
	a := c.send("POST", base+"/contoso/oauth2/v2.0/token", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, body)
	if a.status != 200 || !strings.Contains(string(a.body), `"access_token":"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A new package of two members is published, with None for what is not sent.
func TestPackageOfTwoMembers(t *testing.T) {
	c := startMsix(t, "", "")
	path, document := c.create()
	list := append(field(t, document, "applicationPackages").([]any), map[string]any{"fileName": "App_1.2.0.0_x64.msix", "fileStatus": "PendingUpload"})
	set(t, document, "applicationPackages", list)
	document = c.want(200, "PUT", path, text(t, document))
	added := field(t, document, "applicationPackages").([]any)[len(list)-1].(map[string]any)
	diff(t, "None None", fmt.Sprint(added["minimumDirectXVersion"], " ", added["minimumSystemRam"]))
	c.uploadArchive(document, archive(t, "App_1.2.0.0_x64.msix", msix(t, "1.2.0.0", "x64")))
	diff(t, "Published", c.commit(path))
}

// The category of an app that is no game stands among its genres, in what is
// seeded and in what is sent back.
func TestCategoryAsGenre(t *testing.T) {
	c := startMsix(t, "", `,"hasAdvancedListingPermission":true,"submission":{"gamingOptions":[{"genres":["UtilitiesAndTools_FileManager"]}]}`)
	path, document := c.create()
	diff(t, any("UtilitiesAndTools_FileManager"), field(t, document, "gamingOptions.0.genres.0"))
	document = c.want(200, "PUT", path, text(t, document))
	diff(t, any("UtilitiesAndTools_FileManager"), field(t, document, "gamingOptions.0.genres.0"))
}

// Clients that take the upload address apart into container and blob leave the
// account out.
func TestUploadWithoutTheAccount(t *testing.T) {
	c := startMsix(t, "", "")
	path, document := c.create()
	document = c.add(path, document, []string{"a.msix"}, nil)
	link := field(t, document, "fileUploadUrl").(string)
	short := strings.Replace(link, "/storesync/ingestion/", "/ingestion/", 1)
	if short == link {
		t.Fatal(link)
	}
	document["fileUploadUrl"] = short
	c.uploadArchive(document, archive(t, "a.msix", msix(t, "1.2.0.0", "x64")))
	diff(t, "Published", c.commit(path))
}

func TestPublicURL(t *testing.T) {
	e, err := emulator.New(emulator.Options{PublicURL: "https://store.contoso.example:8443/"})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Seed([]byte(`{"msix":[{"appId":"`+appID+`","name":"Contoso Notes","languages":["en-us"]}]}`), nil); err != nil {
		t.Fatal(err)
	}
	c := msixClient{client: &client{t: t, e: e, header: http.Header{"Authorization": {"Bearer " + e.Token()}}}}
	_, document := c.create()
	if link := document["fileUploadUrl"].(string); !strings.HasPrefix(link, "https://store.contoso.example:8443/storesync/ingestion/") {
		t.Error(link)
	}
}

// A POST with neither body nor Content-Length is the web server's to refuse.
func TestPostWithoutLength(t *testing.T) {
	c := startMsix(t, "", "")
	server := httptest.NewServer(c.e)
	t.Cleanup(server.Close)
	post := func(length string) int {
		connection, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		fmt.Fprintf(connection, "POST %s/submissions HTTP/1.1\r\nHost: a\r\n%sAuthorization: %s\r\nConnection: close\r\n\r\n", app, length, c.header.Get("Authorization"))
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	diff(t, http.StatusLengthRequired, post(""))
	diff(t, http.StatusCreated, post("Content-Length: 0\r\n"))
}
