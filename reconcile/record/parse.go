package record

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/storesync/storesync/reconcile/plan"
)

// Parse reads the document that a record is kept as; place says where it lies,
// for what is said of it. A document that is none, or lacks what makes its
// evidence hold, counts as no record and says so: what it claims would otherwise
// be taken for ours. One of a newer format is an error, so that nothing is
// written over it.
func Parse(content []byte, key Key, place string) (*Record, error) {
	var head struct{ Format int }
	if err := json.Unmarshal(content, &head); err != nil {
		return Ignore(key, place+" is damaged"), nil
	}
	var record *Record
	var err error
	switch head.Format {
	case Format:
		record = &Record{}
		err = json.Unmarshal(content, record)
	case 1:
		record, err = parseFormat1(content)
	default:
		if head.Format < 1 {
			return Ignore(key, place+" is damaged"), nil
		}
		return nil, &plan.Failure{Class: plan.ClassError, Err: fmt.Errorf("%s has record format %d; this storesync reads 1 to %d", place, head.Format, Format),
			Next: "Nothing was changed. Use the storesync version that wrote it, or a newer one."}
	}
	switch {
	case err != nil:
		return Ignore(key, place+" is damaged"), nil
	case record.Key != key:
		return Ignore(key, place+" is about another product"), nil
	case record.Draft != nil && record.Draft.Before == nil, record.Draft == nil && len(record.Writes) > 0:
		return Ignore(key, place+" does not say what the draft was before it was written"), nil
	}
	return record, nil
}

// Ignore is the record of which nothing counts, and why.
func Ignore(key Key, why string) *Record {
	record := New(key)
	record.Ignored = why
	return record
}

// Document is what the record is kept as.
func (r *Record) Document() ([]byte, error) {
	var content bytes.Buffer
	if err := json.Indent(&content, plan.Encode(r), "", "  "); err != nil {
		return nil, err
	}
	return append(content.Bytes(), '\n'), nil
}
