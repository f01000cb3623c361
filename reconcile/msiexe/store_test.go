package msiexe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// reply is one scripted answer.
type reply struct {
	status int // 200 when 0
	body   string
	header map[string]string
	// lost breaks the connection instead of answering.
	lost bool
}

// ok is a success with this responseData.
func ok(data string) reply { return reply{body: `{"isSuccess":true,"responseData":` + data + `}`} }

// no is a refusal by the service itself, with HTTP 200.
func no(code, message, target string) reply {
	return reply{body: fmt.Sprintf(`{"isSuccess":false,"errors":[{"code":%q,"message":%q,"target":%q}]}`, code, message, target)}
}

func ready() reply { return ok(`{"isReady":true}`) }

func busy(code, message, target string) reply {
	return reply{body: fmt.Sprintf(`{"isSuccess":true,"responseData":{"isReady":false},"errors":[{"code":%q,"message":%q,"target":%q}]}`, code, message, target)}
}

func running(id string) reply {
	return reply{body: fmt.Sprintf(`{"isSuccess":true,"responseData":{"isReady":false,"ongoingSubmissionId":%q},"errors":[{"code":"error","message":"in progress","target":"submission"}]}`, id)}
}

// script is a Store that answers each "METHOD path" with its replies in turn;
// the last one stays. Paths are below the product.
type script struct {
	t       *testing.T
	replies map[string][]reply

	mu  sync.Mutex
	log []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	key := r.Method + " " + strings.TrimPrefix(r.URL.Path, productPath(testProduct)+"/")
	entry := key
	if r.URL.RawQuery != "" && !strings.HasPrefix(r.URL.Path, "/blob/") {
		entry += "?" + r.URL.RawQuery
	}
	if len(body) > 0 && strings.HasPrefix(string(body), "{") {
		entry += " " + string(body)
	}
	s.mu.Lock()
	s.log = append(s.log, entry)
	queue := s.replies[key]
	if len(queue) > 1 {
		s.replies[key] = queue[1:]
	}
	s.mu.Unlock()
	if len(queue) == 0 {
		s.t.Errorf("unexpected request %s", entry)
		http.NotFound(w, r)
		return
	}
	answer := queue[0]
	if answer.lost {
		panic(http.ErrAbortHandler)
	}
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	if answer.status != 0 {
		w.WriteHeader(answer.status)
	}
	io.WriteString(w, answer.body)
}

// requests is what was asked, in order.
func (s *script) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

type fixedToken struct{}

func (fixedToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "test-token", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// against makes a backend that talks to a scripted Store.
func against(t *testing.T, replies map[string][]reply) (*backend, *script, string) {
	t.Helper()
	s := &script{t: t, replies: replies}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	made, err := New(Options{Endpoint: server.URL, SellerID: "12345678", Credential: fixedToken{}})
	if err != nil {
		t.Fatal(err)
	}
	b := made.(*backend)
	b.poll = storehttp.PollOptions{Initial: time.Millisecond, Max: time.Millisecond}
	return b, s, server.URL
}

// operationOf is the operation of an id in what lowering made.
func operationOf(t *testing.T, operations []plan.Operation, id string) plan.Operation {
	t.Helper()
	i := slices.IndexFunc(operations, func(o plan.Operation) bool { return o.ID == id })
	if i < 0 {
		t.Fatalf("no operation %s", id)
	}
	return operations[i]
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// Do makes a script a transport of its own, for tests in virtual time.
func (s *script) Do(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	s.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, nil
}
