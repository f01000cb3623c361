package emulator

import "iter"

// msixProduct is what has submissions of its own: an application, an add-on or
// a package flight. What its kinds have in common is the life of a submission;
// they differ in its members and in their rules.
type msixProduct interface {
	line() *msixLine
	// noun is what messages call it.
	noun() string
	// shape is that of its submissions.
	shape() objectShape
	// given are the members of its submissions that are neither in their
	// documents nor a submission's own.
	given() object
	// hides reports whether answers lack a member.
	hides(member string) bool
	// rules are those of a PUT that the shape cannot say: they give the
	// document that it leaves.
	rules(f *msixFit, sent object, behavior MsixBehavior) object
	// blank is what the shape needs to make the document of a first submission.
	blank() object
	// ingest gives the document that the archive of a commit leaves.
	ingest(in *ingestion, document object) object
	// stored gives the files that a seed names what the service would have
	// given them: ids, and what it reads out of packages.
	stored(in *ingestion, document object) object
	// complete reports whether a submission can be certified. What is missing
	// shows in Partner Center only: the API says InvalidState and no more.
	complete(s *msixSubmission, document object) bool
	// rolls reports whether its packages can be rolled out gradually.
	rolls() bool
	// fallback is the submission whose packages those people have who do not
	// get the ones of s; nil when there is none.
	fallback(s *msixSubmission) *msixSubmission
}

// msixProducts are all products of API B.
func (s *state) msixProducts() iter.Seq[msixProduct] {
	return func(yield func(msixProduct) bool) {
		for _, a := range s.Msix {
			if !yield(a) {
				return
			}
			for _, f := range a.Flights {
				if !yield(appFlight{f, a}) {
					return
				}
			}
		}
		for _, a := range s.MsixAddOns {
			if !yield(a) {
				return
			}
		}
	}
}

// dropMsixSubmissions removes all submissions of a product.
func (s *state) dropMsixSubmissions(l *msixLine, contents *contents) {
	for len(l.Submissions) > 0 {
		s.dropMsixSubmission(l, l.Submissions[0], contents)
	}
}
