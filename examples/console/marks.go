package console

import (
	"maps"

	"github.com/bayplan/bayplan/ecs/message"
)

// marks are the rows that may have changed.
type marks struct {
	tasks, instances, services map[string]bool
	all                        bool // more than are kept: everything is listed again
}

// mostMarks bounds the rows that are marked between two frames.
const mostMarks = 100_000

func newMarks() marks {
	return marks{tasks: map[string]bool{}, instances: map[string]bool{}, services: map[string]bool{}}
}

// mark marks what a change is about.
func (m *marks) mark(c message.Change) {
	for _, row := range []struct {
		of map[string]bool
		id string
	}{{m.tasks, string(c.Task)}, {m.instances, string(c.Instance)}, {m.services, c.Service}} {
		switch {
		case row.id == "":
		case len(row.of) == mostMarks:
			m.all = true
		default:
			row.of[row.id] = true
		}
	}
}

// add adds the marks of others.
func (m *marks) add(others marks) {
	maps.Copy(m.tasks, others.tasks)
	maps.Copy(m.instances, others.instances)
	maps.Copy(m.services, others.services)
	m.all = m.all || others.all
}

// some takes up to n of a set away.
func some(set map[string]bool, n int) (ids []string) {
	for id := range set { //order:any whichever; the others come next
		if len(ids) == n {
			return ids
		}
		ids = append(ids, id)
		delete(set, id)
	}
	return ids
}
