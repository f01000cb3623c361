// Command storesync keeps the Microsoft Store as the manifests in git say.
//
// This package knows commands, flags, streams, exit codes and how things look.
// It decides nothing about the Store: manifests are read by schema, and plans
// are made and applied by reconcile and its backends.
//
// The result of a command goes to standard output in the chosen format and
// nothing else does; progress, prompts and diagnostics go to standard error.
package main
