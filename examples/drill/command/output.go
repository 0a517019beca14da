package command

import (
	"bytes"
	"strings"
	"sync"
)

// mostOutput is how much of a program's output is kept: the last of it.
const mostOutput = 64 << 10

// output keeps the end of what a program prints, and looks for its secret in all of it.
type output struct {
	secret string

	mu     sync.Mutex
	kept   []byte
	cut    int    // bytes that are no longer kept
	last   []byte // the end of what was looked through
	leaked bool
}

// Write is io.Writer's.
func (o *output) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := append(o.last, data...)
	o.leaked = o.leaked || bytes.Contains(seen, []byte(o.secret))
	o.last = bytes.Clone(seen[max(0, len(seen)-len(o.secret)+1):])
	o.kept = append(o.kept, data...)
	if over := len(o.kept) - mostOutput; over > 0 {
		o.cut += over
		o.kept = append(o.kept[:0], o.kept[over:]...)
	}
	return len(data), nil
}

// text is what is kept, without the secret.
func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.ReplaceAll(strings.ToValidUTF8(string(o.kept), "�"), o.secret, "(the secret access key)")
}
