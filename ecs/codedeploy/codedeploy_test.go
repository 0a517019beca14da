package codedeploy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/codedeploy"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

const spec = `{"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service","Properties":{
	"TaskDefinition":"web:2","LoadBalancerInfo":{"ContainerName":"app","ContainerPort":80},"PlatformVersion":"LATEST",
	"NetworkConfiguration":{"AwsvpcConfiguration":{"Subnets":["s-1"],"AssignPublicIp":"DISABLED"}},
	"CapacityProviderStrategy":[{"CapacityProvider":"FARGATE","Base":1,"Weight":2}]}}}],
	"Hooks":[{"BeforeInstall":"fn"},{"AfterAllowTraffic":"arn:aws:lambda:x"}]}`

// parse reads an AppSpec.
func parse(text string) (codedeploy.AppSpec, error) {
	revision := &codedeploy.RevisionLocation{RevisionType: "AppSpecContent",
		AppSpecContent: &codedeploy.AppSpecContent{Content: text}}
	return revision.Spec()
}

// An AppSpec is read whatever the case of its keys, and refused with what is wrong.
//
// Seen to fail: an event that two hooks are for; keys that count as they are written.
func TestAppSpec(t *testing.T) {
	for _, text := range []string{spec, strings.NewReplacer("Resources", "resources", "Type", "type", "TaskDefinition",
		"taskDefinition", "BeforeInstall", "beforeInstall").Replace(spec)} {
		read, err := parse(text)
		require.NoError(t, err)
		require.Equal(t, "web:2", read.TaskDefinition)
		require.Equal(t, 80, read.ContainerPort)
		require.Equal(t, []string{"s-1"}, read.NetworkConfiguration.AwsvpcConfiguration.Subnets)
		require.Equal(t, []ecs.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE", Base: 1, Weight: 2}},
			read.CapacityProviderStrategy)
		hooks := read.Lifecycle(func(name string) string { return "arn:" + name })
		require.Equal(t, "arn:fn", hooks[0].HookTargetArn)
		require.Equal(t, []ecs.LifecycleStage{scheduler.StageBeforeInstall}, hooks[0].LifecycleStages)
		require.Equal(t, "arn:aws:lambda:x", hooks[1].HookTargetArn)
	}
	for old, change := range map[string][2]string{
		`it is not JSON`: {spec, "version: 0.0"},
		`there must be one resource in Resources`:           {`[{"TargetService"`, `[{},{"TargetService"`},
		`the resource must have the Type AWS::ECS::Service`: {"AWS::ECS::Service", "AWS::Lambda::Function"},
		`TaskDefinition is required`:                        {"web:2", ""},
		`a ContainerPort from 1 to 65535`:                   {"80", "0"},
		`AfterAllowTraffic has two hooks`:                   {`{"BeforeInstall":"fn"}`, `{"AfterAllowTraffic":"fn"}`},
		`names no function`:                                 {`"fn"`, `""`},
		`a hook is for one of`:                              {`"BeforeInstall"`, `"Install"`},
		`it has 300000 bytes`:                               {spec, strings.Repeat(" ", 300_000)},
		`CapacityProviderStrategy: json: ca`:                {`[{"CapacityProvider"`, `[[],{"CapacityProvider"`},
	} {
		_, err := parse(strings.Replace(spec, change[0], change[1], 1))
		require.ErrorIs(t, err, codedeploy.InvalidRevision, old)
		require.ErrorContains(t, err, old)
	}
	var none *codedeploy.RevisionLocation
	_, err := none.Spec()
	require.ErrorIs(t, err, codedeploy.RevisionRequired)
	revision := &codedeploy.RevisionLocation{RevisionType: "AppSpecContent",
		AppSpecContent: &codedeploy.AppSpecContent{Content: spec, SHA256: "00"}}
	_, err = revision.Spec()
	require.ErrorContains(t, err, "The SHA-256 of the content is ")
	_, err = (&codedeploy.RevisionLocation{RevisionType: "S3"}).Spec()
	require.ErrorContains(t, err, "The revision type must be AppSpecContent")
}

