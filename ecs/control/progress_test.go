package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/loadbalance"
)

const (
	blueGroup  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/1"
	greenGroup = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/green/2"
)

// DescribeServiceDeployments shows how far a canary is, what its alarms say and that it is rolled
// back, and DescribeServiceRevisions all that a revision is made of. Seen to fail: none of it was
// there; each revision shown with the target group of the first.
func TestProgressIsShown(t *testing.T) {
	w := sim.New(sim.Config{Seed: 1, Plane: control.Config{ZoneOfSubnet: map[string]string{"subnet-a": "us-east-1a"}}})
	do := func(f func(p *control.Plane, now time.Time) error) { t.Helper(); require.NoError(t, w.Do(f)) }
	newest := func() api.ServiceDeployment {
		list := must(
			w.Plane().ListServiceDeployments(api.ListServiceDeploymentsInput{Service: "shift"}),
		).ServiceDeployments
		return must(
			w.Plane().DescribeServiceDeployments(
				api.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{list[0].ServiceDeploymentArn}})).
			ServiceDeployments[0]
	}
	until := func(done func(d api.ServiceDeployment) bool) api.ServiceDeployment {
		t.Helper()
		require.NoError(t, w.RunUntil(func(*control.Plane) bool { return done(newest()) }, 2*time.Hour))
		return newest()
	}
	do(func(p *control.Plane, now time.Time) error {
		for _, arn := range []string{blueGroup, greenGroup} {
			must(
				0,
				p.PutTargetGroup(
					now,
					input[loadbalance.TargetGroup](
						`{"targetGroupArn":%q,"targetType":"ip","protocol":"HTTP","port":80}`,
						arn,
					),
				),
			)
		}
		must(p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "shift", NetworkMode: ecs.NetworkModeAwsvpc,
			CPU: "256", Memory: "512",
			RequiresCompatibilities: []ecs.Compatibility{ecs.CompatibilityFargate},
			ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web:1",
				PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}))
		_, err := p.CreateService(
			now,
			input[api.CreateServiceInput](
				`{"serviceName":"shift","taskDefinition":"shift","desiredCount":1,"launchType":"FARGATE",
			"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-a"]}},
			"loadBalancers":[{"targetGroupArn":%q,"containerName":"web","containerPort":80,"advancedConfiguration":{"alternateTargetGroupArn":%q,
				"productionListenerRule":"rule/production","testListenerRule":"rule/test","roleArn":"arn:aws:iam::123456789012:role/ecs"}}],
			"deploymentConfiguration":{"strategy":"CANARY","bakeTimeInMinutes":5,"canaryConfiguration":{"canaryPercent":10,"canaryBakeTimeInMinutes":7},
				"alarms":{"alarmNames":["5xx"],"enable":true,"rollback":true},
				"lifecycleHooks":[{"targetType":"PAUSE","lifecycleStages":["POST_SCALE_UP"],"timeoutConfiguration":{"timeoutInMinutes":30,"action":"CONTINUE"}}]}}`,
				blueGroup,
				greenGroup,
			),
		)
		return err
	})
	first := until(func(d api.ServiceDeployment) bool { return d.Status == "SUCCESSFUL" })
	require.Equal(t, &api.DeploymentAlarms{Status: "MONITORING_COMPLETE", AlarmNames: []string{"5xx"}}, first.Alarms)
	require.Nil(t, first.Rollback)

	do(func(p *control.Plane, now time.Time) error {
		_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "shift", ForceNewDeployment: true})
		return err
	})
	paused := until(func(d api.ServiceDeployment) bool { return len(d.LifecycleHookDetails) > 0 })
	hook := paused.LifecycleHookDetails[0]
	require.Equal(t, [3]string{"AWAITING_ACTION", "PAUSE", "CONTINUE"},
		[3]string{string(hook.Status), string(hook.TargetType), string(hook.TimeoutAction)})
	require.Greater(t, hook.ExpiresAt.Sub(ecs.At(w.Now())), 29*time.Minute)
	require.Equal(t, ecs.Some(0.0), paused.TargetServiceRevision.RequestedProductionTrafficWeight)

	canary := until(func(d api.ServiceDeployment) bool {
		return d.TargetServiceRevision.RequestedProductionTrafficWeight == ecs.Some(10.0)
	})
	require.Equal(t, ecs.Some(100.0), canary.TargetServiceRevision.RequestedTestTrafficWeight)
	require.Len(t, canary.SourceServiceRevisions, 1)
	require.Equal(t, ecs.Some(90.0), canary.SourceServiceRevisions[0].RequestedProductionTrafficWeight)
	require.Equal(t, &api.DeploymentAlarms{Status: "MONITORING", AlarmNames: []string{"5xx"}}, canary.Alarms)

	w.Tell(message.AlarmState{AlarmName: "5xx", State: "ALARM"})
	at := ecs.At(w.Now())
	back := until(func(d api.ServiceDeployment) bool { return d.Status == "ROLLBACK_SUCCESSFUL" })
	require.Equal(t, &api.DeploymentAlarms{Status: "TRIGGERED", AlarmNames: []string{"5xx"},
		TriggeredAlarmNames: []string{"5xx"}}, back.Alarms)
	require.Equal(t, "ECS deployment failed: alarm detected.", back.Rollback.Reason)
	require.Equal(t, first.TargetServiceRevision.Arn, back.Rollback.ServiceRevisionArn)
	require.Less(t, back.Rollback.StartedAt.Sub(at), time.Second)

	out := must(
		w.Plane().
			DescribeServiceRevisions(
				api.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{first.TargetServiceRevision.Arn,
					back.TargetServiceRevision.Arn}}),
	)
	for i, group := range []string{blueGroup, greenGroup} {
		r := out.ServiceRevisions[i]
		require.Equal(t, &api.ResolvedConfiguration{LoadBalancers: []api.ServiceRevisionLoadBalancer{
			{TargetGroupArn: group, ProductionListenerRule: "rule/production"}}}, r.ResolvedConfiguration)
		require.Equal(t, []string{"subnet-a"}, r.NetworkConfiguration.AwsvpcConfiguration.Subnets)
		require.Len(t, r.LoadBalancers, 1)
		require.Equal(t, [2]string{"LATEST", "Linux"}, [2]string{r.PlatformVersion, r.PlatformFamily})
		require.Equal(t, "web:1", r.ContainerImages[0].Image)
		require.NotZero(t, r.CreatedAt)
	}
	restored, err := control.Restore(w.Plane().State(), control.Config{})
	require.NoError(t, err)
	require.Equal(t, out, must(restored.DescribeServiceRevisions(api.DescribeServiceRevisionsInput{
		ServiceRevisionArns: []string{first.TargetServiceRevision.Arn, back.TargetServiceRevision.Arn}})))
}

