package ecs

// TaskID is the last part of a task's ARN: 32 lower-case hexadecimal digits.
type TaskID string

// InstanceID names a container instance: the last part of its ARN, 32 lower-case
// hexadecimal digits. It is not the EC2 instance ID, though models may use that.
type InstanceID string
