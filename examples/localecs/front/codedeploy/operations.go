// Package codedeploy is the API of AWS CodeDeploy for Amazon ECS in front of a control plane: one table.
//
// # Start here
//
// [Operations] has the table of what is served, and [Named] says what the inputs name, for policies.
//
// There is no AWS Lambda here. The function of a hook answers Succeeded, unless POST /_local/hooks says what it
// answers: FAILED, or IN_PROGRESS for one that reports later by PutLifecycleEventHookExecutionStatus. The ID that it
// reports under is in the diagnostics of the life-cycle event that is InProgress (GetDeploymentTarget).
package codedeploy

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/operation"
)

// reads returns an operation that looks at AWS CodeDeploy.
func reads[In, Out any](f func(*control.CodeDeploy, In) (Out, error)) operation.Operation[operation.World] {
	return operation.Read(func(p *control.Plane, in In) (Out, error) { return f(p.CodeDeploy(), in) })
}

// changes returns an operation that changes AWS CodeDeploy.
func changes[In, Out any](
	f func(*control.CodeDeploy, time.Time, In) (Out, error),
) operation.Operation[operation.World] {
	return operation.Change(func(p *control.Plane, now time.Time, in In) (Out, error) {
		return f(p.CodeDeploy(), now, in)
	})
}

// silent returns an operation that changes AWS CodeDeploy and answers nothing.
func silent[In any](f func(*control.CodeDeploy, time.Time, In) error) operation.Operation[operation.World] {
	return operation.Silent(func(p *control.Plane, now time.Time, in In) error { return f(p.CodeDeploy(), now, in) })
}

// Operations returns what is served of AWS CodeDeploy, and what is refused by name.
func Operations() operation.Table[operation.World] {
	type D = *control.CodeDeploy
	return operation.Joined(unmodelled(), operation.Table[operation.World]{
		"CreateApplication":                    changes(D.CreateApplication),
		"DeleteApplication":                    silent(D.DeleteApplication),
		"CreateDeploymentConfig":               changes(D.CreateDeploymentConfig),
		"DeleteDeploymentConfig":               silent(D.DeleteDeploymentConfig),
		"CreateDeploymentGroup":                changes(D.CreateDeploymentGroup),
		"DeleteDeploymentGroup":                silent(D.DeleteDeploymentGroup),
		"CreateDeployment":                     changes(D.CreateDeployment),
		"StopDeployment":                       changes(D.StopDeployment),
		"ContinueDeployment":                   silent(D.ContinueDeployment),
		"PutLifecycleEventHookExecutionStatus": changes(D.PutLifecycleEventHookExecutionStatus),
		"GetApplication":                       reads(D.GetApplication),
		"ListApplications":                     reads(D.ListApplications),
		"GetDeploymentConfig":                  reads(D.GetDeploymentConfig),
		"ListDeploymentConfigs":                reads(D.ListDeploymentConfigs),
		"GetDeploymentGroup":                   reads(D.GetDeploymentGroup),
		"ListDeploymentGroups":                 reads(D.ListDeploymentGroups),
		"GetDeployment":                        reads(D.GetDeployment),
		"BatchGetDeployments":                  reads(D.BatchGetDeployments),
		"ListDeployments":                      reads(D.ListDeployments),
		"ListDeploymentTargets":                reads(D.ListDeploymentTargets),
		"GetDeploymentTarget":                  reads(D.GetDeploymentTarget),
		"BatchGetDeploymentTargets":            reads(D.BatchGetDeploymentTargets),
	})
}

// unmodelled are the actions of AWS CodeDeploy that are not modelled: those about servers, revisions that are
// elsewhere, tags, and changes of what there is.
func unmodelled() operation.Table[operation.World] {
	return operation.Unmodelled[operation.World](ecs.UnsupportedFeatureException,
		"AddTagsToOnPremisesInstances", "BatchGetApplicationRevisions", "BatchGetApplications",
		"BatchGetDeploymentGroups", "BatchGetDeploymentInstances", "BatchGetOnPremisesInstances",
		"DeleteGitHubAccountToken", "DeleteResourcesByExternalId", "DeregisterOnPremisesInstance",
		"GetApplicationRevision", "GetDeploymentInstance", "GetOnPremisesInstance", "ListApplicationRevisions",
		"ListDeploymentInstances", "ListGitHubAccountTokenNames", "ListOnPremisesInstances", "ListTagsForResource",
		"RegisterApplicationRevision", "RegisterOnPremisesInstance", "RemoveTagsFromOnPremisesInstances",
		"SkipWaitTimeForInstanceTermination", "TagResource", "UntagResource", "UpdateApplication",
		"UpdateDeploymentGroup")
}

// Named says what the members of an input name, for policies: see front.
func Named() map[string]string {
	const (
		application = "application=applicationName"
		group       = application + " deploymentgroup=deploymentGroupName"
		config      = "deploymentconfig=deploymentConfigName"
		deployment  = "deployment=deploymentId"
	)
	return map[string]string{
		"CreateApplication":      application,
		"DeleteApplication":      application,
		"CreateDeploymentConfig": config,
		"DeleteDeploymentConfig": config,
		"CreateDeploymentGroup": group + " " + config +
			" role=serviceRoleArn service=ecsServices.serviceName cluster=ecsServices.clusterName " +
			"alarm=alarmConfiguration.alarms.name " +
			"targetgroup=loadBalancerInfo.targetGroupPairInfoList.targetGroups.name " +
			"listener=loadBalancerInfo.targetGroupPairInfoList.prodTrafficRoute.listenerArns " +
			"listener=loadBalancerInfo.targetGroupPairInfoList.testTrafficRoute.listenerArns",
		"DeleteDeploymentGroup":                group,
		"CreateDeployment":                     group + " " + config + " alarm=overrideAlarmConfiguration.alarms.name",
		"StopDeployment":                       deployment,
		"ContinueDeployment":                   deployment,
		"PutLifecycleEventHookExecutionStatus": deployment,
		"GetApplication":                       application,
		"ListApplications":                     "",
		"GetDeploymentConfig":                  config,
		"ListDeploymentConfigs":                "",
		"GetDeploymentGroup":                   group,
		"ListDeploymentGroups":                 application,
		"GetDeployment":                        deployment,
		"BatchGetDeployments":                  "deployment=deploymentIds",
		"ListDeployments":                      group,
		"ListDeploymentTargets":                deployment,
		"GetDeploymentTarget":                  deployment,
		"BatchGetDeploymentTargets":            deployment,
	}
}
