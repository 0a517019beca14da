package control

import "github.com/bayplan/bayplan/ecs"

// newTaskID returns an ID that no task has, even where a State's counter lags behind its tasks.
func (p *Plane) newTaskID() ecs.TaskID {
	for {
		id := ecs.TaskID(p.core.HexID())
		if _, taken := p.byTask[id]; !taken {
			return id
		}
	}
}

// newInstanceID returns an ID that no instance of a cluster has.
func (p *Plane) newInstanceID(c *cluster) string {
	for {
		id := p.core.HexID()
		if _, taken := c.byInstance[ecs.InstanceID(id)]; !taken {
			return id
		}
	}
}
