//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package process

import (
	"errors"
	"os"
	"syscall"
)

var errUnsupported = errors.New("this platform has no process groups and no Unix shell")

func supported() error                                { return errUnsupported }
func lock(*os.File) (bool, error)                     { return false, errUnsupported }
func attributes(string) (*syscall.SysProcAttr, error) { return nil, errUnsupported }
func signalled(*os.ProcessState) int                  { return 0 }
func terminate(int) error                             { return errUnsupported }
func killProcess(int) error                           { return errUnsupported }
func killGroup(int) error                             { return errUnsupported }
func groupLives(int) bool                             { return false }
