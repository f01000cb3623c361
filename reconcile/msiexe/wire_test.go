package msiexe

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

func TestEnvelopeShapes(t *testing.T) {
	type outcome struct {
		Success  bool
		Data     string
		Warnings []string
		Failure  storehttp.ErrorBody
	}
	tests := []struct {
		name string
		body string
		want outcome
	}{
		{
			name: "success without errors",
			body: `{"responseData":{"isReady":true},"isSuccess":true}`,
			want: outcome{Success: true, Data: `{"isReady":true}`},
		},
		{
			name: "null errors, names in PascalCase, byte order mark",
			body: "\ufeff" + `{"IsSuccess":true,"Errors":null,"ResponseData":{}}`,
			want: outcome{Success: true, Data: `{}`},
		},
		{
			name: "success with warnings and other messages",
			body: `{"isSuccess":true,"errors":[{"code":"warning","message":"Only one\nscreenshot.","target":"listings"},{"code":"error","message":"Busy."}],"responseData":null}`,
			want: outcome{Success: true, Data: "null", Warnings: []string{"warning: Only one screenshot. (listings)", "error: Busy."}},
		},
		{
			name: "failure: fatal messages before warnings",
			body: `{"isSuccess":false,"errors":[{"code":"Warning","message":"w"},{"code":"badrequest","message":"No.","target":"properties"}]}`,
			want: outcome{Failure: storehttp.ErrorBody{Code: "badrequest", Message: "No.", Details: []storehttp.Detail{
				{Code: "badrequest", Message: "No.", Target: "properties"}, {Code: "Warning", Message: "w"},
			}}},
		},
		{
			name: "failure without a reason",
			body: `{"isSuccess":false,"errors":null}`,
			want: outcome{Failure: storehttp.ErrorBody{Message: "the Store gave no reason"}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, err := decodeEnvelope(t.Context(), []byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			got := outcome{Success: *e.IsSuccess, Data: string(e.ResponseData), Warnings: e.warnings()}
			if !got.Success {
				got.Warnings, got.Failure = nil, e.failure()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNoEnvelope(t *testing.T) {
	for _, body := range []string{
		``, `null`, `[]`, `"x"`, `{}`, `{"statusCode":200,"message":"ok"}`, `<html></html>`,
		`{"isSuccess":"true"}`, `{"isSuccess":true,"errors":{}}`, `{"isSuccess":true`,
	} {
		if _, err := decodeEnvelope(t.Context(), []byte(body)); err == nil {
			t.Errorf("%s was taken for an envelope", body)
		}
	}
}

func TestFlexString(t *testing.T) {
	for in, want := range map[string]flexString{
		`{"ongoingSubmissionId":"1152921500000000001"}`: "1152921500000000001",
		`{"ongoingSubmissionId":1152921500000000001}`:   "1152921500000000001",
		`{"ongoingSubmissionId":null}`:                  "",
		`{}`:                                            "",
	} {
		data, _, err := decodeFor[statusAnswer](in)
		if err != nil || data.OngoingSubmissionID != want {
			t.Errorf("%s: %q, %v", in, data.OngoingSubmissionID, err)
		}
	}
}

// The whole text of what a person reads, cause and advice.
func TestErrorsOfTheAPI(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		method string
		want   string
		class  plan.Class
	}{
		{
			name: "HTTP 200 and isSuccess false", status: 200,
			body: `{"isSuccess":false,"errors":[{"code":"error","message":"Product already has One Active Submission In-Progress. SubmissionId: 42","target":"submission"}]}`,
			want: "write metadata: the Store answered with a failure: error: Product already has One Active Submission In-Progress. SubmissionId: 42 (submission) (correlation id c-1)",
		},
		{
			name: "several errors and a warning", status: 400,
			body: `{"isSuccess":false,"errors":[{"code":"warning","message":"few screenshots"},{"code":"badrequest","message":"too long","target":"listings"},{"code":"badrequest","message":"bad URL","target":"properties"}]}`,
			want: "write metadata: HTTP 400 Bad Request: badrequest: too long (listings); badrequest: bad URL (properties); warning: few screenshots (correlation id c-1)",
		},
		{
			name: "gateway 401", status: 401,
			body:  `{"statusCode":401,"message":"Unauthorized. Access token is missing or invalid."}`,
			want:  "write metadata: HTTP 401 Unauthorized: Unauthorized. Access token is missing or invalid. (correlation id c-1)",
			class: plan.ClassCredentials,
		},
		{
			name: "wrong seller id", status: 403,
			body: `{"isSuccess":false,"errors":[{"code":"forbidden","message":"Seller is not authorized for this product."}]}`,
			want: "write metadata: HTTP 403 Forbidden: forbidden: Seller is not authorized for this product. (correlation id c-1)\n" +
				"  Check that STORESYNC_SELLER_ID is the seller id of the Partner Center account that owns the product, and that the Entra application has the Manager role there (Account settings > User management)." +
				" An application that is added to two Partner Center accounts, or to one of another kind than the product's, gets a token and then this answer, too: use one that is added to this account alone.",
			class: plan.ClassCredentials,
		},
		{
			name: "unparseable 404", status: 404, body: "\x00\x01<nothing>",
			want: "write metadata: HTTP 404 Not Found (correlation id c-1)\n" +
				"  Check spec.productId: it is the product's GUID in Partner Center. The product, and its first submission, are made there; the API can do neither.",
		},
		{
			name: "PATCH is not offered", status: 405, body: "", method: "PATCH",
			want: "write metadata: HTTP 405 Method Not Allowed (correlation id c-1)",
		},
		{
			name: "not this API", status: 200, body: `<html>Sign in to the proxy</html>`, method: "POST",
			want: "write metadata: the Store answered with a failure: the answer is not one of the MSI/EXE API: check the endpoint, or a proxy in between; it may have been carried out all the same (correlation id c-1)\n" +
				"  Run the same command again: it reads the Store first and goes on from what is there.",
		},
		{
			name: "503 to a POST, HTML", status: 503, body: `<html><h1>Service unavailable</h1></html>`, method: "POST",
			want: "write metadata: HTTP 503 Service Unavailable; it may have been carried out all the same (correlation id c-1)\n" +
				"  Run the same command again: it reads the Store first and goes on from what is there.",
		},
		{
			name: "control characters and a token in the text", status: 400,
			body: `{"isSuccess":false,"errors":[{"code":"bad\u001b[31m","message":"line one\r\nline two \u202e Bearer contoso-token https://x?sig=SECRET&x=1"}]}`,
			want: "write metadata: HTTP 400 Bad Request: bad[31m: line one line two Bearer (sensitive) https://x?sig=REDACTED&x=1 (correlation id c-1)",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, c := startAPI(t, fixed(test.status, test.body), nil)
			if test.method == "" {
				test.method = "PUT"
			}
			_, err := c.send(t.Context(), "write metadata", test.method, metadataPath(contoso), json.RawMessage(`{}`))
			if diff := cmp.Diff(test.want, errorText(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if test.class == "" {
				test.class = plan.ClassError
			}
			if got := plan.ClassOf(err); got != test.class {
				t.Errorf("class %s, want %s", got, test.class)
			}
			e, ok := errors.AsType[*storehttp.Error](err)
			if !ok || e.CorrelationID != "c-1" || e.Path != metadataPath(contoso) || e.Method != test.method {
				t.Errorf("got %#v", e)
			}
			if len(s.asked) != 1 {
				t.Errorf("%d requests", len(s.asked))
			}
		})
	}
}

func TestAnswerOfAWrite(t *testing.T) {
	body := `{"isSuccess":true,"errors":[{"code":"warning","message":"Fewer than 4 screenshots."}],"responseData":{"pollingUrl":"submission/v1/product/` + contoso + `/status","ongoingSubmissionId":""}}`
	_, c := startAPI(t, fixed(200, body), nil)
	got, err := c.send(t.Context(), "commit packages", "POST", packagesCommitPath(contoso), nil)
	if err != nil {
		t.Fatal(err)
	}
	got.Data = nil
	want := &answer{Warnings: []string{"warning: Fewer than 4 screenshots."}, PollingURL: "submission/v1/product/" + contoso + "/status"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A status answer's errors are words about the draft, not failures.
func TestStatusKeepsMessages(t *testing.T) {
	body := `{"isSuccess":true,"errors":[{"code":"error","message":"In progress.","target":"submission"}],"responseData":{"isReady":false,"ongoingSubmissionId":"42"}}`
	_, c := startAPI(t, fixed(200, body), nil)
	got, err := c.status(t.Context(), contoso)
	if err != nil {
		t.Fatal(err)
	}
	want := &moduleStatus{OngoingSubmissionID: "42", Messages: []message{{Code: "error", Message: "In progress.", Target: "submission"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSubmissionStatus(t *testing.T) {
	_, c := startAPI(t, fixed(200, `{"isSuccess":true,"responseData":{"publishingStatus":"INPROGRESS","hasFailed":true}}`), nil)
	got, err := c.submissionStatus(t.Context(), contoso, "42")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&publishing{PublishingStatus: "INPROGRESS", HasFailed: true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnknownShapeNamesTheRequest(t *testing.T) {
	_, c := startAPI(t, fixed(200, `{"isSuccess":true,"responseData":{"isReady":"perhaps"}}`), nil)
	_, err := c.status(t.Context(), contoso)
	if !strings.HasPrefix(errorText(err), "read status of product "+contoso+": the Store answered with a failure: the answer has an unknown shape: ") ||
		!strings.Contains(errorText(err), "correlation id c-1") {
		t.Errorf("got %v", err)
	}
}

func FuzzDecodeEnvelope(f *testing.F) {
	f.Add([]byte(`{"isSuccess":false,"errors":[{"code":"badrequest"}]}`))
	f.Add([]byte(`{"statusCode":429}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decodeEnvelope(t.Context(), body)
		if err != nil {
			return
		}
		e.warnings()
		if failed := e.failure(); failed.Message == "" && len(failed.Details) == 0 {
			t.Error("a failure without words")
		}
	})
}
