package control_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/loadbalance"
)

// storm is a random world: a cluster with instances and services of every kind, and a person
// who changes things without pause.
type storm struct {
	world     *sim.World
	random    *rand.Rand
	cluster   string
	services  []string
	instances []ecs.InstanceID
	did       map[string]int
	refused   int
	again     int // names that were used again
}

var stormImages = map[string]sim.Behaviour{
	"good":     {},
	"slow":     {PullDelay: 40 * time.Second, StartDelay: 5 * time.Second},
	"crash":    {ExitAfter: 20 * time.Second, ExitCode: 1},
	"absent":   {PullError: "manifest for absent not found"},
	"broken":   {StartError: "exec: no such file"},
	"sick":     {TargetHealth: "unhealthy", Health: ecs.HealthStatusUnhealthy},
	"stubborn": {IgnoreSIGTERM: true},
}

var stormImageNames = []string{"good", "good", "good", "slow", "crash", "absent", "broken", "sick", "stubborn"}

const stormCluster = "storm"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func input[T any](format string, args ...any) T {
	var v T
	text := fmt.Sprintf(format, args...)
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(text + ": " + err.Error())
	}
	return v
}

// newStorm returns a calm world with its cluster and services; seed decides everything.
func newStorm(seed uint64, faults sim.Faults) *storm {
	var rates control.LaunchRates
	if seed%3 == 0 {
		rates.Service = scheduler.LaunchRate{Burst: 3, Refill: 2, Every: 4 * time.Second}
		rates.Fargate = scheduler.LaunchRate{Burst: 2, Refill: 1, Every: 3 * time.Second}
	}
	s := &storm{random: rand.New(rand.NewPCG(seed, 9)), cluster: stormCluster, did: map[string]int{}}
	s.world = sim.New(sim.Config{Seed: seed, Images: stormImages, Faults: faults, Digest: true,
		Plane: control.Config{PullMetrics: seed%2 == 0, LaunchRates: rates,
			ZoneOfSubnet: map[string]string{"subnet-a": "us-east-1a", "subnet-b": "us-east-1b"}}})
	must(0, s.world.Do(func(p *control.Plane, now time.Time) error {
		if _, err := p.CreateCapacityProvider(now,
			input[api.CreateCapacityProviderInput](
				`{"name":"group","autoScalingGroupProvider":{"managedScaling":{"status":"ENABLED"},`+
					`"autoScalingGroupArn":"arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0:autoScalingGroupName/group"}}`)); err != nil {
			return err
		}
		_, err := p.CreateCluster(now, api.CreateClusterInput{ClusterName: s.cluster,
			CapacityProviders: []string{"group", "FARGATE"}})
		return err
	}))
	like := able(sim.InstanceTypes()[1], "us-east-1a")
	like.CapacityProviderName = "group"
	s.world.AddAutoScalingGroup(s.cluster, like)
	for _, d := range stormDefinitions("good") {
		must(0, s.register(d))
	}
	must(0, s.world.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.CreateService(
			now,
			input[api.CreateServiceInput](
				`{"cluster":%q,"serviceName":"external","desiredCount":2,"deploymentController":{"type":"EXTERNAL"}}`,
				s.cluster,
			),
		)
		return err
	}))
	for range 2 + s.random.IntN(4) {
		s.join()
	}
	for range 1 + s.random.IntN(4) {
		s.create()
	}
	return s
}

