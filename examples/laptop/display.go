package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/crew"
)

// display shows the service.
type display struct {
	*crew.Screen
	stage   *stage
	service ecs.Service // when it was asked for last
}

func newDisplay(out io.Writer, s *stage) *display {
	return &display{Screen: crew.NewScreen(out), stage: s}
}

// end prints what became of an act.
func (d *display) end(a act, took time.Duration, before, after crew.Counts, what string, err error) {
	if err != nil {
		what = err.Error()
	}
	failed := after.Failed + after.Unsafe - before.Failed - before.Unsafe
	d.Line("%-28s %5.1f s %6d requests %3d failed  %s", a.name, took.Seconds(), after.Requests-before.Requests, failed,
		what)
}

// live draws the service until the context ends.
func (d *display) live(ctx context.Context) {
	d.Live(ctx, func() []string {
		if sv, err := d.stage.plane.Service(ctx, serviceName); err == nil {
			d.service = sv
		}
		return d.picture(d.stage.load.Now())
	})
}

// picture is what lives.
func (d *display) picture(s crew.Sample) []string {
	lines := d.Act()
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
