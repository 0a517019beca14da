package copilot

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// service reads what becomes of the manifest's service.
func (m *manifest) service() {
	m.s.PropagateTags = ecs.PropagateTagsService
	m.deployment()
	m.network()
	m.http()
	m.nlb()
	m.count()
	m.connect()
}

func (m *manifest) deployment() {
	v := m.v.Get("deployment")
	dc := &ecs.DeploymentConfiguration{MinimumHealthyPercent: ecs.Some(100), MaximumPercent: ecs.Some(200),
		DeploymentCircuitBreaker: &ecs.DeploymentCircuitBreaker{Enable: true, Rollback: true}}
	switch r := v.Get("rolling"); r.String() {
	case "", "default":
	case "recreate":
		r.Translate("minimumHealthyPercent 0, maximumPercent 100")
		dc.MinimumHealthyPercent, dc.MaximumPercent = ecs.Some(0), ecs.Some(100)
	default:
		r.Fault("%q is not default or recreate", r.Raw())
	}
	if a := v.Get("rollback_alarms"); a.Is(source.List) {
		dc.Alarms = &ecs.DeploymentAlarms{AlarmNames: a.Strings(), Enable: true, Rollback: true}
	} else if a.Has() {
		a.Need("make these alarms of CloudWatch (Average, 60 seconds, 2 of 3 datapoints), and name them in " +
			"deploymentConfiguration.alarms")
	}
	m.s.DeploymentConfiguration = dc
}

func (m *manifest) network() {
	v := m.v.At("network", "vpc")
	placement := v.Get("placement")
	public, subnets := true, []string(nil)
	switch {
	case placement.Is(source.Map):
		public = false
		if list := placement.Get("subnets"); list.Is(source.List) {
			subnets = list.Strings()
		} else {
			placement.Need("the IDs of the subnets with these tags")
		}
	case placement.String() == "private":
		public = false
		placement.Translate("assignPublicIp DISABLED")
	case placement.String() == "public" || !placement.Has():
		placement.Translate("assignPublicIp ENABLED")
	default:
		placement.Fault("%q is not public or private", placement.Raw())
	}
	n, missing := m.given.Vpc(public)
	if len(subnets) > 0 {
		n.AwsvpcConfiguration.Subnets = subnets
	} else if missing {
		m.v.Get("type").Need("the subnets of the environment")
	}
	groups := v.Get("security_groups")
	if groups.Is(source.Map) {
		if deny, _ := groups.Get("deny_default").Bool(); deny {
			n.AwsvpcConfiguration.SecurityGroups = nil
		}
		groups = groups.Get("groups")
	}
	for _, x := range groups.Items() {
		if x.Is(source.Map) {
			x.Need("the ID of the security group")
			continue
		}
		n.AwsvpcConfiguration.SecurityGroups = append(n.AwsvpcConfiguration.SecurityGroups, x.String())
	}
	m.s.NetworkConfiguration = n
}

// connect reads network.connect: Service Connect.
func (m *manifest) connect() {
	v := m.v.At("network", "connect")
	alias := v.Get("alias").String()
	on := v.Is(source.Map)
	if v.Is(source.Bool) {
		on, _ = v.Bool()
	}
	if !on || len(m.main.PortMappings) == 0 {
		return
	}
	m.main.PortMappings[0].Name = "target"
	port := m.main.PortMappings[0].ContainerPort
	m.s.ServiceConnectConfiguration = &ecs.ServiceConnectConfiguration{Enabled: true,
		Namespace: cmp.Or(m.given.Env, "test") + "." + cmp.Or(m.given.App, "app") + ".local",
		Services: []ecs.ServiceConnectService{{PortName: "target", DiscoveryName: strings.ToLower(m.name) + "-sc",
			ClientAliases: []ecs.ServiceConnectClientAlias{{Port: port, DNSName: cmp.Or(alias, m.name)}}}}}
	v.Remark(source.Translated, "Service Connect under the name %s", cmp.Or(alias, m.name))
}

// http reads the Application Load Balancer's rules.
func (m *manifest) http() {
	v := m.v.Get("http")
	switch {
	case v.Is(source.Bool):
		if on, _ := v.Bool(); !on {
			return
		}
	case !v.Has():
		return
	}
	m.listen(v, v)
	for _, rule := range v.Get("additional_rules").Items() {
		m.listen(rule, v)
	}
	grace := v.At("healthcheck", "grace_period")
	n, ok := seconds(grace)
	if !ok {
		n = 60
	}
	m.s.HealthCheckGracePeriodSeconds = ecs.Some(n)
}

