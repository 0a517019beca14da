package api

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// volumeType is what an Amazon EBS volume of a type can be.
type volumeType struct {
	name           string
	lowest, most   int // GiB
	slowest, iops  int // operations a second; 0: they cannot be given
	iopsRequired   bool
	withThroughput bool
}

// volumeTypes returns the types of Amazon EBS volumes. Source: Amazon ECS API Reference,
// TaskManagedEBSVolumeConfiguration.
func volumeTypes() []volumeType {
	return []volumeType{
		{name: "gp3", lowest: 1, most: 16_384, slowest: 3_000, iops: 16_000, withThroughput: true},
		{name: "gp2", lowest: 1, most: 16_384, slowest: 100, iops: 16_000},
		{name: "io1", lowest: 4, most: 16_384, slowest: 100, iops: 64_000, iopsRequired: true},
		{name: "io2", lowest: 4, most: 16_384, slowest: 100, iops: 256_000, iopsRequired: true},
		{name: "st1", lowest: 125, most: 16_384},
		{name: "sc1", lowest: 125, most: 16_384},
		{name: "standard", lowest: 1, most: 1_024},
	}
}

// taskVolumes checks the volumes of standalone tasks.
func (c *faults) taskVolumes(list []ecs.TaskVolumeConfiguration) {
	c.AtMost("volumeConfigurations", len(list), 1)
	for i, v := range list {
		path := check.Path("volumeConfigurations", i)
		c.Present(path+".name", v.Name)
		k := v.ManagedEBSVolume
		if k == nil {
			c.Refuse(path+".managedEBSVolume", "managedEBSVolume should not be null or empty.")
			continue
		}
		c.managedVolume(path+".managedEBSVolume", k.ServiceManagedEBSVolumeConfiguration, false)
		if p := k.TerminationPolicy; p != nil && p.DeleteOnTermination.IsZero() {
			c.Refuse(path+".managedEBSVolume.terminationPolicy.deleteOnTermination",
				"deleteOnTermination should not be null or empty.")
		}
	}
}

// serviceVolumes checks the volumes of a service's tasks.
func (c *faults) serviceVolumes(list []ecs.ServiceVolumeConfiguration) {
	c.AtMost("volumeConfigurations", len(list), 1)
	for i, v := range list {
		path := check.Path("volumeConfigurations", i)
		c.Present(path+".name", v.Name)
		if v.ManagedEBSVolume == nil {
			c.Refuse(path+".managedEBSVolume", "managedEBSVolume should not be null or empty.")
			continue
		}
		c.managedVolume(path+".managedEBSVolume", *v.ManagedEBSVolume, true)
	}
}

// managedVolume checks an Amazon EBS volume. Source: Amazon ECS API Reference,
// ServiceManagedEBSVolumeConfiguration; Amazon EC2 API Reference, CreateVolume.
func (c *faults) managedVolume(path string, k ecs.ServiceManagedEBSVolumeConfiguration, service bool) {
	c.Present(path+".roleArn", k.RoleArn)
	c.Role(path+".roleArn", k.RoleArn)
	if k.SizeInGiB.IsZero() && k.SnapshotID == "" {
		c.Refuse(path+".sizeInGiB", "Specify either sizeInGiB or snapshotId.")
	}
	if k.SnapshotID == "" && !k.VolumeInitializationRate.IsZero() {
		c.Refuse(path+".volumeInitializationRate", "volumeInitializationRate belongs to snapshotId.")
	}
	c.between(path+".volumeInitializationRate", k.VolumeInitializationRate, 100, 300)
	c.volumeSize(path, k)
	if f := k.FilesystemType; f != "" && !slices.Contains([]string{"ext3", "ext4", "xfs", "ntfs"}, f) {
		c.Refuse(path+".filesystemType", "filesystemType must be one of ext3, ext4, xfs, ntfs; it is %q.",
			check.Shortened(f))
	}
	for i, s := range k.TagSpecifications {
		c.tagSpecification(path+".tagSpecifications"+check.Path(i), s, service)
	}
}

