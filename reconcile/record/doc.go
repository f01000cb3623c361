// Package record keeps what the Store cannot tell between two runs: the record
// of a product, its journal, and the lock that keeps two applies from it. Files
// keeps them in a folder; package blobrecords keeps them in Azure Blob Storage.
//
// A record holds digests and ids, never values: nobody learns a price, a text
// or a secret from it.
package record
