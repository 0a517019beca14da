package driver_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

const group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"
const registry = "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-api"

// world carries commands out in memory: a second later each has had its effect. It outlives
// loops and planes. fault, if any, goes first and may fail, panic or hang.
type world struct {
	fault func(ctx context.Context, key message.Key) error

	mu      sync.Mutex
	notify  func(message.Event) // of the loop there is; nil while there is none
	tasks   map[ecs.TaskID]*placed
	targets map[string]message.TargetHealth
	epochs  map[string]uint64 // by interface and target: the highest that was carried out
	carried map[message.Key]int
	seen    uint64
	floor   uint64 // what the agents' lives before have seen
	number  int
}

type placed struct {
	start    message.StartTask
	status   ecs.TaskStatus
	sequence uint64
}

func newWorld(t *testing.T) *world {
	t.Cleanup(func() { time.Sleep(time.Hour) }) // what is under way must end before its bubble does
	return &world{tasks: map[ecs.TaskID]*placed{}, targets: map[string]message.TargetHealth{},
		epochs: map[string]uint64{}, carried: map[message.Key]int{}}
}

func (w *world) runtime() driver.Runtime {
	return driver.Runtime{Agent: w, NetworkInterfaces: w, Volumes: w, Targets: w, Discovery: w, Hooks: w}
}

// connect makes events go to a loop; nil: nowhere.
func (w *world) connect(notify func(message.Event)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notify = notify
}

func (w *world) tell(ev message.Event) {
	w.mu.Lock()
	notify := w.notify
	w.mu.Unlock()
	if notify != nil {
		notify(ev)
	}
}

func (w *world) soon(f func()) {
	go func() {
		time.Sleep(time.Second)
		f()
	}()
}

