//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package process

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// supported returns why containers cannot be processes on this platform.
func supported() error { return executable(shell) }

// lock locks an open file, for all processes that inherit it. It returns false if others have it.
func lock(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// attributes puts a process into a group of its own, and gives it to a user: "user", "uid", "user:group" or
// "uid:gid"; "": the agent's.
func attributes(name string) (*syscall.SysProcAttr, error) {
	a := &syscall.SysProcAttr{Setpgid: true}
	if name == "" {
		return a, nil
	}
	owner, group, _ := strings.Cut(name, ":")
	c := &syscall.Credential{}
	u, err := user.Lookup(owner)
	if err != nil {
		u, err = user.LookupId(owner)
	}
	uid, numeric := strconv.ParseUint(owner, 10, 32)
	switch {
	case err == nil:
		own, err := strconv.ParseUint(u.Uid, 10, 32)
		gid, failed := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err, failed); err != nil {
			return nil, fmt.Errorf("user %q: %w", name, err)
		}
		c.Uid, c.Gid = uint32(own), uint32(gid)
	case numeric == nil:
		c.Uid = uint32(uid)
	default:
		return nil, fmt.Errorf("unable to find user %s: no matching entries in passwd file", owner)
	}
	if group != "" {
		gid, err := groupID(group)
		if err != nil {
			return nil, err
		}
		c.Gid = gid
	}
	a.Credential = c
	return a, nil
}

func groupID(name string) (uint32, error) {
	text := name
	if g, err := user.LookupGroup(name); err == nil {
		text = g.Gid
	}
	gid, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("unable to find group %s", name)
	}
	return uint32(gid), nil
}

// signalled returns 128 and the number of the signal that ended a process, 0 if none did.
func signalled(p *os.ProcessState) int {
	if p == nil {
		return 0
	}
	if w, ok := p.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return 0
}

// terminate sends SIGTERM to a process; one that does not exist needs none.
func terminate(pid int) error { return gone(syscall.Kill(pid, syscall.SIGTERM)) }

func killProcess(pid int) error { return gone(syscall.Kill(pid, syscall.SIGKILL)) }

func killGroup(group int) error { return gone(syscall.Kill(-group, syscall.SIGKILL)) }

func groupLives(group int) bool { return !errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) }

// gone takes the error that a process does not exist for success.
func gone(err error) error {
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}
