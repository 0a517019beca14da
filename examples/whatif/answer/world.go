package answer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/placement"
)

// patience is how long the simulated world may take, besides the bake times that are asked for.
const patience = 3 * time.Hour

// world is a simulated cluster like the one described: with what other services leave of it.
type world struct {
	*sim.World
	cluster  *cluster
	ids      map[ecs.InstanceID]ecs.InstanceID // of this world, by the ID described
	names    map[string]string                 // of tasks and instances
	count    int                               // of tasks that have a name
	begun    time.Duration                     // when the deployment was
	steady   bool                              // it ended
	recorded recorder
	rollout  Rollout // how the deployment went
	lines    []string
	line     strings.Builder // of changes that come together
	last     [2]string       // their time and status
}

func newWorld(c *cluster, seed uint64) *world {
	return &world{
		World:   sim.New(sim.Config{Seed: seed, Plane: control.Config{ZoneOfSubnet: c.zoneOfSubnet()}}),
		cluster: c, names: map[string]string{}, ids: map[ecs.InstanceID]ecs.InstanceID{},
	}
}

// settle registers the instances and brings what runs to where it is described.
func (w *world) settle() error {
	c := w.cluster
	for _, ci := range c.instances {
		unused := ci.Status == ecs.ContainerInstanceStatusInactive ||
			c.provider() != "" && ci.CapacityProviderName != c.provider()
		if unused || !c.rolling && !connected(ci) {
			continue
		}
		left := c.left(ci)
		left.CapacityProviderName = ""
		ids, err := w.AddFleet("", []ecs.ContainerInstance{left})
		if err != nil {
			return err
		}
		w.names[string(ids[0])], w.ids[ci.ID()] = string(ci.ID()), ids[0]
	}
	if !c.rolling {
		return nil
	}
	if n := c.kinds(); n > 1 {
		return fmt.Errorf("the tasks that run are of %d kinds", n)
	}
	if err := w.restore(); err != nil {
		return fmt.Errorf("the tasks that run could not be started in the simulation: %w", err)
	}
	for t := range w.Changes() {
		w.name(t)
	}
	if len(c.tasks) > 0 || c.service.DesiredCount == 0 && !c.daemon() {
		return nil
	}
	return w.read()
}

// restore makes the service with the definition that runs, each task on its instance: the agents
// of all others are taken for disconnected meanwhile, so that none goes there.
func (w *world) restore() error {
	c := w.cluster
	if len(c.tasks) == 0 || c.fargate() {
		n := len(c.tasks)
		if n == 0 {
			n = c.service.DesiredCount
		}
		return errors.Join(w.create(c.running, n), w.connect(connected))
	}
	on := map[ecs.InstanceID]int{}
	for _, t := range c.tasks {
		id := ecs.ContainerInstance{ContainerInstanceArn: t.ContainerInstanceArn}.ID()
		if w.ids[id] == "" {
			return fmt.Errorf("task %s is on an instance that is not described, %s", t.ID(), id)
		}
		on[id]++
	}
	if c.daemon() {
		has := func(ci ecs.ContainerInstance) bool { return on[ci.ID()] > 0 }
		return errors.Join(w.connect(has), w.create(c.running, 0), w.connect(connected))
	}
	if err := errors.Join(w.connect(func(ecs.ContainerInstance) bool { return false }),
		w.create(c.running, 0)); err != nil {
		return err
	}
	placed := 0
	for _, ci := range c.instances {
		if on[ci.ID()] == 0 {
			continue
		}
		placed += on[ci.ID()]
		if err := w.place(ci, placed); err != nil {
			return err
		}
		delete(on, ci.ID())
	}
	return w.connect(connected)
}

// place raises the desired count while the agent of one instance alone is connected.
func (w *world) place(ci ecs.ContainerInstance, desired int) error {
	if err := w.connect(func(o ecs.ContainerInstance) bool { return o.ID() == ci.ID() }); err != nil {
		return err
	}
	err := w.Do(func(p *control.Plane, now time.Time) error {
		in := api.UpdateServiceInput{Service: w.cluster.service.ServiceName, DesiredCount: ecs.Some(desired)}
		_, err := p.UpdateService(now, in)
		return err
	})
	if err == nil {
		err = w.RunUntil(sim.Steady, time.Hour)
	}
	if err != nil {
		return fmt.Errorf("%s does not take its tasks: %w", ci.ID(), err)
	}
	return nil
}

