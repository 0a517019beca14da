package front

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// deploymentBrief is a service deployment as ListServiceDeployments shows it.
type deploymentBrief struct {
	ServiceDeploymentArn     string                            `json:"serviceDeploymentArn"`
	ServiceArn               string                            `json:"serviceArn"`
	ClusterArn               string                            `json:"clusterArn"`
	TargetServiceRevisionArn string                            `json:"targetServiceRevisionArn,omitzero"`
	Status                   scheduler.ServiceDeploymentStatus `json:"status"`
	StatusReason             string                            `json:"statusReason,omitzero"`
	CreatedAt                ecs.Instant                       `json:"createdAt,omitzero"`
	StartedAt                ecs.Instant                       `json:"startedAt,omitzero"`
	FinishedAt               ecs.Instant                       `json:"finishedAt,omitzero"`
}

func over(s scheduler.ServiceDeploymentStatus) bool {
	return s == scheduler.ServiceDeploymentStatusSuccessful || s == scheduler.ServiceDeploymentStatusStopped ||
		s == scheduler.ServiceDeploymentStatusRollbackSuccessful || s == scheduler.ServiceDeploymentStatusRollbackFailed
}

func briefly(d control.ServiceDeployment) deploymentBrief {
	b := deploymentBrief{
		ServiceDeploymentArn: d.ServiceDeploymentArn, ServiceArn: d.ServiceArn, ClusterArn: d.ClusterArn, TargetServiceRevisionArn: d.TargetServiceRevisionArn,
		Status: d.Status, StatusReason: d.StatusReason, CreatedAt: d.CreatedAt,
	}
	if d.Status != scheduler.ServiceDeploymentStatusPending {
		b.StartedAt = d.CreatedAt
	}
	if over(d.Status) {
		b.FinishedAt = d.UpdatedAt
	}
	return b
}

func listServiceDeployments(p *control.Plane, in ecs.ListServiceDeploymentsInput) (any, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	all, err := p.ServiceDeployments(in.Cluster, in.Service)
	if err != nil {
		return nil, err
	}
	briefs := []deploymentBrief{}
	for _, d := range all {
		if len(in.Status) == 0 || slices.Contains(in.Status, string(d.Status)) {
			briefs = append(briefs, briefly(d))
		}
	}
	slices.SortStableFunc(briefs, func(a, b deploymentBrief) int { return strings.Compare(newness(b), newness(a)) })
	size := in.MaxResults
	if size.IsZero() {
		size = ecs.Some(20)
	}
	list, token, err := cut(briefs, paging{in.NextToken, size}, 100, true, newness)
	return paged("serviceDeployments", list, token, err)
}

// newness orders deployments by time of creation.
func newness(d deploymentBrief) string {
	return d.CreatedAt.Time().Format("2006-01-02T15:04:05.000000000") + d.ServiceDeploymentArn
}

// deploymentDetail is a service deployment as DescribeServiceDeployments shows it.
type deploymentDetail struct {
	ServiceDeploymentArn    string                            `json:"serviceDeploymentArn"`
	ServiceArn              string                            `json:"serviceArn"`
	ClusterArn              string                            `json:"clusterArn"`
	TargetServiceRevision   *revisionSummary                  `json:"targetServiceRevision,omitzero"`
	SourceServiceRevisions  []revisionSummary                 `json:"sourceServiceRevisions,omitzero"`
	Status                  scheduler.ServiceDeploymentStatus `json:"status"`
	StatusReason            string                            `json:"statusReason,omitzero"`
	LifecycleStage          scheduler.Stage                   `json:"lifecycleStage,omitzero"`
	LifecycleHookDetails    []hookDetail                      `json:"lifecycleHookDetails,omitzero"`
	DeploymentConfiguration ecs.DeploymentConfiguration       `json:"deploymentConfiguration,omitzero"`
	CreatedAt               ecs.Instant                       `json:"createdAt,omitzero"`
	StartedAt               ecs.Instant                       `json:"startedAt,omitzero"`
	FinishedAt              ecs.Instant                       `json:"finishedAt,omitzero"`
	StoppedAt               ecs.Instant                       `json:"stoppedAt,omitzero"`
	UpdatedAt               ecs.Instant                       `json:"updatedAt,omitzero"`
}

// revisionSummary counts the tasks of a revision of a service.
type revisionSummary struct {
	Arn                string `json:"arn"`
	RequestedTaskCount int    `json:"requestedTaskCount"`
	RunningTaskCount   int    `json:"runningTaskCount"`
	PendingTaskCount   int    `json:"pendingTaskCount"`
}

