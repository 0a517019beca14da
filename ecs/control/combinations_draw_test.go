package control_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	combinationCluster   = "c"
	combinationProviders = `"FARGATE","FARGATE_SPOT","managed","plain","vacant"`
)

// call is one request, or something that happens, after a wait. What it does depends on nothing
// but the world it meets: a call can be left out, and the others still mean something.
type call struct {
	wait  time.Duration
	op    string // of the API, or a word of happens
	input string // JSON; of a happening, what it is about
}

func (c call) String() string { return fmt.Sprintf("%8s  %s %s", c.wait, c.op, c.input) }

// strategyOf is the capacity provider strategy of a launch, or of a cluster's default.
func strategyOf(launch string) string {
	return map[string]string{
		"on-fargate": `[{"capacityProvider":"FARGATE","weight":1}]`,
		"on-spot":    `[{"capacityProvider":"FARGATE","weight":1,"base":1},{"capacityProvider":"FARGATE_SPOT","weight":3}]`,
		"on-managed": `[{"capacityProvider":"managed","weight":1}]`,
		"on-plain":   `[{"capacityProvider":"plain","weight":1}]`,
		"weightless": `[{"capacityProvider":"plain"}]`,
	}[launch]
}

func providersCall(standard string) call {
	strategy := strategyOf("on-" + standard)
	if standard == "weightless" {
		strategy = strategyOf(standard)
	}
	if strategy == "" {
		strategy = "[]"
	}
	return call{
		op: "PutClusterCapacityProviders",
		input: fmt.Sprintf(
			`{"cluster":"c","capacityProviders":[%s],"defaultCapacityProviderStrategy":%s}`,
			combinationProviders,
			strategy,
		),
	}
}

// launchMembers is how a spec says where its tasks run: not at all where the cluster's default
// comes to the same and short is set.
func (s spec) launchMembers(short bool) []string {
	launch := s["launch"]
	switch {
	case short && (launch == "on-"+s["default"] || launch == "EC2" && s["default"] == "none"):
		return nil
	case strings.HasPrefix(launch, "on-"):
		return []string{`"capacityProviderStrategy":` + strategyOf(launch)}
	}
	return []string{fmt.Sprintf(`"launchType":%q`, launch)}
}

// family is the task definition of a spec.
func (s spec) family() string {
	if s["mode"] == "bridge" && s["balancers"] == "classic" {
		return "static"
	}
	return s["mode"]
}

// groupOf is the ARN of one of a service's target groups for a network mode.
func groupOf(service, mode, suffix string) string {
	kind := "instance"
	if mode == "awsvpc" {
		kind = "ip"
	}
	return groupPrefix + service + "-" + kind + suffix + "/0123456789abcdef"
}

func (s spec) balancersMember(service string) string {
	port := func(group string, port int, more string) string {
		return fmt.Sprintf(`{"targetGroupArn":%q,"containerName":"c","containerPort":%d%s}`, group, port, more)
	}
	one, two := groupOf(service, s["mode"], ""), groupOf(service, s["mode"], "-2")
	list := ""
	switch s["balancers"] {
	case "one":
		list = port(one, 80, "")
	case "two":
		list = port(one, 80, "") + "," + port(two, 81, "")
	case "classic":
		list = fmt.Sprintf(`{"loadBalancerName":"classic-%s","containerName":"c","containerPort":80}`, service)
	case "shifting":
		list = port(
			one,
			80,
			fmt.Sprintf(
				`,"advancedConfiguration":{"alternateTargetGroupArn":%q,"productionListenerRule":%q,"testListenerRule":%q,"roleArn":"arn:aws:iam::123456789012:role/r"}`,
				groupOf(service, s["mode"], "-alt"),
				rulePrefix+service+"/p",
				rulePrefix+service+"/t",
			),
		)
	}
	return `"loadBalancers":[` + list + `]`
}

func (s spec) registryMember() string {
	switch {
	case s["discovery"] == "none":
		return `"serviceRegistries":[]`
	case s["mode"] == "awsvpc":
		return `"serviceRegistries":[{"registryArn":"arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1"}]`
	}
	return `"serviceRegistries":[{"registryArn":"arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1","containerName":"c","containerPort":80}]`
}

func (s spec) deploymentMember() string {
	config := map[string]string{
		"ROLLING":    `"strategy":"ROLLING"`,
		"BLUE_GREEN": `"strategy":"BLUE_GREEN","bakeTimeInMinutes":1`,
		"LINEAR":     `"strategy":"LINEAR","bakeTimeInMinutes":1,"linearConfiguration":{"stepPercent":50,"stepBakeTimeInMinutes":1}`,
		"CANARY":     `"strategy":"CANARY","bakeTimeInMinutes":1,"canaryConfiguration":{"canaryPercent":10,"canaryBakeTimeInMinutes":1}`,
	}[s["strategy"]]
	switch s["percents"] {
	case "0-100":
		config += `,"minimumHealthyPercent":0,"maximumPercent":100`
	case "50-100":
		config += `,"minimumHealthyPercent":50,"maximumPercent":100`
	case "50-150":
		config += `,"minimumHealthyPercent":50,"maximumPercent":150`
	}
	if s["breaker"] == "on" {
		config += `,"deploymentCircuitBreaker":{"enable":true,"rollback":true}`
	}
	return `"deploymentConfiguration":{` + config + `}`
}

