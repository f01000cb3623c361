package schema

import (
	"strings"
	"testing"
)

// Advice that is followed leads to a manifest that is taken, not to the next
// error about the same value.
func TestAdviceLeadsToNoOtherError(t *testing.T) {
	tests := map[string]struct{ content, want, not string }{
		"amount":            {msixManifest("  pricing: {priceId: 4.99}\n"), "app.yaml:6:22: error: pricing.priceId: 4.99 is an amount, and the API takes price tiers\n  Write Free, or the tier", "quotes"},
		"whole amount":      {msixManifest("  pricing: {priceId: 5}\n"), "5 is an amount", "quotes"},
		"quoted":            {msixManifest("  pricing: {priceId: \"4.99\"}\n"), `"4.99" is an amount`, "quotes"},
		"with a sign":       {msixManifest("  pricing: {priceId: $4.99}\n"), `"$4.99" is an amount`, "quotes"},
		"with a currency":   {msixManifest("  pricing: {priceId: \"4,99 EUR\"}\n"), `"4,99 EUR" is an amount`, "quotes"},
		"of a market":       {msixManifest("  pricing: {marketSpecificPricings: {JP: 480}}\n"), "480 is an amount", "quotes"},
		"of an add-on":      {addOnManifest("  productId: a\n  pricing: {priceId: 0.99}\n"), "0.99 is an amount", "quotes"},
		"no amount":         {msixManifest("  pricing: {priceId: Tire5}\n"), `"Tire5" is not a price tier`, "amount"},
		"pricing of an exe": {manifest("  availability: {pricing: 4.99}\n"), `"4.99" is not allowed` + "\n  Allowed: FREE,", "quotes"},
		"visibility":        {msixManifest("  visibility: true\n"), `"true" is not allowed` + "\n  Allowed: Hidden, Public", "quotes"},
		"lifetime":          {addOnManifest("  productId: a\n  lifetime: 30\n"), `"30" is not allowed`, "quotes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, text := load(t, test.content, nil)
			if !strings.Contains(text, test.want) || strings.Contains(text, test.not) || strings.Count(text, "error: ") != 1 {
				t.Errorf("got:\n%s\nwant one error with %q and without %q", text, test.want, test.not)
			}
		})
	}
}

// Fields that live answers have and no page says how to write.
func TestUndocumentedFieldsOfLiveAnswers(t *testing.T) {
	for _, spec := range []string{
		"  properties: {usesGenerativeAI: true}\n", "  properties: {productDeclarations: {usesGenerativeAI: true}}\n", "  properties: {genres: []}\n",
		"  listings: {en: {heroArts: []}}\n", "  listings: {en: {trailers: []}}\n",
	} {
		_, text := load(t, manifest(spec), nil)
		if !strings.Contains(text, "unknown field") || !strings.Contains(text, "Live answers of the API have it and its page does not") || strings.Contains(text, "Allowed here") {
			t.Errorf("%s: %s", spec, text)
		}
	}
}
