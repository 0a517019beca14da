package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

const infrastructureRole = "arn:aws:iam::123456789012:role/ecsInfrastructureRole"

// volume is a service's volume of 200 GiB that change has changed.
func volume(change func(k *ecs.ServiceManagedEBSVolumeConfiguration)) ecs.ServiceVolumeConfiguration {
	k := ecs.ServiceManagedEBSVolumeConfiguration{RoleArn: infrastructureRole, SizeInGiB: ecs.Some(200)}
	if change != nil {
		change(&k)
	}
	return ecs.ServiceVolumeConfiguration{Name: "data", ManagedEBSVolume: &k}
}

func withData() ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: "db", Volumes: []ecs.Volume{{Name: "logs"},
		{Name: "data", ConfiguredAtLaunch: true}},
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "db", Image: "db", Memory: 128,
			MountPoints: []ecs.MountPoint{{SourceVolume: "data"}}}}}
}

// One rule of an Amazon EBS volume broken after the other. Seen to fail: sizes of st1
// that begin where those of gp3 do.
func TestRefusedVolumes(t *testing.T) {
	type k = *ecs.ServiceManagedEBSVolumeConfiguration
	const ip, at = ecs.InvalidParameterException, "volumeConfigurations[0].managedEBSVolume"
	service := func(list ...ecs.ServiceVolumeConfiguration) error {
		return createService(func(in *api.CreateServiceInput) { in.VolumeConfigurations = list })
	}
	of := func(change func(k k)) error { return service(volume(change)) }
	run := func(change func(v *ecs.TaskVolumeConfiguration)) error {
		v := volume(nil).ForTask()
		change(&v)
		return api.RunTaskInput{TaskDefinition: "db", VolumeConfigurations: []ecs.TaskVolumeConfiguration{v}}.Validate()
	}
	tagged := func(s ecs.EBSTagSpecification) error {
		return of(func(k k) { k.TagSpecifications = []ecs.EBSTagSpecification{s} })
	}
	for _, r := range []refusal{
		{"two", service(volume(nil), volume(nil)), ip, "volumeConfigurations"},
		{"no name", service(ecs.ServiceVolumeConfiguration{ManagedEBSVolume: volume(nil).ManagedEBSVolume}), ip,
			"volumeConfigurations[0].name"},
		{"no volume", service(ecs.ServiceVolumeConfiguration{Name: "data"}), ip, at},
		{"no role", of(func(k k) { k.RoleArn = "" }), ip, at + ".roleArn"},
		{"neither size nor snapshot", of(func(k k) { k.SizeInGiB = ecs.Opt[int]{} }), ip, at + ".sizeInGiB"},
		{"type", of(func(k k) { k.VolumeType = "gp4" }), ip, at + ".volumeType"},
		{"gp3 too large", of(func(k k) { k.SizeInGiB = ecs.Some(16385) }), ip, at + ".sizeInGiB"},
		{"io1 too small", of(func(k k) { k.VolumeType, k.SizeInGiB, k.IOPS = "io1", ecs.Some(3), ecs.Some(100) }), ip,
			at + ".sizeInGiB"},
		{"st1 too small", of(func(k k) { k.VolumeType, k.SizeInGiB = "st1", ecs.Some(124) }), ip, at + ".sizeInGiB"},
		{"standard too large", of(func(k k) {
			k.VolumeType, k.SizeInGiB = "standard", ecs.Some(1025)
		}), ip, at + ".sizeInGiB"},
		{"io2 without iops", of(func(k k) { k.VolumeType = "io2" }), ip, at + ".iops"},
		{"sc1 with iops", of(func(k k) { k.VolumeType, k.IOPS = "sc1", ecs.Some(100) }), ip, at + ".iops"},
		{"gp3 too slow", of(func(k k) { k.IOPS = ecs.Some(2999) }), ip, at + ".iops"},
		{"io1 too fast", of(func(k k) { k.VolumeType, k.IOPS = "io1", ecs.Some(64001) }), ip, at + ".iops"},
		{"throughput of gp2", of(func(k k) { k.VolumeType, k.Throughput = "gp2", ecs.Some(125) }),
			ip, at + ".throughput"},
		{"throughput", of(func(k k) { k.Throughput = ecs.Some(1001) }), ip, at + ".throughput"},
		{"rate without snapshot", of(func(k k) { k.VolumeInitializationRate = ecs.Some(100) }), ip,
			at + ".volumeInitializationRate"},
		{"rate", of(func(k k) { k.SnapshotID, k.VolumeInitializationRate = "snap-1", ecs.Some(301) }), ip,
			at + ".volumeInitializationRate"},
		{"file system", of(func(k k) { k.FilesystemType = "btrfs" }), ip, at + ".filesystemType"},
		{"tags of what", tagged(ecs.EBSTagSpecification{ResourceType: "snapshot"}), ip,
			at + ".tagSpecifications[0].resourceType"},
		{"ECS's tag",
			tagged(ecs.EBSTagSpecification{ResourceType: "volume", Tags: []ecs.Tag{{Key: "AmazonECSManaged"}}}), ip,
			at + ".tagSpecifications[0].tags[0].key"},
		{"tags of a service", run(func(v *ecs.TaskVolumeConfiguration) {
			v.ManagedEBSVolume.TagSpecifications = []ecs.EBSTagSpecification{{ResourceType: "volume",
				PropagateTags: "SERVICE"}}
		}), ip, at + ".tagSpecifications[0].propagateTags"},
		{"policy without a word", run(func(v *ecs.TaskVolumeConfiguration) {
			v.ManagedEBSVolume.TerminationPolicy = &ecs.TaskManagedEBSVolumeTerminationPolicy{}
		}), ip, at + ".terminationPolicy.deleteOnTermination"},
		{"no volume of a task", run(func(v *ecs.TaskVolumeConfiguration) { v.ManagedEBSVolume = nil }), ip, at},
	} {
		require.Equal(t, []string{string(r.code) + " " + r.field}, refused(r.err), "%s: %v", r.row, r.err)
	}
	for _, accepted := range []func(k k){
		nil,
		func(k k) {
			k.SizeInGiB, k.SnapshotID, k.VolumeInitializationRate = ecs.Opt[int]{}, "snap-1", ecs.Some(300)
		},
		func(k k) { k.VolumeType, k.IOPS = "io2", ecs.Some(256000) },
		func(k k) {
			k.IOPS, k.Throughput, k.FilesystemType, k.Encrypted = ecs.Some(3000), ecs.Some(1000), "ext4", ecs.Some(true)
		},
		func(k k) {
			k.TagSpecifications = []ecs.EBSTagSpecification{{ResourceType: "volume", PropagateTags: "SERVICE",
				Tags: []ecs.Tag{{Key: "a"}}}}
		},
	} {
		require.NoError(t, of(accepted))
	}
}

