package control_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

var (
	combinationWorlds = flag.Int("combinations.worlds", 24, "worlds that TestCombinations makes")
	combinationSeed   = flag.Uint64("combinations.seed", 1, "seed of the first of them")
)

// Every two features that AWS allows at once meet in a service, some of them changed while it
// runs, in worlds in which nothing fails and people do right and wrong things at the same time.
// After every input Check holds and what the input set off is bounded; after every call the state
// is restored as it is and no service has what AWS forbids; the world comes to rest within a day;
// its records lead to the same state again. What breaks a promise is shrunk to a few calls.
//
// Seen to fail: .ci/faults/combinations.sh plants what was found so.
func TestCombinations(t *testing.T) {
	allowed := allowedPairs()
	reached, calls, refused, found := map[pair]bool{}, 0, 0, map[string]int{}
	for n := range *combinationWorlds {
		seed := *combinationSeed + uint64(n)
		r := rand.New(rand.NewPCG(seed, 14))
		plan := drawCalls(r, allowed[(int(seed)*7919)%len(allowed)])
		c := newCombination(seed)
		err := c.run(plan)
		calls, refused = calls+c.calls, refused+len(c.refusals)
		maps.Copy(reached, c.reached)
		if err == nil {
			continue
		}
		kind := err.(*breach).kind
		if found[kind]++; found[kind] == 1 {
			short := shrink(seed, plan, kind)
			err := newCombination(seed).run(short)
			t.Errorf("seed %d: %v; by\n%s", seed, err, lines(short))
		} else {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	var missed []string
	for _, p := range allowed {
		if !reached[p] {
			missed = append(missed, fmt.Sprintf("%s with %s", p[0], p[1]))
		}
	}
	t.Logf(
		"%d worlds, %d calls, %d of them refused; %d of the %d pairs of features that AWS allows were reached; %d "+
			"hangs, %d breaches, %d worlds without rest",
		*combinationWorlds,
		calls,
		refused,
		len(allowed)-len(missed),
		len(allowed),
		found[kindHang],
		found[kindBreach],
		found[kindRest],
	)
	t.Logf("not reached: %s", strings.Join(missed[:min(len(missed), 10)], "; "))
	if *combinationWorlds >= len(allowed) {
		require.Empty(t, missed, "pairs that were not reached")
	}
}

// TestForbiddenPairs prints what AWS does not allow at once, each with the reason, and sees that
// whatever else is allowed can be drawn.
func TestForbiddenPairs(t *testing.T) {
	for _, f := range forbidden {
		t.Logf("%s, never with %s: %s", f.one, f.other, f.why)
	}
	for _, p := range allowedPairs() {
		_, ok := drawSpec(rand.New(rand.NewPCG(1, 1)), p[0], p[1])
		require.True(t, ok, "%v", p)
	}
}

func lines(calls []call) string {
	var b strings.Builder
	for _, c := range calls {
		fmt.Fprintln(&b, c)
	}
	return b.String()
}

// look sees which features meet in the services, and that AWS allows them; tasks of no service
// too are where their definition may run.
func (c *combination) look() error {
	for t := range tasksOf(c.world.Plane(), combinationCluster) {
		if t.LaunchType == ecs.LaunchTypeFargate && !strings.Contains(t.TaskDefinitionArn, "/awsvpc:") {
			return &breach{kindBreach, fmt.Sprintf("task %s of %s runs on Fargate", t.ID(), t.TaskDefinitionArn)}
		}
	}
	for name, list := range c.specs(c.world.Plane()) {
		for _, s := range list {
			if p, why := s.breaks(); why != "" {
				return &breach{kindBreach, fmt.Sprintf("service %s has %s with %s, but %s", name, p[0], p[1], why)}
			}
			pairsOf(s.list(), func(p pair) { c.reached[p] = true })
		}
	}
	return nil
}

// specs says of each ACTIVE service what it is; of one with task sets, what each of them is.
func (c *combination) specs(p *control.Plane) map[string][]spec {
	all := map[string][]spec{}
	standard := "none"
	cluster := must(p.DescribeClusters(api.DescribeClustersInput{Clusters: []string{combinationCluster}})).Clusters[0]
	if list := cluster.DefaultCapacityProviderStrategy; len(list) > 0 {
		standard = strings.TrimPrefix(launchOf("", list), "on-")
	}
	for _, name := range []string{"s0", "s1", "s2"} {
		out := must(p.DescribeServices(api.DescribeServicesInput{Cluster: combinationCluster,
			Services: []string{name}})).Services
		if len(out) == 0 || out[0].Status != ecs.ServiceStatusActive {
			continue
		}
		v := out[0]
		s := spec{"default": standard, "scheduling": string(v.SchedulingStrategy),
			"controller": string(v.DeploymentController.Type),
			"strategy": string(
				v.DeploymentConfiguration.Strategy,
			), "percents": percentsOf(v), "rebalancing": string(v.AvailabilityZoneRebalancing),
			"placement": placementOf(
				v,
			), "breaker": "off", "sets": "none", "scaling": "none", "switched": "no", "protected": c.protected(p, name)}
		if s["strategy"] == "" {
			s["strategy"] = "ROLLING"
		}
		if b := v.DeploymentConfiguration.DeploymentCircuitBreaker; b != nil && b.Enable {
			s["breaker"] = "on"
		}
		if k := c.scaled[v.ServiceArn+v.CreatedAt.String()]; k != "" {
			s["scaling"] = k
		}
		if k := c.switched[v.ServiceArn+v.CreatedAt.String()]; k != "" {
			s["switched"] = k
		}
		if v.DeploymentController.Type != ecs.DeploymentControllerTypeExternal {
			s.tasks(v.LaunchType, v.CapacityProviderStrategy, v.TaskDefinition, v.LoadBalancers, v.ServiceRegistries)
			all[name] = []spec{s}
			continue
		}
		sets := must(p.DescribeTaskSets(api.DescribeTaskSetsInput{Cluster: combinationCluster, Service: name})).TaskSets
		s["sets"] = []string{"none", "one", "two"}[min(len(sets), 2)]
		if len(sets) == 0 {
			all[name] = []spec{s}
		}
		for _, set := range sets {
			one := maps.Clone(s)
			one.tasks(set.LaunchType, set.CapacityProviderStrategy, set.TaskDefinition, set.LoadBalancers,
				set.ServiceRegistries)
			all[name] = append(all[name], one)
		}
	}
	return all
}

// tasks notes what the tasks of a service or task set are.
func (s spec) tasks(launchType ecs.LaunchType, strategy []ecs.CapacityProviderStrategyItem, definition string,
	balancers []ecs.LoadBalancer, registries []ecs.ServiceRegistry) {
	s["launch"] = launchOf(launchType, strategy)
	_, family, _ := strings.Cut(definition, "task-definition/")
	s["mode"], _, _ = strings.Cut(family, ":")
	if s["mode"] == "static" {
		s["mode"] = "bridge"
	}
	switch {
	case len(balancers) == 0:
		s["balancers"] = "none"
	case balancers[0].AdvancedConfiguration != nil:
		s["balancers"] = "shifting"
	case balancers[0].LoadBalancerName != "":
		s["balancers"] = "classic"
	default:
		s["balancers"] = []string{"", "one", "two"}[len(balancers)]
	}
	s["discovery"] = []string{"none", "registry"}[len(registries)]
}

func launchOf(launchType ecs.LaunchType, strategy []ecs.CapacityProviderStrategyItem) string {
	switch {
	case len(strategy) == 0:
		return string(launchType)
	case len(strategy) == 2:
		return "on-spot"
	}
	return "on-" + strings.ToLower(strategy[0].CapacityProvider)
}

func percentsOf(v ecs.Service) string {
	least, most := v.DeploymentConfiguration.MinimumHealthyPercent.Or(-1),
		v.DeploymentConfiguration.MaximumPercent.Or(-1)
	switch {
	case least == 50 && most == 100:
		return "50-100"
	case most == 100 && v.SchedulingStrategy == ecs.SchedulingStrategyReplica:
		return "0-100"
	case least == 50 && most == 150:
		return "50-150"
	}
	return "default"
}

func placementOf(v ecs.Service) string {
	switch {
	case len(v.PlacementConstraints) > 0:
		return "distinct"
	case len(v.PlacementStrategy) > 0:
		return string(v.PlacementStrategy[0].Type)
	}
	return "none"
}

// protected says whether a task of the service is protected.
func (c *combination) protected(p *control.Plane, name string) string {
	arns := must(p.ListTasks(api.ListTasksInput{Cluster: combinationCluster, ServiceName: name})).Arns
	if len(arns) == 0 {
		return "no"
	}
	for _, t := range must(p.GetTaskProtection(api.GetTaskProtectionInput{Cluster: combinationCluster,
		Tasks: arns[:min(len(arns), 10)]})).ProtectedTasks {
		if t.ProtectionEnabled {
			return "yes"
		}
	}
	return "no"
}

// note remembers what a request that was carried out changed of a running service.
func (c *combination) note(next call, before, after map[string][]spec) {
	in := input[struct{ Service, ResourceID string }]("%s", next.input)
	name := in.Service
	if name == "" {
		name = in.ResourceID[strings.LastIndexByte(in.ResourceID, '/')+1:]
	}
	if name == "" || len(before[name]) == 0 || len(after[name]) == 0 {
		return
	}
	v := must(c.world.Plane().DescribeServices(api.DescribeServicesInput{Cluster: combinationCluster,
		Services: []string{name}})).Services[0]
	key := v.ServiceArn + v.CreatedAt.String()
	switch next.op {
	case "UpdateService":
		for _, d := range []string{"launch", "mode", "strategy", "balancers", "percents"} {
			if before[name][0][d] != after[name][0][d] {
				c.switched[key] = d
				break
			}
		}
	case "PutScalingPolicy":
		c.scaled[key] = map[bool]string{true: "tracking",
			false: "steps"}[strings.Contains(next.input, "TargetTracking")]
	case "PutScheduledAction":
		c.scaled[key] = "scheduled"
	}
}

// happen does what is not one request by its name.
func (c *combination) happen(p *control.Plane, now time.Time, next call) error {
	name := next.input
	instances := must(p.ListContainerInstances(api.ListContainerInstancesInput{Cluster: combinationCluster})).Arns
	slices.Sort(instances)
	switch next.op {
	case "protect":
		list, err := p.ListTasks(api.ListTasksInput{Cluster: combinationCluster, ServiceName: name})
		arns := list.Arns
		if err != nil || len(arns) == 0 {
			return err
		}
		_, err = p.UpdateTaskProtection(now, api.UpdateTaskProtectionInput{Cluster: combinationCluster,
			Tasks: arns[:min(len(arns), 10)], ProtectionEnabled: true, ExpiresInMinutes: ecs.Some(30)})
		return err
	case "count":
		_, err := p.UpdateService(now, api.UpdateServiceInput{Cluster: combinationCluster, Service: name,
			DesiredCount: ecs.Some(c.calls % 4)})
		return err
	case "drain", "activate":
		status := map[string]ecs.ContainerInstanceStatus{"drain": ecs.ContainerInstanceStatusDraining,
			"activate": ecs.ContainerInstanceStatusActive}[next.op]
		_, err := p.UpdateContainerInstancesState(now,
			api.UpdateContainerInstancesStateInput{Cluster: combinationCluster, ContainerInstances: instances[:1],
				Status: status})
		return err
	case "deregister":
		_, err := p.DeregisterContainerInstance(now,
			api.DeregisterContainerInstanceInput{Cluster: combinationCluster,
				ContainerInstance: instances[len(instances)-1], Force: true})
		return err
	case "start-task":
		_, err := p.StartTask(now, api.StartTaskInput{Cluster: combinationCluster, TaskDefinition: "bridge",
			ContainerInstances: instances[:2]})
		return err
	case "metric":
		p.Observe(now, message.MetricSample{Cluster: combinationCluster, Service: name,
			Metric: "ECSServiceAverageCPUUtilization", At: ecs.At(now.Truncate(time.Minute)), Value: 90})
		return nil
	case "refuse-target":
		for o := range p.Outstanding() {
			if o, ok := o.(message.RegisterTarget); ok {
				p.Observe(now, message.CommandDone{Key: o.ID, Err: "the target group is full", Permanent: true})
				return nil
			}
		}
		return nil
	}
	return c.happenTo(p, now, next.op, name)
}

// happenTo does something to a deployment or a task set.
func (c *combination) happenTo(p *control.Plane, now time.Time, what, name string) error {
	if what == "stop-deployment" {
		out := must(p.DescribeServices(api.DescribeServicesInput{Cluster: combinationCluster,
			Services: []string{name}})).Services
		if len(out) == 0 || len(out[0].Deployments) == 0 {
			return nil
		}
		id := strings.TrimPrefix(out[0].Deployments[0].ID, "ecs-svc/")
		_, err := p.StopServiceDeployment(
			now,
			api.StopServiceDeploymentInput{
				ServiceDeploymentArn: "arn:aws:ecs:us-east-1:123456789012:service-deployment/c/" + name + "/" + id,
			},
		)
		return err
	}
	sets, err := p.DescribeTaskSets(api.DescribeTaskSetsInput{Cluster: combinationCluster, Service: name})
	if err != nil || len(sets.TaskSets) == 0 {
		return err
	}
	set := sets.TaskSets[0].ID
	switch what {
	case "scale-set":
		_, err = p.UpdateTaskSet(now, api.UpdateTaskSetInput{Cluster: combinationCluster, Service: name, TaskSet: set,
			Scale: &ecs.Scale{Value: float64(50 * (c.calls % 3)), Unit: "PERCENT"}})
	case "primary-set":
		_, err = p.UpdateServicePrimaryTaskSet(now,
			api.UpdateServicePrimaryTaskSetInput{Cluster: combinationCluster, Service: name, PrimaryTaskSet: set})
	case "delete-set":
		_, err = p.DeleteTaskSet(now, api.DeleteTaskSetInput{Cluster: combinationCluster, Service: name, TaskSet: set,
			Force: c.calls%2 == 0})
	}
	return err
}
