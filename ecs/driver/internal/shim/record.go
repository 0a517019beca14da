package shim

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs/driver/internal/group"
)

// Marker is the variable that names the run to which a process belongs.
const Marker = "ECS_CONTAINER_RUN"

// Record is the file of one run of a container. It says what the shim has written, and its lock whether the shim
// lives: the lock ends with the last process that holds the file open.
type Record struct {
	Path string
	Mark string // of the processes of the run
}

// State is what a record says.
type State struct {
	Group   int    // the shim's process ID, and that of its group; 0: it has not begun
	Program int    // the program's; 0: it was not started
	Refused string // why it was not started
	Killed  bool   // Kill came before its end
	Exited  bool
	Code    int
}

// open opens the record, and locks it if nobody lives who has it. The caller closes the file.
func (d Record) open() (f *os.File, free bool, err error) {
	f, err = os.OpenFile(d.Path, os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, false, err
	}
	free, err = group.Lock(f)
	if err != nil {
		return nil, false, errors.Join(err, f.Close())
	}
	return f, free, nil
}

// Look returns what the record says, and whether the shim lives.
func (d Record) Look() (s State, lives bool, err error) {
	f, free, err := d.open()
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, false, nil
	}
	if err != nil {
		return State{}, false, err
	}
	s, err = d.Read() // after the lock: a shim that has ended has written all
	return s, !free, errors.Join(err, f.Close())
}

// Read returns what the record says.
func (d Record) Read() (s State, err error) {
	data, err := os.ReadFile(d.Path)
	for _, line := range strings.Split(string(data), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		n, _ := strconv.Atoi(rest) // a line that is not whole counts as none
		switch word {
		case "pid":
			s.Group = n
		case "run":
			s.Program = n
		case "refused":
			s.Refused = rest
		case "killed":
			s.Killed = true
		case "exit":
			s.Exited, s.Code = rest != "", n
		}
	}
	return s, err
}

// Note appends a line to the record.
func (d Record) Note(line string) error {
	f, err := os.OpenFile(d.Path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}

// Clear kills the processes of a run that its shim has left, as one does that was killed itself.
func (d Record) Clear(s State) error { return group.KillMarked(s.Group, Marker, d.Mark) }
