package blobrecords

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/google/uuid"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

const lockLost = "Another job may hold the record by now. Nothing more was sent to the Store; run apply again, which reads what was written and does the rest."

// lock is a lease that is held.
type lock struct {
	id     string
	client *lease.BlobClient

	mu sync.Mutex
	// until is when the lease runs out unless it is renewed.
	until time.Time
}

func (l *lock) deadline() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until
}

// Lock leases the product's record until the returned function is called.
func (r *Records) Lock(ctx context.Context, key record.Key) (func() error, error) {
	if err := r.makeEmpty(ctx, key); err != nil {
		return nil, err
	}
	id := uuid.NewString()
	client, err := lease.NewBlobClient(r.record(key), &lease.BlobClientOptions{LeaseID: &id})
	if err != nil {
		return nil, fmt.Errorf("lock record: %w", err)
	}
	held := &lock{id: id, client: client, until: time.Now().Add(r.lease)}
	// The id is ours: were the answer lost, asking again brings the same lease.
	if _, err := client.AcquireLease(ctx, int32(r.lease/time.Second), nil); err != nil {
		if bloberror.HasCode(err, bloberror.LeaseAlreadyPresent) {
			return nil, &plan.Failure{Class: plan.ClassRefused,
				Err:  fmt.Errorf("another storesync is applying to product %s right now", key.Product),
				Next: "Nothing was changed. Run apply again when the other has ended; one that was killed keeps its lock for a minute."}
		}
		return nil, r.failure("lock blob "+r.place.name(key, ".json"), err)
	}
	r.mu.Lock()
	r.held[key] = held
	r.mu.Unlock()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		held.keep(context.WithoutCancel(ctx), stop, r.renew, r.lease)
	}()
	return sync.OnceValue(func() error {
		close(stop)
		<-stopped
		r.mu.Lock()
		delete(r.held, key)
		r.mu.Unlock()
		return held.release(context.WithoutCancel(ctx))
	}), nil
}

// makeEmpty makes the record that the lease is put on, unless it is there.
func (r *Records) makeEmpty(ctx context.Context, key record.Key) error {
	any := azcore.ETagAny
	_, err := r.record(key).Upload(ctx, streaming.NopCloser(bytes.NewReader(nil)), &blockblob.UploadOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &any}},
	})
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet, bloberror.LeaseIDMissing) {
		return nil
	}
	return r.failure("make blob "+r.place.name(key, ".json"), err)
}

// keep renews the lease until stop is closed. One that cannot be renewed runs
// out by itself, and until then may be renewed still.
func (l *lock) keep(ctx context.Context, stop <-chan struct{}, every, life time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		asked := time.Now()
		limited, cancel := context.WithTimeout(ctx, every)
		_, err := l.client.RenewLease(limited, nil)
		cancel()
		if err == nil {
			l.mu.Lock()
			l.until = asked.Add(life)
			l.mu.Unlock()
		}
	}
}

// release gives the lease back. One that has run out is nobody's loss.
func (l *lock) release(ctx context.Context) error {
	const patience = 10 * time.Second
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := l.client.ReleaseLease(limited, nil)
	if err == nil || bloberror.HasCode(err, bloberror.LeaseIDMismatchWithLeaseOperation, bloberror.LeaseNotPresentWithLeaseOperation, bloberror.LeaseLost) {
		return nil
	}
	return fmt.Errorf("unlock record, which unlocks itself within a minute: %w", errors.New(statusOf(err)))
}

// statusOf is what the service said, without the address that the library's own
// words hold.
func statusOf(err error) string {
	if answer, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return fmt.Sprintf("%d %s", answer.StatusCode, answer.ErrorCode)
	}
	return "no answer"
}

// spare is how long before its end a lease counts as lost: a request under way
// must arrive before somebody else begins.
const spare = 10 * time.Second

// holds is the lease on a product's record, an error when it is not held (any
// more).
func (r *Records) holds(key record.Key) (*lock, error) {
	r.mu.Lock()
	held := r.held[key]
	r.mu.Unlock()
	if held == nil {
		return nil, fmt.Errorf("write record of %s: it is not locked", key.Product)
	}
	if time.Until(held.deadline()) < min(spare, r.lease/4) {
		return nil, &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("the lock on the record of %s could not be renewed in time", key.Product),
			Next: lockLost}
	}
	return held, nil
}
