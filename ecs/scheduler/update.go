package scheduler

import (
	"reflect"

	"github.com/bayplan/bayplan/ecs"
)

// StartsDeployment reports whether an update of the service starts a new deployment, given the
// service as it is described before the update and as it will be after it: a new task definition,
// platform version, network configuration, Service Connect configuration, volumes, load balancers
// or service registries do, and so does force. Desired count, deployment configuration, placement,
// capacity provider strategy, rebalancing, grace period, ECS Exec and tags change the service
// without one. Service Connect and the volumes are those of the PRIMARY in Deployments. Task
// definitions are compared as they are written: give them as ARNs.
//
// Source: Amazon ECS API Reference, UpdateService.
func StartsDeployment(old, next ecs.Service, force bool) bool {
	was, is := primary(old), primary(next)
	return force || old.TaskDefinition != next.TaskDefinition || old.PlatformVersion != next.PlatformVersion ||
		!reflect.DeepEqual(old.NetworkConfiguration, next.NetworkConfiguration) ||
		!reflect.DeepEqual(was.ServiceConnectConfiguration, is.ServiceConnectConfiguration) ||
		differ(was.VolumeConfigurations, is.VolumeConfigurations) ||
		differ(old.LoadBalancers, next.LoadBalancers) || differ(old.ServiceRegistries, next.ServiceRegistries)
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

// differ reports whether two lists differ; an empty one is the same as none.
func differ[T any](a, b []T) bool { return (len(a) > 0 || len(b) > 0) && !reflect.DeepEqual(a, b) }
