package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// InstanceType is an EC2 instance type as its agent registers it.
type InstanceType struct {
	Name         string
	VCPU         int
	MemoryMiB    int // what the operating system reports, less than the advertised size
	GPU          int
	Architecture string // x86_64 or arm64
	Windows      bool
}

// InstanceTypes returns the types of the simulated world, from small to large, fresh.
func InstanceTypes() []InstanceType {
	return []InstanceType{
		{"t3.small", 2, 1_913, 0, "x86_64", false},
		{"t3.medium", 2, 3_835, 0, "x86_64", false},
		{"m5.large", 2, 7_680, 0, "x86_64", false},
		{"c5.xlarge", 4, 7_680, 0, "x86_64", false},
		{"m5.xlarge", 4, 15_569, 0, "x86_64", false},
		{"m5.2xlarge", 8, 31_347, 0, "x86_64", false},
		{"m5.4xlarge", 16, 62_902, 0, "x86_64", false},
		{"r5.4xlarge", 16, 126_012, 0, "x86_64", false},
		{"m5.16xlarge", 64, 252_233, 0, "x86_64", false},
		{"r5.24xlarge", 96, 756_896, 0, "x86_64", false},
		{"m6g.large", 2, 7_680, 0, "arm64", false},
		{"m6g.2xlarge", 8, 31_347, 0, "arm64", false},
		{"m6g.16xlarge", 64, 252_233, 0, "arm64", false},
		{"g5.xlarge", 4, 15_569, 1, "x86_64", false},
		{"p3.8xlarge", 32, 245_000, 4, "x86_64", false},
		{"p4d.24xlarge", 96, 1_120_000, 8, "x86_64", false},
		{"g4dn.xlarge", 4, 15_569, 1, "x86_64", false},
		{"p2.xlarge", 4, 61_000, 1, "x86_64", false},
		{"inf1.xlarge", 4, 7_680, 0, "x86_64", false},
		{"inf1.2xlarge", 8, 15_569, 0, "x86_64", false},
		{"inf1.6xlarge", 24, 47_000, 0, "x86_64", false},
		{"trn1.2xlarge", 8, 31_347, 0, "x86_64", false},
		{"trn1.32xlarge", 128, 504_000, 0, "x86_64", false},
		{"vt1.3xlarge", 12, 23_500, 0, "x86_64", false},
		{"vt1.6xlarge", 24, 47_000, 0, "x86_64", false},
		{"vt1.24xlarge", 96, 188_000, 0, "x86_64", false},
		{"m5.xlarge", 4, 15_900, 0, "x86_64", true},
		{"m5.4xlarge", 16, 64_000, 0, "x86_64", true},
	}
}

// ContainerInstance returns an instance of the type in a zone, with the attributes that an
// agent of today advertises.
func (t InstanceType) ContainerInstance(zone string) ecs.ContainerInstance {
	system, family := "linux", "LINUX"
	if t.Windows {
		system, family = "windows", "WINDOWS_SERVER_2022_FULL"
	}
	ci := ecs.ContainerInstance{
		Status: ecs.ContainerInstanceStatusActive, AgentConnected: true,
		VersionInfo: &ecs.VersionInfo{AgentVersion: "1.99.0", DockerVersion: "DockerVersion: 25.0.8"},
		RegisteredResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: t.VCPU * 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: t.MemoryMiB},
		},
		Attributes: []ecs.Attribute{
			{Name: "ecs.availability-zone", Value: zone},
			{Name: "ecs.instance-type", Value: t.Name},
			{Name: "ecs.os-type", Value: system},
			{Name: "ecs.os-family", Value: family},
			{Name: "ecs.cpu-architecture", Value: t.Architecture},
			{Name: "ecs.ami-id", Value: "ami-0123456789abcdef0"},
			{Name: "ecs.vpc-id", Value: "vpc-0123456789abcdef0"},
			{Name: "ecs.subnet-id", Value: "subnet-" + zone},
		},
	}
	ci = with(ci, AgentAttributes())
	if t.GPU > 0 {
		ids := make([]string, t.GPU)
		for i := range ids {
			ids[i] = "GPU-" + strconv.Itoa(i)
		}
		ci.RegisteredResources = append(ci.RegisteredResources, ecs.Resource{Name: ecs.ResourceGPU, Type: "STRINGSET", StringSetValue: ids})
	}
	return ci
}

// Fleet is n instances of one type, chosen for a task definition.
type Fleet struct {
	Type      InstanceType
	Instances []ecs.ContainerInstance // without ARNs: to be registered
	Tasks     int                     // how many tasks of the definition they hold together
	Why       string                  // why it is this type
}

