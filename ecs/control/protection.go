package control

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/lifecycle"
)

// UpdateTaskProtection protects service tasks from scale-in and deployments, or ends that. A task
// that belongs to no service or does not run is a Failure TASK_NOT_VALID. A task is a Failure
// DEPLOYMENT_BLOCKED if protecting it would block a deployment: one waits, and more tasks of the
// service are protected than it is to have. Source: Amazon ECS API Reference, UpdateTaskProtection.
func (p *Plane) UpdateTaskProtection(
	now time.Time, in api.UpdateTaskProtectionInput,
) (api.TaskProtectionOutput, error) {
	return request(p, now, "UpdateTaskProtection", in,
		func(in api.UpdateTaskProtectionInput) (api.TaskProtectionOutput, error) {
			if err := in.Validate(); err != nil {
				return api.TaskProtectionOutput{}, err
			}
			event := lifecycle.ProtectionDisabled(p.core.Now().Time())
			if in.ProtectionEnabled {
				event = lifecycle.ProtectionEnabled(p.core.Now().Time(), in.ExpiresInMinutes)
			}
			return p.protection(in.Cluster, in.Tasks, func(t *tasks.Task) *ecs.Failure {
				if s := services.ServiceOf(t); in.ProtectionEnabled && s != nil && p.rollout.ProtectionBlocks(s) {
					return &ecs.Failure{Arn: t.ARN(), Reason: "DEPLOYMENT_BLOCKED",
						Detail: fmt.Sprintf("The service %s has more protected tasks than its desired count of %d, "+
							"and a deployment waits for them.", s.Record.ServiceName, s.Record.DesiredCount)}
				}
				p.tasks.Step(t, event)
				return nil
			})
		})
}

// GetTaskProtection returns the scale-in protection of service tasks.
// Source: Amazon ECS API Reference, GetTaskProtection.
func (p *Plane) GetTaskProtection(in api.GetTaskProtectionInput) (api.TaskProtectionOutput, error) {
	if err := in.Validate(); err != nil {
		return api.TaskProtectionOutput{}, err
	}
	return p.protection(in.Cluster, in.Tasks, func(*tasks.Task) *ecs.Failure { return nil })
}

// protection describes each task after apply, unless that refuses it.
func (p *Plane) protection(
	cluster string, tasks []string, apply func(*tasks.Task) *ecs.Failure,
) (api.TaskProtectionOutput, error) {
	out := api.TaskProtectionOutput{ProtectedTasks: []api.ProtectedTask{}, Failures: []ecs.Failure{}}
	c, err := p.fleet.Cluster(cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range tasks {
		t, ok := p.tasks.ByTask[ecs.TaskID(core.NameOf(ref))]
		switch {
		case !ok || t.Cluster != c:
			out.Failures = append(out.Failures, core.Missing(ref))
		case t.Service == "" || t.Machine.Last != lifecycle.StatusRunning:
			out.Failures = append(out.Failures, ecs.Failure{Arn: t.ARN(), Reason: "TASK_NOT_VALID"})
		default:
			if refused := apply(t); refused != nil {
				out.Failures = append(out.Failures, *refused)
				continue
			}
			until := t.ProtectedUntil(p.core.Now())
			out.ProtectedTasks = append(out.ProtectedTasks,
				api.ProtectedTask{TaskArn: t.ARN(), ProtectionEnabled: until != 0, ExpirationDate: until})
		}
	}
	return out, nil
}
