package engine

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// killIn kills a process if it is one of a container on this host.
func killIn(container string, pid int) {
	groups, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err == nil && pid > 1 && container != "" && strings.Contains(string(groups), container) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // one that has ended needs no signal
	}
}
