package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/docker/go-units"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/query"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// mostReplicas bounds the counts that are read.
const mostReplicas = 10_000

// service converts a service of the file to a task definition and a service of ECS.
func (p *project) service(v *source.Value, name string) {
	if !v.Is(source.Map) {
		v.Fault("a service is a map")
		return
	}
	family := document.Name(p.name + "-" + name)
	fargate := !strings.EqualFold(p.given.Launch, "EC2") && !wantsGPU(v)
	d := ecs.TaskDefinition{Family: family, RequiresCompatibilities: []ecs.Compatibility{ecs.CompatibilityFargate},
		NetworkMode: ecs.NetworkModeAwsvpc, TaskRoleArn: cmp.Or(v.Get("x-aws-role").Raw(), p.given.TaskRole)}
	if !fargate {
		d.RequiresCompatibilities = []ecs.Compatibility{ecs.CompatibilityEC2}
	}
	if !strings.HasPrefix(d.TaskRoleArn, "arn:") {
		d.TaskRoleArn = p.given.TaskRole
	}
	v.Get("x-aws-role").Need("a role with these permissions")
	v.Get("x-aws-policies").Need("a role with these policies")
	v.Get("x-aws-logs_retention").Translate("set the retention of the log group /docker-compose/%s to it", p.name)
	at := place{d: &d, fargate: fargate, awsvpc: true}
	c := p.container(v, name, at)
	c.Essential = ecs.Some(true)
	p.size(v, &c, at)
	if c.LogConfiguration == nil && fargate {
		c.LogConfiguration = p.given.Awslogs("/docker-compose/"+p.name, p.name)
		p.role(&d, v)
	}
	d.ContainerDefinitions = []ecs.ContainerDefinition{c}
	document.Unique(&d)
	for _, k := range v.Get("depends_on").Keys() {
		v.Get("depends_on").Get(k).Lose("services of ECS start in no order: the program must wait for %s", k)
	}
	p.result.TaskDefinitions = append(p.result.TaskDefinitions, d)
	n, missing := p.given.Vpc(fargate)
	if missing {
		v.Remark(source.Needs, "the subnets of the tasks' network interfaces, with -subnet")
	}
	restart := v.Get("restart")
	if once := restart.String(); once == "no" || strings.HasPrefix(once, "on-failure") {
		restart.Approximate("a standalone task, which RunTask starts once")
		p.standalone(v, n, at)
		return
	}
	restart.Translate("a service starts a new task for one that ended")
	s := api.CreateServiceInput{ServiceName: document.Name(name), TaskDefinition: family, Cluster: p.given.Cluster,
		NetworkConfiguration: n}
	if fargate {
		s.LaunchType = ecs.LaunchTypeFargate
	}
	p.deploy(v, &s, at)
	p.targets(v, &c, &s)
	p.scaling(v.At("deploy", "x-aws-autoscaling"), &s)
	p.result.Services = append(p.result.Services, s)
}

// standalone makes a standalone task of a service that is not started again.
func (p *project) standalone(v *source.Value, n *ecs.NetworkConfiguration, at place) {
	in := api.RunTaskInput{TaskDefinition: at.d.Family, Cluster: p.given.Cluster, NetworkConfiguration: n}
	if at.fargate {
		in.LaunchType = ecs.LaunchTypeFargate
	}
	if n := v.At("deploy", "replicas").IntOr(1); n > 1 {
		in.Count = ecs.Some(min(n, 10))
	}
	v.Get("deploy").Approximate("a standalone task has no rollout")
	p.result.RunTasks = append(p.result.RunTasks, document.RunTask{Input: in})
}

// wantsGPU reports whether a service asks for GPUs, which Fargate does not have.
func wantsGPU(v *source.Value) bool {
	return gpus(v) != "" || v.Get("gpus").Has()
}

