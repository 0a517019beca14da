package crew

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// mostFalls is how often a process may end within a short time, one after another, before the crew gives up.
const mostFalls = 5

// KeepAlive starts a process of the crew again when it has ended, until the context ends.
func (c *Crew) KeepAlive(ctx context.Context, out io.Writer) error {
	falls, last := 0, time.Now()
	for {
		role := ProxyRole
		select {
		case <-ctx.Done():
			return nil
		case <-c.members[ProxyRole].Ended():
		case <-c.members[OrchestratorRole].Ended():
			role = OrchestratorRole
		}
		why := c.members[role].Why()
		c.killed = c.killed || role == OrchestratorRole
		for falls++; ; falls++ {
			if time.Since(last) > time.Minute {
				falls = 1
			}
			if falls > mostFalls {
				return fmt.Errorf("the %s ends again and again:\n%s", role, c.members[role].Tail())
			}
			last = time.Now()
			fmt.Fprintf(out, "%s the %s ended (%v), and is started again\n", last.Format(time.TimeOnly), role, why)
			if why = c.Start(ctx, role); why == nil {
				break
			}
			if ctx.Err() != nil {
				return nil
			}
		}
	}
}

// Lines lets several goroutines write lines.
type Lines struct {
	To io.Writer

	mu sync.Mutex
}

// Write writes to To.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.To.Write(p)
}
