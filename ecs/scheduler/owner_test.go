package scheduler

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// owner carries plans out with a census, as a control plane does: what it does for an event does
// not go by the number of tasks. Each task starts, settles and stops at its own instant.
type owner struct {
	v       View // without Tasks
	now     time.Time
	census  *Census
	tasks   map[ecs.TaskID]*owned
	classes map[string]map[Class][]ecs.TaskID // those that joined a class; they may have left it
	coming  []happening                       // in order of time, since all take equally long
	issued  int
	events  int
}

type owned struct {
	Task
	at    Entry
	class Class
}

// happening is a task that runs at a time, or has stopped.
type happening struct {
	at   time.Time
	task ecs.TaskID
}

func newOwner(v View, now time.Time) *owner {
	o := &owner{now: now, tasks: map[ecs.TaskID]*owned{}, classes: map[string]map[Class][]ecs.TaskID{}}
	c, at := CensusOf(v, now)
	for i, t := range v.Tasks {
		o.tasks[t.ID] = &owned{Task: t, at: at[i]}
		o.classify(o.tasks[t.ID])
	}
	v.Tasks = nil
	o.v, o.census = v, c
	return o
}

// put tells the census of a task.
func (o *owner) put(t *owned) {
	t.at = o.census.Put(t.at, t.Task, o.now)
	o.classify(t)
}

func (o *owner) classify(t *owned) {
	is := Class("")
	if o.census != nil {
		is = o.census.Class(t.at)
	}
	if is != t.class && is != "" {
		if o.classes[t.Deployment] == nil {
			o.classes[t.Deployment] = map[Class][]ecs.TaskID{}
		}
		o.classes[t.Deployment][is] = append(o.classes[t.Deployment][is], t.ID)
	}
	t.class = is
}

// reconcile plans and carries out until nothing is to be done.
func (o *owner) reconcile(t require.TestingT) time.Time {
	for {
		for _, id := range o.census.Due(o.now) {
			o.put(o.tasks[id])
		}
		p, ok := o.census.Reconcile(o.v, o.now)
		if !ok {
			require.Fail(t, "the census is void")
		}
		if p.Empty() {
			return p.WakeAt
		}
		o.carryOut(p)
	}
}

func (o *owner) carryOut(p Plan) {
	if p.State != nil {
		o.v.State = *p.State
	}
	for _, n := range p.Notes {
		o.tasks[n.Task].Noted = n.Health
		o.put(o.tasks[n.Task])
	}
	for _, id := range p.Forget {
		o.census.Drop(o.tasks[id].at)
		delete(o.tasks, id)
	}
	for _, s := range p.Stop {
		ids := s.Tasks
		for line := o.classes[s.Deployment][s.Class]; len(ids) < s.Count; line = o.classes[s.Deployment][s.Class] {
			if k := o.tasks[line[0]]; k != nil && k.class == s.Class {
				ids = append(ids, k.ID)
			}
			o.classes[s.Deployment][s.Class] = line[1:]
		}
		for _, id := range ids {
			k := o.tasks[id]
			k.DesiredStatus, k.StopCode = ecs.DesiredStatusStopped, s.StopCode
			o.put(k)
			o.later(id)
		}
	}
	for _, s := range p.Start {
		for range s.Count {
			o.issued++
			k := &owned{Task: Task{ID: ecs.TaskID(fmt.Sprintf("n%d", o.issued)), Deployment: s.Deployment,
				LastStatus:    ecs.TaskStatusPending,
				DesiredStatus: ecs.DesiredStatusRunning, CreatedAt: ecs.At(o.now), Zone: s.Zone}}
			if k.Zone == "" {
				k.Zone = o.v.Zones[o.issued%len(o.v.Zones)]
			}
			o.tasks[k.ID] = k
			o.put(k)
			o.later(k.ID)
		}
	}
}

// later lets a task run, or stop, in five seconds, at an instant of its own.
func (o *owner) later(id ecs.TaskID) {
	at := o.now.Add(5 * time.Second)
	if n := len(o.coming); n > 0 && !o.coming[n-1].at.Before(at) {
		at = o.coming[n-1].at.Add(time.Millisecond)
	}
	o.coming = append(o.coming, happening{at, id})
}

