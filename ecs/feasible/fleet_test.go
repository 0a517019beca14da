package feasible_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// plenty is an amount that never runs short.
const plenty = 1 << 20

// fleet is a small world: hosts, and a REPLICA service with its revisions, the newest first.
// tasks[r][h] counts the tasks of revision r on host h.
type fleet struct {
	hosts            []host
	desired          int
	minimum, maximum int
	distinct         bool // constraint of the service
	strategy         ecs.DeploymentStrategy
	placement        []ecs.PlacementStrategy
	first            bool // no revision has been rolled out before; otherwise the oldest was
	revs             []revision
	tasks            [][]int
}

type host struct {
	cpu, memory  int64
	ssd          bool // has the attribute that constrained revisions ask for
	disconnected bool
	draining     bool
}

type revision struct {
	cpu, memory int64
	port        uint16 // static host port; 0: none
	ssd         bool   // its definition asks for the attribute
}

const (
	group  = "service:web"
	member = "attribute:ssd exists"
)

func (f fleet) clone() fleet {
	f.hosts, f.revs = slices.Clone(f.hosts), slices.Clone(f.revs)
	f.tasks = slices.Clone(f.tasks)
	for i := range f.tasks {
		f.tasks[i] = slices.Clone(f.tasks[i])
	}
	return f
}

// key tells fleets apart that are not the same but for the order of their hosts.
func (f *fleet) key() string {
	rows := make([]string, len(f.hosts))
	for h, x := range f.hosts {
		b := fmt.Appendf(nil, "%d/%d/%v%v%v", x.cpu, x.memory, x.ssd, x.disconnected, x.draining)
		for r := range f.tasks {
			b = fmt.Appendf(b, ",%d", f.tasks[r][h])
		}
		rows[h] = string(b)
	}
	slices.Sort(rows)
	return fmt.Sprintf("%d %d-%d %v%v %s %v %v", f.desired, f.minimum, f.maximum, f.distinct, f.first,
		f.strategy, f.revs, rows)
}

func hostID(h int) ecs.InstanceID       { return ecs.InstanceID(fmt.Sprintf("i-%d", h+1)) }
func deploymentID(newest, r int) string { return fmt.Sprintf("ecs-svc/%d", newest-r) }

func (f *fleet) constraints() []ecs.PlacementConstraint {
	if !f.distinct {
		return nil
	}
	return []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeDistinctInstance}}
}

func (f *fleet) request(r int) placement.Request {
	x := f.revs[r]
	q := placement.Request{Group: group, Need: ecs.Resources{CPU: x.cpu, Memory: x.memory}, Strategy: f.placement,
		Deployment: deploymentID(len(f.revs), 0)}
	if x.port != 0 {
		q.HostPorts = []ecs.HostPort{{Port: x.port, Protocol: ecs.TransportProtocolTcp}}
	}
	if x.ssd {
		q.Constraints = append(q.Constraints, ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeMemberOf,
			Expression: member})
	}
	q.Constraints = append(q.Constraints, f.constraints()...)
	return q
}

func (f *fleet) requests() map[string]placement.Request {
	all := map[string]placement.Request{}
	for r := range f.revs {
		all[deploymentID(len(f.revs), r)] = f.request(r)
	}
	return all
}

// view shows the service at rest: every task healthy, every older deployment with the tasks
// that it is to have.
func (f *fleet) view() scheduler.View {
	v := scheduler.View{Service: ecs.Service{ServiceName: "web", Status: ecs.ServiceStatusActive,
		DesiredCount:         f.desired,
		PlacementConstraints: f.constraints()}}
	v.Service.DeploymentConfiguration = ecs.DeploymentConfiguration{Strategy: f.strategy,
		MinimumHealthyPercent: ecs.Some(f.minimum), MaximumPercent: ecs.Some(f.maximum)}
	for r := len(f.revs) - 1; r >= 0; r-- {
		d := scheduler.Rollout{Deployment: ecs.Deployment{ID: deploymentID(len(f.revs), r)}, ContainerHealthCheck: true}
		v.State = v.State.Deploy(d, epoch)
		n := &v.State.Rollouts[0]
		n.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusInProgress
		n.DesiredCount = f.desired
		if r == len(f.revs)-1 && r > 0 && !f.first {
			n.RolloutState = ecs.DeploymentRolloutStateCompleted
			n.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusSuccessful
		}
		if r > 0 {
			n.DesiredCount = 0
			for _, c := range f.tasks[r] {
				n.DesiredCount += c
			}
			n.Demoted = true
		}
	}
	next := 0
	for r := range f.revs {
		for h, c := range f.tasks[r] {
			for range c {
				next++
				v.Tasks = append(v.Tasks, healthy(ecs.TaskID(fmt.Sprintf("%032x", next)), deploymentID(len(f.revs), r),
					hostID(h), f.hosts[h].draining))
			}
		}
	}
	return v
}

func healthy(id ecs.TaskID, deployment string, at ecs.InstanceID, draining bool) scheduler.Task {
	return scheduler.Task{ID: id, Deployment: deployment, LastStatus: "RUNNING",
		DesiredStatus: ecs.DesiredStatusRunning,
		CreatedAt:     ecs.At(epoch), StartedAt: ecs.At(epoch), ContainerHealth: ecs.HealthStatusHealthy,
		Noted: ecs.HealthStatusHealthy, Instance: at, InstanceDraining: draining}
}

func (f *fleet) instances() []ecs.ContainerInstance {
	var all []ecs.ContainerInstance
	for h, x := range f.hosts {
		ci := ecs.ContainerInstance{ContainerInstanceArn: string(hostID(h)), Status: ecs.ContainerInstanceStatusActive,
			AgentConnected: !x.disconnected,
			RegisteredResources: []ecs.Resource{
				{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: int(x.cpu)},
				{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: int(x.memory)},
			}}
		if x.draining {
			ci.Status = ecs.ContainerInstanceStatusDraining
		}
		if x.ssd {
			ci.Attributes = []ecs.Attribute{{Name: "ssd"}}
		}
		all = append(all, ci)
	}
	return all
}

func (f *fleet) running(tasks []scheduler.Task) []placement.Running {
	all := make([]placement.Running, 0, len(tasks))
	for _, t := range tasks {
		q := f.request(f.revOf(t.Deployment))
		all = append(all, placement.Running{ID: t.ID, Instance: t.Instance, Group: group,
			DesiredStatus: t.DesiredStatus,
			Resources:     q.Need, HostPorts: q.HostPorts, Deployment: t.Deployment, Health: t.ContainerHealth})
	}
	return all
}

// revOf and hostOf read the numbers that the IDs are made of.
func (f *fleet) revOf(deployment string) int {
	n, _ := strconv.Atoi(deployment[len("ecs-svc/"):])
	return len(f.revs) - n
}

func (f *fleet) hostOf(id ecs.InstanceID) int {
	n, _ := strconv.Atoi(string(id[len("i-"):]))
	return n - 1
}

func (f *fleet) snapshot(tasks []scheduler.Task) *placement.Snapshot {
	s, err := placement.NewSnapshot(slices.Values(f.instances()), slices.Values(f.running(tasks)))
	if err != nil {
		panic(err)
	}
	return s
}

func (f *fleet) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "desired %d, %d-%d, distinct %v %s\n", f.desired, f.minimum, f.maximum, f.distinct, f.strategy)
	for r, x := range f.revs {
		fmt.Fprintf(&b, "%s %+v on %v\n", deploymentID(len(f.revs), r), x, f.tasks[r])
	}
	fmt.Fprintf(&b, "hosts %+v\n", f.hosts)
	return b.String()
}
