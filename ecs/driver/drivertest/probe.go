package drivertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs/message"
)

// check is one part of a contract.
type check[T any] struct {
	name string
	run  func(*probe, T)
}

// probe is what a check finds out.
type probe struct {
	wait time.Duration

	mu     sync.Mutex
	faults []string
	events []message.Event
}

func (p *probe) errorf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// works reports a call that should have worked, and whether it did.
func (p *probe) works(err error, call string) bool {
	if err != nil {
		p.errorf("%s: %v", call, err)
	}
	return err == nil
}

// notify is how implementations report to the plane.
func (p *probe) notify(ev message.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, ev)
}

func (p *probe) told() []message.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.events)
}

// eventually waits until f holds.
func (p *probe) eventually(what string, f func() bool) bool {
	for end := time.Now().Add(p.wait); ; time.Sleep(5 * time.Millisecond) {
		if f() {
			return true
		}
		if time.Now().After(end) {
			p.errorf("%s: not within %s", what, p.wait)
			return false
		}
	}
}

// settle waits for what should not happen to happen.
func (p *probe) settle() { time.Sleep(p.wait / 50) }

// cancelled is a context that has ended.
func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// sides calls f side by side for n names.
func sides(n int, f func(id string)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { f(fmt.Sprintf("side-%d", i)) })
	}
	group.Wait()
}

// suite runs every check on a fresh implementation.
func suite[T any](t *testing.T, checks []check[T], fresh func(*testing.T, *probe) T) {
	t.Helper()
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if faults := try(t, c, fresh); len(faults) > 0 {
				t.Error(strings.Join(faults, "\n"))
			}
		})
	}
}

// try returns what one check finds.
func try[T any](t *testing.T, c check[T], fresh func(*testing.T, *probe) T) []string {
	p := &probe{wait: 10 * time.Second}
	c.run(p, fresh(t, p))
	p.mu.Lock() // a call that hangs may still come back
	defer p.mu.Unlock()
	return slices.Clone(p.faults)
}
