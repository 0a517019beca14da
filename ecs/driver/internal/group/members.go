// Package group does what the operating system can do with groups of processes and with locks that they
// inherit. Where there are none, each function says so.
package group

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ending is how long KillMarked waits for what it has killed.
const ending = 5 * time.Second

// KillMarked kills the processes of a group whose environment holds the variable name=value, so that a group
// that has the same number by chance is spared. It returns when they have ended, and with them those of the group that
// were ending already: until then a process holds its ports. It waits for five seconds at most. Where there is no
// /proc, nothing is found.
func KillMarked(group int, name, value string) error {
	if group == 0 || !Lives(group) {
		return nil
	}
	for until := time.Now().Add(ending); ; time.Sleep(time.Millisecond) {
		left, failed := 0, error(nil)
		for _, pid := range members(group) {
			environment, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
			switch {
			case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission): // it has ended, or is another's
			case err != nil, len(environment) == 0: // it is ending: it has no memory any more
				left++
			case bytes.Contains(append(environment, 0), []byte(name+"="+value+"\x00")):
				left++
				failed = errors.Join(failed, KillProcess(pid))
			}
		}
		if left == 0 || failed != nil || time.Now().After(until) {
			return failed
		}
	}
}

// members returns the processes of a group that have not ended. One with several threads has when the last of them has.
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
		// "PID (NAME) STATE PARENT GROUP … THREADS …", where NAME may contain anything
		_, rest, _ := strings.Cut(string(data[bytes.LastIndexByte(data, ')')+1:]), " ")
		fields := strings.Fields(rest)
		if len(fields) < 18 || fields[2] != strconv.Itoa(group) || fields[0] == "Z" && fields[17] == "1" {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			list = append(list, pid)
		}
	}
	return list
}
