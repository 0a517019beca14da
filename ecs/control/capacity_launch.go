package control

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

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

func (l order) fargate() bool {
	if l.provider == "" {
		return ecs.OnFargate(l.launchType, nil)
	}
	return ecs.OnFargate("", []ecs.CapacityProviderStrategyItem{{CapacityProvider: l.provider}})
}

// launch places one task and starts it. Where it finds no place the task is nil and the
// text is the sentence for the service's event.
func (m *capacityRoom) launch(l order, request placement.Request) (*task, string) {
	if l.fargate() {
		return m.launchFargate(l), ""
	}
	request.CapacityProvider = l.provider
	if l.zone != "" {
		request.Zones = []string{l.zone}
	}
	shape, err := l.cluster.Index.Prepare(request)
	if err != nil {
		return nil, "was unable to place a task. Reason: " + err.Error()
	}
	seed := m.core.Seed()
	why := ""
	if m.explain && l.instance == "" {
		request.Seed = seed
		why = whyHere(placement.Explain(l.cluster.Index.Snapshot(), request))
	}
	var placed placement.Placement
	var ok bool
	if l.instance != "" {
		placed, ok = l.cluster.Index.PlaceOn(shape, l.instance)
	} else {
		placed, ok = l.cluster.Index.Place(shape, seed)
	}
	if !ok {
		l.cluster.Index.Forget(shape)
	}
	if !ok && m.waits(l) {
		if t := m.provision(l, request); t != nil {
			return t, ""
		}
	}
	if !ok {
		return nil, m.placementFailure(l, request)
	}
	i := l.cluster.ByInstance[placed.Instance]
	t := m.tasks.newTask(l)
	bindings, err := i.Ports.Bindings(t.ID, l.definition)
	if err != nil {
		l.cluster.Index.Release(shape, placed)
		l.cluster.Index.Forget(shape)
		m.tasks.dropTask(t)
		return nil, placement.Verdict{Instance: i.ID(), Reasons: []placement.Reason{{Code: placement.ReasonPorts}}}.Summary()
	}
	i.Take(t, shape, placed, bindings)
	m.tasks.startTask(t, why)
	return t, ""
}

// placementFailure is the sentence for a task that fits nowhere.
func (m *capacityRoom) placementFailure(l order, request placement.Request) string {
	if l.instance != "" {
		shape, err := l.cluster.Index.Prepare(request)
		if err != nil {
			return "was unable to place a task."
		}
		defer l.cluster.Index.Forget(shape)
		verdict, _ := l.cluster.Index.Judge(shape, l.instance)
		return cmp.Or(verdict.Summary(), "was unable to place a task.")
	}
	e := placement.Explain(l.cluster.Index.Snapshot(), request)
	_, sentence, ok := strings.Cut(e.Summary(), ") ")
	if !ok {
		sentence = e.Summary()
	}
	return cmp.Or(sentence, "was unable to place a task.")
}

// launchFargate starts a task on Fargate, in the zone of its subnets that has the fewest
// tasks of its group.
func (m *capacityRoom) launchFargate(l order) *task {
	t := m.tasks.newTask(l)
	t.LaunchType = ecs.LaunchTypeFargate
	zones := m.fleet.SubnetZones(l.network)
	if l.zone != "" {
		zones = []string{l.zone}
	}
	tasks := m.tasks.in(l.cluster)
	if l.owner != nil {
		tasks = l.owner.Tasks() // all of its group
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
	if m.explain && t.Zone != "" {
		why = fmt.Sprintf("of %d zones the one with the fewest tasks of %s", len(zones), l.group)
	}
	m.tasks.startTask(t, why)
	return t
}
