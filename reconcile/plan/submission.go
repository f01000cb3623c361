package plan

// Submission is a submission and where it stands, in the API's own words.
type Submission struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	// Done is true when nothing more will happen to it.
	Done bool `json:"done"`
	// Failed is true when it ended without being published.
	Failed bool `json:"failed"`
	// Detail are the Store's words about it.
	Detail []string `json:"detail,omitempty"`
	// Repeatable is true when it ended before anybody judged what it holds, so
	// that it may be submitted again as it is.
	Repeatable bool `json:"-"`
	// Waiting is true when it is certified and waits for its day, or for a person.
	Waiting bool `json:"-"`
	// Next says how to go on where waiting for it brings nothing, "" elsewhere.
	Next string `json:"-"`
	// Rollout is true when it is published and its packages are being rolled
	// out: changes below PathRollout alone are possible.
	Rollout bool `json:"rollout,omitempty"`
}

// Notice is something a person should know that is not a change.
type Notice struct {
	Path Path   `json:"path,omitempty"`
	Text string `json:"text"`
}

// WriteMode says how metadata is written.
type WriteMode string

// The write modes of --metadata-write.
const (
	// WritePatch sends only what changes.
	WritePatch WriteMode = "patch"
	// WritePut sends the module read back with the change in it, for a
	// service that refuses PATCH.
	WritePut WriteMode = "put"
)
