package balancers

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// CreateLoadBalancer makes a load balancer, which is active at once. The same request again returns the one that is
// there.
func (m *Room) CreateLoadBalancer(in elbv2.CreateLoadBalancerInput) (out elbv2.LoadBalancersOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	record, err := m.balancerOf(in)
	if err != nil {
		return out, err
	}
	if old, ok := m.byName[in.Name]; ok {
		if !alike(old.Record, record) {
			return out, elbv2.Fault(elbv2.DuplicateLoadBalancerName, "Name",
				"A load balancer with the same name '%s' exists, but with different settings", in.Name)
		}
		return elbv2.LoadBalancersOutput{LoadBalancers: []elbv2.LoadBalancer{old.Record}}, nil
	}
	if len(m.balancers) >= mostBalancers {
		return out, elbv2.Fault(elbv2.TooManyLoadBalancers, "", "The limit of load balancers is %d.", mostBalancers)
	}
	m.identify(&record)
	b := &LoadBalancer{Record: record, Attributes: elbv2.LoadBalancerAttributes(record.Type),
		Tags: slices.Clone(in.Tags)}
	m.enter(b)
	return elbv2.LoadBalancersOutput{LoadBalancers: []elbv2.LoadBalancer{b.Record}}, nil
}

// balancerOf returns the load balancer that a request asks for, without what identifies it.
func (m *Room) balancerOf(in elbv2.CreateLoadBalancerInput) (elbv2.LoadBalancer, error) {
	b := elbv2.LoadBalancer{LoadBalancerName: in.Name, Scheme: cmp.Or(in.Scheme, "internet-facing"),
		Type: cmp.Or(in.Type, elbv2.Application), IpAddressType: cmp.Or(in.IpAddressType, "ipv4"),
		SecurityGroups: slices.Clone(in.SecurityGroups), State: elbv2.LoadBalancerState{Code: "active"}}
	var err error
	b.AvailabilityZones, err = m.zones(b.Type, elbv2.SubnetsOf(in.Subnets, in.SubnetMappings))
	return b, err
}

// zones returns where subnets are. An application load balancer is in two zones or more; a subnet whose zone is not
// known may be in any.
func (m *Room) zones(typ string, subnets []elbv2.SubnetMapping) ([]elbv2.AvailabilityZone, error) {
	list := make([]elbv2.AvailabilityZone, 0, len(subnets))
	known := map[string]string{}
	for _, s := range subnets {
		zone := m.ZoneOfSubnet[s.SubnetId]
		if other, ok := known[zone]; ok && zone != "" {
			return nil, elbv2.Fault(elbv2.InvalidConfigurationRequest, "Subnets",
				"A load balancer cannot be attached to multiple subnets in the same Availability Zone: "+
					"%s and %s are in %s", other, s.SubnetId, zone)
		}
		known[zone] = s.SubnetId
		z := elbv2.AvailabilityZone{ZoneName: zone, SubnetId: s.SubnetId,
			LoadBalancerAddresses: []elbv2.LoadBalancerAddress{}}
		if a := (elbv2.LoadBalancerAddress{AllocationId: s.AllocationId, PrivateIPv4Address: s.PrivateIPv4Address,
			IPv6Address: s.IPv6Address}); a != (elbv2.LoadBalancerAddress{}) {
			z.LoadBalancerAddresses = append(z.LoadBalancerAddresses, a)
		}
		list = append(list, z)
	}
	if typ == elbv2.Application && len(list) < 2 {
		return nil, elbv2.Fault(elbv2.ValidationError, "Subnets",
			"At least two subnets in two different Availability Zones must be specified")
	}
	return list, nil
}

// identify fills in what the room itself gives a load balancer.
func (m *Room) identify(b *elbv2.LoadBalancer) {
	id := m.id()
	short, domain := "app", m.Region+".elb.amazonaws.com"
	dns := b.LoadBalancerName + "-" + Digits(id)
	if b.Type == elbv2.Network {
		short, domain, dns = "net", "elb."+m.Region+".amazonaws.com", b.LoadBalancerName+"-"+id
	}
	if b.Scheme == "internal" {
		dns = "internal-" + dns
	}
	b.LoadBalancerArn = m.Core.ARN("elasticloadbalancing", fmt.Sprintf("loadbalancer/%s/%s/%s", short,
		b.LoadBalancerName, id))
	b.DNSName, b.CreatedTime = dns+"."+domain, m.Core.Now()
	b.CanonicalHostedZoneId = "Z" + core.NameBasedID("zone", m.Region, b.Type)[:8]
	b.VpcId = VPC(m.Region)
}

// VPC is the one VPC of a Region.
func VPC(region string) string { return "vpc-" + core.NameBasedID("vpc", region)[:8] }

// Digits returns hexadecimal digits as a decimal number.
func Digits(id string) string {
	n, err := strconv.ParseUint(id[:8], 16, 64)
	if err != nil {
		n = 0 // an ID is made of hexadecimal digits
	}
	return strconv.FormatUint(n, 10)
}

// alike reports whether a request asks for what is there already.
func alike(old, asked elbv2.LoadBalancer) bool {
	return old.Scheme == asked.Scheme && old.Type == asked.Type && old.IpAddressType == asked.IpAddressType &&
		reflect.DeepEqual(old.AvailabilityZones, asked.AvailabilityZones) &&
		slices.Equal(old.SecurityGroups, asked.SecurityGroups)
}

