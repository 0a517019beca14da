package control

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// revision is a service revision: what a deployment rolls out, kept to be rolled back to.
type revision struct {
	Arn                      string                             `json:"arn"`
	Deployment               string                             `json:"deployment"`
	TaskDefinition           string                             `json:"taskDefinition"`
	LaunchType               ecs.LaunchType                     `json:"launchType,omitzero"`
	CapacityProviderStrategy []ecs.CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	LoadBalancers            []ecs.LoadBalancer                 `json:"loadBalancers,omitzero"`
	ServiceRegistries        []ecs.ServiceRegistry              `json:"serviceRegistries,omitzero"`
	VolumeConfigurations     []ecs.ServiceVolumeConfiguration   `json:"volumeConfigurations,omitzero"`
	Monitoring               *api.MonitoringConfiguration       `json:"monitoring,omitzero"`
	Network                  *ecs.NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	Connect                  *ecs.ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitzero"`
	PlatformVersion          string                             `json:"platformVersion,omitzero"`
	Digests                  map[string]string                  `json:"digests,omitzero"` // of images, by container, as its first task resolved them
	CreatedAt                ecs.Instant                        `json:"createdAt,omitzero"`
}

// revisionOf returns the revision that a deployment rolls out; of one that is no longer kept,
// the service as it is now.
func (s *service) revisionOf(deployment string) revision {
	for _, r := range slices.Backward(s.Revisions) {
		if r.Deployment == deployment {
			return r
		}
	}
	return revision{LoadBalancers: s.Record.LoadBalancers, ServiceRegistries: s.Record.ServiceRegistries, Monitoring: s.Monitoring}
}

// deploy starts a new deployment of the service as it is now.
func (p *Plane) deploy(s *service) {
	d, err := p.registry.Resolve(s.Record.TaskDefinition)
	if err != nil {
		return // refused before
	}
	id := p.core.DeploymentID()
	number := strings.TrimPrefix(id, "ecs-svc/")
	r := revision{
		Arn:        p.core.ARN("ecs", "service-revision/"+s.cluster.Record.ClusterName+"/"+s.Record.ServiceName+"/"+number),
		Deployment: id, TaskDefinition: d.TaskDefinitionArn, LaunchType: s.Record.LaunchType, CapacityProviderStrategy: s.Record.CapacityProviderStrategy,
		LoadBalancers: s.Record.LoadBalancers, ServiceRegistries: s.Record.ServiceRegistries,
		VolumeConfigurations: s.Volumes, Monitoring: s.Monitoring,
		Network: s.Record.NetworkConfiguration, Connect: s.Connect, PlatformVersion: s.Record.PlatformVersion, CreatedAt: p.core.Now(),
	}
	s.Revisions = append(s.Revisions, r)
	if len(s.Revisions) > maxRevisions {
		s.Revisions = slices.Delete(s.Revisions, 0, len(s.Revisions)-maxRevisions)
	}
	p.takeTurns(s, id)
	next := scheduler.NewRollout(id, s.Record, d)
	next.ServiceRevision, next.ServiceConnectConfiguration, next.VolumeConfigurations = r.Arn, s.Connect, s.Volumes
	p.remembers(s, s.State.Deploy(next, p.core.Now().Time()))
}

// maxRevisions is how many revisions of a service are kept.
const maxRevisions = 50

// takeTurns gives a new deployment that shifts traffic the target groups that its
// predecessor does not use.
func (p *Plane) takeTurns(s *service, id string) {
	shifts := slices.ContainsFunc(s.Record.LoadBalancers, func(lb ecs.LoadBalancer) bool { return lb.AdvancedConfiguration != nil })
	if !shifts {
		return
	}
	for _, r := range s.State.Rollouts {
		if r.Status == ecs.DeploymentStatusPrimary && !slices.Contains(s.Alternate, r.ID) {
			s.Alternate = append(s.Alternate, id)
			return
		}
	}
}