// run goes from event to event until the service is steady.
func (o *owner) run(t require.TestingT) {
	for {
		wake := o.reconcile(t)
		switch {
		case len(o.coming) > 0 && (wake.IsZero() || !o.coming[0].at.After(wake)):
			o.now = o.coming[0].at
			k := o.tasks[o.coming[0].task]
			o.coming = o.coming[1:]
			if k.DesiredStatus == ecs.DesiredStatusStopped {
				k.LastStatus = ecs.TaskStatusStopped
			} else {
				k.LastStatus, k.StartedAt = ecs.TaskStatusRunning, ecs.At(o.now)
			}
			o.put(k)
		case len(o.v.State.Rollouts) == 1 && o.v.State.Rollouts[0].RolloutState == ecs.DeploymentRolloutStateCompleted:
			return
		default:
			o.now = wake
		}
		o.events++
	}
}

// crew returns the owner of a steady service of n tasks without health checks.
func crew(t require.TestingT, n int) *owner {
	var v View
	v.Service = ecs.Service{ServiceName: "web", DesiredCount: n, Status: ecs.ServiceStatusActive,
		AvailabilityZoneRebalancing: ecs.AvailabilityZoneRebalancingEnabled}
	v.Zones = []string{"a", "b", "c"}
	v.State = v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: "ecs-svc/1"}}, epoch)
	o := newOwner(v, epoch)
	o.run(t)
	require.Len(t, o.tasks, n)
	return o
}

// roll updates the service at one revision a call.
func (o *owner) roll(t require.TestingT, revision int) {
	o.v.State = o.v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: fmt.Sprint("ecs-svc/", revision)}}, o.now)
	o.v.Service.DeploymentConfiguration.MaximumPercent = ecs.Some(150)
	o.run(t)
}

// TestOwner rolls a service with nothing but a census, and meets what the whole view says.
func TestOwner(t *testing.T) {
	o := crew(t, 30)
	o.roll(t, 2)
	require.Len(t, o.tasks, 30)
	v := o.v
	for _, k := range o.tasks { //order:any a steady service's are alike
		require.Equal(t, "ecs-svc/2", k.Deployment)
		v.Tasks = append(v.Tasks, k.Task)
	}
	require.True(t, Reconcile(v, o.now).Empty())
}

// BenchmarkCensusEvent tells the census of one task of a steady service whose check fails, and
// comes right, and asks for the plans; Reconcile=whole does the same by the view.
func BenchmarkCensusEvent(b *testing.B) {
	for _, n := range []int{5, 100, 5000} {
		b.Run(fmt.Sprintf("tasks=%d", n), func(b *testing.B) {
			v, now := bigService(b, n)
			c, at := CensusOf(v, now)
			tasks := v.Tasks
			v.Tasks = nil
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				k := tasks[i/2%n]
				if i%2 == 0 {
					k.ContainerHealth = ecs.HealthStatusUnhealthy
				}
				at[i/2%n] = c.Put(at[i/2%n], k, now)
				if p, ok := c.Reconcile(v, now); !ok || p.Empty() != (i%2 == 1) {
					b.Fatalf("%v %+v", ok, p)
				}
			}
		})
		b.Run(fmt.Sprintf("Reconcile=whole/tasks=%d", n), func(b *testing.B) {
			v, now := bigService(b, n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				k := &v.Tasks[i/2%n]
				k.ContainerHealth = []ecs.HealthStatus{ecs.HealthStatusUnhealthy, ecs.HealthStatusHealthy}[i%2]
				if p := Reconcile(v, now); p.Empty() != (i%2 == 1) {
					b.Fatalf("%+v", p)
				}
			}
		})
	}
}

// BenchmarkCensusRollout updates a service whose tasks each start, settle and stop at an instant of
// their own.
func BenchmarkCensusRollout(b *testing.B) {
	for _, n := range []int{5, 100, 5000} {
		b.Run(fmt.Sprintf("tasks=%d", n), func(b *testing.B) {
			o := crew(b, n)
			o.events = 0
			b.ReportAllocs()
			revision := 1
			for b.Loop() {
				revision++
				o.roll(b, revision)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(o.events), "ns/event")
			b.ReportMetric(float64(o.events)/float64(b.N), "events/op")
		})
	}
}
