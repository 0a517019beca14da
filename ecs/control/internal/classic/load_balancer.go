package classic

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elb"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// CreateLoadBalancer makes a Classic Load Balancer. The same request again returns the one that is there.
func (m *Room) CreateLoadBalancer(in elb.CreateLoadBalancerInput) (out elb.CreateLoadBalancerOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	if old, ok := m.named(in.LoadBalancerName); ok {
		if !reflect.DeepEqual(old.Input, in) {
			return out, elbv2.Fault(elbv2.DuplicateLoadBalancerName, "LoadBalancerName",
				"Load Balancer named '%s' already exists and it is configured with different parameters.",
				in.LoadBalancerName)
		}
		return elb.CreateLoadBalancerOutput{DNSName: old.DNSName}, nil
	}
	if len(m.list) >= mostBalancers {
		return out, elbv2.Fault(elbv2.TooManyLoadBalancers, "", "The limit of Classic Load Balancers is %d.",
			mostBalancers)
	}
	if err := m.Groups.MakeClassic(in.Group(m.zones(in))); err != nil {
		return out, err
	}
	dns := in.LoadBalancerName + "-" + balancers.Digits(m.Core.HexID()) + "." + m.Region + ".elb.amazonaws.com"
	if in.Scheme == "internal" {
		dns = "internal-" + dns
	}
	m.list = append(m.list, &LoadBalancer{Input: in, DNSName: dns, CreatedTime: m.Core.Now()})
	return elb.CreateLoadBalancerOutput{DNSName: dns}, nil
}

func (m *Room) named(name string) (*LoadBalancer, bool) {
	i := slices.IndexFunc(m.list, func(c *LoadBalancer) bool { return c.Input.LoadBalancerName == name })
	if i < 0 {
		return nil, false
	}
	return m.list[i], true
}

// zones are the zones that a request names; none if one of its subnets may be anywhere.
func (m *Room) zones(in elb.CreateLoadBalancerInput) []string {
	zones := slices.Clone(in.AvailabilityZones)
	for _, s := range in.Subnets {
		if m.ZoneOfSubnet[s] == "" {
			return nil
		}
		zones = append(zones, m.ZoneOfSubnet[s])
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// absent is the error of a Classic Load Balancer that is not there.
func absent(name string) error {
	return elbv2.Fault(elbv2.LoadBalancerNotFound, "LoadBalancerName", "There is no ACTIVE Load Balancer named '%s'",
		name)
}

// DescribeLoadBalancers describes Classic Load Balancers, those that are named or all, in order of name.
func (m *Room) DescribeLoadBalancers(
	in elb.DescribeLoadBalancersInput,
) (out elb.DescribeLoadBalancersOutput, err error) {
	list := slices.Clone(m.list)
	if len(in.LoadBalancerNames) > 0 {
		list = list[:0]
		for _, name := range in.LoadBalancerNames {
			c, ok := m.named(name)
			if !ok {
				return out, absent(name)
			}
			list = append(list, c)
		}
	}
	name := func(c *LoadBalancer) string { return c.Input.LoadBalancerName }
	slices.SortFunc(list, func(a, b *LoadBalancer) int { return cmp.Compare(name(a), name(b)) })
	list, out.NextMarker, err = targets.Page(slices.Compact(list), in.Marker, in.PageSize, name)
	out.LoadBalancerDescriptions = []elb.LoadBalancerDescription{}
	for _, c := range list {
		of, registered := m.Groups.Classic(name(c))
		d := elb.Show(c.Input, of, instances(registered))
		d.DNSName, d.CanonicalHostedZoneName, d.CreatedTime = c.DNSName, c.DNSName, c.CreatedTime
		d.CanonicalHostedZoneNameID = "Z" + core.NameBasedID("zone", m.Region, "classic")[:8]
		d.VPCId = balancers.VPC(m.Region)
		out.LoadBalancerDescriptions = append(out.LoadBalancerDescriptions, d)
	}
	return out, err
}

// instances are the IDs of the instances of targets, in order.
func instances(list []loadbalance.Target) (ids []string) {
	for _, t := range list {
		ids = append(ids, t.ID)
	}
	return slices.Compact(ids)
}

// DescribeInstanceHealth describes the health of the instances of a Classic Load Balancer, in order of ID, or of those
// that are asked for, in that order.
func (m *Room) DescribeInstanceHealth(
	in elb.DescribeInstanceHealthInput,
) (out elb.DescribeInstanceHealthOutput, err error) {
	if _, ok := m.named(in.LoadBalancerName); !ok {
		return out, absent(in.LoadBalancerName)
	}
	_, registered := m.Groups.Classic(in.LoadBalancerName)
	asked := slices.Clone(in.Instances)
	if len(asked) == 0 {
		for _, id := range instances(registered) {
			asked = append(asked, elb.Instance{InstanceId: id})
		}
	}
	out.InstanceStates = []elb.InstanceState{}
	for _, a := range asked {
		i := slices.IndexFunc(registered, func(t loadbalance.Target) bool { return t.ID == a.InstanceId })
		if i < 0 {
			return elb.DescribeInstanceHealthOutput{}, elbv2.Fault(elb.InvalidInstance, "Instances",
				"Could not find EC2 instance %s.", a.InstanceId)
		}
		out.InstanceStates = append(out.InstanceStates, elb.ShowInstance(registered[i]))
	}
	return out, nil
}
