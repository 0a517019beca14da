package scheduler

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// facts 5.2: the three published walk-throughs of six tasks.
func TestWalkThroughs(t *testing.T) {
	for _, c := range []struct {
		room, minimum, maximum int
		want                   string
	}{
		{8, 100, 200, "start 2, stop 2, start 2, stop 2, start 2, stop 2"},
		{8, 50, 200, "stop 3, start 5, stop 3, start 1"},
		{10, 50, 200, "stop 3, start 6, stop 3"},
	} {
		t.Run(fmt.Sprintf("room %d %d-%d", c.room, c.minimum, c.maximum), func(t *testing.T) {
			w := newWorld(t, 6, newHosts(1, c.room, "a")...)
			w.instant = true
			w.percents(c.minimum, c.maximum)
			w.deploy(1, fate{})
			require.True(t, w.runUntilSteady(time.Hour))
			w.deploy(2, fate{})
			require.Equal(t, c.want, w.steps(t))
		})
	}
}

// steps runs until steady and returns the stops and starts on the way.
func (w *world) steps(t *testing.T) string {
	var got []string
	w.hook = func(w *world, p Plan) {
		n := 0
		for _, s := range p.Stop {
			n += s.Count
		}
		if n > 0 {
			got = append(got, fmt.Sprintf("stop %d", n))
		}
		free := 0
		for _, h := range w.hosts {
			free += h.slots
		}
		for _, k := range w.v.Tasks {
			if k.DesiredStatus != ecs.DesiredStatusStopped {
				free--
			}
		}
		free += n
		n = 0
		for _, s := range p.Start {
			n += s.Count
		}
		if n = min(n, free); n > 0 {
			got = append(got, fmt.Sprintf("start %d", n))
		}
	}
	require.True(t, w.runUntilSteady(2*time.Hour), w.log.String())
	return strings.Join(got, ", ")
}
