package classic

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elb"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// A Classic Load Balancer is made once, is in the zones of its subnets, and is there once.
//
// Seen to fail: a second one of a name.
func TestClassic(t *testing.T) {
	position := core.Position{Now: ecs.At(time.Unix(1e9, 0))}
	c := core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &position)
	books := targets.New(targets.Config{Core: c, Drained: func(string, loadbalance.Target) {}}, new(deadlines.Timers))
	p := New(Config{Core: c, Groups: targets.NewGroups(books, func(string) bool { return false }),
		Region: "us-east-1", ZoneOfSubnet: map[string]string{"subnet-a": "us-east-1a", "subnet-b": "us-east-1b"}})
	in := func(name string, subnets ...string) elb.CreateLoadBalancerInput {
		return elb.CreateLoadBalancerInput{LoadBalancerName: name, Subnets: subnets, Listeners: []elb.Listener{
			{Protocol: "TCP", LoadBalancerPort: ecs.Some(80), InstancePort: ecs.Some(80)}}}
	}
	first, err := p.CreateLoadBalancer(in("old", "subnet-b", "subnet-a"))
	require.NoError(t, err)
	require.Regexp(t, `^old-[0-9]+\.us-east-1\.elb\.amazonaws\.com$`, first.DNSName)
	again, err := p.CreateLoadBalancer(in("old", "subnet-b", "subnet-a"))
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = p.CreateLoadBalancer(in("old", "subnet-a"))
	require.ErrorIs(t, err, elbv2.DuplicateLoadBalancerName)
	_, err = p.CreateLoadBalancer(in("any", "subnet-a", "subnet-nobody-knows"))
	require.NoError(t, err)
	require.Empty(t, p.Check())
	data, err := json.Marshal(p.State())
	require.NoError(t, err)
	var list []*LoadBalancer
	require.NoError(t, json.Unmarshal(data, &list))
	restored := New(p.Config)
	restored.Restore(list)
	require.Equal(t, p.State(), restored.State())
	p.Restore(list)
	require.NotEmpty(t, p.Check(), "each is there twice")
	p.list = p.list[:2]
	all, err := p.DescribeLoadBalancers(elb.DescribeLoadBalancersInput{})
	require.NoError(t, err)
	require.Len(t, all.LoadBalancerDescriptions, 2)
	require.Empty(t, all.LoadBalancerDescriptions[0].AvailabilityZones, "it may be in any zone")
	require.Equal(t, []string{"us-east-1a", "us-east-1b"}, all.LoadBalancerDescriptions[1].AvailabilityZones)
	for i := 2; i < mostBalancers; i++ {
		_, err := p.CreateLoadBalancer(in(fmt.Sprintf("n%d", i), "subnet-a"))
		require.NoError(t, err)
	}
	_, err = p.CreateLoadBalancer(in("more", "subnet-a"))
	require.ErrorIs(t, err, elbv2.TooManyLoadBalancers)
}
