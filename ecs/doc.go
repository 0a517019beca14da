// Package ecs holds the values of Amazon ECS: task definitions, services, container
// instances, tasks, their JSON, and the rules that AWS checks task definitions by.
//
// # Start here
//
// A program that checks task definitions calls [ParseTaskDefinition] and [TaskDefinition.Validate], and
// walks over the faults with [Errors]. Every
// other package of the module takes and returns the values of this one.
//
// # Model
//
// A [TaskDefinition] is the document of RegisterTaskDefinition as a Go value.
// [ParseTaskDefinition] reads it strictly, encoding/json tolerantly; neither loses a key.
// [TaskDefinition.Validate] reports every rule that registration would refuse it by, all at
// once, each with the path of its field and AWS's exception and wording.
// [TaskDefinition.Normalize] fills in ECS's defaults, [TaskDefinition.Requirements] tells
// what a task reserves, [TaskDefinition.AttributesRequired] what an instance must be able to
// do and [TaskDefinition.CompatibleWith] where tasks can run. Package registry keeps revisions.
//
// What the describe actions print decodes into [Task], [Service], [ContainerInstance] and the rest,
// and back; [Opt] tells absent from zero. Requests and answers of the API are package api's, and
// its ParseInput reads a request strictly. What an agent is told is package agentconfig's, and
// references to images are package image's.
//
// [ARN] names resources; [Distribute] shares tasks out by base and weight.
//
// Errors are an [ErrorList] of [*Error]: ask for a class with errors.Is and a [Code], and for
// places with [Errors]. Nothing here reads a clock, a file or the environment, keeps an
// argument, or changes one.
//
// # Attributes that an instance must have
//
// An instance takes a task if it has every attribute of [TaskDefinition.AttributesRequired];
// placement fails with ATTRIBUTE otherwise. Agents register them: Config.Registration of package agentconfig gives
// those of an instance with that configuration, and AgentAttributes of package sim those of
// an agent of today. A definition that asks for images, CPU, memory and ports alone requires none;
// what the commonest members require, besides docker-remote-api.1.18, which comes with any:
//
//	networkMode awsvpc               ecs.capability.task-eni
//	cpu or memory of the task        ecs.capability.task-cpu-mem-limit
//	taskRoleArn                      com.amazonaws.ecs.capability.task-iam-role
//	pidMode or ipcMode               ecs.capability.pid-ipc-namespace-sharing
//	dependsOn                        ecs.capability.container-ordering
//	startTimeout, alone too          ecs.capability.container-ordering
//	stopTimeout, alone too           ecs.capability.container-ordering
//	healthCheck                      ecs.capability.container-health-check, com.amazonaws.ecs.capability.docker-remote-api.1.24
//	restartPolicy                    ecs.capability.container-restart-policy
//	memoryReservation                com.amazonaws.ecs.capability.docker-remote-api.1.21
//	privileged                       com.amazonaws.ecs.capability.privileged-container
//	a GPU                            ecs.capability.gpu-driver-version
//	environmentFiles                 ecs.capability.env-files.s3
//	secrets of Parameter Store       ecs.capability.secrets.ssm.environment-variables
//	secrets of Secrets Manager       ecs.capability.secrets.asm.environment-variables
//	log driver awslogs               com.amazonaws.ecs.capability.docker-remote-api.1.19, com.amazonaws.ecs.capability.logging-driver.awslogs
//	an image in private ECR          com.amazonaws.ecs.capability.ecr-auth
//	a volume of EFS                  com.amazonaws.ecs.capability.docker-remote-api.1.25, ecs.capability.efs
//	a volume configuredAtLaunch      ecs.capability.storage.ebs-task-volume-attach
//
// # Guarantees
//
//  1. Normalize is idempotent, breaks no rule and changes no requirement (TestLaws/E1).
//  2. Decoding and encoding a task definition keep everything, unknown keys too (TestLaws/E2).
//  3. Every Field of an error resolves in the input (TestLaws/E3).
//  4. A definition with one broken rule has exactly that fault, for each of some 260 rules
//     (TestLaws/E4, TestPlantedFaults).
//  5. The order of errors does not depend on the order of keys (TestLaws/E5).
//  6. No input makes the parser panic; it accepts the JSON that encoding/json accepts, in
//     linear time (FuzzParseTaskDefinition, TestLinear of internal/steps).
//  7. Distribute gives every count that AWS has published, and n tasks at once fall as n
//     tasks one by one (TestDistribute, TestDistributeLaws).
//  8. What the describe actions print decodes and encodes without loss, member by member of
//     AWS's own types (TestDescribed; TestValuesHaveEveryMember of the localecs example).
//  9. The order of faults is one order, by path, with positions as numbers (TestOrderOfFaults).
//  10. A clone shares nothing with its original (TestCloneSharesNothing).
//  11. Fargate has the sizes of AWS's table and no other, and a size given as a fraction is exact or
//     refused (TestFargateSizes, TestSizesAreExact).
//
// # Differences from ECS
//
// AWS answers a registration with the first broken rule it meets; here all come at once.
//
// Where AWS documents nothing, or itself at odds, this package chose:
//
//   - A task size may be a fraction that makes whole units, in any letter case: ".5 vCPU",
//     "0.5 GB", "2 gb".
//   - Fargate has 32 vCPU with 60, 120 or 244 GB, and no tmpfs. Windows Server 2025 runs on it.
//   - A health check's command may leave out CMD. Container memory has no minimum: Docker's
//     6 MiB is a limit of the host. A containers' hard limits may together exceed the task's.
//   - The networkMode "default" is taken for an absent one, as on Windows.
//   - A volume has one configuration at most, an empty host aside; volume names are unique.
//   - The awslogs driver has the options that AWS lists and those that Docker does.
//   - Under awsvpc port ranges of two containers must not overlap either.
//   - Links name containers of the task. A dependsOn cycle is refused in this package's words.
//   - A GPU's sharing strategy and its value exclude each other; all GPUs of a task are asked
//     for in one way.
//   - An empty taskRoleArn or executionRoleArn is taken for an absent one, since deploy tools send
//     it. A role's name has the characters that IAM allows, 64 at most.
//   - The characters of an image are not checked on registration; package image does.
//   - requiresAttributes and compatibilities follow rules that AWS does not publish.
//   - Distribute rounds by giving each task to the item that is furthest behind its weight;
//     a strategy of one item takes everything, whatever its weight.
//   - Registration fills in networkMode for Linux tasks only where no Fargate is asked for.
//   - Unknown keys are kept in task definitions, but not in the items of requiresAttributes,
//     nor in other values.
//
// RuleSetClassic is what AWS took around 2019. It is not AWS's name.
//
// # Example
//
// See the example of the package: it finds a bug in a published sample.
package ecs