// target returns the container and the port that a rule names.
func (m *manifest) target(v *source.Value) (*ecs.ContainerDefinition, int) {
	c := &m.main
	if name := cmp.Or(v.Get("target_container"), v.Get("targetContainer")); name.String() != "" &&
		document.Name(name.Raw()) != m.name {
		c = nil
		for i := range m.d.ContainerDefinitions {
			if m.d.ContainerDefinitions[i].Name == document.Name(name.Raw()) {
				c = &m.d.ContainerDefinitions[i]
			}
		}
		if c == nil {
			name.Fault("there is no container %q", name.Raw())
			return nil, 0
		}
	}
	port, ok := m.port(v.Get("target_port"))
	if ok {
		addPort(c, port, ecs.TransportProtocolTcp)
	} else if len(c.PortMappings) > 0 {
		port = c.PortMappings[0].ContainerPort
	}
	if port == 0 {
		v.Fault("the container %s has no port to send requests to", c.Name)
		return nil, 0
	}
	return c, port
}

// listen makes a target group for a rule.
func (m *manifest) listen(v, whole *source.Value) {
	c, port := m.target(v)
	if c == nil {
		return
	}
	arn, missing := m.given.TargetGroup(m.s.ServiceName, c.Name, port)
	for _, lb := range m.s.LoadBalancers {
		if lb.TargetGroupArn == arn {
			arn += fmt.Sprint(len(m.s.LoadBalancers))
		}
	}
	if missing {
		v.Remark(source.Needs, "the ARN of the target group for port %d of container %s", port, c.Name)
	}
	m.s.LoadBalancers = append(m.s.LoadBalancers, ecs.LoadBalancer{TargetGroupArn: arn, ContainerName: c.Name,
		ContainerPort: port})
	tg := document.TargetGroup{Name: document.TargetGroupName(fmt.Sprintf("%s-%d", m.name, port)), Protocol: "HTTP",
		Port: port, TargetType: "ip", Drain: 60}
	if port == 443 {
		tg.Protocol = "HTTPS"
	}
	check(v.Get("healthcheck"), &tg)
	for _, k := range []string{"deregistration_delay", "stickiness"} {
		x := cmp.Or(v.Get(k), whole.Get(k))
		if k == "stickiness" {
			tg.Sticky, _ = x.Bool()
		} else if n, ok := seconds(x); ok {
			tg.Drain = n
		}
	}
	if path := v.Get("path"); path.String() != "" {
		p := "/" + strings.Trim(path.Raw(), "/")
		tg.Rules = append(tg.Rules, "path "+p)
		if p == "/" {
			path.Translate("a rule of the load balancer's listener: path /*")
		} else {
			path.Translate("a rule of the load balancer's listener: paths %s and %s/*", p, p)
		}
	}
	for _, k := range []string{"alias", "hosted_zone", "allowed_source_ips", "version", "redirect_to_https"} {
		if x := v.Get(k); x.Has() {
			x.Translate("a condition or a setting of the load balancer's listener: it is not a part of the service")
			tg.Rules = append(tg.Rules, k+" "+fmt.Sprint(x.Plain()))
		}
	}
	m.result.TargetGroups = append(m.result.TargetGroups, tg)
}

// check reads the health check of a target group.
func check(v *source.Value, tg *document.TargetGroup) {
	tg.Path = "/"
	if !v.Is(source.Map) {
		tg.Path = v.Or("/")
		return
	}
	tg.Path = v.Get("path").Or("/")
	tg.CheckPort = v.Get("port").String()
	tg.Codes = v.Get("success_codes").String()
	tg.Healthy = v.Get("healthy_threshold").IntOr(0)
	tg.Unhealthy = v.Get("unhealthy_threshold").IntOr(0)
	if n, ok := seconds(v.Get("interval")); ok {
		tg.Interval = n
	}
	if n, ok := seconds(v.Get("timeout")); ok {
		tg.Timeout = n
	}
}

