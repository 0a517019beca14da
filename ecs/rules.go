package ecs

// RuleSet chooses between the rules of today and of yesterday where AWS has widened them.
// The zero value is today's AWS.
type RuleSet string

// The values of RuleSet.
const (
	// RuleSetCurrent is what AWS takes today.
	RuleSetCurrent RuleSet = ""
	// RuleSetClassic is what AWS took around 2019: on Fargate only the awslogs log driver,
	// no private registries but Amazon ECR, no EFS, no ephemeral storage to choose, no
	// capability to add, at most 4 vCPU, and Linux on X86_64 alone; on EC2 a task size of at
	// most 10 vCPU; health checks that say CMD or CMD-SHELL.
	RuleSetClassic RuleSet = "classic"
)
