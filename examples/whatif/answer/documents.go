package answer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/definition"
	"github.com/bayplan/bayplan/placement"
)

// cluster is what the documents describe: a service, its definitions, and where it runs.
type cluster struct {
	definition, running ecs.TaskDefinition // as registered
	rolling             bool               // tasks of running run
	service             ecs.Service
	tasks               []ecs.Task // of the service, that run or are to
	instances           []ecs.ContainerInstance
	snapshot            *placement.Snapshot
	request, old        placement.Request                // of a task of each definition
	keep                bool                             // there is no new deployment
	more                map[ecs.InstanceID]ecs.Resources // what others give up, of an edited cluster
	made                bool                             // the instances are a fleet made up here
	notes               []string                         // what is taken for granted, for the report
}

// mostDesired bounds the desired count of a service: ECS runs 5,000 tasks of one, unless a quota is raised.
const mostDesired = 10_000

func newCluster(q Question, d ecs.TaskDefinition) (*cluster, error) {
	c := &cluster{definition: d, keep: q.Keep}
	if err := c.readService(q); err != nil {
		return nil, err
	}
	if n := c.service.DesiredCount; n < 0 || n > mostDesired {
		return nil, fmt.Errorf("a desired count of %d is not between 0 and %d", n, mostDesired)
	}
	if err := c.readTasks(q); err != nil {
		return nil, err
	}
	if err := c.readRunning(q); err != nil {
		return nil, err
	}
	if err := c.register(); err != nil {
		return nil, err
	}
	if err := c.readInstances(q); err != nil {
		return nil, err
	}
	var err error
	if c.request, err = c.ask(c.definition); err != nil {
		return nil, err
	}
	c.old, err = c.ask(c.running)
	return c, err
}

// note adds a line about what is taken for granted.
func (c *cluster) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// register gives the definitions their revisions: what runs is the older one.
func (c *cluster) register() error {
	var revisions registry.Registry
	var err error
	if c.rolling {
		if c.running, err = revisions.Register(time.Time{}, c.running); err != nil {
			return fmt.Errorf("the definition that runs: %w", err)
		}
	}
	if c.definition, err = revisions.Register(time.Time{}, c.definition); err != nil {
		return err
	}
	if !c.rolling {
		c.running = c.definition
	}
	return nil
}

// readService takes the first service described, or makes one.
func (c *cluster) readService(q Question) error {
	if len(q.Service) > 0 {
		var out api.DescribeServicesOutput
		if err := json.Unmarshal(q.Service, &out); err != nil {
			return fmt.Errorf("describe-services: %w", err)
		}
		if len(out.Services) == 0 {
			return errors.New("describe-services: no service is described")
		}
		if len(out.Services) > 1 {
			c.note("%d services are described: this is about the first, %s", len(out.Services),
				out.Services[0].ServiceName)
		}
		c.service = out.Services[0]
		return nil
	}
	c.service = ecs.Service{ServiceName: c.definition.Family, DesiredCount: q.Count, Status: ecs.ServiceStatusActive,
		SchedulingStrategy: ecs.SchedulingStrategyReplica}
	if slices.Contains(c.definition.RequiresCompatibilities, ecs.CompatibilityFargate) {
		c.service.LaunchType = ecs.LaunchTypeFargate
	}
	if c.definition.NetworkMode == ecs.NetworkModeAwsvpc {
		vpc := ecs.AwsvpcConfiguration{Subnets: subnets()}
		c.service.NetworkConfiguration = &ecs.NetworkConfiguration{AwsvpcConfiguration: &vpc}
	}
	return nil
}

// readTasks takes the tasks of the service that run or are to.
func (c *cluster) readTasks(q Question) error {
	described := 0
	objects := json.NewDecoder(strings.NewReader(string(q.Tasks)))
	for objects.More() {
		var out api.DescribeTasksOutput
		if err := objects.Decode(&out); err != nil {
			return fmt.Errorf("describe-tasks: %w", err)
		}
		for _, t := range out.Tasks {
			described++
			over := t.LastStatus.Over() || t.DesiredStatus == ecs.DesiredStatusStopped
			if t.Group == c.group() && !over {
				c.tasks = append(c.tasks, t)
			}
		}
	}
	switch n := c.service.RunningCount; {
	case len(q.Tasks) > 0 && len(q.Instances) == 0 && !c.fargate():
		return errors.New("-tasks needs -container-instances: the instances that the tasks run on")
	case len(c.tasks) == 0 && n > 0 && len(q.Tasks) > 0:
		return fmt.Errorf("-service says that %s of %s run, but none of the tasks of -tasks is of group %s (it has %d)",
			count(n, "task"), c.service.ServiceName, c.group(), described)
	case len(c.tasks) == 0 && n > 0 && len(q.Instances) > 0:
		return fmt.Errorf("-service says that %s of %s run: add -tasks, which says on which instances",
			count(n, "task"), c.service.ServiceName)
	case len(c.tasks) > 0 && len(q.Service) > 0 && n != len(c.tasks):
		c.note("-service says that %s run, and -tasks has %d: this goes by the tasks", count(n, "task"), len(c.tasks))
	}
	return nil
}

