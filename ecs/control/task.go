package control

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// task is a task with everything the plane knows of it. The exported fields are its state.
type task struct {
	ID                ecs.TaskID                `json:"id"`
	Machine           lifecycle.Task            `json:"machine"`
	TaskDefinitionArn string                    `json:"taskDefinition"`
	Overrides         *ecs.TaskOverride         `json:"overrides,omitzero"`
	Service           string                    `json:"service,omitzero"` // name
	Deployment        string                    `json:"deployment,omitzero"`
	Group             string                    `json:"group"`
	StartedBy         string                    `json:"startedBy,omitzero"`
	LaunchType        ecs.LaunchType            `json:"launchType,omitzero"`
	CapacityProvider  string                    `json:"capacityProvider,omitzero"`
	PlatformVersion   string                    `json:"platformVersion,omitzero"`
	Network           *ecs.NetworkConfiguration `json:"networkConfiguration,omitzero"`
	Instance          ecs.InstanceID            `json:"instance,omitzero"`
	Zone              string                    `json:"zone,omitzero"`
	Seated            bool                      `json:"seated,omitzero"`   // holds resources of its instance
	Counted           bool                      `json:"counted,omitzero"`  // counts in its group
	Bindings          [][]ecs.NetworkBinding    `json:"bindings,omitzero"` // by container
	Address           string                    `json:"address,omitzero"`  // awsvpc
	Targets           []taskTarget              `json:"targets,omitzero"`
	Registry          *ecs.ServiceRegistry      `json:"serviceRegistry,omitzero"`
	Volume            *taskVolume               `json:"volume,omitzero"`     // configured at launch
	Details           []containerDetail         `json:"details,omitzero"`    // by container, what only the API shows
	Request           *placement.Request        `json:"request,omitzero"`    // while it waits for room
	AwaitsRoom        bool                      `json:"awaitsRoom,omitzero"` // was started without a place
	Life              uint64                    `json:"life,omitzero"`       // of the agent that told of it last
	Sequence          uint64                    `json:"sequence,omitzero"`   // of the last that it told
	Doubt             ecs.Instant               `json:"doubt,omitzero"`      // since when reports contradict that
	Exec              bool                      `json:"exec,omitzero"`
	Tags              []ecs.Tag                 `json:"tags,omitzero"`
	CreatedAt         ecs.Instant               `json:"createdAt"`
	Noted             ecs.HealthStatus          `json:"noted,omitzero"`
	Forgotten         bool                      `json:"forgotten,omitzero"` // by the scheduler
	Orphan            bool                      `json:"orphan,omitzero"`    // its service is gone, and the name another's
	Keys              taskKeys                  `json:"keys,omitzero"`
	Wait              wait                      `json:"wait,omitzero"`
	Wake              ecs.Instant               `json:"wake,omitzero"`
	Forget            ecs.Instant               `json:"forget,omitzero"`

	definition ecs.TaskDefinition // overrides applied
	program    *lifecycle.Program
	programKey programKey
	cluster    *cluster
	service    *service
	instance   *instance
	shape      placement.Shape
	placed     placement.Placement
}

// taskKeys are the keys of a task's commands, by which outcomes find it.
type taskKeys struct {
	Start      message.Key `json:"start,omitzero"`
	Stop       message.Key `json:"stop,omitzero"`
	Attach     message.Key `json:"attach,omitzero"`
	Detach     message.Key `json:"detach,omitzero"`
	Discover   message.Key `json:"discover,omitzero"`
	Undiscover message.Key `json:"undiscover,omitzero"`
}

// containerDetail is what the API shows of a container and no rule reads.
type containerDetail struct {
	Reason      string `json:"reason,omitzero"`
	ImageDigest string `json:"imageDigest,omitzero"`
	RuntimeID   string `json:"runtimeId,omitzero"`
}

// programKey is what tasks share a compiled program by. A call's overrides are not part of it:
// lifecycle.Compile reads nothing that they change.
type programKey struct {
	definition string
	traits     lifecycle.Traits
}

// sharedProgram is a program with the number of tasks that run by it.
type sharedProgram struct {
	program *lifecycle.Program
	tasks   int
}

func (t *task) status() ecs.TaskStatus { return ecs.TaskStatus(t.Machine.Last.String()) }

func (t *task) stopped() bool { return t.Machine.Last >= lifecycle.StatusStopped }

// over reports whether the agent has nothing more to do for the task.
func (t *task) over() bool { return t.Machine.Last >= lifecycle.StatusDeprovisioning }

