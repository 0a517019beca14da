package cloudwatch

import "github.com/bayplan/bayplan/ecs"

// Utilization returns a service's CPUUtilization or MemoryUtilization in percent: what its tasks use ÷
// (what one task reserves × tasks running). It may exceed 100. Without a running task the datapoint is
// missing. Source: Amazon ECS Developer Guide, "Amazon ECS service utilization metrics".
func Utilization(used float64, reserved int64, tasks int) Datapoint {
	if tasks <= 0 {
		return Datapoint{Missing: true}
	}
	return ratio(used, float64(float64(reserved)*float64(tasks)))
}

// Registered returns what a cluster's instances registered: those that are ACTIVE or DRAINING.
func Registered(instances []ecs.ContainerInstance) ecs.Resources {
	var sum ecs.Resources
	for _, ci := range instances {
		if ci.Status == ecs.ContainerInstanceStatusActive || ci.Status == ecs.ContainerInstanceStatusDraining {
			sum = sum.Plus(ci.Registered())
		}
	}
	return sum
}

// CPUReservation returns a cluster's CPU reservation in percent: what running tasks reserve ÷ what
// instances registered. Without instances the datapoint is missing, and so it is for Fargate. Source:
// Amazon ECS Developer Guide, "Amazon ECS cluster reservation metrics".
func CPUReservation(reserved, registered ecs.Resources) Datapoint {
	return ratio(float64(reserved.CPU), float64(registered.CPU))
}

// MemoryReservation is CPUReservation for memory.
func MemoryReservation(reserved, registered ecs.Resources) Datapoint {
	return ratio(float64(reserved.Memory), float64(registered.Memory))
}

// GPUReservation is CPUReservation for GPUs.
func GPUReservation(reserved, registered ecs.Resources) Datapoint {
	return ratio(float64(reserved.GPU), float64(registered.GPU))
}

// ClusterUtilization returns a cluster's CPUUtilization or MemoryUtilization in percent: what
// tasks use ÷ what instances registered of it.
func ClusterUtilization(used float64, registered int64) Datapoint {
	return ratio(used, float64(registered))
}

// RequestCountPerTarget returns a target group's requests in a period ÷ its targets. A period without
// requests has a datapoint too, which is 0. Without targets the value is the number of requests. Source:
// Elastic Load Balancing, "CloudWatch metrics for your Application Load Balancer".
func RequestCountPerTarget(requests float64, targets int) Datapoint {
	return Datapoint{Value: requests / float64(max(1, targets))}
}

func ratio(part, whole float64) Datapoint {
	if whole <= 0 {
		return Datapoint{Missing: true}
	}
	return Datapoint{Value: float64(part*100) / whole}
}
