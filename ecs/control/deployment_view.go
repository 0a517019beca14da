package control

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// ServiceDeployment is one deployment of a service, with the members of DescribeServiceDeployments
// that the plane keeps.
type ServiceDeployment struct {
	ServiceDeploymentArn    string                      `json:"serviceDeploymentArn"`
	ServiceArn              string                      `json:"serviceArn"`
	ClusterArn              string                      `json:"clusterArn"`
	TargetServiceRevision   ServiceRevisionSummary      `json:"targetServiceRevision"`
	SourceServiceRevisions  []ServiceRevisionSummary    `json:"sourceServiceRevisions"` // that it replaces
	Status                  ecs.ServiceDeploymentStatus `json:"status"`
	StatusReason            string                      `json:"statusReason,omitzero"`
	LifecycleStage          ecs.LifecycleStage          `json:"lifecycleStage,omitzero"`
	LifecycleHookDetails    []LifecycleHookDetail       `json:"lifecycleHookDetails,omitzero"` // of the present stage
	Alarms                  *DeploymentAlarms           `json:"alarms,omitzero"`               // where it watches any
	Rollback                *DeploymentRollback         `json:"rollback,omitzero"`             // if it is
	DeploymentConfiguration ecs.DeploymentConfiguration `json:"deploymentConfiguration,omitzero"`
	CircuitBreaker          CircuitBreaker              `json:"deploymentCircuitBreaker"`
	CreatedAt               ecs.Instant                 `json:"createdAt,omitzero"`
	StartedAt               ecs.Instant                 `json:"startedAt,omitzero"`
	FinishedAt              ecs.Instant                 `json:"finishedAt,omitzero"`
	StoppedAt               ecs.Instant                 `json:"stoppedAt,omitzero"`
	UpdatedAt               ecs.Instant                 `json:"updatedAt,omitzero"`
}

// ServiceRevisionSummary counts the tasks of a service revision. In a deployment that shifts
// traffic it also has the share of traffic that the revision is to have, in percent.
type ServiceRevisionSummary struct {
	Arn                              string           `json:"arn"`
	RequestedTaskCount               int              `json:"requestedTaskCount"`
	RunningTaskCount                 int              `json:"runningTaskCount"`
	PendingTaskCount                 int              `json:"pendingTaskCount"`
	RequestedProductionTrafficWeight ecs.Opt[float64] `json:"requestedProductionTrafficWeight,omitzero"`
	RequestedTestTrafficWeight       ecs.Opt[float64] `json:"requestedTestTrafficWeight,omitzero"`
}

// CircuitBreaker says how many failures the circuit breaker of a deployment has counted, and at how
// many it ends the deployment.
type CircuitBreaker struct {
	Status       string `json:"status"` // DISABLED, MONITORING, MONITORING_COMPLETE or TRIGGERED
	FailureCount int    `json:"failureCount"`
	Threshold    int    `json:"threshold"`
}

// ServiceDeploymentBrief is a deployment as ListServiceDeployments shows it.
type ServiceDeploymentBrief struct {
	ServiceDeploymentArn     string                      `json:"serviceDeploymentArn"`
	ServiceArn               string                      `json:"serviceArn"`
	ClusterArn               string                      `json:"clusterArn"`
	TargetServiceRevisionArn string                      `json:"targetServiceRevisionArn,omitzero"`
	Status                   ecs.ServiceDeploymentStatus `json:"status"`
	StatusReason             string                      `json:"statusReason,omitzero"`
	CreatedAt                ecs.Instant                 `json:"createdAt,omitzero"`
	StartedAt                ecs.Instant                 `json:"startedAt,omitzero"`
	FinishedAt               ecs.Instant                 `json:"finishedAt,omitzero"`
}

// ServiceDeployments is the answer of DescribeServiceDeployments.
type ServiceDeployments struct {
	ServiceDeployments []ServiceDeployment `json:"serviceDeployments"`
	Failures           []ecs.Failure       `json:"failures"`
}

// ServiceDeploymentPage is a page of ListServiceDeployments, and the token of the next one, ""
// after the last.
type ServiceDeploymentPage struct {
	ServiceDeployments []ServiceDeploymentBrief `json:"serviceDeployments"`
	NextToken          string                   `json:"nextToken,omitzero"`
}