// enter puts a load balancer, with its listeners and rules, into the room.
func (m *Room) enter(b *LoadBalancer) {
	m.balancers = append(m.balancers, b)
	m.byArn[b.Record.LoadBalancerArn], m.byName[b.Record.LoadBalancerName] = b, b
	for _, l := range b.Listeners {
		m.enterListener(b, l)
	}
}

// balancer finds a load balancer.
func (m *Room) balancer(arn string) (*LoadBalancer, error) {
	if b, ok := m.byArn[arn]; ok {
		return b, nil
	}
	return nil, elbv2.Fault(elbv2.LoadBalancerNotFound, "LoadBalancerArn", "One or more load balancers not found")
}

// DescribeLoadBalancers describes load balancers, those that are named or all, in order of ARN.
func (m *Room) DescribeLoadBalancers(in elbv2.DescribeLoadBalancersInput) (out elbv2.LoadBalancersOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	list := slices.Clone(m.balancers)
	if named := len(in.Names) + len(in.LoadBalancerArns); named > 0 {
		list = list[:0]
		for i, ref := range slices.Concat(in.LoadBalancerArns, in.Names) {
			b, ok := m.byArn[ref]
			if i >= len(in.LoadBalancerArns) {
				b, ok = m.byName[ref]
			}
			if !ok {
				return out, elbv2.Fault(elbv2.LoadBalancerNotFound, "", "One or more load balancers not found")
			}
			list = append(list, b)
		}
	}
	arn := func(b *LoadBalancer) string { return b.Record.LoadBalancerArn }
	slices.SortFunc(list, func(a, b *LoadBalancer) int { return cmp.Compare(arn(a), arn(b)) })
	list, out.NextMarker, err = targets.Page(slices.Compact(list), in.Marker, in.PageSize, arn)
	out.LoadBalancers = make([]elbv2.LoadBalancer, len(list))
	for i, b := range list {
		out.LoadBalancers[i] = b.Record
	}
	return out, err
}

// DeleteLoadBalancer deletes a load balancer with its listeners and rules. One that is not there is deleted.
func (m *Room) DeleteLoadBalancer(in elbv2.LoadBalancerInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	b, ok := m.byArn[in.LoadBalancerArn]
	if !ok {
		return nil
	}
	if elbv2.Enabled(b.Attributes, "deletion_protection.enabled") {
		return elbv2.Fault(elbv2.OperationNotPermitted, "LoadBalancerArn",
			"Load balancer '%s' cannot be deleted because deletion protection is enabled", in.LoadBalancerArn)
	}
	for _, l := range slices.Clone(b.Listeners) {
		m.removeListener(l)
	}
	delete(m.byArn, in.LoadBalancerArn)
	delete(m.byName, b.Record.LoadBalancerName)
	m.balancers = slices.DeleteFunc(m.balancers, func(o *LoadBalancer) bool { return o == b })
	return nil
}

// DescribeLoadBalancerAttributes describes the attributes of a load balancer.
func (m *Room) DescribeLoadBalancerAttributes(in elbv2.LoadBalancerInput) (elbv2.AttributesOutput, error) {
	if err := in.Validate(); err != nil {
		return elbv2.AttributesOutput{}, err
	}
	b, err := m.balancer(in.LoadBalancerArn)
	if err != nil {
		return elbv2.AttributesOutput{}, err
	}
	return elbv2.AttributesOutput{Attributes: slices.Clone(b.Attributes)}, nil
}

// ModifyLoadBalancerAttributes sets attributes, all or none. That which protects from deletion takes effect.
func (m *Room) ModifyLoadBalancerAttributes(
	in elbv2.ModifyLoadBalancerAttributesInput,
) (out elbv2.AttributesOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	b, err := m.balancer(in.LoadBalancerArn)
	if err != nil {
		return out, err
	}
	if out.Attributes, err = elbv2.Modified(b.Attributes, in.Attributes); err == nil {
		b.Attributes = slices.Clone(out.Attributes)
	}
	return out, err
}

// SetSubnets moves a load balancer to other subnets, and its target groups to their zones.
func (m *Room) SetSubnets(in elbv2.SetSubnetsInput) (out elbv2.SetSubnetsOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	b, err := m.balancer(in.LoadBalancerArn)
	if err != nil {
		return out, err
	}
	zones, err := m.zones(b.Record.Type, elbv2.SubnetsOf(in.Subnets, in.SubnetMappings))
	if err != nil {
		return out, err
	}
	b.Record.AvailabilityZones = zones
	b.Record.IpAddressType = cmp.Or(in.IpAddressType, b.Record.IpAddressType)
	m.Groups.Move(in.LoadBalancerArn, b.Record.Zones())
	return elbv2.SetSubnetsOutput{AvailabilityZones: zones, IpAddressType: b.Record.IpAddressType}, nil
}

// SetSecurityGroups gives a load balancer other security groups.
func (m *Room) SetSecurityGroups(in elbv2.SetSecurityGroupsInput) (out elbv2.SetSecurityGroupsOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	b, err := m.balancer(in.LoadBalancerArn)
	if err != nil {
		return out, err
	}
	b.Record.SecurityGroups = slices.Clone(in.SecurityGroups)
	return elbv2.SetSecurityGroupsOutput{SecurityGroupIds: in.SecurityGroups}, nil
}

// SetIpAddressType gives a load balancer another type of addresses.
func (m *Room) SetIpAddressType(in elbv2.SetIpAddressTypeInput) (out elbv2.SetIpAddressTypeOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	b, err := m.balancer(in.LoadBalancerArn)
	if err != nil {
		return out, err
	}
	b.Record.IpAddressType = in.IpAddressType
	return elbv2.SetIpAddressTypeOutput{IpAddressType: in.IpAddressType}, nil
}
