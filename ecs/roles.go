package ecs

import (
	"cmp"
)

// Roles returns the task role and the execution role of a task: those of the overrides, else those of the
// definition. Neither role stands in for the other, and the role of the instance for none.
//
// Source: Amazon ECS Developer Guide, "Amazon ECS task IAM role".
func (d TaskDefinition) Roles(o *TaskOverride) (taskRole, executionRole string) {
	if o == nil {
		return d.TaskRoleArn, d.ExecutionRoleArn
	}
	return cmp.Or(o.TaskRoleArn, d.TaskRoleArn), cmp.Or(o.ExecutionRoleArn, d.ExecutionRoleArn)
}