// nlb reads the Network Load Balancer's listeners.
func (m *manifest) nlb() {
	v := m.v.Get("nlb")
	if !v.Has() {
		return
	}
	for _, l := range append([]*source.Value{v}, v.Get("additional_listeners").Items()...) {
		text := l.Get("port").String()
		number, protocol, _ := strings.Cut(text, "/")
		n, ok := atoi(number)
		if !ok || n < 1 || n > 65535 {
			cmp.Or(l.Get("port"), l).Fault("%q is not a port", text)
			continue
		}
		c, port := m.nlbTarget(l, n, protocol)
		if c == nil {
			continue
		}
		arn, missing := m.given.TargetGroup(m.s.ServiceName+"-nlb", c.Name, port)
		if missing {
			l.Remark(source.Needs, "the ARN of the network load balancer's target group for port %d", n)
		}
		for _, lb := range m.s.LoadBalancers {
			if lb.TargetGroupArn == arn {
				arn += fmt.Sprint(len(m.s.LoadBalancers))
			}
		}
		m.s.LoadBalancers = append(m.s.LoadBalancers, ecs.LoadBalancer{TargetGroupArn: arn, ContainerName: c.Name,
			ContainerPort: port})
		tg := document.TargetGroup{Name: document.TargetGroupName(fmt.Sprintf("%s-nlb-%d", m.name, n)),
			Protocol: strings.ToUpper(cmp.Or(protocol, "tcp")),
			Port:     port, TargetType: "ip", Drain: 60}
		if l.Get("healthcheck").Has() {
			check(l.Get("healthcheck"), &tg)
		}
		if d, ok := seconds(l.Get("deregistration_delay")); ok {
			tg.Drain = d
		}
		tg.Sticky, _ = l.Get("stickiness").Bool()
		for _, k := range []string{"ssl_policy", "alias"} {
			l.Get(k).Translate("a setting of the load balancer's listener: it is not a part of the service")
		}
		m.result.TargetGroups = append(m.result.TargetGroups, tg)
	}
	if m.s.HealthCheckGracePeriodSeconds.IsZero() && len(m.s.LoadBalancers) > 0 {
		m.s.HealthCheckGracePeriodSeconds = ecs.Some(60)
		if n, ok := seconds(v.At("healthcheck", "grace_period")); ok {
			m.s.HealthCheckGracePeriodSeconds = ecs.Some(n)
		}
	}
}

// nlbTarget is the target of a listener: what it names, else the container's own port, else the listener's.
func (m *manifest) nlbTarget(l *source.Value, port int, protocol string) (*ecs.ContainerDefinition, int) {
	if len(m.main.PortMappings) == 0 && !l.Get("target_port").Has() {
		addPort(&m.main, port, transport(protocol))
	}
	return m.target(l)
}

// count reads how many tasks, and how that is scaled.
func (m *manifest) count() {
	v := m.v.Get("count")
	launch := func(list ...ecs.CapacityProviderStrategyItem) { m.s.CapacityProviderStrategy = list }
	spot := ecs.CapacityProviderStrategyItem{CapacityProvider: "FARGATE_SPOT", Weight: 1}
	m.s.DesiredCount = ecs.Some(1)
	m.s.LaunchType = ecs.LaunchTypeFargate
	switch {
	case !v.Has():
		return
	case v.Is(source.Map) && v.Get("spot").Has():
		m.s.DesiredCount = ecs.Some(max(v.Get("spot").IntOr(1), 0))
		v.Get("spot").Translate("the capacity provider FARGATE_SPOT; the cluster must have it")
		m.s.LaunchType = ""
		launch(spot)
		return
	case v.Is(source.Map):
		m.scaled(v, launch, spot)
		return
	}
	n := v.IntOr(1)
	if n < 0 {
		v.Fault("%d is not a number of tasks", n)
		n = 0
	}
	m.s.DesiredCount = ecs.Some(n)
}

// scaled reads a range of tasks, and the metrics that it follows.
func (m *manifest) scaled(v *source.Value, launch func(...ecs.CapacityProviderStrategyItem),
	spot ecs.CapacityProviderStrategyItem) {
	r := v.Get("range")
	if !r.Has() {
		v.Fault("range is required with a metric")
		return
	}
	least, most := bounds(r)
	m.s.DesiredCount = ecs.Some(least)
	if from, ok := r.Get("spot_from").Int(); ok {
		m.s.LaunchType = ""
		if from >= least && from-1 <= 100_000 {
			r.Get("spot_from").Translate("FARGATE for the first %d tasks, FARGATE_SPOT beyond; the cluster must "+
				"have both", max(from-1, 0))
			launch(spot, ecs.CapacityProviderStrategyItem{CapacityProvider: "FARGATE", Base: max(from-1, 0)})
		} else {
			r.Get("spot_from").Translate("FARGATE_SPOT for all tasks; the cluster must have it")
			launch(spot)
		}
	}
	s := m.given.NewScaling(m.name, least, most)
	m.policies(v, &s)
	if len(s.Policies) == 0 {
		r.Fault("a range needs a metric")
	}
	m.result.Scaling = append(m.result.Scaling, s)
}

// bounds reads 1-10, or min and max.
func bounds(r *source.Value) (least, most int) {
	if r.Is(source.Map) {
		least, most = r.Get("min").IntOr(1), r.Get("max").IntOr(1)
	} else {
		low, high, ok := strings.Cut(r.String(), "-")
		a, okLow := atoi(strings.TrimSpace(low))
		b, okHigh := atoi(strings.TrimSpace(high))
		if !ok || !okLow || !okHigh {
			r.Fault("a range is MIN-MAX, not %q", r.Raw())
		}
		least, most = a, b
	}
	if least < 0 || most < least {
		r.Fault("the range ends at %d, before it begins at %d", most, least)
		least, most = max(least, 0), max(least, 0)
	}
	return least, most
}

