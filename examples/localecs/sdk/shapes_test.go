package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// recorder keeps the body of the last answer, so that what the server sent can be held
// against what the SDK's deserialiser took from it.
type recorder struct{ body []byte }

// RoundTrip is http.RoundTripper's.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	r.body, err = io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(r.body))
	return response, err
}

// strangers lists the members of a document that the SDK's type does not have, or that it has
// and did not take, and empty members that AWS leaves out.
func strangers(path string, doc any, v reflect.Value) []string {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return []string{path + ": not taken by the SDK"}
		}
		v = v.Elem()
	}
	var found []string
	switch d := doc.(type) {
	case map[string]any:
		if v.Kind() == reflect.Map {
			return nil
		}
		if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
			return []string{fmt.Sprintf("%s: an object where the SDK has %s", path, v.Type())}
		}
		for key, member := range d {
			f := v.FieldByName(strings.ToUpper(key[:1]) + key[1:])
			if !f.IsValid() {
				found = append(found, path+"."+key+": the SDK has no such member")
				continue
			}
			found = append(found, strangers(path+"."+key, member, f)...)
		}
	case []any:
		if v.Kind() != reflect.Slice || v.Len() != len(d) {
			return []string{fmt.Sprintf("%s: a list of %d where the SDK has %v", path, len(d), v)}
		}
		for i := range d {
			found = append(found, strangers(fmt.Sprintf("%s[%d]", path, i), d[i], v.Index(i))...)
		}
	case nil:
		found = append(found, path+": null")
	case string:
		if v.Kind() != reflect.String || v.String() != d {
			found = append(found, fmt.Sprintf("%s: %q where the SDK has %v", path, d, v))
		}
		// which AWS answers, and its model lacks
		if values := v.MethodByName("Values"); values.IsValid() && d != "dualStackIPv6" {
			known := values.Call(nil)[0]
			for i := range known.Len() {
				if known.Index(i).String() == d {
					return nil
				}
			}
			found = append(found, fmt.Sprintf("%s: %q is not a %s", path, d, v.Type()))
		}
	}
	sort.Strings(found)
	return found
}

// always are lists that AWS prints when they are empty, too, as the examples of the AWS CLI's
// reference show.
var always = []string{
	"Cluster.capacityProviders", "Cluster.defaultCapacityProviderStrategy", "Cluster.settings",
	"Cluster.statistics", "Cluster.tags",
	"CapacityProvider.tags", "ContainerInstance.attachments", "ContainerInstance.attributes", "ContainerInstance.tags",
	"ContainerDefinition.environment", "ContainerDefinition.mountPoints", "ContainerDefinition.portMappings",
	"ContainerDefinition.volumesFrom",
	"TaskDefinition.placementConstraints", "TaskDefinition.volumes",
	"Service.deployments", "Service.events", "Service.loadBalancers", "Service.placementConstraints",
	"Service.placementStrategy", "Service.serviceRegistries",
	"ServiceDeployment.sourceServiceRevisions",
	"Task.attachments", "Task.attributes", "Task.containers", "Task.tags", "TaskOverride.containerOverrides",
	"TaskOverride.inferenceAcceleratorOverrides",
	"TaskSet.loadBalancers", "TaskSet.serviceRegistries", "TaskSet.tags", "Container.networkInterfaces",
}

// absent lists the members that a document lacks although AWS always prints them: numbers and
// booleans that the SDK has by value, and the lists above.
func absent(path string, doc any, v reflect.Value) []string {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	var found []string
	switch d := doc.(type) {
	case map[string]any:
		if v.Kind() != reflect.Struct {
			return nil
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			key := strings.ToLower(f.Name[:1]) + f.Name[1:]
			switch f.Type.Kind() {
			case reflect.Int32, reflect.Int64, reflect.Float64, reflect.Bool:
				if d[key] == nil {
					found = append(found, path+"."+key+": a number or boolean that is not there")
				}
			case reflect.Slice:
				if d[key] == nil && slices.Contains(always, v.Type().Name()+"."+key) {
					found = append(found, path+"."+key+": a list that is not there")
				}
			}
			if member, ok := d[key]; ok {
				found = append(found, absent(path+"."+key, member, v.Field(i))...)
			}
		}
	case []any:
		for i := range d {
			found = append(found, absent(fmt.Sprintf("%s[%d]", path, i), d[i], v.Index(i))...)
		}
	}
	return found
}

