package fleet

import "github.com/bayplan/bayplan/ecs"

// Watcher is told of what happens in the fleet, while it happens.
type Watcher interface {
	Grew(c *Cluster)                                        // it may have room for a task that found none
	Moved(i *Instance, zones bool)                          // it came, went or changed; zones: so did the zones
	Turned(i *Instance)                                     // its status was set
	Agent(i *Instance, connected bool)                      // its agent came or went
	Returned(i *Instance)                                   // its agent registered again: it may have forgotten
	Leaves(i *Instance)                                     // it is about to become INACTIVE
	Left(i *Instance, reason string, code ecs.TaskStopCode) // it became INACTIVE, with its tasks on it
	Gone(c *Cluster)                                        // it is no longer described
}