// readRunning finds what runs: the tasks show what they hold, and -running the rest.
func (c *cluster) readRunning(q Question) error {
	if len(q.Running) > 0 {
		d, left, err := definition.Read(q.Running)
		if err != nil {
			return fmt.Errorf("the definition that runs: %w", err)
		}
		if left != "" {
			c.note("-running: %s", left)
		}
		c.running, c.rolling = d.Normalize(), true
	}
	switch {
	case len(c.tasks) > 0:
		c.showRunning(len(q.Running) > 0)
	case len(q.Running) > 0 && len(q.Tasks) > 0:
		c.note("no task of %s runs: -running is not needed", c.group())
		c.rolling = false
	case len(q.Running) > 0:
		c.note("taken to run already, of the definition of -running: %s", count(c.service.DesiredCount, "task"))
	case c.service.RunningCount > 0:
		c.note("running already, by -service: %s, taken to be of the same size as new ones",
			count(c.service.RunningCount, "task"))
		c.running, c.rolling = c.definition, true
	}
	return nil
}

// showRunning takes what runs from the tasks, unless the definition that is given fits them.
func (c *cluster) showRunning(given bool) {
	shown := shownBy(c.tasks[0], c.service, c.definition)
	fits := c.running.Requirements() == shown.Requirements() &&
		slices.Equal(c.running.StaticHostPorts(), shown.StaticHostPorts())
	if given && !fits {
		n := shown.Requirements()
		c.note(
			"-running asks for other resources than the tasks hold: this goes by the tasks, %d CPU units and %d "+
				"MiB each",
			n.CPU, n.Memory)
	}
	if !given || !fits {
		c.running = shown
	}
	c.rolling = true
}

// kinds counts how different the tasks that run are.
func (c *cluster) kinds() int {
	seen := map[string]bool{}
	for _, t := range c.tasks {
		d := shownBy(t, c.service, c.definition)
		seen[fmt.Sprint(d.Requirements(), d.StaticHostPorts())] = true
	}
	return len(seen)
}

func (c *cluster) readInstances(q Question) error {
	if len(q.Instances) == 0 && !c.fargate() {
		n := 5
		if len(c.definition.StaticHostPorts()) > 0 {
			n = c.service.DesiredCount + 1 // one task an instance, and one to roll over to
		}
		fleet, err := sim.FleetFor(c.definition, zones(), n, c.service.DesiredCount+1)
		if err != nil {
			return err
		}
		c.made = true
		c.note("on %d × %s", n, fleet.Why)
		for i, ci := range fleet.Instances {
			ci.ContainerInstanceArn = fmt.Sprintf("i-%d", i+1)
			ci.Status, ci.AgentConnected = ecs.ContainerInstanceStatusActive, true
			c.instances = append(c.instances, ci)
		}
		c.snapshot, err = placement.NewSnapshot(slices.Values(c.instances), nil)
		return err
	}
	objects := json.NewDecoder(strings.NewReader(string(q.Instances)))
	for objects.More() {
		var described api.DescribeContainerInstancesOutput
		if err := objects.Decode(&described); err != nil {
			return fmt.Errorf("describe-container-instances: %w", err)
		}
		c.instances = append(c.instances, described.ContainerInstances...)
	}
	var err error
	c.snapshot, err = placement.ReadSnapshot(q.Instances, q.Tasks)
	return err
}

// ask is what placement is asked for one task of the service.
func (c *cluster) ask(d ecs.TaskDefinition) (placement.Request, error) {
	r, err := placement.NewRequest(d, c.group())
	r.Constraints = append(r.Constraints, c.service.PlacementConstraints...)
	r.Strategy = c.service.PlacementStrategy
	return r, err
}

func (c *cluster) group() string { return "service:" + c.service.ServiceName }

func (c *cluster) daemon() bool { return c.service.SchedulingStrategy == ecs.SchedulingStrategyDaemon }

func (c *cluster) fargate() bool {
	return ecs.OnFargate(c.service.LaunchType, c.service.CapacityProviderStrategy)
}

// provider is the capacity provider of instances that the service's tasks go to; "" if none.
func (c *cluster) provider() string {
	if c.fargate() || len(c.service.CapacityProviderStrategy) != 1 {
		return ""
	}
	return c.service.CapacityProviderStrategy[0].CapacityProvider
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

// count returns "1 task", "2 tasks".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
