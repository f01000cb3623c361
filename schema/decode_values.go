package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

const marketForms = "Write a list such as [US, DE], or {all: true} with or without except: [CN]."

// markets reads a list of codes, or all markets with exceptions.
func (d *decoder) markets(v *tree, path string) (any, bool) {
	switch v.kind {
	case listTree:
		codes, ok := d.marketList(v, path)
		return Markets{List: codes}, ok
	case mappingTree:
		return d.allMarkets(v, path)
	}
	d.fail(v, "must be a list of markets, not "+v.describe(), marketForms)
	return nil, false
}

func (d *decoder) allMarkets(v *tree, path string) (any, bool) {
	result, valid := Markets{}, true
	allowed := []string{"all", "except"}
	for _, f := range v.fields {
		switch {
		case f.value.kind == brokenTree:
			valid = false
		case f.key == "all":
			all, ok := d.boolean(f.value)
			result.All = ok && all.(bool)
			if ok && !result.All {
				d.fail(f.value, "all: false says nothing", marketForms)
			}
			valid = valid && result.All
		case f.key == "except":
			codes, ok := d.marketList(f.value, childPath(path, f.key))
			result.Except = codes
			valid = valid && ok
		default:
			d.failAt(f.pos, f.value.path, "unknown field "+quote(f.key), didYouMean(f.key, allowed)+marketForms)
			valid = false
		}
	}
	if v.field("all") == nil {
		d.fail(v, "all is missing", marketForms)
		return nil, false
	}
	return result, valid
}

// marketList reads codes and sorts them: their order means nothing. The place
// of each is kept under its code.
func (d *decoder) marketList(v *tree, path string) ([]string, bool) {
	list, ok := d.list(reflect.TypeFor[[]string](), fieldRules{codes: true}, v, path)
	if !ok {
		return nil, false
	}
	codes, seen := []string{}, map[string]bool{}
	for i, item := range list.([]any) {
		code, at := item.(string), d.places[strings.ToLower(fmt.Sprintf("%s[%d]", path, i))]
		if seen[code] {
			d.failAt(at.pos, at.written, quote(code)+" is listed twice", "Keep one of the two.")
			continue
		}
		seen[code] = true
		codes = append(codes, code)
		d.places[strings.ToLower(childPath(path, code))] = at
	}
	slices.Sort(codes)
	return codes, ok
}

// images reads a list of paths and patterns and measures what they name.
func (d *decoder) images(v *tree, path string) (any, bool) {
	if v.kind != listTree {
		d.fail(v, "must be a list of image files, not "+v.describe(), `Write [images/1.png, images/2.png] or ["images/*.png"].`)
		return nil, false
	}
	images, complete := []Image{}, true
	for _, item := range v.items {
		files, ok := d.imageFiles(item, path, len(images))
		complete = complete && ok
		images = append(images, files...)
	}
	return images, d.kept(path, len(images), complete)
}

// The numbers of a manifest are written plainly in decimal: YAML 1.1 and 1.2
// read 010, 1_000 and 1e3 in different ways.
var (
	plainInt   = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,8})$`)
	plainFloat = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$`)
)

// number reads a whole number or a decimal fraction.
func (d *decoder) number(kind reflect.Kind, v *tree) (any, bool) {
	want, form, example := "a number", plainFloat, "12.5"
	if kind == reflect.Int {
		want, form, example = "a whole number", plainInt, "12"
	}
	switch {
	case v.kind != scalarTree || v.tag != "!!int" && v.tag != "!!float":
		d.fail(v, "must be "+want+", not "+v.describe(), "Write it in digits, without quotes, such as "+example+".")
	case !form.MatchString(v.text):
		d.fail(v, quote(v.text)+" is not "+want, "Write it in decimal digits, such as "+example+".")
	default:
		return json.Number(v.text), true
	}
	return nil, false
}
