package answer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/chart"
	"github.com/bayplan/bayplan/placement"
)

// Fleet is the cluster's instances before and after; After of each is as the simulation left it.
type Fleet struct {
	Bars      []Bar // by zone and ID; of many instances, one a zone
	Instances int   // of how many
	Simulated bool  // there is an after
}

// Bar is one instance, or all of a zone, before and after.
type Bar struct {
	Name, Zone    string
	CPU, Memory   int64 // registered
	Before, After Held
}

// Held is what is held of an instance: by tasks of others, by old tasks of the service, and by new ones.
type Held struct {
	Others, Old, New ecs.Resources
	OldTasks         int
	NewTasks         int
}

// mostBars is how many instances are shown one by one.
const mostBars = 40

// fleet describes the instances: before as the documents do, after as the simulated world was left.
func (c *cluster) fleet(w *world, simulated bool) (f Fleet, err error) {
	if c.fargate() {
		return f, nil
	}
	f.Simulated, f.Instances = simulated, len(c.instances)
	at := map[ecs.InstanceID]int{}
	for i, ci := range c.instances {
		at[ci.ID()] = i
		all := ci.Registered()
		b := Bar{Name: string(ci.ID()), CPU: all.CPU, Memory: all.Memory}
		b.Zone, _ = ci.Attribute("ecs.availability-zone")
		left, _ := c.snapshot.Remaining(ci.ID())
		b.Before.Others = all.Minus(left)
		f.Bars = append(f.Bars, b)
	}
	for _, t := range c.tasks {
		r := placement.RunningOf(t)
		if i, ok := at[r.Instance]; ok {
			b := &f.Bars[i].Before
			b.Others, b.Old = b.Others.Minus(r.Resources), b.Old.Plus(r.Resources)
			b.OldTasks++
		}
	}
	for i := range f.Bars {
		f.Bars[i].After.Others = f.Bars[i].Before.Others
	}
	if simulated {
		err = w.eachTask(func(t ecs.Task, instance string, fresh bool) {
			i, ok := at[ecs.InstanceID(instance)]
			if !ok {
				return
			}
			b, r := &f.Bars[i].After, placement.RunningOf(t).Resources
			if fresh {
				b.New, b.NewTasks = b.New.Plus(r), b.NewTasks+1
			} else {
				b.Old, b.OldTasks = b.Old.Plus(r), b.OldTasks+1
			}
		})
	}
	return f.sorted(), err
}

// eachTask calls do for each task of the service that is on an instance of the simulated world. Without the service
// there are none.
func (w *world) eachTask(do func(t ecs.Task, instance string, fresh bool)) error {
	p := w.Plane()
	in := api.ListTasksInput{ServiceName: w.cluster.service.ServiceName}
	for {
		page, err := p.ListTasks(in)
		if errors.Is(err, ecs.ServiceNotFoundException) {
			return nil
		}
		if err != nil {
			return err
		}
		for part := range slices.Chunk(page.Arns, 100) {
			out, err := p.DescribeTasks(api.DescribeTasksInput{Tasks: part})
			if err != nil {
				return err
			}
			for _, t := range out.Tasks {
				id := ecs.ContainerInstance{ContainerInstanceArn: t.ContainerInstanceArn}.ID()
				do(t, w.names[string(id)], w.recorded.tasks[t.ID()].fresh)
			}
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			return nil
		}
	}
}

// sorted puts the bars in order, and those of many instances together by zone.
func (f Fleet) sorted() Fleet {
	slices.SortFunc(f.Bars, func(a, b Bar) int {
		return cmp.Or(strings.Compare(a.Zone, b.Zone), strings.Compare(a.Name, b.Name))
	})
	if len(f.Bars) <= mostBars {
		return f
	}
	var zones []Bar
	for _, b := range f.Bars {
		if n := len(zones); n == 0 || zones[n-1].Zone != b.Zone {
			zones = append(zones, Bar{Zone: b.Zone})
		}
		z := &zones[len(zones)-1]
		z.CPU, z.Memory = z.CPU+b.CPU, z.Memory+b.Memory
		z.Before, z.After = z.Before.plus(b.Before), z.After.plus(b.After)
	}
	for i := range zones {
		zones[i].Name = "all of " + cmp.Or(zones[i].Zone, "no zone")
	}
	f.Bars = zones
	return f
}

func (h Held) plus(o Held) Held {
	return Held{h.Others.Plus(o.Others), h.Old.Plus(o.Old), h.New.Plus(o.New), h.OldTasks + o.OldTasks,
		h.NewTasks + o.NewTasks}
}

// all is what is held altogether.
func (h Held) all() ecs.Resources { return h.Others.Plus(h.Old).Plus(h.New) }

// percent is a part of an amount.
func percent(part, all int64) int {
	if all <= 0 {
		return 0
	}
	return int(100 * part / all)
}

// Lines writes the fleet as a table: tasks of the service, and what is held, before and after.
func (f Fleet) Lines() (lines []string) {
	if len(f.Bars) == 0 {
		return nil
	}
	row := func(b Bar) [5]string {
		held, after := b.Before.all(), b.After.all()
		cells := [5]string{chart.Cut(b.Name, 16), fmt.Sprintf("%d old", b.Before.OldTasks),
			fmt.Sprintf("%d%%", percent(held.CPU, b.CPU)), fmt.Sprintf("%d%%", percent(held.Memory, b.Memory)), b.Zone}
		if f.Simulated {
			cells[1] = fmt.Sprintf("%d → %d old, %d new", b.Before.OldTasks, b.After.OldTasks, b.After.NewTasks)
			cells[2] += fmt.Sprintf(" → %d%%", percent(after.CPU, b.CPU))
			cells[3] += fmt.Sprintf(" → %d%%", percent(after.Memory, b.Memory))
		}
		return cells
	}
	rows := [][5]string{{"instance", "tasks", "CPU", "memory", "zone"}}
	for _, b := range f.Bars {
		rows = append(rows, row(b))
	}
	for _, r := range rows {
		line := fmt.Sprintf("  %-16s  %-18s  %-11s  %-11s  %s", r[0], r[1], r[2], r[3], r[4])
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}
