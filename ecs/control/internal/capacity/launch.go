package capacity

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/placement"
)

// Distributed names the provider of each of n further tasks under a strategy; fewer than n
// where no item takes more.
func Distributed(strategy []ecs.CapacityProviderStrategyItem, running []int, n int) []string {
	names := make([]string, 0, n)
	for i, count := range ecs.Distribute(strategy, running, n) {
		for range count {
			names = append(names, strategy[i].CapacityProvider)
		}
	}
	return names
}

// Prepared is an order with what placement knows of it, for as many tasks as are launched by it: its
// request is read once for each capacity provider, and not for each task.
type Prepared struct {
	tasks.Order
	request placement.Request
	shapes  []providerShape // held until done
}

type providerShape struct {
	provider string
	shape    placement.Shape
}

// Prepare returns an order that is ready to be launched. The caller calls Done after the launches.
func (m *Room) Prepare(o tasks.Order, request placement.Request) *Prepared {
	if o.Zone != "" {
		request.Zones = []string{o.Zone}
	}
	return &Prepared{Order: o, request: request}
}

// requestOf returns the request for a task of a capacity provider.
func (p *Prepared) requestOf(provider string) placement.Request {
	request := p.request
	request.CapacityProvider = provider
	return request
}

// shapeOf returns what the placement index made of the request for a task of a capacity provider.
func (p *Prepared) shapeOf(provider string) (placement.Shape, error) {
	for _, s := range p.shapes {
		if s.provider == provider {
			return s.shape, nil
		}
	}
	shape, err := p.Cluster.Index.Prepare(p.requestOf(provider))
	if err == nil {
		p.shapes = append(p.shapes, providerShape{provider, shape})
	}
	return shape, err
}

// Done gives back what was prepared. Tasks keep what they were placed by.
func (p *Prepared) Done() {
	for _, s := range p.shapes {
		p.Cluster.Index.Forget(s.shape)
	}
}

// Launch places one task of a capacity provider and starts it. Where it finds no place the task is
// nil and the text is the sentence for the service's event.
func (m *Room) Launch(p *Prepared, provider string) (*tasks.Task, string) {
	t, failed := m.launch(p, provider)
	if t == nil && failed == "" {
		failed = p.failure()
	}
	return t, failed
}

// launch is Launch, with the sentence of failure left empty.
func (m *Room) launch(p *Prepared, provider string) (*tasks.Task, string) {
	p.Provider = provider
	if p.Fargate() {
		return m.launchFargate(p.Order), ""
	}
	shape, err := p.shapeOf(provider)
	if err != nil {
		return nil, "was unable to place a task. Reason: " + err.Error()
	}
	seed := m.Core.Seed()
	why := ""
	if m.Explain && p.Instance == "" {
		request := p.requestOf(provider)
		request.Seed = seed
		why = whyHere(placement.Explain(p.Cluster.Index.Snapshot(), request))
	}
	placed, ok := p.place(shape, seed)
	if !ok && m.waits(p.Order) {
		if t := m.provision(p.Order, p.requestOf(provider)); t != nil {
			return t, ""
		}
	}
	if !ok {
		return nil, ""
	}
	i := p.Cluster.ByInstance[placed.Instance]
	i.Hold()
	t := m.Tasks.Add(p.Order)
	bindings, err := i.Ports.Bindings(t.ID, *p.Definition)
	if err != nil {
		p.Cluster.Index.Release(shape, placed)
		m.Tasks.Drop(t)
		return nil, placement.Verdict{Instance: i.ID(),
			Reasons: []placement.Reason{{Code: placement.ReasonPorts}}}.Summary()
	}
	p.Cluster.Index.Hold(shape)
	i.Take(t, shape, placed, bindings)
	m.Tasks.Start(t, why)
	return t, ""
}

// place reserves room for one task.
func (p *Prepared) place(shape placement.Shape, seed uint64) (placement.Placement, bool) {
	if p.Instance != "" {
		return p.Cluster.Index.PlaceOn(shape, p.Instance)
	}
	return p.Cluster.Index.Place(shape, seed)
}

// failure is the sentence for a task that fits nowhere. O(instances), unless one is named.
func (p *Prepared) failure() string {
	if shape, err := p.shapeOf(p.Provider); err == nil && p.Instance != "" {
		verdict, _ := p.Cluster.Index.Judge(shape, p.Instance)
		return cmp.Or(verdict.Summary(), "was unable to place a task.")
	}
	e := placement.Explain(p.Cluster.Index.Snapshot(), p.requestOf(p.Provider))
	_, sentence, ok := strings.Cut(e.Summary(), ") ")
	if !ok {
		sentence = e.Summary()
	}
	return cmp.Or(sentence, "was unable to place a task.")
}

// launchFargate starts a task on Fargate, in the zone of its subnets that has the fewest
// tasks of its group.
func (m *Room) launchFargate(l tasks.Order) *tasks.Task {
	l.LaunchType = ecs.LaunchTypeFargate
	t := m.Tasks.Add(l)
	zones := m.Fleet.SubnetZones(l.Network)
	if l.Zone != "" {
		zones = []string{l.Zone}
	}
	tasks := m.Tasks.In(l.Cluster)
	if l.Owner != nil {
		tasks = l.Owner.Tasks() // all of its group
	}
	running := func(yield func(placement.Running) bool) {
		for o := range tasks {
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
	if m.Explain && t.Zone != "" {
		why = fmt.Sprintf("of %d zones the one with the fewest tasks of %s", len(zones), l.Group)
	}
	m.Tasks.Start(t, why)
	return t
}