// policies makes a target-tracking policy for each metric.
func (m *manifest) policies(v *source.Value, s *document.Scaling) {
	in, out := ecs.Some(120), ecs.Some(60)
	if n, ok := seconds(v.At("cooldown", "in")); ok {
		in = ecs.Some(n)
	}
	if n, ok := seconds(v.At("cooldown", "out")); ok {
		out = ecs.Some(n)
	}
	for _, x := range []struct {
		key, name, predefined, metric, statistic string
	}{
		{"cpu_percentage", "ECSServiceAverageCPUUtilization", autoscale.ECSServiceAverageCPUUtilization, "", ""},
		{"memory_percentage", "ECSServiceAverageMemoryUtilization", autoscale.ECSServiceAverageMemoryUtilization, "",
			""},
		{"requests", "ALBSumRequestCountPerTarget", "", "RequestCountPerTarget", "Sum"},
		{"response_time", "ALBAverageResponseTime", "", "TargetResponseTime", "Average"},
	} {
		p := v.Get(x.key)
		if !p.Has() {
			continue
		}
		t := document.Track{Name: m.name + "-" + x.name + "-ScalingPolicy", Predefined: x.predefined, Metric: x.metric,
			Statistic: x.statistic, In: in, Out: out}
		if x.metric != "" {
			t.Namespace = "AWS/ApplicationELB"
			p.Remark(source.Needs, "the dimensions of the metric: LoadBalancer and TargetGroup")
		}
		value := p
		if p.Is(source.Map) {
			value = p.Get("value")
			if n, ok := seconds(p.At("cooldown", "in")); ok {
				t.In = ecs.Some(n)
			}
			if n, ok := seconds(p.At("cooldown", "out")); ok {
				t.Out = ecs.Some(n)
			}
		}
		t.Target = target(value, x.key)
		s.Track(t)
	}
	m.backlog(v.Get("queue_delay"), s, in, out)
}

// target reads the value that a policy keeps its metric at.
func target(v *source.Value, key string) float64 {
	if key == "response_time" {
		d, ok := duration(v)
		if ok {
			v.Translate("%g seconds", d.Seconds())
		}
		return max(d.Seconds(), 0.001)
	}
	f, ok := v.Float()
	if !ok || f <= 0 {
		v.Fault("a target must be above 0")
		return 1
	}
	return f
}

// backlog makes the policy that follows a queue.
func (m *manifest) backlog(v *source.Value, s *document.Scaling, in, out ecs.Opt[int]) {
	if !v.Has() {
		return
	}
	latency, ok := duration(v.Get("acceptable_latency"))
	each, ok2 := duration(v.Get("msg_processing_time"))
	if !ok || !ok2 || each <= 0 || latency <= 0 {
		v.Fault("acceptable_latency and msg_processing_time must be durations above 0")
		return
	}
	if n, ok := seconds(v.At("cooldown", "in")); ok {
		in = ecs.Some(n)
	}
	if n, ok := seconds(v.At("cooldown", "out")); ok {
		out = ecs.Some(n)
	}
	messages := (latency + each - 1) / each
	v.Remark(source.Needs,
		"something must publish BacklogPerTask, messages a task, to the namespace %s: Copilot's function did; the "+
			"target is %d", m.family, messages)
	s.Track(document.Track{Name: m.name + "-BacklogPerTask-ScalingPolicy", Namespace: m.family,
		Metric: "BacklogPerTask", Statistic: "Average",
		Target: float64(messages), In: in, Out: out})
}

// job makes a standalone task of a Scheduled Job.
func (m *manifest) job() {
	v := m.v.Get("on")
	m.network()
	t := document.RunTask{Input: api.RunTaskInput{TaskDefinition: m.family, Cluster: m.given.Cluster,
		LaunchType:           ecs.LaunchTypeFargate,
		NetworkConfiguration: m.s.NetworkConfiguration, EnableExecuteCommand: m.s.EnableExecuteCommand}}
	t.Schedule = schedule(v.Get("schedule"))
	if v.Get("schedule").Has() && t.Schedule != "" {
		v.Get("schedule").Need("a rule of Amazon EventBridge that runs the task: %s", t.Schedule)
	} else if !v.Get("schedule").Has() {
		cmp.Or(v, m.v).Fault("on.schedule is required")
	}
	t.Retries = max(m.v.Get("retries").IntOr(0), 0)
	m.v.Get("retries").Approximate("ECS starts a standalone task once: AWS Step Functions, as Copilot used it, retries")
	t.Timeout, _ = seconds(m.v.Get("timeout"))
	m.v.Get("timeout").Approximate("a standalone task has no time limit: whatever starts it must stop it after %d "+
		"seconds", t.Timeout)
	m.result.RunTasks = append(m.result.RunTasks, t)
}
