// Package msiexe is the backend for MSI/EXE apps.
package msiexe

import (
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile"
)

// DefaultEndpoint is the production service.
const DefaultEndpoint = "https://api.store.microsoft.com"

// Scope is what tokens for the service are asked for.
const Scope = "https://api.store.microsoft.com/.default"

// Options configure the backend.
type Options struct {
	// Endpoint is DefaultEndpoint when "". Plain http is accepted on loopback only.
	Endpoint string
	// SellerID is the Partner Center seller account id, sent as
	// X-Seller-Account-Id on every call.
	SellerID string
	// Credential gets tokens for Scope.
	Credential azcore.TokenCredential
	// Transport sends the requests; nil: the default HTTP client.
	Transport policy.Transporter
	// ReadOnly refuses every request to the API but GET before it is sent.
	ReadOnly bool
	// Version is storesync's, for the User-Agent.
	Version string
}

// New makes the backend.
func New(options Options) (reconcile.Backend, error) {
	return nil, errors.New("msiexe: not built yet")
}