// stormDefinitions is one definition of each network mode and kind, with the image.
func stormDefinitions(image string) []ecs.TaskDefinition {
	const health = `"healthCheck":{"command":["CMD","true"],"interval":5,"retries":2,"startPeriod":10}`
	var list []ecs.TaskDefinition
	for _, text := range []string{
		`{"family":"bridge","networkMode":"bridge","containerDefinitions":[{"name":"c","image":%q,"cpu":100,"memory":200,"portMappings":[{"containerPort":80}]}]}`,
		`{"family":"awsvpc","networkMode":"awsvpc","containerDefinitions":[{"name":"c","image":%q,"cpu":100,"memory":200,"portMappings":[{"containerPort":80}]}]}`,
		`{"family":"static","networkMode":"bridge","containerDefinitions":[{"name":"c","image":%q,"cpu":100,"memory":200,"portMappings":[{"containerPort":80,"hostPort":8080}]}]}`,
		`{"family":"pair","networkMode":"bridge","containerDefinitions":[{"name":"c","image":%q,"cpu":100,"memory":200,"stopTimeout":5,"dependsOn":[{"containerName":"side","condition":"HEALTHY"}]},{"name":"side","image":"good","memory":100,"essential":false,` + health + `}]}`,
		`{"family":"checked","networkMode":"host","containerDefinitions":[{"name":"c","image":%q,"cpu":100,"memory":200,` + health + `}]}`,
		`{"family":"fargate","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512","containerDefinitions":[{"name":"c","image":%q,"portMappings":[{"containerPort":80}]}]}`,
	} {
		list = append(list, must(ecs.ParseTaskDefinition(fmt.Appendf(nil, text, image))))
	}
	return list
}

func (s *storm) register(d ecs.TaskDefinition) error {
	return s.world.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.RegisterTaskDefinition(now, d)
		return err
	})
}

func (s *storm) zones() []string { return []string{"us-east-1a", "us-east-1b", "us-east-1c"} }

func (s *storm) join() {
	s.add(sim.InstanceTypes()[s.random.IntN(3)], s.zones()[s.random.IntN(3)])
}

func (s *storm) add(kind sim.InstanceType, zone string) {
	s.instances = append(s.instances, must(s.world.AddInstances(1, s.cluster, able(kind, zone)))...)
}