// The digest of a revision's image is what its first task resolved the tag to, and stays when the
// tasks are gone.
func TestRevisionKeepsDigests(t *testing.T) {
	p, now := fargatePlane(t, control.Config{Seed: 1}, 1)
	runAll(t, p, now)
	task := ecs.TaskID(
		must(p.ListTasks(api.ListTasksInput{})).Arns[0][len("arn:aws:ecs:us-east-1:123456789012:task/default/"):],
	)
	p.Observe(now, message.TaskStateChange{Cluster: "default", Task: task, Sequence: 5, Status: ecs.TaskStatusRunning,
		Containers: []message.ContainerStateChange{{Name: "web", Status: ecs.ContainerStatusRunning,
			ImageDigest: "sha256:abc"}}})
	must(p.UpdateService(now, api.UpdateServiceInput{Service: "s0", DesiredCount: ecs.Some(0)}))
	runAll(t, p, now.Add(time.Minute))
	p.Tick(now.Add(3 * time.Hour))
	d := must(p.ListServiceDeployments(api.ListServiceDeploymentsInput{Service: "s0"})).ServiceDeployments[0]
	r := must(p.DescribeServiceRevisions(
		api.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{d.TargetServiceRevisionArn}})).
		ServiceRevisions[0]
	require.Equal(t, []api.ContainerImage{{ContainerName: "web", Image: "web:1", ImageDigest: "sha256:abc"}},
		r.ContainerImages)
}

