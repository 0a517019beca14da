//go:build unix

package command

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// alone gives a program a process group of its own, which is killed as a whole.
func alone(run *exec.Cmd) {
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	run.Cancel = func() error { return kill(run) }
}

// ended kills what a program has left behind in its group.
func ended(run *exec.Cmd) {
	if run.Process != nil {
		_ = kill(run) // mostly there is nothing
	}
}

func kill(run *exec.Cmd) error {
	err := syscall.Kill(-run.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
