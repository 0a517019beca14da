// Package codedeploy has the words of AWS CodeDeploy for Amazon ECS: applications, deployment groups, configurations
// and deployments, the inputs and answers of its API, and the AppSpec file.
//
// # Start here
//
// control.Plane.CodeDeploy carries the API out: each of its methods takes an input of this package.
// [RevisionLocation.Spec] reads what a deployment rolls out.
//
// # Model
//
// An application has deployment groups. A [DeploymentGroup] names one service of Amazon ECS with the controller
// CODE_DEPLOY, two target groups, and the listeners that forward to one of them. A deployment starts the tasks of the
// AppSpec's task definition in the other target group, and moves the listeners to it by a [DeploymentConfig]. The
// engine is that of package ecs/scheduler, which ECS's own blue/green deployments use, too.
//
// Members have AWS's names. Compute platforms other than ECS are refused.
//
// # Guarantees
//
//  1. An AppSpec is refused with the first thing that is wrong with it, and none makes Spec panic (TestAppSpec,
//     FuzzAppSpec).
//  2. A configuration becomes the traffic routing of the scheduler, and nothing is lost (TestRouting).
//
// # Differences from ECS
//
// Nothing here is about ECS itself. An AppSpec is JSON here; AWS takes YAML, too. The differences from AWS CodeDeploy
// are those of the room that keeps it; the package doc of control lists them under Differences from ECS.
//
// # Example
//
// See the example of [RevisionLocation.Spec].
package codedeploy
