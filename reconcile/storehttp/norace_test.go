//go:build !race

package storehttp

// underRace is true in tests that run with the race detector.
const underRace = false
