package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/placement"
)

// cluster is what the documents describe: a service, its definitions, and where it runs.
type cluster struct {
	definition, running ecs.TaskDefinition // as registered
	rolling             bool               // running is another one
	service             ecs.Service
	tasks               []ecs.Task // of the service
	instances           []ecs.ContainerInstance
	snapshot            *placement.Snapshot
	request, old        placement.Request // of a task of each definition
	made                string            // why the instances are what they are, where no document tells
}

func newCluster(a asked, d ecs.TaskDefinition) (*cluster, error) {
	c := &cluster{}
	var registry ecs.Registry
	register := func(d ecs.TaskDefinition) (ecs.TaskDefinition, error) { return registry.Register(time.Time{}, d) }
	var err error
	if c.running, err = register(d); err != nil {
		return nil, err
	}
	c.definition = c.running
	if len(a.Running) > 0 {
		old, err := ecs.ParseTaskDefinition(a.Running)
		if err = errors.Join(err, old.Validate()); err != nil {
			return nil, fmt.Errorf("the definition that runs: %w", err)
		}
		if c.running, err = register(old); err != nil {
			return nil, err
		}
		c.rolling = true
	}
	if err := c.readService(a); err != nil {
		return nil, err
	}
	if err := c.readInstances(a); err != nil {
		return nil, err
	}
	if c.request, err = c.ask(c.definition); err != nil {
		return nil, err
	}
	c.old, err = c.ask(c.running)
	return c, err
}

// readService takes the first service described, or makes one.
func (c *cluster) readService(a asked) error {
	if len(a.Service) > 0 {
		var out ecs.DescribeServicesOutput
		if err := json.Unmarshal(a.Service, &out); err != nil {
			return fmt.Errorf("describe-services: %w", err)
		}
		if len(out.Services) == 0 {
			return errors.New("describe-services: no service is described")
		}
		c.service = out.Services[0]
		return nil
	}
	c.service = ecs.Service{ServiceName: c.definition.Family, DesiredCount: a.Count, Status: ecs.ServiceStatusActive, SchedulingStrategy: ecs.SchedulingStrategyReplica}
	if slices.Contains(c.definition.RequiresCompatibilities, ecs.CompatibilityFargate) {
		c.service.LaunchType = ecs.LaunchTypeFargate
	}
	if c.definition.NetworkMode == ecs.NetworkModeAwsvpc {
		c.service.NetworkConfiguration = &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: subnets()}}
	}
	return nil
}

func (c *cluster) readInstances(a asked) error {
	if len(a.Instances) == 0 && !c.fargate() {
		n := 5
		if len(c.definition.StaticHostPorts()) > 0 {
			n = c.service.DesiredCount + 1 // one task an instance, and one to roll over to
		}
		fleet, err := sim.FleetFor(c.definition, zones(), n, c.service.DesiredCount+1)
		if err != nil {
			return err
		}
		c.made = fmt.Sprintf("on %d × %s", n, fleet.Why)
		for i, ci := range fleet.Instances {
			ci.ContainerInstanceArn = fmt.Sprintf("i-%d", i+1)
			c.instances = append(c.instances, ci)
		}
		c.snapshot, err = placement.NewSnapshot(slices.Values(c.instances), nil)
		return err
	}
	var described ecs.DescribeContainerInstancesOutput
	var tasks ecs.DescribeTasksOutput
	for _, f := range []struct {
		name string
		data []byte
		to   any
	}{{"describe-container-instances", a.Instances, &described}, {"describe-tasks", a.Tasks, &tasks}} {
		if len(f.data) == 0 {
			continue
		}
		if err := json.Unmarshal(f.data, f.to); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	c.instances = described.ContainerInstances
	for _, t := range tasks.Tasks {
		if t.Group == "service:"+c.service.ServiceName && t.LastStatus != "STOPPED" {
			c.tasks = append(c.tasks, t)
		}
	}
	var err error
	c.snapshot, err = placement.ReadSnapshot(a.Instances, a.Tasks)
	return err
}

// ask is what placement is asked for one task of the service.
func (c *cluster) ask(d ecs.TaskDefinition) (placement.Request, error) {
	r, err := placement.NewRequest(d, "service:"+c.service.ServiceName)
	r.Constraints = append(r.Constraints, c.service.PlacementConstraints...)
	r.Strategy = c.service.PlacementStrategy
	return r, err
}

func (c *cluster) fargate() bool {
	for _, item := range c.service.CapacityProviderStrategy {
		return strings.HasPrefix(item.CapacityProvider, "FARGATE")
	}
	return c.service.LaunchType == ecs.LaunchTypeFargate
}

func zones() []string { return []string{"us-east-1a", "us-east-1b", "us-east-1c"} }

func subnets() []string {
	var list []string
	for _, z := range zones() {
		list = append(list, "subnet-"+z)
	}
	return list
}

// zoneOfSubnet takes subnets' zones from the instances in them; others get one in turn.
func (c *cluster) zoneOfSubnet() map[string]string {
	known := map[string]string{}
	for _, ci := range c.instances {
		subnet, _ := ci.Attribute("ecs.subnet-id")
		known[subnet], _ = ci.Attribute("ecs.availability-zone")
	}
	if n := c.service.NetworkConfiguration; n != nil && n.AwsvpcConfiguration != nil {
		for i, subnet := range n.AwsvpcConfiguration.Subnets {
			if known[subnet] == "" {
				known[subnet] = zones()[i%len(zones())]
			}
		}
	}
	return known
}
