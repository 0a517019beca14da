package control

import (
	"encoding/json"
	"fmt"
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// Rules names the version of the rules by which a plane decides. A journal that was
// written under other rules cannot be replayed: the plane would decide otherwise. A State
// can be restored under any.
const Rules = "2026-12"

// stateFormat is the version of State's document.
const stateFormat = 1

// State is the whole state of a plane between two inputs, as versioned JSON.
type State struct {
	Format   int             `json:"format"`
	Rules    string          `json:"rules"`
	Document json.RawMessage `json:"document"`
}

// document is what State holds.
type document struct {
	Config      Config                     `json:"config"`
	Counters    counters                   `json:"counters"`
	Registry    *registry.Registry         `json:"registry"`
	Providers   []*capacityProvider        `json:"capacityProviders,omitempty"`
	Clusters    []clusterDocument          `json:"clusters,omitempty"`
	Groups      []loadbalance.TargetsState `json:"targetGroups,omitempty"`
	Alarms      []message.AlarmState       `json:"alarms,omitempty"`
	Tokens      []*clientToken             `json:"tokens,omitempty"`
	Outstanding []*outbox.Pending          `json:"outstanding,omitempty"`
	Fargate     scheduler.LaunchBucket     `json:"fargateLaunches,omitzero"`
}

type clusterDocument struct {
	Record    ecs.Cluster        `json:"cluster"`
	Instances []instanceDocument `json:"containerInstances,omitempty"`
	Tasks     []*task            `json:"tasks,omitempty"`
	Services  []*service         `json:"services,omitempty"`
	Unplaced  []string           `json:"unplaced,omitempty"`
}

type instanceDocument struct {
	Record ecs.ContainerInstance  `json:"containerInstance"`
	Ports  loadbalance.PortsState `json:"ports"`
	Forget ecs.Instant            `json:"forget,omitzero"`
}

// State returns the whole state; Restore continues from it bit for bit. What Ready would
// hand out is part of it only as outstanding commands: take it after Advance.
func (p *Plane) State() State {
	p.alive()
	d := document{Config: p.config, Counters: p.state, Registry: p.registry, Providers: p.capacity.providers, Alarms: p.rollout.alarms, Tokens: p.tokens.list, Outstanding: p.outbox.Pending(), Fargate: p.rollout.fargate}
	d.Groups = p.targets.State()
	for _, c := range p.fleet.clusters {
		d.Clusters = append(d.Clusters, c.document())
	}
	data, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("control: state has no JSON: %v", err)) // it is plain values
	}
	return State{Format: stateFormat, Rules: Rules, Document: data}
}

func (c *cluster) document() clusterDocument {
	d := clusterDocument{Record: c.Record, Tasks: c.tasks, Services: c.services}
	for _, i := range c.instances {
		d.Instances = append(d.Instances, instanceDocument{Record: i.Record, Ports: i.Ports.State(), Forget: i.Forget})
	}
	for _, s := range c.unplaced {
		d.Unplaced = append(d.Unplaced, s.Record.ServiceName)
	}
	return d
}

// Restore returns the plane that s was taken from. What State leaves out (the secret of
// credentials, the resolver of time zones) config supplies; the rest of config is not
// looked at. The error is that of a document that is not the state of a plane: an ecs.ErrorList
// with the path of everything in it that cannot be, or what Check finds. A document that Restore
// takes is one with which the plane runs on, whatever program wrote it.
func Restore(s State, config Config) (*Plane, error) {
	if s.Format != stateFormat {
		return nil, fmt.Errorf("control: state has format %d, this version reads %d", s.Format, stateFormat)
	}
	d := document{Registry: &registry.Registry{}}
	if err := json.Unmarshal(s.Document, &d); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	if err := d.wrong(); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	d.Config.CredentialsSecret, d.Config.Location = config.CredentialsSecret, config.Location
	p := newPlane(d.Config.withDefaults(), d.Registry)
	p.state, p.rollout.alarms, p.capacity.providers = d.Counters, d.Alarms, d.Providers
	p.rollout.fargate = d.Fargate
	for _, t := range d.Tokens {
		p.tokens.add(t)
	}
	if err := p.targets.Restore(d.Groups); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	for _, c := range d.Clusters {
		if err := p.restoreCluster(c); err != nil {
			return nil, err
		}
	}
	if err := p.outbox.Restore(d.Outstanding); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	p.tasks.restoreWaits()
	for _, c := range p.capacity.providers {
		if c.Wake != 0 {
			p.capacity.evaluates.Set(c.Wake, c.Record.Name)
		}
	}
	p.timers.DropStale()
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	return p, nil
}

