package schema

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// packages judges the package set
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msi/app-package-requirements).
func (v *validator) packages(packages map[string]*Package) {
	if packages != nil && len(packages) == 0 && !v.holed("packages") {
		v.fail("packages", "packages is empty", "It is the whole package set: write at least one package, or leave the field out to leave the set alone.")
	}
	first := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(packages)) {
		p, at := packages[key], "packages."+key
		v.onePackage(at, p)
		identity := packageIdentity(p)
		if other, twice := first[identity]; twice {
			v.fail(at, fmt.Sprintf("%s and %s cannot be told apart", quote(other), quote(key)),
				"Packages of one set differ in architecture, packageType or languages. Take one out, or correct it.")
			continue
		}
		first[identity] = key
	}
}

// packageIdentity is what a package is matched to the Store's by.
func packageIdentity(p *Package) string {
	languages := slices.Sorted(slices.Values(p.Languages))
	return strings.ToLower(p.Architecture + " " + p.PackageType + " " + strings.Join(languages, ","))
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (v *validator) onePackage(at string, p *Package) {
	if p.PackageType != "" {
		v.oneOf(at+".packageType", p.PackageType, EnumPackageType)
	}
	if p.Architecture != "" {
		v.oneOf(at+".architecture", p.Architecture, EnumArchitecture)
	}
	v.packageURL(at+".packageUrl", p)
	if p.SHA256 != "" && !sha256Hex.MatchString(p.SHA256) {
		v.fail(at+".sha256", quote(p.SHA256)+" is not a SHA-256 digest", "It has 64 hexadecimal digits; sha256sum FILE prints it.")
	}
	v.packageLanguages(at+".languages", p.Languages)
	if p.IsSilentInstall != nil && !*p.IsSilentInstall && known(p.InstallerParameters) && p.InstallerParameters.Value == "" {
		v.fail(at+".installerParameters", "is empty though isSilentInstall is false", "Write the switches that make the installer silent, such as /quiet; or isSilentInstall: true if it needs none.")
	}
	v.webURL(at+".genericDocUrl", p.GenericDocURL)
	for _, scenario := range slices.Sorted(maps.Keys(p.ErrorDetails)) {
		path := at + ".errorDetails." + scenario
		if v.key(path, scenario, EnumErrorScenario) {
			v.errorDetails(path, p.ErrorDetails[scenario])
		}
	}
}

func (v *validator) packageLanguages(path string, languages []string) {
	if languages != nil && len(languages) == 0 {
		v.fail(path, "languages is empty", "Name the languages of the installer, such as [en].")
	}
	first := map[string]bool{}
	for i, language := range languages {
		at := fmt.Sprintf("%s[%d]", path, i)
		v.language(at, language)
		if first[strings.ToLower(language)] {
			v.fail(at, quote(language)+" is listed twice", "Keep one of the two.")
		}
		first[strings.ToLower(language)] = true
	}
}

func (v *validator) errorDetails(path string, rows []ErrorDetail) {
	first := map[string]bool{}
	for i, row := range rows {
		at := fmt.Sprintf("%s[%d]", path, i)
		if isBlank(row.ErrorValue) {
			v.fail(at, "errorValue is missing", `Write the installer's return code, such as "3010".`)
		} else if first[row.ErrorValue] {
			v.fail(at+".errorValue", quote(row.ErrorValue)+" is listed twice", "Keep one of the two.")
		}
		first[row.ErrorValue] = true
		v.webURL(at+".errorUrl", &Text{Value: row.ErrorURL})
	}
}

// packageURL judges an installer's address: https, direct, versioned.
func (v *validator) packageURL(at string, p *Package) {
	if !known(p.PackageURL) {
		return
	}
	u, why := parseURL(p.PackageURL.Value)
	switch {
	case p.PackageURL.Value == "":
		why = "it is empty"
	case why == "" && u.Scheme != "https":
		why = "it is not https"
	case why == "" && u.Fragment != "":
		why = "it has a fragment (#)"
	case why == "" && (u.Path == "" || strings.HasSuffix(u.Path, "/")):
		why = "it names no file"
	}
	if why != "" {
		v.fail(at, shown(p.PackageURL)+" is not the address of an installer: "+why, "Write the direct https address of the .msi or .exe file, with the version in its path.")
		return
	}
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(u.Path), "."))
	switch {
	case extension != "exe" && extension != "msi":
		v.warn(at, shown(p.PackageURL)+" does not end in .msi or .exe", "The Store takes an address that points straight at an .msi or .exe file.")
	case p.PackageType != "" && slices.Contains(EnumPackageType.Values(), p.PackageType) && extension != p.PackageType:
		v.warn(at, fmt.Sprintf("%s ends in .%s but packageType is %s", shown(p.PackageURL), extension, p.PackageType), "Correct the one that is wrong.")
	}
	if !isVersioned(u) {
		v.warn(at, shown(p.PackageURL)+" holds no version", "The Store wants an address with the version in its path, and the same bytes behind it for ever. Write for example /${var:version}/ in it.")
	}
}

// architectureWord matches the digits that are no version.
var architectureWord = regexp.MustCompile(`(?i)x86_64|(?:x|amd|arm|win|aarch)?(?:64|32|86)(?:[ _-]?bit)?`)

// isVersioned reports whether the address's path holds digits that may be a
// version.
func isVersioned(u *url.URL) bool {
	return strings.ContainsAny(architectureWord.ReplaceAllString(u.Path, ""), "0123456789")
}
