package console

import (
	"errors"
	"maps"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// frame is what a page is told at once: all rows, or those that differ.
type frame struct {
	Now       ecs.Instant      `json:"now"`
	Whole     bool             `json:"whole,omitzero"`   // the rows are all that there are
	Loading   int              `json:"loading,omitzero"` // rows that come in the next frames
	Missing   string           `json:"missing,omitzero"` // why nothing is shown
	Pace      *Pace            `json:"pace,omitzero"`
	Names     []string         `json:"names,omitzero"`
	Clusters  []clusterRow     `json:"clusters,omitzero"`
	Instances [][]any          `json:"instances,omitzero"`
	Tasks     [][]any          `json:"tasks,omitzero"`
	Services  []serviceRow     `json:"services,omitzero"`
	Gone      gone             `json:"gone,omitzero"`
	Changes   []message.Change `json:"changes,omitzero"`
}

// gone are the rows that are there no more.
type gone struct {
	Instances []string `json:"instances,omitzero"`
	Tasks     []string `json:"tasks,omitzero"`
	Services  []string `json:"services,omitzero"`
}

// frame returns what changed since the last one, and nil where nothing did.
func (p *picture) frame(pace *Pace, changes []message.Change, err error) *frame {
	if p.failed++; err == nil {
		p.failed = 0
	}
	switch {
	case p.failed%mostFrames > 1: // it was said just now
		return nil
	case err != nil:
		f := p.whole(pace)
		f.Missing = "The cluster cannot be read: " + err.Error()
		var known *ecs.Error
		if errors.As(err, &known) {
			f.Missing = known.Message
		}
		return f
	}
	if p.again {
		p.again, p.changed, p.shown = false, newRows(), p.now
		return p.whole(pace)
	}
	for _, c := range changes {
		p.remember(c)
	}
	c := p.changed
	if p.now.Equal(p.shown) && len(changes)+len(c.instances)+len(c.tasks)+len(c.services) == 0 && !c.clusters &&
		p.frames%mostFrames != 0 {
		return nil
	}
	f := &frame{Now: ecs.At(p.now), Loading: p.loading(), Pace: pace, Changes: changes}
	if c.clusters {
		f.Clusters = p.clusters
	}
	var n names
	f.Instances, f.Gone.Instances = differing(p.instances, c.instances, &n, instanceRow.values)
	f.Tasks, f.Gone.Tasks = differing(p.tasks, c.tasks, &n, taskRow.values)
	for _, name := range slices.Sorted(maps.Keys(c.services)) {
		if row, there := p.services[name]; there {
			f.Services = append(f.Services, row)
		} else {
			f.Gone.Services = append(f.Gone.Services, name)
		}
	}
	f.Names = n.list
	p.changed, p.shown = newRows(), p.now
	return f
}

// whole returns all rows.
func (p *picture) whole(pace *Pace) *frame {
	f := &frame{Now: ecs.At(p.now), Whole: true, Loading: p.loading(), Pace: pace, Clusters: p.clusters,
		Changes: p.recent[max(0, len(p.recent)-mostRecent):]}
	var n names
	for _, id := range slices.Sorted(maps.Keys(p.instances)) {
		f.Instances = append(f.Instances, p.instances[id].values(&n))
	}
	for _, id := range slices.Sorted(maps.Keys(p.tasks)) {
		f.Tasks = append(f.Tasks, p.tasks[id].values(&n))
	}
	for _, name := range slices.Sorted(maps.Keys(p.services)) {
		f.Services = append(f.Services, p.services[name])
	}
	f.Names = n.list
	return f
}

// differing returns the rows that changed, and the IDs of those that are gone.
func differing[R any](all map[string]R, changed map[string]bool, n *names, values func(R, *names) []any,
) (list [][]any, gone []string) {
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		if row, there := all[id]; there {
			list = append(list, values(row, n))
		} else {
			gone = append(gone, id)
		}
	}
	return list, gone
}
