package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// attend runs the API, the user's own service, or both, until it is interrupted: it keeps both processes alive.
func attend(ctx context.Context, c *crew, o options, out io.Writer) (err error) {
	out = &lines{to: out}
	ctx, stop := context.WithCancel(ctx)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stop()
	failed := make(chan error, 1)
	if o.api {
		parts.Go(func() { newBalancing(c, out).follow(ctx) })
	}
	if o.taskDefinition != "" {
		parts.Go(func() {
			if err := own(ctx, c, o, out); err != nil {
				failed <- err
				stop()
			}
		})
	}
	err = c.keepAlive(ctx, out)
	select {
	case err = <-failed:
	default:
	}
	return err
}

// mostFalls is how often a process may end within a short time, one after another, before the crew gives up.
const mostFalls = 5

// keepAlive starts a process of the crew again when it has ended, until the context ends.
func (c *crew) keepAlive(ctx context.Context, out io.Writer) error {
	falls, last := 0, time.Now()
	for {
		role, why := "", error(nil)
		select {
		case <-ctx.Done():
			return nil
		case why = <-c.members["proxy"].ended:
			role = "proxy"
		case why = <-c.members["orchestrator"].ended:
			role = "orchestrator"
		}
		c.members[role].ended <- why // for who asks later
		c.killed = c.killed || role == "orchestrator"
		for falls++; ; falls++ {
			if time.Since(last) > time.Minute {
				falls = 1
			}
			if falls > mostFalls {
				return fmt.Errorf("the %s ends again and again:\n%s", role, c.tail(role))
			}
			last = time.Now()
			fmt.Fprintf(out, "%s the %s ended (%v), and is started again\n", last.Format(time.TimeOnly), role, why)
			_ = c.members[role].input.Close() // it has ended
			if why = c.start(ctx, role); why == nil {
				break
			}
			if ctx.Err() != nil {
				return nil
			}
		}
	}
}

// lines lets several goroutines write lines.
type lines struct {
	mu sync.Mutex
	to io.Writer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}
