package services

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/census"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// shelf is the room of services with the rooms below it, and nobody who carries out what is wanted.
type shelf struct {
	fleet.Watcher
	position core.Position
	counters outbox.Counters
	timers   deadlines.Timers
	core     *core.Core
	box      *outbox.Outbox
	registry *registry.Registry
	tasks    *tasks.Room
	room     *Room
	cluster  *fleet.Cluster
}

func (w *shelf) Gone(c *fleet.Cluster) { w.room.Gone(c) }

func newShelf(t require.TestingT) *shelf {
	w := &shelf{}
	w.position.Now = ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w.core = core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &w.position)
	w.registry = registry.New(registry.Config{Region: "us-east-1", Account: "123456789012", Partition: "aws"})
	w.box = outbox.New(outbox.Config{Seed: 1, Retry: message.Retry{}.WithDefaults(), Now: w.core.Now,
		Counters: &w.counters}, &w.timers)
	halls := fleet.New(fleet.Config{Watcher: w, Core: w.core})
	w.tasks = tasks.New(tasks.Config{Core: w.core, Outbox: w.box, Fleet: halls, Registry: w.registry})
	books := targets.New(targets.Config{Core: w.core, Ports: halls.PortsOfTarget}, &w.timers)
	w.tasks.Targets = books
	w.room = New(Config{Core: w.core, Outbox: w.box, Fleet: halls, Tasks: w.tasks, Targets: books,
		Balancers: balancers.New(balancers.Config{Core: w.core, Groups: targets.NewGroups(books, nil)}),
		Capacity: capacity.New(capacity.Config{Core: w.core, Outbox: w.box, Fleet: halls, Tasks: w.tasks,
			Registry: w.registry}),
		Registry: w.registry, TasksPerService: 100})
	w.room.Watch(&w.timers)
	w.room.Scaling = scaling.New(scaling.Config{Core: w.core, Outbox: w.box, Services: scalables{w.room}}, &w.timers)
	w.cluster, _ = halls.MakeCluster(api.CreateClusterInput{ClusterName: "c"})
	w.define(t, "web", ecs.NetworkModeBridge)
	return w
}

func (w *shelf) define(t require.TestingT, family string, mode ecs.NetworkMode) ecs.TaskDefinition {
	d, err := w.registry.Register(w.position.Now.Time(), ecs.TaskDefinition{Family: family, NetworkMode: mode,
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i", CPU: 100, Memory: 100,
			PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}})
	require.NoError(t, err)
	return d
}

func (w *shelf) create(t require.TestingT, name string, change ...func(*api.CreateServiceInput)) *Service {
	in := api.CreateServiceInput{Cluster: "c", ServiceName: name, TaskDefinition: "web", DesiredCount: ecs.Some(2)}
	for _, f := range change {
		f(&in)
	}
	s, err := w.room.MakeService(in)
	require.NoError(t, err)
	return s
}

func (w *shelf) update(name string, in api.UpdateServiceInput) error {
	in.Cluster, in.Service = "c", name
	_, err := w.room.UpdateService(in)
	return err
}

// task adds a task to a service, which has no place.
func (w *shelf) task(s *Service) *tasks.Task {
	d, err := w.registry.Resolve("web")
	if err != nil {
		panic(err)
	}
	return w.tasks.Add(tasks.Order{Cluster: w.cluster, Owner: s, Service: s.Record.ServiceName, Definition: &d,
		Deployment: s.State.Rollouts[0].ID, Group: s.Group()})
}

// TestQueue holds the queue of services to a list: each is in it once, and the first that was touched
// comes first.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newShelf(t)
		var all, want []*Service
		for n := range 4 {
			s := w.create(t, fmt.Sprint("s", n))
			all, want = append(all, s), append(want, s)
		}
		t.Repeat(map[string]func(*rapid.T){
			"touch": func(t *rapid.T) {
				s := rapid.SampledFrom(all).Draw(t, "service")
				s.Touch()
				for _, o := range want {
					if o == s {
						return
					}
				}
				want = append(want, s)
			},
			"next": func(t *rapid.T) {
				s, ok := w.room.Next()
				require.Equal(t, len(want) > 0, ok)
				if ok {
					require.Same(t, want[0], s)
					want = want[1:]
				}
			},
			"": func(t *rapid.T) { require.Len(t, w.room.Check(), len(want), "each is named by check") },
		})
	})
}

