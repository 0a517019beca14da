package placement

import (
	"fmt"
	"iter"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// FargateZone returns the Availability Zone for a Fargate task: of the zones of the
// request's subnets the one with the fewest tasks of the request's group, then the first in
// order of name. Tasks of FARGATE and of FARGATE_SPOT are spread apart: only those of the
// request's CapacityProvider count ("" is FARGATE, as is launch type FARGATE without one);
// tasks whose desired status is STOPPED do not count.
//
// The error is an ecs.ErrorList of InvalidParameterException: strategies and constraints are
// refused, and a Fargate task has at least one subnet.
// Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances".
func FargateZone(r Request, running iter.Seq[Running]) (string, error) {
	var faults ecs.ErrorList
	refuse := func(field, message string) {
		faults = append(faults, ecs.Fault(ecs.InvalidParameterException, field, message))
	}
	if len(r.Strategy) > 0 {
		refuse("placementStrategy", fmt.Sprintf("%d given, but placement strategies are not supported with FARGATE.", len(r.Strategy)))
	}
	if len(r.Constraints) > 0 {
		refuse("placementConstraints", fmt.Sprintf("%d given, but placement constraints are not supported with FARGATE.", len(r.Constraints)))
	}
	if len(r.Zones) == 0 {
		refuse("networkConfiguration.awsvpcConfiguration.subnets", "a Fargate task has at least one subnet.")
	}
	if err := faults.Err(); err != nil {
		return "", err
	}
	counts := make([]int, len(r.Zones))
	if running != nil {
		for t := range running {
			i := slices.Index(r.Zones, t.Zone)
			if i >= 0 && t.Instance == "" && t.counts() && t.Group == r.Group && fargate(t.CapacityProvider) == fargate(r.CapacityProvider) {
				counts[i]++
			}
		}
	}
	best := 0
	for i, zone := range r.Zones {
		if counts[i] < counts[best] || counts[i] == counts[best] && zone < r.Zones[best] {
			best = i
		}
	}
	return r.Zones[best], nil
}

// fargate returns the provider with the default filled in.
func fargate(provider string) string { return orNone(provider, "FARGATE") }