// shaped drives a server and compares each answer with what the SDK made of it.
type shaped struct {
	t       *testing.T
	url     string
	rec     *recorder
	ecs     *ecs.Client
	scaling *scaling.Client
}

func newShaped(t *testing.T, config front.Config) *shaped {
	server, err := front.New(config)
	require.NoError(t, err)
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	rec := &recorder{}
	client := &http.Client{Transport: rec}
	secret := credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")
	return &shaped{t, s.URL, rec,
		ecs.New(ecs.Options{Region: "us-east-1", BaseEndpoint: aws.String(s.URL), RetryMaxAttempts: 1,
			Credentials: secret, HTTPClient: client}),
		scaling.New(scaling.Options{Region: "us-east-1", BaseEndpoint: aws.String(s.URL), RetryMaxAttempts: 1,
			Credentials: secret, HTTPClient: client})}
}

func (s *shaped) local(method, path, body string) string {
	s.t.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	request.Header.Set(front.LocalHeader, "test")
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.Equal(s.t, 200, response.StatusCode, "%s", data)
	return string(data)
}

// as calls an operation and compares shapes.
func as[In, Out, Option any](s *shaped, f func(context.Context, *In, ...Option) (*Out, error), in *In) *Out {
	s.t.Helper()
	out, err := f(context.Background(), in)
	require.NoError(s.t, err)
	var doc any
	require.NoError(s.t, json.Unmarshal(s.rec.body, &doc))
	name := strings.TrimSuffix(reflect.TypeFor[In]().Name(), "Input")
	require.Empty(s.t, strangers(name, doc, reflect.ValueOf(out)))
	require.Empty(s.t, absent(name, doc, reflect.ValueOf(out)))
	return out
}

// Every member of every answer is one that the SDK knows and takes, and what AWS always prints is
// there. Seen to fail: tags within a task definition; tasks without enableExecuteCommand and
// their empty lists.
func TestShapes(t *testing.T) {
	s := newShaped(t, front.Config{Seed: 1, Instances: 3, Manual: true})
	c := s.ecs
	tags := []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
	include := []types.TaskDefinitionField{types.TaskDefinitionFieldTags}
	as(s, c.CreateCluster, &ecs.CreateClusterInput{ClusterName: aws.String("other"), Tags: tags})
	as(s, c.DescribeClusters, &ecs.DescribeClustersInput{Clusters: []string{"default", "other", "none"},
		Include: []types.ClusterField{types.ClusterFieldTags, types.ClusterFieldStatistics,
			types.ClusterFieldSettings}})
	insights := []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("enhanced")}}
	require.Equal(t, insights, as(s, c.UpdateClusterSettings,
		&ecs.UpdateClusterSettingsInput{Cluster: aws.String("other"), Settings: insights}).Cluster.Settings)
	require.Equal(t, "n", aws.ToString(as(s, c.UpdateCluster, &ecs.UpdateClusterInput{Cluster: aws.String("other"),
		ServiceConnectDefaults: &types.ClusterServiceConnectDefaultsRequest{
			Namespace: aws.String("n")}}).Cluster.ServiceConnectDefaults.Namespace))
	require.Equal(t, insights, as(s, c.DescribeClusters, &ecs.DescribeClustersInput{Clusters: []string{"other"},
		Include: []types.ClusterField{types.ClusterFieldSettings}}).Clusters[0].Settings)
	as(s, c.DiscoverPollEndpoint, &ecs.DiscoverPollEndpointInput{})
	as(s, c.ListClusters, &ecs.ListClustersInput{})
	definition := &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("web"), Tags: tags, TaskRoleArn: aws.String("arn:aws:iam::123456789012:role/a"),
		Volumes: []types.Volume{{Name: aws.String("v"), Host: &types.HostVolumeProperties{}}},
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("web"), Image: aws.String("web:1"), Memory: aws.Int32(128),
			Environment:      []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String("B")}},
			PortMappings:     []types.PortMapping{{ContainerPort: aws.Int32(80), HostPort: aws.Int32(0)}},
			HealthCheck:      &types.HealthCheck{Command: []string{"CMD", "true"}},
			LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverJsonFile},
			MountPoints:      []types.MountPoint{{SourceVolume: aws.String("v"), ContainerPath: aws.String("/v")}},
		}},
	}
	registered := as(s, c.RegisterTaskDefinition, definition)
	require.Len(t, registered.Tags, 1)
	as(s, c.RegisterTaskDefinition, definition)
	require.Empty(t, as(s, c.DescribeTaskDefinition,
		&ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web")}).Tags)
	require.Len(t, as(s, c.DescribeTaskDefinition, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web"),
		Include: include}).Tags, 1)
	s.services(tags)
	s.instances(tags)
	s.tasks(tags)
	as(s, c.DeregisterTaskDefinition, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("web:2")})
	as(s, c.DeleteTaskDefinitions, &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{"web:2", "none:1"}})
	as(s, c.DeleteCluster, &ecs.DeleteClusterInput{Cluster: aws.String("other")})
}

