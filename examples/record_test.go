package examples_test

import (
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"github.com/storesync/storesync/reconcile/storehttp/azuritetest"
)

// A record in blob storage goes with the team: what one machine applied,
// another one knows, and while one applies the other is refused.
func TestRecordInBlobs(t *testing.T) {
	key, err := blob.NewSharedKeyCredential(azuritetest.Account, azuritetest.Key)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := container.NewClientWithSharedKeyCredential(azuritetest.Start(t)+"/records", key, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	signed, err := owner.GetSASURL(sas.ContainerPermissions{Read: true, Write: true, Create: true, Add: true}, time.Now().Add(time.Hour), nil)
	if err != nil {
		t.Fatal(err)
	}
	place, query, _ := strings.Cut(signed, "?")
	address := strings.TrimRight(place, "/") + "/team?" + query

	first := newWorkspace(t)
	e := first.connect(t)
	seedExamples(t, e)
	first.env["STORESYNC_RECORD"] = address
	first.storesync(t, "apply", "--auto-approve", "examples/contoso-reader").want(t, 0).says(t, "read back")
	e.Settle()

	second := newWorkspace(t)
	for _, name := range []string{"STORESYNC_MSIEXE_ENDPOINT", "STORESYNC_MSIX_ENDPOINT", "STORESYNC_ACCESS_TOKEN", "STORESYNC_SELLER_ID"} {
		second.env[name] = first.env[name]
	}
	const unknown = "No record of an earlier submission"
	second.replace(t, "contoso-reader/listings/de-de/description.txt", "ruhigen", "stillen")
	second.storesync(t, "plan", "examples/contoso-reader").want(t, 0).says(t, unknown)
	second.env["STORESYNC_RECORD"] = address
	if got := second.storesync(t, "plan", "examples/contoso-reader").want(t, 0); strings.Contains(got.stdout, unknown) {
		t.Errorf("the second machine does not know the record of the first:\n%s", got)
	}

	// Another job holds the record.
	pager := owner.NewListBlobsFlatPager(nil)
	page, err := pager.NextPage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var leases []*lease.BlobClient
	for _, item := range page.Segment.BlobItems {
		if strings.HasSuffix(*item.Name, ".json") {
			held, err := lease.NewBlobClient(owner.NewBlobClient(*item.Name), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := held.AcquireLease(t.Context(), 60, nil); err != nil {
				t.Fatal(err)
			}
			leases = append(leases, held)
		}
	}
	if len(leases) != 1 {
		t.Fatalf("%d records in the container, want one", len(leases))
	}
	e.ForgetRequests()
	refused := second.storesync(t, "apply", "--auto-approve", "examples/contoso-reader").want(t, 3)
	refused.says(t, "another storesync is applying to product 6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11 right now")
	if got := writes(e); len(got) > 0 {
		t.Errorf("a job without the lock sent:\n%s", strings.Join(got, "\n"))
	}
	if _, err := leases[0].ReleaseLease(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	applied := second.storesync(t, "apply", "--auto-approve", "examples/contoso-reader").want(t, 0)
	for _, secret := range []string{"sig=", "AZURE"} {
		if strings.Contains(applied.stdout+applied.stderr+refused.stderr, secret) {
			t.Errorf("the output holds %q:\n%s", secret, applied)
		}
	}
}
