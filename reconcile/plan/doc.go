// Package plan is the vocabulary of storesync: what a product's values, changes
// and requests are, and the plan document that holds them, with its hash and its
// JSON Schema. It does no input or output and knows no API and no kind.
//
//   - A Path names a value of a product, a Value is what stands there, a State is
//     all of them.
//   - A Change is one path at which the Store and the manifest differ.
//   - An Operation is one request, as data: it can be shown, counted and saved.
//   - A Plan is all changes and operations of a run, one Product for each manifest.
//   - A Guard names a change that apply refuses unless it is allowed by name.
//   - A Failure is an error with a Class, which decides the exit code, and with
//     advice.
package plan
