package storehttp

import "sync"

// contentProgress adds up what several blocks report. A block that is sent
// again starts anew, but a sum that was told does not fall.
type contentProgress struct {
	tell  func(sent, total int64)
	total int64

	mu   sync.Mutex
	sent int64
	told int64
}

func newContentProgress(entries []ZipEntry, tell func(sent, total int64)) *contentProgress {
	p := &contentProgress{tell: tell, told: -1}
	for _, entry := range entries {
		p.total += entry.Bytes
	}
	return p
}

// part is what a block with that much file content reports to: how many of
// its own bytes, compressed and with headers, are sent.
func (p *contentProgress) part(content int64) func(sent, size int64) {
	var before int64
	return func(sent, size int64) {
		now := content
		if size > 0 {
			now = int64(float64(content) * float64(sent) / float64(size))
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sent += now - before
		before = now
		if p.tell != nil && p.sent > p.told {
			p.told = p.sent
			p.tell(p.told, p.total)
		}
	}
}
