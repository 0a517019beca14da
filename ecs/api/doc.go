// Package api holds the requests and answers of the Amazon ECS API as values, and the rules that requests
// are refused by.
//
// # Start here
//
// Fill in an input, such as [RunTaskInput] or [CreateServiceInput], or read one with [ParseInput]. Its Validate
// returns what is wrong with it. [ValidateService] does the same for the service that results from a request.
//
// # Model
//
// An input has AWS's name, members and JSON. ecs.Opt and pointers distinguish absent from zero: an absent member of
// [UpdateServiceInput] stays as it is, and an empty list clears it. An output is the answer to an action, as AWS's
// command line prints it. Services, tasks and the other nouns in it are those of package ecs.
//
// There are three steps, since a request names things that it does not hold:
//
//	in.Validate()                 the request by itself
//	in.ValidateFor(d)             with the task definition, or the service, that it names
//	ValidateService(s, d)         the service that results, with its task definition, wherever a
//	ValidateVolumes(s, list, d)   value came from: the request, the service before, or the cluster
//
// Only a control plane knows whether the names in a request exist. The input of RegisterTaskDefinition is
// ecs.TaskDefinition.
//
// # Guarantees
//
//  1. A request with one broken rule has exactly that fault, with its code and its field
//     (TestRefusedInputs, TestDocuments, TestRefusedVolumes). A member that several inputs have is checked by each
//     (TestMembersAreChecked).
//  2. Refusals have AWS's words where tools match on them (TestRequestSentences).
//  3. Real service definitions pass (TestAcceptedInputs, TestServiceCorpus).
//  4. All faults come at once, at most 1,000, and a text that a sentence quotes is cut (TestManyFaults of
//     internal/check).
//  5. Each member of an input takes effect, is kept and shown, or is refused by its name (TestParseInput,
//     TestInputMembers, TestKeptInputs).
//
// # Differences from ECS
//
// AWS answers with the first broken rule that it meets; here all come at once.
//
//   - A service's minimumHealthyPercent is at most 100 and not above its maximumPercent.
//     Quotas that AWS raises on request are not rules.
//   - Task groups cannot begin with "service:", nor attributes that a user sets with "ecs.".
//   - Fargate has the platform versions 1.0.0 to 1.4.0 on Linux, 1.0.0 on Windows, and LATEST.
//   - Members that AWS has and this library does not model are refused by name: gateway connectors, VPC
//     Lattice, managed instances, daemons, the cluster of a capacity provider, another deployment controller
//     for a service.
//   - A volume configured at launch is a gp3 volume unless it says otherwise; its throughput
//     begins at 125 MiB/s and its initialization rate ends at 300 MiB/s, as Amazon EBS has them.
//     The rates of IOPS to size are for Amazon EBS to check. Volumes go with the ECS deployment
//     controller only. A task definition with such a volume does not run without a configuration
//     for it.
//   - A cluster's configuration and a service's monitoring are kept and shown, without effect;
//     other monitoring starts a deployment. The signature of an instance's identity document is
//     not verified. A platform device must be one that the resource GPU counts.
//   - ParseInput refuses members that AWS does not have, and keys in another case of letters or there
//     twice. Amazon ECS's endpoint passes over them; AWS's clients refuse them first.
//   - startedBy may have blanks: a deploy tool in wide use sends "ECS Deploy".
//
// # Example
//
// See the examples of [CreateServiceInput] and [RunTaskInput.ValidateFor].
package api
