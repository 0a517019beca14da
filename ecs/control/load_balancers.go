package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// LoadBalancers is the part of a plane that speaks the API of Elastic Load Balancing, version 2015-12-01: load
// balancers, target groups, listeners, rules and tags. Its operations have AWS's names, inputs and errors, and leave
// records as the plane's own do, under names such as "elasticloadbalancing:CreateRule". The documents are those of
// the Elastic Load Balancing API Reference, under each operation's name.
type LoadBalancers struct{ plane *Plane }

// LoadBalancers returns the part of the plane that speaks the API of Elastic Load Balancing.
func (p *Plane) LoadBalancers() *LoadBalancers { return &LoadBalancers{p} }

func (l *LoadBalancers) room() *balancers.Room { return l.plane.balancers }

// loadBalancerOperations lists every input of LoadBalancers that leaves a record.
func loadBalancerOperations() []operation {
	part := (*Plane).LoadBalancers
	return []operation{
		of(part, "elasticloadbalancing:CreateLoadBalancer", (*LoadBalancers).CreateLoadBalancer),
		tellOf(part, "elasticloadbalancing:DeleteLoadBalancer", (*LoadBalancers).DeleteLoadBalancer),
		of(part, "elasticloadbalancing:ModifyLoadBalancerAttributes", (*LoadBalancers).ModifyLoadBalancerAttributes),
		of(part, "elasticloadbalancing:SetSubnets", (*LoadBalancers).SetSubnets),
		of(part, "elasticloadbalancing:SetSecurityGroups", (*LoadBalancers).SetSecurityGroups),
		of(part, "elasticloadbalancing:SetIpAddressType", (*LoadBalancers).SetIpAddressType),
		of(part, "elasticloadbalancing:CreateTargetGroup", (*LoadBalancers).CreateTargetGroup),
		of(part, "elasticloadbalancing:ModifyTargetGroup", (*LoadBalancers).ModifyTargetGroup),
		tellOf(part, "elasticloadbalancing:DeleteTargetGroup", (*LoadBalancers).DeleteTargetGroup),
		of(part, "elasticloadbalancing:ModifyTargetGroupAttributes", (*LoadBalancers).ModifyTargetGroupAttributes),
		of(part, "elasticloadbalancing:CreateListener", (*LoadBalancers).CreateListener),
		of(part, "elasticloadbalancing:ModifyListener", (*LoadBalancers).ModifyListener),
		tellOf(part, "elasticloadbalancing:DeleteListener", (*LoadBalancers).DeleteListener),
		of(part, "elasticloadbalancing:ModifyListenerAttributes", (*LoadBalancers).ModifyListenerAttributes),
		of(part, "elasticloadbalancing:CreateRule", (*LoadBalancers).CreateRule),
		of(part, "elasticloadbalancing:ModifyRule", (*LoadBalancers).ModifyRule),
		tellOf(part, "elasticloadbalancing:DeleteRule", (*LoadBalancers).DeleteRule),
		of(part, "elasticloadbalancing:SetRulePriorities", (*LoadBalancers).SetRulePriorities),
		tellOf(part, "elasticloadbalancing:RegisterTargets", (*LoadBalancers).RegisterTargets),
		tellOf(part, "elasticloadbalancing:DeregisterTargets", (*LoadBalancers).DeregisterTargets),
		tellOf(part, "elasticloadbalancing:AddTags", (*LoadBalancers).AddTags),
		tellOf(part, "elasticloadbalancing:RemoveTags", (*LoadBalancers).RemoveTags),
	}
}

// CreateLoadBalancer makes a load balancer, active at once. The same request again returns the one that is
// there. Errors are DuplicateLoadBalancerName, InvalidConfigurationRequest, TooManyLoadBalancers, and those of
// elbv2.CreateLoadBalancerInput.Validate.
func (l *LoadBalancers) CreateLoadBalancer(
	now time.Time, in elbv2.CreateLoadBalancerInput,
) (elbv2.LoadBalancersOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:CreateLoadBalancer", in, l.room().CreateLoadBalancer)
}

// DeleteLoadBalancer deletes a load balancer with its listeners and rules; its target groups stay. One that is
// not there counts as deleted. The error is OperationNotPermitted where it is protected.
func (l *LoadBalancers) DeleteLoadBalancer(now time.Time, in elbv2.LoadBalancerInput) error {
	return accept(l.plane, now, "elasticloadbalancing:DeleteLoadBalancer", in, l.room().DeleteLoadBalancer)
}

// DescribeLoadBalancers describes the load balancers that are named, or all, in order of ARN. The error is
// LoadBalancerNotFound if one that is named is not there.
func (l *LoadBalancers) DescribeLoadBalancers(in elbv2.DescribeLoadBalancersInput) (elbv2.LoadBalancersOutput, error) {
	return l.room().DescribeLoadBalancers(in)
}

// DescribeLoadBalancerAttributes describes the attributes of a load balancer, in order of key.
func (l *LoadBalancers) DescribeLoadBalancerAttributes(in elbv2.LoadBalancerInput) (elbv2.AttributesOutput, error) {
	return l.room().DescribeLoadBalancerAttributes(in)
}

