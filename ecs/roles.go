package ecs

import (
	"cmp"
)

// Roles returns the task role and the execution role that a task of the definition has; what
// the overrides say counts first. There is no other source: a task has no part in its
// instance's role, and neither role stands in for the other.
//
// Source: Amazon ECS Developer Guide, "Amazon ECS task IAM role".
func (d TaskDefinition) Roles(o *TaskOverride) (taskRole, executionRole string) {
	if o == nil {
		return d.TaskRoleArn, d.ExecutionRoleArn
	}
	return cmp.Or(o.TaskRoleArn, d.TaskRoleArn), cmp.Or(o.ExecutionRoleArn, d.ExecutionRoleArn)
}
