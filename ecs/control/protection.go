package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// UpdateTaskProtection protects service tasks from scale-in and deployments, or ends that.
// A task that belongs to no service or does not run is a Failure TASK_NOT_VALID.
// Source: Amazon ECS API Reference, UpdateTaskProtection.
func (p *Plane) UpdateTaskProtection(now time.Time, in ecs.UpdateTaskProtectionInput) (ecs.TaskProtectionOutput, error) {
	return request(p, now, "UpdateTaskProtection", in, func(in ecs.UpdateTaskProtectionInput) (ecs.TaskProtectionOutput, error) {
		if err := in.Validate(); err != nil {
			return ecs.TaskProtectionOutput{}, err
		}
		event := lifecycle.ProtectionDisabled(p.now().Time())
		if in.ProtectionEnabled {
			event = lifecycle.ProtectionEnabled(p.now().Time(), in.ExpiresInMinutes)
		}
		return p.protection(in.Cluster, in.Tasks, func(t *task) { p.step(t, event) })
	})
}

// GetTaskProtection returns the scale-in protection of service tasks.
// Source: Amazon ECS API Reference, GetTaskProtection.
func (p *Plane) GetTaskProtection(in ecs.GetTaskProtectionInput) (ecs.TaskProtectionOutput, error) {
	if err := in.Validate(); err != nil {
		return ecs.TaskProtectionOutput{}, err
	}
	return p.protection(in.Cluster, in.Tasks, func(*task) {})
}

func (p *Plane) protection(cluster string, tasks []string, apply func(*task)) (ecs.TaskProtectionOutput, error) {
	out := ecs.TaskProtectionOutput{ProtectedTasks: []ecs.ProtectedTask{}, Failures: []ecs.Failure{}}
	c, err := p.cluster(cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range tasks {
		t, ok := p.byTask[ecs.TaskID(nameOf(ref))]
		switch {
		case !ok || t.cluster != c:
			out.Failures = append(out.Failures, missing(ref))
		case t.Service == "" || t.Machine.Last != lifecycle.StatusRunning:
			out.Failures = append(out.Failures, ecs.Failure{Arn: t.arn(p), Reason: "TASK_NOT_VALID"})
		default:
			apply(t)
			until := t.protectedUntil(p.now())
			out.ProtectedTasks = append(out.ProtectedTasks, ecs.ProtectedTask{TaskArn: t.arn(p), ProtectionEnabled: until != 0, ExpirationDate: until})
		}
	}
	return out, nil
}