// begin reports whether a command has something to do: not if a newer one was carried out.
func (w *world) begin(ctx context.Context, key message.Key) (fresh bool, err error) {
	if w.fault != nil {
		if err := w.fault(ctx, key); err != nil {
			return false, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.carried[key]++
	w.seen = max(w.seen, key.Epoch)
	of := interfaceOf(key.Op) + " " + key.Target
	if w.epochs[of] >= key.Epoch {
		return false, nil
	}
	w.epochs[of] = key.Epoch
	return true, nil
}

// interfaceOf tells whose business an operation is: a stop is not outdated because the
// registry has since forgotten the task.
func interfaceOf(op string) string {
	switch op {
	case "StartTask", "StopTask":
		return "Agent"
	case "AttachNetworkInterface", "DetachNetworkInterface":
		return "NetworkInterfaces"
	case "AttachVolume", "DetachVolume":
		return "Volumes"
	case "RegisterTarget", "DeregisterTarget":
		return "Targets"
	case "RegisterInstance", "DeregisterInstance":
		return "Discovery"
	}
	return op
}

func (w *world) StartTask(ctx context.Context, c message.StartTask) error {
	fresh, err := w.begin(ctx, c.ID)
	if !fresh || err != nil {
		return err
	}
	w.mu.Lock()
	if c.ID.Epoch <= w.floor {
		w.mu.Unlock()
		return driver.Permanent(fmt.Errorf("the agent was started again and has forgotten task %s", c.Task))
	}
	w.tasks[c.Task] = &placed{start: c, status: ecs.TaskStatusPending}
	w.mu.Unlock()
	w.soon(func() { w.move(c.Task, ecs.TaskStatusRunning) })
	return nil
}

func (w *world) StopTask(ctx context.Context, c message.StopTask) error {
	fresh, err := w.begin(ctx, c.ID)
	if !fresh || err != nil {
		return err
	}
	w.soon(func() { w.move(c.Task, ecs.TaskStatusStopped) })
	return nil
}

// move changes a task's status, never back, and tells.
func (w *world) move(id ecs.TaskID, status ecs.TaskStatus) {
	w.mu.Lock()
	t, ok := w.tasks[id]
	if !ok || t.status == ecs.TaskStatusStopped {
		w.mu.Unlock()
		return
	}
	t.status = status
	t.sequence++
	ev := t.change()
	w.mu.Unlock()
	w.tell(ev)
}

func (t *placed) change() message.TaskStateChange {
	ev := message.TaskStateChange{Cluster: t.start.Cluster, Task: t.start.Task, Instance: t.start.Instance,
		Sequence: t.sequence, Status: t.status}
	for _, c := range t.start.TaskDefinition.ContainerDefinitions {
		change := message.ContainerStateChange{Name: c.Name, Status: ecs.ContainerStatus(t.status)}
		if t.status == ecs.TaskStatusStopped {
			change.ExitCode = ecs.Some(0)
		}
		ev.Containers = append(ev.Containers, change)
	}
	return ev
}

// report tells all that runs, by instance, and every target's health, every 30 seconds until
// the context ends.
func (w *world) report(ctx context.Context, instances []ecs.InstanceID) {
	for {
		select {
		case <-time.After(30 * time.Second):
		case <-ctx.Done():
			return
		}
		for _, i := range append(instances, "") {
			w.mu.Lock()
			r := message.InstanceReport{Cluster: "default", Instance: i, Seen: w.seen}
			for _, t := range w.tasks { //order:any the plane does not mind
				if t.start.Instance == i {
					t.sequence++
					r.Tasks = append(r.Tasks, t.change())
				}
			}
			w.mu.Unlock()
			w.tell(r)
		}
		w.mu.Lock()
		all := slices.Collect(maps.Values(w.targets))
		w.mu.Unlock()
		for _, h := range all {
			w.tell(h)
		}
	}
}

func (w *world) AttachNetworkInterface(ctx context.Context, c message.AttachNetworkInterface) (string, error) {
	_, err := w.begin(ctx, c.ID)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.number++
	return fmt.Sprintf("10.0.%d.%d", w.number/200, w.number%200+1), err
}

func (w *world) DetachNetworkInterface(ctx context.Context, c message.DetachNetworkInterface) error {
	_, err := w.begin(ctx, c.ID)
	return err
}

func (w *world) AttachVolume(ctx context.Context, c message.AttachVolume) (string, error) {
	_, err := w.begin(ctx, c.ID)
	return "vol-" + string(c.Task), err
}

func (w *world) DetachVolume(ctx context.Context, c message.DetachVolume) error {
	_, err := w.begin(ctx, c.ID)
	return err
}

func (w *world) RegisterTarget(ctx context.Context, c message.RegisterTarget) error {
	return w.target(ctx, c.ID, message.TargetHealth{TargetGroupArn: c.TargetGroupArn, Target: c.Target,
		Port: c.Port, State: "healthy"})
}

func (w *world) DeregisterTarget(ctx context.Context, c message.DeregisterTarget) error {
	return w.target(ctx, c.ID, message.TargetHealth{TargetGroupArn: c.TargetGroupArn, Target: c.Target,
		Port: c.Port, State: "unused"})
}

func (w *world) target(ctx context.Context, key message.Key, health message.TargetHealth) error {
	fresh, err := w.begin(ctx, key)
	if fresh && err == nil {
		w.soon(func() {
			w.mu.Lock()
			w.targets[key.Target] = health
			w.mu.Unlock()
			w.tell(health)
		})
	}
	return err
}

func (w *world) RegisterInstance(ctx context.Context, c message.RegisterInstance) error {
	_, err := w.begin(ctx, c.ID)
	return err
}

func (w *world) DeregisterInstance(ctx context.Context, c message.DeregisterInstance) error {
	_, err := w.begin(ctx, c.ID)
	return err
}

func (w *world) InvokeLifecycleHook(ctx context.Context, c message.InvokeLifecycleHook) (driver.HookAnswer, error) {
	_, err := w.begin(ctx, c.ID)
	return driver.HookAnswer{Status: ecs.LifecycleHookStatusSucceeded}, err
}

// running returns the tasks that run, by family.
func (w *world) running() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := map[string]int{}
	for _, t := range w.tasks { //order:any counts
		if t.status == ecs.TaskStatusRunning {
			n[t.start.TaskDefinition.Family]++
		}
	}
	return n
}

// instance is a machine with 4 vCPU.
func instance() api.RegisterContainerInstanceInput {
	return api.RegisterContainerInstanceInput{TotalResources: []ecs.Resource{
		{Name: "CPU", Type: "INTEGER", IntegerValue: 4096}, {Name: "MEMORY", Type: "INTEGER", IntegerValue: 8192},
		{Name: "PORTS", Type: "STRINGSET", StringSetValue: []string{"22", "2375", "2376", "51678", "51679"}}}}
}

func definition(family string) ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: family, ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c",
		Image: "i", CPU: 128, Memory: 128,
		PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}
}

