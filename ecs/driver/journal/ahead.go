package journal

import (
	"iter"

	"github.com/bayplan/bayplan/ecs/control"
)

// recordsAhead is how many records are handed over at a time, and batchesAhead how many times that may wait.
const (
	recordsAhead = 256
	batchesAhead = 4
)

// reading is a value that was read, or why there is none.
type reading[T any] struct {
	value T
	err   error
}

// ahead yields the values in order. A goroutine of its own makes them, some ahead of those that are taken, n at a time;
// it has ended when ahead has.
func ahead[T any](values iter.Seq2[T, error], n int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		full, gone := make(chan []reading[T], batchesAhead), make(chan struct{})
		go gather(values, n, full, gone)
		defer func() {
			close(gone)
			for range full { // until it is closed
			}
		}()
		for batch := range full {
			for _, r := range batch {
				if !yield(r.value, r.err) {
					return
				}
			}
		}
	}
}

// gather sends the values in batches of n, until gone is closed, and closes full.
func gather[T any](values iter.Seq2[T, error], n int, full chan<- []reading[T], gone <-chan struct{}) {
	defer close(full)
	batch := make([]reading[T], 0, n)
	send := func() bool {
		select {
		case full <- batch:
			batch = make([]reading[T], 0, n)
			return true
		case <-gone:
			return false
		}
	}
	for v, err := range values {
		batch = append(batch, reading[T]{v, err})
		if len(batch) == n && !send() {
			return
		}
	}
	send()
}

// piecesAhead is ahead for the parts of a snapshot.
func piecesAhead(pieces iter.Seq2[control.Piece, error]) iter.Seq2[control.Piece, error] {
	return ahead(pieces, 1)
}
