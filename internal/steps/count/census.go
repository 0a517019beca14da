package main

import (
	"fmt"
	"log"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// sizes are the numbers of tasks of the two services that are compared.
func sizes() [2]int { return [2]int{5, 5000} }

// censuses prints the steps that an event of a service takes by its census, and by its whole view.
func censuses() {
	for _, e := range []struct {
		name   string
		change func(t *scheduler.Task)
	}{
		{"nothing", func(*scheduler.Task) {}},
		{"a check fails", func(t *scheduler.Task) { t.ContainerHealth = ecs.HealthStatusUnhealthy }},
		{"an instance drains", func(t *scheduler.Task) { t.InstanceDraining = true }},
		{"protection", func(t *scheduler.Task) { t.ProtectedUntil = ecs.At(noon.Add(time.Hour)) }},
		{"a task exits", func(t *scheduler.Task) {
			t.LastStatus, t.DesiredStatus = ecs.TaskStatusStopped, ecs.DesiredStatusStopped
		}},
	} {
		var crowds [2]*crowd
		for i, n := range sizes() {
			crowds[i] = newCrowd(n)
		}
		row("census", e.name, func(i int) { crowds[i].event(e.change) })
		if e.name == "nothing" {
			row("view", e.name, func(i int) { scheduler.Reconcile(crowds[i].whole, noon) })
		}
	}
	daemons()
}

// daemons is the same for a DAEMON service, whose events are those of instances, too.
func daemons() {
	for _, name := range []string{"a daemon fails", "an instance joins", "an instance goes"} {
		var crowds [2]*crowd
		for i, n := range sizes() {
			crowds[i] = newFleet(n)
		}
		row("census", name, func(i int) {
			c := crowds[i]
			switch name {
			case "an instance joins":
				c.census.PutInstance(scheduler.Instance{ID: "new"})
				c.reconcile()
			case "an instance goes":
				c.census.DropInstance(c.whole.Instances[len(c.at)/2].ID)
				c.reconcile()
			default:
				c.event(func(t *scheduler.Task) { t.ContainerHealth = ecs.HealthStatusUnhealthy })
			}
		})
	}
}

// newFleet returns a steady DAEMON service on n instances.
func newFleet(n int) *crowd {
	v := scheduler.View{Service: ecs.Service{ServiceName: "agent", SchedulingStrategy: ecs.SchedulingStrategyDaemon}}
	for i := range n {
		v.Instances = append(v.Instances, scheduler.Instance{ID: ecs.InstanceID(fmt.Sprintf("i-%08x", i))})
	}
	return settled(v, n)
}

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// crowd is a steady service, its census, and the place of the task in the middle.
type crowd struct {
	whole  scheduler.View
	census *scheduler.Census
	at     []scheduler.Entry
}

// newCrowd returns a steady REPLICA service of n tasks.
func newCrowd(n int) *crowd {
	v := scheduler.View{Zones: []string{"a", "b", "c"}}
	v.Service = ecs.Service{ServiceName: "web", DesiredCount: n,
		AvailabilityZoneRebalancing: ecs.AvailabilityZoneRebalancingEnabled}
	return settled(v, n)
}

// settled returns the service with its tasks.
func settled(v scheduler.View, n int) *crowd {
	d := scheduler.Rollout{Deployment: ecs.Deployment{ID: "ecs-svc/1"}, ContainerHealthCheck: true}
	v.State = v.State.Deploy(d, noon)
	for i := range n {
		t := scheduler.Task{ID: ecs.TaskID(fmt.Sprintf("%032x", i)), Deployment: d.ID,
			LastStatus: ecs.TaskStatusRunning, DesiredStatus: ecs.DesiredStatusRunning,
			StartedAt:       ecs.At(noon.Add(-time.Hour - time.Duration(i)*time.Second)),
			ContainerHealth: ecs.HealthStatusHealthy}
		if len(v.Instances) > 0 {
			t.Instance = v.Instances[i].ID
		} else {
			t.Zone = v.Zones[i%3]
		}
		v.Tasks = append(v.Tasks, t)
	}
	for p := scheduler.Reconcile(v, noon); !p.Empty(); p = scheduler.Reconcile(v, noon) {
		v = scheduler.Apply(v, p, noon, scheduler.Choices{})
	}
	c := &crowd{whole: v}
	c.census, c.at = scheduler.CensusOf(v, noon)
	c.reconcile() // the first plan of a census looks at every start
	return c
}

func (c *crowd) reconcile() {
	v := c.whole
	v.Tasks, v.Instances = nil, nil
	if _, ok := c.census.Reconcile(v, noon); !ok {
		log.Fatal("the census is void")
	}
}

// event changes a task and asks for the plan.
func (c *crowd) event(change func(*scheduler.Task)) {
	middle := len(c.at) / 2
	t := c.whole.Tasks[middle]
	change(&t)
	c.at[middle] = c.census.Put(c.at[middle], t, noon)
	c.reconcile()
}
