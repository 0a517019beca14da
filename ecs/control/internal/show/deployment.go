package show

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// ListServiceDeployments answers the request of that name.
func (m *Room) ListServiceDeployments(in api.ListServiceDeploymentsInput) (api.ServiceDeploymentPage, error) {
	out := api.ServiceDeploymentPage{ServiceDeployments: []api.ServiceDeploymentBrief{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	s, err := m.Services.ServiceIn(in.Cluster, in.Service)
	if err != nil {
		return out, err
	}
	for _, r := range s.Rollouts() {
		d := m.deploymentView(s, r)
		if len(in.Status) > 0 && !slices.Contains(in.Status, d.Status) || !in.CreatedAt.Contains(d.CreatedAt) {
			continue
		}
		out.ServiceDeployments = append(out.ServiceDeployments, api.ServiceDeploymentBrief{
			ServiceDeploymentArn: d.ServiceDeploymentArn, ServiceArn: d.ServiceArn, ClusterArn: d.ClusterArn,
			TargetServiceRevisionArn: d.TargetServiceRevision.Arn,
			Status:                   d.Status, StatusReason: d.StatusReason, CreatedAt: d.CreatedAt,
			StartedAt:  d.StartedAt,
			FinishedAt: d.FinishedAt,
		})
	}
	newest := func(d api.ServiceDeploymentBrief) string {
		return d.CreatedAt.Time().Format("2006-01-02T15:04:05.000000000") + d.ServiceDeploymentArn
	}
	slices.SortFunc(out.ServiceDeployments,
		func(a, b api.ServiceDeploymentBrief) int { return strings.Compare(newest(b), newest(a)) })
	const usual = 20
	out.ServiceDeployments, out.NextToken, err = core.Cut(out.ServiceDeployments, in.NextToken, in.MaxResults.Or(usual),
		core.MaxPage, newest, true)
	return out, err
}

// DescribeServiceDeployments answers the request of that name.
func (m *Room) DescribeServiceDeployments(in api.DescribeServiceDeploymentsInput) (api.ServiceDeployments, error) {
	out := api.ServiceDeployments{ServiceDeployments: []api.ServiceDeployment{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, arn := range in.ServiceDeploymentArns {
		s, err := m.Services.ServiceOf(arn)
		i := -1
		if err == nil {
			i = slices.IndexFunc(s.Rollouts(),
				func(r scheduler.Rollout) bool { return m.Services.DeploymentArn(s, r.ID) == arn })
		}
		if i < 0 {
			out.Failures = append(out.Failures, core.Missing(arn))
			continue
		}
		out.ServiceDeployments = append(out.ServiceDeployments, m.deploymentView(s, s.Rollouts()[i]))
	}
	return out, nil
}

// circuitBreaker is how the circuit breaker of a deployment stands.
func circuitBreaker(s *services.Service, r scheduler.Rollout) api.CircuitBreaker {
	b := s.Record.DeploymentConfiguration.DeploymentCircuitBreaker
	if b == nil || !b.Enable {
		return api.CircuitBreaker{Status: "DISABLED"}
	}
	v := api.CircuitBreaker{Status: "MONITORING", FailureCount: r.Failures,
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
func (m *Room) deploymentView(s *services.Service, r scheduler.Rollout) api.ServiceDeployment {
	d := api.ServiceDeployment{
		ServiceDeploymentArn: m.Services.DeploymentArn(s, r.ID), ServiceArn: s.Record.ServiceArn,
		ClusterArn:             s.Cluster.Record.ClusterArn,
		TargetServiceRevision:  api.ServiceRevisionSummary{Arn: r.ServiceRevision},
		SourceServiceRevisions: []api.ServiceRevisionSummary{}, CircuitBreaker: circuitBreaker(s, r),
		Status: r.ServiceDeploymentStatus, StatusReason: r.RolloutStateReason, LifecycleStage: r.Stages.Stage,
		DeploymentConfiguration: s.Record.DeploymentConfiguration, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	percents := scheduler.PercentsOf(s.Record)
	d.DeploymentConfiguration.MaximumPercent = ecs.Some(percents.Maximum)
	d.DeploymentConfiguration.MinimumHealthyPercent = ecs.Some(percents.MinimumHealthy)
	d.LifecycleHookDetails, d.Alarms, d.Rollback = hookDetails(s, r), m.deploymentAlarms(s, r), deploymentRollback(r)
	weigh(&d.TargetServiceRevision, r, r.ID)
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
	for _, o := range m.deployments(s) {
		i := slices.IndexFunc(s.State.Rollouts, func(k scheduler.Rollout) bool { return k.ID == o.ID })
		if i < 0 {
			continue
		}
		summary := api.ServiceRevisionSummary{Arn: s.State.Rollouts[i].ServiceRevision,
			RequestedTaskCount: o.DesiredCount, RunningTaskCount: o.RunningCount, PendingTaskCount: o.PendingCount}
		weigh(&summary, r, o.ID)
		if o.ID == r.ID {
			d.TargetServiceRevision = summary
		} else if !over {
			d.SourceServiceRevisions = append(d.SourceServiceRevisions, summary)
		}
	}
	return d
}
