package elb

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// DescribeLoadBalancersInput is the input of DescribeLoadBalancers.
type DescribeLoadBalancersInput struct {
	LoadBalancerNames []string     `json:"LoadBalancerNames,omitzero"`
	Marker            string       `json:"Marker,omitzero"`
	PageSize          ecs.Opt[int] `json:"PageSize,omitzero"` // 1 to 400; absent: 400
}

// DescribeLoadBalancersOutput is the answer of DescribeLoadBalancers.
type DescribeLoadBalancersOutput struct {
	LoadBalancerDescriptions []LoadBalancerDescription `json:"LoadBalancerDescriptions"`
	NextMarker               string                    `json:"NextMarker,omitzero"`
}

// LoadBalancerDescription is a load balancer as DescribeLoadBalancers shows it.
type LoadBalancerDescription struct {
	LoadBalancerName          string                `json:"LoadBalancerName"`
	DNSName                   string                `json:"DNSName"`
	CanonicalHostedZoneName   string                `json:"CanonicalHostedZoneName"`
	CanonicalHostedZoneNameID string                `json:"CanonicalHostedZoneNameID"`
	ListenerDescriptions      []ListenerDescription `json:"ListenerDescriptions"`
	AvailabilityZones         []string              `json:"AvailabilityZones"`
	Subnets                   []string              `json:"Subnets"`
	VPCId                     string                `json:"VPCId"`
	Instances                 []Instance            `json:"Instances"` // in order of ID
	HealthCheck               HealthCheck           `json:"HealthCheck"`
	SecurityGroups            []string              `json:"SecurityGroups"`
	CreatedTime               ecs.Instant           `json:"CreatedTime"`
	Scheme                    string                `json:"Scheme"`
}

// ListenerDescription is a listener of a load balancer.
type ListenerDescription struct {
	Listener    Listener `json:"Listener"`
	PolicyNames []string `json:"PolicyNames"`
}

// Instance names an instance.
type Instance struct {
	InstanceId string `json:"InstanceId"`
}

// HealthCheck is how a load balancer checks the health of its instances. Times are in seconds.
type HealthCheck struct {
	Target             string `json:"Target"` // "TCP:80"
	Interval           int    `json:"Interval"`
	Timeout            int    `json:"Timeout"`
	UnhealthyThreshold int    `json:"UnhealthyThreshold"`
	HealthyThreshold   int    `json:"HealthyThreshold"`
}

// Show describes a load balancer by its request, its group and the IDs of its instances. What identifies it the caller
// fills in.
func Show(in CreateLoadBalancerInput, of loadbalance.TargetGroup, instances []string) LoadBalancerDescription {
	h := of.Normalize().HealthCheck
	d := LoadBalancerDescription{LoadBalancerName: in.LoadBalancerName, Scheme: in.Scheme,
		AvailabilityZones: slices.Clone(of.AvailabilityZones), Subnets: slices.Clone(in.Subnets),
		SecurityGroups: slices.Clone(in.SecurityGroups),
		HealthCheck: HealthCheck{Target: target(of, in.Listeners), Interval: h.IntervalSeconds,
			Timeout: h.TimeoutSeconds, UnhealthyThreshold: h.UnhealthyThreshold, HealthyThreshold: h.HealthyThreshold}}
	if d.Scheme == "" {
		d.Scheme = "internet-facing"
	}
	for _, l := range in.Listeners {
		d.ListenerDescriptions = append(d.ListenerDescriptions, ListenerDescription{Listener: l.shown()})
	}
	for _, id := range instances {
		d.Instances = append(d.Instances, Instance{id})
	}
	return d
}

// DescribeInstanceHealthInput is the input of DescribeInstanceHealth.
type DescribeInstanceHealthInput struct {
	LoadBalancerName string     `json:"LoadBalancerName"`
	Instances        []Instance `json:"Instances,omitzero"`
}

// DescribeInstanceHealthOutput is the answer of DescribeInstanceHealth.
type DescribeInstanceHealthOutput struct {
	InstanceStates []InstanceState `json:"InstanceStates"`
}

// InstanceState is the health of an instance.
type InstanceState struct {
	InstanceId  string `json:"InstanceId"`
	State       string `json:"State"`      // InService or OutOfService
	ReasonCode  string `json:"ReasonCode"` // ELB, Instance or N/A
	Description string `json:"Description"`
}

// ShowInstance describes the health of an instance.
// Source: Elastic Load Balancing, "Check the health of the instances for your Classic Load Balancer" and "Troubleshoot
// a Classic Load Balancer: Instance registration".
func ShowInstance(t loadbalance.Target) InstanceState {
	out := InstanceState{InstanceId: t.ID, State: "OutOfService"}
	switch t.State {
	case loadbalance.StateHealthy:
		out.State, out.ReasonCode, out.Description = "InService", "N/A", "N/A"
	case loadbalance.StateDraining:
		out.State, out.ReasonCode = "InService", "N/A"
		out.Description = "Instance deregistration currently in progress."
	case loadbalance.StateInitial:
		out.ReasonCode, out.Description = "ELB", "Instance registration is still in progress."
	case loadbalance.StateUnused:
		out.ReasonCode, out.Description = "Instance", "Instance is in stopped state."
		if t.Reason == loadbalance.ReasonNotInUse {
			out.ReasonCode = "ELB"
			out.Description = "The Availability Zone of the instance is not enabled for the load balancer."
		}
	default:
		out.ReasonCode = "Instance"
		out.Description = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
	}
	return out
}
