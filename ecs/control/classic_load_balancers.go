package control

import (
	"time"

	"github.com/bayplan/bayplan/loadbalance/elb"
)

// ClassicLoadBalancers is the part of a plane that speaks the API of Elastic Load Balancing, version 2012-06-01: the
// Classic Load Balancers that services name in loadBalancers[].loadBalancerName. It leaves records under names such as
// "elasticloadbalancing:CreateClassicLoadBalancer". The documents are those of the Elastic Load Balancing API Reference
// version 2012-06-01, under each operation's name.
type ClassicLoadBalancers struct{ plane *Plane }

// ClassicLoadBalancers returns the part of the plane that speaks the API of Classic Load Balancers.
func (p *Plane) ClassicLoadBalancers() *ClassicLoadBalancers { return &ClassicLoadBalancers{p} }

// classicOperations lists every input of ClassicLoadBalancers that leaves a record.
func classicOperations() []operation {
	return []operation{
		of((*Plane).ClassicLoadBalancers, "elasticloadbalancing:CreateClassicLoadBalancer",
			(*ClassicLoadBalancers).CreateLoadBalancer),
	}
}

// CreateLoadBalancer makes a Classic Load Balancer, which registers the instances of the services that name it. The
// same request again returns the one that is there. Errors are DuplicateLoadBalancerName, TooManyLoadBalancers, and
// those of elb.CreateLoadBalancerInput.Validate.
func (c *ClassicLoadBalancers) CreateLoadBalancer(
	now time.Time, in elb.CreateLoadBalancerInput,
) (elb.CreateLoadBalancerOutput, error) {
	return request(c.plane, now, "elasticloadbalancing:CreateClassicLoadBalancer", in,
		c.plane.classic.CreateLoadBalancer)
}

// DescribeLoadBalancers describes the load balancers that are named, or all, in order of name. Errors are
// LoadBalancerNotFound if one that is named is not there, and ValidationError for a page that cannot be.
func (c *ClassicLoadBalancers) DescribeLoadBalancers(
	in elb.DescribeLoadBalancersInput,
) (elb.DescribeLoadBalancersOutput, error) {
	return c.plane.classic.DescribeLoadBalancers(in)
}

// DescribeInstanceHealth describes the health of the instances of a load balancer: all of them in order of ID, or those
// that are asked for, in that order. Errors are LoadBalancerNotFound, and InvalidInstance for an instance that it does
// not have.
func (c *ClassicLoadBalancers) DescribeInstanceHealth(
	in elb.DescribeInstanceHealthInput,
) (elb.DescribeInstanceHealthOutput, error) {
	return c.plane.classic.DescribeInstanceHealth(in)
}