// volumeSize checks what depends on the type of a volume.
func (c *faults) volumeSize(path string, k ecs.ServiceManagedEBSVolumeConfiguration) {
	name := k.VolumeType
	if name == "" {
		name = "gp3"
	}
	types := volumeTypes()
	i := slices.IndexFunc(types, func(t volumeType) bool { return t.name == name })
	if i < 0 {
		c.Refuse(path+".volumeType", "volumeType must be one of gp2, gp3, io1, io2, sc1, st1, standard; it is %q.",
			check.Shortened(name))
		return
	}
	t := types[i]
	c.between(path+".sizeInGiB", k.SizeInGiB, t.lowest, t.most)
	switch {
	case k.IOPS.IsZero() && t.iopsRequired:
		c.Refuse(path+".iops", "iops is required for volumes of the type %s.", name)
	case !k.IOPS.IsZero() && t.iops == 0:
		c.Refuse(path+".iops", "iops is not supported for volumes of the type %s.", name)
	default:
		c.between(path+".iops", k.IOPS, t.slowest, t.iops)
	}
	if !k.Throughput.IsZero() && !t.withThroughput {
		c.Refuse(path+".throughput", "throughput is supported for volumes of the type gp3 only; this is %s.", name)
	} else {
		c.between(path+".throughput", k.Throughput, 125, 1_000)
	}
}

// tagSpecification checks the tags of a volume. Source: Amazon ECS API Reference,
// EBSTagSpecification.
func (c *faults) tagSpecification(path string, s ecs.EBSTagSpecification, service bool) {
	if s.ResourceType != "volume" {
		c.Refuse(path+".resourceType", "resourceType must be volume; it is %q.", check.Shortened(s.ResourceType))
	}
	if c.OneOf(path+".propagateTags", choose(s.PropagateTags)) && s.PropagateTags == ecs.PropagateTagsService &&
		!service {
		c.Refuse(path+".propagateTags", "Tags can be propagated from a SERVICE only by a service.")
	}
	c.tags(path+".tags", s.Tags)
	for i, tag := range s.Tags {
		if tag.Key == "AmazonECSCreated" || tag.Key == "AmazonECSManaged" {
			c.Refuse(path+".tags"+check.Path(i)+".key", "The tag %s is set by Amazon ECS.", tag.Key)
		}
	}
}

// volumesFor checks that the volumes are those that the task definition leaves to be configured
// at launch, and that Fargate has their type.
func (c *faults) volumesFor(list []ecs.TaskVolumeConfiguration, d ecs.TaskDefinition, fargate bool) {
	open, ok := d.VolumeAtLaunch()
	if ok && len(list) == 0 {
		c.Refuse("volumeConfigurations",
			"The volume %s of the task definition is configured at launch, and there is no volume configuration "+
				"for it.", open)
	}
	for i, v := range list {
		if !ok || open != v.Name {
			c.Refuse("volumeConfigurations",
				"Volume configuration provided but no matching configuredAtLaunch volume found in task definition.")
		}
		if k := v.ManagedEBSVolume; k != nil && fargate && k.VolumeType == "standard" {
			c.Refuse(check.Path("volumeConfigurations", i)+".managedEBSVolume.volumeType",
				"Fargate does not support volumes of the type standard.")
		}
	}
}

// ValidateVolumes returns what is wrong between a service, its volume configurations and its task
// definition, as an ErrorList of InvalidParameterException or nil. A volume that is configured at launch
// needs a configuration, and no other volume takes one. Fargate has no volumes of the type standard. Only
// the ECS deployment controller has volumes. Like ValidateService, it judges the service that results
// from a request.
func ValidateVolumes(s ecs.Service, list []ecs.ServiceVolumeConfiguration, d ecs.TaskDefinition) error {
	c := &faults{}
	if controller := controllerType(s.DeploymentController); len(list) > 0 &&
		controller != ecs.DeploymentControllerTypeEcs {
		c.Refuse("volumeConfigurations", "Volume configurations are not supported with the %s deployment controller.",
			controller)
	}
	each := make([]ecs.TaskVolumeConfiguration, 0, len(list))
	for _, v := range list {
		each = append(each, v.ForTask())
	}
	c.volumesFor(each, d, ecs.OnFargate(s.LaunchType, s.CapacityProviderStrategy))
	return c.err()
}
