package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/placement"
)

const (
	patience   = 3 * time.Hour // of the simulated world
	newcomerID = "ecs-svc/new"
)

// simulate asks whether a deployment of the definition can end, and lets one happen.
func (r *report) simulate(c *cluster, seed uint64) error {
	verdict, err := c.verdict()
	s := section{Title: "simulate", Good: err == nil && verdict.Ends()}
	if err != nil {
		s.Lines = append(s.Lines, "  no verdict: "+err.Error())
	} else {
		s.Lines = append(s.Lines, indent(verdict.String())...)
	}
	w := newWorld(c, seed)
	end, err := w.run()
	s.Answer = end
	if err != nil {
		s.Answer, s.Good = "not simulated: "+err.Error(), false
	}
	if len(w.lines) > 0 {
		s.Lines = append(append(s.Lines, ""), w.lines...)
	}
	r.Sections = append(r.Sections, s)
	return nil
}

// verdict judges a new deployment of the definition upon what is described.
func (c *cluster) verdict() (feasible.Verdict, error) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	view := scheduler.View{Service: c.service}
	requests := map[string]placement.Request{newcomerID: c.request}
	for _, d := range c.service.Deployments {
		old := scheduler.Rollout{Deployment: d}
		if d.RolloutState == ecs.DeploymentRolloutStateCompleted {
			old.ServiceDeploymentStatus = scheduler.ServiceDeploymentStatusSuccessful
		}
		view.State.Rollouts = append(view.State.Rollouts, old)
		requests[d.ID] = c.old
	}
	view.State = view.State.Deploy(scheduler.Rollout{Deployment: ecs.Deployment{
		ID: newcomerID, TaskDefinition: c.definition.TaskDefinitionArn, LaunchType: c.service.LaunchType, CapacityProviderStrategy: c.service.CapacityProviderStrategy,
	}}, now)
	for _, t := range c.tasks {
		view.Tasks = append(view.Tasks, scheduler.Task{
			ID: t.ID(), Deployment: t.StartedBy, LastStatus: t.LastStatus, DesiredStatus: t.DesiredStatus, StartedAt: t.StartedAt,
			Instance: ecs.ContainerInstance{ContainerInstanceArn: t.ContainerInstanceArn}.ID(), Zone: t.AvailabilityZone, CapacityProvider: t.CapacityProviderName,
		})
	}
	return feasible.Deployment(view, c.snapshot, requests)
}

// world is a simulated cluster like the one described: with what other services leave of it.
type world struct {
	*sim.World
	cluster *cluster
	names   map[string]string // of tasks and instances
	tasks   int
	begun   time.Duration // when the deployment was
	lines   []string
	line    strings.Builder // of changes that come together
	last    [2]string       // their time and status
}

func newWorld(c *cluster, seed uint64) *world {
	return &world{
		World:   sim.New(sim.Config{Seed: seed, Plane: control.Config{ZoneOfSubnet: c.zoneOfSubnet()}}),
		cluster: c, names: map[string]string{},
	}
}

// run brings the service to rest as it is, deploys the definition, and tells how that ends.
func (w *world) run() (string, error) {
	for _, ci := range w.cluster.instances {
		if ci.Status != "" && ci.Status != ecs.ContainerInstanceStatusActive || !ci.AgentConnected {
			continue
		}
		ids, err := w.AddFleet("", []ecs.ContainerInstance{w.cluster.left(ci)})
		if err != nil {
			return "", err
		}
		w.names[string(ids[0])] = string(ci.ID())
	}
	if !w.cluster.rolling {
		w.Watch(w.tell)
		err := w.create(w.cluster.definition)
		return w.end(err)
	}
	if err := w.create(w.cluster.running); err != nil {
		return "", fmt.Errorf("already with the definition that runs: %w", err)
	}
	for c := range w.Changes() {
		w.name(c)
	}
	w.begun = w.Elapsed()
	w.Watch(w.tell)
	err := w.Do(func(p *control.Plane, now time.Time) error {
		d, err := p.RegisterTaskDefinition(now, w.cluster.definition)
		if err != nil {
			return err
		}
		s, err := p.UpdateService(now, ecs.UpdateServiceInput{Service: w.cluster.service.ServiceName, TaskDefinition: d.TaskDefinitionArn, ForceNewDeployment: true})
		w.newcomer(s)
		return err
	})
	if err != nil {
		return "", err
	}
	return w.end(w.RunUntil(sim.Steady, patience))
}

