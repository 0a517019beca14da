package group_test

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/autoscale/group"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func ExampleAutoScalingGroup() {
	g := group.AutoScalingGroup{MaxSize: 9, AvailabilityZones: []string{"a", "b"}, DesiredCapacity: 1}
	for id, zone := range []string{"a", "b", "b"} {
		g.Instances = append(g.Instances, group.Instance{
			InstanceID: fmt.Sprintf("i-%d", id), AvailabilityZone: zone, LifecycleState: group.LifecycleStateInService,
		})
	}
	fmt.Println(g.Plan(noon).Terminate, "go, the larger zone's first")
	g.DesiredCapacity = 6
	fmt.Println(g.Plan(noon).Launch)
	// Output:
	// [i-1 i-0] go, the larger zone's first
	// [a a b]
}