func (t *task) desired() ecs.DesiredStatus {
	if t.Machine.Desired == lifecycle.StatusStopped {
		return ecs.DesiredStatusStopped
	}
	return ecs.DesiredStatusRunning
}

func (t *task) startedAt() ecs.Instant { return t.Machine.StartedAt }

func (t *task) health() ecs.HealthStatus { return t.program.Health(t.Machine) }

func (t *task) stopCode() ecs.TaskStopCode { return t.Machine.StopCode.ECS() }

func (t *task) protectedUntil(now ecs.Instant) ecs.Instant {
	if t.Machine.ProtectedUntil > now {
		return t.Machine.ProtectedUntil
	}
	return 0
}

func (t *task) arn(p *Plane) string {
	return p.core.ARN("ecs", "task/"+t.cluster.Record.ClusterName+"/"+string(t.ID))
}

func (t *task) serviceName() string { return t.Service }

// containerIndex returns where a container stands in its definition, -1 if nowhere.
func containerIndex(d ecs.TaskDefinition, name string) int {
	return slices.IndexFunc(d.ContainerDefinitions, func(c ecs.ContainerDefinition) bool { return c.Name == name })
}

// newTask makes a task that has no place yet.
func (p *Plane) newTask(l launch) *task {
	t := &task{
		ID: p.newTaskID(), TaskDefinitionArn: l.definition.TaskDefinitionArn, Overrides: l.overrides, Deployment: l.deployment,
		Group: l.group, StartedBy: l.startedBy, LaunchType: cmp.Or(l.launchType, ecs.LaunchTypeEC2), CapacityProvider: l.provider,
		PlatformVersion: l.platform, Network: l.network, Volume: l.volume.clone(), Exec: l.exec, Tags: l.tags, CreatedAt: p.core.Now(),
		definition: l.definition, cluster: l.cluster, service: l.service, Counted: true,
		Details: make([]containerDetail, len(l.definition.ContainerDefinitions)),
	}
	if l.service != nil {
		t.Service = l.service.Record.ServiceName
		t.Targets = p.targetsOf(l.service, l.deployment, l.definition)
		if list := l.service.registriesOf(l.deployment); len(list) > 0 {
			t.Registry = &list[0]
		}
		l.service.tasks = append(l.service.tasks, t)
	}
	l.cluster.tasks = append(l.cluster.tasks, t)
	p.byTask[t.ID] = t
	return t
}

// traits says what a task's life depends on beside its definition.
func (p *Plane) traits(t *task) lifecycle.Traits {
	traits := lifecycle.Traits{Role: lifecycle.RoleControlPlane, LaunchType: t.LaunchType, Service: t.Service != ""}
	traits.TargetGroups, traits.Discovery, traits.AwaitsRoom = len(t.Targets), t.Registry != nil, t.AwaitsRoom
	traits.Volume = t.Volume != nil
	return traits
}

// compile gives a task its program, shared by those that are alike.
func (p *Plane) compile(t *task) error {
	key := programKey{definition: t.TaskDefinitionArn, traits: p.traits(t)}
	shared, ok := p.programs[key]
	if !ok {
		program, err := lifecycle.Compile(t.definition, key.traits)
		if err != nil {
			return err
		}
		shared = &sharedProgram{program: program}
		p.programs[key] = shared
	}
	shared.tasks++
	t.program, t.programKey = shared.program, key
	return nil
}

// leaveProgram counts a task out of those that share its program.
func (p *Plane) leaveProgram(t *task) {
	if shared, ok := p.programs[t.programKey]; ok && t.program != nil {
		if shared.tasks--; shared.tasks == 0 {
			delete(p.programs, t.programKey)
		}
	}
}

// resolve returns the definition with a call's overrides applied.
func resolve(d ecs.TaskDefinition, o *ecs.TaskOverride) ecs.TaskDefinition {
	if o == nil {
		return d
	}
	d.CPU, d.Memory = cmp.Or(o.CPU, d.CPU), cmp.Or(o.Memory, d.Memory)
	d.TaskRoleArn, d.ExecutionRoleArn = cmp.Or(o.TaskRoleArn, d.TaskRoleArn), cmp.Or(o.ExecutionRoleArn, d.ExecutionRoleArn)
	if o.EphemeralStorage != nil {
		d.EphemeralStorage = o.EphemeralStorage
	}
	d.ContainerDefinitions = slices.Clone(d.ContainerDefinitions)
	for _, c := range o.ContainerOverrides {
		if i := containerIndex(d, c.Name); i >= 0 {
			override(&d.ContainerDefinitions[i], c)
		}
	}
	return d
}