func (s spec) placementMembers() []string {
	switch s["placement"] {
	case "spread":
		return []string{`"placementStrategy":[{"type":"spread","field":"attribute:ecs.availability-zone"}]`}
	case "binpack":
		return []string{`"placementStrategy":[{"type":"binpack","field":"memory"}]`}
	case "distinct":
		return []string{`"placementConstraints":[{"type":"distinctInstance"}]`}
	}
	return nil
}

func object(members ...string) string { return "{" + strings.Join(members, ",") + "}" }

// network is the member that awsvpc needs.
func (s spec) network() []string {
	if s["mode"] == "awsvpc" {
		return []string{awsvpc}
	}
	return nil
}

// create returns the calls that make a service of the spec, with its task sets.
func (s spec) create(r *rand.Rand, name string) []call {
	members := []string{
		`"cluster":"c"`,
		fmt.Sprintf(`"serviceName":%q,"availabilityZoneRebalancing":%q`, name, s["rebalancing"]),
		s.deploymentMember(),
	}
	if s["controller"] != "ECS" {
		members = append(members, fmt.Sprintf(`"deploymentController":{"type":%q}`, s["controller"]))
	}
	if s["scheduling"] == "DAEMON" {
		members = append(members, `"schedulingStrategy":"DAEMON"`)
	} else {
		members = append(members, fmt.Sprintf(`"desiredCount":%d`, 1+r.IntN(3)))
	}
	members = append(members, s.placementMembers()...)
	tasks := append(
		[]string{fmt.Sprintf(`"taskDefinition":%q`, s.family()), s.balancersMember(name), s.registryMember()},
		s.launchMembers(r.IntN(2) == 0)...)
	tasks = append(tasks, s.network()...)
	if s["controller"] != "EXTERNAL" {
		return []call{{op: "CreateService", input: object(append(members, tasks...)...)}}
	}
	calls := []call{{op: "CreateService", input: object(members...)}}
	for range map[string]int{"none": 0, "one": 1, "two": 2}[s["sets"]] {
		set := append(
			[]string{
				`"cluster":"c"`,
				fmt.Sprintf(`"service":%q,"scale":{"value":%d,"unit":"PERCENT"}`, name, 50+50*r.IntN(2)),
			},
			tasks...)
		calls = append(calls, call{wait: time.Second, op: "CreateTaskSet", input: object(set...)})
	}
	return calls
}

// update returns the call that makes another spec of a running service.
func (s spec) update(r *rand.Rand, name string, switched string) call {
	members := []string{`"cluster":"c"`, fmt.Sprintf(`"service":%q`, name)}
	switch switched {
	case "launch":
		strategy := strategyOf(s["launch"])
		if strategy == "" {
			strategy = "[]" // back to the launch type
		}
		members = append(members, `"capacityProviderStrategy":`+strategy, `"forceNewDeployment":true`)
	case "mode":
		members = append(
			members,
			fmt.Sprintf(`"taskDefinition":%q`, s.family()),
			s.balancersMember(name),
			s.registryMember(),
		)
		members = append(members, s.network()...)
	case "strategy":
		members = append(members, s.deploymentMember(), s.balancersMember(name))
	case "balancers":
		members = append(
			members,
			fmt.Sprintf(`"taskDefinition":%q`, s.family()),
			s.balancersMember(name),
			s.deploymentMember(),
		)
	case "percents":
		members = append(members, s.deploymentMember())
	}
	if switched != "launch" && r.IntN(3) == 0 {
		members = append(members, `"forceNewDeployment":true`)
	}
	return call{wait: wait(r), op: "UpdateService", input: object(members...)}
}

// wait is a time after which a call comes: at once, while things move, or when they rest.
func wait(r *rand.Rand) time.Duration {
	return []time.Duration{0, 3 * time.Second, 20 * time.Second, 4 * time.Minute}[r.IntN(4)]
}

// before returns a spec that an update of one dimension turns into s.
func (s spec) before(r *rand.Rand, dimension string) (spec, bool) {
	var fixed []feature
	for _, f := range s.list() {
		if d := f.dimension(); d != dimension && d != "switched" && !(dimension == "mode" && d == "balancers") &&
			!(dimension == "strategy" && d == "balancers") {
			fixed = append(fixed, f)
		}
	}
	fixed = append(fixed, "switched=no")
	for range 20 {
		if b, ok := drawSpec(r, fixed...); ok && b[dimension] != s[dimension] {
			return b, true
		}
	}
	return nil, false
}

