package control

import (
	"cmp"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/alarms"
	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/census"
	"github.com/bayplan/bayplan/ecs/control/internal/classic"
	"github.com/bayplan/bayplan/ecs/control/internal/codedeploy"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/discovery"
	"github.com/bayplan/bayplan/ecs/control/internal/dispatch"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/measures"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/show"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
)

// Config is the fixed configuration of a plane. The zero value is ECS's behaviour in us-east-1.
type Config struct {
	Seed      uint64 `json:"seed,omitzero"`      // of IDs, jitter and random choices
	Region    string `json:"region,omitzero"`    // empty: us-east-1
	Account   string `json:"account,omitzero"`   // empty: 123456789012
	Partition string `json:"partition,omitzero"` // empty: aws

	// CredentialsSecret keys the IDs under which containers fetch credentials. It lets its holder
	// compute every ID, so draw it at random and keep it secret. A plane without one
	// gives no IDs out, and driver.CredentialsEndpoint refuses a task that has a role. It is not part
	// of State.
	CredentialsSecret string `json:"-"`

	Retry message.Retry `json:"retry,omitzero"` // of commands

	// DynamicPorts is the range that dynamic host ports are taken from; the zero Range is
	// loadbalance.DefaultRange.
	DynamicPorts loadbalance.Range `json:"dynamicPorts,omitzero"`

	// ZoneOfSubnet names each subnet's Availability Zone. A subnet that is not named has
	// none, and tasks in it may be placed in every zone.
	ZoneOfSubnet map[string]string `json:"zoneOfSubnet,omitzero"`

	// TasksPerService is the quota of a service's desired count; 0: ECS's, 5,000. A call that
	// asks for more is a LimitExceededException; scaling stops there.
	TasksPerService int `json:"tasksPerService,omitzero"`

	// LaunchRates are the quotas on how fast services launch tasks; the zero value sets none,
	// QuotaLaunchRates are ECS's.
	LaunchRates LaunchRates `json:"launchRates,omitzero"`

	// PullMetrics lets the plane ask for the metrics of scaling policies, each full minute, by
	// GetMetric commands. Without it the caller reports metrics by MetricSample events.
	PullMetrics bool `json:"pullMetrics,omitzero"`

	// OwnLoadBalancers says that the plane keeps the load balancers: a service then takes only target groups and
	// Classic Load Balancers that LoadBalancers or PutTargetGroup made, to which a listener forwards, and only
	// listener rules that are there. Without it, the first service that names a target group makes it, and listener
	// rules are the world's.
	OwnLoadBalancers bool `json:"ownLoadBalancers,omitzero"`

	// ClusterMetrics lets the plane measure, each full minute, what tasks reserve and use of the instances of each
	// cluster, as ECS publishes it: CPUReservation and the others of AWS/ECS. It costs a look at each task on an
	// instance a minute.
	ClusterMetrics bool `json:"clusterMetrics,omitzero"`

	// Explain adds to each placement's Change why the task went there. It costs a scan of
	// the cluster a placement.
	Explain bool `json:"explain,omitzero"`

	// Location resolves the time zones of scheduled actions; nil knows UTC only.
	Location func(name string) (*time.Location, error) `json:"-"`
}

func (c Config) withDefaults() Config {
	c.Region = cmp.Or(c.Region, "us-east-1")
	c.Account = cmp.Or(c.Account, "123456789012")
	c.Partition = cmp.Or(c.Partition, "aws")
	c.Retry = c.Retry.WithDefaults()
	c.TasksPerService = cmp.Or(c.TasksPerService, 5000)
	return c
}

// Plane is a Region's control plane: the task definition registry and the clusters. It changes in
// place and does no I/O. One goroutine at a time may use it.
type Plane struct {
	config   Config
	core     *core.Core
	state    counters
	registry *registry.Registry
	tokens   tokens

	outbox   *outbox.Outbox
	timers   deadlines.Timers
	fleet    *fleet.Room
	tasks    *tasks.Room
	dispatch *dispatch.Room
	targets  *targets.Books
	capacity *capacity.Room
	services *services.Room
	rollout  *rollout.Room
	alarms   *alarms.Room
	measures *measures.Room
	scaling  *scaling.Room

	discovery  *discovery.Room
	codeDeploy *codedeploy.Room
	show       *show.Room

	targetGroups *targets.Groups
	balancers    *balancers.Room
	classic      *classic.Room

	records core.Queue[Record]
	saving  *Saving // a snapshot that is not whole; nil: none

	known     known // for Follow; nil: it was not called yet
	following bool  // a record is re-executed: no other is made of it

	failed *failure
}

// counters is the part of the state that names and orders things.
type counters struct {
	core.Position
	outbox.Counters
}

// New returns an empty plane.
func New(config Config) *Plane {
	config = config.withDefaults()
	return newPlane(config, registry.New(registry.Config{Region: config.Region, Account: config.Account,
		Partition: config.Partition}))
}

func newPlane(config Config, registry *registry.Registry) *Plane {
	p := &Plane{config: config, registry: registry, tokens: tokens{byToken: map[string]*clientToken{}}}
	p.core = core.New(core.Config{Seed: config.Seed, Partition: config.Partition, Region: config.Region,
		Account:           config.Account,
		CredentialsSecret: config.CredentialsSecret}, &p.state.Position)
	p.outbox = outbox.New(outbox.Config{Seed: config.Seed, Retry: config.Retry, Now: p.core.Now,
		Counters: &p.state.Counters}, &p.timers)
	p.makeRooms(config)
	return p
}

