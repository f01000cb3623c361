package main

import (
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// imageText is an image: file, pixels, and bytes where they are sent. One of the
// Store is called by its file where the plan knows that.
func (v *planView) imageText(i plan.Image) string {
	name := imageName(v.plan, i)
	if name == "" {
		return storedImageText(i)
	}
	s := sanitize(name) + pixels(i)
	if bytes, known := v.sizes[name]; known && i.ID == "" {
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

// imageName is the file of an image, or one that has its content; "" where the
// plan names none.
func imageName(planned *plan.Plan, i plan.Image) string {
	if i.Name != "" || planned == nil || !strings.HasPrefix(i.Digest, "sha256:") {
		return i.Name
	}
	for _, p := range planned.Products {
		for _, c := range p.Changes {
			if c.Type != plan.Images || c.Sensitive {
				continue
			}
			for _, other := range append(imagesOf(c.After), imagesOf(c.Before)...) {
				if other.Digest == i.Digest && other.Name != "" {
					return other.Name
				}
			}
		}
	}
	return ""
}
