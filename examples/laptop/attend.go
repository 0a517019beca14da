package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/bayplan/bayplan/examples/crew"
)

// attend runs the API, the user's own service, or both, until it is interrupted: it keeps both processes alive.
func attend(ctx context.Context, c *crew.Crew, o options, out io.Writer) (err error) {
	out = &crew.Lines{To: out}
	ctx, stop := context.WithCancel(ctx)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stop()
	failed := make(chan error, 1)
	if o.api {
		parts.Go(func() { crew.NewBalancing(c, out).Follow(ctx) })
	}
	if o.taskDefinition != "" {
		parts.Go(func() {
			if err := own(ctx, c, o, out); err != nil {
				failed <- err
				stop()
			}
		})
	}
	err = c.KeepAlive(ctx, out)
	select {
	case err = <-failed:
	default:
	}
	return err
}

// greet prints how to call the API.
func greet(out io.Writer, url string, key crew.AccessKey) {
	fmt.Fprintf(out, `Amazon ECS at %[1]s: %[2]d container instances, whose tasks are processes of this machine

%[3]s  aws ecs list-container-instances

The console, in a browser: %[1]s/
Whoever has this key runs the programs that -allow admits, as you. It is good until you interrupt this program.
`, url, len(addresses()), key.Exports(url))
}