// FleetFor returns instances in the zones, in turn, of the smallest type of which n hold the
// wanted number of tasks, each with the capabilities that the definition requires; or, where
// no type does, as where every task takes the same host port, of the smallest type that
// holds any. The error says what the largest type lacks.
func FleetFor(d ecs.TaskDefinition, zones []string, n, tasks int) (Fleet, error) {
	request, err := placement.NewRequest(d, "")
	if err != nil {
		return Fleet{}, err
	}
	var best Fleet
	smaller, lacks := 0, ""
	for _, t := range InstanceTypes() {
		if !suits(d, t) {
			continue
		}
		f := Fleet{Type: t}
		for i := range n {
			f.Instances = append(f.Instances, with(t.ContainerInstance(zones[i%len(zones)]), d.RequiresAttributes))
		}
		var lack string
		if f.Tasks, lack, err = capacity(f.Instances, request, tasks); err != nil {
			return Fleet{}, err
		}
		f.Why = fmt.Sprintf("%s: a task needs %s", t, needs(d.Requirements()))
		if smaller > 0 {
			f.Why += fmt.Sprintf("; %d smaller hold less than %d tasks (%s)", smaller, tasks, lacks)
		}
		if f.Tasks >= tasks {
			return f, nil
		}
		if f.Tasks > best.Tasks {
			best = f
		}
		smaller++
		lacks = t.Name + ": " + lack
	}
	if best.Tasks > 0 {
		return best, nil
	}
	return Fleet{}, fmt.Errorf("no instance type could hold the task: it needs %s; %s", needs(d.Requirements()), lacks)
}

// capacity returns how many tasks of the request the instances hold, up to most, and what
// the first instance lacks for one more.
func capacity(instances []ecs.ContainerInstance, r placement.Request, most int) (int, string, error) {
	named := slices.Clone(instances)
	for i := range named {
		named[i].ContainerInstanceArn = "instance-" + strconv.Itoa(i)
	}
	snapshot, err := placement.NewSnapshot(slices.Values(named), nil)
	if err != nil {
		return 0, "", err
	}
	index := placement.NewIndex(snapshot)
	shape, err := index.Prepare(r)
	if err != nil {
		return 0, "", err
	}
	for n := range most {
		if _, ok := index.Place(shape, uint64(n)); !ok {
			verdict, _, err := placement.Judge(index.Snapshot(), r, named[0].ID())
			if err != nil || len(verdict.Reasons) == 0 {
				return n, "", err
			}
			return n, fmt.Sprintf("%s %s", verdict.Reasons[0].Code, verdict.Reasons[0]), nil
		}
	}
	return most, "", nil
}

// String returns the type with its size.
func (t InstanceType) String() string {
	s := fmt.Sprintf("%s (%d vCPU, %d MiB", t.Name, t.VCPU, t.MemoryMiB)
	if t.GPU > 0 {
		s += fmt.Sprintf(", %d GPU", t.GPU)
	}
	if t.Windows {
		s += ", Windows"
	}
	return s + ", " + t.Architecture + ")"
}

func needs(r ecs.Resources) string {
	s := fmt.Sprintf("%d CPU units, %d MiB", r.CPU, r.Memory)
	if r.GPU > 0 {
		s += fmt.Sprintf(", %d GPU", r.GPU)
	}
	if r.ENI > 0 {
		s += ", a network interface"
	}
	return s
}

// suits reports whether the definition's platform is the type's.
func suits(d ecs.TaskDefinition, t InstanceType) bool {
	if d.RuntimePlatform == nil {
		return !t.Windows && t.Architecture == "x86_64"
	}
	p := *d.RuntimePlatform
	windows := strings.HasPrefix(string(p.OperatingSystemFamily), "WINDOWS")
	architecture := "x86_64"
	if p.CPUArchitecture == ecs.CPUArchitectureArm64 {
		architecture = "arm64"
	}
	return windows == t.Windows && architecture == t.Architecture
}

// AddInstances registers n instances like the given one in the cluster and returns their IDs.
func (w *World) AddInstances(n int, cluster string, like ecs.ContainerInstance) ([]ecs.InstanceID, error) {
	return w.AddFleet(cluster, slices.Repeat([]ecs.ContainerInstance{like}, n))
}

// AddFleet registers instances in the cluster and returns their IDs.
func (w *World) AddFleet(cluster string, instances []ecs.ContainerInstance) ([]ecs.InstanceID, error) {
	ids := make([]ecs.InstanceID, 0, len(instances))
	for _, like := range instances {
		w.instances++
		in := ecs.RegisterContainerInstanceInput{
			Cluster: cluster, TotalResources: like.RegisteredResources, Attributes: like.Attributes, VersionInfo: like.VersionInfo, Tags: like.Tags,
			CapacityProviderName:     like.CapacityProviderName,
			InstanceIdentityDocument: fmt.Sprintf(`{"instanceId":"i-%017x"}`, w.instances),
		}
		err := w.Do(func(p *control.Plane, now time.Time) error {
			ci, err := p.RegisterContainerInstance(now, in)
			ids = append(ids, ci.ID())
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// KillTask kills a task's containers, as a crash would; false if no agent has the task.
func (w *World) KillTask(id ecs.TaskID) bool {
	for _, a := range w.sortedAgents() {
		t, ok := a.tasks[id]
		if !ok || t.state.Last >= lifecycle.StatusStopped {
			continue
		}
		for i := range t.state.N {
			number := int(t.state.Containers[i].Restarts)
			t.step(lifecycle.ContainerExited(w.now, int(i), number, 137))
		}
		w.drain()
		return true
	}
	return false
}

// Running reports whether an agent runs the task: all its essential containers.
func (w *World) Running(id ecs.TaskID) bool {
	for _, a := range w.sortedAgents() {
		if t, ok := a.tasks[id]; ok && !a.gone {
			return t.state.Last == lifecycle.StatusRunning
		}
	}
	return false
}

// Terminate ends an instance with all that runs on it.
func (w *World) Terminate(cluster string, id ecs.InstanceID) {
	a := w.agent(cluster, id)
	a.gone = true
	w.insist(control.InstanceTerminated{Cluster: cluster, Instance: id})
}
