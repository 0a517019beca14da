package control

import "github.com/bayplan/bayplan/ecs"

// watcher is told of what happens in the fleet, while it happens.
type watcher interface {
	Grew(c *cluster)                                        // it may have room for a task that found none
	Moved(i *instance, zones bool)                          // it came, went or changed; zones: so did the zones that take tasks
	Turned(i *instance)                                     // its status was set
	Agent(i *instance, connected bool)                      // its agent came or went
	Returned(i *instance)                                   // its agent registered again: it may have forgotten
	Leaves(i *instance)                                     // it is about to become INACTIVE
	Left(i *instance, reason string, code ecs.TaskStopCode) // it became INACTIVE, with its tasks on it
	Gone(c *cluster)                                        // it is no longer described
}
