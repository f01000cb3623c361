package emulator

func (f appFlight) noun() string       { return "flight" }
func (f appFlight) shape() objectShape { return flightSubmissionShape() }
func (f appFlight) given() object      { return object{{"flightId", f.ID}} }
func (f appFlight) hides(string) bool  { return false }
func (f appFlight) rolls() bool        { return true }
func (f appFlight) blank() object      { return object{{"notesForCertification", ""}} }

// fallback: people outside the first rollout of a flight have the
// application's packages (assumed).
func (f appFlight) fallback(s *msixSubmission) *msixSubmission {
	if before := f.publishedBefore(s); before != nil {
		return before
	}
	return f.app.published()
}

func (f appFlight) rules(fit *msixFit, sent object, behavior MsixBehavior) object {
	out := sent.with("flightPackages", fit.packages("flightPackages", sent.lookupList("flightPackages")))
	out = out.with("packageDeliveryOptions", fit.delivery(out.lookupObject("packageDeliveryOptions"), behavior))
	fit.publishDate(out)
	return out
}

func (f appFlight) ingest(in *ingestion, document object) object {
	return document.with("flightPackages", in.packages(f.app, document.lookupList("flightPackages")))
}

// complete: only packages differ from the application's own submission
// (https://learn.microsoft.com/windows/apps/publish/package-flights).
func (f appFlight) complete(_ *msixSubmission, document object) bool {
	return len(document.lookupList("flightPackages")) > 0
}

// flightSubmissionShape is a flight submission, with its members in the order
// of the page's sample
// (https://learn.microsoft.com/windows/uwp/monetize/manage-flight-submissions).
func flightSubmissionShape() objectShape {
	return objectShape{fields: []msixField{
		{"id", givenShape{textShape{}}},
		{"flightId", givenShape{textShape{}}},
		{"status", givenShape{textShape{}}},
		{"statusDetails", givenShape{objectShape{}}},
		{"flightPackages", listShape{item: packageShape(), most: maxMsixPackages}},
		{"packageDeliveryOptions", deliveryShape()},
		{"fileUploadUrl", givenShape{textShape{}}},
		{"targetPublishMode", choiceShape{func(f *msixFacts) []string { return f.TargetPublishMode }, "Immediate"}},
		{"targetPublishDate", emptyDateShape{}},
		{"notesForCertification", textShape{maxMsixNotes}},
	}}
}

// emptyDateShape is a date that is "" when it is unused.
type emptyDateShape struct{}

func (emptyDateShape) fit(f *msixFit, at string, value any) any {
	date := dateShape{}.fit(f, at, value)
	if date == msixNoDate {
		return ""
	}
	return date
}
