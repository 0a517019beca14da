package elb_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elb"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

func valid() elb.CreateLoadBalancerInput {
	return elb.CreateLoadBalancerInput{LoadBalancerName: "web", AvailabilityZones: []string{"us-east-1a"},
		Listeners: []elb.Listener{{Protocol: "HTTP", LoadBalancerPort: ecs.Some(80), InstancePort: ecs.Some(8080)}}}
}

// Each broken rule is refused by itself, and all of them at once.
//
// Seen to fail: two listeners of one port that pass; a listener of two layers that passes.
func TestRefused(t *testing.T) {
	require.NoError(t, valid().Validate())
	tag := elbv2.Tag{Key: "k"}
	all := elb.CreateLoadBalancerInput{}
	breaks := []struct {
		code, field string
		spoil       func(*elb.CreateLoadBalancerInput)
	}{
		{"ValidationError", "LoadBalancerName", func(in *elb.CreateLoadBalancerInput) { in.LoadBalancerName = "-web" }},
		{"ValidationError", "Listeners", func(in *elb.CreateLoadBalancerInput) { in.Listeners = nil }},
		{"ValidationError", "AvailabilityZones", func(in *elb.CreateLoadBalancerInput) { in.AvailabilityZones = nil }},
		{"ValidationError", "AvailabilityZones", func(in *elb.CreateLoadBalancerInput) { in.Subnets = []string{"s"} }},
		{"ValidationError", "Scheme", func(in *elb.CreateLoadBalancerInput) { in.Scheme = "public" }},
		{"DuplicateTagKeys", "Tags[1].Key", func(in *elb.CreateLoadBalancerInput) { in.Tags = []elbv2.Tag{tag, tag} }},
		{"ValidationError", "Listeners[0].InstancePort",
			func(in *elb.CreateLoadBalancerInput) { in.Listeners[0].InstancePort = ecs.Some(65536) }},
		{"ValidationError", "Listeners[0].Protocol",
			func(in *elb.CreateLoadBalancerInput) { in.Listeners[0].Protocol = "UDP" }},
		{"ValidationError", "Listeners[0].InstanceProtocol",
			func(in *elb.CreateLoadBalancerInput) { in.Listeners[0].InstanceProtocol = "TCP" }},
		{"ValidationError", "Listeners[1].LoadBalancerPort",
			func(in *elb.CreateLoadBalancerInput) { in.Listeners = append(in.Listeners, in.Listeners[0]) }},
	}
	for _, b := range breaks {
		in := valid()
		b.spoil(&in)
		var got []string
		for e := range ecs.Errors(in.Validate()) {
			got = append(got, string(e.Code)+" "+e.Field)
		}
		require.Equal(t, []string{b.code + " " + b.field}, got)
	}
	all.Scheme, all.Tags = "public", []elbv2.Tag{tag, tag}
	n := 0
	for range ecs.Errors(all.Validate()) {
		n++
	}
	require.Equal(t, 5, n, "name, listeners, zones, scheme and tags")
}

// Seen to fail: a health check of the load balancer's port.
func TestShown(t *testing.T) {
	in := valid()
	group := in.Group(in.AvailabilityZones)
	require.NoError(t, group.Validate())
	d := elb.Show(in, group, []string{"i-1", "i-2"})
	require.Equal(t, elb.HealthCheck{Target: "TCP:8080", Interval: 30, Timeout: 5, UnhealthyThreshold: 2,
		HealthyThreshold: 10}, d.HealthCheck)
	require.Equal(t, "HTTP", d.ListenerDescriptions[0].Listener.InstanceProtocol)
	require.Equal(t, []string{"us-east-1a"}, d.AvailabilityZones)
	require.Equal(t, []elb.Instance{{InstanceId: "i-1"}, {InstanceId: "i-2"}}, d.Instances)
	require.Equal(t, "internet-facing", d.Scheme)
	states := map[loadbalance.State]string{loadbalance.StateHealthy: "InService N/A",
		loadbalance.StateInitial: "OutOfService ELB", loadbalance.StateUnhealthy: "OutOfService Instance",
		loadbalance.StateDraining: "InService N/A", loadbalance.StateUnused: "OutOfService Instance"}
	for state, want := range states {
		s := elb.ShowInstance(loadbalance.Target{State: state})
		require.Equal(t, want, s.State+" "+s.ReasonCode, state)
	}
}

func ExampleCreateLoadBalancerInput() {
	in := elb.CreateLoadBalancerInput{LoadBalancerName: "web-", Subnets: []string{"subnet-1"}}
	for e := range ecs.Errors(in.Validate()) {
		fmt.Println(e.Code, e.Field)
	}
	// Output:
	// ValidationError Listeners
	// ValidationError LoadBalancerName
}