// hookDetail is a hook of a deployment's present stage.
type hookDetail struct {
	HookID string               `json:"hookId"`
	Status scheduler.HookStatus `json:"status"`
}

func describeServiceDeployments(p *control.Plane, in ecs.DescribeServiceDeploymentsInput) (any, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	found, failures := []deploymentDetail{}, []ecs.Failure{}
	for _, arn := range in.ServiceDeploymentArns {
		if d, ok := findDeployment(p, arn); ok {
			found = append(found, d)
		} else {
			failures = append(failures, ecs.Failure{Arn: arn, Reason: "MISSING"})
		}
	}
	return object{"serviceDeployments": found, "failures": failures}, nil
}

// owner is the cluster and the service that an ARN "…/CLUSTER/SERVICE/NUMBER" names.
func owner(arn string) (cluster, service string) {
	parts := strings.Split(arn, "/")
	if len(parts) != 4 {
		return "", ""
	}
	return parts[1], parts[2]
}

func findDeployment(p *control.Plane, arn string) (deploymentDetail, bool) {
	cluster, service := owner(arn)
	all, err := p.ServiceDeployments(cluster, service)
	i := slices.IndexFunc(all, func(d control.ServiceDeployment) bool { return d.ServiceDeploymentArn == arn })
	if err != nil || i < 0 {
		return deploymentDetail{}, false
	}
	d, b := all[i], briefly(all[i])
	v := deploymentDetail{
		ServiceDeploymentArn: d.ServiceDeploymentArn, ServiceArn: d.ServiceArn, ClusterArn: d.ClusterArn, Status: d.Status, StatusReason: d.StatusReason,
		LifecycleStage: d.LifecycleStage, CreatedAt: b.CreatedAt, StartedAt: b.StartedAt, FinishedAt: b.FinishedAt, UpdatedAt: d.UpdatedAt,
	}
	if d.Status == scheduler.ServiceDeploymentStatusStopped {
		v.StoppedAt = d.UpdatedAt
	}
	for _, h := range d.Hooks {
		v.LifecycleHookDetails = append(v.LifecycleHookDetails, hookDetail{h.ID, h.Status})
	}
	out, err := p.DescribeServices(ecs.DescribeServicesInput{Cluster: cluster, Services: []string{service}})
	if err != nil || len(out.Services) == 0 {
		return v, true
	}
	v.DeploymentConfiguration = out.Services[0].DeploymentConfiguration
	v.summarize(d, all, out.Services[0].Deployments)
	return v, true
}

// summarize counts the tasks of the deployment's revision, and of the others that still run.
func (v *deploymentDetail) summarize(d control.ServiceDeployment, all []control.ServiceDeployment, counts []ecs.Deployment) {
	v.TargetServiceRevision = &revisionSummary{Arn: d.TargetServiceRevisionArn}
	for _, o := range all {
		_, number, _ := cutLast(o.ServiceDeploymentArn)
		i := slices.IndexFunc(counts, func(c ecs.Deployment) bool { return c.ID == "ecs-svc/"+number })
		if i < 0 {
			continue
		}
		s := revisionSummary{o.TargetServiceRevisionArn, counts[i].DesiredCount, counts[i].RunningCount, counts[i].PendingCount}
		if o.ServiceDeploymentArn == d.ServiceDeploymentArn {
			v.TargetServiceRevision = &s
		} else if !over(d.Status) {
			v.SourceServiceRevisions = append(v.SourceServiceRevisions, s)
		}
	}
}

// cutLast slices s around the last slash.
func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// describeServiceRevisionsInput is the input of DescribeServiceRevisions.
type describeServiceRevisionsInput struct {
	ServiceRevisionArns []string `json:"serviceRevisionArns"`
}

func describeServiceRevisions(p *control.Plane, in describeServiceRevisionsInput) (any, error) {
	if n := len(in.ServiceRevisionArns); n < 1 || n > 20 {
		return nil, ecs.Fault(ecs.InvalidParameterException, "serviceRevisionArns", "serviceRevisionArns must name 1 to 20 revisions.")
	}
	found, failures := []control.ServiceRevision{}, []ecs.Failure{}
	for _, arn := range in.ServiceRevisionArns {
		cluster, service := owner(arn)
		all, err := p.ServiceRevisions(cluster, service)
		i := slices.IndexFunc(all, func(r control.ServiceRevision) bool { return r.ServiceRevisionArn == arn })
		if err != nil || i < 0 {
			failures = append(failures, ecs.Failure{Arn: arn, Reason: "MISSING"})
			continue
		}
		found = append(found, all[i])
	}
	return object{"serviceRevisions": found, "failures": failures}, nil
}
