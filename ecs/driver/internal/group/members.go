// Package group does what the operating system can do with groups of processes and with locks that they
// inherit. Where there are none, each function says so.
package group

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// KillMarked kills the processes of a group whose environment holds the variable name=value, so that a group
// that has the same number by chance is spared. Where there is no /proc, nothing is found.
func KillMarked(group int, name, value string) error {
	if group == 0 || !Lives(group) {
		return nil
	}
	var failed error
	for _, pid := range members(group) {
		environment, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
		if err == nil && bytes.Contains(append(environment, 0), []byte(name+"="+value+"\x00")) {
			failed = errors.Join(failed, KillProcess(pid))
		}
	}
	return failed
}

// members returns the processes of a group.
func members(group int) (list []int) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil // the pattern is right
	}
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// "PID (NAME) STATE PARENT GROUP …", where NAME may contain anything
		_, rest, _ := strings.Cut(string(data[bytes.LastIndexByte(data, ')')+1:]), " ")
		fields := strings.Fields(rest)
		if len(fields) < 3 || fields[0] == "Z" || fields[2] != strconv.Itoa(group) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			list = append(list, pid)
		}
	}
	return list
}
