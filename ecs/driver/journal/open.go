package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs/control"
)

const (
	suffix    = ".journal"
	temporary = ".new"
	torn      = ".torn"
	lockName  = "lock"
)

// Open returns the plane that is kept in the directory, and its journal; a new plane if there is none.
// The directory is made if need be, for its owner only: environments of containers may be confidential.
// Plane.Outstanding yields the commands that have no outcome yet.
//
// The error is ErrLocked for a directory in use, a *CorruptError for a damaged file, and
// otherwise names the rules or the record at fault.
func Open(dir string, config Config) (plane *control.Plane, j *Journal, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("journal: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, nil, err
	}
	j = &Journal{dir: dir, config: config, lock: lock}
	if plane, err = j.open(); err != nil {
		return nil, nil, errors.Join(err, j.Close())
	}
	return plane, j, nil
}

func (j *Journal) open() (*control.Plane, error) {
	all, err := j.look()
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if len(all) == 0 {
		plane := control.New(j.config.Plane)
		return plane, j.begin(plane.Save().Snapshot())
	}
	older, current := all[:len(all)-1], all[len(all)-1]
	plane, err := j.openFile(current)
	if err != nil {
		return nil, err
	}
	for _, path := range older { // which the current one replaces: it was read whole
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
	}
	return plane, nil
}

func (j *Journal) openFile(path string) (*control.Plane, error) {
	from, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	plane, err := j.restore(path, from)
	return plane, errors.Join(err, from.Close())
}

// restore makes the plane of a file and goes on at the end of it.
func (j *Journal) restore(path string, from *os.File) (*control.Plane, error) {
	info, err := from.Stat()
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	f, err := read(path, from, info.Size())
	if err != nil {
		return nil, err
	}
	plane, err := f.plane(j.config.Plane)
	if err != nil {
		return nil, err
	}
	if f.head.Rules != control.Rules {
		return j.cross(f, plane)
	}
	if err := plane.Replay(ahead(control.Decoded(f.records()), recordsAhead)); err != nil {
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) {
			err = fmt.Errorf("journal: %s: %w", path, err)
		}
		return nil, err
	}
	return plane, j.resume(f)
}

// cross takes a state over that was kept under other rules.
func (j *Journal) cross(f *file, plane *control.Plane) (*control.Plane, error) {
	for _, err := range f.records() {
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("journal: %s was written under the rules %q, and this version has the rules %q: "+
			"Open it with the version that wrote it, give the plane's State to Export, and Close it",
			f.path, f.head.Rules, control.Rules)
	}
	if err := j.keepTorn(f); err != nil {
		return nil, err
	}
	j.last, j.path = f.head.Sequence, f.path
	return plane, j.begin(plane.Save().Snapshot())
}

// resume goes on at the end of a file, its unreadable tail cut off.
func (j *Journal) resume(f *file) error {
	if err := j.keepTorn(f); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.file, j.path, j.end = file, f.path, f.at
	j.begun, j.last, j.weight = f.head.Sequence, f.last, f.head.Weight
	if f.at == f.size {
		return nil
	}
	if err := errors.Join(file.Truncate(f.at), file.Sync()); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// keepTorn copies what is behind the last whole frame to a file of its own, durably.
func (j *Journal) keepTorn(f *file) error {
	left := f.size - f.at
	if left == 0 {
		return nil
	}
	name := fmt.Sprintf("%s%s-%d", f.path, torn, f.at)
	for n := 1; ; n++ {
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			break
		}
		name = fmt.Sprintf("%s%s-%d-%d", f.path, torn, f.at, n)
	}
	if err := errors.Join(writeWhole(name, io.NewSectionReader(f.from, f.at, left)), syncDirectory(j.dir)); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.found.Torn, j.found.TornBytes = name, int(left)
	return nil
}

// look returns the journal's files, the newest last, and removes what a crash in the middle of a
// snapshot has left under a temporary name. What has another name, or is empty, is none of the
// journal's: a file gets its name when it is whole.
func (j *Journal) look() (files []string, err error) {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries { // in order of name: numbers of equal length
		name, unfinished := strings.CutSuffix(e.Name(), temporary)
		info, gone := e.Info()
		switch own := ownName(name) && gone == nil && info.Mode().IsRegular(); {
		case own && unfinished:
			if err := os.Remove(filepath.Join(j.dir, e.Name())); err != nil {
				return nil, err
			}
		case own && info.Size() > 0:
			files = append(files, filepath.Join(j.dir, name))
		case strings.HasSuffix(name, suffix):
			j.found.Strays = append(j.found.Strays, filepath.Join(j.dir, e.Name()))
		}
	}
	return files, nil
}

// ownName reports whether a name is one that begin gives.
func ownName(name string) bool {
	digits, ok := strings.CutSuffix(name, suffix)
	n, err := strconv.ParseUint(digits, 10, 64)
	return ok && err == nil && name == fileName(n)
}

func fileName(sequence uint64) string { return fmt.Sprintf("%020d%s", sequence, suffix) }
