package loadbalance

import (
	"fmt"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// fleetOfGroups is what CheckService finds by name in the tests.
func fleetOfGroups(name string) (TargetGroup, bool) {
	switch name {
	case "tg-1", "tg-2", "tg-3", "tg-4", "tg-5", "tg-6", "tg-green":
		return TargetGroup{TargetGroupArn: name}, true
	case "tg-ip", "tg-ip-green":
		return TargetGroup{TargetGroupArn: name, TargetType: TargetTypeIP}, true
	case "tg-udp":
		return TargetGroup{TargetGroupArn: name, LoadBalancerType: LoadBalancerTypeNetwork, Protocol: ProtocolUDP}, true
	case "tg-both":
		return TargetGroup{TargetGroupArn: name, LoadBalancerType: LoadBalancerTypeNetwork,
			Protocol: ProtocolTCPUDP}, true
	case "tg-idle":
		return TargetGroup{TargetGroupArn: name, NotInUse: true}, true
	case "clb", "clb-2":
		return TargetGroup{LoadBalancerName: name, LoadBalancerType: LoadBalancerTypeClassic}, true
	}
	return TargetGroup{}, false
}

func groups(names ...string) (list []ecs.LoadBalancer) {
	for _, name := range names {
		list = append(list, ecs.LoadBalancer{TargetGroupArn: name, ContainerName: "c", ContainerPort: 80})
	}
	return list
}

func classics(names ...string) (list []ecs.LoadBalancer) {
	for _, name := range names {
		list = append(list, ecs.LoadBalancer{LoadBalancerName: name, ContainerName: "c", ContainerPort: 80})
	}
	return list
}

// facts 7.1, what each kind of load balancer may be attached to; the messages that AWS words
// are in facts 6.2, last row.
func TestCheckService(t *testing.T) {
	dynamic := definition("bridge", ecs.PortMapping{ContainerPort: 80})
	static := definition("bridge", ecs.PortMapping{ContainerPort: 80, HostPort: ecs.Some(8080)})
	host := definition("host", ecs.PortMapping{ContainerPort: 80})
	awsvpc := definition("awsvpc", ecs.PortMapping{ContainerPort: 80})
	both := definition("bridge", ecs.PortMapping{ContainerPort: 80},
		ecs.PortMapping{ContainerPort: 80, Protocol: "udp"})
	ranged := definition("bridge", ecs.PortMapping{ContainerPortRange: "79-81"})
	blueGreen := ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen}
	codeDeploy := &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeCodeDeploy}
	advanced := func(lb []ecs.LoadBalancer, alternate, production, test string) []ecs.LoadBalancer {
		lb[0].AdvancedConfiguration = &ecs.AdvancedConfiguration{AlternateTargetGroupArn: alternate,
			ProductionListenerRule: production, TestListenerRule: test}
		return lb
	}
	for _, c := range []struct {
		row     string
		service ecs.Service
		d       ecs.TaskDefinition
		fields  []string
	}{
		{"no load balancer", ecs.Service{}, dynamic, nil},
		{"no load balancer, headless", ecs.Service{DeploymentConfiguration: blueGreen}, dynamic, nil},
		{"Dynamic host ports, ALB", ecs.Service{LoadBalancers: groups("tg-1")}, dynamic, nil},
		{"Dynamic host ports, CLB", ecs.Service{LoadBalancers: classics("clb")}, dynamic,
			[]string{"loadBalancers[0].containerPort"}},
		{"static host port, CLB", ecs.Service{LoadBalancers: classics("clb")}, static, nil},
		{"host mode, CLB", ecs.Service{LoadBalancers: classics("clb")}, host, nil},
		{"awsvpc, CLB", ecs.Service{LoadBalancers: classics("clb")}, awsvpc,
			[]string{"loadBalancers[0].loadBalancerName"}},
		{"Fargate by strategy, CLB", ecs.Service{LoadBalancers: classics("clb"),
			CapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE_SPOT"}}}, static,
			[]string{"loadBalancers[0].loadBalancerName"}},
		{"Fargate, CLB", ecs.Service{LoadBalancers: classics("clb"), LaunchType: ecs.LaunchTypeFargate}, static,
			[]string{"loadBalancers[0].loadBalancerName"}},
		{"awsvpc, target type ip", ecs.Service{LoadBalancers: groups("tg-ip")}, awsvpc, nil},
		{"awsvpc, target type instance", ecs.Service{LoadBalancers: groups("tg-1")}, awsvpc,
			[]string{"loadBalancers[0].targetGroupArn"}},
		{"bridge, target type ip", ecs.Service{LoadBalancers: groups("tg-ip")}, dynamic,
			[]string{"loadBalancers[0].targetGroupArn"}},
		{"Per service, five", ecs.Service{LoadBalancers: groups("tg-1", "tg-2", "tg-3", "tg-4", "tg-5")}, dynamic, nil},
		{"Per service, six", ecs.Service{LoadBalancers: groups("tg-1", "tg-2", "tg-3", "tg-4", "tg-5", "tg-6")},
			dynamic, []string{"loadBalancers"}},
		{"one group twice", ecs.Service{LoadBalancers: groups("tg-1", "tg-2", "tg-1")}, dynamic,
			[]string{"loadBalancers[2].targetGroupArn"}},
		{"Per service, two CLB", ecs.Service{LoadBalancers: classics("clb", "clb-2")}, static,
			[]string{"loadBalancers"}},
		{"CLB and group", ecs.Service{LoadBalancers: append(classics("clb"), groups("tg-1")...)}, static,
			[]string{"loadBalancers"}},
		{"neither", ecs.Service{LoadBalancers: []ecs.LoadBalancer{{ContainerName: "c", ContainerPort: 80}}}, static,
			[]string{"loadBalancers[0]"}},
		{"both", ecs.Service{LoadBalancers: []ecs.LoadBalancer{{TargetGroupArn: "tg-1", LoadBalancerName: "clb",
			ContainerName: "c", ContainerPort: 80}}}, static, []string{"loadBalancers[0]"}},
		{"group as CLB", ecs.Service{LoadBalancers: classics("tg-1")}, static,
			[]string{"loadBalancers[0].loadBalancerName"}},
		{"unknown", ecs.Service{LoadBalancers: groups("tg-0")}, static, []string{"loadBalancers[0].targetGroupArn"}},
		{"no listener", ecs.Service{LoadBalancers: groups("tg-idle")}, static,
			[]string{"loadBalancers[0].targetGroupArn"}},
		{"no such container", ecs.Service{LoadBalancers: []ecs.LoadBalancer{{TargetGroupArn: "tg-1", ContainerName: "d",
			ContainerPort: 80}}}, static, []string{"loadBalancers[0].containerName"}},
		{"no such port", ecs.Service{LoadBalancers: []ecs.LoadBalancer{{TargetGroupArn: "tg-1", ContainerName: "c",
			ContainerPort: 81}}}, static, []string{"loadBalancers[0].containerPort"}},
		{"port within a range", ecs.Service{LoadBalancers: groups("tg-1")}, ranged, nil},
		{"udp group, tcp port", ecs.Service{LoadBalancers: groups("tg-udp")}, dynamic,
			[]string{"loadBalancers[0].containerPort"}},
		{"TCP_UDP group, tcp port", ecs.Service{LoadBalancers: groups("tg-both")}, dynamic,
			[]string{"loadBalancers[0].containerPort"}},
		{"TCP_UDP group, both ports", ecs.Service{LoadBalancers: groups("tg-both", "tg-udp", "tg-1")}, both, nil},
		{"6.1, one group", ecs.Service{LoadBalancers: groups("tg-1"), DeploymentController: codeDeploy}, dynamic, nil},
		{"6.1, several groups", ecs.Service{LoadBalancers: groups("tg-1", "tg-2"), DeploymentController: codeDeploy},
			dynamic, []string{"loadBalancers"}},
		{"several groups, EXTERNAL", ecs.Service{LoadBalancers: groups("tg-1", "tg-2"),
			DeploymentController: &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}}, dynamic,
			[]string{"loadBalancers"}},
		{"6.1, CLB", ecs.Service{LoadBalancers: classics("clb"), DeploymentController: codeDeploy}, static,
			[]string{"loadBalancers[0].loadBalancerName"}},
		{"6.2, CLB", ecs.Service{LoadBalancers: classics("clb"), DeploymentConfiguration: blueGreen}, static,
			[]string{"loadBalancers", "loadBalancers[0].loadBalancerName"}},
		{"6.2, complete", ecs.Service{LoadBalancers: advanced(groups("tg-1"), "tg-green", "rule", "test"),
			DeploymentConfiguration: blueGreen}, dynamic, nil},
		{"6.2, not advanced", ecs.Service{LoadBalancers: groups("tg-1"), DeploymentConfiguration: blueGreen}, dynamic,
			[]string{"loadBalancers"}},
		{"6.2, some advanced", ecs.Service{LoadBalancers: advanced(groups("tg-1", "tg-2"), "tg-green", "rule", "")},
			dynamic, []string{"loadBalancers"}},
		{"6.2, one alternate for two",
			ecs.Service{LoadBalancers: append(advanced(groups("tg-1"), "tg-green", "rule", ""),
				advanced(groups("tg-2"), "tg-green", "rule", "")...)}, dynamic,
			[]string{"loadBalancers[1].advancedConfiguration.alternateTargetGroupArn"}},
		{"6.2, another's alternate", ecs.Service{LoadBalancers: append(advanced(groups("tg-1"), "tg-2", "rule", ""),
			advanced(groups("tg-2"), "tg-green", "rule", "")...)}, dynamic,
			[]string{"loadBalancers[1].targetGroupArn"}},
		{"6.2, own alternate", ecs.Service{LoadBalancers: advanced(groups("tg-1"), "tg-1", "rule", "")}, dynamic,
			[]string{"loadBalancers[0].advancedConfiguration.alternateTargetGroupArn"}},
		{"6.2, unknown alternate", ecs.Service{LoadBalancers: advanced(groups("tg-1"), "tg-0", "rule", "")}, dynamic,
			[]string{"loadBalancers[0].advancedConfiguration.alternateTargetGroupArn"}},
		{"6.2, other type", ecs.Service{LoadBalancers: advanced(groups("tg-1"), "tg-ip", "rule", "")}, dynamic,
			[]string{"loadBalancers[0].advancedConfiguration.alternateTargetGroupArn"}},
		{"6.2, no rule", ecs.Service{LoadBalancers: advanced(groups("tg-1"), "tg-green", "", "")}, dynamic,
			[]string{"loadBalancers[0].advancedConfiguration.productionListenerRule"}},
		{"6.2, one rule", ecs.Service{LoadBalancers: advanced(groups("tg-1"), "tg-green", "rule", "rule")}, dynamic,
			[]string{"loadBalancers[0].advancedConfiguration.testListenerRule"}},
	} {
		t.Run(c.row, func(t *testing.T) {
			var fields []string
			err := CheckService(c.service, c.d, fleetOfGroups)
			for e := range ecs.Errors(err) {
				require.Equal(t, ecs.InvalidParameterException, e.Code)
				fields = append(fields, e.Field)
			}
			require.Equal(t, c.fields, fields, "%v", err)
		})
	}
}