func (s *shaped) services(tags []types.Tag) {
	c := s.ecs
	group := "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"
	s.local("PUT", "/_local/target-groups/web", "{}")
	as(s, c.CreateService, &ecs.CreateServiceInput{ServiceName: aws.String("web"), TaskDefinition: aws.String("web:1"),
		DesiredCount: aws.Int32(2), Tags: tags,
		LoadBalancers: []types.LoadBalancer{{TargetGroupArn: aws.String(group), ContainerName: aws.String("web"),
			ContainerPort: aws.Int32(80)}},
		PlacementStrategy: []types.PlacementStrategy{{Type: types.PlacementStrategyTypeSpread,
			Field: aws.String("instanceId")}}})
	s.local("POST", "/_local/advance?by=5m", "")
	as(s, c.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), TaskDefinition: aws.String("web:2")})
	s.local("POST", "/_local/advance?by=5s", "")
	require.Empty(s.t,
		as(s, c.DescribeServices, &ecs.DescribeServicesInput{Services: []string{"web", "none"}}).Services[0].Tags)
	v := as(s, c.DescribeServices, &ecs.DescribeServicesInput{Services: []string{"web"},
		Include: []types.ServiceField{types.ServiceFieldTags}}).Services[0]
	require.Len(s.t, v.Tags, 1)
	require.Len(s.t, v.Deployments, 2)
	as(s, c.ListServices, &ecs.ListServicesInput{})
	briefs := as(s, c.ListServiceDeployments,
		&ecs.ListServiceDeploymentsInput{Service: aws.String("web")}).ServiceDeployments
	require.Len(s.t, briefs, 2)
	require.Equal(s.t, types.ServiceDeploymentStatusInProgress, briefs[0].Status)
	require.NotNil(s.t, briefs[1].FinishedAt)
	detail := as(s, c.DescribeServiceDeployments,
		&ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*briefs[0].ServiceDeploymentArn,
			"arn:aws:ecs:us-east-1:123456789012:service-deployment/default/web/none"}})
	require.Len(s.t, detail.Failures, 1)
	require.EqualValues(s.t, 2, detail.ServiceDeployments[0].TargetServiceRevision.RequestedTaskCount)
	require.Len(s.t, detail.ServiceDeployments[0].SourceServiceRevisions, 1)
	revisions := as(s, c.DescribeServiceRevisions,
		&ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{*briefs[0].TargetServiceRevisionArn,
			*briefs[1].TargetServiceRevisionArn}}).ServiceRevisions
	require.Equal(s.t, "web:1", aws.ToString(revisions[0].ContainerImages[0].Image))
	require.NotEqual(s.t, revisions[0].TaskDefinition, revisions[1].TaskDefinition)
	as(s, c.StopServiceDeployment, &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: briefs[0].ServiceDeploymentArn,
		StopType: types.StopServiceDeploymentStopTypeRollback})
	as(s, c.CreateService, &ecs.CreateServiceInput{ServiceName: aws.String("sets"), DesiredCount: aws.Int32(2),
		DeploymentController: &types.DeploymentController{Type: types.DeploymentControllerTypeExternal}})
	set := as(s, c.CreateTaskSet, &ecs.CreateTaskSetInput{Cluster: aws.String("default"), Service: aws.String("sets"),
		TaskDefinition: aws.String("web:1"), Tags: tags}).TaskSet
	as(s, c.DescribeTaskSets, &ecs.DescribeTaskSetsInput{Cluster: aws.String("default"), Service: aws.String("sets")})
	as(s, c.UpdateTaskSet, &ecs.UpdateTaskSetInput{Cluster: aws.String("default"), Service: aws.String("sets"),
		TaskSet: set.Id, Scale: &types.Scale{Value: 50, Unit: types.ScaleUnitPercent}})
	as(s, c.UpdateServicePrimaryTaskSet, &ecs.UpdateServicePrimaryTaskSetInput{Cluster: aws.String("default"),
		Service: aws.String("sets"), PrimaryTaskSet: set.Id})
	as(s, c.DeleteTaskSet, &ecs.DeleteTaskSetInput{Cluster: aws.String("default"), Service: aws.String("sets"),
		TaskSet: set.Id, Force: aws.Bool(true)})
	as(s, c.DeleteService, &ecs.DeleteServiceInput{Service: aws.String("sets"), Force: aws.Bool(true)})
}