// story is what users ask for in turn: two services, one of them behind a target group, one
// on Fargate with a registry; then an update and a scale-in.
func story() []func(*control.Plane, time.Time) error {
	return []func(*control.Plane, time.Time) error{
		func(p *control.Plane, now time.Time) error {
			_, err := p.RegisterContainerInstance(now, instance())
			return err
		},
		func(p *control.Plane, now time.Time) error {
			_, err := p.RegisterContainerInstance(now, instance())
			return err
		},
		func(p *control.Plane, now time.Time) error {
			_, err := p.RegisterTaskDefinition(now, definition("web"))
			return err
		},
		func(p *control.Plane, now time.Time) error {
			_, err := p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
				DesiredCount:  ecs.Some(3),
				LoadBalancers: []ecs.LoadBalancer{{TargetGroupArn: group, ContainerName: "c", ContainerPort: 80}}})
			return err
		},
		func(p *control.Plane, now time.Time) error {
			d := definition("api")
			d.NetworkMode, d.CPU, d.Memory = ecs.NetworkModeAwsvpc, "256", "512"
			d.RequiresCompatibilities = []ecs.Compatibility{ecs.CompatibilityFargate}
			_, err := p.RegisterTaskDefinition(now, d)
			return err
		},
		func(p *control.Plane, now time.Time) error {
			_, err := p.CreateService(now, api.CreateServiceInput{ServiceName: "api", TaskDefinition: "api",
				DesiredCount: ecs.Some(2),
				LaunchType:   ecs.LaunchTypeFargate, ServiceRegistries: []ecs.ServiceRegistry{{RegistryArn: registry}},
				NetworkConfiguration: &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{
					Subnets: []string{"subnet-1"}}}})
			return err
		},
		func(p *control.Plane, now time.Time) error {
			_, err := p.RegisterTaskDefinition(now, definition("web"))
			return err
		},
		func(p *control.Plane, now time.Time) error {
			_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "web", TaskDefinition: "web:2"})
			return err
		},
		func(p *control.Plane, now time.Time) error {
			_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "api", DesiredCount: ecs.Some(1)})
			return err
		},
	}
}

// settled reports what the story's end still lacks, "" for nothing.
func settled(p *control.Plane) string {
	out, err := p.DescribeServices(api.DescribeServicesInput{Services: []string{"web", "api"}})
	if err != nil || len(out.Services) != 2 {
		return fmt.Sprint("services are missing ", err)
	}
	for _, s := range out.Services {
		if s.RunningCount != s.DesiredCount || s.PendingCount != 0 || len(s.Deployments) != 1 {
			return fmt.Sprintf("%s: running %d, pending %d, desired %d, deployments %d", s.ServiceName, s.RunningCount,
				s.PendingCount, s.DesiredCount, len(s.Deployments))
		}
	}
	for c := range p.Outstanding() {
		return "outstanding " + c.Key().String()
	}
	return ""
}

// memory is a journal that refuses to keep more than a number of records.
type memory struct {
	mu      sync.Mutex
	records []control.Record
	limit   int           // 0: none
	slow    time.Duration // how long an Append takes
	seed    uint64        // of the plane, less 1
}

func (m *memory) Append(_ context.Context, records []control.Record) error {
	time.Sleep(m.slow)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		if m.limit > 0 && len(m.records) == m.limit {
			return errCrash
		}
		m.records = append(m.records, r)
	}
	return nil
}

// each yields the records.
func (m *memory) each(yield func(control.Record, error) bool) {
	for _, r := range m.records {
		if !yield(r, nil) {
			return
		}
	}
}

// replayed is the plane that the journal gives.
func (m *memory) replayed(t testing.TB) *control.Plane {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	p, err := control.Replay(control.New(control.Config{Seed: 1 + m.seed}).State(), control.Config{}, m.each)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	return p
}
