package control_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
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
	s := &storm{random: rand.New(rand.NewPCG(seed, 9)), cluster: stormCluster, did: map[string]int{}}
	s.world = sim.New(sim.Config{Seed: seed, Images: stormImages, Faults: faults, Plane: control.Config{
		ZoneOfSubnet: map[string]string{"subnet-a": "us-east-1a", "subnet-b": "us-east-1b"}}})
	must(0, s.world.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.CreateCluster(now, ecs.CreateClusterInput{ClusterName: s.cluster})
		return err
	}))
	for _, d := range stormDefinitions("good") {
		must(0, s.register(d))
	}
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
	like := kind.ContainerInstance(zone)
	like.Attributes = append(like.Attributes, ecs.Attribute{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
		ecs.Attribute{Name: "ecs.capability.task-eni"}, ecs.Attribute{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.24"},
		ecs.Attribute{Name: "ecs.capability.container-health-check"}, ecs.Attribute{Name: "ecs.capability.container-ordering"})
	s.instances = append(s.instances, must(s.world.AddInstances(1, s.cluster, like))...)
}

const (
	awsvpc      = `"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-a","subnet-b"]}}`
	groupPrefix = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/"
	rulePrefix  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/"
)

// create makes a service of a random kind.
func (s *storm) create() {
	name := fmt.Sprintf("s%d", len(s.services)+1)
	group := groupPrefix + name + "/0123456789abcdef"
	balancer := fmt.Sprintf(`"loadBalancers":[{"targetGroupArn":%q,"containerName":"c","containerPort":80}]`, group)
	family, extra := "bridge", ""
	switch s.random.IntN(9) {
	case 0:
		extra = balancer
	case 1:
		family, extra = "awsvpc", awsvpc+","+balancer
	case 2:
		family, extra = "static", `"deploymentConfiguration":{"maximumPercent":100,"minimumHealthyPercent":50}`
	case 3:
		family, extra = "pair", `"schedulingStrategy":"DAEMON"`
	case 4:
		family, extra = "checked", `"availabilityZoneRebalancing":"ENABLED","placementStrategy":[{"type":"spread","field":"attribute:ecs.availability-zone"}]`
	case 5:
		family, extra = "fargate", `"launchType":"FARGATE",`+awsvpc
	case 6:
		extra = `"deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"rollback":true},"alarms":{"alarmNames":["alarm"],"enable":true,"rollback":true}},` + balancer
	case 7:
		family, extra = "awsvpc", awsvpc+`,"serviceRegistries":[{"registryArn":"arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1"}]`
	case 8:
		strategy := []string{`"BLUE_GREEN","bakeTimeInMinutes":1`, `"CANARY","bakeTimeInMinutes":1,"canaryConfiguration":{"canaryPercent":10,"canaryBakeTimeInMinutes":1}`,
			`"LINEAR","bakeTimeInMinutes":0,"linearConfiguration":{"stepPercent":50,"stepBakeTimeInMinutes":1}`}[s.random.IntN(3)]
		family = "awsvpc"
		extra = awsvpc + fmt.Sprintf(`,"loadBalancers":[{"targetGroupArn":%q,"containerName":"c","containerPort":80,"advancedConfiguration":{"alternateTargetGroupArn":%q,`+
			`"productionListenerRule":"%[3]s/p","testListenerRule":"%[3]s/t","roleArn":"arn:aws:iam::123456789012:role/r"}}],`+
			`"deploymentConfiguration":{"strategy":%[4]s,"lifecycleHooks":[{"hookTargetArn":"arn:aws:lambda:us-east-1:123456789012:function:f","roleArn":"arn:aws:iam::123456789012:role/r","lifecycleStages":["POST_SCALE_UP"]}]}`,
			group, groupPrefix+name+"-alt/0123456789abcdef", rulePrefix+name, strategy)
	}
	if extra != "" {
		extra = "," + extra
	}
	count := fmt.Sprintf(`,"desiredCount":%d`, s.random.IntN(5))
	if strings.Contains(extra, "DAEMON") {
		count = ""
	}
	in := input[ecs.CreateServiceInput](`{"cluster":%q,"serviceName":%q,"taskDefinition":%q,"clientToken":%q%s%s}`, s.cluster, name, family, name, count, extra)
	err := s.world.Do(func(p *control.Plane, now time.Time) error {
		for _, arn := range []string{group, groupPrefix + name + "-alt/0123456789abcdef"} {
			g := loadbalance.TargetGroup{TargetGroupArn: arn, DeregistrationDelaySeconds: ecs.Some(s.random.IntN(60))}
			if family == "awsvpc" {
				g.TargetType = loadbalance.TargetTypeIP
			}
			if err := p.PutTargetGroup(now, g); err != nil {
				return err
			}
		}
		_, err := p.CreateService(now, in)
		return err
	})
	must(0, err)
	s.services = append(s.services, name)
}

func (s *storm) service() string            { return s.services[s.random.IntN(len(s.services))] }
func (s *storm) instance() ecs.InstanceID   { return s.instances[s.random.IntN(len(s.instances))] }
func (s *storm) image() string              { return stormImageNames[s.random.IntN(len(stormImageNames))] }
func (s *storm) tell(e control.Event) error { s.world.Tell(e); return nil }

// task returns a task of the cluster.
func (s *storm) task() string {
	in := ecs.ListTasksInput{Cluster: s.cluster}
	if s.random.IntN(5) == 0 {
		in.DesiredStatus = ecs.DesiredStatusStopped
	}
	arns := must(s.world.Plane().ListTasks(in)).Arns
	if len(arns) == 0 {
		return "0123456789abcdef0123456789abcdef"
	}
	return arns[s.random.IntN(len(arns))]
}

// deed is something that a person or the world does.
type deed struct {
	name string
	do   func(s *storm, p *control.Plane, now time.Time) error
}

func stormDeeds() []deed {
	return []deed{
		{"update the desired count", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.UpdateService(now, ecs.UpdateServiceInput{Cluster: s.cluster, Service: s.service(), DesiredCount: ecs.Some(s.random.IntN(6))})
			return err
		}},
		{"roll out a revision", (*storm).rollOut},
		{"roll out a revision", (*storm).rollOut},
		{"force a deployment", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.UpdateService(now, ecs.UpdateServiceInput{Cluster: s.cluster, Service: s.service(), ForceNewDeployment: true})
			return err
		}},
		{"stop a deployment", (*storm).stopDeployment},
		{"delete a service", func(s *storm, p *control.Plane, now time.Time) error {
			if s.random.IntN(3) > 0 {
				return nil
			}
			_, err := p.DeleteService(now, ecs.DeleteServiceInput{Cluster: s.cluster, Service: s.service(), Force: s.random.IntN(2) == 0})
			return err
		}},
		{"run tasks", func(s *storm, p *control.Plane, now time.Time) error {
			in := ecs.RunTaskInput{Cluster: s.cluster, TaskDefinition: []string{"bridge", "static", "checked"}[s.random.IntN(3)], Count: ecs.Some(1 + s.random.IntN(3)), ClientToken: fmt.Sprint(s.random.IntN(1000))}
			_, err := p.RunTask(now, in)
			return err
		}},
		{"start a task", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.StartTask(now, ecs.StartTaskInput{Cluster: s.cluster, TaskDefinition: "pair", ContainerInstances: []string{string(s.instance())}})
			return err
		}},
		{"stop a task", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.StopTask(now, ecs.StopTaskInput{Cluster: s.cluster, Task: s.task()})
			return err
		}},
		{"kill a task", func(s *storm, _ *control.Plane, _ time.Time) error {
			s.world.KillTask(ecs.Task{TaskArn: s.task()}.ID())
			return nil
		}},
		{"protect a task", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.UpdateTaskProtection(now, ecs.UpdateTaskProtectionInput{Cluster: s.cluster, Tasks: []string{s.task()}, ProtectionEnabled: s.random.IntN(2) == 0, ExpiresInMinutes: ecs.Some(1 + s.random.IntN(10))})
			return err
		}},
		{"drain or activate an instance", func(s *storm, p *control.Plane, now time.Time) error {
			status := []ecs.ContainerInstanceStatus{ecs.ContainerInstanceStatusDraining, ecs.ContainerInstanceStatusActive}[s.random.IntN(2)]
			_, err := p.UpdateContainerInstancesState(now, ecs.UpdateContainerInstancesStateInput{Cluster: s.cluster, ContainerInstances: []string{string(s.instance())}, Status: status})
			return err
		}},
		{"add an instance", func(s *storm, _ *control.Plane, _ time.Time) error {
			if len(s.instances) < 8 {
				s.join()
			}
			return nil
		}},
		{"lose an instance", func(s *storm, _ *control.Plane, _ time.Time) error {
			if s.random.IntN(4) == 0 {
				s.world.Terminate(s.cluster, s.instance())
			}
			return nil
		}},
		{"deregister an instance", func(s *storm, p *control.Plane, now time.Time) error {
			if s.random.IntN(4) > 0 {
				return nil
			}
			_, err := p.DeregisterContainerInstance(now, ecs.DeregisterContainerInstanceInput{Cluster: s.cluster, ContainerInstance: string(s.instance()), Force: s.random.IntN(2) == 0})
			return err
		}},
		{"Spot notice", func(s *storm, _ *control.Plane, _ time.Time) error {
			if s.random.IntN(4) > 0 {
				return s.tell(control.SpotInterruption{Cluster: s.cluster, Task: ecs.Task{TaskArn: s.task()}.ID()})
			}
			return s.tell(control.SpotInterruption{Cluster: s.cluster, Instance: s.instance()})
		}},
		{"agent comes or goes", func(s *storm, _ *control.Plane, _ time.Time) error {
			return s.tell(control.AgentConnectivity{Cluster: s.cluster, Instance: s.instance(), Connected: s.random.IntN(3) > 0})
		}},
		{"alarm", func(s *storm, _ *control.Plane, _ time.Time) error {
			return s.tell(control.AlarmState{AlarmName: "alarm", State: []string{"OK", "ALARM", "INSUFFICIENT_DATA"}[s.random.IntN(3)]})
		}},
		{"attributes", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.PutAttributes(now, ecs.PutAttributesInput{Cluster: s.cluster, Attributes: []ecs.Attribute{{Name: fmt.Sprint("a", s.random.IntN(3)), Value: "v", TargetID: string(s.instance())}}})
			return err
		}},
		{"scale automatically", (*storm).scale},
		{"a load", func(s *storm, _ *control.Plane, now time.Time) error {
			return s.tell(control.MetricSample{Cluster: s.cluster, Service: s.service(), Metric: "ECSServiceAverageCPUUtilization", At: ecs.At(now.Truncate(time.Minute)), Value: float64(s.random.IntN(100))})
		}},
		{"create a service", func(s *storm, _ *control.Plane, _ time.Time) error {
			if len(s.services) < 8 {
				s.create()
			}
			return nil
		}},
	}
}