// TestFound sees how services are found: by name and ARN, living and deleted.
func TestFound(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	for _, ref := range []string{"s", s.Record.ServiceArn} {
		found, err := w.room.ActiveService(w.cluster, ref)
		require.NoError(t, err)
		require.Same(t, s, found)
	}
	found, ok := w.room.ServiceByArn(s.Record.ServiceArn)
	require.True(t, ok)
	require.Same(t, s, found)
	for _, arn := range []string{"s", strings.Replace(s.Record.ServiceArn, "/c/", "/d/", 1),
		s.Record.ServiceArn + "x"} {
		_, ok := w.room.ServiceByArn(arn)
		require.False(t, ok, arn)
	}
	of, err := w.room.ServiceOf(w.room.DeploymentArn(s, s.State.Rollouts[0].ID))
	require.NoError(t, err)
	require.Same(t, s, of)
	_, err = w.room.ServiceOf("a/b")
	require.ErrorIs(t, err, ecs.ServiceNotFoundException)
	s.Record.Status = ecs.ServiceStatusDraining
	_, err = w.room.ActiveService(w.cluster, "s")
	require.ErrorIs(t, err, ecs.ServiceNotActiveException)
	_, err = w.room.LivingService(w.cluster, "s")
	require.NoError(t, err)
	s.Record.Status = ecs.ServiceStatusInactive
	_, err = w.room.LivingService(w.cluster, "s")
	require.ErrorIs(t, err, ecs.ServiceNotFoundException)
	_, err = w.room.Service(w.cluster, "s")
	require.NoError(t, err, "what it did may still be looked at")
	_, err = w.room.ServiceIn("d", "s")
	require.ErrorIs(t, err, ecs.ClusterNotFoundException)
	w.room.Gone(w.cluster)
	require.Empty(t, w.room.In(w.cluster))
	_, ok = w.room.Find(w.cluster, "s")
	require.False(t, ok)
}

// TestCreateRefused sees what no service may be, and that a refusal leaves nothing behind.
func TestCreateRefused(t *testing.T) {
	w := newShelf(t)
	w.create(t, "there")
	for says, change := range map[string]func(*api.CreateServiceInput){
		"was not idempotent":      func(in *api.CreateServiceInput) { in.ServiceName = "there" },
		"at most 100 tasks":       func(in *api.CreateServiceInput) { in.DesiredCount = ecs.Some(101) },
		"Cluster not found":       func(in *api.CreateServiceInput) { in.Cluster = "d" },
		"Unable to describe task": func(in *api.CreateServiceInput) { in.TaskDefinition = "gone" },
		"names a namespace": func(in *api.CreateServiceInput) {
			in.ServiceConnectConfiguration = &ecs.ServiceConnectConfiguration{Enabled: true}
		},
		"serviceName": func(in *api.CreateServiceInput) { in.ServiceName = "" },
		"capacity provider": func(in *api.CreateServiceInput) {
			in.CapacityProviderStrategy = []ecs.CapacityProviderStrategyItem{{CapacityProvider: "p", Weight: 1}}
		},
		"loadBalancers[0]": func(in *api.CreateServiceInput) {
			in.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: groupNamed("g"),
				ContainerName: "x", ContainerPort: 80}}
		},
	} {
		in := api.CreateServiceInput{Cluster: "c", ServiceName: "s", TaskDefinition: "web", DesiredCount: ecs.Some(1)}
		change(&in)
		_, err := w.room.MakeService(in)
		require.ErrorContains(t, err, says)
	}
	require.Len(t, w.room.In(w.cluster), 1)
	w.cluster.Record.ServiceConnectDefaults = &ecs.ServiceConnectDefaults{Namespace: "n"}
	w.create(t, "connected", func(in *api.CreateServiceInput) {
		in.ServiceConnectConfiguration = &ecs.ServiceConnectConfiguration{Enabled: true}
	})
}

// TestDefaults sees what a service is that says as little as it may.
func TestDefaults(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	require.Equal(t, ecs.SchedulingStrategyReplica, s.Record.SchedulingStrategy)
	require.Equal(t, ecs.DeploymentControllerTypeEcs, s.Record.DeploymentController.Type)
	require.Equal(t, ecs.AvailabilityZoneRebalancingEnabled, s.Record.AvailabilityZoneRebalancing)
	require.Len(t, s.State.Rollouts, 1)
	require.Equal(t, "service:s", s.Group())
	daemon := w.create(t, "daemon", func(in *api.CreateServiceInput) {
		in.SchedulingStrategy, in.DesiredCount = ecs.SchedulingStrategyDaemon, ecs.Opt[int]{}
	})
	require.True(t, daemon.Daemon())
}

