package schema

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// plainText reads a scalar that must be a text and fills in its placeholders.
// Words that one YAML version takes for a text and another for a boolean must
// be quoted, except among codes.
func (d *decoder) plainText(v *tree, codes bool) (any, bool) {
	switch {
	case v.kind != scalarTree:
		d.fail(v, "must be a text, not "+v.describe(), "Write one text, in quotes if it holds special characters.")
		return nil, false
	case v.tag != "!!str":
		d.fail(v, "must be a text, not "+v.describe(), fmt.Sprintf("Put it in quotes: %q.", v.text))
		return nil, false
	case v.plain && !codes && isYAML11Boolean(v.text):
		d.fail(v, fmt.Sprintf("%s without quotes is a boolean in YAML 1.1", v.text), fmt.Sprintf("Put it in quotes: %q.", v.text))
		return nil, false
	}
	text, problem := d.sources.interpolate(v.text, d.language)
	if problem != nil {
		d.fail(v, problem.summary, problem.detail)
		return nil, false
	}
	return text, true
}

// printable refuses control characters, wherever a text comes from: the Store
// cuts or refuses it, and XML cannot hold it. Line ends of Windows are no mistake.
func (d *decoder) printable(v *tree, text string) {
	text = strings.ReplaceAll(text, "\r", "\n")
	i := strings.IndexFunc(text, isControl)
	if i < 0 {
		return
	}
	r, _ := utf8.DecodeRuneInString(text[i:])
	d.fail(v, fmt.Sprintf("holds the control character %U (character %d)", r, utf8.RuneCountInString(text[:i])+1), "Take it out; line ends and tabs are allowed.")
}

const textForms = "Write a text, {file: path}, {file: path, optional: true} or {env: NAME}."

// text reads a text from wherever the manifest takes it.
func (d *decoder) text(v *tree) (any, bool) {
	switch v.kind {
	case scalarTree:
		value, ok := d.plainText(v, false)
		if !ok {
			return nil, false
		}
		d.printable(v, value.(string))
		return Text{Value: cleanText(value.(string))}, true
	case mappingTree:
		text, ok := d.textSource(v)
		if ok {
			d.printable(v, text.(Text).Value)
		}
		return text, ok
	}
	d.fail(v, "must be a text, not "+v.describe(), textForms)
	return nil, false
}

func (d *decoder) textSource(v *tree) (any, bool) {
	allowed := []string{"file", "optional", "env"}
	for _, f := range v.fields {
		if !slices.Contains(allowed, f.key) {
			d.failAt(f.pos, f.value.path, "unknown field "+quote(f.key), didYouMean(f.key, allowed)+textForms)
			return nil, false
		}
	}
	file, env, optional := v.field("file"), v.field("env"), v.field("optional")
	switch {
	case file != nil && env == nil:
		return d.textFile(file, optional)
	case env != nil && file == nil && optional == nil:
		return d.textEnv(env)
	}
	d.fail(v, "a text has exactly one source", textForms)
	return nil, false
}

func (d *decoder) textFile(file, optional *tree) (any, bool) {
	mayMiss := any(false)
	if optional != nil {
		var ok bool
		if mayMiss, ok = d.checked(optional, d.boolean); !ok {
			return nil, false
		}
	}
	written, ok := d.checked(file, func(v *tree) (any, bool) { return d.plainText(v, false) })
	if !ok {
		return nil, false
	}
	name, problem := d.sources.files.name(d.folder, written.(string))
	if problem == nil {
		d.sources.perLanguage.ask(name, d.language, file)
		var text Text
		if text, problem = d.sources.readText(name); problem == nil {
			return text, true
		}
	}
	if problem.missing && mayMiss.(bool) {
		return nil, false
	}
	if problem.missing {
		problem = &fileProblem{summary: problem.summary, detail: problem.detail + " Create it, or write optional: true beside file to leave the field alone while it is missing."}
	}
	d.fail(file, problem.summary, problem.detail)
	return nil, false
}

func (d *decoder) textEnv(env *tree) (any, bool) {
	written, ok := d.checked(env, func(v *tree) (any, bool) { return d.plainText(v, false) })
	if !ok {
		return nil, false
	}
	name := written.(string)
	switch {
	case !envName.MatchString(name):
		d.fail(env, quote(name)+" is not the name of an environment variable", "A name has letters, digits and _, and does not begin with a digit.")
	case !d.sources.envAllowed(name):
		d.fail(env, "the environment variable "+name+" may not be read", "Manifests read STORE_* only. Rename it, or allow it by --env-allow "+name+".")
	default:
		return d.sources.env(name), true
	}
	return nil, false
}

// checked leaves out values that already have their diagnostic.
func (d *decoder) checked(v *tree, read func(*tree) (any, bool)) (any, bool) {
	if v.kind == brokenTree {
		return nil, false
	}
	return read(v)
}
