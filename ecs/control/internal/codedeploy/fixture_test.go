package codedeploy

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	cd "github.com/bayplan/bayplan/ecs/codedeploy"
	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
)

// shop is the room with those below it, and services that nobody reconciles: end says how a rollout ended.
type shop struct {
	t        require.TestingT
	position core.Position
	counters outbox.Counters
	timers   deadlines.Timers
	cluster  *fleet.Cluster
	*Room
}

func newShop(t require.TestingT, names ...string) *shop {
	w := &shop{t: t}
	w.position.Now = ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	c := core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &w.position)
	r := registry.New(registry.Config{Region: "us-east-1", Account: "123456789012", Partition: "aws"})
	box := outbox.New(outbox.Config{Seed: 1, Retry: message.Retry{}.WithDefaults(), Now: c.Now,
		Counters: &w.counters}, &w.timers)
	f := fleet.New(fleet.Config{Watcher: nobody{}, Core: c})
	all := tasks.New(tasks.Config{Core: c, Outbox: box, Fleet: f, Registry: r,
		Effect: func(*tasks.Task, lifecycle.Effect) {}})
	books := targets.New(targets.Config{Core: c, Ports: f.PortsOfTarget, Drained: func(string, loadbalance.Target) {}},
		&w.timers)
	placing := capacity.New(capacity.Config{Core: c, Outbox: box, Fleet: f, Tasks: all, Registry: r})
	s := services.New(services.Config{Core: c, Outbox: box, Fleet: f, Tasks: all, Capacity: placing, Registry: r,
		TasksPerService: 100})
	rules := balancers.New(balancers.Config{Core: c,
		Groups: targets.NewGroups(books, func(string) bool { return true })})
	all.Targets, s.Targets, s.Balancers = books, books, rules
	s.Scaling = scaling.New(scaling.Config{Core: c, Outbox: box, Services: s.Scalables(), TasksPerService: 100},
		&w.timers)
	s.Watch(&w.timers)
	w.Room = New(Config{Core: c, Fleet: f, Targets: books, Balancers: rules, Services: s, Registry: r})
	_, err := r.Register(w.position.Now.Time(), ecs.TaskDefinition{Family: "web",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app", Image: "app", Memory: 64,
			PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}})
	require.NoError(t, err)
	for _, name := range []string{"blue", "green"} {
		require.NoError(t, books.Put(loadbalance.TargetGroup{TargetGroupArn: arn(name)},
			func(loadbalance.TargetGroup) error { return nil }))
	}
	w.cluster, _ = f.MakeCluster(api.CreateClusterInput{ClusterName: "default"})
	for _, name := range names {
		_, err := s.MakeService(api.CreateServiceInput{ServiceName: name, TaskDefinition: "web:1",
			DesiredCount:         ecs.Some(1),
			DeploymentController: &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeCodeDeploy},
			LoadBalancers: []ecs.LoadBalancer{
				{TargetGroupArn: arn("blue"), ContainerName: "app", ContainerPort: 80}}})
		require.NoError(t, err)
	}
	return w
}

// nobody watches the instances, of which there are none.
type nobody struct{ fleet.Watcher }

func arn(name string) string {
	return "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/" + name + "/0123456789abcdef"
}

// text is what the room remembers.
func (w *shop) text() string {
	data, err := json.Marshal(w.State())
	require.NoError(w.t, err)
	return string(data)
}

// inputOf is the input of CreateDeploymentGroup for a service.
func inputOf(application, name, service string) cd.CreateDeploymentGroupInput {
	return cd.CreateDeploymentGroupInput{ApplicationName: application, DeploymentGroupName: name,
		DeploymentGroup: cd.DeploymentGroup{ServiceRoleArn: "role",
			EcsServices: []cd.ECSService{{ServiceName: service, ClusterName: "default"}},
			DeploymentStyle: &cd.DeploymentStyle{DeploymentType: "BLUE_GREEN",
				DeploymentOption: "WITH_TRAFFIC_CONTROL"},
			LoadBalancerInfo: &cd.LoadBalancerInfo{TargetGroupPairInfoList: []cd.TargetGroupPairInfo{{
				TargetGroups:     []cd.TargetGroupInfo{{Name: "blue"}, {Name: "green"}},
				ProdTrafficRoute: &cd.TrafficRoute{ListenerArns: []string{"listener"}}}}}}}
}

// end gives the newest rollout of a service a state, as the rooms above would.
func (w *shop) end(service string, state ecs.DeploymentRolloutState) {
	s, err := w.Services.ActiveService(w.cluster, service)
	require.NoError(w.t, err)
	s.State.Rollouts = slices.Clone(s.State.Rollouts)
	s.State.Rollouts[0].RolloutState = state
}

// trim leaves the newest rollout of a service only, as the rooms above do once it has ended.
func (w *shop) trim(service string) {
	s, err := w.Services.ActiveService(w.cluster, service)
	require.NoError(w.t, err)
	s.State.Rollouts = slices.Clone(s.State.Rollouts[:1])
}