// ModifyLoadBalancerAttributes sets attributes, all or none, and returns all. Protection from deletion takes
// effect; the others are kept.
func (l *LoadBalancers) ModifyLoadBalancerAttributes(
	now time.Time, in elbv2.ModifyLoadBalancerAttributesInput,
) (elbv2.AttributesOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:ModifyLoadBalancerAttributes", in,
		l.room().ModifyLoadBalancerAttributes)
}

// SetSubnets moves a load balancer to other subnets; targets in other zones become unused.
func (l *LoadBalancers) SetSubnets(
	now time.Time, in elbv2.SetSubnetsInput,
) (elbv2.SetSubnetsOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:SetSubnets", in, l.room().SetSubnets)
}

// SetSecurityGroups gives a load balancer other security groups, which are kept and have no effect.
func (l *LoadBalancers) SetSecurityGroups(
	now time.Time, in elbv2.SetSecurityGroupsInput,
) (elbv2.SetSecurityGroupsOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:SetSecurityGroups", in, l.room().SetSecurityGroups)
}

// SetIpAddressType gives a load balancer another type of addresses, which is kept and has no effect.
func (l *LoadBalancers) SetIpAddressType(
	now time.Time, in elbv2.SetIpAddressTypeInput,
) (elbv2.SetIpAddressTypeOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:SetIpAddressType", in, l.room().SetIpAddressType)
}

// CreateTargetGroup makes a target group, which is in use once an action names it. The same request again
// returns the one that is there. Errors are DuplicateTargetGroupName, TooManyTargetGroups, and those of
// elbv2.CreateTargetGroupInput.Validate and loadbalance.TargetGroup.Validate.
func (l *LoadBalancers) CreateTargetGroup(
	now time.Time, in elbv2.CreateTargetGroupInput,
) (elbv2.TargetGroupsOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:CreateTargetGroup", in, l.plane.targetGroups.CreateTargetGroup)
}

// ModifyTargetGroup changes the health check of a target group. Members that are absent stay.
func (l *LoadBalancers) ModifyTargetGroup(
	now time.Time, in elbv2.ModifyTargetGroupInput,
) (elbv2.TargetGroupsOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:ModifyTargetGroup", in, l.plane.targetGroups.ModifyTargetGroup)
}

// DeleteTargetGroup deletes a target group. One that is not there counts as deleted. The error is ResourceInUse
// where an action names it, with whatever weight; services are not looked at.
func (l *LoadBalancers) DeleteTargetGroup(now time.Time, in elbv2.TargetGroupInput) error {
	return accept(l.plane, now, "elasticloadbalancing:DeleteTargetGroup", in, l.plane.targetGroups.DeleteTargetGroup)
}

// DescribeTargetGroups describes the target groups that are named, those of a load balancer, or all, in order of
// ARN. Errors are TargetGroupNotFound and LoadBalancerNotFound.
func (l *LoadBalancers) DescribeTargetGroups(in elbv2.DescribeTargetGroupsInput) (elbv2.TargetGroupsOutput, error) {
	return l.room().DescribeTargetGroups(in)
}

// DescribeTargetGroupAttributes describes the attributes of a target group, in order of key.
func (l *LoadBalancers) DescribeTargetGroupAttributes(in elbv2.TargetGroupInput) (elbv2.AttributesOutput, error) {
	return l.plane.targetGroups.DescribeTargetGroupAttributes(in)
}

// ModifyTargetGroupAttributes sets attributes of a target group, all or none, and returns all. Errors are
// ValidationError for an unknown key or a value of the wrong kind, and those of loadbalance.TargetGroup.Validate.
func (l *LoadBalancers) ModifyTargetGroupAttributes(
	now time.Time, in elbv2.ModifyTargetGroupAttributesInput,
) (elbv2.AttributesOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:ModifyTargetGroupAttributes", in,
		l.plane.targetGroups.ModifyTargetGroupAttributes)
}

// RegisterTargets adds targets to a target group that no task has, all or none; ECS registers tasks itself. Errors are
// TargetGroupNotFound, TooManyTargets, and ValidationError for an ID that does not fit the group's target type.
func (l *LoadBalancers) RegisterTargets(now time.Time, in elbv2.TargetsInput) error {
	return accept(l.plane, now, "elasticloadbalancing:RegisterTargets", in, l.plane.targetGroups.RegisterTargets)
}

// DeregisterTargets removes targets that RegisterTargets added, all or none. One that is not there counts as removed.
// Errors are TargetGroupNotFound, and InvalidTarget for a task's.
func (l *LoadBalancers) DeregisterTargets(now time.Time, in elbv2.TargetsInput) error {
	return accept(l.plane, now, "elasticloadbalancing:DeregisterTargets", in, l.plane.targetGroups.DeregisterTargets)
}

// DescribeTargetHealth describes the targets of a target group and their health, in order of ID and port, or those
// that are asked for. The error is TargetGroupNotFound.
func (l *LoadBalancers) DescribeTargetHealth(
	in elbv2.DescribeTargetHealthInput,
) (elbv2.DescribeTargetHealthOutput, error) {
	return l.plane.targetGroups.DescribeTargetHealth(in)
}