func override(c *ecs.ContainerDefinition, o ecs.ContainerOverride) {
	if o.Command != nil {
		c.Command = o.Command
	}
	if len(o.EnvironmentFiles) > 0 {
		c.EnvironmentFiles = o.EnvironmentFiles
	}
	if len(o.ResourceRequirements) > 0 {
		c.ResourceRequirements = o.ResourceRequirements
	}
	c.CPU = o.CPU.Or(c.CPU)
	c.Memory = o.Memory.Or(c.Memory)
	c.MemoryReservation = o.MemoryReservation.Or(c.MemoryReservation)
	environment := slices.Clone(c.Environment)
	for _, kv := range o.Environment {
		environment = slices.DeleteFunc(environment, func(old ecs.KeyValuePair) bool { return old.Name == kv.Name })
		environment = append(environment, kv)
	}
	c.Environment = environment
}

// running is the task as placement sees it.
func (p *Plane) running(t *task) placement.Running {
	r := placement.Running{ID: t.ID, Instance: t.Instance, Group: t.Group, DesiredStatus: t.desired(), LaunchType: t.LaunchType, CapacityProvider: t.CapacityProvider,
		Zone: t.Zone, Resources: t.definition.Requirements(), Protected: t.protectedUntil(p.core.Now()) != 0, Deployment: t.Deployment, Health: t.health()}
	for _, list := range t.Bindings {
		for _, b := range list {
			if b.HostPort != 0 {
				r.HostPorts = append(r.HostPorts, ecs.HostPort{Port: uint16(b.HostPort), Protocol: b.Protocol})
			}
		}
	}
	return r
}

// describe is the task as DescribeTasks prints it.
func (p *Plane) describe(t *task) ecs.Task {
	v := t.program.Describe(t.Machine)
	v.TaskArn, v.ClusterArn, v.TaskDefinitionArn = t.arn(p), t.cluster.Record.ClusterArn, t.TaskDefinitionArn
	v.LaunchType, v.CapacityProviderName, v.PlatformVersion = t.LaunchType, t.CapacityProvider, t.PlatformVersion
	v.AvailabilityZone, v.Group, v.StartedBy, v.Overrides = t.Zone, t.Group, t.StartedBy, t.overridden()
	v.EnableExecuteCommand, v.Tags, v.Attributes, v.Attachments = t.Exec, shown(t.Tags), []ecs.Attribute{}, []ecs.Attachment{}
	if t.LaunchType == ecs.LaunchTypeFargate {
		t.describeFargate(&v)
	}
	need := t.definition.Requirements()
	v.CPU, v.Memory = strconv.FormatInt(need.CPU, 10), strconv.FormatInt(need.Memory, 10)
	if t.instance != nil {
		v.ContainerInstanceArn = t.instance.Record.ContainerInstanceArn
		if architecture, ok := t.instance.Record.Attribute(cpuArchitecture); ok {
			v.Attributes = append(v.Attributes, ecs.Attribute{Name: cpuArchitecture, Value: architecture})
		}
	}
	if t.definition.NetworkMode == ecs.NetworkModeAwsvpc {
		v.Attachments = []ecs.Attachment{p.attachment(t)}
	}
	if t.Volume != nil {
		v.Attachments = append(v.Attachments, t.volumeAttachment())
	}
	for i := range v.Containers {
		p.describeContainer(t, i, &v.Containers[i])
	}
	return v
}

// cpuArchitecture is the attribute of its instance that a task is described with.
const cpuArchitecture = "ecs.cpu-architecture"

// overridden is the task's overrides with an entry for each of its containers.
func (t *task) overridden() *ecs.TaskOverride {
	v := ecs.TaskOverride{}
	if t.Overrides != nil {
		v = *t.Overrides
	}
	given := v.ContainerOverrides
	v.ContainerOverrides, v.InferenceAcceleratorOverrides = make([]ecs.ContainerOverride, 0, len(t.definition.ContainerDefinitions)), []ecs.InferenceAcceleratorOverride{}
	for _, c := range t.definition.ContainerDefinitions {
		o := ecs.ContainerOverride{Name: c.Name}
		if i := slices.IndexFunc(given, func(o ecs.ContainerOverride) bool { return o.Name == c.Name }); i >= 0 {
			o = given[i]
		}
		v.ContainerOverrides = append(v.ContainerOverrides, o)
	}
	return &v
}