// ListServiceDeployments lists deployments of a service, newest first: those under way, the one
// whose revision the service runs, and the latest of those that are over. A status filter leaves
// only deployments with one of the given statuses. Source: Amazon ECS API Reference,
// ListServiceDeployments.
func (p *Plane) ListServiceDeployments(in api.ListServiceDeploymentsInput) (ServiceDeploymentPage, error) {
	out := ServiceDeploymentPage{ServiceDeployments: []ServiceDeploymentBrief{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	s, err := p.services.ServiceIn(in.Cluster, in.Service)
	if err != nil {
		return out, err
	}
	for _, r := range s.Rollouts() {
		d := p.deploymentView(s, r)
		if len(in.Status) > 0 && !slices.Contains(in.Status, d.Status) || !in.CreatedAt.Contains(d.CreatedAt) {
			continue
		}
		out.ServiceDeployments = append(out.ServiceDeployments, ServiceDeploymentBrief{
			ServiceDeploymentArn: d.ServiceDeploymentArn, ServiceArn: d.ServiceArn, ClusterArn: d.ClusterArn,
			TargetServiceRevisionArn: d.TargetServiceRevision.Arn,
			Status:                   d.Status, StatusReason: d.StatusReason, CreatedAt: d.CreatedAt,
			StartedAt:  d.StartedAt,
			FinishedAt: d.FinishedAt,
		})
	}
	newest := func(d ServiceDeploymentBrief) string {
		return d.CreatedAt.Time().Format("2006-01-02T15:04:05.000000000") + d.ServiceDeploymentArn
	}
	slices.SortFunc(out.ServiceDeployments,
		func(a, b ServiceDeploymentBrief) int { return strings.Compare(newest(b), newest(a)) })
	const usual = 20
	out.ServiceDeployments, out.NextToken, err = core.Cut(out.ServiceDeployments, in.NextToken, in.MaxResults.Or(usual),
		maxPage, newest, true)
	return out, err
}

// DescribeServiceDeployments describes deployments in the order asked for; those that are not
// kept are failures.
// Source: Amazon ECS API Reference, DescribeServiceDeployments.
func (p *Plane) DescribeServiceDeployments(in api.DescribeServiceDeploymentsInput) (ServiceDeployments, error) {
	out := ServiceDeployments{ServiceDeployments: []ServiceDeployment{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, arn := range in.ServiceDeploymentArns {
		s, err := p.services.ServiceOf(arn)
		i := -1
		if err == nil {
			i = slices.IndexFunc(s.Rollouts(),
				func(r scheduler.Rollout) bool { return p.services.DeploymentArn(s, r.ID) == arn })
		}
		if i < 0 {
			out.Failures = append(out.Failures, core.Missing(arn))
			continue
		}
		out.ServiceDeployments = append(out.ServiceDeployments, p.deploymentView(s, s.Rollouts()[i]))
	}
	return out, nil
}

// circuitBreaker is how the circuit breaker of a deployment stands.
func circuitBreaker(s *services.Service, r scheduler.Rollout) CircuitBreaker {
	b := s.Record.DeploymentConfiguration.DeploymentCircuitBreaker
	if b == nil || !b.Enable {
		return CircuitBreaker{Status: "DISABLED"}
	}
	v := CircuitBreaker{Status: "MONITORING", FailureCount: r.Failures,
		Threshold: scheduler.Threshold(*b, s.Record.DesiredCount)}
	switch {
	case v.FailureCount >= v.Threshold:
		v.Status = "TRIGGERED"
	case r.ServiceDeploymentStatus.Over():
		v.Status = "MONITORING_COMPLETE"
	}
	return v
}

// deploymentView is a rollout in the form of a service deployment.
func (p *Plane) deploymentView(s *services.Service, r scheduler.Rollout) ServiceDeployment {
	d := ServiceDeployment{
		ServiceDeploymentArn: p.services.DeploymentArn(s, r.ID), ServiceArn: s.Record.ServiceArn,
		ClusterArn:             s.Cluster.Record.ClusterArn,
		TargetServiceRevision:  ServiceRevisionSummary{Arn: r.ServiceRevision},
		SourceServiceRevisions: []ServiceRevisionSummary{}, CircuitBreaker: circuitBreaker(s, r),
		Status: r.ServiceDeploymentStatus, StatusReason: r.RolloutStateReason, LifecycleStage: r.Stages.Stage,
		DeploymentConfiguration: s.Record.DeploymentConfiguration, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	percents := scheduler.PercentsOf(s.Record)
	d.DeploymentConfiguration.MaximumPercent = ecs.Some(percents.Maximum)
	d.DeploymentConfiguration.MinimumHealthyPercent = ecs.Some(percents.MinimumHealthy)
	d.LifecycleHookDetails, d.Alarms, d.Rollback = hookDetails(s, r), p.deploymentAlarms(s, r), deploymentRollback(r)
	d.TargetServiceRevision.weigh(r, r.ID)
	if r.ServiceDeploymentStatus != ecs.ServiceDeploymentStatusPending {
		d.StartedAt = r.CreatedAt
	}
	over := r.ServiceDeploymentStatus.Over()
	if over {
		d.FinishedAt = r.UpdatedAt
	}
	if r.ServiceDeploymentStatus == ecs.ServiceDeploymentStatusStopped {
		d.StoppedAt = r.UpdatedAt
	}
	for _, o := range p.deployments(s) {
		i := slices.IndexFunc(s.State.Rollouts, func(k scheduler.Rollout) bool { return k.ID == o.ID })
		if i < 0 {
			continue
		}
		summary := ServiceRevisionSummary{Arn: s.State.Rollouts[i].ServiceRevision, RequestedTaskCount: o.DesiredCount,
			RunningTaskCount: o.RunningCount, PendingTaskCount: o.PendingCount}
		summary.weigh(r, o.ID)
		if o.ID == r.ID {
			d.TargetServiceRevision = summary
		} else if !over {
			d.SourceServiceRevisions = append(d.SourceServiceRevisions, summary)
		}
	}
	return d
}