// TestUpdates sees which updates start a deployment, and that what is absent stays.
func TestUpdates(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s", func(in *api.CreateServiceInput) {
		in.PlacementStrategy = []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeRandom}}
		in.EnableExecuteCommand = true
	})
	for _, step := range []struct {
		what   string
		in     api.UpdateServiceInput
		starts bool
	}{
		{"nothing", api.UpdateServiceInput{}, false},
		{"count", api.UpdateServiceInput{DesiredCount: ecs.Some(3)}, false},
		{"the same definition", api.UpdateServiceInput{TaskDefinition: "web:1"}, false},
		{"force", api.UpdateServiceInput{ForceNewDeployment: true}, true},
		{"placement", api.UpdateServiceInput{PlacementStrategy: ecs.Some([]ecs.PlacementStrategy{})}, false},
		{"monitoring", api.UpdateServiceInput{Monitoring: &api.MonitoringConfiguration{}}, true},
	} {
		before := len(s.Revisions)
		require.NoError(t, w.update("s", step.in), step.what)
		require.Equal(t, step.starts, len(s.Revisions) > before, step.what)
	}
	require.Equal(t, 3, s.Record.DesiredCount)
	require.Empty(t, s.Record.PlacementStrategy, "an empty list clears")
	require.True(t, s.Record.EnableExecuteCommand, "what is absent stays")
	require.ErrorContains(t, w.update("s", api.UpdateServiceInput{DesiredCount: ecs.Some(101)}), "at most 100 tasks")
	require.ErrorIs(t, w.update("x", api.UpdateServiceInput{}), ecs.ServiceNotFoundException)
	for len(s.State.Rollouts) < MaxDeployments {
		require.NoError(t, w.update("s", api.UpdateServiceInput{ForceNewDeployment: true}))
	}
	require.ErrorContains(t, w.update("s", api.UpdateServiceInput{ForceNewDeployment: true}),
		"5 active deployments exist")
	require.NoError(t, w.update("s", api.UpdateServiceInput{DesiredCount: ecs.Some(1)}), "that starts none")
}

// TestRelaunched sees the launch type of a service whose strategy comes and goes.
func TestRelaunched(t *testing.T) {
	provider := func(name string) []ecs.CapacityProviderStrategyItem {
		return []ecs.CapacityProviderStrategyItem{{CapacityProvider: name}}
	}
	for _, c := range []struct {
		launchType ecs.LaunchType
		had, gets  []ecs.CapacityProviderStrategyItem
		want       ecs.LaunchType
	}{
		{ecs.LaunchTypeEC2, nil, provider("p"), ""},
		{ecs.LaunchTypeFargate, nil, nil, ecs.LaunchTypeFargate},
		{"", provider("FARGATE_SPOT"), nil, ecs.LaunchTypeFargate},
		{"", provider("p"), nil, ecs.LaunchTypeEC2},
	} {
		in := api.UpdateServiceInput{CapacityProviderStrategy: ecs.Some(c.gets)}
		got := in.Apply(ecs.Service{LaunchType: c.launchType, CapacityProviderStrategy: c.had})
		require.Equal(t, c.want, got.LaunchType, "%+v", c)
	}
}

// TestRevisionsKept sees that the last fifty revisions are kept, with the images that their first task
// resolved.
func TestRevisionsKept(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	first := s.State.Rollouts[0].ID
	s.Resolved(first, "c", "sha256:1")
	s.Resolved(first, "c", "sha256:2")
	require.Equal(t, map[string]string{"c": "sha256:1"}, s.revisionOf(first).Digests)
	d, err := w.registry.Resolve("web")
	require.NoError(t, err)
	for range maxRevisions {
		w.room.Deploy(s, d)
	}
	require.Len(t, s.Revisions, maxRevisions)
	require.Empty(t, s.revisionOf(first).Arn, "it is the service as it is now")
	require.NotEmpty(t, s.revisionOf(s.State.Rollouts[0].ID).Arn)
}

// shifted is behind load balancers with two target groups.
func shifted(in *api.CreateServiceInput) {
	in.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: groupNamed("blue"), ContainerName: "c", ContainerPort: 80,
		AdvancedConfiguration: &ecs.AdvancedConfiguration{AlternateTargetGroupArn: groupNamed("green"),
			ProductionListenerRule: "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/l/0/1/2",
			TestListenerRule:       "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/l/0/1/3",
			RoleArn:                "arn:aws:iam::123456789012:role/r"}}}
	in.DeploymentConfiguration = &ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen,
		BakeTimeInMinutes: ecs.Some(1)}
}

