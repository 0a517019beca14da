// Package elb serves Elastic Load Balancing, version 2012-06-01: Classic Load Balancers and the health of their
// instances. What they mean is the control plane's ([control.ClassicLoadBalancers]); the requests and answers are those
// of loadbalance/elb.
//
// # Start here
//
// [Operations] is the table of what is served, and [Named] says what each request names.
package elb

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/operation"
	"github.com/bayplan/bayplan/loadbalance/elb"
)

type plane = control.Plane

// Operations returns what is served of Classic Load Balancers, and what is refused by name.
func Operations() operation.Table[operation.World] {
	return operation.Joined(unmodelled(), operation.Table[operation.World]{
		"CreateLoadBalancer": operation.Change(func(
			p *plane, now time.Time, in elb.CreateLoadBalancerInput,
		) (elb.CreateLoadBalancerOutput, error) {
			return p.ClassicLoadBalancers().CreateLoadBalancer(now, in)
		}),
		"DescribeLoadBalancers": operation.Read(func(
			p *plane, in elb.DescribeLoadBalancersInput,
		) (elb.DescribeLoadBalancersOutput, error) {
			return p.ClassicLoadBalancers().DescribeLoadBalancers(in)
		}),
		"DescribeInstanceHealth": operation.Read(func(
			p *plane, in elb.DescribeInstanceHealthInput,
		) (elb.DescribeInstanceHealthOutput, error) {
			return p.ClassicLoadBalancers().DescribeInstanceHealth(in)
		}),
	})
}

// unmodelled are the actions that are not modelled: those that change a load balancer, and those about attributes,
// policies, tags and limits.
func unmodelled() operation.Table[operation.World] {
	return operation.Unmodelled[operation.World](ecs.UnsupportedFeatureException,
		"AddTags", "ApplySecurityGroupsToLoadBalancer", "AttachLoadBalancerToSubnets", "ConfigureHealthCheck",
		"CreateAppCookieStickinessPolicy", "CreateLBCookieStickinessPolicy", "CreateLoadBalancerListeners",
		"CreateLoadBalancerPolicy", "DeleteLoadBalancer", "DeleteLoadBalancerListeners", "DeleteLoadBalancerPolicy",
		"DeregisterInstancesFromLoadBalancer", "DescribeAccountLimits", "DescribeLoadBalancerAttributes",
		"DescribeLoadBalancerPolicies", "DescribeLoadBalancerPolicyTypes", "DescribeTags",
		"DetachLoadBalancerFromSubnets", "DisableAvailabilityZonesForLoadBalancer",
		"EnableAvailabilityZonesForLoadBalancer", "ModifyLoadBalancerAttributes", "RegisterInstancesWithLoadBalancer",
		"RemoveTags", "SetLoadBalancerListenerSSLCertificate", "SetLoadBalancerPoliciesForBackendServer",
		"SetLoadBalancerPoliciesOfListener")
}

// Named returns, by action, what the members of its input name: TYPE=PATH, separated by blanks.
func Named() map[string]string {
	return map[string]string{
		"CreateLoadBalancer": "classic=LoadBalancerName security-group=SecurityGroups subnet=Subnets",

		"DescribeLoadBalancers":  "classic=LoadBalancerNames",
		"DescribeInstanceHealth": "classic=LoadBalancerName",
	}
}
