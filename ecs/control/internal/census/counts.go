package census

import (
	"slices"

	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
)

// counts are those of the tasks that a book keeps, as of now: a plan may lie behind.
type counts struct {
	running int
	wanted  []share // none of them is 0
}

// share is how many tasks of a deployment and a capacity provider are not to stop.
type share struct {
	deployment, provider string
	tasks                int
}

// Running returns how many tasks that the scheduler has not forgotten are RUNNING.
func (b *Book) Running() int { return b.counts.running }

// AnyWanted reports whether a task that the scheduler has not forgotten is not to stop.
func (b *Book) AnyWanted() bool { return len(b.counts.wanted) > 0 }

// Wanted returns how many tasks of a deployment and a capacity provider are not to stop. O(shares).
func (b *Book) Wanted(deployment, provider string) int {
	if i := b.counts.find(deployment, provider); i >= 0 {
		return b.counts.wanted[i].tasks
	}
	return 0
}

func (c *counts) find(deployment, provider string) int {
	return slices.IndexFunc(c.wanted, func(s share) bool {
		return s.deployment == deployment && s.provider == provider
	})
}

// put counts a task as what it is now, in place of what it was counted as.
func (c *counts) put(t *tasks.Task, runs, wanted bool) {
	if t.Runs != runs {
		if t.Runs = runs; runs {
			c.running++
		} else {
			c.running--
		}
	}
	if t.Wanted == wanted {
		return
	}
	t.Wanted = wanted
	i := c.find(t.Deployment, t.CapacityProvider)
	switch {
	case i < 0:
		c.wanted = append(c.wanted, share{t.Deployment, t.CapacityProvider, 1})
	case wanted:
		c.wanted[i].tasks++
	default:
		if c.wanted[i].tasks--; c.wanted[i].tasks == 0 {
			c.wanted = slices.Delete(c.wanted, i, i+1)
		}
	}
}
