package blobrecords

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/reconcile/storehttp/azuritetest"
)

// account is a container of an Azurite.
type account struct {
	owner   *container.Client
	address string
}

// newAccount makes a container and an address of it that is signed for all that
// records need.
func newAccount(t *testing.T) account {
	t.Helper()
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
	address, err := owner.GetSASURL(sas.ContainerPermissions{Read: true, Write: true, Create: true, Add: true}, time.Now().Add(time.Hour), nil)
	if err != nil {
		t.Fatal(err)
	}
	place, query, _ := strings.Cut(address, "?")
	return account{owner: owner, address: strings.TrimRight(place, "/") + "/team/reader?" + query}
}

// job is one job's view of the records.
func (a account) job(t *testing.T) *Records {
	t.Helper()
	r, err := New(Options{Address: a.address})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func keyOf(product string) record.Key {
	return record.Key{Endpoint: "https://api.contoso.example", Account: "12345678", Product: product}
}

func entry(n int) record.Entry {
	return record.Entry{Run: "run", Operation: fmt.Sprintf("step%d", n), Phase: record.PhaseStart, At: time.Unix(int64(n), 0).UTC()}
}

// What one job leaves, the next one finds.
func TestKeeps(t *testing.T) {
	a := newAccount(t)
	first, key := a.job(t), keyOf("6f1c0b1e")
	unlock, err := first.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if record, err := first.Load(t.Context(), key); record != nil || err != nil {
		t.Errorf("before the first save: %v, %v, want nothing", record, err)
	}
	want := &record.Record{Format: record.Format, Key: key, Images: map[string]record.Image{"17": {SHA256: "aa"}}}
	if err := first.Save(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if err := first.Append(t.Context(), key, entry(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	second := a.job(t)
	got, err := second.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	last, err := second.Last(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(new(entry(2)), last); diff != "" {
		t.Errorf("last entry (-want +got):\n%s", diff)
	}
	if other, err := second.Load(t.Context(), keyOf("another")); other != nil || err != nil {
		t.Errorf("record of another product: %v, %v, want nothing", other, err)
	}
}

// One job at a time, and nothing is written by one that does not hold the lock.
func TestLocks(t *testing.T) {
	a := newAccount(t)
	first, second, key := a.job(t), a.job(t), keyOf("6f1c0b1e")
	unlock, err := first.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	_, err = second.Lock(t.Context(), key)
	if plan.ClassOf(err) != plan.ClassRefused || !strings.Contains(err.Error(), "another storesync is applying to product 6f1c0b1e") {
		t.Errorf("second lock: %v, want a refusal", err)
	}
	if other, err := second.Lock(t.Context(), keyOf("another")); err != nil {
		t.Errorf("lock of another product: %v", err)
	} else if err := other(); err != nil {
		t.Error(err)
	}
	record := &record.Record{Format: record.Format, Key: key}
	if err := errors.Join(second.Save(t.Context(), record)); err == nil {
		t.Error("saved without the lock")
	}
	if err := second.Append(t.Context(), key, entry(1)); err == nil {
		t.Error("appended without the lock")
	}
	if err := errors.Join(unlock(), unlock()); err != nil {
		t.Errorf("unlock twice: %v", err)
	}
	again, err := second.Lock(t.Context(), key)
	if err != nil {
		t.Fatalf("lock after unlock: %v", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
}

// A lock is kept for longer than one lease lasts.
func TestRenews(t *testing.T) {
	a := newAccount(t)
	first, second, key := a.job(t), a.job(t), keyOf("6f1c0b1e")
	first.lease, first.renew = 15*time.Second, time.Second
	unlock, err := first.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	first.mu.Lock()
	held := first.held[key]
	first.mu.Unlock()
	began := held.deadline()
	for deadline := time.Now().Add(20 * time.Second); held.deadline().Equal(began); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the lease was not renewed")
		}
	}
	if _, err := second.Lock(t.Context(), key); plan.ClassOf(err) != plan.ClassRefused {
		t.Errorf("second lock: %v, want a refusal", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// A job whose lease was taken, or ran out while its machine slept, writes
// nothing more.
func TestLostLock(t *testing.T) {
	a := newAccount(t)
	key := keyOf("6f1c0b1e")
	record := &record.Record{Format: record.Format, Key: key}

	taken := a.job(t)
	unlock, err := taken.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	breaker, err := lease.NewBlobClient(a.owner.NewBlobClient(taken.place.name(key, ".json")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := breaker.BreakLease(t.Context(), &lease.BlobBreakOptions{BreakPeriod: new(int32(0))}); err != nil {
		t.Fatal(err)
	}
	next := a.job(t)
	unlockNext, err := next.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := taken.Save(t.Context(), record); plan.ClassOf(err) != plan.ClassRefused {
		t.Errorf("save after the lease was taken: %v, want a refusal", err)
	}
	if err := next.Save(t.Context(), record); err != nil {
		t.Errorf("save of who took it: %v", err)
	}
	if err := errors.Join(unlock(), unlockNext()); err != nil {
		t.Error(err)
	}

	slept := a.job(t)
	unlock, err = slept.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	slept.held[key].mu.Lock()
	slept.held[key].until = time.Now().Add(-time.Second)
	slept.held[key].mu.Unlock()
	if err := slept.Append(t.Context(), key, entry(1)); plan.ClassOf(err) != plan.ClassRefused {
		t.Errorf("append after the lease ran out: %v, want a refusal", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// A full journal begins anew with the line that did not fit.
func TestFullJournal(t *testing.T) {
	a := newAccount(t)
	r, key := a.job(t), keyOf("6f1c0b1e")
	unlock, err := r.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Append(t.Context(), key, entry(1)); err != nil {
		t.Fatal(err)
	}
	full, err := New(Options{Address: a.address, Transport: fullOnce{new(bool)}})
	if err != nil {
		t.Fatal(err)
	}
	full.held = r.held
	if err := full.Append(t.Context(), key, entry(2)); err != nil {
		t.Fatal(err)
	}
	content, err := r.read(t.Context(), r.place.name(key, ".journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(content), "\n"); got != 1 {
		t.Errorf("the journal has %d lines, want the new one only:\n%s", got, content)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// fullOnce answers the first append as the service does at the 50,001st.
type fullOnce struct{ done *bool }

func (f fullOnce) Do(request *http.Request) (*http.Response, error) {
	if request.URL.Query().Get("comp") != "appendblock" || *f.done {
		return http.DefaultClient.Do(request)
	}
	*f.done = true
	return &http.Response{StatusCode: http.StatusConflict, Status: "409 Conflict", Request: request, Body: http.NoBody,
		Header: http.Header{"X-Ms-Error-Code": {"BlockCountExceedsLimit"}}}, nil
}

// What goes wrong says what to do, and never the signature.
func TestErrors(t *testing.T) {
	a := newAccount(t)
	place, query, _ := strings.Cut(a.address, "?")
	tests := []struct {
		name, address string
		class         plan.Class
		next          string
	}{
		{"no container", strings.Replace(place, "/records/", "/nowhere/", 1) + "?" + query, plan.ClassCredentials, "Storage Blob Data Contributor"},
		{"wrong signature", place + "?" + strings.Replace(query, "sig=", "sig=AAAA", 1), plan.ClassCredentials, "Storage Blob Data Contributor"},
		{"nobody there", "http://127.0.0.1:1/account/records?" + query, plan.ClassError, "can be reached"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := New(Options{Address: test.address, Transport: &http.Client{}})
			if err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			_, err = r.Load(ctx, keyOf("6f1c0b1e"))
			failure, ok := errors.AsType[*plan.Failure](err)
			if !ok || failure.Class != test.class || !strings.Contains(failure.Next, test.next) {
				t.Errorf("got %#v, want class %v and advice with %q", err, test.class, test.next)
			}
			if err != nil && (strings.Contains(err.Error(), "sig=") || strings.Contains(err.Error(), r.place.secret)) {
				t.Errorf("the error shows the signature: %v", err)
			}
		})
	}
}

// The records of products that are known already are not asked for.
func TestOthers(t *testing.T) {
	a := newAccount(t)
	all, err := a.owner.GetSASURL(sas.ContainerPermissions{Read: true, Write: true, Create: true, Add: true, List: true}, time.Now().Add(time.Hour), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(all, "?")
	place, _, _ := strings.Cut(a.address, "?")
	counted := &counter{}
	r, err := New(Options{Address: place + "?" + query, Transport: counted})
	if err != nil {
		t.Fatal(err)
	}
	known, other := keyOf("6f1c0b1e"), keyOf("another")
	for _, key := range []record.Key{known, other} {
		unlock, err := r.Lock(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(r.Save(t.Context(), record.New(key)), r.Append(t.Context(), key, entry(1)), unlock()); err != nil {
			t.Fatal(err)
		}
	}
	counted.requests.Store(0)
	found, err := r.Others(t.Context(), map[record.Key]bool{known: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Key != other {
		t.Errorf("others: %v", found)
	}
	if n := counted.requests.Load(); n != 2 {
		t.Errorf("%d requests, want one for the list and one for the other record", n)
	}
}

// counter counts requests.
type counter struct{ requests atomic.Int32 }

func (c *counter) Do(r *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return http.DefaultClient.Do(r)
}
