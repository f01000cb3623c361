package storehttp

import (
	"context"
	"crypto/md5" //nolint:gosec // Azure's Content-MD5 is what there is to compare with.
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// ErrUnreadable says that a stored file's content cannot be had: it is not
// public, gone, too large, or at an address that is not followed. It is a
// lasting state, not a fault: the content is unknown.
var ErrUnreadable = errors.New("its content cannot be read")

// MaxImageBytes is the Store's limit for one image, 50 MB.
//
// https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/screenshots-and-images
const MaxImageBytes = 50 << 20

// unreadable is a reason for ErrUnreadable.
type unreadable struct{ reason string }

func (u *unreadable) Error() string        { return u.reason }
func (u *unreadable) Is(target error) bool { return target == ErrUnreadable }
func (u *unreadable) NonRetriable()        {}

// ContentDigest finds out what is stored at an address that a Store answer
// names: "md5:" and hex from the Content-MD5 that blob storage keeps, else
// "sha256:" and hex of the content itself, if that is at most limit bytes (0
// means MaxImageBytes). No token goes along. errors.Is(err, ErrUnreadable)
// when the content cannot be had; any other error is worth another try.
func ContentDigest(ctx context.Context, transport policy.Transporter, address string, limit int64) (string, error) {
	if limit <= 0 {
		limit = MaxImageBytes
	}
	target, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("read a stored file: %w", &unreadable{"its address is not a URL"})
	}
	if err := checkAddress(target); err != nil {
		return "", fmt.Errorf("read the stored file %s: %w", place(target), &unreadable{"its address " + err.Error()})
	}
	digest, err := storedMD5(ctx, transport, target)
	if err == nil && digest == "" {
		digest, err = contentSHA256(ctx, transport, target, limit)
	}
	if refused, ok := errors.AsType[*unsent](err); ok && ctx.Err() == nil {
		// The address is not to be reached, today or tomorrow.
		err = &unreadable{refused.Error()}
	}
	if err != nil {
		return "", fmt.Errorf("read the stored file %s: %w", place(target), withoutURL(err))
	}
	return digest, nil
}

// storedMD5 asks for the digest alone; "" when there is none, or when the
// answer is not 200: the GET that follows tells better what that means.
func storedMD5(ctx context.Context, transport policy.Transporter, target *url.URL) (string, error) {
	response, err := follow(ctx, transport, http.MethodHead, target, defaultTryTimeout)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", nil
	}
	return headerMD5(response.Header), nil
}

func headerMD5(header http.Header) string {
	sum, err := base64.StdEncoding.DecodeString(header.Get("Content-MD5"))
	if err != nil || len(sum) != md5.Size {
		return ""
	}
	return "md5:" + hex.EncodeToString(sum)
}

func contentSHA256(ctx context.Context, transport policy.Transporter, target *url.URL, limit int64) (string, error) {
	response, err := follow(ctx, transport, http.MethodGet, target, transferTimeout(limit))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		if transient(response.StatusCode) || response.StatusCode == http.StatusTooManyRequests {
			return "", fmt.Errorf("HTTP %d", response.StatusCode)
		}
		return "", &unreadable{fmt.Sprintf("HTTP %d", response.StatusCode)}
	}
	if response.ContentLength > limit {
		return "", tooLarge(limit)
	}
	sum, size, err := hashAtMost(response.Body, limit)
	if err != nil {
		return "", err
	}
	if size > limit {
		return "", tooLarge(limit)
	}
	return "sha256:" + sum, nil
}

func tooLarge(limit int64) error {
	return &unreadable{fmt.Sprintf("it is larger than %d bytes", limit)}
}

// hashAtMost reads one byte more than limit at most, which tells a file of
// exactly that size from a larger one.
func hashAtMost(content io.Reader, limit int64) (sum string, size int64, err error) {
	hash := sha256.New()
	size, err = io.Copy(hash, io.LimitReader(content, limit+1))
	if err != nil {
		return "", size, err
	}
	return hex.EncodeToString(hash.Sum(nil)), size, nil
}

// withoutURL keeps the query of an address out of the error's text.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
