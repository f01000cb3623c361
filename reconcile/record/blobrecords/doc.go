// Package blobrecords keeps records and journals in Azure Blob Storage, so that
// every job of a pipeline finds what the last one left. It is a
// reconcile.Store.
//
// Each product has two blobs below the prefix: its record, a block blob, and its
// journal, an append blob. A lease on the record is the product's lock: it lasts
// a minute and is renewed while it is held, so that a job that was killed keeps
// nobody out for longer. Nothing is written once the lease may have run out.
//
// https://learn.microsoft.com/rest/api/storageservices/lease-blob
package blobrecords
