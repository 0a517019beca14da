package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/bayplan/bayplan/ecs/control"
)

// Sync says when appended records are forced to the disk.
type Sync int

// The policies of Sync.
const (
	SyncAlways Sync = iota // before Append returns: nothing that was acknowledged is ever lost
	// when the operating system chooses: records are lost only if the machine fails. The file may then
	// have holes, which Open reports as damage
	SyncNever
)

// Config is how a journal is kept. The zero value is a plane of the zero control.Config,
// synced always, with a snapshot every 10,000 records.
type Config struct {
	// Plane is the configuration of a new plane. For a plane that is opened again, only the fields that
	// control.Restore reads matter: the secret of credentials and the time zones.
	Plane control.Config

	Sync Sync

	// SnapshotEvery is how many records are kept before a snapshot is due; 0: 10,000; negative: a
	// snapshot is never due. A snapshot is also not due before a quarter as many records as the last
	// snapshot has tasks, container instances and services: it takes about as long to replay those as
	// to restore the snapshot, and a larger plane is not written more often than its records pay for.
	SnapshotEvery int
}

// Journal keeps a plane's records in a file. It is safe for concurrent use.
type Journal struct {
	dir    string
	config Config

	mu     sync.Mutex
	lock   *os.File
	file   *os.File
	path   string
	end    int64  // of the file, in bytes
	begun  uint64 // last record of its snapshot
	last   uint64 // record
	weight int    // of the snapshot
	buffer []byte
	failed error
	found  Found
	next   *next  // a snapshot that is being taken; nil: none
	tried  uint64 // last record when a snapshot failed
}

// Found lists what Open found in the directory besides the journal, for a person to look at. Open has
// destroyed none of it.
type Found struct {
	// Strays are the paths that end in ".journal" or ".journal.new" but are not part of the journal:
	// files with another name than NUMBER.journal, directories and empty files.
	Strays []string

	// Torn is the path of the file that holds the unreadable end of the journal, which has TornBytes
	// bytes. It is empty if all of the journal could be read.
	Torn      string
	TornBytes int
}

// Found returns what Open found in the directory besides the journal.
func (j *Journal) Found() Found {
	return Found{slices.Clone(j.found.Strays), j.found.Torn, j.found.TornBytes}
}

// ErrLocked is what Open returns for a directory that another Journal has open.
var ErrLocked = errors.New("journal: the directory is in use")

// ErrClosed is what the methods of a closed Journal return.
var ErrClosed = errors.New("journal: it is closed")

// Append writes the records, which must follow those it has, and returns when they are durable by the
// Sync policy. It skips records that it already has. If ctx has ended, Append writes nothing and returns
// the error of ctx. After any other error nothing more is accepted.
func (j *Journal) Append(ctx context.Context, records []control.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	for len(records) > 0 && records[0].Sequence <= j.last {
		records = records[1:]
	}
	if len(records) == 0 {
		return nil
	}
	for i, r := range records {
		if r.Sequence != j.last+1+uint64(i) {
			return j.fail(fmt.Errorf("journal: record %d follows record %d", r.Sequence, j.last+uint64(i)))
		}
	}
	frame, err := appendRecords(j.buffer[:0], records)
	if err != nil {
		return j.fail(err)
	}
	j.buffer = frame
	if _, err := j.file.Write(frame); err != nil {
		return j.fail(fmt.Errorf("journal: %w", err))
	}
	if err := j.sync(j.file); err != nil {
		return j.fail(err)
	}
	j.last += uint64(len(records))
	if j.next != nil && j.next.tail < 0 && j.last > j.next.sequence {
		j.next.tail = j.end
	}
	j.end += int64(len(frame))
	return nil
}

func (j *Journal) fail(err error) error {
	j.failed = fmt.Errorf("%w (the journal accepts nothing more)", err)
	return err
}

func (j *Journal) sync(f *os.File) error {
	if j.config.Sync == SyncNever {
		return nil
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// SnapshotDue reports whether enough has been appended since the last snapshot for another one to be
// worth its cost.
func (j *Journal) SnapshotDue() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	every := j.config.SnapshotEvery
	if every == 0 {
		every = 10_000
	}
	since := j.last - max(j.begun, j.tried)
	return j.failed == nil && j.next == nil && every > 0 && since >= uint64(every) && since >= uint64(j.weight)/4
}

// writeWhole writes a file and forces it to the disk.
func writeWhole(path string, from io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Sync(), f.Close())
}

// Close forces everything to the disk and lets others open the directory. Closing again
// does nothing.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.lock == nil {
		return nil
	}
	var err error
	if j.file != nil {
		err = errors.Join(j.file.Sync(), j.file.Close())
	}
	err = errors.Join(err, j.lock.Close())
	j.file, j.lock, j.failed = nil, nil, ErrClosed
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
