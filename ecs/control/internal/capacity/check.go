package capacity

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// Check returns everything about tasks that wait for room that contradicts itself.
func (m *Room) Check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, c := range m.Fleet.Clusters {
		for _, t := range m.queues[c] {
			switch {
			case t.Request == nil:
				bad("task %s waits for room without a request", t.ID)
			case t.Desired() == ecs.DesiredStatusRunning:
				if e := placement.Explain(c.Index.Snapshot(), *t.Request); e.Err != nil {
					bad("task %s waits for room by a request that is refused: %v", t.ID, e.Err)
				}
			}
		}
	}
	return faults
}