// gpus returns how many GPUs a service reserves; "" for none.
func gpus(v *source.Value) string {
	r := v.At("deploy", "resources", "reservations")
	for _, x := range append(r.Get("devices").Each(), v.Get("gpus").Each()...) {
		gpu := !x.Get("capabilities").Has()
		for _, c := range x.Get("capabilities").Each() {
			gpu = gpu || c.Raw() == "gpu"
		}
		if gpu && x.Is(source.Map) {
			n := cmp.Or(x.Get("count").Raw(), "1")
			if n == "-1" || n == "all" {
				n = "ALL"
			}
			return n
		}
	}
	return ""
}

// bytes reads a size such as 512M; Compose's units are powers of 1,024.
func bytes(v *source.Value) int64 {
	s := v.String()
	if s == "" {
		return 0
	}
	n, err := units.RAMInBytes(s)
	if err != nil || n < 0 || n > 1<<50 {
		v.Fault("%q is not a size such as 512M", s)
		return 0
	}
	return n
}

// cpus reads a number of CPUs as CPU units.
func cpus(v *source.Value) int {
	f, ok := v.Float()
	if !ok || f < 0 || f > 1<<16 {
		if ok {
			v.Fault("%v is not a number of CPUs", f)
		}
		return 0
	}
	return document.Units(int64(f * 1000))
}

// size reads what the service may take and what is kept for it.
func (p *project) size(v *source.Value, c *ecs.ContainerDefinition, at place) {
	limits, reserved := v.At("deploy", "resources", "limits"), v.At("deploy", "resources", "reservations")
	limits.Get("pids").Lose("ECS has no limit of processes; ulimits has nproc")
	cpu, most := cpus(limits.Get("cpus")), document.MiB(bytes(limits.Get("memory")))
	if n := cpus(v.Get("cpus")); cpu == 0 {
		cpu = n
	}
	if n := document.MiB(bytes(v.Get("mem_limit"))); most == 0 {
		most = n
	}
	soft := document.MiB(bytes(cmp.Or(reserved.Get("memory"), v.Get("mem_reservation"))))
	least := cpus(reserved.Get("cpus"))
	shares := v.Get("cpu_shares").IntOr(0)
	for _, k := range []string{"cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpuset", "cpu_rt_runtime",
		"cpu_rt_period", "pids_limit"} {
		v.Get(k).Lose("cpu of a container is a share of the instance")
	}
	if n := gpus(v); n != "" {
		c.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu, Value: n}}
		for _, x := range []*source.Value{reserved.Get("devices"), v.Get("gpus")} {
			x.Translate("resourceRequirements: %s GPU, on instances", n)
		}
	}
	reserved.Get("generic_resources").Lose("ECS has GPUs only")
	c.MemoryReservation = soft
	if soft > most && most > 0 {
		reserved.Get("memory").Fault("the reservation of %d MiB is above the limit of %d", soft, most)
	}
	if at.fargate {
		p.taskSize(v, cmp.Or(cpu, least), cmp.Or(most, soft), at)
		return
	}
	c.CPU, c.Memory = cmp.Or(shares, cpu, least), most
	p.leastMemory(v, c)
	if cpu > 0 {
		limits.Get("cpus").Approximate("cpu of a container is a share, not a ceiling")
	}
}

// leastMemory gives a container what ECS asks for.
func (p *project) leastMemory(v *source.Value, c *ecs.ContainerDefinition) {
	switch {
	case c.Memory == 0 && c.MemoryReservation == 0:
		c.Memory = p.given.MemoryOr()
		v.Remark(source.Approximated, "ECS asks for memory: the container gets %d MiB", c.Memory)
	case c.Memory > 0 && c.Memory < 6 || c.MemoryReservation > 0 && c.MemoryReservation < 6:
		c.Memory, c.MemoryReservation = max(c.Memory, 6), 0
		v.Remark(source.Approximated, "ECS gives a container 6 MiB at least")
	}
}

func (p *project) taskSize(v *source.Value, cpu, memory int, at place) {
	units, mib, ok := document.FargateSize(int64(max(cpu, 1)), int64(max(memory, 1)))
	if !ok {
		v.Fault("Fargate has no task of %d CPU units and %d MiB", cpu, memory)
		return
	}
	at.d.CPU, at.d.Memory = units, mib
	if cpu == 0 || memory == 0 || fmt.Sprint(cpu) != units || fmt.Sprint(memory) != mib {
		v.Remark(source.Approximated, "the smallest task of Fargate that holds %d CPU units and %d MiB has %s and %s",
			cpu, memory, units, mib)
	}
}