// makeRooms makes the rooms, from the ground up, and registers their deadlines. The order in which
// they register settles ties of one instant; commands come before all of them.
func (p *Plane) makeRooms(config Config) {
	p.fleet = fleet.New(fleet.Config{Watcher: upstairs{p}, Core: p.core, DynamicPorts: config.DynamicPorts,
		ZoneOfSubnet: config.ZoneOfSubnet})
	p.tasks = tasks.New(tasks.Config{Core: p.core, Outbox: p.outbox, Fleet: p.fleet, Registry: p.registry,
		Effect: func(t *tasks.Task, e lifecycle.Effect) { p.dispatch.Carry(t, e) }})
	p.discovery = discovery.New(discovery.Config{Core: p.core, Account: config.Account, Unhealthy: p.unhealthy})
	p.dispatch = dispatch.New(dispatch.Config{Core: p.core, Outbox: p.outbox, Fleet: p.fleet, Tasks: p.tasks,
		Discovered: p.discovered, Undiscovered: p.discovery.Deregistered})
	p.capacity = capacity.New(capacity.Config{Core: p.core, Outbox: p.outbox, Fleet: p.fleet, Tasks: p.tasks,
		Registry: p.registry, Explain: config.Explain})
	p.services = services.New(services.Config{Core: p.core, Outbox: p.outbox, Fleet: p.fleet, Tasks: p.tasks,
		Capacity: p.capacity, Registry: p.registry, TasksPerService: config.TasksPerService})
	p.rollout = rollout.New(rollout.Config{Census: census.New(census.Config{Core: p.core, Tasks: p.tasks}),
		Core: p.core, Outbox: p.outbox, Fleet: p.fleet, Tasks: p.tasks,
		Capacity: p.capacity, Services: p.services, Registry: p.registry,
		ServiceRate: config.LaunchRates.Service, FargateRate: config.LaunchRates.Fargate})
	p.tasks.Watch(&p.timers)
	p.fleet.Watch(&p.timers)
	p.services.Watch(&p.timers)
	p.targets = targets.New(targets.Config{Core: p.core, Own: config.OwnLoadBalancers, Ports: p.fleet.PortsOfTarget,
		Drained: p.dispatch.TargetDrained}, &p.timers)
	p.targetGroups = targets.NewGroups(p.targets, p.rollout.Names)
	p.targetGroups.Outbox, p.dispatch.Groups = p.outbox, p.targetGroups
	p.classic = classic.New(classic.Config{Core: p.core, Groups: p.targetGroups, Region: config.Region,
		ZoneOfSubnet: config.ZoneOfSubnet})
	p.balancers = balancers.New(balancers.Config{Core: p.core, Groups: p.targetGroups, Region: config.Region,
		ZoneOfSubnet: config.ZoneOfSubnet})
	p.capacity.Watch(&p.timers)
	p.alarms = alarms.New(alarms.Config{Core: p.core, Above: aboveAlarms{p}}, &p.timers)
	p.capacity.Record = p.alarms.Record
	p.measures = measures.New(measures.Config{Core: p.core, Fleet: p.fleet, Record: p.alarms.Record,
		Latest: p.alarms.Latest, On: config.ClusterMetrics}, &p.timers)
	p.scaling = scaling.New(scaling.Config{Core: p.core, Outbox: p.outbox, Services: p.services.Scalables(),
		Alarms:          p.alarms,
		TasksPerService: config.TasksPerService,
		PullMetrics:     config.PullMetrics, Location: config.Location}, &p.timers)
	p.tasks.Targets, p.dispatch.Targets = p.targets, p.targets
	p.services.Targets, p.rollout.Targets = p.targets, p.targets
	p.services.Balancers, p.rollout.Balancers = p.balancers, p.balancers
	p.services.Scaling = p.scaling
	p.codeDeploy = codedeploy.New(codedeploy.Config{Core: p.core, Fleet: p.fleet, Targets: p.targets,
		Balancers: p.balancers, Services: p.services, Rollout: p.rollout, Registry: p.registry})
	p.show = show.New(show.Config{Core: p.core, Fleet: p.fleet, Tasks: p.tasks, Capacity: p.capacity,
		Services: p.services, Rollout: p.rollout, Registry: p.registry, Region: config.Region,
		CodeDeploy: p.codeDeploy, Discovery: p.discovery})
}

// Config returns the plane's configuration, defaults filled in.
func (p *Plane) Config() Config { return p.config }

// Now returns the time of the last accepted input.
func (p *Plane) Now() time.Time { return p.state.Now.Time() }

// request carries out one of the plane's operations: f either refuses, with an error and
// without having changed anything, or is recorded and followed by everything it sets off.
// Time never goes back: an earlier now counts as the plane's own.
func request[In, Out any](p *Plane, now time.Time, op string, in In, f func(In) (Out, error)) (Out, error) {
	p.alive()
	defer p.guard(op, p.given())
	before := p.state
	p.state.Now = max(before.Now, ecs.At(now))
	out, err := f(in)
	if err != nil {
		p.state = before
		var zero Out
		return zero, err
	}
	p.record(op, in)
	p.rollout.Settle()
	p.timers.DropStale()
	return out, nil
}

// answer is request for an operation that is answered with what it made or changed, as show
// describes it before anything is set off.
func answer[In, Noun, Out any](
	p *Plane, now time.Time, op string, in In, do func(In) (Noun, error), show func(Noun) Out,
) (Out, error) {
	return request(p, now, op, in, func(in In) (Out, error) {
		noun, err := do(in)
		if err != nil || p.following { // a record that is re-executed answers nobody
			var zero Out
			return zero, err
		}
		return show(noun), nil
	})
}
