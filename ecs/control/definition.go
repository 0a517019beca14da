package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// RegisterTaskDefinition checks a task definition and gives it the next revision of its
// family. The errors are those of ecs.Registry.Register.
// Source: Amazon ECS API Reference, RegisterTaskDefinition.
func (p *Plane) RegisterTaskDefinition(now time.Time, d ecs.TaskDefinition) (ecs.TaskDefinition, error) {
	return request(p, now, "RegisterTaskDefinition", d, func(d ecs.TaskDefinition) (ecs.TaskDefinition, error) {
		return p.registry.Register(p.now().Time(), d)
	})
}

// DescribeTaskDefinition returns a revision: "family" is the latest ACTIVE one,
// "family:revision" and ARNs name one.
func (p *Plane) DescribeTaskDefinition(ref string) (ecs.TaskDefinition, error) {
	return p.registry.Resolve(ref)
}

// DeregisterTaskDefinition makes a revision INACTIVE: what runs goes on, and services that
// use it may still scale; nothing new may use it.
// Source: Amazon ECS API Reference, DeregisterTaskDefinition.
func (p *Plane) DeregisterTaskDefinition(now time.Time, ref string) (ecs.TaskDefinition, error) {
	return request(p, now, "DeregisterTaskDefinition", ref, func(ref string) (ecs.TaskDefinition, error) {
		return p.registry.Deregister(p.now().Time(), ref)
	})
}

// TaskDefinitions is the answer of DeleteTaskDefinitions.
type TaskDefinitions struct {
	TaskDefinitions []ecs.TaskDefinition `json:"taskDefinitions"`
	Failures        []ecs.Failure        `json:"failures"`
}

// maxDeletedDefinitions is how many revisions one DeleteTaskDefinitions may name.
const maxDeletedDefinitions = 10

// DeleteTaskDefinitions starts the deletion of INACTIVE revisions. One that cannot be
// deleted is a Failure; the others are.
// Source: Amazon ECS API Reference, DeleteTaskDefinitions.
func (p *Plane) DeleteTaskDefinitions(now time.Time, refs []string) (TaskDefinitions, error) {
	return request(p, now, "DeleteTaskDefinitions", refs, p.deleteTaskDefinitions)
}

func (p *Plane) deleteTaskDefinitions(refs []string) (TaskDefinitions, error) {
	var out TaskDefinitions
	if n := len(refs); n < 1 || n > maxDeletedDefinitions {
		return out, fault(ecs.InvalidParameterException, "taskDefinitions", "taskDefinitions must name 1 to %d revisions, not %d.", maxDeletedDefinitions, n)
	}
	for _, ref := range refs {
		d, err := p.registry.Delete(p.now().Time(), ref)
		if err != nil {
			out.Failures = append(out.Failures, ecs.Failure{Arn: ref, Reason: failureReason(err), Detail: err.Error()})
			continue
		}
		out.TaskDefinitions = append(out.TaskDefinitions, d)
	}
	return out, nil
}

func failureReason(err error) string {
	for e := range ecs.Errors(err) {
		return string(e.Code)
	}
	return string(ecs.ServerException)
}

// ListTaskDefinitions lists the ARNs of revisions, family by family, each in ascending
// order of revision: those of the family, or of every family where it is empty, in the
// given status (empty: ACTIVE).
// Source: Amazon ECS API Reference, ListTaskDefinitions.
func (p *Plane) ListTaskDefinitions(family string, status ecs.TaskDefinitionStatus) []string {
	if status == "" {
		status = ecs.TaskDefinitionStatusActive
	}
	var arns []string
	for _, name := range p.registry.Families("", ecs.TaskDefinitionFamilyStatusAll) {
		if family != "" && name != family {
			continue
		}
		for _, d := range p.registry.Revisions(name) {
			if d.Status == status {
				arns = append(arns, d.TaskDefinitionArn)
			}
		}
	}
	return arns
}

// ListTaskDefinitionFamilies lists the families whose names start with prefix, in order:
// ACTIVE ones have an ACTIVE revision (empty status: ALL).
// Source: Amazon ECS API Reference, ListTaskDefinitionFamilies.
func (p *Plane) ListTaskDefinitionFamilies(prefix string, status ecs.TaskDefinitionFamilyStatus) []string {
	return p.registry.Families(prefix, status)
}
