package driver

import (
	"context"
	"errors"

	"github.com/bayplan/bayplan/ecs/control"
)

// chunkValues is how many values of a State are written at a time: about half a millisecond. Between two batches it
// is so many, and chunks that the plane has made before, of together no more than chunkBytes but for the last.
const (
	chunkValues = 256
	chunkBytes  = 1 << 14
)

// saving is a snapshot on its way to the journal. The journal asks for one chunk after the other; the
// goroutine of the Loop makes each between two batches.
type saving struct {
	snapshot *control.Saving
	asked    chan struct{} // gets a value when the journal wants more chunks
	chunks   chan [][]byte // none: there are no more
	ended    chan error    // gets what the journal said
	gone     chan struct{} // closed when no more chunks are made
	begun    bool          // the journal has asked for the first
}

// errGone ends a snapshot that the Loop does not finish.
var errGone = errors.New("driver: the loop has ended")

// save begins a snapshot of the plane, whose records so far have left for the journal.
func (c *course) save(journal Snapshotter) {
	s := &saving{snapshot: c.plane.Save(), asked: make(chan struct{}), chunks: make(chan [][]byte, 1),
		ended: make(chan error, 1), gone: make(chan struct{})}
	taken := s.snapshot.Snapshot()
	taken.Chunks = s.yield
	whole := context.WithoutCancel(c.ctx)
	go func() { s.ended <- guard(func() error { return journal.Snapshot(whole, taken) }) }()
	c.saving = s
}

// yield hands the chunks to the journal.
func (s *saving) yield(yield func([]byte, error) bool) {
	for {
		select {
		case s.asked <- struct{}{}:
		case <-s.gone:
			yield(nil, errGone)
			return
		}
		chunks := <-s.chunks
		for _, chunk := range chunks {
			if !yield(chunk, nil) {
				return
			}
		}
		if len(chunks) == 0 {
			return
		}
	}
}

// answer makes the chunks that the journal has asked for.
func (c *course) answer() error {
	s := c.saving
	s.begun = true
	var chunks [][]byte
	err := guard(func() error {
		for size := 0; size < chunkBytes; {
			chunk := s.snapshot.Next(chunkValues)
			if chunk == nil {
				break
			}
			chunks = append(chunks, chunk)
			size += len(chunk)
		}
		return nil
	})
	if err == nil {
		s.chunks <- chunks
	}
	return err
}

// saved takes note that a snapshot is there, or has failed.
func (c *course) saved(err error) {
	c.saving.snapshot.Stop()
	c.saving = nil
	if err != nil {
		c.runtime.warn("snapshot failed", "error", err)
	}
}

// wanted returns what gets a value when the journal wants a chunk, and when it has all.
func (c *course) wanted() (asked <-chan struct{}, ended <-chan error) {
	if c.saving == nil {
		return nil, nil
	}
	return c.saving.asked, c.saving.ended
}

// due asks the journal whether it wants a snapshot.
func (c *course) due() (Snapshotter, bool) {
	journal, ok := c.runtime.Journal.(Snapshotter)
	if !ok || c.saving != nil {
		return nil, false
	}
	due := false
	if err := guard(func() error { due = journal.SnapshotDue(); return nil }); err != nil {
		c.runtime.warn("snapshot failed", "error", err)
	}
	return journal, due
}

// abandon gives up a snapshot that is on its way, and waits until the journal has left it, up to the limit.
func (c *course) abandon(limit <-chan struct{}) {
	s := c.saving
	c.ending, c.saving = true, nil
	if s == nil {
		return
	}
	close(s.gone)
	s.snapshot.Stop()
	select {
	case <-s.ended:
	case <-limit:
	}
}
