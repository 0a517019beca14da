package control

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// rollout returns a deployment of a service.
func (s *service) rollout(id string) (scheduler.Rollout, bool) {
	for _, r := range s.State.Rollouts {
		if r.ID == id {
			return r, true
		}
	}
	return scheduler.Rollout{}, false
}

// requestFor returns the placement request of a task of a deployment.
func (p *Plane) requestFor(s *service, deployment string) (placement.Request, error) {
	r, ok := s.rollout(deployment)
	if !ok {
		return placement.Request{}, core.Fault(ecs.ServerException, "deployment", "Deployment %s is not known.", deployment)
	}
	d, err := p.registry.Resolve(r.TaskDefinition)
	if err != nil {
		return placement.Request{}, err
	}
	request, err := placement.NewRequest(d, s.group())
	if err != nil {
		return placement.Request{}, err
	}
	request.Constraints = append(slices.Clone(request.Constraints), s.Record.PlacementConstraints...)
	request.Strategy = s.Record.PlacementStrategy
	if d.NetworkMode == ecs.NetworkModeAwsvpc {
		request.Zones = p.subnetZones(r.NetworkConfiguration)
	}
	return request, nil
}

// carryOutStart starts tasks of a deployment, as many as find a place, and tells the
// scheduler of the others.
func (p *Plane) carryOutStart(s *service, start scheduler.Start) {
	r, ok := s.rollout(start.Deployment)
	if !ok {
		return
	}
	d, err := p.registry.Resolve(r.TaskDefinition)
	if err != nil {
		return
	}
	want := launch{
		service: s, cluster: s.cluster, definition: d, deployment: start.Deployment, group: s.group(), startedBy: start.Deployment,
		launchType: r.LaunchType, provider: start.CapacityProvider, network: r.NetworkConfiguration, volume: serviceVolume(r.VolumeConfigurations), instance: start.Instance, zone: start.Zone,
		tags: joinTags(propagated(s.Record.PropagateTags, d, s.Record.Tags), managedTags(s.Record.EnableECSManagedTags, s.cluster, s.Record.ServiceName)), exec: s.Record.EnableExecuteCommand, platform: r.PlatformVersion,
	}
	request, err := p.requestFor(s, start.Deployment)
	if err != nil {
		return
	}
	var started []ecs.TaskID
	providers := p.providersFor(s, r, start)
	for i := range start.Count {
		want.provider = providers[i]
		t, failed := p.launch(want, request)
		if t == nil {
			p.unplaced(s, start, start.Count-len(started), failed)
			break
		}
		started = append(started, t.ID)
		p.launched(s, t)
	}
	if len(started) == 0 {
		return
	}
	message := scheduler.StartedTasks(s.Record.ServiceName, started...)
	if start.Zone != "" {
		message = scheduler.RebalanceStarted(s.Record.ServiceName, start.Zone, started...)
	}
	p.say(s, message)
}

// providersFor shares count tasks over the capacity providers of a deployment's strategy.
func (p *Plane) providersFor(s *service, r scheduler.Rollout, start scheduler.Start) []string {
	names := make([]string, start.Count)
	if start.CapacityProvider != "" || len(r.CapacityProviderStrategy) == 0 {
		for i := range names {
			names[i] = start.CapacityProvider
		}
		return names
	}
	running := make([]int, len(r.CapacityProviderStrategy))
	for _, t := range s.tasks {
		if t.Deployment != r.ID || t.desired() == ecs.DesiredStatusStopped {
			continue
		}
		for i, item := range r.CapacityProviderStrategy {
			if item.CapacityProvider == t.CapacityProvider {
				running[i]++
			}
		}
	}
	names = distributed(r.CapacityProviderStrategy, running, start.Count)
	for len(names) < start.Count {
		names = append(names, r.CapacityProviderStrategy[0].CapacityProvider)
	}
	return names
}

// distributed names the provider of each of n further tasks under a strategy; fewer than n
// where no item takes more.
func distributed(strategy []ecs.CapacityProviderStrategyItem, running []int, n int) []string {
	names := make([]string, 0, n)
	for i, count := range ecs.Distribute(strategy, running, n) {
		for range count {
			names = append(names, strategy[i].CapacityProvider)
		}
	}
	return names
}

func (p *Plane) unplaced(s *service, start scheduler.Start, n int, failed string) {
	s.Unplaced = append(s.Unplaced, scheduler.PlacementFailure{Deployment: start.Deployment, Count: n, Zone: start.Zone, Reason: failed})
	if !slices.Contains(s.cluster.unplaced, s) {
		s.cluster.unplaced = append(s.cluster.unplaced, s)
	}
}

// capacityGrew lets services try again whose tasks found no place.
func (p *Plane) capacityGrew(c *cluster) {
	for _, s := range c.unplaced {
		s.Grown = true
		p.touch(s)
	}
	c.unplaced = nil
	p.placeWaiting(c)
}

// launch is all that a new task is made of.
type launch struct {
	cluster    *cluster
	service    *service
	definition ecs.TaskDefinition
	overrides  *ecs.TaskOverride
	deployment string
	group      string
	startedBy  string
	launchType ecs.LaunchType
	provider   string
	network    *ecs.NetworkConfiguration
	volume     *taskVolume    // nil: none is configured at launch
	instance   ecs.InstanceID // only there
	zone       string         // only there
	tags       []ecs.Tag
	exec       bool
	platform   string
}

