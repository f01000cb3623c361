package schema

import (
	"fmt"
	"reflect"
	"strings"
)

// image reads the path of one image and measures it.
func (d *decoder) image(v *tree) (any, bool) {
	if v.kind == mappingTree {
		d.fail(v, "must be the path of an image, not a mapping", "Write the path alone, such as images/icon.png. The Store's fileName and fileStatus are made of it.")
		return nil, false
	}
	written, ok := d.path(v)
	if !ok {
		return nil, false
	}
	name, problem := d.oneFile(written)
	if problem == nil {
		var image Image
		if image, problem = d.sources.files.measure(name); problem == nil {
			return image, true
		}
	}
	d.fail(v, problem.summary, problem.detail)
	return nil, false
}

// path reads a plain text that names a file.
func (d *decoder) path(v *tree) (string, bool) {
	written, ok := d.checked(v, func(v *tree) (any, bool) { return d.plainText(v, false) })
	if !ok {
		return "", false
	}
	return written.(string), true
}

// oneFile is the name of a path that must not be a pattern.
func (d *decoder) oneFile(written string) (string, *fileProblem) {
	if isPattern(written) {
		return "", &fileProblem{
			summary: fmt.Sprintf("%s is a pattern; one file is wanted here", quote(written)),
			detail:  "Write the path of one file, without *, ? and [. Only lists of images and logos take patterns, as plain texts.",
		}
	}
	return d.sources.files.name(d.folder, written)
}

const captionedForms = "Write a path or {file: path, description: text}."

// captionedImage reads an image with or without a caption.
func (d *decoder) captionedImage(v *tree, path string) (any, bool) {
	switch v.kind {
	case scalarTree:
		image, ok := d.image(v)
		return map[string]any{"file": image}, ok
	case mappingTree:
		value, ok := d.structure(reflect.TypeFor[CaptionedImage](), v, path)
		if !ok || value.(map[string]any)["file"] == nil {
			return nil, false
		}
		return value, true
	}
	d.fail(v, "must be an image file, not "+v.describe(), captionedForms)
	return nil, false
}

// captionedImages reads a list of images. An element that is a plain text may
// be a pattern, which stands for images without captions.
func (d *decoder) captionedImages(v *tree, path string) (any, bool) {
	if v.kind != listTree {
		d.fail(v, "must be a list of images, not "+v.describe(), `Write [{file: images/1.png, description: The editor}], [images/1.png] or ["images/*.png"].`)
		return nil, false
	}
	images, complete := []any{}, true
	for _, item := range v.items {
		if item.kind == scalarTree {
			files, ok := d.imageFiles(item, path, len(images))
			complete = complete && ok
			for _, file := range files {
				images = append(images, map[string]any{"file": file})
			}
			continue
		}
		image, ok := d.value(reflect.TypeFor[CaptionedImage](), fieldRules{}, item, fmt.Sprintf("%s[%d]", path, len(images)))
		complete = complete && ok
		if ok {
			images = append(images, image)
		}
	}
	return images, d.kept(path, len(images), complete)
}

// imageFiles measures what a path or a pattern names: elements of the list at
// path, from first on.
func (d *decoder) imageFiles(item *tree, path string, first int) ([]Image, bool) {
	var images []Image
	names, complete := d.imageNames(item)
	for _, name := range names {
		d.sources.perLanguage.ask(name, d.language, item)
		image, problem := d.sources.files.measure(name)
		if problem != nil {
			d.fail(item, problem.summary, problem.detail)
			complete = false
			continue
		}
		d.places[strings.ToLower(fmt.Sprintf("%s[%d]", path, first+len(images)))] = place{item.pos, item.path}
		images = append(images, image)
	}
	return images, complete
}

// imageNames reads a path or a pattern and returns the files that it names.
func (d *decoder) imageNames(item *tree) ([]string, bool) {
	written, ok := d.path(item)
	if !ok {
		return nil, false
	}
	names, problem := d.sources.imageNames(d.folder, written)
	if problem != nil {
		d.fail(item, problem.summary, problem.detail)
		return nil, false
	}
	return names, true
}

// video reads the path of a trailer's video, which is measured once the whole
// spec is decoded.
func (d *decoder) video(v *tree) (any, bool) {
	written, ok := d.path(v)
	if !ok {
		return nil, false
	}
	name, problem := d.oneFile(written)
	if problem != nil {
		d.fail(v, problem.summary, problem.detail)
		return nil, false
	}
	return MediaFile{Name: name}, true
}

// msixPackage reads one package's entry; its file becomes a name. What is in
// the file is read once the whole spec is decoded.
func (d *decoder) msixPackage(v *tree, path string) (any, bool) {
	if v.kind == scalarTree {
		d.fail(v, "must be a mapping, not "+v.describe(), "Write {file: path}.")
		return nil, false
	}
	value, ok := d.structure(reflect.TypeFor[MsixPackage](), v, path)
	if !ok {
		return nil, false
	}
	written, ok := value.(map[string]any)["file"].(string)
	if !ok {
		return nil, false
	}
	name, problem := d.oneFile(written)
	if problem != nil {
		d.fail(v.field("file"), problem.summary, problem.detail)
		return nil, false
	}
	value.(map[string]any)["file"] = name
	return value, true
}
