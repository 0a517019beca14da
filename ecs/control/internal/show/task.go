package show

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
)

// Task returns the task as DescribeTasks prints it.
func (m *Room) Task(t *tasks.Task) ecs.Task {
	v := t.Program.Describe(t.Lifecycle())
	v.TaskArn, v.ClusterArn, v.TaskDefinitionArn = t.ARN(), t.Cluster.Record.ClusterArn, t.TaskDefinitionArn
	v.LaunchType, v.CapacityProviderName, v.PlatformVersion = t.LaunchType, t.CapacityProvider, t.PlatformVersion
	v.AvailabilityZone, v.Group, v.StartedBy = t.Zone, t.Group, t.StartedBy
	v.EnableExecuteCommand, v.Tags, v.Overrides = t.Exec, core.Shown(t.Tags), overridden(t)
	v.Attributes, v.Attachments = []ecs.Attribute{}, []ecs.Attachment{}
	if t.LaunchType == ecs.LaunchTypeFargate {
		describeFargate(t, &v)
	}
	need := t.Needs()
	v.CPU, v.Memory = strconv.FormatInt(need.CPU, 10), strconv.FormatInt(need.Memory, 10)
	if t.On != nil {
		v.ContainerInstanceArn = t.On.Record.ContainerInstanceArn
		if architecture, ok := t.On.Record.Attribute(cpuArchitecture); ok {
			v.Attributes = append(v.Attributes, ecs.Attribute{Name: cpuArchitecture, Value: architecture})
		}
	}
	if t.Definition.NetworkMode == ecs.NetworkModeAwsvpc {
		v.Attachments = []ecs.Attachment{m.attachment(t)}
	}
	if t.Volume != nil {
		v.Attachments = append(v.Attachments, volumeAttachment(t))
	}
	for i := range v.Containers {
		v.Containers[i].TaskArn = v.TaskArn
		m.describeContainer(t, i, &v.Containers[i])
	}
	return v
}

// TaskList returns each of the tasks as Task does.
func (m *Room) TaskList(list []*tasks.Task) []ecs.Task {
	all := make([]ecs.Task, len(list))
	for i, t := range list {
		all[i] = m.Task(t)
	}
	return all
}

// cpuArchitecture is the attribute of its instance that a task is described with.
const cpuArchitecture = "ecs.cpu-architecture"