// Rollout returns the percentages of a rollout of n tasks by a parallelism of k, as Docker's ECS integration
// computed them: whole percents, the rest cut off.
func Rollout(n, k int) (minimum, maximum int) {
	if n <= 0 || k <= 0 {
		return 100, 200
	}
	k = min(k, n)
	return (n - k) * 100 / n, (n + k) * 100 / n
}

// deploy reads how many tasks there are and how they roll out.
func (p *project) deploy(v *source.Value, s *api.CreateServiceInput, at place) {
	deploy := v.Get("deploy")
	n := deploy.Get("replicas").IntOr(v.Get("scale").IntOr(1))
	if n < 0 || n > mostReplicas {
		deploy.Get("replicas").Fault("%d is not a number of tasks up to %d", n, mostReplicas)
		n = 1
	}
	s.DesiredCount = ecs.Some(n)
	mode := deploy.Get("mode")
	update := deploy.Get("update_config")
	minimum, maximum := 100, 200
	if k, ok := update.Get("parallelism").Int(); ok {
		minimum, maximum = Rollout(n, k)
		update.Get("parallelism").Translate("minimumHealthyPercent %d, maximumPercent %d", minimum, maximum)
	}
	switch o := update.Get("order"); o.String() {
	case "stop-first":
		o.Translate("maximumPercent 100")
		maximum = 100
		if minimum == 100 {
			minimum = max((n-1)*100/max(n, 1), 0)
		}
	case "start-first":
		o.Translate("minimumHealthyPercent 100")
		minimum = 100
	}
	if x, ok := deploy.At("update_config", "x-aws-min_percent").Int(); ok {
		minimum = x
	}
	if x, ok := deploy.At("update_config", "x-aws-max_percent").Int(); ok {
		maximum = x
	}
	s.DeploymentConfiguration = &ecs.DeploymentConfiguration{MinimumHealthyPercent: ecs.Some(minimum),
		MaximumPercent: ecs.Some(maximum)}
	switch a := update.Get("failure_action"); a.String() {
	case "rollback":
		a.Translate("the circuit breaker with rollback")
		s.DeploymentConfiguration.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{Enable: true, Rollback: true}
	case "pause":
		a.Approximate("the circuit breaker without rollback")
		s.DeploymentConfiguration.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{Enable: true}
	}
	for _, k := range []string{"delay", "monitor", "max_failure_ratio"} {
		update.Get(k).Lose("ECS goes on as soon as a task is healthy")
	}
	deploy.Get("rollback_config").Lose("a rollback rolls out as every deployment does")
	deploy.Get("restart_policy").Approximate("a service starts a new task for one that ended, later and later if " +
		"tasks keep failing")
	deploy.Get("labels").Translate("tags of the service")
	for _, l := range pairs(deploy.Get("labels"), document.Given{}) {
		if len(s.Tags) < 50 && len(l.Name) <= 128 && len(l.Value) <= 256 && !strings.HasPrefix(strings.ToLower(l.Name),
			"aws:") {
			s.Tags = append(s.Tags, ecs.Tag{Key: l.Name, Value: l.Value})
		}
	}
	deploy.Get("endpoint_mode").Lose("Service Connect gives a service its name")
	if mode.String() == "global" || mode.Raw() == "global-job" {
		p.global(mode, s, at)
	}
	p.placement(deploy.Get("placement"), s, at)
}

// global makes a daemon of a service.
func (p *project) global(mode *source.Value, s *api.CreateServiceInput, at place) {
	if at.fargate {
		mode.Approximate("Fargate has no instances to have one task each: it is a service of %d tasks",
			s.DesiredCount.Or(1))
		return
	}
	mode.Translate("a daemon")
	s.SchedulingStrategy, s.DesiredCount = ecs.SchedulingStrategyDaemon, ecs.Opt[int]{}
	s.DeploymentConfiguration.MaximumPercent = ecs.Some(100)
	if s.DeploymentConfiguration.MinimumHealthyPercent.Or(100) == 100 {
		s.DeploymentConfiguration.MinimumHealthyPercent = ecs.Some(0)
	}
}

