package journal

import (
	"iter"

	"github.com/bayplan/bayplan/ecs/control"
)

// atATime is how many records are handed over at a time, and batches how many times that may wait.
const (
	atATime = 256
	batches = 4
)

// reading is a record that was read, or why there is none.
type reading struct {
	record control.Record
	err    error
}

// ahead yields the records in order. A goroutine of its own makes them, some ahead of those that are taken; it has
// ended when ahead has.
func ahead(records iter.Seq2[control.Record, error]) iter.Seq2[control.Record, error] {
	return func(yield func(control.Record, error) bool) {
		full, gone := make(chan []reading, batches), make(chan struct{})
		go gather(records, full, gone)
		defer func() {
			close(gone)
			for range full { // until it is closed
			}
		}()
		for batch := range full {
			for _, r := range batch {
				if !yield(r.record, r.err) {
					return
				}
			}
		}
	}
}

// gather sends the records in batches, until gone is closed, and closes full.
func gather(records iter.Seq2[control.Record, error], full chan<- []reading, gone <-chan struct{}) {
	defer close(full)
	batch := make([]reading, 0, atATime)
	send := func() bool {
		select {
		case full <- batch:
			batch = make([]reading, 0, atATime)
			return true
		case <-gone:
			return false
		}
	}
	for r, err := range records {
		batch = append(batch, reading{r, err})
		if len(batch) == atATime && !send() {
			return
		}
	}
	send()
}
