package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs/control"
)

const (
	suffix    = ".journal"
	temporary = ".new"
	lockName  = "lock"
)

// Open returns the plane that is kept in the directory, and its journal; a new plane if
// there is none. The directory is made if need be, for its owner only: environments of
// containers may be confidential. What the plane had commanded without an outcome is
// Outstanding.
//
// The error is ErrLocked for a directory in use, a *CorruptError for a damaged file, and
// otherwise tells which version's rules or which record are the trouble.
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
	current, err := j.tidy()
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if current == "" {
		plane := control.New(j.config.Plane)
		return plane, j.begin(plane.State())
	}
	data, err := os.ReadFile(current)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	f, err := read(current, data)
	if err != nil {
		return nil, err
	}
	if f.head.Rules != control.Rules {
		return j.cross(f)
	}
	plane, err := control.Replay(f.state, j.config.Plane, f.records())
	if err != nil {
		return nil, fmt.Errorf("journal: %s: %w", current, err)
	}
	return plane, j.resume(f)
}

// cross takes a state over that was kept under other rules.
func (j *Journal) cross(f *file) (*control.Plane, error) {
	if f.frames > 0 {
		return nil, fmt.Errorf("journal: %s has records under the rules %q, these are %q: with the version that wrote them, Open it, Snapshot the plane's state and Close", f.path, f.head.Rules, control.Rules)
	}
	plane, err := control.Restore(f.state, j.config.Plane)
	if err != nil {
		return nil, fmt.Errorf("journal: %s: %w", f.path, err)
	}
	j.last, j.path = f.head.Sequence, f.path
	return plane, j.begin(plane.State())
}

// resume goes on at the end of a file, its torn tail cut off.
func (j *Journal) resume(f *file) error {
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.file, j.path, j.last, j.count = file, f.path, f.last, f.count
	j.size, j.state = int64(f.end-f.first), int64(f.first)
	if f.end == len(f.data) {
		return nil
	}
	if err := errors.Join(file.Truncate(int64(f.end)), file.Sync()); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// tidy returns the newest file, "" if none, and removes what a crash in the middle of a
// snapshot has left: files not yet renamed, and files that a newer one replaces.
func (j *Journal) tidy() (current string, err error) {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return "", err
	}
	var files []string
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasSuffix(name, suffix+temporary):
			err = errors.Join(err, os.Remove(filepath.Join(j.dir, name)))
		case strings.HasSuffix(name, suffix):
			files = append(files, filepath.Join(j.dir, name))
		}
	}
	slices.Sort(files) // numbers of equal length
	if len(files) == 0 {
		return "", err
	}
	last := len(files) - 1
	for _, old := range files[:last] {
		err = errors.Join(err, os.Remove(old))
	}
	return files[last], err
}
