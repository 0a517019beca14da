package placement

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/script"
	"github.com/stretchr/testify/require"
)

// The stories are what users of ECS report, told by Explain.

func TestStoryOneEmptyInstanceIsBlamed(t *testing.T) {
	var boxes []box
	for i := range 12 {
		b := box{id: fmt.Sprintf("i-%02d", i+1), zone: "us-east-1" + string(rune('a'+i%3)),
			kind: "m5.large", cpu: 2048, mem: 7680,
			attributes: []ecs.Attribute{{Name: "stack", Value: "prod"}}}
		if i < 11 {
			b.remaining = &ecs.Resources{CPU: int64(1024 - 64*i), Memory: int64(900 - 40*i)}
		} else {
			b.attributes = nil
		}
		boxes = append(boxes, b)
	}
	var out strings.Builder
	tell := func(title string, r Request) {
		e := Explain(snapshot(boxes), r)
		fmt.Fprintf(&out, "# %s\n%s%s\n\n", title, e, e.Summary())
	}
	r := Request{Group: "service:web", Need: ecs.Resources{CPU: 512, Memory: 1024},
		Constraints: []ecs.PlacementConstraint{memberOf("attribute:stack == prod")}}
	tell("Twelve instances, i-12 is empty, and every event blames i-12: it lacks an attribute, the others lack memory.",
		r)
	boxes[11].attributes = boxes[0].attributes
	r.Need.Memory = 7800
	tell("It gets the attribute, and the task grows: the empty one is closest still, by memory.", r)
	boxes[11].offline = true
	r.Need.Memory = 1024
	tell("The task shrinks again, and the agent of the empty one is down.", r)
	boxes[11].offline = false
	tell("The agent is back.", r)
	script.Golden(t, "testdata/story-one-empty.txt", out.String())
}

func TestStoryTenTasksInThreeOrders(t *testing.T) {
	best := []int64{7000, 7000, 2048, 768, 768, 768, 768, 512, 128, 128}
	file := []int64{7000, 7000, 2048, 768, 768, 768, 768, 128, 128, 512}
	worst := slices.Clone(best)
	slices.Reverse(worst)
	boxes := []box{{id: "i-1", zone: "a", cpu: 4096, mem: 8192}, {id: "i-2", zone: "b", cpu: 4096, mem: 8192},
		{id: "i-3", zone: "c", cpu: 4096, mem: 8192}}
	var out strings.Builder
	for _, chain := range [][]ecs.PlacementStrategy{{binpack("memory")}, {bySpreadAZ}, {byHost, binpack("memory")}} {
		for _, order := range []struct {
			name  string
			tasks []int64
		}{{"largest first", best}, {"as filed", file}, {"smallest first", worst}} {
			x := NewIndex(snapshot(boxes))
			fmt.Fprintf(&out, "# %v, %s\n", chain, order.name)
			for _, mem := range order.tasks {
				sh, err := x.Prepare(Request{Group: "family:batch", Need: ecs.Resources{CPU: 64, Memory: mem},
					Strategy: chain})
				require.NoError(t, err)
				e := x.Explain(sh, 0)
				p, ok := x.Place(sh, 0)
				require.Equal(t, e.Chosen, p.Instance)
				if ok {
					fmt.Fprintf(&out, "%5d → %s\n", mem, p.Instance)
				} else {
					fmt.Fprintf(&out, "%5d   %s\n", mem, e.Summary())
				}
			}
			for id := range x.Snapshot().Instances() {
				free, _ := x.Remaining(id)
				fmt.Fprintf(&out, "      %s has %s MiB left\n", id, thousands(free.Memory))
			}
			out.WriteString("\n")
		}
	}
	script.Golden(t, "testdata/story-ten-tasks.txt", out.String())
}

func TestStoryDrainUnderSpreadAndBinpack(t *testing.T) {
	var boxes []box
	for i := range 10 {
		boxes = append(boxes, box{id: fmt.Sprintf("i-%02d", i+1), zone: "us-east-1" + string(rune('a'+i%5)),
			kind: "m5.large", cpu: 2048, mem: 7680})
	}
	x := NewIndex(snapshot(boxes))
	r := Request{Group: "service:web", Need: ecs.Resources{CPU: 256, Memory: 1024},
		Strategy: []ecs.PlacementStrategy{bySpreadAZ, binpack("memory")}}
	sh, err := x.Prepare(r)
	require.NoError(t, err)
	var out strings.Builder
	show := func(title string) {
		fmt.Fprintf(&out, "# %s\n", title)
		for id := range x.Snapshot().Instances() {
			free, _ := x.Remaining(id)
			fmt.Fprintf(&out, "%s  %d tasks  %s MiB free\n", id, x.CountOn("service:web", id), thousands(free.Memory))
		}
	}
	placed := x.PlaceN(nil, sh, 15, 0)
	require.Len(t, placed, 15)
	show("15 tasks in five zones: three each, packed on the first instance of the zone")
	before := dump(x.Snapshot())
	trials, err := x.TryDrain("i-02", slices.Repeat([]Request{r}, 3))
	require.NoError(t, err)
	require.Equal(t, before, dump(x.Snapshot()))
	fmt.Fprintf(&out, "# i-02 is to be drained: where would its three tasks go, while they still run?\n")
	for _, tr := range trials {
		fmt.Fprintf(&out, "%s\n", tr.Instance)
	}
	require.True(t, x.SetStatus("i-02", ecs.ContainerInstanceStatusDraining, true))
	fmt.Fprintf(&out, "# the first, explained\n%s", x.Explain(sh, 0))
	for range 3 {
		_, ok := x.Place(sh, 0)
		require.True(t, ok)
	}
	for _, p := range placed {
		if p.Instance == "i-02" {
			require.True(t, x.Release(sh, p))
		}
	}
	show("it is drained: the zones are uneven until they are rebalanced")
	script.Golden(t, "testdata/story-drain.txt", out.String())
}
