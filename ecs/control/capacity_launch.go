package control

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
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

// launch places one task and starts it. Where it finds no place the task is nil and the
// text is the sentence for the service's event.
func (m *capacityRoom) launch(l tasks.Order, request placement.Request) (*tasks.Task, string) {
	if l.Fargate() {
		return m.launchFargate(l), ""
	}
	request.CapacityProvider = l.Provider
	if l.Zone != "" {
		request.Zones = []string{l.Zone}
	}
	shape, err := l.Cluster.Index.Prepare(request)
	if err != nil {
		return nil, "was unable to place a task. Reason: " + err.Error()
	}
	seed := m.core.Seed()
	why := ""
	if m.explain && l.Instance == "" {
		request.Seed = seed
		why = whyHere(placement.Explain(l.Cluster.Index.Snapshot(), request))
	}
	var placed placement.Placement
	var ok bool
	if l.Instance != "" {
		placed, ok = l.Cluster.Index.PlaceOn(shape, l.Instance)
	} else {
		placed, ok = l.Cluster.Index.Place(shape, seed)
	}
	if !ok {
		l.Cluster.Index.Forget(shape)
	}
	if !ok && m.waits(l) {
		if t := m.provision(l, request); t != nil {
			return t, ""
		}
	}
	if !ok {
		return nil, m.placementFailure(l, request)
	}
	i := l.Cluster.ByInstance[placed.Instance]
	t := m.tasks.Add(l)
	bindings, err := i.Ports.Bindings(t.ID, l.Definition)
	if err != nil {
		l.Cluster.Index.Release(shape, placed)
		l.Cluster.Index.Forget(shape)
		m.tasks.Drop(t)
		return nil, placement.Verdict{Instance: i.ID(),
			Reasons: []placement.Reason{{Code: placement.ReasonPorts}}}.Summary()
	}
	i.Take(t, shape, placed, bindings)
	m.tasks.Start(t, why)
	return t, ""
}

// placementFailure is the sentence for a task that fits nowhere.
func (m *capacityRoom) placementFailure(l tasks.Order, request placement.Request) string {
	if l.Instance != "" {
		shape, err := l.Cluster.Index.Prepare(request)
		if err != nil {
			return "was unable to place a task."
		}
		defer l.Cluster.Index.Forget(shape)
		verdict, _ := l.Cluster.Index.Judge(shape, l.Instance)
		return cmp.Or(verdict.Summary(), "was unable to place a task.")
	}
	e := placement.Explain(l.Cluster.Index.Snapshot(), request)
	_, sentence, ok := strings.Cut(e.Summary(), ") ")
	if !ok {
		sentence = e.Summary()
	}
	return cmp.Or(sentence, "was unable to place a task.")
}

// launchFargate starts a task on Fargate, in the zone of its subnets that has the fewest
// tasks of its group.
func (m *capacityRoom) launchFargate(l tasks.Order) *tasks.Task {
	t := m.tasks.Add(l)
	t.LaunchType = ecs.LaunchTypeFargate
	zones := m.fleet.SubnetZones(l.Network)
	if l.Zone != "" {
		zones = []string{l.Zone}
	}
	tasks := m.tasks.In(l.Cluster)
	if l.Owner != nil {
		tasks = l.Owner.Tasks() // all of its group
	}
	running := func(yield func(placement.Running) bool) {
		for _, o := range tasks {
			if o == t || o.LaunchType != ecs.LaunchTypeFargate {
				continue
			}
			r := placement.Running{Group: o.Group, Zone: o.Zone, DesiredStatus: o.Desired(), LaunchType: o.LaunchType,
				CapacityProvider: o.CapacityProvider}
			if !yield(r) {
				return
			}
		}
	}
	if zone, err := placement.FargateZone(placement.Request{Group: l.Group, Zones: zones, CapacityProvider: l.Provider},
		running); err == nil {
		t.Zone = zone
	}
	why := ""
	if m.explain && t.Zone != "" {
		why = fmt.Sprintf("of %d zones the one with the fewest tasks of %s", len(zones), l.Group)
	}
	m.tasks.Start(t, why)
	return t
}