func (s *shaped) instances(tags []types.Tag) {
	c := s.ecs
	arns := as(s, c.ListContainerInstances, &ecs.ListContainerInstancesInput{}).ContainerInstanceArns
	as(s, c.DescribeContainerInstances, &ecs.DescribeContainerInstancesInput{ContainerInstances: append(arns, "none")})
	own := as(s, c.RegisterContainerInstance, &ecs.RegisterContainerInstanceInput{Tags: tags,
		TotalResources: []types.Resource{{Name: aws.String("CPU"), Type: aws.String("INTEGER"), IntegerValue: 1024},
			{Name: aws.String("MEMORY"), Type: aws.String("INTEGER"), IntegerValue: 1024},
			{Name: aws.String("PORTS"), Type: aws.String("STRINGSET"), StringSetValue: []string{"22"}}},
		Attributes: []types.Attribute{{Name: aws.String("rack"), Value: aws.String("7")}}}).ContainerInstance
	as(s, c.PutAttributes,
		&ecs.PutAttributesInput{Attributes: []types.Attribute{{Name: aws.String("door"),
			TargetId: own.ContainerInstanceArn}}})
	as(s, c.ListAttributes, &ecs.ListAttributesInput{TargetType: types.TargetTypeContainerInstance,
		AttributeName: aws.String("rack")})
	as(s, c.DeleteAttributes,
		&ecs.DeleteAttributesInput{Attributes: []types.Attribute{{Name: aws.String("door"),
			TargetId: own.ContainerInstanceArn}}})
	as(s, c.UpdateContainerInstancesState,
		&ecs.UpdateContainerInstancesStateInput{ContainerInstances: []string{*own.ContainerInstanceArn},
			Status: types.ContainerInstanceStatusDraining})
	as(s, c.ListTagsForResource, &ecs.ListTagsForResourceInput{ResourceArn: own.ContainerInstanceArn})
	as(s, c.TagResource, &ecs.TagResourceInput{ResourceArn: own.ContainerInstanceArn, Tags: tags})
	as(s, c.UntagResource, &ecs.UntagResourceInput{ResourceArn: own.ContainerInstanceArn, TagKeys: []string{"a"}})
	as(s, c.DeregisterContainerInstance,
		&ecs.DeregisterContainerInstanceInput{ContainerInstance: own.ContainerInstanceArn})
	as(s, c.CreateCapacityProvider, &ecs.CreateCapacityProviderInput{Name: aws.String("spare"), Tags: tags,
		AutoScalingGroupProvider: &types.AutoScalingGroupProvider{AutoScalingGroupArn: aws.String(
			"arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:a:autoScalingGroupName/a")}})
	as(s, c.DescribeCapacityProviders, &ecs.DescribeCapacityProvidersInput{})
	as(s, c.PutClusterCapacityProviders, &ecs.PutClusterCapacityProvidersInput{Cluster: aws.String("other"),
		CapacityProviders: []string{"spare", "FARGATE"},
		DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("spare"),
			Weight: 1}}})
	as(s, c.PutClusterCapacityProviders, &ecs.PutClusterCapacityProvidersInput{Cluster: aws.String("other"),
		CapacityProviders: []string{}, DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{}})
	as(s, c.DeleteCapacityProvider, &ecs.DeleteCapacityProviderInput{CapacityProvider: aws.String("spare")})
	as(s, c.PutAccountSetting, &ecs.PutAccountSettingInput{Name: types.SettingNameAwsvpcTrunking,
		Value: aws.String("enabled")})
	require.Len(s.t, as(s, c.ListAccountSettings, &ecs.ListAccountSettingsInput{}).Settings, 1)
	require.Len(s.t, as(s, c.ListAccountSettings, &ecs.ListAccountSettingsInput{EffectiveSettings: true}).Settings, 10)
	as(s, c.DeleteAccountSetting, &ecs.DeleteAccountSettingInput{Name: types.SettingNameAwsvpcTrunking})
	require.Empty(s.t, as(s, c.ListAccountSettings, &ecs.ListAccountSettingsInput{}).Settings)
}