// A volume that is configured at launch needs a configuration, and no other volume takes one. Seen
// to fail: a configuration for a volume of another name.
func TestVolumesForTaskDefinition(t *testing.T) {
	const noMatch = "Volume configuration provided but no matching configuredAtLaunch volume found in task definition."
	none := ecs.TaskDefinition{Family: "web", Volumes: []ecs.Volume{{Name: "data"}}}
	run := func(d ecs.TaskDefinition, list ...ecs.TaskVolumeConfiguration) error {
		return api.RunTaskInput{TaskDefinition: d.Family, VolumeConfigurations: list}.ValidateFor(d)
	}
	start := func(d ecs.TaskDefinition, list ...ecs.TaskVolumeConfiguration) error {
		return api.StartTaskInput{TaskDefinition: d.Family, VolumeConfigurations: list}.ValidateFor(d)
	}
	service := func(d ecs.TaskDefinition, list ...ecs.ServiceVolumeConfiguration) error {
		return api.ValidateVolumes(ecs.Service{}, list, d)
	}
	data := volume(nil)
	other := data
	other.Name = "logs"
	for _, err := range []error{run(none, data.ForTask()), start(none, data.ForTask()), service(none, data),
		run(withData(), other.ForTask()),
		service(withData(), other)} {
		require.ErrorContains(t, err, noMatch)
		require.Equal(t, []string{"InvalidParameterException volumeConfigurations"}, refused(err))
	}
	for _, err := range []error{run(withData()), start(withData()), service(withData())} {
		require.ErrorContains(t, err, "The volume data of the task definition is configured at launch")
	}
	for _, err := range []error{run(none), service(none), run(withData(), data.ForTask()),
		start(withData(), data.ForTask()), service(withData(), data)} {
		require.NoError(t, err)
	}
}

// What the infrastructure and the controller allow counts for the service that results, whichever
// of them a value comes from.
func TestVolumesForService(t *testing.T) {
	old := volume(func(k *ecs.ServiceManagedEBSVolumeConfiguration) { k.VolumeType = "standard" })
	const at = "InvalidParameterException volumeConfigurations[0].managedEBSVolume.volumeType"
	list := []ecs.ServiceVolumeConfiguration{old}
	require.NoError(t, api.ValidateVolumes(ecs.Service{LaunchType: "EC2"}, list, withData()))
	require.Equal(t, []string{at}, refused(api.ValidateVolumes(ecs.Service{LaunchType: "FARGATE"}, list, withData())))
	spot := []ecs.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE_SPOT", Weight: 1}}
	require.Equal(t, []string{at},
		refused(api.ValidateVolumes(ecs.Service{CapacityProviderStrategy: spot}, list, withData())))
	require.Contains(t, refused(api.RunTaskInput{TaskDefinition: "db", CapacityProviderStrategy: spot,
		VolumeConfigurations: []ecs.TaskVolumeConfiguration{old.ForTask()}}.ValidateFor(withData())), at)
	external := ecs.Service{DeploymentController: &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}}
	require.ErrorContains(t, api.ValidateVolumes(external, list, withData()),
		"not supported with the EXTERNAL deployment controller")
	require.NoError(t, api.ValidateVolumes(external, nil, ecs.TaskDefinition{}))
}
