//go:build linux

package reliability

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/emulator"
)

// ending is how a Store ended.
type ending struct {
	// state is all of it but for times and the ids that the Store makes.
	state any
	// steps counts the requests that nobody may make twice.
	steps map[string]int
}

// byStore are members of a state that say when or by which id, and addresses that
// were handed out.
var byStore = map[string]bool{
	"id": true, "flightId": true, "folder": true, "submitted": true, "due": true, "modified": true, "etag": true, "firstPublished": true,
	"path": true, "fallbackSubmissionId": true, "counter": true, "packageId": true, "accepted": true, "blobs": true, "from": true, "created": true,
}

// byHistory are members that tell how many drafts there were: a lost record may
// cost one.
var byHistory = map[string]bool{"count": true, "friendlyName": true}

// endingOf reads a Store. Without history, deleted drafts do not count.
func endingOf(state []byte, requests []emulator.Request, history bool) (*ending, error) {
	var decoded map[string]any
	if err := json.Unmarshal(state, &decoded); err != nil {
		return nil, err
	}
	blobs, _ := decoded["blobs"].(map[string]any)
	e := &ending{state: plain(decoded, blobs, history), steps: map[string]int{}}
	for _, r := range requests {
		if kind := onceOnly(r, history); kind != "" && r.Status < 400 {
			e.steps[kind]++
		}
	}
	return e, nil
}

func plain(value any, blobs map[string]any, history bool) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range value {
			// A flight's own name is no count; a submission's is.
			_, hasStatus := value["status"]
			if path, ok := member.(string); ok && name == "path" {
				out["content"] = contentOf(blobs[path])
			}
			if all, ok := member.([]any); ok && name == "submissions" && !history && len(all) > 0 {
				member = all[len(all)-1:]
			}
			if !byStore[name] && (history || !byHistory[name] || name == "friendlyName" && !hasStatus) {
				out[name] = plain(member, blobs, history)
			}
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, element := range value {
			out[i] = plain(element, blobs, history)
		}
		return out
	case string:
		return madeByStore.ReplaceAllString(value, "ID")
	}
	return value
}

func contentOf(blob any) any {
	if blob, ok := blob.(map[string]any); ok {
		return blob["contentMd5"]
	}
	return nil
}

// onceOnly names what a request does that must not be done twice. Where drafts
// may be made anew, only products must not.
func onceOnly(r emulator.Request, history bool) string {
	last := path.Base(r.Path)
	switch {
	case r.Method != http.MethodPost:
		return ""
	case last == "flights" || last == "inappproducts":
		return "create in " + last
	case history && (last == "submit" || last == "submissions" || last == "commit" && strings.Contains(r.Path, "/submissions/")):
		return last
	}
	return ""
}

// differs says how one end differs from what it should be, nil for not at all.
func (e *ending) differs(want *ending) error {
	var found []string
	if diff := cmp.Diff(want.state, e.state); diff != "" {
		found = append(found, "the Store ended otherwise (-undisturbed +now):\n"+diff)
	}
	for kind, n := range e.steps {
		if n > want.steps[kind] {
			found = append(found, fmt.Sprintf("%d times %s, undisturbed %d", n, kind, want.steps[kind]))
		}
	}
	if found == nil {
		return nil
	}
	slices.Sort(found)
	return errors.New(strings.Join(found, "\n"))
}