func (l launch) fargate() bool {
	if l.provider == "" {
		return ecs.OnFargate(l.launchType, nil)
	}
	return ecs.OnFargate("", []ecs.CapacityProviderStrategyItem{{CapacityProvider: l.provider}})
}

// launch places one task and starts it. Where it finds no place the task is nil and the
// text is the sentence for the service's event.
func (p *Plane) launch(l launch, request placement.Request) (*task, string) {
	if l.fargate() {
		return p.launchFargate(l), ""
	}
	request.CapacityProvider = l.provider
	if l.zone != "" {
		request.Zones = []string{l.zone}
	}
	shape, err := l.cluster.index.Prepare(request)
	if err != nil {
		return nil, "was unable to place a task. Reason: " + err.Error()
	}
	seed := p.core.Seed()
	why := ""
	if p.config.Explain && l.instance == "" {
		request.Seed = seed
		why = whyHere(placement.Explain(l.cluster.index.Snapshot(), request))
	}
	var placed placement.Placement
	var ok bool
	if l.instance != "" {
		placed, ok = l.cluster.index.PlaceOn(shape, l.instance)
	} else {
		placed, ok = l.cluster.index.Place(shape, seed)
	}
	if !ok {
		l.cluster.index.Forget(shape)
	}
	if !ok && p.waits(l) {
		if t := p.provision(l, request); t != nil {
			return t, ""
		}
	}
	if !ok {
		return nil, p.placementFailure(l, request)
	}
	i := l.cluster.byInstance[placed.Instance]
	t := p.newTask(l)
	bindings, err := i.Ports.Bindings(t.ID, l.definition)
	if err != nil {
		l.cluster.index.Release(shape, placed)
		l.cluster.index.Forget(shape)
		p.dropTask(t)
		return nil, placement.Verdict{Instance: i.id(), Reasons: []placement.Reason{{Code: placement.ReasonPorts}}}.Summary()
	}
	p.seat(t, i, shape, placed, bindings, why)
	return t, ""
}

// placementFailure is the sentence for a task that fits nowhere.
func (p *Plane) placementFailure(l launch, request placement.Request) string {
	if l.instance != "" {
		shape, err := l.cluster.index.Prepare(request)
		if err != nil {
			return "was unable to place a task."
		}
		defer l.cluster.index.Forget(shape)
		verdict, _ := l.cluster.index.Judge(shape, l.instance)
		return cmp.Or(verdict.Summary(), "was unable to place a task.")
	}
	e := placement.Explain(l.cluster.index.Snapshot(), request)
	_, sentence, ok := strings.Cut(e.Summary(), ") ")
	if !ok {
		sentence = e.Summary()
	}
	return cmp.Or(sentence, "was unable to place a task.")
}

// whyHere says in a line why placement chose an instance: what each rule of the strategy
// found, and what settled a tie.
func whyHere(e placement.Explanation) string {
	parts := make([]string, 0, len(e.Steps)+1)
	candidates := 1
	for _, st := range e.Steps {
		candidates = st.Candidates
		switch st.Strategy.Type {
		case ecs.PlacementStrategyTypeSpread:
			parts = append(parts, strings.TrimPrefix(st.Strategy.Field, "attribute:ecs.")+" has "+counted(st))
		case ecs.PlacementStrategyTypeBinpack:
			parts = append(parts, counted(st)+" "+st.Strategy.Field+" free")
		default:
			parts = append(parts, "drawn by the seed")
		}
	}
	if candidates > 1 {
		parts = append(parts, fmt.Sprintf("lowest ID of %d", candidates))
	}
	return strings.Join(parts, ", ")
}

// counted returns a step's count, with that of the runner-up.
func counted(st placement.Step) string {
	if st.Margin < 0 {
		return strconv.FormatInt(st.Count, 10)
	}
	return fmt.Sprintf("%d (next %d)", st.Count, st.Count+st.Margin)
}

// launchFargate starts a task on Fargate, in the zone of its subnets that has the fewest
// tasks of its group.
func (p *Plane) launchFargate(l launch) *task {
	t := p.newTask(l)
	t.LaunchType = ecs.LaunchTypeFargate
	zones := p.subnetZones(l.network)
	if l.zone != "" {
		zones = []string{l.zone}
	}
	tasks := l.cluster.tasks
	if l.service != nil {
		tasks = l.service.tasks // all of its group
	}
	running := func(yield func(placement.Running) bool) {
		for _, o := range tasks {
			if o == t || o.LaunchType != ecs.LaunchTypeFargate {
				continue
			}
			r := placement.Running{Group: o.Group, Zone: o.Zone, DesiredStatus: o.desired(), LaunchType: o.LaunchType, CapacityProvider: o.CapacityProvider}
			if !yield(r) {
				return
			}
		}
	}
	if zone, err := placement.FargateZone(placement.Request{Group: l.group, Zones: zones, CapacityProvider: l.provider}, running); err == nil {
		t.Zone = zone
	}
	why := ""
	if p.config.Explain && t.Zone != "" {
		why = fmt.Sprintf("of %d zones the one with the fewest tasks of %s", len(zones), l.group)
	}
	p.startTask(t, why)
	return t
}
