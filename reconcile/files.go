package reconcile

import "errors"

// FileRecords keeps records and journals as files under a folder.
func FileRecords(folder string) (RecordStore, error) {
	return nil, errors.New("records: not built yet")
}
