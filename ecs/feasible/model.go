package feasible

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// model is what a verdict rests on: for every instance how many tasks that are to go it has,
// and how many new ones it can take once how many of them are gone. New tasks are all alike,
// so where they are put does not matter, only how many fit; which tasks go first does.
type model struct {
	view     *scheduler.View
	requests map[string]placement.Request
	snapshot *placement.Snapshot
	primary  *scheduler.Rollout
	request  placement.Request // of a new task
	percents scheduler.Percents
	n        int  // desired
	placed   int  // tasks of the PRIMARY deployment that stay
	staged   bool // old tasks stay until the new ones are all there

	newest    int     // the last layer that has tasks, or -1
	blue      int     // where m.staged: the layer of the tasks that stay till the end, or -1
	layers    []layer // in the order in which their tasks go
	rows      []row
	counts    []int32 // tasks by row and layer
	kindOf    []int32 // of each row; see kind
	measured  []measured
	fargate   bool
	needs     limits  // what can be in the way of a task of this request at all
	ports     portSet // all static host ports of a new task
	unlimited int     // a room that is as good as any
}

// layer is tasks that go before those of the next layer.
type layer struct {
	deployment string // "": on draining instances
	need       ecs.Resources
	ports      portSet // those of the new task's that a task here holds
	count      int
	anew       int           // most tasks that the deployment starts again, because it lacks them
	least      ecs.Resources // what one of those needs at least
}

// row is one instance.
type row struct {
	id     ecs.InstanceID
	free   ecs.Resources // once what is stopping is gone
	have   int           // tasks of the PRIMARY deployment that stay
	taken  portSet       // ports held by what stays
	failed limits        // needs that neither time nor room will meet
	closed bool          // takes no task, and no fact is in the way: not ACTIVE, another provider
	reason []placement.Reason
}

// limits is a set of things that may be in the way: of the service in the low half, of one
// instance in the high half.
type limits uint64

const (
	limitMinimum limits = 1 << iota
	limitMaximum
	limitStrategy
	limitDistinct
	limitPorts
	limitMember // and the bits after it, one a constraint
)

const (
	limitCPU limits = 1 << (32 + iota)
	limitMemory
	limitGPU
	limitENI
	limitAttribute
	limitAgent
	limitLocation
)

func (m *model) cells(i int) []int32 {
	return m.counts[i*len(m.layers) : (i+1)*len(m.layers)]
}

func newModel(v *scheduler.View, s *placement.Snapshot, requests map[string]placement.Request) (*model, error) {
	m := &model{view: v, snapshot: s, requests: requests}
	if err := m.check(); err != nil {
		return nil, err
	}
	m.request = requests[m.primary.ID]
	if p := m.primary.CapacityProviderStrategy; len(p) == 1 && m.request.CapacityProvider == "" {
		m.request.CapacityProvider = p[0].CapacityProvider
	}
	m.fargate = s == nil || m.request.LaunchType == ecs.LaunchTypeFargate || ecs.OnFargate(m.primary.LaunchType,
		m.primary.CapacityProviderStrategy)
	m.percents = scheduler.PercentsOf(v.Service)
	m.n = max(v.Service.DesiredCount, 0)
	m.unlimited = m.n + 1
	m.staged = stages(&v.Service)
	m.ports = m.portsOf(m.request.HostPorts)
	m.needs = m.asks()
	m.layer()
	if err := m.readInstances(); err != nil {
		return nil, err
	}
	m.readTasks()
	m.readMissing()
	m.findNewest()
	m.findKinds()
	return m, nil
}

// findNewest finds the last layer that has tasks, or may have.
func (m *model) findNewest() {
	m.newest = -1
	for l := range m.layers {
		if m.layers[l].any() {
			m.newest = l
		}
	}
}

// stages reports whether old tasks stay until traffic has moved.
func stages(s *ecs.Service) bool {
	if s.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
		return false
	}
	if c := s.DeploymentController; c != nil && c.Type == ecs.DeploymentControllerTypeCodeDeploy {
		return true
	}
	d := s.DeploymentConfiguration.Strategy
	return d != "" && d != ecs.DeploymentStrategyRolling
}

