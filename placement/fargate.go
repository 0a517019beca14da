package placement

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

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
		refuse("placementStrategy", fmt.Sprintf("%d given, but placement strategies are not supported with FARGATE.",
			len(r.Strategy)))
	}
	if len(r.Constraints) > 0 {
		refuse("placementConstraints",
			fmt.Sprintf("%d given, but placement constraints are not supported with FARGATE.", len(r.Constraints)))
	}
	if len(r.Zones) == 0 {
		refuse("networkConfiguration.awsvpcConfiguration.subnets", "a Fargate task has at least one subnet.")
	}
	if err := faults.Err(); err != nil {
		return "", err
	}
	counts := map[string]int{}
	if running != nil {
		for t := range running {
			if t.Instance == "" && t.counts() && t.Group == r.Group &&
				fargate(t.CapacityProvider) == fargate(r.CapacityProvider) {
				counts[t.Zone]++
			}
		}
	}
	return slices.MinFunc(r.Zones, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[a], counts[b]), strings.Compare(a, b))
	}), nil
}

// fargate returns the provider with the default filled in.
func fargate(provider string) string { return cmp.Or(provider, ecs.CapacityProviderFargate) }