// overridden is the task's overrides with an entry for each of its containers.
func overridden(t *tasks.Task) *ecs.TaskOverride {
	v := ecs.TaskOverride{}
	if t.Overrides != nil {
		v = *t.Overrides
	}
	given := v.ContainerOverrides
	v.ContainerOverrides, v.InferenceAcceleratorOverrides = make([]ecs.ContainerOverride, 0,
		len(t.Definition.ContainerDefinitions)), []ecs.InferenceAcceleratorOverride{}
	for _, c := range t.Definition.ContainerDefinitions {
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
func describeFargate(t *tasks.Task, v *ecs.Task) {
	v.PlatformVersion = resolvedPlatform(t.PlatformVersion, *t.Definition)
	v.PlatformFamily = fargateFamily(*t.Definition)
	v.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: 20}
	v.Attributes = append(v.Attributes, ecs.Attribute{Name: cpuArchitecture, Value: fargateArchitecture(*t.Definition)})
	if t.Definition.EphemeralStorage != nil {
		*v.EphemeralStorage = *t.Definition.EphemeralStorage
	}
}

// attachmentID is the ID of a task's network interface attachment, in UUID form.
func attachmentID(t *tasks.Task) string {
	s := string(t.ID)
	return s[24:32] + "-" + s[20:24] + "-" + s[16:20] + "-" + s[12:16] + "-" + s[:12]
}

// interfaceID is the ID of a task's network interface, "eni-" and 17 hexadecimal digits of its
// own: the driver gives an address only.
func interfaceID(t *tasks.Task) string { return "eni-0" + string(t.ID)[16:32] }

// macAddress is a locally administered address made of the task's ID.
func macAddress(t *tasks.Task) string {
	s := string(t.ID)
	return "0a:" + s[:2] + ":" + s[2:4] + ":" + s[4:6] + ":" + s[6:8] + ":" + s[8:10]
}

// privateDNSName is the name that EC2 gives a private address.
// Source: Amazon VPC User Guide, "DNS attributes for your VPC".
func (m *Room) privateDNSName(address string) string {
	domain := m.Region + ".compute.internal"
	if m.Region == "us-east-1" {
		domain = "ec2.internal"
	}
	return "ip-" + strings.ReplaceAll(address, ".", "-") + "." + domain
}

func (m *Room) attachment(t *tasks.Task) ecs.Attachment {
	a := ecs.Attachment{ID: attachmentID(t), Type: "ElasticNetworkInterface", Status: t.Machine.ENI.String()}
	if t.Network != nil && t.Network.AwsvpcConfiguration != nil && len(t.Network.AwsvpcConfiguration.Subnets) > 0 {
		a.Details = append(a.Details,
			ecs.KeyValuePair{Name: "subnetId", Value: t.Network.AwsvpcConfiguration.Subnets[0]})
	}
	if t.Address != "" {
		a.Details = append(a.Details,
			ecs.KeyValuePair{Name: "networkInterfaceId", Value: interfaceID(t)},
			ecs.KeyValuePair{Name: "macAddress", Value: macAddress(t)},
			ecs.KeyValuePair{Name: "privateDnsName", Value: m.privateDNSName(t.Address)},
			ecs.KeyValuePair{Name: "privateIPv4Address", Value: t.Address})
	}
	return a
}

// describeContainer adds what the task's machine does not know.
func (m *Room) describeContainer(t *tasks.Task, i int, v *ecs.Container) {
	d := t.Definition.ContainerDefinitions[i]
	s := string(t.ID)
	v.ContainerArn = m.Core.ARN("ecs", "container/"+t.Cluster.Record.ClusterName+"/"+s+"/"+
		s[:8]+"-"+s[8:12]+"-"+s[12:16]+"-"+s[16:20]+"-"+s[20:31]+strconv.Itoa(i))
	v.Image, v.CPU = d.Image, strconv.Itoa(d.CPU)
	if d.Memory > 0 {
		v.Memory = strconv.Itoa(d.Memory)
	}
	if d.MemoryReservation > 0 {
		v.MemoryReservation = strconv.Itoa(d.MemoryReservation)
	}
	told := t.Detail(i)
	v.Reason, v.ImageDigest, v.RuntimeID = cmp.Or(told.Reason, v.Reason), told.ImageDigest, told.RuntimeID
	if i < t.Bindings.Len() && v.LastStatus != ecs.ContainerStatusPending { // no port is bound before
		v.NetworkBindings = core.Shown(t.Bindings.Of(i))
	}
	v.NetworkInterfaces = []ecs.NetworkInterface{}
	if t.Address != "" {
		v.NetworkInterfaces = []ecs.NetworkInterface{{AttachmentID: attachmentID(t), PrivateIPv4Address: t.Address}}
	}
}

// volumeAttachment is a task's volume in the form of DescribeTasks. Source: Amazon ECS API
// Reference, Attachment.
func volumeAttachment(t *tasks.Task) ecs.Attachment {
	a := ecs.Attachment{ID: volumeAttachmentID(t), Type: "AmazonElasticBlockStorage", Status: t.Machine.Volume.String()}
	add := func(name, value string) {
		if value != "" {
			a.Details = append(a.Details, ecs.KeyValuePair{Name: name, Value: value})
		}
	}
	add("volumeId", t.Volume.ID)
	add("volumeName", t.Volume.Configuration.Name)
	k := t.Volume.Configuration.ManagedEBSVolume
	if k == nil {
		return a
	}
	add("roleArn", k.RoleArn)
	add("deleteOnTermination", strconv.FormatBool(t.Volume.Configuration.DeletesVolume()))
	add("volumeType", cmp.Or(k.VolumeType, "gp3"))
	for _, n := range []struct {
		name string
		of   ecs.Opt[int]
	}{{"sizeInGiB", k.SizeInGiB}, {"iops", k.IOPS}, {"throughput", k.Throughput},
		{"volumeInitializationRate", k.VolumeInitializationRate}} {
		if value, ok := n.of.Get(); ok {
			add(n.name, strconv.Itoa(value))
		}
	}
	add("snapshotId", k.SnapshotID)
	add("filesystemType", cmp.Or(k.FilesystemType, "xfs"))
	if encrypted, ok := k.Encrypted.Get(); ok {
		add("encrypted", strconv.FormatBool(encrypted))
	}
	add("kmsKeyId", k.KMSKeyID)
	if len(k.TagSpecifications) > 0 {
		if data, err := json.Marshal(k.TagSpecifications); err == nil {
			add("tagSpecifications", string(data))
		}
	}
	return a
}

// volumeAttachmentID is the ID of the attachment of a task's volume, in UUID form.
func volumeAttachmentID(t *tasks.Task) string {
	s := string(t.ID)
	return s[16:24] + "-" + s[12:16] + "-" + s[8:12] + "-" + s[4:8] + "-" + s[20:32]
}
