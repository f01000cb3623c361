package msix

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storesync/storesync/schema"
)

// What the Store answers of listings is read and judged in a time that grows as
// their number does: eight times as many may cost twenty times as much at most,
// where the square would cost sixty-four times.
func TestManyListingsCostLinearTime(t *testing.T) {
	cost := func(n int) time.Duration {
		var listings strings.Builder
		for i := range n {
			fmt.Fprintf(&listings, `"x%06d":{"baseListing":{"title":"T","description":"D","images":[{"fileName":"a.png","fileStatus":"Uploaded","id":"%d","imageType":"Screenshot"}]}},`, i, i)
		}
		submission := strings.Replace(oddSubmission(), `"listings":{`, `"listings":{`+listings.String(), 1)
		least := time.Hour
		for range 2 {
			begin := time.Now()
			request := requestOf(t, notes(schema.MsixApp{Visibility: new("Private")}), submission, nil)
			b := &backend{}
			b.Audit(request.Manifest, request.Observed, request.Target)
			if _, found := b.Lower(request); found.HasErrors() {
				t.Fatal(found)
			}
			least = min(least, time.Since(begin))
		}
		return least
	}
	if few, eight := cost(300), cost(2_400); eight > 20*few {
		t.Errorf("300 listings cost %v, 2400 cost %v", few, eight)
	}
}