// One container port may be in an internal and an external group: one target in each, two holds
// on the port.
func TestSamePortInTwoGroups(t *testing.T) {
	var p Ports
	of := func(string) *Ports { return &p }
	port, err := p.Allocate("t", "tcp")
	require.NoError(t, err)
	d := TargetDescription{ID: "i-1", Port: port}
	external, internal := newTargets(t, TargetGroup{TargetGroupArn: "external"}), newTargets(t,
		TargetGroup{TargetGroupArn: "internal", DeregistrationDelaySeconds: ecs.Some(0)})
	require.NoError(t, external.Register("t", d, start, of))
	require.NoError(t, internal.Register("t", d, start, of))
	holder, _ := p.Holder(tcp(port))
	require.Equal(t, 2, holder.Targets)
	require.Empty(t, p.Release(nil, "t"))
	for _, ts := range []*Targets{external, internal} {
		_, err := ts.Deregister("t", d, start)
		require.NoError(t, err)
	}
	require.Len(t, internal.Expire(nil, start, of), 1)
	require.False(t, p.Free(tcp(port)), "the other group still drains")
	require.Len(t, external.Expire(nil, start.Add(external.Group().DeregistrationDelay()), of), 1)
	require.True(t, p.Free(tcp(port)))
}

// Bad configuration gives a code and a field.
func TestBadConfiguration(t *testing.T) {
	network := LoadBalancerTypeNetwork
	for i, c := range []struct {
		err   error
		code  ecs.Code
		field string
	}{
		{TargetGroup{TargetType: "lambda"}.Validate(), ValidationError, "targetType"},
		{TargetGroup{LoadBalancerType: "gateway"}.Validate(), ValidationError, "loadBalancerType"},
		{TargetGroup{Protocol: ProtocolTCP}.Validate(), ValidationError, "protocol"},
		{TargetGroup{ProtocolVersion: "HTTP3"}.Validate(), ValidationError, "protocolVersion"},
		{TargetGroup{LoadBalancerType: network, Protocol: ProtocolHTTP}.Validate(), ValidationError, "protocol"},
		{TargetGroup{LoadBalancerType: LoadBalancerTypeClassic, TargetType: TargetTypeIP}.Validate(),
			InvalidConfigurationRequest, "targetType"},
		{TargetGroup{DeregistrationDelaySeconds: ecs.Some(3601)}.Validate(), ValidationError,
			"deregistrationDelaySeconds"},
		{TargetGroup{LoadBalancerType: LoadBalancerTypeClassic, DeregistrationDelaySeconds: ecs.Some(0)}.Validate(),
			ValidationError, "deregistrationDelaySeconds"},
		{TargetGroup{SlowStartSeconds: 29}.Validate(), ValidationError, "slowStartSeconds"},
		{TargetGroup{SlowStartSeconds: 901}.Validate(), ValidationError, "slowStartSeconds"},
		{TargetGroup{SlowStartSeconds: 30, Algorithm: AlgorithmWeightedRandom}.Validate(),
			InvalidConfigurationRequest, "slowStartSeconds"},
		{TargetGroup{Algorithm: "fastest"}.Validate(), ValidationError, "algorithm"},
		{TargetGroup{LoadBalancerType: network, Algorithm: AlgorithmWeightedRandom}.Validate(),
			InvalidConfigurationRequest, "algorithm"},
		{TargetGroup{Stickiness: Stickiness{DurationSeconds: 604801}}.Validate(), ValidationError,
			"stickiness.durationSeconds"},
		{TargetGroup{Stickiness: Stickiness{Type: StickinessTypeSourceIP}}.Validate(),
			ValidationError, "stickiness.type"},
		{TargetGroup{Stickiness: Stickiness{Enabled: true, Type: StickinessTypeAppCookie}}.Validate(), ValidationError,
			"stickiness.cookieName"},
		{TargetGroup{HealthCheck: HealthCheck{Path: "index"}}.Validate(), ValidationError, "healthCheck.path"},
		{TargetGroup{HealthCheck: HealthCheck{Port: 65536}}.Validate(), ValidationError, "healthCheck.port"},
		{TargetGroup{HealthCheck: HealthCheck{Protocol: ProtocolUDP}}.Validate(), ValidationError,
			"healthCheck.protocol"},
		{TargetGroup{HealthCheck: HealthCheck{IntervalSeconds: 5}}.Validate(), ValidationError,
			"healthCheck.timeoutSeconds"},
		{TargetGroup{LoadBalancerType: LoadBalancerTypeClassic,
			HealthCheck: HealthCheck{Enabled: ecs.Some(false)}}.Validate(),
			InvalidConfigurationRequest, "healthCheck.enabled"},
		{second(PortConfig{ReservedPorts: ecs.Some([]uint16{22, 0})}.Layout()), ecs.InvalidParameterException,
			"reservedPorts[1]"},
		{second(PortConfig{ReservedPortsUDP: []uint16{0}}.Layout()), ecs.InvalidParameterException,
			"reservedPortsUdp[0]"},
		{second(PortConfig{DynamicHostPortRange: Range{9, 8}}.Layout()), ecs.InvalidParameterException,
			"dynamicHostPortRange"},
		{second(PortConfig{ReservedPorts: ecs.Some(hundredAndOne())}.Layout()), ecs.InvalidParameterException,
			"reservedPorts"},
		{second(RestorePorts(nil, PortsState{Held: []HeldPort{{HostPort: tcp(5), Task: "t", ByTask: true},
			{HostPort: tcp(5), Task: "t", ByTask: true}}})), ecs.InvalidParameterException, "held[1]"},
		{second(RestorePorts(nil, PortsState{Held: []HeldPort{{HostPort: tcp(5), Task: "t"}}})),
			ecs.InvalidParameterException, "held[0]"},
		{second(RestorePorts(nil,
			PortsState{Held: []HeldPort{{HostPort: ecs.HostPort{Port: 5, Protocol: "sctp"}, Task: "t",
				ByTask: true}}})), ecs.InvalidParameterException, "held[0]"},
		{second(RestoreTargets(TargetsState{Targets: []Target{{TargetDescription: TargetDescription{ID: "i-1"},
			Task: "t", State: StateInitial}}})), ValidationError, "targets[0].port"},
		{second(RestoreTargets(TargetsState{Targets: []Target{{TargetDescription: TargetDescription{ID: "i-1", Port: 1},
			Task: "t", State: StateInitial, Reason: ReasonTimeout}}})), ValidationError, "targets[0].state"},
		{newTargets(t, TargetGroup{}).Register("t", TargetDescription{ID: "10.0.0.1", Port: 80}, start, nil),
			ValidationError, "id"},
		{newTargets(t, TargetGroup{}).Register("t", TargetDescription{ID: "i-1", Port: 80}, start, nil), InvalidTarget,
			"id"},
		{newTargets(t, TargetGroup{TargetType: TargetTypeIP}).Register("t", TargetDescription{ID: "i-1", Port: 80},
			start, nil), ValidationError, "id"},
		{newTargets(t, TargetGroup{TargetType: TargetTypeIP}).Register("", TargetDescription{ID: "::1", Port: 80},
			start, nil), ValidationError, "task"},
	} {
		t.Run(fmt.Sprintf("%d_%s", i, c.field), func(t *testing.T) { requireFault(t, c.err, c.code, c.field) })
	}
}

func second[T any](_ T, err error) error { return err }

func hundredAndOne() (ports []uint16) {
	for i := range uint16(101) {
		ports = append(ports, i+1)
	}
	return ports
}