func (s *shaped) tasks(tags []types.Tag) {
	c := s.ecs
	as(s, c.RegisterTaskDefinition, &ecs.RegisterTaskDefinitionInput{Family: aws.String("serverless"),
		Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ContainerDefinitions:    []types.ContainerDefinition{{Name: aws.String("a"), Image: aws.String("a:1")}}})
	serverless := as(s, c.RunTask, &ecs.RunTaskInput{TaskDefinition: aws.String("serverless"),
		LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
			Subnets: []string{"subnet-00000001"}}}}).Tasks[0]
	require.EqualValues(s.t, 20, serverless.EphemeralStorage.SizeInGiB)
	require.Equal(s.t, "Linux", aws.ToString(serverless.PlatformFamily))
	out := as(s, c.RunTask, &ecs.RunTaskInput{TaskDefinition: aws.String("web:1"), Count: aws.Int32(2), Tags: tags,
		StartedBy: aws.String("me"),
		Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: aws.String("web"),
			Command: []string{"sleep"}, Memory: aws.Int32(64)}}}})
	arns := []string{*out.Tasks[0].TaskArn, *out.Tasks[1].TaskArn}
	as(s, c.StartTask, &ecs.StartTaskInput{TaskDefinition: aws.String("web:1"),
		ContainerInstances: []string{*out.Tasks[0].ContainerInstanceArn, "none"}})
	s.local("POST", "/_local/advance?by=1m", "")
	as(s, c.DescribeTasks, &ecs.DescribeTasksInput{Tasks: append(arns, "none"),
		Include: []types.TaskField{types.TaskFieldTags}})
	as(s, c.StopTask, &ecs.StopTaskInput{Task: &arns[0]})
	s.local("POST", "/_local/advance?by=1m", "")
	as(s, c.DescribeTasks, &ecs.DescribeTasksInput{Tasks: arns})
	own := as(s, c.ListTasks, &ecs.ListTasksInput{ServiceName: aws.String("web")}).TaskArns
	require.NotEmpty(s.t, own)
	as(s, c.UpdateTaskProtection, &ecs.UpdateTaskProtectionInput{Cluster: aws.String("default"), Tasks: own,
		ProtectionEnabled: true})
	as(s, c.GetTaskProtection, &ecs.GetTaskProtectionInput{Cluster: aws.String("default"), Tasks: append(own, arns[1])})
	as(s, c.RunTask, &ecs.RunTaskInput{TaskDefinition: aws.String("web:1"),
		PlacementConstraints: []types.PlacementConstraint{{Type: types.PlacementConstraintTypeMemberOf,
			Expression: aws.String("attribute:none exists")}}})
}

