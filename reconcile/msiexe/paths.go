package msiexe

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// The paths of the operations, below the endpoint
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api).

func productPath(product string) string        { return "/submission/v1/product/" + segment(product) }
func metadataPath(product string) string       { return productPath(product) + "/metadata" }
func modulePath(product, module string) string { return metadataPath(product) + "/" + segment(module) }
func packagesPath(product string) string       { return productPath(product) + "/packages" }
func packagePath(product, id string) string    { return packagesPath(product) + "/" + segment(id) }
func packagesCommitPath(product string) string { return packagesPath(product) + "/commit" }
func assetsPath(product string) string         { return productPath(product) + "/listings/assets" }
func assetsCreatePath(product string) string   { return assetsPath(product) + "/create" }
func assetsCommitPath(product string) string   { return assetsPath(product) + "/commit" }
func statusPath(product string) string         { return productPath(product) + "/status" }
func submitPath(product string) string         { return productPath(product) + "/submit" }
func submissionStatusPath(product, submission string) string {
	return productPath(product) + "/submission/" + segment(submission) + "/status"
}

// segment escapes an id so that it stays one segment of a path: a dot segment
// would be taken away by whoever normalises the path.
func segment(id string) string {
	if strings.Trim(id, ".") == "" {
		return strings.ReplaceAll(id, ".", "%2E")
	}
	return url.PathEscape(id)
}

// pollPath makes the path below the endpoint of a pollingUrl, which the API
// page shows with a leading slash and the service has sent without one
// (observed 2026-02). Whole URLs, other hosts and paths that leave the API
// are refused: the address comes from an answer.
func pollPath(pollingURL string) (string, error) {
	parsed, err := url.Parse("/" + strings.TrimPrefix(strings.TrimSpace(pollingURL), "/"))
	if err != nil || parsed.Host != "" || parsed.Scheme != "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return "", errors.New("the Store's pollingUrl is not a path of its API")
	}
	if !strings.HasPrefix(parsed.Path, "/submission/") || slices.Contains(strings.Split(parsed.Path, "/"), "..") {
		return "", errors.New("the Store's pollingUrl leads away from its API")
	}
	return parsed.EscapedPath(), nil
}

// languageQueries are the queries that together ask for the languages, at
// most 200 each; none named is one query without a filter.
func languageQueries(languages []string) []string {
	if len(languages) == 0 {
		return []string{""}
	}
	var queries []string
	for group := range slices.Chunk(languages, maxLanguages) {
		queries = append(queries, "?languages="+url.QueryEscape(strings.Join(group, ",")))
	}
	return queries
}

// hasLanguage tells which languages the listings hold, without regard to case.
func hasLanguage(listings []json.RawMessage) func(language string) bool {
	held := make(map[string]bool, len(listings))
	for _, raw := range listings {
		var listing struct {
			Language string `json:"language"`
		}
		if json.Unmarshal(raw, &listing) == nil {
			held[strings.ToLower(listing.Language)] = true
		}
	}
	return func(language string) bool { return held[strings.ToLower(language)] }
}
