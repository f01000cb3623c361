package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/msiexe"
	"github.com/storesync/storesync/reconcile/msix"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// The environment variables that say which Store to talk to.
const (
	envMsiExeEndpoint = "STORESYNC_MSIEXE_ENDPOINT"
	envMsiExeToken    = "STORESYNC_MSIEXE_ACCESS_TOKEN"
	envMsixEndpoint   = "STORESYNC_MSIX_ENDPOINT"
	envMsixToken      = "STORESYNC_MSIX_ACCESS_TOKEN"
	envUploadHosts    = "STORESYNC_UPLOAD_HOSTS"
	envSellerID       = "STORESYNC_SELLER_ID"
	envTenant         = "AZURE_TENANT_ID"
	envClient         = "AZURE_CLIENT_ID"
)

// unnamedTenant stands in record keys for the tenant of credentials that do not
// name theirs: a login of the Azure CLI, or a ready token. Store IDs are unique
// over all tenants, so that nothing is mixed up.
const unnamedTenant = "default"

// connection is what all backends of a run share.
type connection struct {
	host *host
	// store is the embedded emulator, nil for a Store that is reached by HTTP.
	store     *emulator.Emulator
	transport policy.Transporter
	// public reaches addresses that answers name, on the public internet only.
	public   policy.Transporter
	readOnly bool
	// uploadHosts are hosts beside Azure's that files may be sent to.
	uploadHosts []string
	// perMinute is what --requests-per-minute says, 0 when it is not given.
	perMinute int
}

// newBackends makes the backends of the kinds that the workspace has: what
// another API would need is nobody's concern.
func newBackends(h *host, workspace *schema.Workspace, options commonOptions, may access) (map[schema.Kind]reconcile.Backend, error) {
	c := connection{host: h, readOnly: may == readOnly, perMinute: options.perMinute}
	if options.emulator {
		store, err := openEmbedded(workspace)
		if err != nil {
			return nil, &plan.Failure{
				Class: plan.ClassError,
				Err:   fmt.Errorf("start the embedded emulator: %w", err),
				Next:  "Correct what is named there. To start over with a new Store, delete " + stateFolder + "/emulator.",
			}
		}
		c.store, c.transport = store, store
	}
	hosts, err := storehttp.ParseUploadHosts(h.env(envUploadHosts))
	if err != nil {
		return nil, &plan.Failure{Class: plan.ClassError, Err: fmt.Errorf("%s: %w", envUploadHosts, err), Next: "Correct it, or unset it if the Store is Microsoft's."}
	}
	logger := newLogger(h, options)
	c.uploadHosts = hosts
	c.public = newRequestLog(storehttp.Public{}, logger)
	c.transport = newRequestLog(c.transport, logger)
	// The kinds of one API share a backend, and with it the tenant's pace and
	// what was read ahead.
	oneMsix := sync.OnceValues(c.msix)
	makers := map[schema.Kind]func() (reconcile.Backend, error){
		schema.MsiExeAppKind:     c.msiExe,
		schema.MsixAppKind:       oneMsix,
		schema.AddOnKind:         oneMsix,
		schema.PackageFlightKind: oneMsix,
	}
	backends := map[schema.Kind]reconcile.Backend{}
	for _, kind := range kindsOf(workspace) {
		maker, known := makers[kind]
		if !known {
			continue // The engine says so for each such manifest.
		}
		backend, err := maker()
		if err != nil {
			return nil, err
		}
		backends[kind] = backend
	}
	return backends, nil
}

// kindsOf are the kinds of the workspace's manifests, sorted.
func kindsOf(workspace *schema.Workspace) []schema.Kind {
	var kinds []schema.Kind
	for _, m := range workspace.Manifests {
		kinds = append(kinds, m.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// msiExe makes the backend of MSI and EXE apps.
func (c connection) msiExe() (reconcile.Backend, error) {
	options := msiexe.Options{Transport: c.transport, UploadHosts: c.uploadHosts, ReadOnly: c.readOnly, Version: readVersion().Version}
	seller := strings.TrimSpace(c.host.env(envSellerID))
	if c.store != nil {
		options.Endpoint, options.Credential = embeddedEndpoint, emulatorToken{c.store}
		options.SellerID = cmp.Or(seller, embeddedSeller)
		return msiexe.New(options)
	}
	var err error
	options.Endpoint, options.Credential, err = c.signIn("MSI/EXE", envMsiExeEndpoint, msiexe.DefaultEndpoint, envMsiExeToken)
	if err != nil {
		return nil, err
	}
	if endpoint, err := storehttp.ParseEndpoint(options.Endpoint); err != nil || !storehttp.IsLoopback(endpoint) {
		// Only an emulator on this machine has pictures on it.
		options.Pictures = c.public
	}
	if options.SellerID = seller; seller == "" {
		return nil, sellerMissing(c.host)
	}
	return msiexe.New(options)
}

// msix makes the backend of MSIX apps, their add-ons and their flights. One limiter serves all of them: the
// Store counts requests by tenant, and a run acts for one.
func (c connection) msix() (reconcile.Backend, error) {
	options := msix.Options{Transport: c.transport, UploadHosts: c.uploadHosts, ReadOnly: c.readOnly, Version: readVersion().Version}
	if c.store != nil {
		options.Endpoint, options.Credential, options.Account = embeddedEndpoint, emulatorToken{c.store}, embeddedTenant
		return msix.New(options)
	}
	var err error
	options.Endpoint, options.Credential, err = c.signIn("MSIX", envMsixEndpoint, msix.DefaultEndpoint, envMsixToken)
	if err != nil {
		return nil, err
	}
	options.Account = cmp.Or(strings.TrimSpace(c.host.env(envTenant)), unnamedTenant)
	endpoint, err := storehttp.ParseEndpoint(options.Endpoint)
	if err != nil {
		return nil, err
	}
	options.Limiter = storehttp.NewLimiter(endpoint, c.perMinute)
	return msix.New(options)
}

// signIn takes an API's endpoint and credential from the environment.
func (c connection) signIn(name, endpointEnv, defaultEndpoint, tokenEnv string) (string, azcore.TokenCredential, error) {
	endpoint := cmp.Or(strings.TrimSpace(c.host.env(endpointEnv)), defaultEndpoint)
	if _, err := storehttp.ParseEndpoint(endpoint); err != nil {
		return "", nil, fmt.Errorf("%s: %w", endpointEnv, err)
	}
	credential, err := storehttp.NewCredential(c.host.lookupEnv, storehttp.API{Name: name, TokenEnv: tokenEnv, Endpoint: endpoint})
	if err != nil {
		return "", nil, credentialFailure(err)
	}
	return endpoint, credential, nil
}

// sellerMissing is for who has set up nothing yet, too: it names all there is.
func sellerMissing(h *host) error {
	next := "Set it to the seller id, which Partner Center shows under Account settings > Organization profile > Legal info. "
	if h.env(envClient) == "" && h.env(envMsiExeToken) == "" {
		next += "Credentials come from AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or from az login. "
	}
	return &plan.Failure{
		Class: plan.ClassCredentials,
		Err:   fmt.Errorf("%s is not set: the Store wants to know which seller account to work for", envSellerID),
		Next:  next + "To try storesync without an account, add --emulator.",
	}
}

// credentialFailure gives a credential's error its class and advice.
func credentialFailure(err error) error {
	missing, ok := errors.AsType[*storehttp.CredentialError](err)
	if !ok {
		return err
	}
	return &plan.Failure{
		Class: plan.ClassCredentials, Err: err,
		Next: missing.Next + " To try storesync without an account, add --emulator.",
	}
}