func (s *storm) rollOut(p *control.Plane, now time.Time) error {
	name := s.service()
	out := must(p.DescribeServices(ecs.DescribeServicesInput{Cluster: s.cluster, Services: []string{name}}))
	d := must(p.DescribeTaskDefinition(ecs.DescribeTaskDefinitionInput{TaskDefinition: out.Services[0].TaskDefinition})).TaskDefinition
	for _, next := range stormDefinitions(s.image()) {
		if next.Family == d.Family {
			if _, err := p.RegisterTaskDefinition(now, next); err != nil {
				return err
			}
		}
	}
	_, err := p.UpdateService(now, ecs.UpdateServiceInput{Cluster: s.cluster, Service: name, TaskDefinition: d.Family})
	return err
}

func (s *storm) stopDeployment(p *control.Plane, now time.Time) error {
	name := s.service()
	out := must(p.DescribeServices(ecs.DescribeServicesInput{Cluster: s.cluster, Services: []string{name}}))
	if len(out.Services[0].Deployments) == 0 {
		return nil
	}
	id := strings.TrimPrefix(out.Services[0].Deployments[0].ID, "ecs-svc/")
	_, err := p.StopServiceDeployment(now, ecs.StopServiceDeploymentInput{ServiceDeploymentArn: "arn:aws:ecs:us-east-1:123456789012:service-deployment/" + s.cluster + "/" + name + "/" + id})
	return err
}

