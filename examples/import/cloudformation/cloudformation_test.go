package cloudformation_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/import/cloudformation"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

func read(t testing.TB, text string, g document.Given) document.Result {
	list, err := source.Parse("t.yml", []byte(text))
	require.NoError(t, err)
	r, err := cloudformation.Read(list[0], g)
	require.NoError(t, err)
	require.NoError(t, r.Check())
	return r
}

func said(r document.Result) map[string]source.Field {
	m := map[string]source.Field{}
	for _, f := range r.Fields() {
		m[f.Path] = f
	}
	return m
}

func TestNames(t *testing.T) {
	r := read(t, `{"Family": "web", "Cpu": "256", "Memory": "512", "Volumes": [{"Name": "v", "EFSVolumeConfiguration": {"FilesystemId": "fs-1", "AuthorizationConfig": {"IAM": "ENABLED"}, "TransitEncryption": "ENABLED"}}],
		"ContainerDefinitions": [{"Name": "c", "Image": "i", "Memory": 64, "DockerLabels": {"CamelCase": "1"}, "MountPoints": [{"SourceVolume": "v", "ContainerPath": "/x"}],
		"LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p"}},
		"Environment": [{"Name": "A", "Value": "b"}]}], "ExecutionRoleArn": "arn:aws:iam::123456789012:role/x"}`, document.Given{})
	d := r.TaskDefinitions[0]
	require.Equal(t, map[string]string{"CamelCase": "1"}, d.ContainerDefinitions[0].DockerLabels)
	require.Equal(t, "fs-1", d.Volumes[0].EFSVolumeConfiguration.FileSystemID)
	for _, f := range r.Fields() {
		require.LessOrEqual(t, f.Fate, source.Translated, f.Path)
	}
}

func TestTemplate(t *testing.T) {
	r := read(t, `
Parameters:
  Count: {Type: Number, Default: 3}
  Image: {Type: String}
Mappings: {Sizes: {prod: {Cpu: "512"}}}
Resources:
  Cluster: {Type: "AWS::ECS::Cluster", Properties: {ClusterName: prod}}
  Role: {Type: "AWS::IAM::Role"}
  Group: {Type: "AWS::ElasticLoadBalancingV2::TargetGroup"}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      Cpu: !FindInMap [Sizes, prod, Cpu]
      Memory: "1024"
      ExecutionRoleArn: !GetAtt Role.Arn
      Colour: red
      ContainerDefinitions:
      - Name: web
        Image: !Ref Image
        PortMappings: [{ContainerPort: 80}]
        Environment: [{Name: URL, Value: !Sub "https://${AWS::Region}.${Cluster}/${!x}"}]
  Service:
    Type: AWS::ECS::Service
    DependsOn: Role
    Properties:
      Cluster: !Ref Cluster
      ServiceName: web
      TaskDefinition: !Ref Task
      DesiredCount: !Ref Count
      LaunchType: !If [Big, FARGATE, EC2]
      LoadBalancers: [{TargetGroupArn: !Ref Group, ContainerName: web, ContainerPort: 80}]
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: !Split [",", "subnet-1,subnet-2"], SecurityGroups: [!Select [0, [sg-1]]]}}
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: {ServiceNamespace: ecs, ResourceId: !Join ["/", [service, !Ref Cluster, !GetAtt Service.Name]], ScalableDimension: "ecs:service:DesiredCount", MinCapacity: 1, MaxCapacity: "5", RoleARN: x}
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties: {PolicyName: cpu, PolicyType: TargetTrackingScaling, ScalingTargetId: !Ref Target, TargetTrackingScalingPolicyConfiguration: {TargetValue: 60, PredefinedMetricSpecification: {PredefinedMetricType: ECSServiceAverageCPUUtilization}}}
  Bucket: {Type: "AWS::S3::Bucket"}
`, document.Given{Variables: map[string]string{"Image": "nginx"}})
	d, s := r.TaskDefinitions[0], r.Services[0]
	require.Equal(t, []string{"Task", "512", "nginx", "https://us-east-1.prod/${x}"}, []string{d.Family, d.CPU,
		d.ContainerDefinitions[0].Image, d.ContainerDefinitions[0].Environment[0].Value})
	require.Equal(t, []string{"prod", "Task", "FARGATE"}, []string{s.Cluster, s.TaskDefinition, string(s.LaunchType)})
	require.Equal(t, 3, s.DesiredCount.Or(0))
	require.Equal(t, []string{"subnet-1", "subnet-2"}, s.NetworkConfiguration.AwsvpcConfiguration.Subnets)
	require.Equal(t, "service/prod/web", r.Scaling[0].Target.ResourceID)
	require.Len(t, r.Scaling[0].Policies, 1)
	f := said(r)
	require.Equal(t, source.Lost, f["Resources.Task.Properties.Colour"].Fate)
	require.Equal(t, source.Needs, f["Resources.Service.Properties.LoadBalancers[0].TargetGroupArn"].Fate)
	require.Equal(t, source.Approximated, f["Resources.Service.Properties.LaunchType"].Fate)
}

// TestFunctions: a function that refers to itself ends.
func TestFunctions(t *testing.T) {
	r := read(t, "Resources:\n  A: {Type: 'AWS::ECS::Cluster', Properties: {ClusterName: !Ref A}}\n"+
		"  T: {Type: 'AWS::ECS::TaskDefinition', Properties: {ContainerDefinitions: [{Name: c, Image: !ImportValue "+
		"x, Memory: 64, Command: [!Ref A]}]}}\n", document.Given{})
	require.Equal(t, "needs-a-value", r.TaskDefinitions[0].ContainerDefinitions[0].Image)
	require.Equal(t, source.Needs, said(r)["Resources.T.Properties.ContainerDefinitions[0].Image"].Fate)
}

// TestPropertiesOfFunctions: properties that a function returns are a fault, found by fuzzing.
func TestPropertiesOfFunctions(t *testing.T) {
	list, err := source.Parse("t.yml",
		[]byte("Resources: {T: {Type: 'AWS::ECS::TaskDefinition', Properties: !Ref {a: b}}}"))
	require.NoError(t, err)
	_, err = cloudformation.Read(list[0], document.Given{})
	require.ErrorContains(t, err, "t.yml:1: Resources.T.Properties: the properties of T are what a function returns")
}

func ExampleRead() {
	list, err := source.Parse("t.yml", []byte(`
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: web, ContainerDefinitions: [{Name: c, Image: !Sub "nginx:${AWS::Region}", Memory: 64}]}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := cloudformation.Read(list[0], document.Given{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.TaskDefinitions[0].ContainerDefinitions[0].Image)
	// Output: nginx:us-east-1
}