// FuzzAppSpec looks for text that makes Spec panic, or return what CreateDeployment cannot use.
func FuzzAppSpec(f *testing.F) {
	f.Add(spec)
	f.Add(`{"resources":[{"a":null}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		read, err := parse(text)
		if err == nil {
			require.NotEmpty(t, read.TaskDefinition)
			require.NotZero(t, read.ContainerPort)
			require.LessOrEqual(t, len(read.Lifecycle(func(s string) string { return s })), 5)
		}
	})
}

// A configuration is a traffic routing, and the routing the configuration.
func TestRouting(t *testing.T) {
	list := codedeploy.Predefined()
	require.Len(t, list, 5)
	for _, c := range list {
		routing, ok := scheduler.CodeDeployTrafficRouting(c.DeploymentConfigName)
		require.True(t, ok)
		require.Equal(t, routing, c.TrafficRoutingConfig.Routing())
		require.NoError(t, routing.Validate(false))
	}
	for want, in := range map[string]codedeploy.CreateDeploymentConfigInput{
		"deploymentConfigName is required.": {},
		"are those of AWS":                  {DeploymentConfigName: "CodeDeployDefault.Mine", ComputePlatform: "ECS"},
		"The compute platform must be ECS":  {DeploymentConfigName: "a"},
		"with a type is required":           {DeploymentConfigName: "a", ComputePlatform: "ECS"},
		"0 is not from 1 to 99": {DeploymentConfigName: "a", ComputePlatform: "ECS",
			TrafficRoutingConfig: &codedeploy.TrafficRoutingConfig{Type: scheduler.TrafficRoutingTypeTimeBasedCanary}},
	} {
		require.ErrorContains(t, in.Validate(), want)
	}
}

// group is a deployment group without a fault.
func group() codedeploy.DeploymentGroup {
	return codedeploy.DeploymentGroup{ServiceRoleArn: "role",
		EcsServices: []codedeploy.ECSService{{ServiceName: "web", ClusterName: "default"}},
		DeploymentStyle: &codedeploy.DeploymentStyle{DeploymentType: "BLUE_GREEN",
			DeploymentOption: "WITH_TRAFFIC_CONTROL"},
		LoadBalancerInfo: &codedeploy.LoadBalancerInfo{TargetGroupPairInfoList: []codedeploy.TargetGroupPairInfo{{
			TargetGroups:     []codedeploy.TargetGroupInfo{{Name: "a"}, {Name: "b"}},
			ProdTrafficRoute: &codedeploy.TrafficRoute{ListenerArns: []string{"l"}}}}}}
}

// Each rule of a group has a row that breaks it.
func TestGroup(t *testing.T) {
	require.NoError(t, group().Validate())
	for code, change := range map[ecs.Code]func(*codedeploy.DeploymentGroup){
		codedeploy.RoleRequired:            func(g *codedeploy.DeploymentGroup) { g.ServiceRoleArn = "" },
		codedeploy.InvalidECSService:       func(g *codedeploy.DeploymentGroup) { g.EcsServices = nil },
		codedeploy.InvalidDeploymentStyle:  func(g *codedeploy.DeploymentGroup) { g.DeploymentStyle = nil },
		codedeploy.InvalidLoadBalancerInfo: func(g *codedeploy.DeploymentGroup) { g.LoadBalancerInfo = nil },
		codedeploy.InvalidTargetGroupPair: func(g *codedeploy.DeploymentGroup) {
			g.LoadBalancerInfo.TargetGroupPairInfoList[0].TargetGroups[1].Name = "a"
		},
		codedeploy.InvalidBlueGreenConfiguration: func(g *codedeploy.DeploymentGroup) {
			g.BlueGreenDeploymentConfiguration = &codedeploy.BlueGreenDeploymentConfiguration{
				DeploymentReadyOption: &codedeploy.DeploymentReadyOption{ActionOnTimeout: "STOP_DEPLOYMENT"}}
		},
		codedeploy.InvalidAlarmConfig: func(g *codedeploy.DeploymentGroup) {
			g.AlarmConfiguration = &codedeploy.AlarmConfiguration{Enabled: true}
		},
		codedeploy.InvalidAutoRollbackConfig: func(g *codedeploy.DeploymentGroup) {
			g.AutoRollbackConfiguration = &codedeploy.AutoRollbackConfiguration{Enabled: true}
		},
	} {
		g := group()
		change(&g)
		require.ErrorIs(t, g.Validate(), code)
	}
}

func ExampleRevisionLocation_Spec() {
	revision := &codedeploy.RevisionLocation{RevisionType: "AppSpecContent",
		AppSpecContent: &codedeploy.AppSpecContent{Content: `{"Resources": [{"TargetService": {
			"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "web:2",
			"LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 80}}}}]}`}}
	read, err := revision.Spec()
	fmt.Println(read.TaskDefinition, read.ContainerName, read.ContainerPort, err)
	// Output: web:2 app 80 <nil>
}

// A deployment's ID and the statuses of a list have AWS's forms.
//
// Seen to fail: every status is known; an ID of any length.
func TestDeploymentNames(t *testing.T) {
	for id, is := range map[string]bool{
		"d-A1B2C3D4E": true, "d-000000000": true, "d-a1b2c3d4e": false, "d-A1B2C3D4": false,
		"A1B2C3D4E": false, "d-A1B2C3D4EF": false} { //order:any each alone
		require.Equal(t, is, codedeploy.IsDeploymentID(id), id)
	}
	list := codedeploy.ListDeploymentsInput{IncludeOnlyStatuses: []scheduler.CodeDeployStatus{"Queued", "Baking"}}
	require.NoError(t, list.Validate())
	list.IncludeOnlyStatuses = append(list.IncludeOnlyStatuses, "Done")
	require.ErrorIs(t, list.Validate(), codedeploy.InvalidDeploymentStatus)
}
