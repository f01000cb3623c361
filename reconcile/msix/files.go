package msix

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/storesync/storesync/schema"
)

// storedImage is one image of a listing, as far as storesync reads it.
type storedImage struct {
	ID          flexString `json:"id"`
	FileName    string     `json:"fileName"`
	FileStatus  string     `json:"fileStatus"`
	Description string     `json:"description"`
	ImageType   string     `json:"imageType"`
}

// storedDigest is the content of a stored file: the digest that storesync puts
// into the names it gives, else what the record knows, else "".
func storedDigest(fileName, id string, contents map[string]string) string {
	if digest := nameDigest(fileName); digest != "" {
		return "sha256:" + digest
	}
	if digest := contents[id]; digest != "" && id != "" {
		return "sha256:" + digest
	}
	return ""
}

// nameDigest is a file name's last segment without its extension when that is
// a sha256 in hex, else "". The service writes either slash.
func nameDigest(fileName string) string {
	base := lastSegment(fileName)
	digest := strings.ToLower(strings.TrimSuffix(base, path.Ext(base)))
	if len(digest) != 64 || strings.Trim(digest, "0123456789abcdef") != "" {
		return ""
	}
	return digest
}

// entryName is a file name as it stands in a ZIP.
func entryName(fileName string) string { return strings.ReplaceAll(fileName, `\`, "/") }

func lastSegment(fileName string) string { return path.Base(entryName(fileName)) }

// Names that storesync gives to files. The digest in them tells later what the
// Store has, on any machine and without a record.

func imageName(language, imageType, digest string) string {
	return fmt.Sprintf("Assets/%s/%s/%s.png", strings.ToLower(language), imageType, digest)
}

func trailerName(video schema.MediaFile) string {
	return "Trailers/" + video.SHA256 + strings.ToLower(path.Ext(video.Name))
}

func thumbnailName(language, digest string) string {
	return fmt.Sprintf("Trailers/%s/%s.png", language, digest)
}

// shortDigest is how much of the digest stands in a package's name: enough to
// tell two builds apart.
const shortDigest = 16

// packageName is the file's own name with the begin of its digest, so that two
// builds never share a name and a rebuilt file is recognised:
// ContosoNotes_1.4.2.0_x64.9f86d081884c7d65.msix.
func packageName(p *schema.PackageFile) string {
	base := lastSegment(p.Name)
	extension := path.Ext(base)
	return strings.TrimSuffix(base, extension) + "." + p.SHA256[:min(shortDigest, len(p.SHA256))] + extension
}

// packageDigest is what a stored package's name tells of its content, "" for
// a name that storesync did not give.
func packageDigest(fileName string) string {
	base := lastSegment(fileName)
	digest := strings.TrimPrefix(path.Ext(strings.TrimSuffix(base, path.Ext(base))), ".")
	if len(digest) != shortDigest || strings.Trim(digest, "0123456789abcdef") != "" {
		return ""
	}
	return digest
}

// typeProblem is a decoder's complaint without the value that it complains of.
func typeProblem(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("it is of type %s where %s belongs", strings.Fields(wrong.Value)[0], wrong.Type)
	}
	return errors.New("it cannot be decoded")
}
