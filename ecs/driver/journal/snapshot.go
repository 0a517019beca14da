package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/bayplan/bayplan/ecs/control"
)

// next is a file that is being written in place of the journal's own, which goes on meanwhile.
type next struct {
	sequence uint64 // of the last record that its state contains
	tail     int64  // offset in the old file of the first frame with a record behind that; negative: none
}

// Snapshot keeps the snapshot in place of the records up to its Sequence, chunk by chunk. Append may be
// called meanwhile: what it keeps is in both files until one is whole. No record behind the Sequence may
// have been appended before Snapshot asks for the first chunk. A snapshot of what the journal's own
// snapshot has is not read. One that fails leaves the journal as it was, unless the error says otherwise,
// and the next is due after as many records again. There is one snapshot at a time.
func (j *Journal) Snapshot(ctx context.Context, s control.Snapshot) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	fresh, err := j.announce(s)
	if err != nil || !fresh {
		return err
	}
	path := filepath.Join(j.dir, fileName(s.Sequence))
	err = j.replace(ctx, path, s)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next = nil
	if err != nil {
		j.tried = j.last
		return errors.Join(err, removed(path+temporary))
	}
	return nil
}

// removed removes a file, if it is there.
func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// announce notes that a snapshot begins; false if the journal has it.
func (j *Journal) announce(s control.Snapshot) (fresh bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.failed != nil:
		return false, j.failed
	case j.next != nil:
		return false, errors.New("journal: a snapshot is being taken")
	case s.Sequence == j.begun && j.file != nil:
		return false, nil
	case s.Sequence < j.last:
		return false, fmt.Errorf("journal: the snapshot ends at record %d, behind which there are records up to %d",
			s.Sequence, j.last)
	}
	j.next = &next{sequence: s.Sequence, tail: -1}
	return true, nil
}

// begin starts the first file of a journal, or that of a plane from elsewhere.
func (j *Journal) begin(s control.Snapshot) error {
	j.last = s.Sequence
	j.next = &next{sequence: s.Sequence, tail: -1}
	defer func() { j.next = nil }()
	path := filepath.Join(j.dir, fileName(s.Sequence))
	if err := j.replace(context.Background(), path, s); err != nil {
		return errors.Join(err, removed(path+temporary))
	}
	return nil
}

// replace writes a new file under a temporary name, and lets it take the place of the journal's.
func (j *Journal) replace(ctx context.Context, path string, s control.Snapshot) error {
	file, err := os.OpenFile(path+temporary, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	w := &writing{file: file, out: bufio.NewWriterSize(file, 1<<18)}
	err = w.state(ctx, s)
	if err == nil {
		err = j.takeOver(w, path, s)
	}
	if j.file != file {
		err = errors.Join(err, file.Close())
	}
	return err
}

// takeOver copies the records behind the state, and renames the file. The last few are copied while no
// Append can come, all others before.
func (j *Journal) takeOver(w *writing, path string, s control.Snapshot) error {
	const few = 1 << 16
	done := int64(-1) // up to where the old file is copied
	for {
		j.mu.Lock()
		from, tail, end := j.file, j.next.tail, j.end
		if done < 0 {
			done = tail
		}
		if tail < 0 || end-done <= few {
			break
		}
		j.mu.Unlock()
		if err := w.copy(from, done, end); err != nil {
			return err
		}
		if err := w.sync(); err != nil {
			return err
		}
		done = end
	}
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	if done >= 0 {
		if err := w.copy(j.file, done, j.end); err != nil {
			return err
		}
		if err := w.sync(); err != nil {
			return err
		}
	}
	return j.rename(w, path, s)
}

// rename gives a whole file its name, and goes on in it.
func (j *Journal) rename(w *writing, path string, s control.Snapshot) error {
	if err := os.Rename(path+temporary, path); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	// From here on Open would take the new file, so nothing more must go to the old one.
	if err := syncDirectory(j.dir); err != nil {
		return j.fail(fmt.Errorf("journal: %w", err))
	}
	j.adopt(w, path, s)
	return nil
}

// adopt goes on in the new file.
func (j *Journal) adopt(w *writing, path string, s control.Snapshot) {
	old, oldPath := j.file, j.path
	j.file, j.path, j.end = w.file, path, w.size
	j.begun, j.last, j.weight = s.Sequence, max(j.last, s.Sequence), s.Weight
	if old != nil {
		_ = old.Close() // nothing that it had is lost with it
	}
	if oldPath != "" && oldPath != path {
		_ = os.Remove(oldPath) // Open would, otherwise
	}
}

// Export keeps the State of the plane after the last record that was appended, in place of its records, as
// JSON: the last call before an upgrade, since another version may not read the chunks of this one.
func (j *Journal) Export(ctx context.Context, s control.State) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	if j.next != nil {
		return errors.New("journal: a snapshot is being taken")
	}
	path := filepath.Join(j.dir, fileName(j.last))
	file, err := os.OpenFile(path+temporary, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	w := &writing{file: file, out: bufio.NewWriter(file)}
	data, err := appendJSONFrame([]byte(magic), head{Format: formatJSON, Rules: s.Rules, Sequence: j.last})
	if err == nil {
		data, err = appendJSONFrame(data, s)
	}
	if err == nil {
		err = errors.Join(w.write(data), w.sync())
	}
	if err == nil {
		err = j.rename(w, path, control.Snapshot{Sequence: j.last, Weight: j.weight})
	}
	if j.file != file {
		return errors.Join(err, file.Close(), removed(path+temporary))
	}
	return err
}

// writing is a file that is being written.
type writing struct {
	file  *os.File
	out   *bufio.Writer
	size  int64
	frame []byte
}

// state writes the head and the chunks, and forces them to the disk.
func (w *writing) state(ctx context.Context, s control.Snapshot) error {
	begin, err := appendJSONFrame([]byte(magic), head{Format: formatChunks, Rules: s.Rules, Sequence: s.Sequence,
		Chunks: s.Format, Weight: s.Weight})
	if err != nil {
		return err
	}
	if err := w.write(begin); err != nil {
		return err
	}
	for chunk, err := range s.Chunks {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		if err := w.chunk(isChunk, chunk); err != nil {
			return err
		}
	}
	if err := w.chunk(isLast, nil); err != nil {
		return err
	}
	return w.sync()
}

func (w *writing) chunk(kind byte, chunk []byte) error {
	frame, err := appendChunk(w.frame[:0], kind, chunk)
	if err != nil {
		return err
	}
	w.frame = frame
	return w.write(frame)
}

func (w *writing) write(data []byte) error {
	n, err := w.out.Write(data)
	w.size += int64(n)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// copy appends a part of another file.
func (w *writing) copy(from *os.File, begin, end int64) error {
	n, err := io.Copy(w.out, io.NewSectionReader(from, begin, end-begin))
	w.size += n
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if n != end-begin {
		return fmt.Errorf("journal: %d bytes are missing at %d", end-begin-n, begin+n)
	}
	return nil
}

func (w *writing) sync() error {
	if err := errors.Join(w.out.Flush(), w.file.Sync()); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
