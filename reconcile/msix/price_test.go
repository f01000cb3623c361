package msix

import (
	"strings"
	"testing"
)

func TestPriceInvariants(t *testing.T) {
	for _, body := range []string{
		`{"pricing":{"priceId":"Free"}}`,
		`{"pricing":{"priceId":"Tier1012","marketSpecificPricings":{"JP":"Tier12","LB":"NotAvailable","US":"Base","DE":"TierFromTheFuture"}}}`,
		`{"pricing":{"priceId":"PricingV2-unknown","marketSpecificPricings":{}}}`,
		`{"Pricing":{"PriceId":"Tier2","trialPeriod":null,"sales":null}}`,
		`{"pricing":{"priceId":"Tier2","marketSpecificPricings":null}}`,
	} {
		if err := priceInvariants(parsed(t, body)); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
	for body, want := range map[string]string{
		`{}`:                                             "pricing is missing",
		`{"pricing":null}`:                               "pricing is not an object",
		`{"pricing":[]}`:                                 "pricing is not an object",
		`{"pricing":"Free"}`:                             "pricing is not an object",
		`{"pricing":{}}`:                                 "priceId is missing",
		`{"pricing":{"trialPeriod":"OneDay"}}`:           "priceId is missing",
		`{"pricing":{"priceId":null}}`:                   "is null",
		`{"pricing":{"priceId":""}}`:                     "is empty",
		`{"pricing":{"priceId":" \t"}}`:                  "is empty",
		`{"pricing":{"priceId":0}}`:                      "is not a text",
		`{"pricing":{"priceId":{}}}`:                     "is not a text",
		`{"pricing":{"priceId":["Free"]}}`:               "is not a text",
		`{"pricing":{"priceId":"Base"}}`:                 "is Base",
		`{"pricing":{"priceId":"base "}}`:                "is Base",
		`{"pricing":{"priceId":"Tier2","PriceID":null}}`: "priceId stands twice",
		`{"pricing":{"priceId":"Tier2"},"PRICING":{}}`:   "pricing stands twice",
		`{"pricing":{"priceId":"Tier2","marketSpecificPricings":["JP"]}}`:                         "not an object",
		`{"pricing":{"priceId":"Tier2","marketSpecificPricings":{"JP":null}}}`:                    "JP is null",
		`{"pricing":{"priceId":"Tier2","marketSpecificPricings":{"JP":""}}}`:                      "JP is empty",
		`{"pricing":{"priceId":"Tier2","marketSpecificPricings":{"JP":12}}}`:                      "JP is not a text",
		`{"pricing":{"priceId":"Tier2","marketSpecificPricings":{"JP":"Tier2","jp":"Free"}}}`:     "JP twice",
		`{"pricing":{"priceId":"Tier2","marketSpecificPricings":{},"MarketSpecificPricings":{}}}`: "stands twice",
	} {
		err := priceInvariants(parsed(t, body))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want … %s …", body, err, want)
		}
	}
}
