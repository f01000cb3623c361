// Package reliability is a test of the built command from outside: it is killed
// with SIGKILL at every request and at every write to the disk, meets every
// fault at every call, runs beside itself, and finds its disk full. The Store
// is the emulator over real HTTP. Whatever happens, the Store must end as it
// would have ended undisturbed.
//
// go test runs a sample of the points; make reliability runs all of them and
// writes docs/reliability.md. The package has no code to import.
package reliability