// end is how it ended, in a line.
func (w *world) end(err error) (string, error) {
	w.flush()
	if err == nil && sim.Steady(w.Plane()) {
		return "the service is steady after " + (w.Elapsed() - w.begun).Round(time.Second).String(), nil
	}
	out, describe := w.Plane().DescribeServices(ecs.DescribeServicesInput{Services: []string{w.cluster.service.ServiceName}})
	if describe != nil || len(out.Services) == 0 {
		return "", err
	}
	last := ""
	if events := out.Services[0].Events; len(events) > 0 {
		last = ": " + events[0].Message
	}
	return fmt.Sprintf("not steady after %s%s", patience, w.short(last)), nil
}

// create makes the service with a definition and lets it come to rest.
func (w *world) create(d ecs.TaskDefinition) error {
	s := w.cluster.service
	in := ecs.CreateServiceInput{
		ServiceName: s.ServiceName, LoadBalancers: s.LoadBalancers, DesiredCount: ecs.Some(s.DesiredCount), LaunchType: s.LaunchType,
		DeploymentConfiguration: &s.DeploymentConfiguration, PlacementConstraints: s.PlacementConstraints, PlacementStrategy: s.PlacementStrategy,
		NetworkConfiguration: s.NetworkConfiguration, HealthCheckGracePeriodSeconds: s.HealthCheckGracePeriodSeconds,
		SchedulingStrategy: s.SchedulingStrategy, DeploymentController: s.DeploymentController,
	}
	if s.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
		in.DesiredCount = ecs.Opt[int]{}
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
	return w.RunUntil(sim.Steady, patience)
}

// newcomer gives the newest deployment the name that the verdict has for it.
func (w *world) newcomer(s ecs.Service) {
	if len(s.Deployments) > 0 {
		w.names[s.Deployments[0].ID] = newcomerID
	}
}

// left is an instance with what tasks of others leave of it.
func (c *cluster) left(ci ecs.ContainerInstance) ecs.ContainerInstance {
	free, _ := c.snapshot.Remaining(ci.ID())
	ports := c.snapshot.PortsInUse(ci.ID())
	for _, t := range c.tasks {
		own := placement.RunningOf(t)
		if own.Instance == ci.ID() {
			free = free.Plus(own.Resources)
			ports = slices.DeleteFunc(ports, func(p ecs.HostPort) bool { return slices.Contains(own.HostPorts, p) })
		}
	}
	ci.RegisteredResources = slices.Clone(ci.RegisteredResources)
	for i := range ci.RegisteredResources {
		r := &ci.RegisteredResources[i]
		switch r.Name {
		case ecs.ResourceCPU:
			r.IntegerValue = int(max(free.CPU, 0))
		case ecs.ResourceMemory:
			r.IntegerValue = int(max(free.Memory, 0))
		case ecs.ResourcePorts, ecs.ResourcePortsUDP:
			r.StringSetValue = nil
			for _, p := range ports {
				if (p.Protocol == ecs.TransportProtocolUdp) == (r.Name == ecs.ResourcePortsUDP) {
					r.StringSetValue = append(r.StringSetValue, fmt.Sprint(p.Port))
				}
			}
		}
	}
	return ci
}

// name gives a task that is new its short name.
func (w *world) name(c control.Change) string {
	if c.Task == "" {
		return ""
	}
	if w.names[string(c.Task)] == "" {
		w.tasks++
		w.names[string(c.Task)] = fmt.Sprintf("t%d", w.tasks)
		return w.names[string(c.Task)] + "@" + cmp.Or(w.names[string(c.Instance)], c.Zone)
	}
	return w.names[string(c.Task)]
}

// tell writes a change; tasks that come to the same status at the same moment share a line.
func (w *world) tell(c control.Change) {
	at := (w.Elapsed() - w.begun).Truncate(100 * time.Millisecond)
	moment := fmt.Sprintf("%02d:%04.1f", int(at.Minutes()), (at % time.Minute).Seconds())
	switch c.Kind {
	case control.ChangeTask:
		if key := [2]string{moment, c.Status}; key != w.last {
			w.flush()
			w.last = key
			fmt.Fprintf(&w.line, "  %s  %-14s", moment, c.Status)
		}
		w.line.WriteString(" " + w.name(c))
	case control.ChangeService:
		if c.Text == "" || strings.Contains(c.Text, "has started") || strings.Contains(c.Text, "has stopped") || strings.Contains(c.Text, "registered") {
			return // the tasks' own lines say so
		}
		w.flush()
		w.lines = append(w.lines, fmt.Sprintf("  %s  %-14s %s", moment, "event", w.short(c.Text)))
	}
}

func (w *world) flush() {
	if w.line.Len() > 0 {
		w.lines = append(w.lines, w.line.String())
	}
	w.line.Reset()
	w.last = [2]string{}
}

// short writes names for the IDs in a text.
func (w *world) short(text string) string {
	for id, name := range w.names { //order:any no ID is part of another
		text = strings.ReplaceAll(text, id, name)
	}
	return text
}
