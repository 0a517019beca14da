//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package group

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// Supported returns why this platform has no process groups.
func Supported() error { return nil }

// Lock locks an open file, for all processes that inherit it. It returns false if others have it.
func Lock(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// Attributes puts a process into a group of its own, and gives it to a user: "user", "uid", "user:group" or
// "uid:gid"; "": the agent's.
func Attributes(name string) (*syscall.SysProcAttr, error) {
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

// Signalled returns 128 and the number of the signal that ended a process, 0 if none did.
func Signalled(p *os.ProcessState) int {
	if p == nil {
		return 0
	}
	if w, ok := p.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return 0
}

// Terminate sends SIGTERM to a process; one that does not exist needs none.
func Terminate(pid int) error { return gone(syscall.Kill(pid, syscall.SIGTERM)) }

// KillProcess sends SIGKILL to a process; one that does not exist needs none.
func KillProcess(pid int) error { return gone(syscall.Kill(pid, syscall.SIGKILL)) }

// Kill sends SIGKILL to a group; one that does not exist needs none.
func Kill(group int) error { return gone(syscall.Kill(-group, syscall.SIGKILL)) }

// Lives reports whether a group has a process.
func Lives(group int) bool { return !errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) }

// gone takes the error that a process does not exist for success.
func gone(err error) error {
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}
