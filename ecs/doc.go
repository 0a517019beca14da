// Package ecs holds the values of Amazon ECS: task definitions, services, container
// instances, tasks, their JSON, and the rules that AWS checks task definitions by.
//
// # Start here
//
// To check a task definition, call [ParseTaskDefinition], then [TaskDefinition.Validate], and range over the faults of
// both with [Errors]. Every other package of the module takes and returns the values of this one.
//
// # Model
//
// A [TaskDefinition] is the document of RegisterTaskDefinition as a Go value. [ParseTaskDefinition] reads it strictly,
// and encoding/json reads it tolerantly; both keep every key. [TaskDefinition.Validate] returns every rule that
// registration would refuse it by, with the path of the field and AWS's exception and wording.
// [TaskDefinition.Normalize] fills in ECS's defaults. [TaskDefinition.Requirements] is what a task reserves,
// [TaskDefinition.AttributesRequired] what an instance must be able to do, and [TaskDefinition.CompatibleWith] where
// tasks can run.
//
// [Task], [Service], [ContainerInstance] and the other nouns hold what the describe actions print. [Opt] distinguishes
// absent from zero. A type whose values AWS lists is an [Enumeration]: [Values] returns them, and [Valid] looks one up.
// [ARN] names resources; [Distribute] divides tasks by base and weight.
//
// Requests and answers of the API are in package api, revisions in package registry, what an agent is told in package
// agentconfig, and references to images in package image.
//
// Errors are an [ErrorList] of [*Error]. errors.Is with a [Code] asks for a kind of failure, and [Errors] yields the
// places. Nothing here reads a clock, a file or the environment, and nothing keeps or changes an argument.
//
// # Attributes that an instance must have
//
// An instance takes a task if it has every attribute of [TaskDefinition.AttributesRequired]; otherwise placement fails
// with ATTRIBUTE. Agents register attributes: Config.Registration of package agentconfig returns those of an instance
// with that configuration, and AgentAttributes of package sim those of a current agent. A definition that asks for
// images, CPU, memory and ports alone requires none. The commonest members require these; any of them also requires
// docker-remote-api.1.18:
//
//	networkMode awsvpc               ecs.capability.task-eni
//	cpu or memory of the task        ecs.capability.task-cpu-mem-limit
//	taskRoleArn                      com.amazonaws.ecs.capability.task-iam-role
//	pidMode or ipcMode               ecs.capability.pid-ipc-namespace-sharing
//	dependsOn                        ecs.capability.container-ordering
//	startTimeout, alone too          ecs.capability.container-ordering
//	stopTimeout, alone too           ecs.capability.container-ordering
//	healthCheck                      ecs.capability.container-health-check,
//	                                 com.amazonaws.ecs.capability.docker-remote-api.1.24
//	restartPolicy                    ecs.capability.container-restart-policy
//	memoryReservation                com.amazonaws.ecs.capability.docker-remote-api.1.21
//	privileged                       com.amazonaws.ecs.capability.privileged-container
//	a GPU                            ecs.capability.gpu-driver-version
//	environmentFiles                 ecs.capability.env-files.s3
//	secrets of Parameter Store       ecs.capability.secrets.ssm.environment-variables
//	secrets of Secrets Manager       ecs.capability.secrets.asm.environment-variables
//	log driver awslogs               com.amazonaws.ecs.capability.docker-remote-api.1.19,
//	                                 com.amazonaws.ecs.capability.logging-driver.awslogs
//	an image in private ECR          com.amazonaws.ecs.capability.ecr-auth
//	a volume of EFS                  com.amazonaws.ecs.capability.docker-remote-api.1.25, ecs.capability.efs
//	a volume configuredAtLaunch      ecs.capability.storage.ebs-task-volume-attach
//
// # Guarantees
//
//  1. Normalize is idempotent, breaks no rule and changes no requirement (TestLaws/E1, TestDefaults).
//  2. Decoding and encoding a task definition keep everything, unknown keys too (TestLaws/E2).
//  3. Every Field of an error is a path of the input (TestLaws/E3).
//  4. A definition with one broken rule has exactly that fault, for each of some 260 rules
//     (TestLaws/E4, TestPlantedFaults). Its numbers, values and infrastructures are exact (TestBoundaries,
//     TestChoices, TestInfrastructures).
//  5. All faults come at once, in an order that does not depend on the order of keys (TestAllFaultsAtOnce,
//     TestLaws/E5).
//  6. No input makes the parser panic. It accepts the JSON that encoding/json accepts, in linear time
//     (FuzzParseTaskDefinition, TestLinear of internal/steps).
//  7. Distribute gives every count that AWS has published, and n tasks at once are divided as n tasks one by one
//     (TestDistribute, TestDistributeLaws).
//  8. What the describe actions print decodes and encodes without loss, member by member of AWS's own types
//     (TestDescribed; TestValuesHaveEveryMember of the localecs example).
//  9. Faults are in one order: by path, with positions as numbers (TestOrderOfFaults).
//  10. A clone shares nothing with its original (TestCloneSharesNothing).
//  11. Fargate has the sizes of AWS's table and no other, and a size given as a fraction is exact or refused
//     (TestFargateSizes, TestSizesAreExact).
//  12. An enumeration lists its constants, each once, in the API's order (TestEnumerations).
//
// # Differences from ECS
//
// AWS answers a registration with the first broken rule that it meets; here all come at once. Where AWS documents
// nothing, or contradicts itself, this package chose:
//
//   - A task size may be a fraction that makes whole units, in any letter case: ".5 vCPU", "0.5 GB", "2 gb".
//   - Fargate has 32 vCPU with 60, 120 or 244 GB, and no tmpfs. Windows Server 2025 runs on it.
//   - A health check's command may leave out CMD. Container memory has no minimum: Docker's 6 MiB is a limit of the
//     host. The hard limits of containers together may exceed the task's.
//   - The networkMode "default" means an absent one, as on Windows.
//   - A volume has at most one configuration besides an empty host; volume names are unique.
//   - The awslogs driver has the options that AWS lists and those that Docker has.
//   - Under awsvpc too, port ranges of two containers must not overlap.
//   - Links name containers of the task. The message for a cycle of dependsOn is this package's.
//   - A GPU has a sharing strategy or a value, not both; all containers of a task ask for GPUs in one way.
//   - An empty taskRoleArn or executionRoleArn means an absent one, since deploy tools send it. A role's name has the
//     characters that IAM allows, at most 64.
//   - Registration does not check the characters of an image; package image does.
//   - requiresAttributes and compatibilities follow rules that AWS does not publish.
//   - Distribute gives each task to the item that is furthest behind its weight.
//   - Registration fills in networkMode for Linux tasks, except where Fargate is asked for.
//   - Unknown keys are kept in task definitions, except in requiresAttributes, and in no other value.
//
// RuleSetClassic is what AWS accepted around 2019. The name is not AWS's.
//
// # Example
//
// See the example of the package: it finds a bug in a published sample.
package ecs
