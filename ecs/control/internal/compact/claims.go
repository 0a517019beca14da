package compact

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// Claims are what the tasks on an instance have of it: places in groups, and host ports. Clear forgets them, and keeps
// the memory for those of another instance.
type Claims struct {
	Groups []InGroup // in order
	ports  []Claim   // in order, once Sort was called
	own    []ecs.HostPort
}

// InGroup is how many tasks of a group there are.
type InGroup struct {
	Group string
	Tasks int
}

// Claim is a port that a task has.
type Claim struct {
	ecs.HostPort
	Task ecs.TaskID
	turn int // ascends as they come
}

// Clear forgets all claims.
func (c *Claims) Clear() { c.Groups, c.ports = c.Groups[:0], c.ports[:0] }

// Count counts a task of a group. There are few groups, and those of one come mostly one behind the other.
func (c *Claims) Count(group string) {
	at, found := slices.BinarySearchFunc(c.Groups, group,
		func(of InGroup, group string) int { return strings.Compare(of.Group, group) })
	if !found {
		c.Groups = slices.Insert(c.Groups, at, InGroup{Group: group})
	}
	c.Groups[at].Tasks++
}

// Take adds the ports of a task.
func (c *Claims) Take(task ecs.TaskID, bindings Bindings) {
	c.own = bindings.AppendHostPorts(c.own[:0])
	for _, port := range c.own {
		c.ports = append(c.ports, Claim{port, task, len(c.ports)})
	}
}

// Sort puts the ports in order, those that are one in that of their tasks. It is called before Unheld and Twice.
func (c *Claims) Sort() {
	slices.SortFunc(c.ports, func(a, b Claim) int {
		return cmp.Or(ecs.CompareHostPorts(a.HostPort, b.HostPort), cmp.Compare(a.turn, b.turn))
	})
}

// Unheld yields the ports that are not held by their task.
func (c *Claims) Unheld(book *loadbalance.Ports) iter.Seq[Claim] {
	return func(yield func(Claim) bool) {
		left := c.ports
		for held := range book.Held() {
			for len(left) > 0 && left[0].HostPort == held.HostPort && left[0].Task == held.Task {
				left = left[1:]
			}
			for len(left) > 0 && ecs.CompareHostPorts(left[0].HostPort, held.HostPort) <= 0 {
				if left[0].unheld(book) && !yield(left[0]) {
					return
				}
				left = left[1:]
			}
		}
		for _, claim := range left {
			if claim.unheld(book) && !yield(claim) {
				return
			}
		}
	}
}

// unheld looks a port up, which is not where it was expected.
func (c *Claim) unheld(book *loadbalance.Ports) bool {
	held, ok := book.Holder(c.HostPort)
	return !ok || held.Task != c.Task
}

// Twice yields each two tasks that have the same port.
func (c *Claims) Twice() iter.Seq2[Claim, Claim] {
	return func(yield func(Claim, Claim) bool) {
		for i := 1; i < len(c.ports); i++ {
			if a, b := c.ports[i-1], c.ports[i]; a.HostPort == b.HostPort && !yield(a, b) {
				return
			}
		}
	}
}
