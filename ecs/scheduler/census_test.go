package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// crowd is a view to which anything happens, likely or not, and its census.
type crowd struct {
	t      *rapid.T
	v      View
	now    time.Time
	mirror mirror
	issued int
}

func newCrowd(t *rapid.T) *crowd {
	c := &crowd{t: t, now: epoch}
	c.v = View{Service: anyService(t), State: anyState(t),
		Zones: []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(t, "zones")]}
	for i := range 3 {
		c.inspect(ecs.InstanceID(fmt.Sprint("i-", i)))
	}
	c.v.Options.StoppingCounts = rapid.Bool().Draw(t, "stopping")
	c.v.Options.CodeDeploy = CodeDeploy{BlueAction: one(t, "blue", "", BlueActionKeepAlive)}
	for range rapid.IntRange(0, 12).Draw(t, "tasks") {
		c.arrive()
	}
	return c
}

// arrive adds a task that nobody planned.
func (c *crowd) arrive() {
	c.issued++
	k := Task{ID: ecs.TaskID(fmt.Sprint("t", c.issued)), Deployment: anyDeployment(c.t), CreatedAt: ecs.At(c.now),
		DesiredStatus: ecs.DesiredStatusRunning}
	if rapid.Bool().Draw(c.t, "works") {
		c.work(&k)
	}
	for range rapid.IntRange(0, 4).Draw(c.t, "moves") {
		c.move(&k)
	}
	c.v.Tasks = append(c.v.Tasks, k)
}

// inspect lists an instance of a DAEMON service as it is now, or not.
func (c *crowd) inspect(id ecs.InstanceID) {
	if c.v.Service.SchedulingStrategy != ecs.SchedulingStrategyDaemon {
		return
	}
	t := c.t
	list := slices.DeleteFunc(slices.Clone(c.v.Instances), func(i Instance) bool { return i.ID == id })
	if rapid.IntRange(0, 4).Draw(t, "listed") > 0 {
		i := Instance{ID: id, Draining: rapid.IntRange(0, 3).Draw(t, "draining") == 0}
		i.Disconnected = rapid.IntRange(0, 3).Draw(t, "disconnected") == 0
		i.ReplicaTasks = rapid.IntRange(0, 1).Draw(t, "replicas")
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b Instance) int { return strings.Compare(string(a.ID), string(b.ID)) })
	c.v.Instances = list
}

// work makes it a task that runs, on an instance that may drain, and that may be protected.
func (c *crowd) work(k *Task) {
	t := c.t
	ill := []ecs.HealthStatus{ecs.HealthStatusHealthy, ecs.HealthStatusHealthy, ecs.HealthStatusUnhealthy}
	k.Deployment = one(t, "of", "ecs-svc/1", "ecs-svc/2")
	k.LastStatus, k.StartedAt = ecs.TaskStatusRunning, ecs.At(c.now.Add(-time.Minute))
	k.ContainerHealth = rapid.SampledFrom(ill).Draw(t, "container")
	k.TargetHealth = rapid.SampledFrom(ill).Draw(t, "target")
	k.Instance = one[ecs.InstanceID](t, "on", "i-0", "i-1", "i-2", "i-9", "")
	k.InstanceDraining = rapid.IntRange(0, 2).Draw(t, "draining") == 0
	if rapid.IntRange(0, 2).Draw(t, "protected") == 0 {
		k.ProtectedUntil = c.moment()
	}
}

// moment returns a time around now.
func (c *crowd) moment() ecs.Instant {
	return ecs.At(c.now.Add(time.Duration(rapid.IntRange(-50, 90).Draw(c.t, "seconds")) * time.Second))
}

