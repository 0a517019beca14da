//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package group

import (
	"errors"
	"os"
	"syscall"
)

var errUnsupported = errors.New("this platform has no process groups and no Unix shell")

func Supported() error                                { return errUnsupported }
func Lock(*os.File) (bool, error)                     { return false, errUnsupported }
func Attributes(string) (*syscall.SysProcAttr, error) { return nil, errUnsupported }
func Signalled(*os.ProcessState) int                  { return 0 }
func Terminate(int) error                             { return errUnsupported }
func KillProcess(int) error                           { return errUnsupported }
func Kill(int) error                                  { return errUnsupported }
func Lives(int) bool                                  { return false }
