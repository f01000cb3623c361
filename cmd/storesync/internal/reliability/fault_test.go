//go:build linux

package reliability

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// fault is what a network, a proxy or a broken service does to a request.
type fault struct {
	name string
	act  action
	// always: it goes on as long as the first run does.
	always bool
}

func answers(status int, contentType, body string, headers ...string) action {
	return func(w http.ResponseWriter, _ *http.Request, _ *gate) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

const page = "<!DOCTYPE html><html><body><h1>Proxy of Contoso</h1></body></html>"

// faults are tried at every call.
func faults() []fault {
	all := []fault{
		{name: "reset before", act: func(http.ResponseWriter, *http.Request, *gate) { abort() }},
		{name: "reset always", act: func(http.ResponseWriter, *http.Request, *gate) { abort() }, always: true},
		{name: "reset after", act: func(_ http.ResponseWriter, r *http.Request, g *gate) { g.handle(r); abort() }},
		{name: "cut", act: func(w http.ResponseWriter, r *http.Request, g *gate) {
			answer := g.handle(r)
			pass(w, answer, answer.Body.Len()/2)
			abort()
		}},
		{name: "slow", act: slowly},
		{name: "wrong types", act: answers(200, "application/json", `[{"value": 7, "isSuccess": "yes", "responseData": [], "id": {}, "status": 3}]`)},
		{name: "no JSON", act: answers(200, "application/json", "\x00\xff{")},
		{name: "a page with 200", act: answers(200, "text/html", page)},
		{name: "100 MB", act: func(w http.ResponseWriter, _ *http.Request, _ *gate) { flood(w, 100<<20) }},
		{name: "endless", act: func(w http.ResponseWriter, _ *http.Request, _ *gate) { flood(w, 1<<40) }},
		{name: "redirect", act: answers(302, "text/html", page, "Location", "http://127.0.0.1:9/elsewhere")},
	}
	for _, status := range []int{401, 403} {
		all = append(all, fault{name: fmt.Sprintf("%d always", status), act: answers(status, "text/html", page), always: true})
	}
	for _, status := range []int{401, 403, 404, 408, 409, 500, 501, 502, 503, 504} {
		all = append(all, fault{name: fmt.Sprint(status), act: answers(status, "text/html", page)})
	}
	for _, after := range []string{"", "1", "-5", "soon", "99999999999", "Thu, 01 Jan 1970 00:00:00 GMT"} {
		f := fault{name: "429, Retry-After " + after, act: answers(429, "application/json", `{"code": "TooManyRequests"}`, "Retry-After", after)}
		if after == "" {
			f.name, f.act = "429 without Retry-After", answers(429, "application/json", `{"code": "TooManyRequests"}`)
		}
		all = append(all, f)
	}
	return all
}

// slowly hands the answer on in pieces, for some seconds.
func slowly(w http.ResponseWriter, r *http.Request, g *gate) {
	answer := g.handle(r)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	body := answer.Body.Bytes()
	for len(body) > 0 {
		n := max(1, min(len(body), answer.Body.Len()/10))
		_, _ = w.Write(body[:n])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		body = body[n:]
		time.Sleep(200 * time.Millisecond)
	}
}

// flood answers with so many bytes, as long as somebody reads them.
func flood(w http.ResponseWriter, n int) {
	w.Header().Set("Content-Type", "application/json")
	blanks := []byte(strings.Repeat(" ", 1<<16))
	for ; n > 0; n -= len(blanks) {
		if _, err := w.Write(blanks); err != nil {
			return
		}
	}
}

// faultPoints let every fault happen at every call of every scenario.
func faultPoints(u *undisturbed) []point {
	var points []point
	met := map[string]bool{}
	for _, line := range u.requests {
		if met[line] {
			continue
		}
		met[line] = true
		for _, f := range faults() {
			points = append(points, point{
				group: "fault: " + f.name,
				name:  fmt.Sprintf("%s: %s at %s", u.name, f.name, line),
				run: func(ctx context.Context) error {
					return u.disturbedBy(ctx, kept, func(st *stand) bool {
						st.gate.arm(func(_ int, seen string) bool { return seen == line && (f.always || st.gate.struck == 0) }, f.act)
						st.apply(ctx)
						return st.gate.disarm() > 0
					})
				},
			})
		}
	}
	return points
}