// move changes something about a task.
func (c *crowd) move(k *Task) {
	t := c.t
	health := []ecs.HealthStatus{"", ecs.HealthStatusHealthy, ecs.HealthStatusUnhealthy}
	switch rapid.IntRange(0, 13).Draw(t, "of the task") {
	case 0, 1, 2: // it runs
		k.LastStatus, k.StartedAt = ecs.TaskStatusRunning, c.moment()
	case 3:
		k.LastStatus = one[ecs.TaskStatus](t, "last", "PROVISIONING", "PENDING", "STOPPED", "DEPROVISIONING",
			"DELETED", "")
	case 4:
		k.LastStatus, k.StopCode = ecs.TaskStatusStopped,
			one(t, "code", ecs.TaskStopCodeTaskFailedToStart, ecs.TaskStopCodeUserInitiated)
	case 5:
		k.DesiredStatus = one(t, "desired", ecs.DesiredStatusRunning, ecs.DesiredStatusStopped, "")
	case 6: // a check turns
		was := k.ContainerHealth
		if k.ContainerHealth = ecs.HealthStatusHealthy; was == ecs.HealthStatusHealthy {
			k.ContainerHealth = ecs.HealthStatusUnhealthy
		}
	case 7:
		k.ContainerHealth = rapid.SampledFrom(health).Draw(t, "container")
	case 8:
		k.TargetHealth, k.TargetGroup, k.TargetReason = rapid.SampledFrom(health).Draw(t, "target"),
			one(t, "group", "", "tg"), one(t, "why", "", "Timeout")
	case 9:
		k.Instance, k.InstanceDraining = one[ecs.InstanceID](t, "instance", "i-0", "i-1", "i-2", "i-9", ""),
			rapid.Bool().Draw(t, "draining")
	case 10:
		k.Zone, k.CapacityProvider = one(t, "zone", "a", "b", "z", ""), one(t, "provider", "a", "b", "")
	case 11:
		k.ProtectedUntil = c.moment()
	case 12:
		k.Noted = rapid.SampledFrom(health).Draw(t, "noted")
	case 13:
		k.Deployment = anyDeployment(t)
	}
}

// act does something to the view.
func (c *crowd) act() {
	t, v := c.t, &c.v
	switch rapid.IntRange(0, 16).Draw(t, "act") {
	case 16:
		c.inspect(one[ecs.InstanceID](t, "which", "i-0", "i-1", "i-2"))
	case 0, 1, 2, 3:
		if n := len(v.Tasks); n > 0 {
			v.Tasks = slices.Clone(v.Tasks)
			c.move(&v.Tasks[rapid.IntRange(0, n-1).Draw(t, "task")])
		}
	case 4:
		c.arrive()
	case 5:
		if n := len(v.Tasks); n > 0 {
			i := rapid.IntRange(0, n-1).Draw(t, "gone")
			v.Tasks = slices.Delete(slices.Clone(v.Tasks), i, i+1)
		}
	case 6, 7:
		c.now = c.now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "seconds")) * time.Second)
	case 8:
		c.now = c.now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "minutes")) * time.Minute)
	case 9:
		v.Service.DesiredCount = rapid.IntRange(-1, 8).Draw(t, "desired")
	case 10:
		v.Service.Status = one(t, "status", ecs.ServiceStatusActive, ecs.ServiceStatusActive, ecs.ServiceStatusDraining)
	case 11:
		v.Service.HealthCheckGracePeriodSeconds = one(t, "grace", ecs.Opt[int]{}, ecs.Some(30), ecs.Some(60))
	case 12:
		c.issued++
		v.State = v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: fmt.Sprint("ecs-svc/new", c.issued)},
			ContainerHealthCheck: rapid.Bool().Draw(t, "check"), LoadBalanced: rapid.Bool().Draw(t, "balanced")}, c.now)
	case 13:
		if n := len(v.State.Rollouts); n > 0 { // a task set is scaled, goes or is removed
			i := rapid.IntRange(0, n-1).Draw(t, "rollout")
			v.State.Rollouts = slices.Clone(v.State.Rollouts)
			switch d := &v.State.Rollouts[i]; rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				d.Scale = &ecs.Scale{Value: 50}
			case 1:
				d.Status = ecs.DeploymentStatusDraining
			case 2:
				v.State.Rollouts = slices.Delete(v.State.Rollouts, i, i+1)
			}
		}
	case 14:
		v.Requests = []Request{{Type: one(t, "request", RequestTypeAbort, RequestTypeRollback),
			Deployment: anyDeployment(t)}}
	case 15:
		v.PlacementFailures = []PlacementFailure{{Deployment: anyDeployment(t), Count: 1, Zone: one(t, "in", "", "a")}}
		v.CapacityChanged = rapid.Bool().Draw(t, "capacity")
	}
}