func (s *storm) scale(p *control.Plane, now time.Time) error {
	resource := "service/" + s.cluster + "/" + s.service()
	if _, err := p.RegisterScalableTarget(now, input[autoscale.RegisterScalableTargetInput](
		`{"ServiceNamespace":"ecs","ResourceId":%q,"ScalableDimension":"ecs:service:DesiredCount","MinCapacity":%d,"MaxCapacity":%d}`, resource, s.random.IntN(2), 2+s.random.IntN(4))); err != nil {
		return err
	}
	_, err := p.PutScalingPolicy(now, input[autoscale.PutScalingPolicyInput](
		`{"PolicyName":"cpu","ServiceNamespace":"ecs","ResourceId":%q,"ScalableDimension":"ecs:service:DesiredCount","PolicyType":"TargetTrackingScaling",`+
			`"TargetTrackingScalingPolicyConfiguration":{"TargetValue":50,"PredefinedMetricSpecification":{"PredefinedMetricType":"ECSServiceAverageCPUUtilization"}}}`, resource))
	return err
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
		s.world.Tell(control.AgentConnectivity{Cluster: s.cluster, Instance: id, Connected: true})
	}
	s.world.Tell(control.AlarmState{AlarmName: "alarm", State: "OK"})
	must(0, s.world.Do(func(p *control.Plane, now time.Time) error {
		for _, id := range s.instances {
			_, _ = p.UpdateContainerInstancesState(now, ecs.UpdateContainerInstancesStateInput{Cluster: s.cluster, ContainerInstances: []string{string(id)}, Status: ecs.ContainerInstanceStatusActive})
		}
		for _, name := range s.services {
			_ = p.DeregisterScalableTarget(now, autoscale.DeregisterScalableTargetInput{ServiceNamespace: "ecs", ResourceID: "service/" + s.cluster + "/" + name, ScalableDimension: "ecs:service:DesiredCount"})
		}
		return nil
	}))
	s.world.Advance(time.Second)
}