// weights returns the target groups' shares of a listener rule of load balancer i.
func (s *service) weights(i int, t scheduler.Traffic) []message.TargetGroupWeight {
	const full = scheduler.FullTraffic
	weights := make([]message.TargetGroupWeight, 0, 2)
	for _, w := range []struct {
		deployment string
		tenths     int
	}{{t.Source, full - t.Green}, {t.Target, t.Green}} {
		if list := s.loadBalancersOf(w.deployment); w.deployment != "" && i < len(list) {
			weights = append(weights, message.TargetGroupWeight{TargetGroupArn: list[i].TargetGroupArn, Weight: min(w.tenths, full-1)})
		}
	}
	return weights
}

func weightText(weights []message.TargetGroupWeight) string {
	parts := make([]string, len(weights))
	for i, w := range weights {
		parts[i] = fmt.Sprintf("%s %d", groupName(w.TargetGroupArn), w.Weight)
	}
	return strings.Join(parts, ", ")
}

// requestForPrimary is requestFor the newest deployment.
func (p *Plane) requestForPrimary(s *service) (placement.Request, error) {
	for _, r := range s.State.Rollouts {
		if r.Status == ecs.DeploymentStatusPrimary {
			return p.requestFor(s, r.ID)
		}
	}
	return placement.Request{}, core.Fault(ecs.ServerException, "service", "Service %s has no deployment.", s.Record.ServiceName)
}

// StopServiceDeployment stops a deployment in flight: rolled back, or with stopType ABORT
// where it is.
// Source: Amazon ECS API Reference, StopServiceDeployment.
func (p *Plane) StopServiceDeployment(now time.Time, in api.StopServiceDeploymentInput) (string, error) {
	return request(p, now, "StopServiceDeployment", in, func(in api.StopServiceDeploymentInput) (string, error) {
		if err := in.Validate(); err != nil {
			return "", err
		}
		kind := scheduler.RequestTypeRollback
		if in.StopType == ecs.StopServiceDeploymentStopTypeAbort {
			kind = scheduler.RequestTypeAbort
		}
		return in.ServiceDeploymentArn, p.ask(in.ServiceDeploymentArn, scheduler.Request{Type: kind})
	})
}

// ContinueServiceDeployment answers a pause hook: the deployment goes on, or rolls back.
// Source: Amazon ECS API Reference, ContinueServiceDeployment.
func (p *Plane) ContinueServiceDeployment(now time.Time, in api.ContinueServiceDeploymentInput) (string, error) {
	return request(p, now, "ContinueServiceDeployment", in, func(in api.ContinueServiceDeploymentInput) (string, error) {
		if err := in.Validate(); err != nil {
			return "", err
		}
		kind := scheduler.RequestTypeContinueHook
		if in.Action == ecs.LifecycleHookActionRollback {
			kind = scheduler.RequestTypeRollbackHook
		}
		return in.ServiceDeploymentArn, p.ask(in.ServiceDeploymentArn, scheduler.Request{Type: kind, HookID: in.HookID})
	})
}

// ask hands an operator's word to the scheduler.
func (p *Plane) ask(arn string, r scheduler.Request) error {
	s, id, err := p.serviceDeployment(arn)
	if err != nil {
		return err
	}
	r.Deployment = id
	s.requests = append(s.requests, r)
	p.touch(s)
	return nil
}

// serviceDeployment finds a deployment in flight by its ARN,
// "…:service-deployment/CLUSTER/SERVICE/NUMBER".
func (p *Plane) serviceDeployment(arn string) (*service, string, error) {
	parts := strings.Split(arn, "/")
	if len(parts) == 4 {
		if c, ok := p.byCluster[parts[1]]; ok {
			if s, ok := c.byService[parts[2]]; ok {
				id := "ecs-svc/" + parts[3]
				if _, ok := s.rollout(id); ok {
					return s, id, nil
				}
			}
		}
	}
	return nil, "", core.Fault(ecs.ServiceDeploymentNotFoundException, "serviceDeploymentArn", "Service deployment not found: %s.", arn)
}
