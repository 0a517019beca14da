package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/definition"
)

const (
	clusterName = "demo"
	serviceName = "web"
	instances   = 5
	wanted      = 6
	patience    = 2 * time.Hour // of the simulated world
)

// story is one service on one simulated cluster.
type story struct {
	out        io.Writer
	world      *sim.World
	zones      []string
	names      names
	desired    int
	steady     int // times the service has said that it is steady
	registered ecs.TaskDefinition
	bars       string                // last bars printed
	reasons    map[ecs.TaskID]string // said last of each task
}

// subnets names one subnet a zone, for awsvpc tasks.
func subnets(zones []string) map[string]string {
	all := map[string]string{}
	for _, z := range zones {
		all["subnet-"+z] = z
	}
	return all
}

// newStory registers the definition and, unless Fargate runs its tasks, a fleet that holds them.
func newStory(out io.Writer, d ecs.TaskDefinition, zones []string, seed uint64) (*story, error) {
	s := &story{out: out, zones: zones, desired: wanted, reasons: map[ecs.TaskID]string{}}
	s.world = sim.New(sim.Config{Seed: seed, Digest: true,
		Plane: control.Config{Explain: true, ZoneOfSubnet: subnets(zones)}})
	if err := s.register(d); err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "task definition %s:%d, compatible with %s\n",
		s.registered.Family, s.registered.Revision, definition.Names(s.registered.Compatibilities))
	err := s.world.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.CreateCluster(now, api.CreateClusterInput{ClusterName: clusterName})
		return err
	})
	if err != nil || s.fargate() {
		return s, err
	}
	fleet, err := sim.FleetFor(s.registered, s.zones, instances, wanted+1)
	if err != nil {
		return nil, err
	}
	if fleet.Tasks <= wanted {
		s.desired = max(fleet.Tasks-1, 1)
		fmt.Fprintf(out, "%d instances hold %d such tasks: desired count %d leaves room to roll\n",
			instances, fleet.Tasks, s.desired)
	}
	wrap(out, fmt.Sprintf("%d ×", instances), fleet.Why)
	ids, err := s.world.AddFleet(clusterName, fleet.Instances)
	for i, id := range ids {
		s.names.add(string(id), fmt.Sprintf("i%d", i+1))
	}
	return s, cmp.Or(err, s.nameMachines(ids))
}

// nameMachines gives the EC2 instance IDs the names of their container instances.
func (s *story) nameMachines(ids []ecs.InstanceID) error {
	in := api.DescribeContainerInstancesInput{Cluster: clusterName}
	for _, id := range ids {
		in.ContainerInstances = append(in.ContainerInstances, string(id))
	}
	out, err := s.world.Plane().DescribeContainerInstances(in)
	for _, ci := range out.ContainerInstances {
		s.names.add(ci.EC2InstanceID, s.names.short(string(ci.ID())))
	}
	return err
}

func (s *story) fargate() bool {
	return slices.Contains(s.registered.RequiresCompatibilities, ecs.CompatibilityFargate)
}

func (s *story) register(d ecs.TaskDefinition) error {
	return s.world.Do(func(p *control.Plane, now time.Time) (err error) {
		s.registered, err = p.RegisterTaskDefinition(now, d)
		return err
	})
}

// create makes the service and follows it to its steady state.
func (s *story) create() error {
	in := api.CreateServiceInput{
		Cluster: clusterName, ServiceName: serviceName, TaskDefinition: s.registered.TaskDefinitionArn,
		DesiredCount:  ecs.Some(s.desired),
		LoadBalancers: s.loadBalancers(),
	}
	if s.registered.NetworkMode == ecs.NetworkModeAwsvpc {
		vpc := ecs.AwsvpcConfiguration{}
		for _, z := range s.zones {
			vpc.Subnets = append(vpc.Subnets, "subnet-"+z)
		}
		in.NetworkConfiguration = &ecs.NetworkConfiguration{AwsvpcConfiguration: &vpc}
	}
	if s.fargate() {
		in.LaunchType = ecs.LaunchTypeFargate
	}
	var placed []message.Change
	s.world.Watch(func(c message.Change) {
		if c.Kind == message.ChangeTask {
			placed = append(placed, c)
		}
	})
	if err := s.world.Do(func(p *control.Plane, now time.Time) error {
		service, err := p.CreateService(now, in)
		s.nameDeployments(service)
		return err
	}); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n1. service %s, desired count %d: where each task goes, and why\n"+
		"   (\"has 0 (next 1)\": none of the service's tasks is there, 1 in the place that comes next)\n\n",
		serviceName, s.desired)
	for _, c := range placed {
		if _, known := s.names.find(string(c.Task)); !known {
			s.placedLine(c)
		}
	}
	fmt.Fprintf(s.out, "\n2. from the start to a steady state\n\n")
	for c := range s.world.Changes() {
		s.tell(c)
	}
	s.world.Watch(s.tell)
	return s.untilSteady()
}

// nameDeployments calls a deployment after the revision that it rolls out.
func (s *story) nameDeployments(service ecs.Service) {
	for _, d := range service.Deployments {
		if _, known := s.names.find(d.ID); !known {
			s.names.add(d.ID, "of revision "+d.TaskDefinition[strings.LastIndexByte(d.TaskDefinition, ':')+1:])
		}
	}
}

func (s *story) placedLine(c message.Change) {
	s.names.add(string(c.Task), fmt.Sprintf("t%d", s.names.tasks()+1))
	where := cmp.Or(s.names.short(string(c.Instance)), "Fargate")
	fmt.Fprintf(s.out, "%-3s → %-2s %s: %s\n", s.names.short(string(c.Task)), where, c.Zone, c.Why)
}