// unsettled lists the services that are not steady, with why.
func (s *storm) unsettled(p *control.Plane) []string {
	var list []string
	for _, name := range s.services {
		v := must(p.DescribeServices(ecs.DescribeServicesInput{Cluster: s.cluster, Services: []string{name}})).Services[0]
		if v.Status == ecs.ServiceStatusActive && !steady(v) {
			list = append(list, fmt.Sprintf("%s: %d of %d run, %d pending, deployments %s", name, v.RunningCount, v.DesiredCount, v.PendingCount, stormDeployments(v)))
		}
	}
	return list
}

func steady(v ecs.Service) bool {
	return len(v.Deployments) == 1 && v.RunningCount == v.DesiredCount && v.PendingCount == 0 && v.Deployments[0].RolloutState == ecs.DeploymentRolloutStateCompleted
}

// stuck reports whether a service waits for a person, and says so: its deployment failed and
// there is none to go back to, or there is no room.
func stuck(v ecs.Service) bool {
	if len(v.Deployments) > 0 && v.Deployments[0].RolloutState == ecs.DeploymentRolloutStateFailed {
		return true
	}
	for _, e := range v.Events { // a sentence is not repeated for hours
		if strings.Contains(e.Message, "was unable to place") || strings.Contains(e.Message, "was unable to stop or start") {
			return true
		}
	}
	return false
}

// settle lets time run until every service is steady or stuck, helps the stuck ones as a
// person would, with room, a new deployment and leave to stop tasks first, and lets time run until every one is steady.
// It returns how many were stuck.
func (s *storm) settle() (helped int, err error) {
	var looked time.Time
	until := func(done func(ecs.Service) bool) func(*control.Plane) bool {
		return func(p *control.Plane) bool {
			if s.world.Now().Sub(looked) < 10*time.Second {
				return false
			}
			looked = s.world.Now()
			for _, name := range s.services {
				v := must(p.DescribeServices(ecs.DescribeServicesInput{Cluster: s.cluster, Services: []string{name}})).Services[0]
				if v.Status == ecs.ServiceStatusActive && !steady(v) && !done(v) {
					return false
				}
			}
			return true
		}
	}
	run := func(done func(*control.Plane) bool, limit time.Duration) error {
		err := s.world.RunUntil(done, limit)
		if looked = (time.Time{}); err != nil && done(s.world.Plane()) {
			return nil // it was quiet before anybody looked again
		}
		return err
	}
	if err := run(until(stuck), 2*time.Hour); err != nil {
		return 0, fmt.Errorf("%v: %w", s.unsettled(s.world.Plane()), err)
	}
	for _, name := range s.services {
		v := must(s.world.Plane().DescribeServices(ecs.DescribeServicesInput{Cluster: s.cluster, Services: []string{name}})).Services[0]
		if v.Status != ecs.ServiceStatusActive || steady(v) {
			continue
		}
		helped++
		for _, zone := range s.zones() { // room in each: a service may want it in one
			for range 2 {
				s.add(sim.InstanceTypes()[1], zone)
			}
		}
		must(0, s.world.Do(func(p *control.Plane, now time.Time) error {
			in := ecs.UpdateServiceInput{Cluster: s.cluster, Service: name, ForceNewDeployment: true}
			if v.DeploymentConfiguration.MaximumPercent == ecs.Some(100) {
				in.DeploymentConfiguration = &ecs.DeploymentConfiguration{MaximumPercent: ecs.Some(100), MinimumHealthyPercent: ecs.Some(0)}
			}
			_, err := p.UpdateService(now, in)
			return err
		}))
	}
	if helped == 0 {
		return 0, nil
	}
	if err := run(until(func(ecs.Service) bool { return false }), 3*time.Hour); err != nil {
		return helped, fmt.Errorf("helped, and yet %v: %w", s.unsettled(s.world.Plane()), err)
	}
	return helped, nil
}

func stormDeployments(v ecs.Service) string {
	var b strings.Builder
	for _, d := range v.Deployments {
		fmt.Fprintf(&b, "[%s %s %s %d/%d]", d.Status, d.RolloutState, d.TaskDefinition[strings.LastIndexByte(d.TaskDefinition, '/')+1:], d.RunningCount, d.DesiredCount)
	}
	for _, e := range v.Events[:min(3, len(v.Events))] {
		fmt.Fprintf(&b, "\n      %s %s", e.CreatedAt.Time().Format("15:04:05"), e.Message)
	}
	return b.String()
}
