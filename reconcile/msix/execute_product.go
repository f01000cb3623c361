package msix

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// createProduct makes an add-on or a flight. It is sent again only where the
// list shows, several times, that it was not carried out: nothing else tells
// one that was made from one that was not.
func (b *backend) createProduct(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	p := wantedProduct(call.Manifest)
	if !p.kind.madeByAPI() || p.id != "" {
		return nil, fmt.Errorf("%s is not made by the API", p)
	}
	sent := false // A creation may have reached the Store.
	var last error
	for range maxTries {
		made, err := b.createProductOnce(ctx, p, call.Operation)
		if err != nil {
			last = err
			if sent = sent || storehttp.IsUnknownOutcome(err); !sent {
				return nil, err
			}
			made, err = b.settleProduct(ctx, call, p)
			switch {
			case err != nil && plan.ClassOf(err) == plan.ClassRefused:
				return nil, err
			case err != nil:
				return nil, plan.InDoubt(last)
			case made == nil && !storehttp.IsUnknownOutcome(last):
				return nil, last
			}
		}
		if made == nil {
			continue
		}
		b.places.put(call.Manifest, made.product)
		output := productOutput{ID: made.id}
		if made.Pending != nil {
			output.Draft = string(made.Pending.ID)
		}
		return &reconcile.Result{Output: encode(output), Draft: output.Draft}, nil
	}
	return nil, settled(last)
}

// createProductOnce sends the request. Whether the answer names a submission
// differs: the page of flights says that none is made, Microsoft's own sample
// reads one from the answer.
func (b *backend) createProductOnce(ctx context.Context, p product, operation plan.Operation) (*resource, error) {
	request := storehttp.Request{Op: "make " + p.String(), Method: http.MethodPost, Path: operation.Path, Body: operation.Body}
	body, err := b.client.call(ctx, request)
	if err != nil {
		return nil, err
	}
	if p.kind == kindAddOn {
		made, err := madeOf[addOn](request, body)
		if err != nil {
			return nil, err
		}
		return made.resource(p.app), nil
	}
	made, err := madeOf[flight](request, body)
	if err != nil {
		return nil, err
	}
	return made.resource(p.app), nil
}

// madeOf reads the answer to a creation. One that does not name the product
// leaves open whether it was made.
func madeOf[T any, P tidied[T]](request storehttp.Request, body json.RawMessage) (*T, error) {
	var made T
	if err := json.Unmarshal(body, &made); err != nil || !P(&made).tidy() {
		return nil, strange(request, "the answer names no product: check the endpoint, or a proxy in between")
	}
	return &made, nil
}

// settleProduct looks in the list for a product whose creation's answer was
// lost; nil when it is not there. One that is otherwise than was asked for is
// somebody else's.
func (b *backend) settleProduct(ctx context.Context, call reconcile.Call, p product) (*resource, error) {
	var found *resource
	answers := 0
	err := storehttp.Poll(ctx, b.settling(), func(ctx context.Context) (bool, error) {
		var err error
		found, err = b.lookUp(ctx, p)
		answers++
		return err == nil && (found != nil || answers == answersToBelieve), err
	})
	if err != nil || found == nil {
		return nil, err
	}
	identity, err := b.identity(ctx, found, call.Manifest)
	if err != nil {
		return nil, err
	}
	for path, wanted := range wantedIdentity(call.Manifest) {
		if !sameValue(identity[path], wanted) || found.Published != nil {
			return nil, &plan.Failure{Class: plan.ClassRefused,
				Err:  fmt.Errorf("%s (%s) turned up while it was made, and storesync did not make it: its %s is %s", p, found.id, path, shownIdentity(identity[path])),
				Next: "Nothing else was changed. Plan again to see what it is."}
		}
	}
	return found, nil
}

// deleteProduct deletes an add-on or a flight, once. A lost answer is settled by
// reading.
func (b *backend) deleteProduct(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	p, err := productOf(call)
	if err != nil {
		return nil, err
	}
	if !p.kind.madeByAPI() {
		return nil, fmt.Errorf("%s is not deleted by the API", p)
	}
	_, err = b.client.send(ctx, "delete "+p.String(), http.MethodDelete, p.path(), nil)
	if err != nil && storehttp.IsUnknownOutcome(err) {
		_, readErr := b.client.resource(ctx, p)
		switch {
		case storehttp.IsNotFound(readErr):
			err = nil
		case readErr != nil:
			return nil, plan.InDoubt(err)
		default:
			err = settled(err)
		}
	}
	if err != nil && !storehttp.IsNotFound(err) {
		return nil, err
	}
	b.places.forget(call.Manifest)
	return &reconcile.Result{}, nil
}