// follow compares, and carries the plan out or lets it be.
func (c *crowd) follow() {
	c.mirror.check(c.t, c.v, c.now)
	if rapid.IntRange(0, 3).Draw(c.t, "idle") == 0 {
		return
	}
	p := Reconcile(c.v, c.now)
	place := func(s Start, k *Task) (bool, string) {
		c.issued++
		k.ID = ecs.TaskID(fmt.Sprint("t", c.issued))
		if k.Zone == "" {
			k.Zone = one(c.t, "zone", "a", "b", "c")
		}
		return rapid.IntRange(0, 4).Draw(c.t, "room") > 0, "is full"
	}
	pick := func(s Stop, among []int) []int {
		first := rapid.IntRange(0, len(among)-s.Count).Draw(c.t, "first")
		return among[first : first+s.Count]
	}
	c.v = Apply(c.v, p, c.now, Choices{Place: place, Pick: pick})
	c.mirror.check(c.t, c.v, c.now)
}

// TestCensus holds the plans of a census, kept up task by task, against those of the whole view,
// over histories that no control plane leads to. mirror says what is compared. Every other test
// of this package compares, too.
func TestCensus(t *testing.T) {
	puts, voids, checks := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := newCrowd(t)
		c.follow()
		for range rapid.IntRange(1, 30).Draw(t, "acts") {
			c.act()
			c.follow()
		}
		puts, voids, checks = puts+c.mirror.puts, voids+c.mirror.voids, checks+c.mirror.checks
	})
	require.Positive(t, puts)
	require.Less(t, voids, checks/10, "most plans are of a census made anew")
	t.Logf("%d plans compared, %d tasks put again, %d times the census was void", checks, puts, voids)
}

// A census that cannot know says so, and plans nothing.
func TestCensusRefuses(t *testing.T) {
	v := View{Service: ecs.Service{ServiceName: "web", DesiredCount: 1}}
	v.State = v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: "ecs-svc/1"}}, epoch)
	v.Tasks = []Task{{ID: "t", Deployment: "ecs-svc/1", LastStatus: ecs.TaskStatusRunning,
		DesiredStatus: ecs.DesiredStatusRunning, StartedAt: ecs.At(epoch)}}
	for name, change := range map[string]func(v *View) time.Time{
		"":              func(*View) time.Time { return epoch.Add(settle - 1) },
		"a task is due": func(*View) time.Time { return epoch.Add(settle) },
		"another grace period": func(v *View) time.Time {
			v.Service.HealthCheckGracePeriodSeconds = ecs.Some(1)
			return epoch
		},
		"a deployment went": func(v *View) time.Time { v.State.Rollouts = nil; return epoch },
		"a deployment came": func(v *View) time.Time { v.Tasks[0].Deployment = "ecs-svc/2"; return epoch },
		"a service of another kind": func(v *View) time.Time {
			v.Service.SchedulingStrategy = ecs.SchedulingStrategyDaemon
			return epoch
		},
	} { //order:any each by itself
		v := v
		v.Tasks = slices.Clone(v.Tasks)
		next := v
		now := change(&next)
		c, _ := CensusOf(v, epoch)
		if name == "a deployment came" {
			next.State = next.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: "ecs-svc/2"}}, now)
		}
		next.Tasks = nil
		p, ok := c.Reconcile(next, now)
		require.Equal(t, name == "", ok, name)
		require.Equal(t, ok, !p.Empty(), name)
	}
}

