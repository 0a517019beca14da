package placement

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// Running is one task of the cluster. It says which group is where; the free amounts are given by
// the instance's RemainingResources, not by the tasks.
type Running struct {
	ID       ecs.TaskID     `json:"id"`
	Instance ecs.InstanceID `json:"instance,omitzero"` // "" on Fargate
	Group    string         `json:"group,omitzero"`
	// "": RUNNING. STOPPED: holds resources, counts nowhere
	DesiredStatus    ecs.DesiredStatus `json:"desiredStatus,omitzero"`
	LaunchType       ecs.LaunchType    `json:"launchType,omitzero"`
	CapacityProvider string            `json:"capacityProvider,omitzero"`
	Zone             string            `json:"zone,omitzero"`      // of a Fargate task
	Resources        ecs.Resources     `json:"resources,omitzero"` // what the task holds
	HostPorts        []ecs.HostPort    `json:"hostPorts,omitzero"` // static and dynamic
	Protected        bool              `json:"protected,omitzero"` // from scale-in
	Deployment       string            `json:"deployment,omitzero"`
	Health           ecs.HealthStatus  `json:"health,omitzero"`
}

// counts reports whether the task counts for spread, distinctInstance, task:group and
// runningTasksCount: its desired status is not STOPPED.
func (t Running) counts() bool { return t.DesiredStatus != ecs.DesiredStatusStopped }

// Config is what a snapshot or an index needs besides the cluster. The zero value is
// ECS's default.
type Config struct {
	ENITable ENITable // awsvpc tasks by instance type; nil: DefaultENITable
}

// Snapshot is an immutable view of a cluster's container instances, sorted by ID, and of
// how many tasks of which group each has. It may be shared freely.
type Snapshot struct {
	config    Config
	instances []instance
	groups    map[string][]share // by group name, in order of instance
}

// share is how many tasks of a group one instance has.
type share struct {
	instance int // index into Snapshot.instances
	count    int
}

// NewSnapshot is Config{}.NewSnapshot.
func NewSnapshot(instances iter.Seq[ecs.ContainerInstance], running iter.Seq[Running]) (*Snapshot, error) {
	return Config{}.NewSnapshot(instances, running)
}

// NewSnapshot returns a view of the container instances and of the tasks on them. Either
// sequence may be nil, and comes in any order; nothing of it is kept.
//
// What is free on an instance is its RemainingResources; where that is empty, its
// RegisteredResources less the Resources and HostPorts of the tasks on it. Network
// interfaces are not reported by agents: they are those of the instance type (ENITable) less
// those of the tasks. An instance's task count is the number of tasks listed on it whose
// desired status is not STOPPED, or its own runningTasksCount where that is greater: tasks
// beyond the listed ones are of no group. Tasks on instances that are not listed are passed over.
//
// The error is an ecs.ErrorList: InvalidParameterException for an instance without ID, an ID
// given twice, amounts out of range and attributes that break the rules of names and values;
// AttributeLimitExceededException for more than MaxCustomAttributes of the user's own.
// O(n log n).
func (c Config) NewSnapshot(instances iter.Seq[ecs.ContainerInstance], running iter.Seq[Running]) (*Snapshot, error) {
	c.ENITable = c.table().sorted()
	s := &Snapshot{config: c, groups: map[string][]share{}}
	var faults ecs.ErrorList
	if instances != nil {
		for ci := range instances {
			in, err := newInstance(&ci, c.ENITable, request.At("containerInstances", len(s.instances), ""))
			faults = append(faults, err...)
			s.instances = append(s.instances, in)
		}
	}
	faults = append(faults, twice(s.instances)...)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(s.instances, func(a, b instance) int { return cmp.Compare(a.id, b.id) })
	s.gather()
	if running != nil {
		places := make(map[ecs.InstanceID]int, len(s.instances))
		for i := range s.instances {
			places[s.instances[i].id] = i
		}
		for t := range running {
			if i, ok := places[t.Instance]; ok {
				s.instances[i].add(t)
			}
		}
	}
	s.index()
	return s, nil
}

// twice returns a fault for each instance whose ID an earlier one has.
func twice(instances []instance) ecs.ErrorList {
	var faults ecs.ErrorList
	seen := make(map[ecs.InstanceID]int, len(instances))
	for i := range instances {
		id := instances[i].id
		if first, ok := seen[id]; ok && id != "" {
			faults = append(faults, ecs.Fault(ecs.InvalidParameterException,
				request.At("containerInstances", i, "containerInstanceArn"),
				fmt.Sprintf("instance %s is given before, as containerInstances[%d].", id, first)))
			continue
		}
		seen[id] = i
	}
	return faults
}

// gather puts what the instances registered side by side, in order of ID; those that are alike share lists.
func (s *Snapshot) gather() {
	taken, same := 0, newAlikes()
	for i := range s.instances {
		taken += len(s.instances[i].ports)
	}
	all, ports := make([]facts, len(s.instances)), make([]ecs.HostPort, 0, taken)
	for i := range s.instances {
		f := &all[i]
		*f = *s.instances[i].facts
		same.share(f, len(s.instances))
		s.instances[i].facts = f
		first := len(ports)
		ports = append(ports, s.instances[i].ports...)
		s.instances[i].ports = ports[first:len(ports):len(ports)]
	}
}

func (c Config) table() ENITable {
	if c.ENITable == nil {
		return DefaultENITable()
	}
	return c.ENITable
}

// index settles the instances' books and writes the groups' shares.
func (s *Snapshot) index() {
	for i := range s.instances {
		in := &s.instances[i]
		in.settle()
		for _, h := range in.groups {
			s.groups[h.group] = append(s.groups[h.group], share{i, h.count})
		}
	}
}

// find returns the index of the instance with the ID.
func (s *Snapshot) find(id ecs.InstanceID) (int, bool) {
	return slices.BinarySearchFunc(s.instances, id, func(in instance, id ecs.InstanceID) int {
		return cmp.Compare(in.id, id)
	})
}

// Len returns the number of instances.
func (s *Snapshot) Len() int { return len(s.instances) }

// Instances yields the IDs of the instances, in order.
func (s *Snapshot) Instances() iter.Seq[ecs.InstanceID] {
	return func(yield func(ecs.InstanceID) bool) {
		for i := range s.instances {
			if !yield(s.instances[i].id) {
				return
			}
		}
	}
}

// Remaining returns what is free on an instance, its network interfaces included, and
// whether it is in the snapshot. An amount below zero is owed: the instance registered less
// than its tasks hold.
func (s *Snapshot) Remaining(id ecs.InstanceID) (ecs.Resources, bool) {
	i, ok := s.find(id)
	if !ok {
		return ecs.Resources{}, false
	}
	return s.instances[i].free, true
}

// PortsInUse returns the host ports taken on an instance, in order of protocol and port.
func (s *Snapshot) PortsInUse(id ecs.InstanceID) []ecs.HostPort {
	i, ok := s.find(id)
	if !ok {
		return nil
	}
	return slices.Clone(s.instances[i].ports)
}

// Count returns how many tasks of the group there are; tasks whose desired status is STOPPED
// do not count.
func (s *Snapshot) Count(group string) int {
	n := 0
	for _, sh := range s.groups[group] {
		n += sh.count
	}
	return n
}

// CountOn returns how many tasks of the group an instance has.
func (s *Snapshot) CountOn(group string, id ecs.InstanceID) int {
	i, ok := s.find(id)
	if !ok {
		return 0
	}
	return s.instances[i].count(group)
}
