package crew

import (
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// InstanceName is the EC2 instance ID of an instance.
func InstanceName(i int) string { return fmt.Sprintf("i-%017x", i+1) }

// AddressOf returns the address of the instance with an EC2 instance ID; instance i is at the address of that index.
func AddressOf(addresses []string, id string) (string, bool) {
	for i, a := range addresses {
		if InstanceName(i) == id {
			return a, true
		}
	}
	return "", false
}

// LastPart returns what stands behind the last slash of an ARN.
func LastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// Join registers n instances with a plane that does not have them, and returns their IDs in order. Registration returns
// the request for one that is new; its identity and its zone are set here.
func Join(
	plane *control.Plane, now time.Time, n int,
	registration func(i int) (api.RegisterContainerInstanceInput, error),
) ([]ecs.InstanceID, error) {
	page, err := plane.ListContainerInstances(api.ListContainerInstancesInput{})
	if err != nil && len(page.Arns) == 0 {
		page.Arns = nil // the cluster comes with its first instance
	}
	known := map[string]ecs.InstanceID{}
	if len(page.Arns) > 0 {
		out, err := plane.DescribeContainerInstances(api.DescribeContainerInstancesInput{ContainerInstances: page.Arns})
		if err != nil {
			return nil, err
		}
		for _, ci := range out.ContainerInstances {
			known[ci.EC2InstanceID] = ci.ID()
		}
	}
	ids := make([]ecs.InstanceID, n)
	for i := range ids {
		name := InstanceName(i)
		if id, ok := known[name]; ok {
			ids[i] = id
			continue
		}
		in, err := registration(i)
		if err != nil {
			return nil, err
		}
		zone := ZoneOf(i)
		in.InstanceIdentityDocument = fmt.Sprintf(`{"instanceId": %q, "availabilityZone": %q}`, name, zone)
		in.Attributes = append(in.Attributes, ecs.Attribute{Name: "ecs.availability-zone", Value: zone})
		ci, err := plane.RegisterContainerInstance(now, in)
		if err != nil {
			return nil, err
		}
		ids[i] = ci.ID()
	}
	return ids, nil
}
