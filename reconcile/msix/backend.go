package msix

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// DefaultEndpoint is the production service.
const DefaultEndpoint = "https://manage.devcenter.microsoft.com"

// Scope is what tokens for the service are asked for.
const Scope = "https://manage.devcenter.microsoft.com/.default"

// Options configure the backend.
type Options struct {
	// Endpoint is DefaultEndpoint when "". Plain http is accepted on loopback only.
	Endpoint string
	// Account names the account that the credentials act for, as it stands in
	// record keys: the Entra tenant's id, or the application's. It is not sent.
	Account string
	// Credential gets tokens for Scope.
	Credential azcore.TokenCredential
	// Transport sends the requests; nil: the default HTTP client.
	Transport policy.Transporter
	// UploadHosts are hosts beside Azure's blob storage that files may be sent
	// to, exact or "*.suffix".
	UploadHosts []string
	// ReadOnly refuses every request to the API but GET before it is sent.
	ReadOnly bool
	// Version is storesync's, for the User-Agent.
	Version string
	// Limiter is the tenant's pace, shared by all products; nil: none.
	Limiter *storehttp.Limiter
	// Logger is told every request at debug level; nil: nobody.
	Logger *slog.Logger
	// Now is the clock by which upload addresses expire; nil: time.Now.
	Now func() time.Time
}

// backend is the reconcile.Backend of this API. Between calls it keeps only
// what was read ahead (ahead), which products manifests were found to be
// (places), what does not change of apps (apps), which flights they have
// (flights), and what was looked at (client.seen).
type backend struct {
	client   *client
	endpoint string
	account  string
	now      func() time.Time
	ahead    *readAhead
	places   *places
	apps     *knownApps
	flights  *knownFlights
	// poll says how often to ask while waiting.
	poll storehttp.PollOptions
	// commitLimit is how long CommitStarted is waited out.
	commitLimit time.Duration
}

var _ reconcile.Backend = (*backend)(nil)

// New makes the backend. It fails when the endpoint is no https address (plain
// http is accepted on loopback) or when the account or credential is missing.
func New(options Options) (reconcile.Backend, error) {
	return newBackend(options)
}

func newBackend(options Options) (*backend, error) {
	options.Endpoint = cmp.Or(options.Endpoint, DefaultEndpoint)
	if options.Account == "" {
		return nil, &plan.Failure{
			Class: plan.ClassCredentials,
			Err:   errors.New("the account of the MSIX API is not known"),
			Next:  "Set AZURE_TENANT_ID to the id of the Entra tenant that is linked to the Partner Center account.",
		}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	c, err := newClient(options)
	if err != nil {
		return nil, err
	}
	return &backend{
		client: c, endpoint: options.Endpoint, account: options.Account, now: options.Now, ahead: &readAhead{}, places: &places{}, apps: &knownApps{}, flights: &knownFlights{},
		poll: storehttp.PollOptions{Patience: pollPatience}, commitLimit: commitLimit,
	}, nil
}

// Endpoint is the service's base URL.
func (b *backend) Endpoint() string { return b.endpoint }

// Account is the tenant or application that the credentials act for.
func (b *backend) Account() string { return b.account }

// Traits are what differs between the kinds. A submission is written as a whole.
func (b *backend) Traits(m *schema.Manifest) reconcile.Traits {
	kind := kindOf(m)
	traits := reconcile.Traits{Noun: string(kind), WholeWrites: true, Report: "What the Store says of it, or the submission in Partner Center, tells what is wrong."}
	switch kind {
	case kindAddOn:
		traits.Delete = plan.GuardDeleteAddOn
	case kindFlight:
		traits.Delete = plan.GuardDeleteFlight
	case kindApp:
	}
	return traits
}

// ProductID is the app's Store ID, and of the others the name that the manifest
// writes, so that pinning a product by its id loses no record: for an add-on
// "<app>/inappproducts/<productId>", or "inappproducts/<id>" where only the id is
// written, and "<app>/flights/<friendlyName or id>" for a flight.
func (b *backend) ProductID(m *schema.Manifest) string {
	switch p := wantedProduct(m); {
	case p.kind == kindAddOn && p.name == "":
		return "inappproducts/" + p.id
	case p.kind == kindAddOn:
		return p.app + "/inappproducts/" + p.name
	case p.kind == kindFlight:
		return p.app + "/flights/" + cmp.Or(p.name, p.id)
	default:
		return p.app
	}
}