// TestTurns sees deployments take the two target groups in turn, and the weights between them.
func TestTurns(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s", shifted)
	blue := s.State.Rollouts[0].ID
	require.NoError(t, w.update("s", api.UpdateServiceInput{ForceNewDeployment: true}))
	green := s.State.Rollouts[0].ID
	group := func(deployment string) string { return s.LoadBalancersOf(deployment)[0].TargetGroupArn }
	require.Equal(t, groupNamed("blue"), group(blue))
	require.Equal(t, groupNamed("green"), group(green))
	require.Equal(t, []message.TargetGroupWeight{{TargetGroupArn: groupNamed("blue"), Weight: 750},
		{TargetGroupArn: groupNamed("green"), Weight: 250}},
		s.Weights(0, scheduler.Traffic{Source: blue, Target: green, Green: 250}))
	require.Equal(t, []message.TargetGroupWeight{{TargetGroupArn: groupNamed("green"), Weight: 999}},
		s.Weights(0, scheduler.Traffic{Target: green, Green: scheduler.FullTraffic}))
	require.Len(t, s.Rules(), 2)
	s.State.Rollouts = s.State.Rollouts[:1]
	require.NoError(t, w.update("s", api.UpdateServiceInput{ForceNewDeployment: true}))
	require.Equal(t, groupNamed("blue"), group(s.State.Rollouts[0].ID), "back to the first")
	w.box.Issue(message.ModifyTraffic{ID: w.box.Key("ModifyTraffic", s.Rules()[0]), Rule: s.Rules()[0]})
	one := s.Record.LoadBalancers[0]
	one.AdvancedConfiguration = nil
	require.NoError(t, w.update("s", api.UpdateServiceInput{LoadBalancers: ecs.Some([]ecs.LoadBalancer{one}),
		DeploymentConfiguration: &ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyRolling}}))
	require.Empty(t, w.box.Pending(), "the rule is no longer its own")
}

// TestTurnsAreBounded sees that turns are kept as long as the revisions of their deployments.
func TestTurnsAreBounded(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s", shifted)
	for range 3 * maxRevisions {
		s.State.Rollouts = s.State.Rollouts[:1]
		require.NoError(t, w.update("s", api.UpdateServiceInput{ForceNewDeployment: true}))
		require.LessOrEqual(t, len(s.Alternate), maxRevisions)
	}
	newest, before := s.State.Rollouts[0].ID, s.State.Rollouts[1].ID
	require.NotEqual(t, s.LoadBalancersOf(newest)[0].TargetGroupArn, s.LoadBalancersOf(before)[0].TargetGroupArn)
}

// TestFollow sees that a service shows what its PRIMARY deployment rolls out, and loses a strategy that
// cannot shift the traffic of what it went back to.
func TestFollow(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	old := s.State.Rollouts[0].ID
	w.define(t, "web", ecs.NetworkModeBridge)
	in := api.CreateServiceInput{}
	shifted(&in)
	require.NoError(t, w.update("s", api.UpdateServiceInput{TaskDefinition: "web",
		LoadBalancers:           ecs.Some(in.LoadBalancers),
		DeploymentConfiguration: in.DeploymentConfiguration}))
	for i := range s.State.Rollouts {
		s.State.Rollouts[i].Status = ecs.DeploymentStatusActive
		if s.State.Rollouts[i].ID == old {
			s.State.Rollouts[i].Status = ecs.DeploymentStatusPrimary
		}
	}
	s.Follow()
	require.True(t, strings.HasSuffix(s.Record.TaskDefinition, "web:1"))
	require.Empty(t, s.Record.LoadBalancers)
}

// TestOrphans sees what becomes of the tasks of a service whose name is another's.
func TestOrphans(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	task := w.task(s)
	require.Equal(t, []*tasks.Task{task}, slices.Collect(s.Tasks()))
	require.Same(t, s, ServiceOf(task))
	_, err := w.room.DeleteService(api.DeleteServiceInput{Cluster: "c", Service: "s"})
	require.ErrorContains(t, err, "scaled above 0")
	_, err = w.room.DeleteService(api.DeleteServiceInput{Cluster: "c", Service: "s", Force: true})
	require.NoError(t, err)
	s.Record.Status = ecs.ServiceStatusInactive
	again := w.create(t, "s")
	require.Nil(t, ServiceOf(task))
	require.True(t, task.Orphan)
	require.Equal(t, []*Service{again}, w.room.In(w.cluster))
	other := w.task(again)
	again.Left(other)
	require.Empty(t, slices.Collect(again.Tasks()))
}

