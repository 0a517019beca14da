package balancers

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance/elb"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// A Classic Load Balancer is made once, is in the zones of its subnets, and is there after a State.
//
// Seen to fail: a State without Classic Load Balancers; a second one of a name.
func TestClassic(t *testing.T) {
	p := newPlace(t)
	in := func(name string, subnets ...string) elb.CreateLoadBalancerInput {
		return elb.CreateLoadBalancerInput{LoadBalancerName: name, Subnets: subnets, Listeners: []elb.Listener{
			{Protocol: "TCP", LoadBalancerPort: ecs.Some(80), InstancePort: ecs.Some(80)}}}
	}
	first, err := p.CreateClassic(in("old", "subnet-b", "subnet-a"))
	require.NoError(t, err)
	require.Regexp(t, `^old-[0-9]+\.us-east-1\.elb\.amazonaws\.com$`, first.DNSName)
	again, err := p.CreateClassic(in("old", "subnet-b", "subnet-a"))
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = p.CreateClassic(in("old", "subnet-a"))
	refused(t, err, elbv2.DuplicateLoadBalancerName, "already exists")
	_, err = p.CreateClassic(in("any", "subnet-a", "subnet-nobody-knows"))
	require.NoError(t, err)
	p.steady()
	all, err := p.DescribeClassic(elb.DescribeLoadBalancersInput{})
	require.NoError(t, err)
	require.Len(t, all.LoadBalancerDescriptions, 2)
	require.Empty(t, all.LoadBalancerDescriptions[0].AvailabilityZones, "it may be in any zone")
	require.Equal(t, []string{"us-east-1a", "us-east-1b"}, all.LoadBalancerDescriptions[1].AvailabilityZones)
	for i := 2; i < mostClassic; i++ {
		_, err := p.CreateClassic(in(fmt.Sprintf("n%d", i), "subnet-a"))
		require.NoError(t, err)
	}
	_, err = p.CreateClassic(in("more", "subnet-a"))
	refused(t, err, elbv2.TooManyLoadBalancers, "The limit of Classic Load Balancers is 20.")
}