// scalingCalls make a service scale by itself.
func (s spec) scalingCalls(name string) []call {
	const target = `"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount","ResourceId":"service/c/%s"`
	on := fmt.Sprintf(target, name)
	if s["scaling"] == "none" {
		return nil
	}
	calls := []call{
		{wait: time.Second, op: "RegisterScalableTarget", input: object(on, `"MinCapacity":1,"MaxCapacity":4`)},
	}
	switch s["scaling"] {
	case "tracking":
		calls = append(
			calls,
			call{op: "PutScalingPolicy", input: object(on, `"PolicyName":"cpu","PolicyType":"TargetTrackingScaling",`+
				`"TargetTrackingScalingPolicyConfiguration":{"TargetValue":50,"PredefinedMetricSpecification":{"PredefinedMetricType":"ECSServiceAverageCPUUtilization"}}`)},
		)
	case "steps":
		calls = append(
			calls,
			call{op: "PutScalingPolicy", input: object(on, `"PolicyName":"steps","PolicyType":"StepScaling",`+
				`"StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","StepAdjustments":[{"MetricIntervalLowerBound":0,"ScalingAdjustment":1}]}`)},
		)
	case "scheduled":
		calls = append(
			calls,
			call{
				op: "PutScheduledAction",
				input: object(
					on,
					`"ScheduledActionName":"rate","Schedule":"at(2026-01-01T00:10:00)","ScalableTargetAction":{"MinCapacity":2,"MaxCapacity":3}`,
				),
			},
		)
	}
	return calls
}

// drawCalls returns the calls of a world: a service with the two features, changed while it runs
// where that is one of them, then whatever people do at the same time.
func drawCalls(r *rand.Rand, aim pair) []call {
	s, ok := drawSpec(r, aim[0], aim[1])
	if !ok {
		panic(fmt.Sprintf("nothing goes with %v", aim))
	}
	calls := []call{providersCall(s["default"])}
	first := s
	if s["switched"] != "no" {
		if b, ok := s.before(r, s["switched"]); ok {
			first = b
		}
	}
	calls = append(calls, first.create(r, "s0")...)
	if first["balancers"] == "two" { // one of them takes no more targets
		calls = append(calls, call{wait: time.Duration(4+r.IntN(6)) * time.Second, op: "refuse-target"})
	}
	calls = append(calls, s.scalingCalls("s0")...)
	if s["protected"] == "yes" {
		calls = append(calls, call{wait: 4 * time.Minute, op: "protect", input: "s0"})
	}
	if s["switched"] != "no" {
		calls = append(calls, s.update(r, "s0", s["switched"]))
	}
	calls = append(calls, call{wait: wait(r), op: "look"})
	for range r.IntN(10) {
		calls = append(calls, drawCall(r)...)
	}
	return calls
}

// drawCall draws what somebody does, right or wrong.
func drawCall(r *rand.Rand) []call {
	name := fmt.Sprintf("s%d", r.IntN(3))
	any, _ := drawSpec(r)
	if r.IntN(4) == 0 { // somebody who does not know what goes together
		any = spec{}
		for _, d := range features {
			any[d.dimension] = d.values[r.IntN(len(d.values))]
		}
	}
	switch n := r.IntN(100); {
	case n < 20:
		return any.create(r, name)
	case n < 45:
		return []call{any.update(r, name, []string{"launch", "mode", "strategy", "balancers", "percents"}[r.IntN(5)])}
	case n < 52:
		return []call{providersCall([]string{"none", "fargate", "spot", "managed", "plain", "weightless"}[r.IntN(6)])}
	case n < 58:
		return any.scalingCalls(name)
	case n < 64:
		run := append(
			[]string{`"cluster":"c"`, fmt.Sprintf(`"taskDefinition":%q,"count":%d`, any.family(), 1+r.IntN(3))},
			any.launchMembers(true)...)
		run = append(run, any.placementMembers()...)
		return []call{{wait: wait(r), op: "RunTask", input: object(append(run, any.network()...)...)}}
	case n < 68:
		kind := []string{"", `,"targetType":"instance"`, `,"targetType":"ip"`}[r.IntN(3)]
		return []call{
			{
				wait: wait(r),
				op:   "PutTargetGroup",
				input: fmt.Sprintf(
					`{"targetGroupArn":%q%s,"deregistrationDelaySeconds":%d}`,
					groupOf(name, any["mode"], ""),
					kind,
					r.IntN(60),
				),
			},
		}
	case n < 72:
		return []call{
			{
				wait:  wait(r),
				op:    "DeleteService",
				input: fmt.Sprintf(`{"cluster":"c","service":%q,"force":%t}`, name, r.IntN(2) == 0),
			},
		}
	}
	return []call{{wait: wait(r), op: happenings[r.IntN(len(happenings))], input: name}}
}

// happenings are what calls do that is not one request by its name.
var happenings = []string{"protect", "count", "drain", "activate", "stop-deployment", "start-task", "scale-set",
	"primary-set", "delete-set", "metric", "refuse-target", "deregister"}
