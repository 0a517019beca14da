package placement

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// facts is what an instance registered with. It is made once and never changed, so that
// snapshots and indexes share it.
type facts struct {
	id           ecs.InstanceID
	arn          string
	ec2ID        string
	provider     string
	agentVersion string
	registeredAt ecs.Instant
	status       ecs.ContainerInstanceStatus
	connected    bool
	external     bool
	attributes   []attribute    // by name, each once
	registered   ecs.Resources  // with the network interfaces of its type
	reserved     []ecs.HostPort // registered as taken
}

// attribute is one of an instance's, without what all have in common.
type attribute struct{ name, value string }

// held is how many tasks of a group an instance has.
type held struct {
	group string
	count int
}

// instance is one container instance of a snapshot.
type instance struct {
	*facts
	free      ecs.Resources  // may be negative
	ports     []ecs.HostPort // in use, in order
	shared    []ecs.HostPort // reserved, and in use by a task too, in order
	tasks     int            // desired status not STOPPED; unlisted ones too
	groups    []held         // by name
	remaining bool           // free and ports were reported, not to be worked out
	reported  int            // runningTasksCount as reported
}

// attributeExternal is what instances of ECS Anywhere have.
const attributeExternal = "ecs.capability.external"

// newInstance reads one container instance; path is where the input has it.
func newInstance(ci *ecs.ContainerInstance, table ENITable, path string) (instance, ecs.ErrorList) {
	var faults ecs.ErrorList
	fault := func(field, format string, args ...any) {
		faults = append(faults, ecs.Fault(ecs.InvalidParameterException, path+field, fmt.Sprintf(format, args...)))
	}
	f := &facts{
		id: ci.ID(), arn: ci.ContainerInstanceArn, ec2ID: ci.EC2InstanceID, provider: ci.CapacityProviderName,
		registeredAt: ci.RegisteredAt, status: ci.Status, connected: ci.AgentConnected,
		registered: ci.Registered(),
		reserved:   ecs.ContainerInstance{RegisteredResources: ci.RegisteredResources}.PortsInUse(),
	}
	if ci.VersionInfo != nil {
		f.agentVersion = ci.VersionInfo.AgentVersion
	}
	if f.id == "" {
		fault(".containerInstanceArn", "a container instance has an ARN or ID.")
	}
	f.registered.ENI = table.of(ci)
	custom := 0
	for i, a := range ci.Attributes {
		request.CheckAttribute(a, path+"."+request.At("attributes", i, ""), func(field, format string, args ...any) {
			faults = append(faults, ecs.Fault(ecs.InvalidParameterException, field, fmt.Sprintf(format, args...)))
		})
		if a.Name == attributeExternal {
			f.external = true
		}
		if value, _ := ci.Attribute(a.Name); !slices.ContainsFunc(f.attributes, func(b attribute) bool {
			return a.Name == b.name
		}) {
			f.attributes = append(f.attributes, attribute{a.Name, value})
			if request.IsCustom(a.Name) {
				custom++
			}
		}
	}
	slices.SortFunc(f.attributes, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	if custom > MaxCustomAttributes {
		faults = append(faults, ecs.Fault(ecs.AttributeLimitExceededException, path+".attributes",
			fmt.Sprintf("%d custom attributes given, at most %d are allowed.", custom, MaxCustomAttributes)))
	}
	in := instance{facts: f, free: f.registered, reported: ci.RunningTasksCount}
	if len(ci.RemainingResources) > 0 {
		in.remaining = true
		in.free = ci.Remaining()
		in.free.ENI = f.registered.ENI
	}
	in.ports = ci.PortsInUse()
	for _, a := range []struct {
		name   string
		amount int64
		most   int64
	}{
		{"CPU", f.registered.CPU, MaxAmount}, {"MEMORY", f.registered.Memory, MaxAmount},
		{"GPU", f.registered.GPU, MaxDevices}, {"ENI", f.registered.ENI, MaxDevices},
		{"CPU", in.free.CPU, MaxAmount}, {"MEMORY", in.free.Memory, MaxAmount}, {"GPU", in.free.GPU, MaxDevices},
	} {
		if a.amount > a.most || a.amount < -a.most {
			fault(".registeredResources", "%s of %d is more than %d.", a.name, a.amount, a.most)
		}
	}
	if ci.RunningTasksCount < 0 || ci.RunningTasksCount > MaxTasks {
		fault(".runningTasksCount", "%d is not between 0 and %d.", ci.RunningTasksCount, MaxTasks)
	}
	return in, faults
}

// add counts a task in, before settle.
func (in *instance) add(t Running) {
	in.free.ENI -= t.Resources.ENI
	if !in.remaining {
		eni := in.free.ENI
		in.free = in.free.Minus(t.Resources)
		in.free.ENI = eni
		in.ports = append(in.ports, t.HostPorts...)
	}
	for _, p := range t.HostPorts {
		if slices.Contains(in.reserved, p) {
			in.shared = append(in.shared, p)
		}
	}
	if t.counts() {
		in.tasks++
		in.hold(t.Group, 1)
	}
}

// hold changes the count of a group by d.
func (in *instance) hold(group string, d int) {
	i, found := slices.BinarySearchFunc(in.groups, group, func(h held, g string) int {
		return strings.Compare(h.group, g)
	})
	if !found {
		in.groups = slices.Insert(in.groups, i, held{group: group})
	}
	in.groups[i].count += d
	if in.groups[i].count <= 0 {
		in.groups = slices.Delete(in.groups, i, i+1)
	}
}

// settle ends the reading of tasks.
func (in *instance) settle() {
	slices.SortFunc(in.ports, ecs.CompareHostPorts)
	in.ports = slices.Compact(in.ports)
	slices.SortFunc(in.shared, ecs.CompareHostPorts)
	in.shared = slices.Compact(in.shared)
	in.tasks = min(max(in.tasks, in.reported), MaxTasks)
}

// count returns the tasks of a group.
func (in *instance) count(group string) int {
	i, found := slices.BinarySearchFunc(in.groups, group, func(h held, g string) int {
		return strings.Compare(h.group, g)
	})
	if !found {
		return 0
	}
	return in.groups[i].count
}

// open reports whether the instance takes tasks at all.
func (f *facts) open() bool { return f.status == ecs.ContainerInstanceStatusActive && f.connected }

// attribute returns the value of an attribute and whether it is there.
func (f *facts) attribute(name string) (string, bool) {
	for i := range f.attributes {
		if f.attributes[i].name == name {
			return f.attributes[i].value, true
		}
	}
	return "", false
}

// Lookup answers the cluster query language; see query.Subject.
func (f *facts) Lookup(subject string) (string, bool) {
	if name, ok := strings.CutPrefix(subject, request.AttributePrefix); ok {
		return f.attribute(name)
	}
	switch subject {
	case "ec2InstanceId":
		return f.ec2ID, f.ec2ID != ""
	case "agentVersion":
		return f.agentVersion, f.agentVersion != ""
	case "agentConnected":
		if f.connected {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// Registered is when the instance joined; see query.Instance.
func (f *facts) Registered() time.Time { return f.registeredAt.Time() }

// TasksRunning is the runningTasksCount; see query.Instance.
func (in *instance) TasksRunning() int { return in.tasks }

// TaskGroup returns the i-th group; see query.Instance.
func (in *instance) TaskGroup(i int) (string, bool) {
	if i >= len(in.groups) {
		return "", false
	}
	return in.groups[i].group, true
}
