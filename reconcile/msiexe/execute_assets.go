package msiexe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// createdImage is one place for an image, as assets/create answers it.
type createdImage struct {
	ID        string            `json:"id"`
	UploadURL storehttp.SASURL  `json:"primaryAssetUploadUrl"`
	Method    string            `json:"httpMethod"`
	Headers   map[string]string `json:"httpHeaders"`
}

// createdAssets is the listingAssets of a create answer. The API page shows an
// object (an older revision showed a list of one); a type of which none was
// asked for is absent. Fewer places than asked for is an error here, not in
// the middle of the uploads.
func createdAssets(data, request json.RawMessage) (json.RawMessage, error) {
	answered, err := parseObject("assets/create", data)
	if err != nil {
		return nil, err
	}
	output := answered["listingAssets"]
	var list []json.RawMessage
	if json.Unmarshal(output, &list) == nil && len(list) == 1 {
		output = list[0]
	}
	assets, err := parseObject("assets/create", output)
	if err != nil {
		return nil, err
	}
	var asked struct {
		Counts map[string]int `json:"createAssetRequest"`
	}
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, fmt.Errorf("read the body of assets/create: %w", err)
	}
	for _, set := range imageSets() {
		places, err := createdIn(assets, set)
		if err != nil {
			return nil, err
		}
		if len(places) < asked.Counts[set.create] {
			return nil, &plan.Failure{Class: plan.ClassError,
				Err:  fmt.Errorf("asked the Store for %d %s upload addresses and got %d", asked.Counts[set.create], set.noun, len(places)),
				Next: "Nothing was uploaded. Run the same command again; if it stays so, report it to Microsoft."}
		}
	}
	return output, nil
}

// createdIn are the places for one type. Errors name no address.
func createdIn(assets object, set imageSet) ([]createdImage, error) {
	places, _, err := field[[]createdImage](assets, set.list)
	if err != nil {
		return nil, fmt.Errorf("read %s of the answer to assets/create: unknown shape", set.list)
	}
	if slices.ContainsFunc(places, func(p createdImage) bool { return p.ID == "" || p.UploadURL.Reveal() == "" }) {
		return nil, errors.New("the answer to assets/create has an image without id or upload address")
	}
	return places, nil
}

// upload sends one image to the address that the unit's create answered with,
// as that answer says.
func (b *backend) upload(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	op := call.Operation
	if len(op.Uploads) != 1 {
		return nil, fmt.Errorf("%s names %d files instead of one", op.ID, len(op.Uploads))
	}
	place, err := placeOf(op, call.Outputs)
	if err != nil {
		return nil, err
	}
	file := op.Uploads[0]
	content, err := call.Open(file.Name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file.Name, err)
	}
	defer content.Close()
	target := storehttp.UploadTarget{Name: file.Name, SHA256: file.SHA256, URL: place.UploadURL, Method: place.Method, Headers: place.Headers}
	err = b.client.upload(ctx, target, content, file.Bytes, func(sent, total int64) {
		if call.Progress != nil {
			call.Progress(reconcile.Progress{Sent: sent, Total: total})
		}
	})
	if err != nil {
		return nil, err
	}
	return &reconcile.Result{Stored: map[string]string{place.ID: file.SHA256}}, nil
}

// placeOf finds the created image that an upload is for: its id is
// UNIT.upload.SET.INDEX.
func placeOf(op plan.Operation, outputs map[string]json.RawMessage) (createdImage, error) {
	rest := strings.TrimPrefix(op.ID, op.Unit+".upload.")
	name, number, _ := strings.Cut(rest, ".")
	index, err := strconv.Atoi(number)
	if err != nil {
		return createdImage{}, fmt.Errorf("%s is not an upload of %s", op.ID, op.Unit)
	}
	assets, err := parseObject("assets/create", outputs[op.Unit+".create"])
	if err != nil {
		return createdImage{}, err
	}
	for _, set := range imageSets() {
		places, err := createdIn(assets, set)
		if err != nil {
			return createdImage{}, err
		}
		if set.field == name && index < len(places) {
			return places[index], nil
		}
	}
	return createdImage{}, fmt.Errorf("%s has no place in the Store's answer", op.ID)
}

// readAddresses reads the stored images of a language with the addresses that
// observing cut short.
func (b *backend) readAddresses(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	language := strings.TrimPrefix(call.Operation.Unit, "assets.")
	assets, err := b.client.assets(ctx, call.Manifest.MsiExeApp.ProductID, []string{language})
	if err != nil {
		return nil, err
	}
	output, err := addressesByID(assets)
	return &reconcile.Result{Output: output}, err
}
