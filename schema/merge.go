package schema

import (
	"fmt"
	"slices"
	"strings"
)

// baseLanguage is the key of the listing that every language is made of.
const baseLanguage = "*"

// mergeListings returns the spec with "*" merged field by field into every
// language of languages and listings. The merged values keep their places.
// The fields of perKey are mappings that are merged key by key.
func (d *decoder) mergeListings(spec *tree, perKey ...string) *tree {
	listings, languages := spec.field("listings"), spec.field("languages")
	if spec.kind != mappingTree || (listings == nil && languages == nil) {
		return spec
	}
	if listings != nil && listings.kind != mappingTree {
		return spec
	}
	merged := &tree{kind: mappingTree, path: "listings"}
	var base *tree
	if listings != nil {
		base = listings.field(baseLanguage)
		merged.pos = listings.pos
		if len(listings.fields) == 0 {
			d.fail(listings, "listings is empty", "Write at least one language, or leave the field out to leave all listings alone.")
		}
		for _, f := range listings.fields {
			if f.key != baseLanguage {
				merged.fields = append(merged.fields, treeField{key: f.key, pos: f.pos, value: mergeListing(f.value, base, perKey)})
			}
		}
	}
	if languages != nil {
		d.addLanguages(merged, languages, base, perKey)
	}
	merged = d.uniqueLanguages(merged)
	if base != nil && len(merged.fields) == 0 {
		d.fail(base, `"*" applies to no language`, "Name the languages: languages: [en-us, de-de], or a listing for each.")
	}
	return withField(spec, "listings", merged)
}

// addLanguages makes a listing of "*" for each language that has none.
func (d *decoder) addLanguages(merged, languages, base *tree, perKey []string) {
	if languages.kind != listTree {
		return // reported when languages itself is decoded
	}
	if len(languages.items) == 0 {
		d.fail(languages, "languages is empty", "Name at least one language, or leave the field out.")
	}
	written := map[string]bool{}
	for _, f := range merged.fields {
		written[f.key] = true
	}
	for _, item := range languages.items {
		language := item.text
		if item.kind != scalarTree || item.tag != "!!str" || !mapKey.MatchString(language) {
			if item.kind == scalarTree && item.tag == "!!str" {
				d.fail(item, "bad language "+quote(language), "Write a language code such as en-us; placeholders are not filled in here.")
			}
			continue
		}
		if written[language] {
			continue
		}
		if base == nil {
			d.fail(item, fmt.Sprintf("the language %s has no listing", language), `Write listings."*" for what all languages share, or listings.`+language+".")
			continue
		}
		listing := mergeListing(&tree{kind: mappingTree, path: "listings." + language}, base, perKey)
		listing.pos = item.pos
		merged.fields = append(merged.fields, treeField{key: language, pos: item.pos, value: listing})
	}
}

// mergeListing is a language's own fields and those of "*" that it does not
// write.
func mergeListing(own, base *tree, perKey []string) *tree {
	if own.kind != mappingTree || base == nil {
		return own
	}
	if base.kind != mappingTree {
		return base // its type is reported by its own place
	}
	merged := *own
	merged.fields = slices.Clone(own.fields)
	for _, f := range base.fields {
		i := slices.IndexFunc(merged.fields, func(mine treeField) bool { return mine.key == f.key })
		switch {
		case i < 0:
			merged.fields = append(merged.fields, f)
		case slices.Contains(perKey, f.key):
			merged.fields[i].value = mergeListing(merged.fields[i].value, f.value, nil)
		}
	}
	return &merged
}

// uniqueLanguages refuses two spellings of one language, which is one to the
// Store, and returns the mapping with the first of them.
func (d *decoder) uniqueLanguages(v *tree) *tree {
	first := map[string]treeField{}
	unique := *v
	unique.fields = nil
	for _, f := range v.fields {
		other, twice := first[strings.ToLower(f.key)]
		if twice {
			d.failAt(f.pos, f.value.path, fmt.Sprintf("%s is the same language as %s at %s", quote(f.key), quote(other.key), other.pos),
				"Languages match without regard to case. Write it once, in one spelling.")
			continue
		}
		first[strings.ToLower(f.key)] = f
		unique.fields = append(unique.fields, f)
	}
	return &unique
}

// withField is a mapping with one value replaced or added.
func withField(t *tree, key string, value *tree) *tree {
	changed := *t
	changed.fields = slices.Clone(t.fields)
	for i, f := range changed.fields {
		if f.key == key {
			changed.fields[i].value = value
			return &changed
		}
	}
	changed.fields = append(changed.fields, treeField{key: key, pos: value.pos, value: value})
	return &changed
}
