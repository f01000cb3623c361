// Package storehttp is how storesync talks HTTP to a Store: one pipeline of
// azcore policies per API, credentials, one typed error, polling, and the
// transfer of files to and from blob storage.
//
// It knows nothing of manifests, plans or of what a request means. It keeps
// these promises for every API:
//
//   - A token goes to the configured scheme, host and port only; redirects of
//     API calls are errors and are never followed.
//   - A read-only pipeline refuses everything but GET and HEAD before sending.
//   - Requests that can be repeated are retried; POST is repeated only when it
//     is certain that it was not carried out (see idempotency.go).
//   - An error tells whether a write may have been carried out all the same.
//   - No token, upload signature or query string reaches an error or a log.
//
// Store answers are not trusted: bodies are limited, texts are made one line
// without control characters, addresses are checked before they are used.
package storehttp
