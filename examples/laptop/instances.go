package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/process"
	"github.com/bayplan/bayplan/ecs/message"
)

// instanceName is the EC2 instance ID of an instance.
func instanceName(i int) string { return fmt.Sprintf("i-%017x", i+1) }

// addressOf returns the loopback address of an instance.
func addressOf(target string) (string, bool) {
	for i, a := range addresses() {
		if instanceName(i) == target {
			return a, true
		}
	}
	return "", false
}

// join registers the instances with a plane that does not have them, and returns their IDs in order. It boots those
// that have not booted.
func join(plane *control.Plane, now time.Time, directory string) ([]ecs.InstanceID, error) {
	page, err := plane.ListContainerInstances(api.ListContainerInstancesInput{})
	if err != nil && len(page.Arns) == 0 {
		page.Arns = nil // the cluster comes with its first instance
	}
	known := map[string]ecs.InstanceID{}
	if len(page.Arns) > 0 {
		out, err := plane.DescribeContainerInstances(api.DescribeContainerInstancesInput{ContainerInstances: page.Arns})
		if err != nil {
			return nil, err
		}
		for _, ci := range out.ContainerInstances {
			known[ci.EC2InstanceID] = ci.ID()
		}
	}
	ids := make([]ecs.InstanceID, len(addresses()))
	for i := range ids {
		name := instanceName(i)
		if id, ok := known[name]; ok {
			ids[i] = id
			continue
		}
		booted, err := boot(directory, name)
		if err != nil {
			return nil, err
		}
		in, err := booted.Registration(agentconfig.Machine{CPU: 4096, Memory: 4096})
		if err != nil {
			return nil, err
		}
		zone := zoneOf(i)
		in.InstanceIdentityDocument = fmt.Sprintf(`{"instanceId": %q, "availabilityZone": %q}`, name, zone)
		in.Attributes = append(in.Attributes, ecs.Attribute{Name: "ecs.availability-zone", Value: zone})
		ci, err := plane.RegisterContainerInstance(now, in)
		if err != nil {
			return nil, err
		}
		ids[i] = ci.ID()
	}
	return ids, nil
}

// open starts the instances, which go on with the tasks that run. No loop runs yet.
func (f *fleet) open(p part, program string, ids []ecs.InstanceID, notify func(message.Event)) error {
	for i, id := range ids {
		h, err := openHost(p, i, id, map[string]process.Program{webImage: {Path: program, Arguments: []string{"web"}}},
			notify)
		if err != nil {
			return err
		}
		f.list = append(f.list, h)
		f.runtimes = append(f.runtimes, h.runtime)
		f.agents[id] = h
	}
	return nil
}

// fleet is the instances.
type fleet struct {
	agents   agent.Agents
	list     []*host
	runtimes []*process.Runtime
}

// close ends the agents, and leaves their tasks.
func (f *fleet) close() {
	for _, h := range f.list {
		h.close()
	}
}

// lastPart returns what stands behind the last slash of an ARN.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// same reports whether two lists have the same members.
func same(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