func (p *Plane) restoreCluster(d clusterDocument) error {
	c := p.fleet.newCluster(d.Record.ClusterName)
	c.Record = d.Record
	p.fleet.addCluster(c)
	for _, doc := range d.Instances {
		layout, err := p.fleet.layout(doc.Record)
		if err != nil {
			return fmt.Errorf("control: state: %s: %w", doc.Record.ID(), err)
		}
		ports, err := loadbalance.RestorePorts(layout, doc.Ports)
		if err != nil {
			return fmt.Errorf("control: state: %s: %w", doc.Record.ID(), err)
		}
		i := &instance{Record: doc.Record, Ports: ports, Forget: doc.Forget, cluster: c}
		c.instances = append(c.instances, i)
		c.byInstance[i.id()] = i
		c.countZone(i)
		p.fleet.byEC2[i.Record.EC2InstanceID] = i
		if i.Forget != 0 {
			p.fleet.departs.Set(i.Forget, string(i.id()))
		}
	}
	for _, s := range d.Services {
		s.cluster = c
		c.services = append(c.services, s)
		c.byService[s.Record.ServiceName] = s
		if s.Wake != 0 {
			p.rollout.wakes.Set(s.Wake, s.Record.ServiceArn)
		}
		p.scaling.Restore(scaled{p.rollout, s})
	}
	for _, t := range d.Tasks {
		if err := p.tasks.restoreTask(c, t); err != nil {
			return err
		}
	}
	for _, name := range d.Unplaced {
		if s, ok := c.byService[name]; ok {
			c.unplaced = append(c.unplaced, s)
		}
	}
	return p.fleet.reindexAll(c)
}

func (m *taskRoom) restoreTask(c *cluster, t *task) error {
	d, err := m.registry.Resolve(t.TaskDefinitionArn)
	if err != nil {
		return fmt.Errorf("control: state: task %s: %w", t.ID, err)
	}
	t.cluster, t.definition = c, resolve(d, t.Overrides)
	if !t.Orphan {
		t.service = c.byService[t.Service]
	}
	if err := t.wrong(); err != nil {
		return fmt.Errorf("control: state: task %s: %w", t.ID, err)
	}
	if err := m.compile(t); err != nil {
		return fmt.Errorf("control: state: task %s: %w", t.ID, err)
	}
	c.tasks = append(c.tasks, t)
	if t.Request != nil && t.desired() == ecs.DesiredStatusRunning {
		c.waiting = append(c.waiting, t)
	}
	m.byTask[t.ID] = t
	if t.service != nil && !t.Forgotten {
		t.service.tasks = append(t.service.tasks, t)
	}
	if i, ok := c.byInstance[t.Instance]; ok {
		t.instance = i
		if t.Seated {
			i.tasks = append(i.tasks, t)
		}
	}
	if t.Wake != 0 {
		m.wakes.Set(t.Wake, string(t.ID))
	}
	if t.Forget != 0 {
		m.forgets.Set(t.Forget, string(t.ID))
	}
	return nil
}

// restoreWaits fills in what a State of an earlier version does not say: what tasks wait for, and
// at the earliest since when.
func (m *taskRoom) restoreWaits() {
	for _, c := range m.fleet.clusters {
		for _, t := range c.tasks {
			if t.Wait.For == "" {
				m.noteWait(t)
				if t.Wait.For != "" {
					t.Wait.Since = t.CreatedAt
				}
			}
		}
	}
}

// Replay re-executes what a journal kept: the records after the state s, in their order.
// Records that s already holds are passed over; a gap, or a record that the plane refuses,
// is an error, since then the journal is not of this plane.
func Replay(s State, config Config, records iter.Seq2[Record, error]) (*Plane, error) {
	if s.Rules != Rules {
		return nil, fmt.Errorf("control: the journal was written under the rules %q, these are %q: take a State with the older version and start a new journal from it", s.Rules, Rules)
	}
	p, err := Restore(s, config)
	if err != nil {
		return nil, err
	}
	known := map[string]operation{}
	for _, op := range operations() {
		known[op.name] = op
	}
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		if r.Sequence <= p.state.Records {
			continue
		}
		if r.Sequence != p.state.Records+1 {
			return nil, fmt.Errorf("control: record %d follows record %d", r.Sequence, p.state.Records)
		}
		op, ok := known[r.Op]
		if !ok {
			return nil, fmt.Errorf("control: record %d, %s: there is no such operation", r.Sequence, r.Op)
		}
		if err := op.apply(p, r.At.Time(), r.Input); err != nil {
			return nil, fmt.Errorf("control: record %d, %s: %w", r.Sequence, r.Op, err)
		}
		if p.state.Records != r.Sequence {
			return nil, fmt.Errorf("control: record %d, %s: it changes nothing here", r.Sequence, r.Op)
		}
		p.Advance(p.Ready())
	}
	return p, nil
}

// reindexAll fills the placement index of a restored cluster.
func (m *fleetRoom) reindexAll(c *cluster) error {
	present := func(yield func(ecs.ContainerInstance) bool) {
		for _, i := range c.instances {
			if i.Record.Status != ecs.ContainerInstanceStatusInactive && !yield(i.Record) {
				return
			}
		}
	}
	seated := func(yield func(placement.Running) bool) {
		for _, t := range c.tasks {
			if t.Seated && !yield(m.p.tasks.running(t)) {
				return
			}
		}
	}
	snapshot, err := placement.NewSnapshot(present, seated)
	if err != nil {
		return fmt.Errorf("control: state: %w", err)
	}
	c.index = placement.NewIndex(snapshot)
	for _, t := range c.tasks {
		if _, err := placement.NewRequest(t.definition, t.Group); err != nil {
			return fmt.Errorf("control: state: task %s: %w", t.ID, err)
		}
		t.placed = placement.Placement{Instance: t.Instance}
	}
	for _, i := range c.instances {
		for held := range i.Ports.Held() {
			if t, ok := m.p.tasks.byTask[held.Task]; !ok || !t.Seated {
				c.index.TakePorts(i.id(), []ecs.HostPort{held.HostPort})
			}
		}
	}
	return nil
}
