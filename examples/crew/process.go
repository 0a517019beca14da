package crew

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Process is a process that this program has started. Its input is a pipe that ends when this program does, or when
// Leave is called: a process that reads its input to the end ends with its crew.
type Process struct {
	command *exec.Cmd
	input   io.Closer
	log     string        // the file of its output
	ended   chan struct{} // closed when it has ended
	why     error         // once it has
}

// StartProcess starts a process that adds what it prints to the directory's file NAME.log.
func StartProcess(directory, name string, command *exec.Cmd) (*Process, error) {
	p := &Process{command: command, log: filepath.Join(directory, name+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	if p.input, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.why = command.Wait()
		close(p.ended)
	}()
	return p, nil
}

// Ended returns a channel that is closed when the process has ended, whatever the reason.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Why waits until the process has ended, and returns the error of exec.Cmd.Wait: nil after exit code 0.
func (p *Process) Why() error {
	<-p.ended
	return p.why
}

// Signal sends a signal. The error is os.ErrProcessDone if the process has ended.
func (p *Process) Signal(s os.Signal) error { return p.command.Process.Signal(s) }

// Kill ends the process as kill -9 does, and returns when it has ended. The error is os.ErrProcessDone if it had ended
// before.
func (p *Process) Kill() error {
	err := p.command.Process.Kill()
	<-p.ended
	return err
}

// Leave ends the input of the process, and does not wait.
func (p *Process) Leave() { _ = p.input.Close() } // it may have ended already

// Tail returns the last lines of the log.
func (p *Process) Tail() string {
	data, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-2000):])
}
