package balancers

import "github.com/bayplan/bayplan/loadbalance/elbv2"

// admits refuses an action that a listener of the load balancer cannot have.
func (m *Room) admits(b *LoadBalancer, protocol string, a elbv2.Action) error {
	if b.Record.Type == elbv2.Network && a.Type != "forward" {
		return elbv2.Fault(elbv2.InvalidLoadBalancerAction, "",
			"Actions of type '%s' are not supported for network load balancers", a.Type)
	}
	for _, arn := range a.Groups() {
		g, err := m.Groups.Free(arn, b.Record.LoadBalancerArn)
		if err != nil {
			return err
		}
		if !elbv2.GoesWith(protocol, string(g.Protocol)) {
			return elbv2.Fault(elbv2.IncompatibleProtocols, "",
				"Listener protocol '%s' is not supported with a target group with the protocol '%s'", protocol,
				g.Protocol)
		}
	}
	return nil
}

// use counts the groups that an action of a load balancer names.
func (m *Room) use(b *LoadBalancer, a elbv2.Action) {
	for _, arn := range a.Groups() {
		m.Groups.Use(arn, b.Record.LoadBalancerArn, b.Record.Zones())
	}
}

// leave takes back what use counted.
func (m *Room) leave(a elbv2.Action) {
	for _, arn := range a.Groups() {
		m.Groups.Leave(arn)
	}
}

// DescribeTargetGroups describes target groups; the load balancer that a request names must be there.
func (m *Room) DescribeTargetGroups(in elbv2.DescribeTargetGroupsInput) (elbv2.TargetGroupsOutput, error) {
	if in.LoadBalancerArn != "" {
		if _, err := m.balancer(in.LoadBalancerArn); err != nil {
			return elbv2.TargetGroupsOutput{}, err
		}
	}
	return m.Groups.DescribeTargetGroups(in)
}
