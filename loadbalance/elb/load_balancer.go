package elb

import (
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// Listener is a port of a load balancer, and the port of its instances to which it forwards.
type Listener struct {
	Protocol         string       `json:"Protocol"`
	LoadBalancerPort ecs.Opt[int] `json:"LoadBalancerPort,omitzero"`
	InstanceProtocol string       `json:"InstanceProtocol,omitzero"` // absent: that of the load balancer's port
	InstancePort     ecs.Opt[int] `json:"InstancePort,omitzero"`

	_ struct{} `unmodelled:"SSLCertificateId"`
}

// CreateLoadBalancerInput is the input of CreateLoadBalancer.
type CreateLoadBalancerInput struct {
	LoadBalancerName  string      `json:"LoadBalancerName"`
	Listeners         []Listener  `json:"Listeners"`
	AvailabilityZones []string    `json:"AvailabilityZones,omitzero"`
	Subnets           []string    `json:"Subnets,omitzero"`
	SecurityGroups    []string    `json:"SecurityGroups,omitzero" kept:""`
	Scheme            string      `json:"Scheme,omitzero" kept:""` // internet-facing or internal
	Tags              []elbv2.Tag `json:"Tags,omitzero" kept:""`
}

// InvalidInstance is the error of an instance that a load balancer does not have.
const InvalidInstance ecs.Code = "InvalidInstance"

// faults gathers ValidationErrors.
type faults struct{ check.Faults }

// port refuses a port that is not given, or out of bounds.
func (f *faults) port(field string, port ecs.Opt[int]) {
	if n := port.Or(0); n < 1 || n > 65535 {
		f.Refuse(field, "%s must be between 1 and 65535; it is %d.", field, n)
	}
}

// Validate returns all that is wrong with the request, in time linear in its size: ValidationError, DuplicateTagKeys
// and TooManyTags.
// Source: Elastic Load Balancing API Reference version 2012-06-01, CreateLoadBalancer.
func (in CreateLoadBalancerInput) Validate() error {
	var f faults
	name := in.LoadBalancerName
	if len(name) < 1 || len(name) > 32 || !check.Only(name, "-") || name[0] == '-' || name[len(name)-1] == '-' {
		f.Refuse("LoadBalancerName", "LoadBalancerName must have 1 to 32 letters, digits and hyphens, and begin and "+
			"end without a hyphen; it is %q, which has %d characters.", check.Shortened(name), len(name))
	}
	if len(in.Listeners) == 0 {
		f.Refuse("Listeners", "Listeners is required.")
	}
	taken := map[int]bool{}
	for i, l := range in.Listeners {
		at := check.Index("Listeners", i)
		l.validate(&f, at)
		if port := l.LoadBalancerPort.Or(0); taken[port] {
			f.Refuse(at+".LoadBalancerPort", "Two listeners have the port %d.", port)
		}
		taken[l.LoadBalancerPort.Or(0)] = true
	}
	switch zones, subnets := len(in.AvailabilityZones), len(in.Subnets); {
	case zones == 0 && subnets == 0:
		f.Refuse("AvailabilityZones", "Either AvailabilityZones or Subnets must be specified.")
	case zones > 0 && subnets > 0:
		f.Refuse("AvailabilityZones", "Only one of AvailabilityZones and Subnets may be given; there are %d and %d.",
			zones, subnets)
	}
	if in.Scheme != "" && in.Scheme != "internet-facing" && in.Scheme != "internal" {
		f.Refuse("Scheme", "Scheme must be internet-facing or internal; it is %q.", check.Shortened(in.Scheme))
	}
	list := slices.Collect(ecs.Errors(ecs.Faults(elbv2.ValidationError, f.Pairs())))
	return ecs.ErrorList(slices.AppendSeq(list, ecs.Errors(elbv2.CheckTags(in.Tags)))).Err()
}

func (l Listener) validate(f *faults, at string) {
	f.port(at+".LoadBalancerPort", l.LoadBalancerPort)
	f.port(at+".InstancePort", l.InstancePort)
	layer := func(field, protocol string) int {
		switch protocol {
		case "HTTP", "HTTPS":
			return 7
		case "TCP", "SSL":
			return 4
		}
		f.Refuse(at+"."+field, "%s must be HTTP, HTTPS, TCP or SSL; it is %q.", field, check.Shortened(protocol))
		return 0
	}
	front := layer("Protocol", l.Protocol)
	if l.InstanceProtocol == "" {
		return
	}
	if back := layer("InstanceProtocol", l.InstanceProtocol); front != back && front*back != 0 {
		f.Refuse(at+".InstanceProtocol", "InstanceProtocol %s and Protocol %s are of different layers, %d and %d.",
			l.InstanceProtocol, l.Protocol, back, front)
	}
}

// shown returns a listener with its default filled in.
func (l Listener) shown() Listener {
	if l.InstanceProtocol == "" {
		l.InstanceProtocol = l.Protocol
	}
	return l
}

// Group returns the group by which the instances of the load balancer are kept, for a valid request. zones are those
// that it serves; none: all. Their health is checked by TCP, on the port of each.
// Source: Elastic Load Balancing, "Configure health checks for your Classic Load Balancer".
func (in CreateLoadBalancerInput) Group(zones []string) loadbalance.TargetGroup {
	return loadbalance.TargetGroup{LoadBalancerName: in.LoadBalancerName,
		LoadBalancerType:  loadbalance.LoadBalancerTypeClassic,
		Protocol:          loadbalance.Protocol(in.Listeners[0].shown().InstanceProtocol),
		HealthCheck:       loadbalance.HealthCheck{Protocol: loadbalance.ProtocolTCP},
		AvailabilityZones: slices.Clone(zones)}
}

// CreateLoadBalancerOutput is the answer of CreateLoadBalancer.
type CreateLoadBalancerOutput struct {
	DNSName string `json:"DNSName"`
}

// target is what a load balancer's health check is of.
func target(of loadbalance.TargetGroup, listeners []Listener) string {
	check := of.Normalize().HealthCheck
	port := check.Port
	if port == 0 {
		port = listeners[0].InstancePort.Or(0)
	}
	return string(check.Protocol) + ":" + strconv.Itoa(port) + check.Path
}