// What AWS's examples of Fargate, capacity providers, network interfaces and scalable targets
// show is shown. Seen to fail: it was not.
func TestWhatExamplesShow(t *testing.T) {
	p, now := fargatePlane(t, control.Config{Seed: 1, Region: "eu-west-1"}, 1)
	runAll(t, p, now)
	s := must(p.DescribeServices(api.DescribeServicesInput{Services: []string{"s0"}})).Services[0]
	require.Equal(t, [4]string{"LATEST", "Linux", "LATEST", "Linux"},
		[4]string{s.PlatformVersion, s.PlatformFamily, s.Deployments[0].PlatformVersion,
			s.Deployments[0].PlatformFamily})
	task := must(p.DescribeTasks(api.DescribeTasksInput{Tasks: must(p.ListTasks(api.ListTasksInput{})).Arns})).Tasks[0]
	require.Equal(t, [2]string{"1.4.0", "Linux"}, [2]string{task.PlatformVersion, task.PlatformFamily})
	require.Equal(t, []ecs.Attribute{{Name: "ecs.cpu-architecture", Value: "x86_64"}}, task.Attributes)
	require.Len(t, task.Attachments, 1)
	details := map[string]string{}
	for _, d := range task.Attachments[0].Details {
		details[d.Name] = d.Value
	}
	require.Equal(t, "subnet-a", details["subnetId"])
	require.Equal(t, "10.0.0.4", details["privateIPv4Address"])
	require.Equal(t, "ip-10-0-0-4.eu-west-1.compute.internal", details["privateDnsName"])
	require.Regexp(t, `^eni-[0-9a-f]{17}$`, details["networkInterfaceId"])
	require.Regexp(t, `^0a(:[0-9a-f]{2}){5}$`, details["macAddress"])
	update := must(p.UpdateService(now, api.UpdateServiceInput{Service: "s0", PlatformVersion: "LATEST"}))
	require.Len(t, update.Deployments, 1, "LATEST is what it has")

	provider := must(
		p.CreateCapacityProvider(
			now,
			input[api.CreateCapacityProviderInput](
				`{"name":"one","autoScalingGroupProvider":{"managedScaling":{"status":"ENABLED"},
		"autoScalingGroupArn":"arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:0:autoScalingGroupName/group"}}`,
			),
		),
	).AutoScalingGroupProvider
	require.Equal(t, &ecs.ManagedScaling{Status: "ENABLED", TargetCapacity: ecs.Some(100),
		MinimumScalingStepSize: ecs.Some(1),
		MaximumScalingStepSize: ecs.Some(10000), InstanceWarmupPeriod: ecs.Some(300)}, provider.ManagedScaling)
	require.Equal(t, [2]string{"DISABLED", "ENABLED"},
		[2]string{provider.ManagedTerminationProtection, provider.ManagedDraining})

	must(p.RegisterScalableTarget(now, autoscale.RegisterScalableTargetInput{ServiceNamespace: "ecs",
		ResourceID:        "service/default/s0",
		ScalableDimension: "ecs:service:DesiredCount", MinCapacity: ecs.Some(1), MaxCapacity: ecs.Some(10)}))
	require.Equal(
		t,
		"arn:aws:iam::123456789012:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"+
			"AWSServiceRoleForApplicationAutoScaling_ECSService",
		must(p.DescribeScalableTargets(
			autoscale.DescribeScalableTargetsInput{ServiceNamespace: "ecs"})).ScalableTargets[0].RoleARN,
	)
	require.NoError(t, p.Check())
}
