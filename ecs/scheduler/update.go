package scheduler

import (
	"reflect"

	"github.com/bayplan/bayplan/ecs"
)

// StartsDeployment reports whether an update of the service starts a new deployment: a new
// task definition, platform version, network configuration, Service Connect configuration,
// volumes, load balancers or service registries do, and so does force. Desired count, deployment
// configuration, placement, capacity provider strategy, rebalancing, grace period, ECS Exec
// and tags change the service without one. Giving a field the value it has is no change; the
// values of Service Connect and of the volumes are those of the PRIMARY in old.Deployments. The
// task definition of in is compared as it is written: give it as an ARN.
//
// Source: Amazon ECS API Reference, UpdateService.
func StartsDeployment(old ecs.Service, in ecs.UpdateServiceInput) bool {
	if in.ForceNewDeployment {
		return true
	}
	if in.TaskDefinition != "" && in.TaskDefinition != old.TaskDefinition ||
		in.PlatformVersion != "" && in.PlatformVersion != old.PlatformVersion {
		return true
	}
	if in.NetworkConfiguration != nil && !reflect.DeepEqual(in.NetworkConfiguration, old.NetworkConfiguration) {
		return true
	}
	now := primary(old)
	if in.ServiceConnectConfiguration != nil && !reflect.DeepEqual(in.ServiceConnectConfiguration, now.ServiceConnectConfiguration) {
		return true
	}
	return changes(in.VolumeConfigurations, now.VolumeConfigurations) || changes(in.LoadBalancers, old.LoadBalancers) ||
		changes(in.ServiceRegistries, old.ServiceRegistries)
}

// primary returns the PRIMARY deployment.
func primary(s ecs.Service) ecs.Deployment {
	for i := range s.Deployments {
		if s.Deployments[i].Status == ecs.DeploymentStatusPrimary {
			return s.Deployments[i]
		}
	}
	return ecs.Deployment{}
}

// changes reports whether a list that may be absent differs from what is there.
func changes[T any](in ecs.Opt[[]T], old []T) bool {
	list, ok := in.Get()
	return ok && (len(list) > 0 || len(old) > 0) && !reflect.DeepEqual(list, old)
}
