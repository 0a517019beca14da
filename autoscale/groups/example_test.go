package groups_test

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/ecs"
)

// cloud starts instances, and nothing else.
type cloud struct {
	groups.World
	started int
}

func (c *cloud) RunInstance(l groups.Launch) (string, error) {
	c.started++
	fmt.Println("start a", l.InstanceType, "in", l.AvailabilityZone)
	return fmt.Sprintf("i-%d", c.started), nil
}
func (c *cloud) Managed(string, string) (groups.Management, bool) { return groups.Management{}, false }

func ExampleService() {
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	s := groups.New(groups.Config{Region: "us-east-1", Account: "123456789012",
		Zones: []string{"us-east-1a", "us-east-1b"}, InstanceTypes: []string{"m5.large"}}, &cloud{})
	err := s.CreateAutoScalingGroup(now, groups.CreateAutoScalingGroupInput{AutoScalingGroupName: "web",
		Settings: groups.Settings{MinSize: ecs.Some(1), MaxSize: ecs.Some(4), DesiredCapacity: ecs.Some(2),
			AvailabilityZones: []string{"us-east-1a", "us-east-1b"},
			LaunchTemplate:    &groups.LaunchTemplateSpecification{LaunchTemplateName: "m5.large"}}})
	if err != nil {
		fmt.Println(err)
	}
	s.Booted(now.Add(time.Minute), "i-1")
	out, err := s.DescribeAutoScalingInstances(groups.DescribeAutoScalingInstancesInput{})
	for _, i := range out.AutoScalingInstances {
		fmt.Println(i.InstanceID, i.LifecycleState)
	}
	// Output:
	// start a m5.large in us-east-1a
	// start a m5.large in us-east-1b
	// i-1 InService
	// i-2 Pending
}