// check finds the PRIMARY deployment and every fault of the arguments.
func (m *model) check() error {
	var faults ecs.ErrorList
	fault := func(code ecs.Code, field, format string, args ...any) {
		faults = append(faults, ecs.Fault(code, field, fmt.Sprintf(format, args...)))
	}
	v := m.view
	if st := v.Service.Status; st == ecs.ServiceStatusDraining || st == ecs.ServiceStatusInactive {
		fault(ecs.ServiceNotActiveException, "view.service.status", "the service is %s.", st)
	}
	if c := v.Service.DeploymentController; c != nil && c.Type == ecs.DeploymentControllerTypeExternal {
		fault(ecs.UnsupportedFeatureException, "view.service.deploymentController.type",
			"the deployment controller is EXTERNAL, which is not judged.")
	}
	for i := range v.State.Rollouts {
		d := &v.State.Rollouts[i]
		path := "view.state.rollouts[" + strconv.Itoa(i) + "]"
		if d.Status == ecs.DeploymentStatusPrimary && m.primary == nil {
			m.primary = d
			if n := len(m.requests[d.ID].HostPorts); n > maxPorts {
				fault(ecs.InvalidParameterException, "requests["+d.ID+"].hostPorts",
					"the tasks need %d static host ports; at most %d are judged.", n, maxPorts)
			}
			if len(d.CapacityProviderStrategy) > 1 && !ecs.OnFargate(d.LaunchType, d.CapacityProviderStrategy) {
				fault(ecs.UnsupportedFeatureException, path+".capacityProviderStrategy",
					"the deployment has %d capacity providers; only deployments on one are judged.",
					len(d.CapacityProviderStrategy))
			}
		}
		r, ok := m.requests[d.ID]
		if !ok {
			fault(ecs.InvalidParameterException, "requests["+d.ID+"]", "deployment %s has no request.", d.ID)
			continue
		}
		if _, _, err := placement.Judge(empty(), r, ""); err != nil {
			fault(ecs.InvalidParameterException, "requests["+d.ID+"]", "%v", err)
		}
	}
	for i := range v.Instances {
		if m.snapshot == nil || v.Service.SchedulingStrategy != ecs.SchedulingStrategyDaemon {
			break
		}
		if _, ok := m.snapshot.Remaining(v.Instances[i].ID); !ok {
			fault(ecs.InvalidParameterException, "view.instances["+strconv.Itoa(i)+"].id",
				"instance %s is not in the snapshot.", v.Instances[i].ID)
		}
	}
	if m.primary == nil {
		fault(ecs.InvalidParameterException, "view.state.rollouts", "the service has no PRIMARY deployment.")
	}
	return faults.Err()
}

// empty returns a cluster without instances.
func empty() *placement.Snapshot {
	s, _ := placement.NewSnapshot(nil, nil)
	return s
}

// layer orders what is to go: tasks on draining instances first, then deployments, oldest
// first, but the blue one last.
func (m *model) layer() {
	m.layers = append(m.layers, layer{})
	rs := m.view.State.Rollouts
	blue := ""
	if m.staged {
		blue = m.blueDeployment()
	}
	add := func(d *scheduler.Rollout) {
		r := m.requests[d.ID]
		m.layers = append(m.layers, layer{deployment: d.ID, need: r.Need, ports: m.portsOf(r.HostPorts)})
	}
	m.blue = -1
	for i := len(rs) - 1; i >= 0; i-- {
		if rs[i].ID != m.primary.ID && rs[i].ID != blue {
			add(&rs[i])
		}
	}
	for i := range rs {
		if rs[i].ID == blue {
			m.blue = len(m.layers)
			add(&rs[i])
		}
	}
}

// blueDeployment returns the deployment that one by stages takes over from: the one that it
// began with, else the last that was rolled out, else the newest that has tasks; "" if none.
func (m *model) blueDeployment() string {
	if s := &m.primary.Stages; s.Stage != "" {
		return s.Source
	}
	blue := ""
	var at ecs.Instant
	for i := range m.view.State.Rollouts {
		d := &m.view.State.Rollouts[i]
		if d.ID != m.primary.ID && d.RolloutState == ecs.DeploymentRolloutStateCompleted &&
			(blue == "" || d.CreatedAt > at) {
			blue, at = d.ID, d.CreatedAt
		}
	}
	for i := range m.view.State.Rollouts {
		d := &m.view.State.Rollouts[i]
		if blue != "" || d.ID == m.primary.ID {
			continue
		}
		if slices.ContainsFunc(m.view.Tasks, func(t scheduler.Task) bool {
			return t.Deployment == d.ID && t.DesiredStatus != ecs.DesiredStatusStopped &&
				t.LastStatus != ecs.TaskStatusStopped
		}) {
			blue = d.ID
		}
	}
	return blue
}

