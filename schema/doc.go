// Package schema is the manifest: what is wanted of a product in the Store.
// It loads YAML strictly, resolves every value, and judges what is written. It
// knows the Store's limits and closed value sets (facts), and nothing of the
// live Store: what a product is, and whether something required is missing
// from it, is for package reconcile.
//
// # A manifest
//
// A manifest is one YAML document with apiVersion, kind, metadata and spec; a
// file may hold several. Names below spec are those of the Store's API, so
// https://learn.microsoft.com/windows/apps/publish/store-submission-api is
// also the reference for them, or for MSIX apps
// https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions, for
// their add-ons manage-add-on-submissions and for package flights
// manage-flight-submissions beside it.
// Unknown fields, duplicate keys, null, wrong types, tags and merge keys are
// errors at file:line:col. Words that YAML 1.1 takes for booleans (yes, no, on,
// off, y, n) must be quoted where a text is wanted; as keys and in lists of
// markets and languages they are what they look like: no is Norwegian, NO is
// Norway. Times may stand without quotes; numbers are plain decimal digits.
//
// # Absent, empty, whole
//
// Absent is unmanaged: what a manifest does not write is never touched. Per
// key (keys not written stay): listings, errorDetails,
// systemRequirementDetails, isSystemFeatureRequired, productDeclarations; of
// MSIX apps and add-ons marketSpecificPricings, and of apps
// allowTargetFutureDeviceFamilies, and images by type. Whole value when written: packages, markets, text lists,
// requirements, logos, screenshots, the images of one type, trailers,
// gamingOptions. "" clears a text and [] a list; empty listings, packages,
// markets, logos and screenshots are errors, of MSIX apps screenshots only when
// the listing writes none of another device family.
//
// # Values
//
// A text is written as it is, as {file: path}, as {file: path, optional: true}
// (absent while the file is missing), or as {env: NAME} (sensitive; STORE_*
// and allowed names only; an empty variable counts as not set). In every text
// ${var:name} is a variable and, below listings and trailerAssets, ${lang} the
// language as it is written; $${ is a literal ${. What is put in, and the content of files, is
// not searched again. Texts have LF line ends, no byte order mark, and lose one
// final line end, so that a file equals the same words written in place.
//
// Images are paths or patterns (*, ?, [abc]; no **) in natural order; of MSIX
// apps also {file: path, description: caption}, which names one file. Paths
// have forward slashes and are relative to the manifest's file.
//
// # Listings
//
// The listing "*" is merged field by field into every language named in
// languages or listings; a field that a language writes itself wins, also as
// an optional file that is missing. The images of MSIX apps are merged type by
// type. Languages match without regard to case, so two spellings of one are an
// error.
//
// # Packages of MSIX apps
//
// A package is {file: path}: one path, in which ${var:name} is filled in, and
// no pattern, since which files lie in a build folder must not decide what the
// Store offers. Identity, version and architecture are read from the file. A
// package that is in the Store already may be absent from the disk when both
// its version and its architecture are written; pins of a file that is there
// must equal what is in it.
//
// # References
//
// An add-on and a package flight name their app in spec.app: the metadata.name
// of an MsixApp manifest, or a Store ID (12 capitals and digits, or beginning
// with a digit, so that a name of 12 letters is no Store ID). A flight names the
// one just below it by its friendlyName. Load resolves both among all manifests
// that were given, before Workspace.Select, and Manifest.DependsOn holds the
// addresses. productId and friendlyName are unique within an app without regard
// to case, and a Store ID within the workspace.
//
// # State
//
// metadata.state: absent asks for the deletion of an add-on or flight; the API
// deletes no apps. Only the fields that find such a product are decoded: the
// files that the rest names may be gone. metadata.protect names guards that
// refuse even when they are allowed; what the guards are is for package
// reconcile, whose names EnumGuard repeats. State and guards have no
// placeholders: what decides over a deletion stands in the manifest.
//
// # Editors
//
// JSONSchema is made of the same types, tags and facts as the decoder and the
// validator. It accepts what they accept; what depends on files, on other
// manifests or on values of variables it leaves to them.
//
// # Rollout
//
// A rollout is one step: percentage, halted or finalized. Two at once would say
// two things about the same packages: finalized ends a rollout whatever its
// percentage.
//
// # Trust
//
// Manifests may come from a stranger's pull request. Files lie inside the
// workspace root, have no name that begins with a dot on the way there (.git,
// .env), both also after symbolic links are resolved, unless
// LoadOptions.AllowOutside, and are regular files; sizes, nesting and aliases
// are limited.
package schema