// An Entry that stands for no task any more is that of a new one.
func TestEntryOfNobody(t *testing.T) {
	c, at := CensusOf(View{Tasks: []Task{{ID: "t"}, {ID: "u"}}}, epoch)
	c.Drop(at[0])
	c.Drop(at[0])
	c.Drop(99)
	require.Empty(t, c.Class(at[0]))
	require.Equal(t, at[0], c.Put(99, Task{ID: "v"}, epoch)) // where the first one was
	var order []ecs.TaskID
	for m := range c.restless.All() {
		order = append(order, c.entries[m.slot].id)
	}
	require.Equal(t, []ecs.TaskID{"u", "v"}, order)
}

// Of two deployments with one ID the first has the tasks, for a census as for Reconcile.
func TestCensusOfTwins(t *testing.T) {
	v := View{Service: ecs.Service{ServiceName: "web", DesiredCount: 2}}
	for range 2 {
		v.State = v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: "ecs-svc/1"}}, epoch)
	}
	v.Tasks = []Task{{ID: "t", Deployment: "ecs-svc/1", LastStatus: ecs.TaskStatusRunning,
		DesiredStatus: ecs.DesiredStatusRunning, StartedAt: ecs.At(epoch)}}
	new(mirror).check(t, v, epoch.Add(time.Minute))
}

// A daemon that waits on a draining instance is none of those that may stop for a new revision: of the
// two others one goes.
func TestCensusOfHeldDaemons(t *testing.T) {
	v := View{Service: ecs.Service{ServiceName: "agent", SchedulingStrategy: ecs.SchedulingStrategyDaemon}}
	v.Service.DeploymentConfiguration.MinimumHealthyPercent = ecs.Some(50)
	for n := range 2 {
		v.State = v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: fmt.Sprint("ecs-svc/", n)}}, epoch)
	}
	for n, drains := range []bool{false, false, true} {
		id := ecs.InstanceID(fmt.Sprint("i-", n))
		v.Instances = append(v.Instances, Instance{ID: id, Draining: drains, ReplicaTasks: 1})
		v.Tasks = append(v.Tasks, Task{ID: ecs.TaskID(fmt.Sprint("t", n)), Deployment: "ecs-svc/0", Instance: id,
			LastStatus: ecs.TaskStatusRunning, DesiredStatus: ecs.DesiredStatusRunning, StartedAt: ecs.At(epoch)})
	}
	now := epoch.Add(time.Minute)
	new(mirror).check(t, v, now)
	p := Reconcile(v, now)
	require.Equal(t, []ecs.TaskID{"t0"}, p.Stop[0].Tasks)
	require.Len(t, p.Stop, 1)
}

// Of two ill daemons the one on the first instance is replaced, though it was not alone there.
func TestCensusOfIllDaemons(t *testing.T) {
	v := View{Service: ecs.Service{ServiceName: "agent", SchedulingStrategy: ecs.SchedulingStrategyDaemon},
		Instances: []Instance{{ID: "i-0"}, {ID: "i-1"}}}
	for n := range 2 {
		id := fmt.Sprint("ecs-svc/", n)
		v.State = v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: id}, ContainerHealthCheck: n > 0}, epoch)
	}
	for i, at := range []struct{ deployment, instance string }{{"0", "i-0"}, {"1", "i-0"}, {"1", "i-1"}} {
		v.Tasks = append(v.Tasks, Task{ID: ecs.TaskID(fmt.Sprint("t", i)), Deployment: "ecs-svc/" + at.deployment,
			Instance: ecs.InstanceID(at.instance), LastStatus: ecs.TaskStatusRunning, StartedAt: ecs.At(epoch),
			DesiredStatus: ecs.DesiredStatusRunning, ContainerHealth: ecs.HealthStatusUnhealthy})
	}
	now := epoch.Add(time.Minute)
	new(mirror).check(t, v, now)
	var stopped []ecs.TaskID
	for _, s := range Reconcile(v, now).Stop {
		stopped = append(stopped, s.Tasks...)
	}
	require.Equal(t, []ecs.TaskID{"t0", "t1"}, stopped)
}
