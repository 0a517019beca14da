package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/lead"
)

// display shows the members: on a terminal, lines that live below those of the acts; elsewhere, only the lines.
type display struct {
	stage *stage

	mu    sync.Mutex
	out   io.Writer
	lives bool
	drawn int // lines that the next drawing replaces
	act   string
	since time.Time
	lease lead.Lease
	heard time.Time
}

func newDisplay(out io.Writer, s *stage) *display {
	return &display{out: out, stage: s, lives: terminal(out)}
}

// terminal reports whether a person watches.
func terminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" || os.Getenv("TERM") == "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// line prints a line that stays.
func (d *display) line(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clear()
	fmt.Fprintf(d.out, format+"\n", args...)
}

// clear removes what lives.
func (d *display) clear() {
	if d.drawn > 0 {
		fmt.Fprintf(d.out, "\x1b[%dA\x1b[J", d.drawn)
		d.drawn = 0
	}
}

// begin names the act that plays.
func (d *display) begin(act string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.act, d.since = act, time.Now()
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

// live draws four times a second until the context ends; the channel is closed then.
func (d *display) live(ctx context.Context) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if !d.lives {
			return
		}
		cancel, err := bus.New(d.stage.crew.nc).Subscribe(lead.LeaseSubject("bayplan"), d.hear)
		if err != nil {
			return
		}
		defer cancel()
		for ctx.Err() == nil {
			d.draw(d.picture())
			select {
			case <-ctx.Done():
			case <-time.After(250 * time.Millisecond):
			}
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.clear()
	}()
	return ended
}

func (d *display) draw(lines []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clear()
	fmt.Fprint(d.out, strings.Join(lines, "\n")+"\n")
	d.drawn = len(lines)
}

// picture is what lives.
func (d *display) picture() []string {
	c := d.stage.crew
	d.mu.Lock()
	lease, heard, act, since := d.lease, d.heard, d.act, d.since
	d.mu.Unlock()
	lines := []string{"", fmt.Sprintf("  %s, %.0f s", act, time.Since(since).Seconds())}
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
	requests, failed, rate, late := d.stage.load.counts()
	return append(lines, fmt.Sprintf("  %d requests a second, 99%% within %s; %d so far, %d failed; %d writes", rate,
		late.Round(100*time.Microsecond), requests, failed, d.stage.writer.count()))
}

// runs reports whether a process was started and has not ended.
func (c *crew) runs(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.running[name]
	if r == nil {
		return false
	}
	select {
	case <-r.ended:
		return false
	default:
		return true
	}
}
