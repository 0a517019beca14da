package targets

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// CreateTargetGroup makes a target group that no listener forwards to yet. The same request again returns the one
// that is there.
func (m *Groups) CreateTargetGroup(in elbv2.CreateTargetGroupInput) (out elbv2.TargetGroupsOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	m.sweep()
	record := Group{Port: in.Port.Or(0), VpcId: in.VpcId, IpAddressType: cmp.Or(in.IpAddressType, "ipv4"),
		Tags: slices.Clone(in.Tags)}
	if old, ok := m.byName[in.Name]; ok {
		g, _ := m.books.Group(old.TargetGroupArn)
		if !old.same(record) || !same(g, in.Group(old.TargetGroupArn)) {
			return out, elbv2.Fault(elbv2.DuplicateTargetGroupName, "Name",
				"A target group with the same name '%s' exists, but with different settings", in.Name)
		}
		return elbv2.TargetGroupsOutput{TargetGroups: []elbv2.TargetGroup{m.shown(old, g)}}, nil
	}
	if len(m.list) >= mostGroups {
		return out, elbv2.Fault(elbv2.TooManyTargetGroups, "", "The limit of target groups is %d.", mostGroups)
	}
	g := in.Group("-")
	if err := g.Validate(); err != nil {
		return out, err
	}
	record.TargetGroupArn = m.arn(in.Name)
	record.Attributes = elbv2.KeptAttributes(g.Normalize())
	g.TargetGroupArn = record.TargetGroupArn
	if err := m.books.Put(g, func(loadbalance.TargetGroup) error { return nil }); err != nil {
		return out, err
	}
	m.enter(&record)
	return elbv2.TargetGroupsOutput{TargetGroups: []elbv2.TargetGroup{m.shown(&record, g)}}, nil
}

// arn is the ARN of a new target group.
func (m *Groups) arn(name string) string {
	c := m.books.config.Core
	return c.ARN("elasticloadbalancing", "targetgroup/"+name+"/"+c.HexID()[:16])
}

// same reports whether a group has the settings of another, as far as CreateTargetGroup sets them.
func (g *Group) same(o Group) bool {
	return g.Port == o.Port && g.VpcId == o.VpcId && g.IpAddressType == o.IpAddressType
}

func same(g, asked loadbalance.TargetGroup) bool {
	g, asked = g.Normalize(), asked.Normalize()
	return g.LoadBalancerType == asked.LoadBalancerType && g.TargetType == asked.TargetType &&
		g.Protocol == asked.Protocol && g.ProtocolVersion == asked.ProtocolVersion &&
		reflect.DeepEqual(g.HealthCheck, asked.HealthCheck)
}

func (m *Groups) enter(g *Group) {
	m.list = append(m.list, g)
	m.byArn[g.TargetGroupArn] = g
	if !g.Deleted {
		m.byName[elbv2.TargetGroupName(g.TargetGroupArn)] = g
	}
}

// shown is a group as DescribeTargetGroups shows it.
func (m *Groups) shown(g *Group, of loadbalance.TargetGroup) elbv2.TargetGroup {
	s := elbv2.ShowTargetGroup(of)
	if g.Port != 0 {
		s.Port = ecs.Some(g.Port)
	}
	s.VpcId, s.IpAddressType = g.VpcId, g.IpAddressType
	if g.on != "" {
		s.LoadBalancerArns = []string{g.on}
	}
	return s
}