// able is an instance with all that the storm's definitions need.
func able(kind sim.InstanceType, zone string) ecs.ContainerInstance {
	like := kind.ContainerInstance(zone)
	like.Attributes = append(
		like.Attributes,
		ecs.Attribute{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
		ecs.Attribute{
			Name: "ecs.capability.task-eni",
		},
		ecs.Attribute{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.24"},
		ecs.Attribute{
			Name: "ecs.capability.container-health-check",
		},
		ecs.Attribute{Name: "ecs.capability.container-ordering"},
	)
	return like
}

const (
	awsvpc      = `"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-a","subnet-b"]}}`
	groupPrefix = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/"
	rulePrefix  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/"
)

// create makes a service of a random kind under a new name.
func (s *storm) create() {
	name := fmt.Sprintf("s%d", len(s.services)+1)
	must(0, s.world.Do(func(p *control.Plane, now time.Time) error { return s.createAs(p, now, name, name) }))
	s.services = append(s.services, name)
}

func (s *storm) createAs(p *control.Plane, now time.Time, name, token string) error {
	group := groupPrefix + name + "/0123456789abcdef"
	balancer := fmt.Sprintf(`"loadBalancers":[{"targetGroupArn":%q,"containerName":"c","containerPort":80}]`, group)
	family, extra := "bridge", ""
	switch s.random.IntN(10) {
	case 0:
		extra = balancer
	case 1:
		family, extra = "awsvpc", awsvpc+","+balancer
	case 2:
		family, extra = "static", `"deploymentConfiguration":{"maximumPercent":100,"minimumHealthyPercent":50}`
	case 3:
		family, extra = "pair", `"schedulingStrategy":"DAEMON"`
	case 4:
		family, extra = "checked",
			`"availabilityZoneRebalancing":"ENABLED","placementStrategy":[{"type":"spread","field":"attribute:ecs.availability-zone"}]`
	case 5:
		family, extra = "fargate", `"launchType":"FARGATE",`+awsvpc
	case 6:
		extra = `"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true},"alarms":{"alarmNames":["alarm"],"enable":true,"rollback":true}},` + balancer
	case 7:
		family, extra = "awsvpc",
			awsvpc+`,"serviceRegistries":[{"registryArn":"arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1"}]`
	case 9:
		extra = `"capacityProviderStrategy":[{"capacityProvider":"group","weight":1}]`
	case 8:
		strategy := []string{`"BLUE_GREEN","bakeTimeInMinutes":1`,
			`"CANARY","bakeTimeInMinutes":1,"canaryConfiguration":{"canaryPercent":10,"canaryBakeTimeInMinutes":1}`,
			`"LINEAR","bakeTimeInMinutes":0,"linearConfiguration":{"stepPercent":50,"stepBakeTimeInMinutes":1}`}[s.random.IntN(3)]
		family = "awsvpc"
		extra = awsvpc + fmt.Sprintf(
			`,"loadBalancers":[{"targetGroupArn":%q,"containerName":"c","containerPort":80,"advancedConfiguration":{"alternateTargetGroupArn":%q,`+
				`"productionListenerRule":"%[3]s/p","testListenerRule":"%[3]s/t","roleArn":"arn:aws:iam::123456789012:role/r"}}],`+
				`"deploymentConfiguration":{"strategy":%[4]s,"lifecycleHooks":[{"hookTargetArn":"arn:aws:lambda:us-east-1:123456789012:function:f","roleArn":"arn:aws:iam::123456789012:role/r","lifecycleStages":["POST_SCALE_UP"]}]}`,
			group,
			groupPrefix+name+"-alt/0123456789abcdef",
			rulePrefix+name,
			strategy,
		)
	}
	if extra != "" {
		extra = "," + extra
	}
	count := fmt.Sprintf(`,"desiredCount":%d`, s.random.IntN(5))
	if strings.Contains(extra, "DAEMON") {
		count = ""
	}
	in := input[api.CreateServiceInput](
		`{"cluster":%q,"serviceName":%q,"taskDefinition":%q,"clientToken":%q%s%s}`,
		s.cluster,
		name,
		family,
		token,
		count,
		extra,
	)
	for _, arn := range []string{group, groupPrefix + name + "-alt/0123456789abcdef"} {
		g := loadbalance.TargetGroup{TargetGroupArn: arn, DeregistrationDelaySeconds: ecs.Some(s.random.IntN(60))}
		if family == "awsvpc" {
			g.TargetType = loadbalance.TargetTypeIP
		}
		_ = p.PutTargetGroup(now, g) // refused, and left as it was, where the name was another kind's
	}
	_, err := p.CreateService(now, in)
	return err
}

func (s *storm) service() string            { return s.services[s.random.IntN(len(s.services))] }
func (s *storm) instance() ecs.InstanceID   { return s.instances[s.random.IntN(len(s.instances))] }
func (s *storm) image() string              { return stormImageNames[s.random.IntN(len(stormImageNames))] }
func (s *storm) tell(e message.Event) error { s.world.Tell(e); return nil }

// task returns a task of the cluster.
func (s *storm) task() string {
	in := api.ListTasksInput{Cluster: s.cluster}
	if s.random.IntN(5) == 0 {
		in.DesiredStatus = ecs.DesiredStatusStopped
	}
	arns := must(s.world.Plane().ListTasks(in)).Arns
	if len(arns) == 0 {
		return "0123456789abcdef0123456789abcdef"
	}
	return arns[s.random.IntN(len(arns))]
}

// act does something at random.
func (s *storm) act() {
	deeds := stormDeeds()
	d := deeds[s.random.IntN(len(deeds))]
	err := s.world.Do(func(p *control.Plane, now time.Time) error { return d.do(s, p, now) })
	s.did[d.name]++
	if err != nil {
		s.refused++
	}
}

// step acts now and then, and otherwise lets the next thing happen.
func (s *storm) step() {
	if s.random.IntN(10) == 0 || !s.world.Step() {
		s.act()
	}
}

// calm ends all faults: images are good, agents connected, instances ACTIVE, alarms OK.
func (s *storm) calm() {
	s.world.SetFaults(sim.Faults{})
	s.world.Advance(30 * time.Second) // what was under way arrives
	for image := range stormImages {
		s.world.Behave(image, sim.Behaviour{})
	}
	for _, id := range s.instances {
		s.world.Tell(message.AgentConnectivity{Cluster: s.cluster, Instance: id, Connected: true})
	}
	s.world.Tell(message.AlarmState{AlarmName: "alarm", State: "OK"})
	must(0, s.world.Do(func(p *control.Plane, now time.Time) error {
		for _, id := range s.instances {
			_, _ = p.UpdateContainerInstancesState(now,
				api.UpdateContainerInstancesStateInput{Cluster: s.cluster, ContainerInstances: []string{string(id)},
					Status: ecs.ContainerInstanceStatusActive})
		}
		for _, name := range s.services {
			_ = p.DeregisterScalableTarget(now,
				autoscale.DeregisterScalableTargetInput{ServiceNamespace: "ecs",
					ResourceID: "service/" + s.cluster + "/" + name, ScalableDimension: "ecs:service:DesiredCount"})
		}
		return nil
	}))
	s.world.Advance(time.Second)
}

// unsettled lists the services that are not steady, with why.
func (s *storm) unsettled(p *control.Plane) []string {
	var list []string
	for _, name := range s.services {
		v := must(p.DescribeServices(api.DescribeServicesInput{Cluster: s.cluster,
			Services: []string{name}})).Services[0]
		if v.Status == ecs.ServiceStatusActive && !steady(v) {
			list = append(list, fmt.Sprintf("%s: %d of %d run, %d pending, deployments %s", name, v.RunningCount,
				v.DesiredCount, v.PendingCount, stormDeployments(v)))
		}
	}
	return list
}

func steady(v ecs.Service) bool {
	return len(v.Deployments) == 1 && v.RunningCount == v.DesiredCount && v.PendingCount == 0 &&
		v.Deployments[0].RolloutState == ecs.DeploymentRolloutStateCompleted
}

// failed reports whether a service says that its deployment failed, with none to go back to.
func failed(v ecs.Service) bool {
	return len(v.Deployments) > 0 && v.Deployments[0].RolloutState == ecs.DeploymentRolloutStateFailed
}

// blocked reports whether feasible explains why a service may not become steady.
func (s *storm) blocked(v ecs.Service) bool {
	return must(s.world.Plane().Verdict(s.cluster, v.ServiceName)).Outcome != feasible.OutcomeEnds
}

// unsteady returns the ACTIVE services that are not steady.
func (s *storm) unsteady() []ecs.Service {
	var list []ecs.Service
	for _, name := range s.services {
		v := must(s.world.Plane().DescribeServices(api.DescribeServicesInput{Cluster: s.cluster,
			Services: []string{name}})).Services[0]
		if v.Status == ecs.ServiceStatusActive && !steady(v) {
			list = append(list, v)
		}
	}
	return list
}

// wait lets time run until every service that is not steady is excused.
func (s *storm) wait(excused func(ecs.Service) bool, limit time.Duration) error {
	var looked time.Time
	done := func(*control.Plane) bool {
		if s.world.Now().Sub(looked) < 10*time.Second {
			return false
		}
		looked = s.world.Now()
		return !slices.ContainsFunc(s.unsteady(), func(v ecs.Service) bool { return !excused(v) })
	}
	err := s.world.RunUntil(done, limit)
	if looked = (time.Time{}); err == nil || done(s.world.Plane()) {
		return nil // it may have been quiet before anybody looked again
	}
	return fmt.Errorf("%v: %w", s.unsettled(s.world.Plane()), err)
}

// rest counts the services that came to rest without being steady, by why.
type rest struct{ failed, blocked int }

// settle lets time run until every service is steady, has failed, or cannot go on, as feasible
// explains; helps the others as a person would, with room, a new deployment and leave to stop
// tasks first; and lets time run until every one is steady. A daemon may still be blocked then:
// room on other instances is none to it. It is helped where feasible says.
func (s *storm) settle() (r rest, err error) {
	excused := func(v ecs.Service) bool { return failed(v) || s.blocked(v) }
	if err := s.wait(excused, 2*time.Hour); err != nil {
		return r, err
	}
	stuck := s.unsteady()
	for _, v := range stuck {
		if failed(v) {
			r.failed++
		} else {
			r.blocked++
		}
		if err := s.help(v); err != nil {
			return r, fmt.Errorf("%s cannot be helped: %w", v.ServiceName, err)
		}
	}
	if len(stuck) == 0 {
		return r, nil
	}
	if err := s.wait(func(v ecs.Service) bool { return isDaemon(v) && s.blocked(v) }, 3*time.Hour); err != nil {
		return r, fmt.Errorf("helped, and yet %w", err)
	}
	for _, v := range s.unsteady() {
		s.relieve(v)
	}
	if err := s.wait(func(ecs.Service) bool { return false }, 3*time.Hour); err != nil {
		return r, fmt.Errorf("helped, and yet %w", err)
	}
	return r, nil
}

func isDaemon(v ecs.Service) bool { return v.SchedulingStrategy == ecs.SchedulingStrategyDaemon }

// help does for a service what a person would.
func (s *storm) help(v ecs.Service) error {
	for _, zone := range s.zones() { // room in each: a service may want it in one
		for range 2 {
			s.add(sim.InstanceTypes()[1], zone)
		}
	}
	in := api.UpdateServiceInput{Cluster: s.cluster, Service: v.ServiceName, ForceNewDeployment: true}
	if v.DeploymentConfiguration.MaximumPercent == ecs.Some(100) {
		in.DeploymentConfiguration = &ecs.DeploymentConfiguration{MaximumPercent: ecs.Some(100),
			MinimumHealthyPercent: ecs.Some(0)}
	}
	err := s.update(in)
	if err == nil || !strings.Contains(err.Error(), "active deployments exist") {
		return err
	}
	return s.reopen(v, in)
}

func (s *storm) update(in api.UpdateServiceInput) error {
	return s.world.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.UpdateService(now, in)
		return err
	})
}