// CreateListener makes a listener with its default rule. The same request again returns the one that is
// there. Errors are DuplicateListener, LoadBalancerNotFound, TargetGroupNotFound, TargetGroupAssociationLimit,
// IncompatibleProtocols, InvalidLoadBalancerAction, TooManyListeners, and those of its Validate.
func (l *LoadBalancers) CreateListener(
	now time.Time, in elbv2.CreateListenerInput,
) (elbv2.ListenersOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:CreateListener", in, l.room().CreateListener)
}

// ModifyListener changes a listener. Members that are absent stay; lists replace the old ones. Errors are those
// of CreateListener, and ListenerNotFound.
func (l *LoadBalancers) ModifyListener(
	now time.Time, in elbv2.ModifyListenerInput,
) (elbv2.ListenersOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:ModifyListener", in, l.room().ModifyListener)
}

// DeleteListener deletes a listener with its rules. The error is ListenerNotFound.
func (l *LoadBalancers) DeleteListener(now time.Time, in elbv2.ListenerInput) error {
	return accept(l.plane, now, "elasticloadbalancing:DeleteListener", in, l.room().DeleteListener)
}

// DescribeListeners describes the listeners that are named, or those of a load balancer, in order of ARN.
func (l *LoadBalancers) DescribeListeners(in elbv2.DescribeListenersInput) (elbv2.ListenersOutput, error) {
	return l.room().DescribeListeners(in)
}

// DescribeListenerAttributes describes the attributes of a listener, in order of key.
func (l *LoadBalancers) DescribeListenerAttributes(in elbv2.ListenerInput) (elbv2.AttributesOutput, error) {
	return l.room().DescribeListenerAttributes(in)
}

// ModifyListenerAttributes sets attributes of a listener, all or none, and returns all. They are kept and have no
// effect.
func (l *LoadBalancers) ModifyListenerAttributes(
	now time.Time, in elbv2.ModifyListenerAttributesInput,
) (elbv2.AttributesOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:ModifyListenerAttributes", in, l.room().ModifyListenerAttributes)
}

// Listeners returns every listener with all of its rules, as package loadbalance and ecs/driver/proxy route by them, in
// order of creation of their load balancers and then of their own; nil if there is none.
func (l *LoadBalancers) Listeners() []loadbalance.Listener { return l.room().Listeners() }

// CreateRule makes a rule of a listener. Errors are PriorityInUse, TooManyRules, ListenerNotFound, those that
// CreateListener has for actions, and those of its Validate.
func (l *LoadBalancers) CreateRule(
	now time.Time, in elbv2.CreateRuleInput,
) (elbv2.RulesOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:CreateRule", in, l.room().CreateRule)
}

// ModifyRule changes the conditions or the action of a rule. Errors are RuleNotFound, OperationNotPermitted for
// a default rule, which ModifyListener changes, and those that CreateRule has for actions.
func (l *LoadBalancers) ModifyRule(
	now time.Time, in elbv2.ModifyRuleInput,
) (elbv2.RulesOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:ModifyRule", in, l.room().ModifyRule)
}

// DeleteRule deletes a rule. Errors are RuleNotFound, and OperationNotPermitted for a default rule.
func (l *LoadBalancers) DeleteRule(now time.Time, in elbv2.RuleInput) error {
	return accept(l.plane, now, "elasticloadbalancing:DeleteRule", in, l.room().DeleteRule)
}

// SetRulePriorities gives rules other priorities, all or none; two may exchange theirs. Errors are
// PriorityInUse, RuleNotFound, and OperationNotPermitted for a default rule.
func (l *LoadBalancers) SetRulePriorities(
	now time.Time, in elbv2.SetRulePrioritiesInput,
) (elbv2.RulesOutput, error) {
	return request(l.plane, now, "elasticloadbalancing:SetRulePriorities", in, l.room().SetRulePriorities)
}

// DescribeRules describes the rules that are named, or those of a listener, in the order in which they are tried:
// the default rule is last.
func (l *LoadBalancers) DescribeRules(in elbv2.DescribeRulesInput) (elbv2.RulesOutput, error) {
	return l.room().DescribeRules(in)
}

// AddTags adds tags to resources, or replaces those of the same keys, all or none. Errors are TooManyTags, and
// the NotFound code of the kind of each resource.
func (l *LoadBalancers) AddTags(now time.Time, in elbv2.AddTagsInput) error {
	return accept(l.plane, now, "elasticloadbalancing:AddTags", in, l.room().AddTags)
}

// RemoveTags removes tags from resources, all or none.
func (l *LoadBalancers) RemoveTags(now time.Time, in elbv2.RemoveTagsInput) error {
	return accept(l.plane, now, "elasticloadbalancing:RemoveTags", in, l.room().RemoveTags)
}

// DescribeTags describes the tags of resources, in the order in which they are named.
func (l *LoadBalancers) DescribeTags(in elbv2.DescribeTagsInput) (elbv2.DescribeTagsOutput, error) {
	return l.room().DescribeTags(in)
}
