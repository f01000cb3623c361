package msiexe

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
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
	// Pictures sends the requests for stored pictures, whose addresses the Store
	// names; nil: Transport.
	Pictures policy.Transporter
	// UploadHosts are hosts beside Azure's blob storage that pictures may be
	// sent to, exact or "*.suffix".
	UploadHosts []string
	// ReadOnly refuses every request to the API but GET before it is sent.
	ReadOnly bool
	// Version is storesync's, for the User-Agent.
	Version string
}

// backend is the reconcile.Backend of this API. Between calls it keeps
// nothing but what it must not say.
type backend struct {
	client   *client
	endpoint string
	account  string
	// poll says how often to ask while waiting; the zero value is storehttp's.
	poll storehttp.PollOptions
	// known are the secrets that were read, by product.
	known storehttp.KnownSecrets
}

var _ reconcile.Backend = (*backend)(nil)

// New makes the backend. It fails when the endpoint is no https address (plain
// http is accepted on loopback) or when the seller id or credential is missing.
func New(options Options) (reconcile.Backend, error) {
	if options.Endpoint == "" {
		options.Endpoint = DefaultEndpoint
	}
	c, err := newClient(options)
	if err != nil {
		return nil, err
	}
	return &backend{client: c, endpoint: options.Endpoint, account: options.SellerID}, nil
}

// Endpoint is the service's base URL.
func (b *backend) Endpoint() string { return b.endpoint }

// Account is the seller id.
func (b *backend) Account() string { return b.account }

// Traits are those of MSI and EXE apps: the API can neither make nor delete one.
func (b *backend) Traits(*schema.Manifest) reconcile.Traits {
	return reconcile.Traits{Noun: "app", Report: "The certification report is in Partner Center, on the product's page."}
}

// ProductID is the product's GUID in Partner Center.
func (b *backend) ProductID(m *schema.Manifest) string { return m.MsiExeApp.ProductID }
