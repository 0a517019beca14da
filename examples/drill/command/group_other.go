//go:build !unix

package command

import "os/exec"

// alone leaves a program as it is where there are no process groups: it alone is killed.
func alone(*exec.Cmd) {}

func ended(*exec.Cmd) {}