// DescribeTargetGroups describes target groups, those that are named or all, in order of ARN.
func (m *Groups) DescribeTargetGroups(in elbv2.DescribeTargetGroupsInput) (out elbv2.TargetGroupsOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	found, list := map[string]bool{}, []elbv2.TargetGroup{}
	for _, of := range m.books.Sorted() {
		g, err := m.group(of.Group.TargetGroupArn)
		if of.Group.TargetGroupArn == "" || err != nil {
			continue // a Classic Load Balancer, or deleted
		}
		s := m.shown(g, of.Group)
		wanted := len(in.TargetGroupArns)+len(in.Names) == 0 || slices.Contains(in.Names, s.TargetGroupName) ||
			slices.Contains(in.TargetGroupArns, s.TargetGroupArn)
		if wanted && (in.LoadBalancerArn == "" || slices.Contains(s.LoadBalancerArns, in.LoadBalancerArn)) {
			found[s.TargetGroupArn], found[s.TargetGroupName] = true, true
			list = append(list, s)
		}
	}
	for _, asked := range slices.Concat(in.TargetGroupArns, in.Names) {
		if !found[asked] {
			return out, elbv2.Fault(elbv2.TargetGroupNotFound, "", "One or more target groups not found")
		}
	}
	out.TargetGroups, out.NextMarker, err = Page(list, in.Marker, in.PageSize,
		func(g elbv2.TargetGroup) string { return g.TargetGroupArn })
	return out, err
}

// ModifyTargetGroup changes the health check of a group.
func (m *Groups) ModifyTargetGroup(in elbv2.ModifyTargetGroupInput) (out elbv2.TargetGroupsOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	g, err := m.group(in.TargetGroupArn)
	if err != nil {
		return out, err
	}
	of, _ := m.books.Group(in.TargetGroupArn)
	of.HealthCheck = in.Check(of.HealthCheck)
	if err := m.books.Change(of); err != nil {
		return out, err
	}
	return elbv2.TargetGroupsOutput{TargetGroups: []elbv2.TargetGroup{m.shown(g, of)}}, nil
}

// DeleteTargetGroup deletes a group that no action names. One that is not there is deleted. Where a service still
// names it, or targets of it drain, its book goes with the last of them.
func (m *Groups) DeleteTargetGroup(in elbv2.TargetGroupInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	m.sweep()
	g, err := m.group(in.TargetGroupArn)
	if err != nil {
		return nil //nolint:nilerr // what is not there is deleted
	}
	if g.uses > 0 {
		return elbv2.Fault(elbv2.ResourceInUse, "TargetGroupArn",
			"Target group '%s' is currently in use by a listener or a rule", in.TargetGroupArn)
	}
	g = m.kept(g)
	g.Deleted = true
	delete(m.byName, elbv2.TargetGroupName(g.TargetGroupArn))
	m.sweep()
	return nil
}

// sweep forgets deleted groups that nothing names any more.
func (m *Groups) sweep() {
	m.list = slices.DeleteFunc(m.list, func(g *Group) bool {
		gone := g.Deleted && !m.named(g.TargetGroupArn) && m.books.Remove(g.TargetGroupArn)
		if gone {
			delete(m.byArn, g.TargetGroupArn)
		}
		return gone
	})
}

// DescribeTargetGroupAttributes describes the attributes of a group.
func (m *Groups) DescribeTargetGroupAttributes(in elbv2.TargetGroupInput) (out elbv2.AttributesOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	g, err := m.group(in.TargetGroupArn)
	if err != nil {
		return out, err
	}
	of, _ := m.books.Group(in.TargetGroupArn)
	return elbv2.AttributesOutput{Attributes: elbv2.TargetGroupAttributes(of, g.Attributes)}, nil
}

// ModifyTargetGroupAttributes sets attributes, all or none, and answers all.
func (m *Groups) ModifyTargetGroupAttributes(
	in elbv2.ModifyTargetGroupAttributesInput,
) (out elbv2.AttributesOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	g, err := m.group(in.TargetGroupArn)
	if err != nil {
		return out, err
	}
	of, _ := m.books.Group(in.TargetGroupArn)
	of, kept, err := elbv2.SetTargetGroupAttributes(of, g.Attributes, in.Attributes)
	if err != nil {
		return out, err
	}
	if err := m.books.Change(of); err != nil {
		return out, err
	}
	m.kept(g).Attributes = kept
	return elbv2.AttributesOutput{Attributes: elbv2.TargetGroupAttributes(of, kept)}, nil
}
