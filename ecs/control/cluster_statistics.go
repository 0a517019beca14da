package control

import (
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// statistics counts the tasks and services of a cluster by launch type, in the order of the
// documentation. A service with a capacity provider strategy counts with the launch type of
// its tasks' providers, a task with its own.
// Source: Amazon ECS API Reference, Cluster, "statistics".
func (p *Plane) statistics(c *fleet.Cluster) []ecs.KeyValuePair {
	const ec2, fargate = 0, 1
	var running, pending [2]int // tasks
	var active, draining [2]int // services
	for _, t := range p.tasks.In(c) {
		kind := ec2
		if t.LaunchType == ecs.LaunchTypeFargate {
			kind = fargate
		}
		switch t.Status() {
		case ecs.TaskStatusRunning:
			running[kind]++
		case ecs.TaskStatusProvisioning, ecs.TaskStatusPending, ecs.TaskStatusActivating:
			pending[kind]++
		}
	}
	for _, s := range p.services.In(c) {
		kind := ec2
		if s.OnFargate() {
			kind = fargate
		}
		switch s.Record.Status {
		case ecs.ServiceStatusActive:
			active[kind]++
		case ecs.ServiceStatusDraining:
			draining[kind]++
		}
	}
	var list []ecs.KeyValuePair
	for _, count := range []struct {
		name string
		n    int
	}{
		{"runningEC2TasksCount", running[ec2]}, {"runningFargateTasksCount", running[fargate]},
		{"pendingEC2TasksCount", pending[ec2]}, {"pendingFargateTasksCount", pending[fargate]},
		{"activeEC2ServiceCount", active[ec2]}, {"activeFargateServiceCount", active[fargate]},
		{"drainingEC2ServiceCount", draining[ec2]}, {"drainingFargateServiceCount", draining[fargate]},
	} {
		list = append(list, ecs.KeyValuePair{Name: count.name, Value: strconv.Itoa(count.n)})
	}
	return list
}
