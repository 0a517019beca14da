// Package elbv2 serves Elastic Load Balancing, version 2015-12-01: load balancers, target groups, listeners, rules,
// targets and tags. What they mean is the control plane's ([control.LoadBalancers]); the requests and answers are
// those of loadbalance/elbv2.
//
// # Start here
//
// [Operations] is the table of what is served, and [Named] says what each request names.
package elbv2

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/operation"
)

type (
	balancers = *control.LoadBalancers
	table     = operation.Table[operation.World]
)

// looks returns an operation that looks at the load balancers of the plane.
func looks[In, Out any](f func(balancers, In) (Out, error)) operation.Operation[operation.World] {
	return operation.Read(func(p *control.Plane, in In) (Out, error) { return f(p.LoadBalancers(), in) })
}

// changes returns an operation that changes the load balancers of the plane.
func changes[In, Out any](f func(balancers, time.Time, In) (Out, error)) operation.Operation[operation.World] {
	return operation.Change(func(p *control.Plane, now time.Time, in In) (Out, error) {
		return f(p.LoadBalancers(), now, in)
	})
}

// silent returns an operation that changes the load balancers of the plane and answers nothing.
func silent[In any](f func(balancers, time.Time, In) error) operation.Operation[operation.World] {
	return operation.Silent(func(p *control.Plane, now time.Time, in In) error { return f(p.LoadBalancers(), now, in) })
}

// Operations returns what is served of Elastic Load Balancing, and what is refused by name.
func Operations() operation.Table[operation.World] {
	return operation.Joined(unmodelled(), balancerOperations(), groupOperations(), listenerOperations(), table{
		"AddTags":      silent(balancers.AddTags),
		"RemoveTags":   silent(balancers.RemoveTags),
		"DescribeTags": looks(balancers.DescribeTags),
	})
}

func balancerOperations() table {
	return table{
		"CreateLoadBalancer":             changes(balancers.CreateLoadBalancer),
		"DeleteLoadBalancer":             silent(balancers.DeleteLoadBalancer),
		"DescribeLoadBalancers":          looks(balancers.DescribeLoadBalancers),
		"DescribeLoadBalancerAttributes": looks(balancers.DescribeLoadBalancerAttributes),
		"ModifyLoadBalancerAttributes":   changes(balancers.ModifyLoadBalancerAttributes),
		"SetSubnets":                     changes(balancers.SetSubnets),
		"SetSecurityGroups":              changes(balancers.SetSecurityGroups),
		"SetIpAddressType":               changes(balancers.SetIpAddressType),
	}
}

func groupOperations() table {
	return table{
		"CreateTargetGroup":             changes(balancers.CreateTargetGroup),
		"ModifyTargetGroup":             changes(balancers.ModifyTargetGroup),
		"DeleteTargetGroup":             silent(balancers.DeleteTargetGroup),
		"DescribeTargetGroups":          looks(balancers.DescribeTargetGroups),
		"DescribeTargetGroupAttributes": looks(balancers.DescribeTargetGroupAttributes),
		"ModifyTargetGroupAttributes":   changes(balancers.ModifyTargetGroupAttributes),
		"RegisterTargets":               silent(balancers.RegisterTargets),
		"DeregisterTargets":             silent(balancers.DeregisterTargets),
		"DescribeTargetHealth":          looks(balancers.DescribeTargetHealth),
	}
}

func listenerOperations() table {
	return table{
		"CreateListener":             changes(balancers.CreateListener),
		"ModifyListener":             changes(balancers.ModifyListener),
		"DeleteListener":             silent(balancers.DeleteListener),
		"DescribeListeners":          looks(balancers.DescribeListeners),
		"DescribeListenerAttributes": looks(balancers.DescribeListenerAttributes),
		"ModifyListenerAttributes":   changes(balancers.ModifyListenerAttributes),
		"CreateRule":                 changes(balancers.CreateRule),
		"ModifyRule":                 changes(balancers.ModifyRule),
		"DeleteRule":                 silent(balancers.DeleteRule),
		"SetRulePriorities":          changes(balancers.SetRulePriorities),
		"DescribeRules":              looks(balancers.DescribeRules),
	}
}