func TestScalingShapes(t *testing.T) {
	s := newShaped(t, front.Config{Seed: 1, Instances: 3, Manual: true})
	register(t, s.ecs, "web:1")
	c := s.scaling
	const dimension, namespace = scalingtypes.ScalableDimensionECSServiceDesiredCount, scalingtypes.ServiceNamespaceEcs
	for _, name := range []string{"a", "b", "c"} {
		as(s, s.ecs.CreateService, &ecs.CreateServiceInput{ServiceName: &name, TaskDefinition: aws.String("web"),
			DesiredCount: aws.Int32(1)})
		resource := aws.String("service/default/" + name)
		require.NotNil(t, as(s, c.RegisterScalableTarget, &scaling.RegisterScalableTargetInput{ResourceId: resource,
			ScalableDimension: dimension, ServiceNamespace: namespace, MinCapacity: aws.Int32(1),
			MaxCapacity: aws.Int32(4)}).ScalableTargetARN)
		as(s, c.PutScalingPolicy, &scaling.PutScalingPolicyInput{PolicyName: aws.String("cpu"), ResourceId: resource,
			ScalableDimension: dimension, ServiceNamespace: namespace,
			PolicyType: scalingtypes.PolicyTypeTargetTrackingScaling,
			TargetTrackingScalingPolicyConfiguration: &scalingtypes.TargetTrackingScalingPolicyConfiguration{
				TargetValue: aws.Float64(50),
				PredefinedMetricSpecification: &scalingtypes.PredefinedMetricSpecification{
					PredefinedMetricType: scalingtypes.MetricTypeECSServiceAverageCPUUtilization}}})
		as(s, c.PutScheduledAction, &scaling.PutScheduledActionInput{ScheduledActionName: aws.String("night"),
			ResourceId: resource, ScalableDimension: dimension, ServiceNamespace: namespace,
			Schedule:             aws.String("cron(0 20 * * ? *)"),
			ScalableTargetAction: &scalingtypes.ScalableTargetAction{MinCapacity: aws.Int32(1)}})
	}
	all := map[string]bool{}
	pages := scaling.NewDescribeScalableTargetsPaginator(c,
		&scaling.DescribeScalableTargetsInput{ServiceNamespace: namespace, MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		require.NoError(t, err)
		for _, target := range page.ScalableTargets {
			all[*target.ResourceId] = true
		}
	}
	require.Len(t, all, 3)
	as(s, c.DescribeScalableTargets, &scaling.DescribeScalableTargetsInput{ServiceNamespace: namespace})
	require.Len(t, as(s, c.DescribeScalingPolicies,
		&scaling.DescribeScalingPoliciesInput{ServiceNamespace: namespace}).ScalingPolicies, 3)
	require.Len(t, as(s, c.DescribeScheduledActions, &scaling.DescribeScheduledActionsInput{ServiceNamespace: namespace,
		ResourceId: aws.String("service/default/a")}).ScheduledActions, 1)
	as(s, c.DeleteScheduledAction, &scaling.DeleteScheduledActionInput{ScheduledActionName: aws.String("night"),
		ResourceId: aws.String("service/default/a"), ScalableDimension: dimension, ServiceNamespace: namespace})
	as(s, c.DeleteScalingPolicy, &scaling.DeleteScalingPolicyInput{PolicyName: aws.String("cpu"),
		ResourceId: aws.String("service/default/a"), ScalableDimension: dimension, ServiceNamespace: namespace})
	as(s, c.DeregisterScalableTarget,
		&scaling.DeregisterScalableTargetInput{ResourceId: aws.String("service/default/a"),
			ScalableDimension: dimension, ServiceNamespace: namespace})
	_, err := c.DescribeScalableTargets(context.Background(),
		&scaling.DescribeScalableTargetsInput{ServiceNamespace: namespace, MaxResults: aws.Int32(99)})
	var refused *scalingtypes.ValidationException
	require.ErrorAs(t, err, &refused)
}

// The SDK's paginators see every name once, whatever the size of a page.
func TestPages(t *testing.T) {
	s := newShaped(t, front.Config{Seed: 1, Instances: 5, Manual: true})
	ctx := context.Background()
	for i := range 12 {
		register(t, s.ecs, fmt.Sprintf("web:%d", i))
	}
	for _, sort := range []types.SortOrder{types.SortOrderAsc, types.SortOrderDesc} {
		var arns []string
		pages := ecs.NewListTaskDefinitionsPaginator(s.ecs,
			&ecs.ListTaskDefinitionsInput{MaxResults: aws.Int32(5), Sort: sort})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page.TaskDefinitionArns), 5)
			arns = append(arns, page.TaskDefinitionArns...)
		}
		require.Len(t, arns, 12)
		first, last := ":1", ":12"
		if sort == types.SortOrderDesc {
			first, last = last, first
		}
		require.True(t, strings.HasSuffix(arns[0], first) && strings.HasSuffix(arns[11], last),
			"revisions are numbers: %v", arns)
	}
	seen := map[string]int{}
	attributes := ecs.NewListAttributesPaginator(s.ecs,
		&ecs.ListAttributesInput{TargetType: types.TargetTypeContainerInstance, MaxResults: aws.Int32(7)})
	for attributes.HasMorePages() {
		page, err := attributes.NextPage(ctx)
		require.NoError(t, err)
		for _, a := range page.Attributes {
			seen[*a.TargetId+*a.Name]++
		}
	}
	require.Greater(t, len(seen), 5*20)
	for name, times := range seen {
		require.Equal(t, 1, times, name)
	}
	families := as(s, s.ecs.ListTaskDefinitionFamilies, &ecs.ListTaskDefinitionFamiliesInput{MaxResults: aws.Int32(1)})
	require.Equal(t, []string{"web"}, families.Families)
	require.Nil(t, families.NextToken)
}
