package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/storesync/storesync/schema"
)

// MaxBytes bounds a plan file. The largest plan that the Store's limits
// allow for one product is a few megabytes.
const MaxBytes = 64 << 20

// Selection says which manifests a plan was made of.
type Selection struct {
	// Folder is the workspace root as it was seen from the working folder, with
	// forward slashes: "." or "store". It counts where no .git and no
	// storesync.yaml marks the root.
	Folder string `json:"folder,omitempty"`
	// Paths are the given manifests and folders, relative to the workspace
	// root, with forward slashes; "-" is standard input.
	Paths []string `json:"paths,omitempty"`
	// Targets and Selectors narrowed them down.
	Targets   []string          `json:"targets,omitempty"`
	Selectors map[string]string `json:"selectors,omitempty"`
}

// SavedOptions are what a plan was made by: enough to make it again, together
// with the values of ${var:…} and {env}, which no plan holds. What was allowed
// is with each product.
type SavedOptions struct {
	Selection
	Draft          bool      `json:"draft,omitempty"`
	Submit         bool      `json:"submit,omitempty"`
	ReuploadImages []string  `json:"reuploadImages,omitempty"`
	WriteMode      WriteMode `json:"writeMode,omitempty"`
}

// Seal notes the digest of the document. Engine.Plan seals what it makes; a
// plan that is put together otherwise is sealed by whoever does.
func (p *Plan) Seal() error {
	p.Digest = ""
	digest, err := documentDigest(Encode(p))
	p.Digest = digest
	return err
}

// documentDigest is the digest of what a JSON document says, whatever its
// spacing and the order of its members; the top member digest is left out.
func documentDigest(content []byte) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil {
		return "", fmt.Errorf("read plan document: %w", err)
	}
	delete(members, "digest")
	return HashOf(Encode(members)), nil
}

// Read reads a plan document, as `plan --out` and `plan --output json`
// write it. The document is not trusted: it is refused (ClassRefused) when its
// format is not known or when it is not what storesync wrote, and values that
// name something are of the shape that storesync gives them. Texts stay as they
// are: views make them safe.
func Read(r io.Reader) (*Plan, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(content) > MaxBytes {
		return nil, notAPlan(fmt.Errorf("it has more than %d bytes", MaxBytes))
	}
	if err := checkFormat(content); err != nil {
		return nil, err
	}
	digest, err := documentDigest(content)
	if err != nil {
		return nil, notAPlan(err)
	}
	plan := &Plan{}
	if err := json.Unmarshal(content, plan); err != nil {
		return nil, notAPlan(err)
	}
	if plan.Digest != digest {
		return nil, &Failure{Class: ClassRefused, Err: errors.New("it is not as storesync wrote it: it was changed afterwards, or cut short"),
			Next: "Plan again. A plan cannot be edited: change the manifests instead."}
	}
	if err := plan.checkWords(); err != nil {
		return nil, notAPlan(err)
	}
	plan.fillEmpty()
	return plan, nil
}

func notAPlan(cause error) error {
	return &Failure{Class: ClassError, Err: fmt.Errorf("it is not a plan of storesync: %w", cause),
		Next: "Give a file that storesync plan --out FILE wrote."}
}

// checkFormat refuses a document whose format has another major version.
// Fields that a newer minor version adds are ignored.
func checkFormat(content []byte) error {
	var head struct{ FormatVersion, Tool string }
	if err := json.Unmarshal(content, &head); err != nil {
		return notAPlan(err)
	}
	major, minor, ok := strings.Cut(head.FormatVersion, ".")
	_, errMajor := strconv.ParseUint(major, 10, 32)
	_, errMinor := strconv.ParseUint(minor, 10, 32)
	if !ok || errMajor != nil || errMinor != nil {
		return notAPlan(errors.New("it has no format version"))
	}
	known, _, _ := strings.Cut(FormatVersion, ".")
	if major == known {
		return nil
	}
	return &Failure{Class: ClassRefused,
		Err:  fmt.Errorf("it has format %s; this storesync reads %s.x", head.FormatVersion, known),
		Next: "Use the storesync version that made the plan, or plan again with this one."}
}

var (
	wordShape   = regexp.MustCompile(`^[A-Za-z0-9-]{0,40}$`)
	digestShape = regexp.MustCompile(`^([0-9a-f]{64})?$`)
)

// checkWords refuses a plan whose words and digests are of another shape than
// storesync's. Words that this version does not know pass: a newer minor format
// may have them.
func (p *Plan) checkWords() error {
	words := map[string]string{}
	sums := map[string]string{"hash": p.Hash, "digest": p.Digest}
	for i, product := range p.Products {
		at := "products[" + strconv.Itoa(i) + "]."
		if product.Address == "" {
			return errors.New(at + "address is missing")
		}
		sums[at+"hash"], sums[at+"revision"] = product.Hash, product.Revision
		words[at+"kind"], words[at+"draft"] = product.Kind, string(product.Draft)
		product.collectWords(at, words, sums)
	}
	for name, word := range words {
		if !wordShape.MatchString(word) {
			return fmt.Errorf("%s is not a word: %.60q", name, word)
		}
	}
	for name, sum := range sums {
		if !digestShape.MatchString(sum) {
			return fmt.Errorf("%s is not a SHA-256 in hex: %.80q", name, sum)
		}
	}
	return nil
}

func (p Product) collectWords(at string, words, sums map[string]string) {
	guards := func(name string, list []Guard) {
		for i, guard := range list {
			words[name+"["+strconv.Itoa(i)+"]"] = string(guard)
		}
	}
	guards(at+"allowed", p.Allowed)
	guards(at+"blocked", p.Blocked)
	guards(at+"protected", p.Protected)
	for i, c := range p.Changes {
		change := at + "changes[" + strconv.Itoa(i) + "]."
		words[change+"action"], words[change+"type"], words[change+"origin"] = string(c.Action), string(c.Type), string(c.Origin)
		guards(change+"guards", c.Guards)
	}
	for i, o := range p.Operations {
		operation := at + "operations[" + strconv.Itoa(i) + "]."
		words[operation+"verb"], words[operation+"method"], words[operation+"effect"] = string(o.Verb), o.Method, string(o.Effect)
		for j, upload := range o.Uploads {
			sums[operation+"uploads["+strconv.Itoa(j)+"].sha256"] = upload.SHA256
		}
	}
}

// fillEmpty makes absent lists empty ones, as Engine.Plan makes them.
func (p *Plan) fillEmpty() {
	p.Endpoints, p.Products, p.Inputs = OrEmpty(p.Endpoints), OrEmpty(p.Products), OrEmpty(p.Inputs)
	if p.Diagnostics == nil {
		p.Diagnostics = schema.Diagnostics{}
	}
	for i := range p.Products {
		product := &p.Products[i]
		product.Changes, product.Operations = OrEmpty(product.Changes), OrEmpty(product.Operations)
		product.Allowed, product.Notices = OrEmpty(product.Allowed), OrEmpty(product.Notices)
	}
}

func OrEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
