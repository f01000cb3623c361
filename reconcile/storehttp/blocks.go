package storehttp

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

const (
	// smallestBlock is the size of blocks: large enough that the answer to each
	// costs little time, small enough to send again.
	smallestBlock = 8 << 20
	// largestBlock bounds the memory of an upload.
	largestBlock = 64 << 20
	// maxBlocks is how many blocks one blob may have.
	//
	// https://learn.microsoft.com/rest/api/storageservices/put-block
	maxBlocks = 50_000
	// blockBuffers is how many blocks are held at a time: one is filled while
	// the others are on their way.
	blockBuffers = 3
)

// blockSize is the size of the blocks for a blob of at most total bytes: all of
// it in one when that is enough, else 8 MiB, more only where 50,000 blocks of
// that size (390 GiB) would not do.
func blockSize(total int64) (int64, error) {
	if total >= 0 && total <= smallestBlock {
		return total, nil
	}
	size := max(smallestBlock, (total+maxBlocks-1)/maxBlocks)
	size = (size + 1<<20 - 1) >> 20 << 20
	if size > largestBlock || total < 0 {
		return 0, fmt.Errorf("the files have some %d bytes in all, one upload takes at most %d", total, int64(largestBlock)*maxBlocks)
	}
	return size, nil
}

// blockWriter cuts what is written to it into blocks and sends them, several
// at a time, while more is written. Its methods are for one goroutine.
type blockWriter struct {
	client   *blobClient
	size     int64
	progress *contentProgress
	ctx      context.Context // ends with the first failure, as its cause
	fail     context.CancelCauseFunc
	sending  sync.WaitGroup

	free    chan []byte // buffers that can be filled again
	made    int         // buffers made so far
	current []byte      // the block being filled

	// upload makes block ids different from those of any other upload to the
	// same blob, one that still runs elsewhere included.
	upload [8]byte
	ids    []string
	// counted is the file content written so far; sealed is that of the blocks
	// handed over.
	counted, sealed int64
}

func newBlockWriter(ctx context.Context, client *blobClient, size int64, progress *contentProgress) *blockWriter {
	w := &blockWriter{client: client, size: size, progress: progress, free: make(chan []byte, blockBuffers)}
	w.ctx, w.fail = context.WithCancelCause(ctx)
	_, _ = rand.Read(w.upload[:]) // never fails
	return w
}

// Write takes bytes; it waits when all buffers are on their way, and fails
// when a block has failed for good.
func (w *blockWriter) Write(content []byte) (int, error) {
	written := 0
	for len(content) > 0 {
		// A full block is handed over when there is more, not before: what fits
		// into one goes as a whole blob.
		if int64(len(w.current)) == w.size {
			w.stage()
		}
		if w.current == nil {
			if err := w.nextBuffer(); err != nil {
				return written, err
			}
		}
		n := min(len(content), int(w.size)-len(w.current))
		w.current = append(w.current, content[:n]...)
		content = content[n:]
		written += n
	}
	return written, context.Cause(w.ctx)
}

func (w *blockWriter) nextBuffer() error {
	if err := context.Cause(w.ctx); err != nil {
		return err
	}
	select {
	case w.current = <-w.free:
		return nil
	default:
	}
	if w.made < blockBuffers {
		w.made++
		w.current = make([]byte, 0, w.size)
		return nil
	}
	select {
	case w.current = <-w.free:
		return nil
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
}

// stage sends the current block in the background.
func (w *blockWriter) stage() {
	block, number := w.current, len(w.ids)
	w.current = nil
	id := w.blockID(number)
	w.ids = append(w.ids, id)
	report := w.progress.part(w.counted - w.sealed)
	w.sealed = w.counted
	w.sending.Go(func() {
		if err := w.client.stage(w.ctx, number+1, id, block, report); err != nil {
			w.fail(err)
		}
		w.free <- block[:0]
	})
}

// blockID names a block; all names of a blob must have one length.
func (w *blockWriter) blockID(number int) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(w.upload[:len(w.upload):len(w.upload)], uint32(number)))
}

// finish makes what was written the content of the blob.
func (w *blockWriter) finish() error {
	if len(w.ids) == 0 {
		return w.client.put(w.ctx, w.current, w.progress.part(w.counted))
	}
	w.stage()
	w.sending.Wait()
	if err := context.Cause(w.ctx); err != nil {
		return err
	}
	return w.client.commit(w.ctx, w.ids)
}

// close stops what is still on its way, and returns why the upload ended: the
// given error, or what was behind it.
func (w *blockWriter) close(err error) error {
	if _, answered := errors.AsType[*Error](err); err != nil && !answered {
		w.fail(err)
		err = context.Cause(w.ctx)
	}
	w.fail(nil)
	w.sending.Wait()
	return err
}
