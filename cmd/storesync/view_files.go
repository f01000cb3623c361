package main

import (
	"cmp"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// planFiles is what a plan says of the files that it names.
type planFiles struct {
	// sizes are the bytes of those that it uploads, by name.
	sizes map[string]int64
	// names are those of images, by the digest of their content.
	names map[string]string
}

func filesOf(planned *plan.Plan) planFiles {
	files := planFiles{map[string]int64{}, map[string]string{}}
	for _, p := range planned.Products {
		for _, o := range p.Operations {
			for _, u := range o.Uploads {
				files.sizes[u.Name] = u.Bytes
			}
		}
		for _, c := range p.Changes {
			if c.Type != plan.Images || c.Sensitive {
				continue
			}
			for _, i := range append(imagesOf(c.After), imagesOf(c.Before)...) {
				files.names[i.Digest] = cmp.Or(files.names[i.Digest], i.Name)
			}
		}
	}
	return files
}

// imageName is the file of an image, or one that has its content; "" where the
// plan names none.
func (f planFiles) imageName(i plan.Image) string {
	if i.Name != "" || !strings.HasPrefix(i.Digest, "sha256:") {
		return i.Name
	}
	return f.names[i.Digest]
}

// imageText is an image: file, pixels, and bytes where they are sent. One of the
// Store is called by its file where the plan knows that.
func (v *planView) imageText(i plan.Image) string {
	name := v.files.imageName(i)
	if name == "" {
		return storedImageText(i)
	}
	s := sanitize(name) + pixels(i)
	if bytes, known := v.files.sizes[name]; known && i.ID == "" {
		s += ", " + humanBytes(bytes)
	}
	return s
}

// storedImageText is an image of the Store of which no file is known.
func storedImageText(i plan.Image) string {
	if i.ID == "" {
		return "stored image" + pixels(i)
	}
	return "stored image " + sanitize(i.ID) + pixels(i)
}