// reopen updates a service that has as many open deployments as there may be: those that failed
// stay open with their tasks. Scaled to nothing it loses the tasks, and protected ones once
// their protection ends.
func (s *storm) reopen(v ecs.Service, in api.UpdateServiceInput) error {
	if !isDaemon(v) {
		in.DesiredCount = ecs.Some(v.DesiredCount)
		if err := s.update(api.UpdateServiceInput{Cluster: s.cluster, Service: v.ServiceName,
			DesiredCount: ecs.Some(0)}); err != nil {
			return err
		}
	}
	fewer := func(p *control.Plane) bool {
		return len(must(p.DescribeServices(api.DescribeServicesInput{Cluster: s.cluster,
			Services: []string{v.ServiceName}})).Services[0].Deployments) < 5
	}
	if err := s.world.RunUntil(fewer, 50*time.Hour); err != nil {
		return err
	}
	return s.update(in)
}

// relieve drains the instances that feasible says a daemon has no room on: what else is there
// goes elsewhere, and no daemon is wanted on them.
func (s *storm) relieve(v ecs.Service) {
	verdict := must(s.world.Plane().Verdict(s.cluster, v.ServiceName))
	must(0, s.world.Do(func(p *control.Plane, now time.Time) error {
		for _, c := range verdict.Changes {
			for _, e := range c.Edits {
				if e.Kind != feasible.EditFree {
					continue
				}
				if _, err := p.UpdateContainerInstancesState(now,
					api.UpdateContainerInstancesStateInput{Cluster: s.cluster,
						ContainerInstances: []string{string(e.Instance)},
						Status:             ecs.ContainerInstanceStatusDraining}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

func stormDeployments(v ecs.Service) string {
	var b strings.Builder
	for _, d := range v.Deployments {
		fmt.Fprintf(&b, "[%s %s %s %d/%d]", d.Status, d.RolloutState,
			d.TaskDefinition[strings.LastIndexByte(d.TaskDefinition, '/')+1:], d.RunningCount, d.DesiredCount)
	}
	for _, e := range v.Events[:min(3, len(v.Events))] {
		fmt.Fprintf(&b, "\n      %s %s", e.CreatedAt.Time().Format("15:04:05"), e.Message)
	}
	return b.String()
}
