package msix

import (
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/storehttp"
)

// TestAdviceIsAboutTheProduct: the service has one code for many things, and what
// to do depends on what was asked for.
func TestAdviceIsAboutTheProduct(t *testing.T) {
	flight := product{kind: kindFlight, app: testApp, id: testFlight}
	addOn := product{kind: kindAddOn, app: testApp, id: testAddOn}
	for _, c := range []struct {
		name      string
		err       storehttp.Error
		want, not string
	}{
		{"a flight is not made", storehttp.Error{Method: "POST", Path: flight.collection(), Status: 400}, "friendlyName, groupIds", "productId"},
		{"an add-on is not made", storehttp.Error{Method: "POST", Path: addOn.collection(), Status: 400}, "productId and productType", "groupIds"},
		{"an add-on is kept", storehttp.Error{Method: "DELETE", Path: addOn.path(), Status: 409, Message: "The add-on in its current state cannot be deleted."}, "Nothing was deleted", "committed meanwhile"},
		{"a flight is kept", storehttp.Error{Method: "DELETE", Path: flight.path(), Status: 409, Message: "The flight in its current state cannot be deleted."}, "Look at it in Partner Center", "--wait-running"},
		{"a draft is committed", storehttp.Error{Method: "DELETE", Path: flight.submissionPath(testDraft), Status: 409, Message: "The submission in its current state cannot be deleted."}, "committed meanwhile", "Nothing was deleted"},
	} {
		if got := advice(&c.err); !strings.Contains(got, c.want) || strings.Contains(got, c.not) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
