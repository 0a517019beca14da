package autoscale

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// CheckCapacityProviderStrategy returns nil, or an InvalidParameterException for each item of a strategy
// whose provider the cluster does not have, whose provider is not ACTIVE, or whose provider is of
// another kind than the first. The kinds are Fargate (with Fargate Spot), Auto Scaling groups and
// Managed Instances. The requests check weights and bases themselves.
// Source: Amazon ECS API Reference, CapacityProviderStrategyItem.
func CheckCapacityProviderStrategy(
	strategy []ecs.CapacityProviderStrategyItem, providers []ecs.CapacityProvider,
) error {
	var f check.Faults
	var first ecs.CapacityProviderType
	for i, item := range strategy {
		path := check.Index("capacityProviderStrategy", i) + ".capacityProvider"
		at := slices.IndexFunc(providers, func(p ecs.CapacityProvider) bool { return p.Name == item.CapacityProvider })
		if at < 0 {
			f.Refuse(path,
				"The specified capacity provider strategy cannot contain a capacity provider that is not associated "+
					"with the cluster. "+
					"Associate the capacity provider with the cluster or specify a valid capacity provider and "+
					"try again.")
			continue
		}
		if s := providers[at].Status; s != ecs.CapacityProviderStatusActive && s != "" {
			f.Refuse(path, "The capacity provider %s is %s, not ACTIVE.", item.CapacityProvider, s)
		}
		kind := providerKind(providers[at])
		if first == "" {
			first = kind
		}
		if kind != first {
			f.Refuse(path,
				"The capacity provider %s is of kind %s, but a provider before it is of kind %s: all must be of "+
					"one kind.",
				item.CapacityProvider, kind, first)
		}
	}
	return ecs.Faults(ecs.InvalidParameterException, f.Pairs())
}

func providerKind(p ecs.CapacityProvider) ecs.CapacityProviderType {
	switch {
	case p.Type == ecs.CapacityProviderTypeFargateSpot, ecs.IsFargateProvider(p.Name):
		return ecs.CapacityProviderTypeFargate
	case p.Type != "":
		return p.Type
	}
	return ecs.CapacityProviderTypeEC2AutoScaling
}

// Waits reports whether tasks that find no room on the provider wait in PROVISIONING, which
// they do where managed scaling is enabled; elsewhere placement fails at once.
// Source: Amazon ECS Developer Guide, "Amazon ECS capacity providers for EC2 workloads".
func Waits(p ecs.CapacityProvider) bool {
	a := p.AutoScalingGroupProvider
	return p.Type == ecs.CapacityProviderTypeManagedInstances || a != nil && a.ManagedScaling != nil &&
		a.ManagedScaling.Status == "ENABLED"
}

// Removable reports whether scale-in may end an instance. With managed termination protection ECS
// removes an instance's protection only when it runs no tasks but those of daemons; a standalone task
// keeps it protected. Without managed termination protection the group may end any instance that is not
// protected otherwise.
// Source: Amazon ECS Developer Guide, "Control the instances Amazon ECS terminates".
func Removable(p ecs.AutoScalingGroupProvider, protected bool, tasks, daemonTasks int) bool {
	if p.ManagedTerminationProtection == "ENABLED" {
		return tasks <= daemonTasks
	}
	return !protected
}

// ManagedDrainingTimeout is how long a terminating instance waits in DRAINING for its tasks.
// Source: Amazon ECS Developer Guide, "Safely stop Amazon ECS workloads running on EC2 instances".
const ManagedDrainingTimeout = 48 * time.Hour

// Drains reports whether ECS drains instances of the provider before they end, which it does unless
// managed draining is DISABLED; termination protection does not matter.
func Drains(p ecs.AutoScalingGroupProvider) bool { return p.ManagedDraining != "DISABLED" }

// Drained reports whether a terminating instance may end at now: it has no tasks left but those of
// daemons, which stop last, or it has been draining for ManagedDrainingTimeout.
func Drained(now, since time.Time, tasks, daemonTasks int) bool {
	return tasks <= daemonTasks || now.Sub(since) >= ManagedDrainingTimeout
}

// The schedule by which Amazon ECS Managed Instances replaces an instance, counted from its
// launch: it drains from day 14 and ends by day 21.
// Source: Amazon ECS Developer Guide, "Amazon ECS Managed Instances".
const (
	ManagedInstanceDrainAfter = 14 * 24 * time.Hour
	ManagedInstanceEndAfter   = 21 * 24 * time.Hour
)

// DefaultScaleInAfter is how long a Managed Instances provider leaves an idle instance when
// infrastructureOptimization does not set a time. AWS publishes no figure.
const DefaultScaleInAfter = 300 * time.Second

// ScaleInAfter returns when a managed instance that has been idle since the given time is
// removed, and false when never: seconds is infrastructureOptimization.scaleInAfter, from 0 to
// 3600, −1 for never, absent for DefaultScaleInAfter.
// Source: Amazon ECS API Reference, InfrastructureOptimization.
func ScaleInAfter(idle time.Time, scaleInAfter ecs.Opt[int]) (time.Time, bool) {
	s := scaleInAfter.Or(int(DefaultScaleInAfter / time.Second))
	if s < 0 {
		return time.Time{}, false
	}
	return idle.Add(whole.Seconds(s)), true
}
