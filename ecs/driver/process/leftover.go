package process

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// clear kills the processes of a run that its shim has left, as one does that was killed itself. They are those
// of its group that carry the run's mark, so that a group that has the same number by chance is spared. Where
// there is no /proc, nothing is found.
func (d record) clear(s state) error {
	if s.group == 0 || !groupLives(s.group) {
		return nil // nobody is left, or they are nobody's
	}
	var failed error
	for _, pid := range members(s.group) {
		environment, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
		if err == nil && bytes.Contains(append(environment, 0), []byte(marker+"="+d.mark+"\x00")) {
			failed = errors.Join(failed, killProcess(pid))
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
