package control

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/activities"
	"github.com/bayplan/bayplan/ecs/control/internal/alarms"
	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/classic"
	"github.com/bayplan/bayplan/ecs/control/internal/codedeploy"
	"github.com/bayplan/bayplan/ecs/control/internal/discovery"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/loadbalance"
)

// Rules names the version of the rules by which a plane decides. A journal that was
// written under other rules cannot be replayed: the plane would decide otherwise. A State
// can be restored under any.
const Rules = "2027-02"

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
	Providers   []*capacity.Provider       `json:"capacityProviders,omitempty"`
	Clusters    []clusterDocument          `json:"clusters,omitempty"`
	Groups      []loadbalance.TargetsState `json:"targetGroups,omitempty"`
	Balancers   balancers.State            `json:"loadBalancers,omitzero"`
	Classic     []*classic.LoadBalancer    `json:"classicLoadBalancers,omitempty"`
	Alarms      []message.AlarmState       `json:"alarms,omitempty"`
	Tokens      []*clientToken             `json:"tokens,omitempty"`
	Outstanding []*outbox.Pending          `json:"outstanding,omitempty"`
	Fargate     scheduler.LaunchBucket     `json:"fargateLaunches,omitzero"`
	CloudMap    *discovery.State           `json:"cloudMap,omitzero"`
	CloudWatch  *alarms.State              `json:"cloudWatch,omitempty"`
	Activities  activities.Book            `json:"scalingActivities,omitzero"`
	CodeDeploy  *codedeploy.State          `json:"codeDeploy,omitzero"`

	ahead func(iter.Seq2[Piece, error]) iter.Seq2[Piece, error] // of a Snapshot
}

type clusterDocument struct {
	Record    ecs.Cluster              `json:"cluster"`
	Instances []fleet.InstanceDocument `json:"containerInstances,omitempty"`
	Tasks     []*written.Task          `json:"tasks,omitempty"`
	Services  []*services.Service      `json:"services,omitempty"`
	Unplaced  []string                 `json:"unplaced,omitempty"`

	saved []savedTasks // in place of Tasks: their chunks, which take less room than what is read of them
}

// State returns the whole state; Restore continues from it bit for bit. It does not hold what Ready
// would hand out, except for outstanding commands: call it after Advance.
func (p *Plane) State() State {
	d := p.outline()
	for i, c := range p.fleet.Clusters {
		in := &d.Clusters[i]
		in.Instances, in.Services = c.Document(), p.services.In(c)
		for t := range p.tasks.In(c) {
			in.Tasks = append(in.Tasks, t.Document())
		}
	}
	d.Outstanding = p.outbox.Pending()
	return State{Format: stateFormat, Rules: Rules, Document: d.json()}
}

// outline returns the state without the lists that may be long: container instances, tasks, services, and
// outstanding commands.
func (p *Plane) outline() *document {
	p.alive()
	d := &document{Config: p.config, Counters: p.state, Registry: p.registry, Providers: p.capacity.Providers,
		Alarms: p.rollout.Alarms, Tokens: p.tokens.list, Fargate: p.rollout.Fargate}
	d.Groups, d.Balancers, d.Classic = p.targets.State(), p.balancers.State(), p.classic.State()
	d.CloudMap, d.CodeDeploy = p.discovery.State(), p.codeDeploy.State()
	d.CloudWatch, d.Activities = p.alarms.State(), p.scaling.Activities
	for _, c := range p.fleet.Clusters {
		d.Clusters = append(d.Clusters, clusterDocument{Record: c.Record, Unplaced: p.services.UnplacedIn(c)})
	}
	return d
}

func (d *document) json() []byte {
	data, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("control: state has no JSON: %v", err)) // it is plain values
	}
	return data
}

// Restore returns the plane that s was taken from. From config it reads only what State leaves out:
// the secret of credentials and the resolver of time zones. A document that is not the state of a
// plane is refused, with an ecs.ErrorList that has the path of every impossible value, or with what
// Check finds. A plane runs on from every document that Restore accepts, whatever program wrote it.
func Restore(s State, config Config) (*Plane, error) {
	if s.Format != stateFormat {
		return nil, fmt.Errorf("control: state has format %d, this version reads %d", s.Format, stateFormat)
	}
	d := document{Registry: &registry.Registry{}}
	if err := json.Unmarshal(s.Document, &d); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	return restore(&d, config)
}

// restore makes a plane of a document.
func restore(d *document, config Config) (*Plane, error) {
	if err := d.wrong(); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	d.Config.CredentialsSecret, d.Config.Location = config.CredentialsSecret, config.Location
	p := newPlane(d.Config.withDefaults(), d.Registry)
	p.state, p.rollout.Alarms = d.Counters, d.Alarms
	p.rollout.Fargate, p.scaling.Activities = d.Fargate, d.Activities
	if err := p.alarms.Restore(d.CloudWatch); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	p.capacity.RestoreProviders(d.Providers)
	p.measures.Schedule()
	for _, t := range d.Tokens {
		p.tokens.add(t)
	}
	if err := errors.Join(p.targets.Restore(d.Groups), p.discovery.Restore(d.CloudMap),
		p.codeDeploy.Restore(d.CodeDeploy)); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	p.balancers.Restore(d.Balancers.LoadBalancers, d.Balancers.TargetGroups)
	p.classic.Restore(d.Classic)
	for i := range d.Clusters {
		if err := p.restoreCluster(d, i); err != nil {
			return nil, fmt.Errorf("control: state: %w", err)
		}
	}
	for _, o := range d.Outstanding { // those of an older version carry less
		if o != nil && o.Command.Command != nil {
			o.Command.Command = p.targets.Complete(o.Command.Command)
		}
	}
	if err := p.outbox.Restore(d.Outstanding); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	p.adoptAlarms()
	p.tasks.RestoreWaits()
	p.timers.DropStale()
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("control: state: %w", err)
	}
	return p, nil
}

func (p *Plane) restoreCluster(of *document, i int) error {
	d := &of.Clusters[i]
	c, err := p.fleet.Restore(d.Record, d.Instances)
	if err != nil {
		return err
	}
	p.services.Restore(c, d.Services, d.Unplaced)
	ownerOf := func(name string) tasks.Owner {
		if s, ok := p.services.Find(c, name); ok {
			return s
		}
		return nil
	}
	var broken error
	list := func(yield func(*written.Chunked) bool) { broken = of.takeTasks(i, yield) }
	if err := p.tasks.Restore(c, d.length(), list, ownerOf); err != nil || broken != nil {
		return cmp.Or(broken, err)
	}
	p.capacity.Restore(c)
	return nil
}
