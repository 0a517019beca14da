package journal

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// mostChunk is the greatest chunk that is read, in bytes.
const mostChunk = 1 << 30

// put writes the chunks of a snapshot as an object, each behind its length, and reads the object back. It returns
// their digest.
func put(ctx context.Context, o stream.Objects, name string, s control.Snapshot) (digest string, err error) {
	sum := sha256.New()
	r, w := io.Pipe()
	go func() { _ = w.CloseWithError(writeChunks(io.MultiWriter(w, sum), s)) }() // it returns nil
	err = o.Put(ctx, name, r)
	_ = r.Close() // the writer must not wait any more; it returns nil
	if err != nil {
		return "", fmt.Errorf("journal: snapshot: %w", err)
	}
	digest = hex.EncodeToString(sum.Sum(nil))
	return digest, retrieve(ctx, o, name, func(from io.Reader) error {
		back := sha256.New()
		if _, err := io.Copy(back, from); err != nil {
			return err
		}
		return matches(back, digest)
	})
}

func writeChunks(w io.Writer, s control.Snapshot) error {
	for chunk, err := range s.Chunks {
		if err != nil {
			return err
		}
		if _, err := w.Write(binary.AppendUvarint(nil, uint64(len(chunk)))); err != nil {
			return err
		}
		if _, err := w.Write(chunk); err != nil {
			return err
		}
	}
	return nil
}

func matches(sum hash.Hash, digest string) error {
	if got := hex.EncodeToString(sum.Sum(nil)); got != digest {
		return fmt.Errorf("its SHA-256 is %s, not %s", got, digest)
	}
	return nil
}

// retrieve reads an object. A server may not have yet what another one has acknowledged, so it is asked for a while.
func retrieve(ctx context.Context, o stream.Objects, name string, read func(io.Reader) error) error {
	var err error
	for range 5 {
		var from io.ReadCloser
		if from, err = o.Get(ctx, name); err == nil {
			err = read(from)
			return errors.Join(err, from.Close())
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("journal: snapshot %s: %w", name, err)
}

// stateFormat is the Format of a snapshot whose one chunk is a State's Document.
func stateFormat(format int) string { return "state " + strconv.Itoa(format) }

// ofState returns the format of the State that a snapshot is, and false if it is none.
func (of reference) ofState() (format int, ok bool) {
	_, err := fmt.Sscanf(of.Format, "state %d", &format)
	return format, err == nil
}

// restore returns the plane of a snapshot. One of other rules must be the State that a Handover has kept.
func restore(
	ctx context.Context, o stream.Objects, of reference, config Config,
) (plane *control.Plane, err error) {
	format, whole := of.ofState()
	if !config.same(of.Rules) && !whole || config.newer(of.Rules) {
		return nil, config.rulesOf(of.Rules)
	}
	err = retrieve(ctx, o, of.Object, func(from io.Reader) error {
		s := control.Snapshot{Format: of.Format, Rules: of.Rules, Sequence: of.Record, Weight: of.Weight,
			Chunks: chunks(from, of.Digest)}
		if whole {
			plane, err = restoreState(s, format, config.Plane)
		} else {
			plane, err = control.RestoreSnapshot(s, config.Plane)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("journal: snapshot %s: %w", of.Object, err)
	}
	return plane, nil
}

// restoreState returns the plane of a State.
func restoreState(s control.Snapshot, format int, config control.Config) (*control.Plane, error) {
	state := control.State{Format: format, Rules: s.Rules}
	for chunk, err := range s.Chunks {
		if err != nil {
			return nil, err
		}
		state.Document = append(state.Document, chunk...)
	}
	return control.Restore(state, config)
}

// chunks reads the chunks of an object. An error ends them if they have another digest.
func chunks(from io.Reader, digest string) iter.Seq2[[]byte, error] {
	sum := sha256.New()
	r := bufio.NewReader(io.TeeReader(from, sum))
	return func(yield func([]byte, error) bool) {
		for {
			chunk, err := readChunk(r)
			if errors.Is(err, io.EOF) {
				if err := matches(sum, digest); err != nil {
					yield(nil, err)
				}
				return
			}
			if !yield(chunk, err) || err != nil {
				return
			}
		}
	}
}

// readChunk returns io.EOF behind the last chunk.
func readChunk(r *bufio.Reader) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, err
	}
	if n > mostChunk {
		return nil, fmt.Errorf("a chunk of %d bytes is too large", n)
	}
	// memory grows with what is there, not with what a damaged length says
	chunk, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && uint64(len(chunk)) < n {
		err = io.ErrUnexpectedEOF
	}
	return chunk, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
