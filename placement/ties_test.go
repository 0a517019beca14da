package placement

import (
	"fmt"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// A line that names one of several values that tie reads as if the task went there.
//
// Seen to fail: holders that names Group alone.
func TestTiesAreNamed(t *testing.T) {
	var boxes []box
	for i, zone := range []string{"c", "b", "a", "b"} {
		boxes = append(boxes, box{id: fmt.Sprint("i", i), zone: zone, cpu: 1024, mem: 1024 - i})
	}
	s := snapshot(boxes, Running{ID: "t", Group: "service:web", Instance: "i2",
		DesiredStatus: ecs.DesiredStatusRunning})
	e := Explain(s, Request{Group: "service:web", Need: ecs.Resources{Memory: 1},
		Strategy: []ecs.PlacementStrategy{bySpreadAZ, binpack("memory")}})
	require.Equal(t, []string{"b", "c"}, e.Steps[0].Tied)
	require.Contains(t, e.String(), "b and c have 0 tasks each, the next 1 → 3 candidates")
	require.Nil(t, e.Steps[1].Tied)

	boxes = boxes[:0]
	for i := range 9 {
		boxes = append(boxes, box{id: fmt.Sprint("i", i), cpu: 1024, mem: 1024})
	}
	e = Explain(snapshot(boxes), Request{Group: "service:web", Strategy: []ecs.PlacementStrategy{byHost}})
	require.Contains(t, e.String(), "i0, i1, i2, i3, i4 and 4 more have 0 tasks each")
}
