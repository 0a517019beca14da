package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/internal/group"
)

// record is the file of one run of a container. It says what the shim has written, and its lock whether the shim
// lives: the lock ends with the last process that holds the file open.
type record struct {
	path string
	mark string // of the processes of the run
}

// state is what a record says.
type state struct {
	group   int    // the shim's process ID, and that of its group; 0: it has not begun
	program int    // the program's; 0: it was not started
	refused string // why it was not started
	killed  bool   // Kill came before its end
	exited  bool
	code    int
}

// named is what is safe as the name of a directory.
var named = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$`)

// name returns an error if a text is not safe as the name of a directory.
func name(text string) error {
	if !named.MatchString(text) {
		return fmt.Errorf("%q cannot be the name of a directory", text)
	}
	return nil
}

// directory is where a container is kept.
func (r *Runtime) directory(c agent.Container) (string, error) {
	if err := errors.Join(name(string(c.Task.Task)), name(c.Definition().Name)); err != nil {
		return "", err
	}
	return filepath.Join(r.config.Directory, string(c.Task.Task), c.Definition().Name), nil
}

func (r *Runtime) record(c agent.Container) (record, error) {
	directory, err := r.directory(c)
	if err != nil {
		return record{}, err
	}
	return record{filepath.Join(directory, fmt.Sprintf("run-%d", c.Run)), mark(c)}, nil
}

// open opens the record, and locks it if nobody lives who has it. The caller closes the file.
func (d record) open() (f *os.File, free bool, err error) {
	f, err = os.OpenFile(d.path, os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, false, err
	}
	free, err = group.Lock(f)
	if err != nil {
		return nil, false, errors.Join(err, f.Close())
	}
	return f, free, nil
}

// look returns what the record says, and whether the shim lives.
func (d record) look() (s state, lives bool, err error) {
	f, free, err := d.open()
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, false, nil
	}
	if err != nil {
		return state{}, false, err
	}
	s, err = d.read() // after the lock: a shim that has ended has written all
	return s, !free, errors.Join(err, f.Close())
}

func (d record) read() (s state, err error) {
	data, err := os.ReadFile(d.path)
	for _, line := range strings.Split(string(data), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		n, _ := strconv.Atoi(rest) // a line that is not whole counts as none
		switch word {
		case "pid":
			s.group = n
		case "run":
			s.program = n
		case "refused":
			s.refused = rest
		case "killed":
			s.killed = true
		case "exit":
			s.exited, s.code = rest != "", n
		}
	}
	return s, err
}

// note appends a line to the record.
func (d record) note(line string) error {
	f, err := os.OpenFile(d.path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}

// exit is how a run ended whose shim lives no more.
func (s state) exit() agent.Exit {
	switch {
	case s.exited:
		return agent.Exit{Code: s.code}
	case s.killed:
		return agent.Exit{Code: 128 + 9}
	}
	return agent.Exit{Lost: true,
		Reason: "ContainerVanishedError: the container's processes ended, and nobody saw their exit code"}
}

// clear kills the processes of a run that its shim has left, as one does that was killed itself.
func (d record) clear(s state) error { return group.KillMarked(s.group, marker, d.mark) }
