// Package msixtest makes real app packages for tests and examples: .msix and
// .appx, bundles and uploads, with the entries that packaging tools write
// ([Content_Types].xml, AppxManifest.xml, AppxBlockMap.xml, a logo and an
// executable), but unsigned and with meaningless code.
//
// The same options give the same bytes on every machine. Entries are stored
// without compression unless asked otherwise; content is streamed, so that a
// package of many gigabytes takes no memory.
package msixtest
