package reconcile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/storesync/storesync/schema"
)

// maxPlanBytes bounds a plan file. The largest plan that the Store's limits
// allow for one product is a few megabytes.
const maxPlanBytes = 64 << 20

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

// savedOptions are the options as a plan keeps them.
func (o PlanOptions) savedOptions() *SavedOptions {
	return &SavedOptions{Selection: o.Selection, Draft: o.Draft, Submit: o.Submit, ReuploadImages: o.ReuploadImages, WriteMode: o.WriteMode}
}

// PlanOptions are the options by which the plan was made, allowances included.
func (p *Plan) PlanOptions() PlanOptions {
	options := PlanOptions{Allow: map[string][]Guard{}}
	if saved := p.Options; saved != nil {
		options.Selection, options.Draft, options.Submit = saved.Selection, saved.Draft, saved.Submit
		options.ReuploadImages, options.WriteMode = saved.ReuploadImages, saved.WriteMode
	}
	for _, product := range p.Products {
		if len(product.Allowed) > 0 {
			options.Allow[product.Address] = product.Allowed
		}
	}
	return options
}

// Seal notes the digest of the document. Engine.Plan seals what it makes; a
// plan that is put together otherwise is sealed by whoever does.
func (p *Plan) Seal() error {
	p.Digest = ""
	digest, err := documentDigest(encode(p))
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
	return hashOf(encode(members)), nil
}

// Save writes the document to a file that only its owner may read. A file that
// is there already is replaced as a whole or left as it is, whatever happens in
// between.
func (p *Plan) Save(file string) error {
	content := append(encode(p), '\n')
	if len(content) > maxPlanBytes {
		return fmt.Errorf("save plan %s: it has %d bytes, and at most %d can be read again; plan fewer products at a time with --target", file, len(content), maxPlanBytes)
	}
	if err := replaceFile(file, content); err != nil {
		return &Failure{Class: ClassError, Err: fmt.Errorf("save plan %s: %w", file, err),
			Next: "Give --out the name of a file in a folder that can be written."}
	}
	return nil
}

// replaceFile writes beside the file and then renames.
func replaceFile(file string, content []byte) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return errors.New("it is there and is no regular file")
	}
	folder := filepath.Dir(file)
	temporary, err := os.CreateTemp(folder, ".plan-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(content)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), file); err != nil {
		return err
	}
	return syncFolder(folder)
}

// ReadPlan reads a plan document, as `plan --out` and `plan --output json`
// write it. The document is not trusted: it is refused (ClassRefused) when its
// format is not known or when it is not what storesync wrote, and values that
// name something are of the shape that storesync gives them. Texts stay as they
// are: views make them safe.
func ReadPlan(r io.Reader) (*Plan, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxPlanBytes+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxPlanBytes {
		return nil, notAPlan(fmt.Errorf("it has more than %d bytes", maxPlanBytes))
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

func (p ProductPlan) collectWords(at string, words, sums map[string]string) {
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
	p.Endpoints, p.Products, p.Inputs = orEmpty(p.Endpoints), orEmpty(p.Products), orEmpty(p.Inputs)
	if p.Diagnostics == nil {
		p.Diagnostics = schema.Diagnostics{}
	}
	for i := range p.Products {
		product := &p.Products[i]
		product.Changes, product.Operations = orEmpty(product.Changes), orEmpty(product.Operations)
		product.Allowed, product.Notices = orEmpty(product.Allowed), orEmpty(product.Notices)
	}
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