// readInstances makes a row of each instance, in order of ID, and a last one for tasks that
// are on none.
func (m *model) readInstances() error {
	if m.snapshot != nil {
		static := m.request
		static.Need, static.HostPorts = ecs.Resources{}, nil
		static.Strategy = []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeRandom}}
		var index []int // of the constraints left
		static.Constraints = nil
		for i, c := range m.request.Constraints {
			if c.Type == ecs.PlacementConstraintTypeMemberOf { // distinctInstance is counted from the tasks
				static.Constraints, index = append(static.Constraints, c), append(index, i)
			}
		}
		e := placement.Explain(m.snapshot, static)
		if e.Err != nil {
			return e.Err
		}
		m.rows = make([]row, 0, m.snapshot.Len()+1)
		for v := range e.Verdicts() {
			r := row{id: v.Instance}
			r.free, _ = m.snapshot.Remaining(v.Instance)
			if !m.ports.empty() {
				r.taken = m.portsOf(m.snapshot.PortsInUse(v.Instance))
			}
			r.read(v.Reasons, index)
			m.rows = append(m.rows, r)
		}
	}
	m.rows = append(m.rows, row{closed: true})
	m.counts = make([]int32, len(m.rows)*len(m.layers))
	return nil
}

// read notes the needs that an instance does not meet whatever room it has.
func (r *row) read(reasons []placement.Reason, index []int) {
	for _, why := range reasons {
		switch why.Code {
		case placement.ReasonAttribute:
			r.failed |= limitAttribute
		case placement.ReasonAgent:
			r.failed |= limitAgent
		case placement.ReasonLocation:
			r.failed |= limitLocation
		case placement.ReasonMemberOf:
			r.failed |= limitMember << index[why.Constraint]
		case placement.ReasonInactive, placement.ReasonCapacityProvider, placement.ReasonTasks:
			r.closed = true
		}
		r.reason = append(r.reason, why)
	}
}

// row returns the index of the instance's row.
func (m *model) row(id ecs.InstanceID) int {
	last := len(m.rows) - 1
	i, ok := slices.BinarySearchFunc(m.rows[:last], id, func(r row, id ecs.InstanceID) int {
		return strings.Compare(string(r.id), string(id))
	})
	if !ok {
		return last
	}
	return i
}

// readTasks counts the service's tasks. What is stopping gives its room back; what is to go
// holds it until then.
func (m *model) readTasks() {
	at := -1
	for i := range m.view.Tasks {
		t := &m.view.Tasks[i]
		if t.LastStatus.Over() {
			continue
		}
		if at++; at >= len(m.rows) || m.rows[at].id != t.Instance || m.rows[at].closed { // not in order of instance
			at = m.row(t.Instance)
		}
		r := &m.rows[at]
		q, known := m.requests[t.Deployment]
		switch {
		case t.DesiredStatus == ecs.DesiredStatusStopped || m.layerOf(t) < 0 && t.Deployment != m.primary.ID:
			if known {
				r.free = r.free.Plus(q.Need)
				r.taken.remove(m.portsOf(q.HostPorts))
			}
		case t.Deployment == m.primary.ID && !m.leaves(t):
			m.placed++
			r.have++
		default:
			l := m.layerOf(t)
			m.cells(at)[l]++
			m.layers[l].count++
			if l > 0 {
				r.taken.remove(m.layers[l].ports)
			}
		}
	}
}

// any reports whether the layer has tasks, or may have.
func (l *layer) any() bool { return l.count+l.anew > 0 }

// leaves reports whether the task goes because its instance is draining.
func (m *model) leaves(t *scheduler.Task) bool {
	return t.InstanceDraining && m.view.Service.SchedulingStrategy != ecs.SchedulingStrategyDaemon
}

// layerOf returns the layer of a task that is to go, or -1 if its deployment is not known.
func (m *model) layerOf(t *scheduler.Task) int {
	if m.leaves(t) {
		return 0
	}
	return slices.IndexFunc(m.layers, func(l layer) bool { return l.deployment == t.Deployment && l.deployment != "" })
}

// old returns how many tasks are to go.
func (m *model) old() int {
	sum := 0
	for _, l := range m.layers {
		sum += l.count
	}
	return sum
}