// placement reads constraints on nodes.
func (p *project) placement(v *source.Value, s *api.CreateServiceInput, at place) {
	for _, x := range v.Get("constraints").Items() {
		text := strings.NewReplacer("node.ami", "attribute:ecs.ami-id", "node.machine", "attribute:ecs.instance-type",
			"node.platform.arch", "attribute:ecs.cpu-architecture", "node.platform.os", "attribute:ecs.os-type",
			"node.labels.", "attribute:").Replace(x.String())
		_, err := query.Parse(text)
		switch {
		case at.fargate:
			x.Lose("Fargate has no constraints")
		case err != nil || strings.Contains(text, "node."):
			x.Lose("it cannot be said in the cluster query language")
		default:
			x.Translate("memberOf %s", text)
			s.PlacementConstraints = append(s.PlacementConstraints,
				ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeMemberOf, Expression: text})
		}
	}
	for _, x := range v.Get("preferences").Items() {
		label := strings.TrimPrefix(x.Get("spread").String(), "node.labels.")
		if at.fargate || s.SchedulingStrategy == ecs.SchedulingStrategyDaemon || label == "" {
			x.Lose("only tasks on instances are spread by an attribute")
			continue
		}
		x.Translate("the strategy spread over attribute:%s", label)
		s.PlacementStrategy = append(s.PlacementStrategy, ecs.PlacementStrategy{Type: ecs.PlacementStrategyTypeSpread,
			Field: "attribute:" + label})
	}
	if n, ok := v.Get("max_replicas_per_node").Int(); ok && n == 1 && !at.fargate {
		v.Get("max_replicas_per_node").Translate("distinctInstance")
		s.PlacementConstraints = append(s.PlacementConstraints,
			ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeDistinctInstance})
	} else {
		v.Get("max_replicas_per_node").Lose("ECS has one task an instance, or any number")
	}
}

// targets joins published ports to target groups that were given.
func (p *project) targets(v *source.Value, c *ecs.ContainerDefinition, s *api.CreateServiceInput) {
	for _, m := range c.PortMappings {
		if arn, missing := p.given.TargetGroup(s.ServiceName, c.Name, m.ContainerPort); !missing &&
			len(s.LoadBalancers) < 5 {
			if !slices.ContainsFunc(s.LoadBalancers, func(l ecs.LoadBalancer) bool { return l.TargetGroupArn == arn }) {
				s.LoadBalancers = append(s.LoadBalancers, ecs.LoadBalancer{TargetGroupArn: arn, ContainerName: c.Name,
					ContainerPort: m.ContainerPort})
			}
		}
	}
	if len(c.PortMappings) > 0 && len(s.LoadBalancers) == 0 {
		v.Get("ports").Remark(source.Needs,
			"the ARN of a target group, with -target-group %s=ARN, for a port that clients outside reach",
			s.ServiceName)
	}
}

// scaling reads x-aws-autoscaling.
func (p *project) scaling(v *source.Value, s *api.CreateServiceInput) {
	if !v.Has() {
		return
	}
	least, most := v.Get("min").IntOr(1), v.Get("max").IntOr(0)
	if most < 1 || least < 0 || least > most {
		v.Fault("min %d and max %d are not a range", least, most)
		return
	}
	scaling := p.given.NewScaling(s.ServiceName, least, most)
	for _, m := range []struct{ key, metric string }{{"cpu", autoscale.ECSServiceAverageCPUUtilization},
		{"memory", autoscale.ECSServiceAverageMemoryUtilization}} {
		if f, ok := v.Get(m.key).Float(); ok && f > 0 {
			scaling.Track(document.Track{Name: s.ServiceName + "-" + m.key, Predefined: m.metric, Target: f,
				In: ecs.Some(60), Out: ecs.Some(60)})
		}
	}
	p.result.Scaling = append(p.result.Scaling, scaling)
}
