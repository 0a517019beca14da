package ecs

// TaskVolumeConfiguration is the volume that a standalone task gets, where its definition leaves one to
// the launch.
type TaskVolumeConfiguration struct {
	Name             string                             `json:"name"` // of the volume in the task definition
	ManagedEBSVolume *TaskManagedEBSVolumeConfiguration `json:"managedEBSVolume,omitzero"`
}

// ServiceVolumeConfiguration is the volume that each task of a service gets.
type ServiceVolumeConfiguration struct {
	Name             string                                `json:"name"` // of the volume in the task definition
	ManagedEBSVolume *ServiceManagedEBSVolumeConfiguration `json:"managedEBSVolume,omitzero"`
}

// ServiceManagedEBSVolumeConfiguration is the Amazon EBS volume that a task of a service gets. It is made
// when the task starts, and deleted when the task has stopped.
type ServiceManagedEBSVolumeConfiguration struct {
	Encrypted                Opt[bool]             `json:"encrypted,omitzero"`
	KMSKeyID                 string                `json:"kmsKeyId,omitzero"`
	VolumeType               string                `json:"volumeType,omitzero"` // gp2, gp3, io1, io2, sc1, st1 or standard; absent: gp3
	SizeInGiB                Opt[int]              `json:"sizeInGiB,omitzero"`  // absent: that of the snapshot
	SnapshotID               string                `json:"snapshotId,omitzero"`
	VolumeInitializationRate Opt[int]              `json:"volumeInitializationRate,omitzero"` // MiB/s, of a snapshot
	IOPS                     Opt[int]              `json:"iops,omitzero"`                     // absent: 3000 for gp3
	Throughput               Opt[int]              `json:"throughput,omitzero"`               // MiB/s, of gp3; absent: 125
	TagSpecifications        []EBSTagSpecification `json:"tagSpecifications,omitzero"`
	RoleArn                  string                `json:"roleArn"`                 // the infrastructure role
	FilesystemType           string                `json:"filesystemType,omitzero"` // ext3, ext4, xfs or ntfs; absent: xfs
}

// TaskManagedEBSVolumeConfiguration is the Amazon EBS volume of a standalone task, which may
// outlive it.
type TaskManagedEBSVolumeConfiguration struct {
	ServiceManagedEBSVolumeConfiguration
	TerminationPolicy *TaskManagedEBSVolumeTerminationPolicy `json:"terminationPolicy,omitzero"`
}

// TaskManagedEBSVolumeTerminationPolicy says whether a volume ends with its task.
type TaskManagedEBSVolumeTerminationPolicy struct {
	DeleteOnTermination Opt[bool] `json:"deleteOnTermination,omitzero"` // required
}

// EBSTagSpecification is the tags of a volume.
type EBSTagSpecification struct {
	ResourceType  string        `json:"resourceType"` // volume
	Tags          []Tag         `json:"tags,omitzero"`
	PropagateTags PropagateTags `json:"propagateTags,omitzero"`
}

// DeletesVolume reports whether the volume is deleted when its task has stopped, as it is unless its
// policy says otherwise.
func (v TaskVolumeConfiguration) DeletesVolume() bool {
	if v.ManagedEBSVolume == nil || v.ManagedEBSVolume.TerminationPolicy == nil {
		return true
	}
	return v.ManagedEBSVolume.TerminationPolicy.DeleteOnTermination.Or(true)
}

// ForTask returns the configuration of one of the service's tasks.
func (v ServiceVolumeConfiguration) ForTask() TaskVolumeConfiguration {
	own := TaskVolumeConfiguration{Name: v.Name}
	if v.ManagedEBSVolume != nil {
		own.ManagedEBSVolume = &TaskManagedEBSVolumeConfiguration{
			ServiceManagedEBSVolumeConfiguration: *v.ManagedEBSVolume}
	}
	return own
}

// VolumeAtLaunch returns the name of the one volume that the definition leaves to be configured at
// launch, if any.
func (d TaskDefinition) VolumeAtLaunch() (string, bool) {
	for _, v := range d.Volumes {
		if v.ConfiguredAtLaunch {
			return v.Name, true
		}
	}
	return "", false
}