// connected reports whether an instance takes tasks as it is described.
func connected(ci ecs.ContainerInstance) bool {
	return ci.AgentConnected && ci.Status != ecs.ContainerInstanceStatusDraining
}

// connect has the agents connected that are to be, and no others.
func (w *world) connect(is func(ci ecs.ContainerInstance) bool) error {
	for _, ci := range w.cluster.instances {
		if id, ok := w.ids[ci.ID()]; ok {
			if err := w.Do(func(p *control.Plane, now time.Time) error {
				p.Observe(now, message.AgentConnectivity{Cluster: "default", Instance: id, Connected: is(ci)})
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// read takes the tasks from the simulated world, where no document says where they run.
func (w *world) read() error {
	var running []placement.Running
	err := w.eachTask(func(t ecs.Task, instance string, _ bool) {
		t.ContainerInstanceArn = instance
		w.cluster.tasks = append(w.cluster.tasks, t)
		running = append(running, placement.RunningOf(t))
	})
	if err == nil && w.cluster.made {
		w.cluster.snapshot, err = placement.NewSnapshot(slices.Values(w.cluster.instances), slices.Values(running))
	}
	return err
}

// deploy deploys the definition, and returns how that ends, in a line.
func (w *world) deploy() (string, error) {
	c := w.cluster
	w.begun = w.Elapsed()
	var running []ecs.TaskID
	if c.rolling {
		if err := w.eachTask(func(t ecs.Task, _ string, _ bool) { running = append(running, t.ID()) }); err != nil {
			return "", err
		}
	}
	w.recorded.fresh = 1
	w.recorded.begin(running)
	w.Watch(w.tell)
	if !c.rolling {
		return w.end(w.create(c.definition, c.service.DesiredCount))
	}
	err := w.Do(func(p *control.Plane, now time.Time) error {
		err := w.drain(p, now)
		if err != nil {
			return err
		}
		if c.keep {
			return w.desire(p, now)
		}
		d, err := p.RegisterTaskDefinition(now, c.definition)
		if err != nil {
			return err
		}
		w.recorded.fresh = d.Revision
		in := api.UpdateServiceInput{Service: c.service.ServiceName, TaskDefinition: d.TaskDefinitionArn,
			ForceNewDeployment:      true,
			DesiredCount:            ecs.Some(c.service.DesiredCount),
			DeploymentConfiguration: &c.service.DeploymentConfiguration,
			PlacementConstraints:    ecs.Some(c.service.PlacementConstraints),
			PlacementStrategy:       ecs.Some(c.service.PlacementStrategy)}
		if c.daemon() {
			in.DesiredCount, in.PlacementStrategy = ecs.Opt[int]{}, ecs.Opt[[]ecs.PlacementStrategy]{}
		}
		s, err := p.UpdateService(now, in)
		w.newcomer(s)
		return err
	})
	if err != nil {
		return "", err
	}
	return w.end(w.RunUntil(w.rests, limit(c.service)))
}

// desire sets the desired count that is described.
func (w *world) desire(p *control.Plane, now time.Time) error {
	in := api.UpdateServiceInput{Service: w.cluster.service.ServiceName,
		DeploymentConfiguration: &w.cluster.service.DeploymentConfiguration}
	if !w.cluster.daemon() {
		in.DesiredCount = ecs.Some(w.cluster.service.DesiredCount)
	}
	_, err := p.UpdateService(now, in)
	return err
}

// rests reports whether the service is steady and no task of it is on an instance that drains.
func (w *world) rests(p *control.Plane) bool {
	if !sim.Steady(p) {
		return false
	}
	for _, ci := range w.cluster.instances {
		id, ok := w.ids[ci.ID()]
		if !ok || !w.cluster.keep || ci.Status != ecs.ContainerInstanceStatusDraining {
			continue
		}
		in := api.ListTasksInput{ServiceName: w.cluster.service.ServiceName, ContainerInstance: string(id)}
		if page, err := p.ListTasks(in); err != nil || len(page.Arns) > 0 {
			return false
		}
	}
	return true
}

// drain has the instances drain that are described so. Until the service is updated to what is described,
// percentages of 100 keep its tasks where they are: they drain when the deployment begins, and not before.
func (w *world) drain(p *control.Plane, now time.Time) error {
	if !w.cluster.daemon() {
		held := w.cluster.service.DeploymentConfiguration
		held.MinimumHealthyPercent, held.MaximumPercent = ecs.Some(100), ecs.Some(100)
		in := api.UpdateServiceInput{Service: w.cluster.service.ServiceName, DeploymentConfiguration: &held}
		if _, err := p.UpdateService(now, in); err != nil {
			return err
		}
	}
	for _, ci := range w.cluster.instances {
		id, ok := w.ids[ci.ID()]
		if !ok || ci.Status != ecs.ContainerInstanceStatusDraining {
			continue
		}
		if _, err := p.UpdateContainerInstancesState(now, api.UpdateContainerInstancesStateInput{
			ContainerInstances: []string{string(id)}, Status: ecs.ContainerInstanceStatusDraining}); err != nil {
			return err
		}
	}
	return nil
}

// limit is how long a deployment of the service may take in the simulated world.
func limit(s ecs.Service) time.Duration {
	return patience + 2*time.Duration(s.DeploymentConfiguration.BakeTimeInMinutes.Or(0))*time.Minute
}

// end is how it ended, in a line.
func (w *world) end(err error) (string, error) {
	w.flush()
	w.rollout = w.recorded.Rollout
	w.rollout.End = w.Elapsed() - w.begun
	if err == nil && w.rests(w.Plane()) {
		w.steady, w.rollout.Steady = true, true
		return "the service is steady after " + w.rollout.End.Round(time.Second).String(), nil
	}
	in := api.DescribeServicesInput{Services: []string{w.cluster.service.ServiceName}}
	out, describe := w.Plane().DescribeServices(in)
	if describe != nil || len(out.Services) == 0 {
		return "", err
	}
	return "not steady after " + limit(w.cluster.service).String(), nil
}

// create makes the service with a definition and lets it come to rest. What runs was put where it
// is by rules that are not known: the service has its constraints and its strategy with the
// deployment that is asked about.
func (w *world) create(d ecs.TaskDefinition, desired int) error {
	s := w.cluster.service
	in := api.CreateServiceInput{
		ServiceName: s.ServiceName, LoadBalancers: s.LoadBalancers, DesiredCount: ecs.Some(desired),
		LaunchType:              s.LaunchType,
		DeploymentConfiguration: &s.DeploymentConfiguration, NetworkConfiguration: s.NetworkConfiguration,
		HealthCheckGracePeriodSeconds: s.HealthCheckGracePeriodSeconds, SchedulingStrategy: s.SchedulingStrategy,
		DeploymentController:        s.DeploymentController,
		AvailabilityZoneRebalancing: ecs.AvailabilityZoneRebalancingDisabled,
	}
	if w.cluster.keep || len(w.cluster.tasks) == 0 {
		in.PlacementConstraints, in.PlacementStrategy = s.PlacementConstraints, s.PlacementStrategy
	}
	if w.cluster.daemon() {
		in.DesiredCount, in.PlacementStrategy = ecs.Opt[int]{}, nil
	}
	if w.cluster.fargate() {
		in.LaunchType = ecs.LaunchTypeFargate
	}
	err := w.Do(func(p *control.Plane, now time.Time) error {
		registered, err := p.RegisterTaskDefinition(now, d)
		if err == nil {
			in.TaskDefinition = registered.TaskDefinitionArn
			s, err = p.CreateService(now, in)
			w.newcomer(s)
		}
		return err
	})
	if err != nil {
		return err
	}
	return w.RunUntil(sim.Steady, limit(s))
}

// newcomer gives the newest deployment the name that the verdict has for it.
func (w *world) newcomer(s ecs.Service) {
	for i, d := range s.Deployments {
		if w.names[d.ID] = runningID; i == 0 {
			w.names[d.ID] = newcomerID
		}
	}
}