// TestGrew sees that a service whose tasks found no place is touched once when its cluster grows.
func TestGrew(t *testing.T) {
	w := newShelf(t)
	s, other := w.create(t, "s"), w.create(t, "other")
	for range 2 {
		w.room.Next()
	}
	for range 2 {
		w.room.Unplaced(s, scheduler.Start{Deployment: "d", Zone: "a"}, 1, "no room")
	}
	require.Equal(t, []string{"s"}, w.room.UnplacedIn(w.cluster))
	require.Len(t, s.Unplaced, 2)
	w.room.Grew(w.cluster)
	require.True(t, s.Grown)
	require.False(t, other.Grown)
	next, ok := w.room.Next()
	require.True(t, ok)
	require.Same(t, s, next)
	w.room.Grew(w.cluster)
	_, ok = w.room.Next()
	require.False(t, ok)
}

// TestServicesRestored sees that services from a state are found, wake and wait for room as before.
func TestServicesRestored(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	w.room.Wake(s, w.core.Now().Add(time.Minute))
	w.room.Unplaced(s, scheduler.Start{}, 1, "no room")
	v := newShelf(t)
	copied := *s
	copied.Dirty, copied.room, copied.Cluster = false, nil, nil
	v.room.Restore(v.cluster, []*Service{&copied}, append(w.room.UnplacedIn(w.cluster), "gone"))
	require.Equal(t, []string{"s"}, v.room.UnplacedIn(v.cluster))
	require.Empty(t, v.room.Check())
	require.Empty(t, v.timers.Check())
	at, ok := v.timers.Next()
	require.True(t, ok)
	v.position.Now = at
	v.timers.Serve(at)
	require.True(t, copied.Dirty)
}

// TestServicesCheck sees each fault of the books found.
func TestServicesCheck(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	w.task(s)
	require.ErrorContains(t, w.room.Check()[0], "was not reconciled")
	w.room.Next()
	require.Empty(t, w.room.Check())
	slices.Collect(s.Tasks())[0].Owner = &Service{}
	require.ErrorContains(t, w.room.Check()[0], "but of another")
	s.Book = census.Book{}
	s.State.Rollouts = append(s.State.Rollouts, s.State.Rollouts[0])
	require.ErrorContains(t, w.room.Check()[0], "2 PRIMARY deployments")
	s.State.Rollouts = s.State.Rollouts[:1]
	s.Wake = 7
	require.ErrorContains(t, w.timers.Check()[0], "nothing wakes service")
}

// TestScaled sees a service as its scaling sees it.
func TestScaled(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	w.room.Next()
	found, ok := scalables{w.room}.Find("c", "s")
	require.True(t, ok)
	_, ok = scalables{w.room}.Find("d", "s")
	require.False(t, ok)
	_, ok = scalables{w.room}.ByArn(s.Record.ServiceArn + "x")
	require.False(t, ok)
	require.Equal(t, []string{"c", "s", s.Record.ServiceArn}, []string{found.ClusterName(), found.Name(), found.Arn()})
	require.True(t, found.Active())
	require.Equal(t, 2, found.Capacity().Desired)
	require.Zero(t, found.Capacity().Running)
	require.False(t, found.Capacity().Deploying)
	require.NoError(t, w.update("s", api.UpdateServiceInput{ForceNewDeployment: true}))
	require.True(t, found.Capacity().Deploying)
	w.room.Next()
	found.SetDesired(5)
	require.Equal(t, 5, s.Record.DesiredCount)
	require.True(t, s.Dirty)
	n := 0
	for o := range (scalables{w.room}).All() {
		require.Equal(t, "s", o.Name())
		n++
	}
	require.Equal(t, 1, n)
}

// TestProviders sees the tasks of a start shared over the capacity providers of their deployment.
func TestProviders(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	r := &s.State.Rollouts[0]
	start := scheduler.Start{Deployment: r.ID, Count: 4}
	require.Equal(t, []string{"", "", "", ""}, s.ProvidersFor(start))
	r.CapacityProviderStrategy = []ecs.CapacityProviderStrategyItem{{CapacityProvider: "a", Weight: 1, Base: 1},
		{CapacityProvider: "b", Weight: 1}}
	got := s.ProvidersFor(start)
	require.ElementsMatch(t, []string{"a", "a", "a", "b"}, got)
	start.CapacityProvider = "a"
	require.Equal(t, []string{"a", "a", "a", "a"}, s.ProvidersFor(start))
	require.False(t, s.DeploysOnFargate())
	r.CapacityProviderStrategy = []ecs.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE"}}
	require.True(t, s.DeploysOnFargate())
}

func groupNamed(name string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/%s/0123456789abcdef", name)
}
