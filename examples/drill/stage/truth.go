package stage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/codedeploy"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Deployment is a deployment of the service, of Amazon ECS or of AWS CodeDeploy.
type Deployment struct {
	ID       string
	Status   string // ECS's or CodeDeploy's own word
	Revision string // family:revision, if it is known
	Over     bool
	Good     bool // it succeeded
	Ended    time.Time
}

// state is the service at one moment.
type state struct {
	there       bool
	names       string // the revision that the service names
	desired     int
	deployments []Deployment   // the newest first
	serving     map[string]int // running tasks by revision
	used        map[string]bool
	suspended   bool // its scaling is suspended, in whole or in part
}

// shown reads the state of the service from the plane.
func (s *Stage) shown(p *control.Plane) (state, error) {
	now := state{serving: map[string]int{}, used: map[string]bool{}}
	service, there, err := s.service(p)
	if err != nil || !there {
		return now, err
	}
	now.there, now.desired = true, service.DesiredCount
	now.names = revision(service.TaskDefinition)
	for _, d := range service.Deployments {
		now.used[revision(d.TaskDefinition)] = true
	}
	for _, set := range service.TaskSets {
		now.used[revision(set.TaskDefinition)] = true
	}
	if err := s.countTasks(p, &now); err != nil {
		return now, err
	}
	if now.deployments, err = s.deployments(p, service); err != nil {
		return now, err
	}
	now.suspended, err = s.suspended(p)
	return now, err
}

// service describes the service, if there is one that is not INACTIVE.
func (s *Stage) service(p *control.Plane) (service ecs.Service, there bool, err error) {
	out, err := p.DescribeServices(api.DescribeServicesInput{Cluster: s.names.Cluster,
		Services: []string{s.names.Service}})
	if err != nil || len(out.Services) == 0 || out.Services[0].Status == ecs.ServiceStatusInactive {
		return service, false, err
	}
	return out.Services[0], true, nil
}

// revision is the family and the number of a task definition's ARN.
func revision(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// countTasks counts the service's running tasks by revision.
func (s *Stage) countTasks(p *control.Plane, now *state) error {
	in := api.ListTasksInput{Cluster: s.names.Cluster, ServiceName: s.names.Service}
	for {
		page, err := p.ListTasks(in)
		if err != nil || len(page.Arns) == 0 {
			return err
		}
		out, err := p.DescribeTasks(api.DescribeTasksInput{Cluster: s.names.Cluster, Tasks: page.Arns})
		if err != nil {
			return err
		}
		for _, t := range out.Tasks {
			now.used[revision(t.TaskDefinitionArn)] = true
			if t.LastStatus == ecs.TaskStatusRunning {
				now.serving[revision(t.TaskDefinitionArn)]++
			}
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			return nil
		}
	}
}

// deployments are those of the service's controller.
func (s *Stage) deployments(p *control.Plane, service ecs.Service) ([]Deployment, error) {
	if c := service.DeploymentController; c != nil && c.Type == ecs.DeploymentControllerTypeCodeDeploy {
		return s.codeDeployments(p)
	}
	if c := service.DeploymentController; c != nil && c.Type == ecs.DeploymentControllerTypeExternal {
		return taskSets(service), nil
	}
	in := api.ListServiceDeploymentsInput{Cluster: s.names.Cluster, Service: s.names.Service}
	page, err := p.ListServiceDeployments(in)
	if err != nil || len(page.ServiceDeployments) == 0 {
		return nil, err
	}
	var revisions []string
	for _, d := range page.ServiceDeployments {
		revisions = append(revisions, d.TargetServiceRevisionArn)
	}
	shown, err := p.DescribeServiceRevisions(api.DescribeServiceRevisionsInput{ServiceRevisionArns: revisions})
	if err != nil {
		return nil, err
	}
	of := map[string]string{}
	for _, r := range shown.ServiceRevisions {
		of[r.ServiceRevisionArn] = revision(r.TaskDefinition)
	}
	var list []Deployment
	for _, d := range page.ServiceDeployments {
		list = append(list, Deployment{ID: d.ServiceDeploymentArn, Status: string(d.Status),
			Revision: of[d.TargetServiceRevisionArn], Over: d.Status.Over(),
			Good: d.Status == ecs.ServiceDeploymentStatusSuccessful, Ended: d.FinishedAt.Time()})
	}
	return list, nil
}

// taskSets are the deployments of the controller EXTERNAL: a task set that is PRIMARY and steady is a success.
func taskSets(service ecs.Service) (list []Deployment) {
	for _, set := range service.TaskSets {
		steady := set.StabilityStatus == ecs.StabilityStatusSteadyState
		list = append(list, Deployment{ID: set.TaskSetArn, Status: string(set.StabilityStatus),
			Revision: revision(set.TaskDefinition), Over: steady,
			Good: steady && set.Status == ecs.DeploymentStatusPrimary, Ended: set.StabilityStatusAt.Time()})
	}
	return list
}

// codeDeployments are those of CodeDeploy's deployment group.
func (s *Stage) codeDeployments(p *control.Plane) (list []Deployment, err error) {
	deploy := p.CodeDeploy()
	page, err := deploy.ListDeployments(codedeploy.ListDeploymentsInput{ApplicationName: s.names.Application(),
		DeploymentGroupName: s.names.Group()})
	if err != nil {
		return nil, err
	}
	for _, id := range page.Deployments {
		out, err := deploy.GetDeployment(codedeploy.DeploymentInput{DeploymentID: id})
		if err != nil {
			return nil, err
		}
		d := out.DeploymentInfo
		one := Deployment{ID: id, Status: string(d.Status), Ended: d.CompleteTime.Time()}
		one.Good = d.Status == scheduler.CodeDeployStatusSucceeded
		one.Over = one.Good || d.Status == scheduler.CodeDeployStatusFailed ||
			d.Status == scheduler.CodeDeployStatusStopped
		list = append(list, one)
	}
	return list, nil
}

// suspended reports whether scaling of the service is suspended.
func (s *Stage) suspended(p *control.Plane) (bool, error) {
	out, err := p.DescribeScalableTargets(autoscale.DescribeScalableTargetsInput{ServiceNamespace: "ecs",
		ResourceIDs: []string{"service/" + s.names.Cluster + "/" + s.names.Service}})
	if err != nil {
		return false, err
	}
	for _, t := range out.ScalableTargets {
		u := t.SuspendedState
		if u.DynamicScalingInSuspended || u.DynamicScalingOutSuspended || u.ScheduledScalingSuspended {
			return true, nil
		}
	}
	return false, nil
}

// rest reports whether nothing goes on with the service: its deployments are over, and the tasks that it desires run.
func (s *Stage) rest(p *control.Plane) bool {
	service, there, err := s.service(p)
	if err != nil || !there {
		return true
	}
	if service.RunningCount != service.DesiredCount || service.PendingCount > 0 {
		return false
	}
	list, err := s.deployments(p, service)
	return err != nil || !slices.ContainsFunc(list, func(d Deployment) bool { return !d.Over })
}

// revisions lists the revisions that serve, each with the number of its tasks: "web:1 ×3".
func revisions(serving map[string]int) (list []string) {
	for _, r := range slices.Sorted(maps.Keys(serving)) {
		list = append(list, fmt.Sprintf("%s ×%d", r, serving[r]))
	}
	return list
}
