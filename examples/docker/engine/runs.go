package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bayplan/bayplan/ecs/driver/agent"
)

// run is the run of a container that was begun last. The engine counts no runs: that this one has begun shows in a
// time of the container's last start other than Before.
type run struct {
	Number int    `json:"run"`
	Before string `json:"before,omitzero"` // when the run before it was started; "": there was none
}

func (r *Runtime) runFile(c agent.Container) (string, error) {
	directory, err := r.directory(c.Task)
	return filepath.Join(directory, fmt.Sprintf("%d.json", c.Index)), err
}

// readRun returns the last run of a container. Of one that was never started again there is no file.
func (r *Runtime) readRun(c agent.Container) (last run, err error) {
	path, err := r.runFile(c)
	if err != nil {
		return run{}, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return run{}, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &last)
	}
	if err != nil {
		return run{}, fmt.Errorf("which runs of the container have begun cannot be read: %w", err)
	}
	return last, nil
}

// writeRun makes durable that a run is to begin.
func (r *Runtime) writeRun(c agent.Container, last run) error {
	path, err := r.runFile(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	data, err := json.Marshal(last)
	if err != nil {
		return err
	}
	return replace(path, data)
}

// replace writes a file as a whole or not at all.
func replace(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