// loadBalancers puts the first port whose host port is free to choose behind a target group.
func (s *story) loadBalancers() []ecs.LoadBalancer {
	for _, c := range s.registered.ContainerDefinitions {
		for _, m := range c.PortMappings {
			dynamic := s.registered.NetworkMode == ecs.NetworkModeAwsvpc ||
				s.registered.NetworkMode == ecs.NetworkModeBridge && m.HostPort.Or(0) == 0
			if m.ContainerPort > 0 && dynamic && m.TransportProtocol() == ecs.TransportProtocolTcp {
				const arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/tg/0123456789abcdef"
				s.names.add(arn, "tg")
				return []ecs.LoadBalancer{{TargetGroupArn: arn, ContainerName: c.Name, ContainerPort: m.ContainerPort}}
			}
		}
	}
	return nil
}

// update rolls a second revision out.
func (s *story) update() error {
	second := s.registered
	second.ContainerDefinitions = slices.Clone(second.ContainerDefinitions)
	c := &second.ContainerDefinitions[0]
	c.Environment = append(slices.Clone(c.Environment), ecs.KeyValuePair{Name: "RELEASE", Value: "2"})
	fmt.Fprintf(s.out, "\n3. revision 2 rolls out\n\n")
	if err := s.register(second); err != nil {
		return err
	}
	if err := s.world.Do(func(p *control.Plane, now time.Time) error {
		service, err := p.UpdateService(now, api.UpdateServiceInput{Cluster: clusterName, Service: serviceName,
			TaskDefinition: s.registered.TaskDefinitionArn})
		s.nameDeployments(service)
		return err
	}); err != nil {
		return err
	}
	return s.untilSteady()
}

// kill ends a running task the hard way.
func (s *story) kill() error {
	page, err := s.world.Plane().ListTasks(api.ListTasksInput{Cluster: clusterName, ServiceName: serviceName})
	if err != nil || len(page.Arns) == 0 {
		return err
	}
	id := ecs.Task{TaskArn: page.Arns[0]}.ID()
	fmt.Fprintf(s.out, "\n4. %s is killed and replaced\n\n", s.names.short(string(id)))
	s.world.KillTask(id)
	return s.untilSteady()
}

// untilSteady lets time run until the service says once more that it is steady.
func (s *story) untilSteady() error {
	before := s.steady
	err := s.world.RunUntil(func(*control.Plane) bool { return s.steady > before }, patience)
	if err == nil {
		return nil
	}
	out, describe := s.world.Plane().DescribeServices(api.DescribeServicesInput{Cluster: clusterName,
		Services: []string{serviceName}})
	if describe != nil || len(out.Services) == 0 || len(out.Services[0].Events) == 0 {
		return err
	}
	return fmt.Errorf("no steady state within %s: %s", patience, out.Services[0].Events[0].Message)
}

// tell prints a change as a line of the timeline.
func (s *story) tell(c message.Change) {
	if c.Kind == message.ChangeInstance {
		return
	}
	if _, known := s.names.find(string(c.Task)); !known && c.Kind == message.ChangeTask {
		s.names.add(string(c.Task), fmt.Sprintf("t%d", s.names.tasks()+1))
	}
	status, text := c.Status, s.names.replace(c.Text)
	switch c.Kind {
	case message.ChangeService:
		status = cmp.Or(status, "event")
		if strings.Contains(c.Text, "has reached a steady state") {
			s.steady++
		}
	case message.ChangeTask:
		where := cmp.Or(s.names.short(string(c.Instance)), "Fargate")
		text = fmt.Sprintf("%s %s revision %d", where, c.Zone, c.Revision)
		if why := s.names.replace(c.Text); why != s.reasons[c.Task] {
			text += ": " + why
			s.reasons[c.Task] = why
		}
	}
	at := s.world.Elapsed().Truncate(100 * time.Millisecond)
	clock := fmt.Sprintf("%02d:%04.1f", int(at.Minutes()), (at % time.Minute).Seconds())
	lead := fmt.Sprintf("%s %-13s %-4s", clock, status, s.names.short(string(c.Task)))
	wrap(s.out, lead, text)
	s.drawBars()
}

const columns = 80

// wrap prints a text after its lead, in lines of at most 80 columns.
func wrap(out io.Writer, lead, text string) {
	line := lead
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > columns && len(strings.TrimSpace(line)) > 0 && len(line) > len(lead) {
			fmt.Fprintln(out, line)
			line = strings.Repeat(" ", len(lead))
		}
		line += " " + word
	}
	fmt.Fprintln(out, line)
}

// drawBars prints how many tasks of each revision run, when that has changed.
func (s *story) drawBars() {
	out, err := s.world.Plane().DescribeServices(api.DescribeServicesInput{Cluster: clusterName,
		Services: []string{serviceName}})
	if err != nil || len(out.Services) == 0 || len(out.Services[0].Deployments) < 2 {
		return
	}
	var lines []string
	for _, d := range slices.Backward(out.Services[0].Deployments) {
		lines = append(lines, fmt.Sprintf("revision %s %-8s",
			d.TaskDefinition[strings.LastIndexByte(d.TaskDefinition, ':')+1:],
			strings.Repeat("█", d.RunningCount)+strings.Repeat("░", d.PendingCount)))
	}
	if bars := strings.Join(lines, "  "); bars != s.bars {
		s.bars = bars
		fmt.Fprintf(s.out, "%27s%s\n", "", strings.TrimRight(bars, " "))
	}
}
