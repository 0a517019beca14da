package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/crew"
)

// display shows the service: on a terminal, lines that live below those of the acts; elsewhere, only the lines.
type display struct {
	stage *stage

	mu      sync.Mutex
	out     io.Writer
	lives   bool
	drawn   int // lines that the next drawing replaces
	act     string
	since   time.Time
	service ecs.Service
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

// end prints what became of an act.
func (d *display) end(a act, took time.Duration, before, after crew.Counts, what string, err error) {
	if err != nil {
		what = err.Error()
	}
	failed := after.Failed + after.Unsafe - before.Failed - before.Unsafe
	d.line("%-28s %5.1f s %6d requests %3d failed  %s", a.name, took.Seconds(), after.Requests-before.Requests, failed,
		what)
}

// live draws four times a second until the context ends; the channel is closed then.
func (d *display) live(ctx context.Context) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for d.lives && crew.Sleep(ctx, 250*time.Millisecond) == nil {
			sv, err := d.stage.plane.Service(ctx, serviceName)
			d.mu.Lock()
			if err == nil {
				d.service = sv
			}
			d.clear()
			lines := d.picture(d.stage.load.Now())
			fmt.Fprint(d.out, strings.Join(lines, "\n")+"\n")
			d.drawn = len(lines)
			d.mu.Unlock()
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.clear()
	}()
	return ended
}

// picture is what lives.
func (d *display) picture(s crew.Sample) []string {
	lines := []string{"", fmt.Sprintf("  %s, %.0f s", d.act, time.Since(d.since).Seconds())}
	for _, dep := range d.service.Deployments {
		lines = append(lines, fmt.Sprintf("  tasks of %-12s %s%s %d of %d", crew.LastPart(dep.TaskDefinition),
			strings.Repeat("█", dep.RunningCount), strings.Repeat("░", max(0, dep.DesiredCount-dep.RunningCount)),
			dep.RunningCount, dep.DesiredCount))
	}
	revisions := make([]string, 0, len(s.ByRevision))
	for r := range s.ByRevision { //order:any sorted below
		revisions = append(revisions, r)
	}
	slices.Sort(revisions)
	traffic := "  traffic "
	for i, r := range revisions {
		share := s.ByRevision[r] * 40 / max(1, s.Rate)
		traffic += strings.Repeat([]string{"█", "▒", "░"}[i%3], max(1, share)) + fmt.Sprintf(" revision %s ", r)
	}
	return append(lines, traffic, fmt.Sprintf("  %d requests a second, half within %.1f ms, 99%% within %.1f ms; "+
		"%d so far, %d failed", s.Rate, ms(s.Middle), ms(s.P99), s.Requests, s.Failed+s.Unsafe))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