// unmodelled are the actions that are not modelled: those about more certificates of a listener, trust stores,
// reserved capacity, pools of addresses, and limits.
func unmodelled() table {
	return operation.Unmodelled[operation.World](ecs.UnsupportedFeatureException,
		"AddListenerCertificates", "AddTrustStoreRevocations", "CreateTrustStore", "DeleteSharedTrustStoreAssociation",
		"DeleteTrustStore", "DescribeAccountLimits", "DescribeCapacityReservation", "DescribeListenerCertificates",
		"DescribeSSLPolicies", "DescribeTrustStoreAssociations", "DescribeTrustStoreRevocations",
		"DescribeTrustStores", "GetResourcePolicy", "GetTrustStoreCaCertificatesBundle",
		"GetTrustStoreRevocationContent", "ModifyCapacityReservation", "ModifyIpPools", "ModifyTrustStore",
		"RemoveListenerCertificates", "RemoveTrustStoreRevocations")
}

// Named returns, by action, what the members of its input name: TYPE=PATH, separated by blanks.
func Named() map[string]string {
	const (
		balancer = "loadbalancer=LoadBalancerArn"
		subnets  = " subnet=Subnets subnet=SubnetMappings.SubnetId"
		group    = "targetgroup=TargetGroupArn"
		target   = " target=Targets.Id"
		actions  = "DefaultActions.TargetGroupArn targetgroup=DefaultActions.ForwardConfig.TargetGroups.TargetGroupArn"
		ofRule   = " targetgroup=Actions.TargetGroupArn targetgroup=Actions.ForwardConfig.TargetGroups.TargetGroupArn"
		settings = " targetgroup=" + actions + " certificate=Certificates.CertificateArn"
		tagged   = "resource=ResourceArns"
	)
	return map[string]string{
		"CreateLoadBalancer":             "loadbalancer=Name security-group=SecurityGroups" + subnets,
		"DeleteLoadBalancer":             balancer,
		"DescribeLoadBalancers":          "loadbalancer=LoadBalancerArns loadbalancer=Names",
		"DescribeLoadBalancerAttributes": balancer,
		"ModifyLoadBalancerAttributes":   balancer,
		"SetSubnets":                     balancer + subnets,
		"SetSecurityGroups":              balancer + " security-group=SecurityGroups",
		"SetIpAddressType":               balancer,

		"CreateTargetGroup": "targetgroup=Name",
		"ModifyTargetGroup": group,
		"DeleteTargetGroup": group,
		"DescribeTargetGroups": "loadbalancer=LoadBalancerArn targetgroup=TargetGroupArns " +
			"targetgroup=Names",
		"DescribeTargetGroupAttributes": group,
		"ModifyTargetGroupAttributes":   group,
		"RegisterTargets":               group + target,
		"DeregisterTargets":             group + target,
		"DescribeTargetHealth":          group + target,

		"CreateListener":             balancer + settings,
		"ModifyListener":             "listener=ListenerArn" + settings,
		"DeleteListener":             "listener=ListenerArn",
		"DescribeListeners":          balancer + " listener=ListenerArns",
		"DescribeListenerAttributes": "listener=ListenerArn",
		"ModifyListenerAttributes":   "listener=ListenerArn",
		"CreateRule":                 "listener=ListenerArn" + ofRule,
		"ModifyRule":                 "listener-rule=RuleArn" + ofRule,
		"DeleteRule":                 "listener-rule=RuleArn",
		"SetRulePriorities":          "listener-rule=RulePriorities.RuleArn",
		"DescribeRules":              "listener=ListenerArn listener-rule=RuleArns",

		"AddTags":      tagged,
		"RemoveTags":   tagged,
		"DescribeTags": tagged,
	}
}
