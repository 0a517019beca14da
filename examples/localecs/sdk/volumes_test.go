package sdk

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// Volumes that are configured at launch, monitoring and a cluster's configuration, in the SDK's
// own shapes, there and back.
func TestVolumeShapes(t *testing.T) {
	s := newShaped(t, front.Config{Seed: 1, Instances: 1, Manual: true})
	c := s.ecs
	as(s, c.RegisterTaskDefinition, &ecs.RegisterTaskDefinitionInput{Family: aws.String("db"),
		Volumes: []types.Volume{{Name: aws.String("data"), ConfiguredAtLaunch: aws.Bool(true)}},
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("db"),
			Image: aws.String("db"), Memory: aws.Int32(64),
			MountPoints: []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}}}}})
	role := aws.String("arn:aws:iam::123456789012:role/ecsInfrastructureRole")
	task := as(s, c.RunTask, &ecs.RunTaskInput{TaskDefinition: aws.String("db"),
		VolumeConfigurations: []types.TaskVolumeConfiguration{{Name: aws.String("data"),
			ManagedEBSVolume: &types.TaskManagedEBSVolumeConfiguration{RoleArn: role, SizeInGiB: aws.Int32(10),
				VolumeType: aws.String("gp3"), Encrypted: aws.Bool(true),
				FilesystemType:    types.TaskFilesystemTypeExt4,
				TerminationPolicy: &types.TaskManagedEBSVolumeTerminationPolicy{DeleteOnTermination: aws.Bool(true)},
				TagSpecifications: []types.EBSTagSpecification{{ResourceType: types.EBSResourceTypeVolume,
					PropagateTags: types.PropagateTagsTaskDefinition}}}}}}).Tasks[0]
	s.local("POST", "/_local/advance?by=1m", "")
	described := as(s, c.DescribeTasks, &ecs.DescribeTasksInput{Tasks: []string{*task.TaskArn}}).Tasks[0]
	require.Equal(t, "RUNNING", *described.LastStatus)
	require.Len(t, described.Attachments, 1)
	require.Equal(t, "AmazonElasticBlockStorage", *described.Attachments[0].Type)
	require.Equal(t, "ATTACHED", *described.Attachments[0].Status)

	volume := []types.ServiceVolumeConfiguration{{Name: aws.String("data"),
		ManagedEBSVolume: &types.ServiceManagedEBSVolumeConfiguration{
			RoleArn: role, SnapshotId: aws.String("snap-1"), VolumeInitializationRate: aws.Int32(100),
			Iops: aws.Int32(4000), Throughput: aws.Int32(200), KmsKeyId: aws.String("key")}}}
	monitoring := &types.MonitoringConfiguration{MetricConfigurations: []types.MetricConfiguration{
		{MetricNames: []string{"CPUUtilization"}, ResolutionSeconds: aws.Int32(20)}}}
	as(s, c.CreateService, &ecs.CreateServiceInput{ServiceName: aws.String("db"), TaskDefinition: aws.String("db"),
		DesiredCount:         aws.Int32(1),
		VolumeConfigurations: volume, Monitoring: monitoring})
	require.Equal(t, volume,
		as(s, c.DescribeServices,
			&ecs.DescribeServicesInput{Services: []string{"db"}}).Services[0].Deployments[0].VolumeConfigurations)
	deployments := as(s, c.ListServiceDeployments,
		&ecs.ListServiceDeploymentsInput{Service: aws.String("db")}).ServiceDeployments
	revision := as(s, c.DescribeServiceRevisions,
		&ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{
			*deployments[0].TargetServiceRevisionArn}}).ServiceRevisions[0]
	require.Equal(t, volume, revision.VolumeConfigurations)
	require.Equal(t, monitoring, revision.Monitoring)

	configuration := &types.ClusterConfiguration{ExecuteCommandConfiguration: &types.ExecuteCommandConfiguration{
		Logging: types.ExecuteCommandLoggingOverride,
		LogConfiguration: &types.ExecuteCommandLogConfiguration{CloudWatchLogGroupName: aws.String("g"),
			S3EncryptionEnabled: true}},
		ManagedStorageConfiguration: &types.ManagedStorageConfiguration{
			FargateEphemeralStorageKmsKeyId: aws.String("key")}}
	as(s, c.CreateCluster, &ecs.CreateClusterInput{ClusterName: aws.String("kept"), Configuration: configuration})
	shown := as(s, c.DescribeClusters, &ecs.DescribeClustersInput{Clusters: []string{"kept"},
		Include: []types.ClusterField{types.ClusterFieldConfigurations}})
	require.Equal(t, configuration, shown.Clusters[0].Configuration)
}
