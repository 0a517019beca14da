package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	shared "github.com/bayplan/bayplan/examples/crew"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/lead"
)

// display shows the members.
type display struct {
	*shared.Screen
	stage *stage

	mu    sync.Mutex
	lease lead.Lease
	heard time.Time
}

func newDisplay(out io.Writer, s *stage) *display {
	return &display{Screen: shared.NewScreen(out), stage: s}
}

// hear takes note of a lease.
func (d *display) hear(data []byte) []byte {
	var l lead.Lease
	if json.Unmarshal(data, &l) == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		if l.Term >= d.lease.Term {
			d.lease, d.heard = l, time.Now()
		}
	}
	return nil
}

// live draws the members until the context ends.
func (d *display) live(ctx context.Context) {
	if !d.Lives() {
		return
	}
	cancel, err := bus.New(d.stage.crew.nc).Subscribe(lead.LeaseSubject("bayplan"), d.hear)
	if err != nil {
		d.Line("nothing is drawn: %v", err)
		return
	}
	defer cancel()
	d.Live(ctx, d.picture)
}

// picture is what lives.
func (d *display) picture() []string {
	c := d.stage.crew
	d.mu.Lock()
	lease, heard := d.lease, d.heard
	d.mu.Unlock()
	lines := d.Act()
	for _, name := range c.members {
		says := "follows"
		switch {
		case !c.runs(name):
			says = "does not run"
		case name == lease.Member && !lease.Resigned:
			says = fmt.Sprintf("leads term %d, record %d, last word %.1f s ago", lease.Term, lease.Record,
				time.Since(heard).Seconds())
		}
		lines = append(lines, fmt.Sprintf("  member %s %s", name, says))
	}
	l := d.stage.load.Now()
	return append(lines, fmt.Sprintf("  %d requests a second, 99%% within %s; %d so far, %d failed; %d writes", l.Rate,
		l.P99.Round(100*time.Microsecond), l.Requests, failures(l.Counts), d.stage.writer.count()))
}

// runs reports whether a process was started and has not ended.
func (c *crew) runs(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.running[name]
	if p == nil {
		return false
	}
	select {
	case <-p.Ended():
		return false
	default:
		return true
	}
}