// describeFargate adds what only a task on Fargate has: a platform and a disk of 20 GiB unless it
// asks for more. Source: Amazon ECS API Reference, Task.
func (t *task) describeFargate(v *ecs.Task) {
	v.PlatformVersion, v.PlatformFamily = resolvedPlatform(t.PlatformVersion, t.definition), fargateFamily(t.definition)
	v.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: 20}
	v.Attributes = append(v.Attributes, ecs.Attribute{Name: cpuArchitecture, Value: fargateArchitecture(t.definition)})
	if t.definition.EphemeralStorage != nil {
		*v.EphemeralStorage = *t.definition.EphemeralStorage
	}
}

// attachmentID is the ID of a task's network interface attachment, in UUID form.
func (t *task) attachmentID() string {
	s := string(t.ID)
	return s[24:32] + "-" + s[20:24] + "-" + s[16:20] + "-" + s[12:16] + "-" + s[:12]
}

// interfaceID is the ID of a task's network interface, "eni-" and 17 hexadecimal digits of its
// own: the driver gives an address only.
func (t *task) interfaceID() string { return "eni-0" + string(t.ID)[16:32] }

// macAddress is a locally administered address made of the task's ID.
func (t *task) macAddress() string {
	s := string(t.ID)
	return "0a:" + s[:2] + ":" + s[2:4] + ":" + s[4:6] + ":" + s[6:8] + ":" + s[8:10]
}

// privateDNSName is the name that EC2 gives a private address.
// Source: Amazon VPC User Guide, "DNS attributes for your VPC".
func (p *Plane) privateDNSName(address string) string {
	domain := p.config.Region + ".compute.internal"
	if p.config.Region == "us-east-1" {
		domain = "ec2.internal"
	}
	return "ip-" + strings.ReplaceAll(address, ".", "-") + "." + domain
}

func (p *Plane) attachment(t *task) ecs.Attachment {
	a := ecs.Attachment{ID: t.attachmentID(), Type: "ElasticNetworkInterface", Status: t.Machine.ENI.String()}
	if t.Network != nil && t.Network.AwsvpcConfiguration != nil && len(t.Network.AwsvpcConfiguration.Subnets) > 0 {
		a.Details = append(a.Details, ecs.KeyValuePair{Name: "subnetId", Value: t.Network.AwsvpcConfiguration.Subnets[0]})
	}
	if t.Address != "" {
		a.Details = append(a.Details,
			ecs.KeyValuePair{Name: "networkInterfaceId", Value: t.interfaceID()},
			ecs.KeyValuePair{Name: "macAddress", Value: t.macAddress()},
			ecs.KeyValuePair{Name: "privateDnsName", Value: p.privateDNSName(t.Address)},
			ecs.KeyValuePair{Name: "privateIPv4Address", Value: t.Address})
	}
	return a
}

// describeContainer adds what the task's machine does not know.
func (p *Plane) describeContainer(t *task, i int, v *ecs.Container) {
	d := t.definition.ContainerDefinitions[i]
	s := string(t.ID)
	id := s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:31] + strconv.Itoa(i)
	v.ContainerArn, v.TaskArn = p.core.ARN("ecs", "container/"+t.cluster.Record.ClusterName+"/"+s+"/"+id), t.arn(p)
	v.Image, v.CPU = d.Image, strconv.Itoa(d.CPU)
	if d.Memory > 0 {
		v.Memory = strconv.Itoa(d.Memory)
	}
	if d.MemoryReservation > 0 {
		v.MemoryReservation = strconv.Itoa(d.MemoryReservation)
	}
	if i < len(t.Details) {
		v.Reason = cmp.Or(t.Details[i].Reason, v.Reason)
		v.ImageDigest, v.RuntimeID = t.Details[i].ImageDigest, t.Details[i].RuntimeID
	}
	if i < len(t.Bindings) && v.LastStatus != ecs.ContainerStatusPending { // no port is bound before
		v.NetworkBindings = shown(t.Bindings[i])
	}
	v.NetworkInterfaces = []ecs.NetworkInterface{}
	if t.Address != "" {
		v.NetworkInterfaces = []ecs.NetworkInterface{{AttachmentID: t.attachmentID(), PrivateIPv4Address: t.Address}}
	}
}
