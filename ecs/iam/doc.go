// Package iam decides who may do what to which resource of Amazon ECS: it reads IAM policy documents,
// evaluates them, explains the decision and finds rights that are broader than needed.
//
// # Start here
//
// A program that guards a control plane calls [ParsePolicy] once for each document and [Evaluate] for each
// call; [Result.Message] is the text of the AccessDeniedException. A program that answers "why was this
// denied?" prints [Explain]. A program that reviews policies prints [LintPolicy], and [LintTaskDefinition]
// for the keys that task definitions give away. [Actions] is the table of what each action of Amazon ECS is
// checked against.
//
// # Model
//
// A policy is a list of statements. A statement matches a request where its actions name the action, its
// resources cover the resource, and all its conditions are true. For each resource of the request
//
//	a statement with Deny matches       explicitDeny
//	else one with Allow matches         allowed
//	else                                implicitDeny
//
// and the request is allowed only if it is allowed for every resource. The order of policies and
// statements does not matter, and several policies decide as one policy with all their statements.
//
// A condition is an operator, a key and values. The [Context] of a request holds its values for each key.
// For one key
//
//	                               some value is equal   none is   key is absent
//	StringEquals, … (positive)     true                  false     false
//	StringNotEquals, … (negated)   false                 true      true
//	…IfExists                      as without it         as well   true
//	ForAllValues:…                 every value of the request must pass; absent: true
//	ForAnyValue:…                  one value of the request must pass; absent: false
//	Null                           compares whether the key is absent
//
// The caller fills the context; the table of [Actions] says which keys a request of each action has.
//
// # Guarantees
//
//  1. Evaluate decides as a naive reading of the documents does. (TestLaws/I1_as_naive,
//     TestLaws/I1_conditions, TestVectors)
//  2. Neither the order of policies and statements matters, nor how statements are divided among
//     policies. (TestLaws/I2_order)
//  3. One more Deny never allows a request, and one more Allow never denies one. (TestLaws/I3_monotone)
//  4. A pattern matches what a naive matcher of wildcards does, whatever the text. (TestLaws/I4_wildcards,
//     FuzzMatch)
//  5. Actions and keys are compared without regard to case; values and resources are not.
//     (TestLaws/I5_letters)
//  6. No document makes ParsePolicy panic; all faults of a document are listed at once, each with its path.
//     (FuzzParsePolicy, TestFaults)
//  7. Reading takes steps linear in the length of the document, and deciding takes steps linear in the
//     length of the value. (TestLinear of internal/steps)
//  8. What Explain says of a request is what Evaluate decides. (TestLaws/I6_explanation)
//
// .ci/faults/iam.sh plants a fault against each guarantee, and requires that a test fails.
//
// # Differences from ECS
//
// Only identity-based policies are read: no resource-based policies, permissions boundaries, session
// policies, service or resource control policies. Where AWS documents nothing, the package chooses:
//
//   - A key with several values under an operator without ForAllValues or ForAnyValue: a positive operator
//     asks for one that is equal, a negated one for none. IAM calls this undefined.
//   - A key without values is absent.
//   - Names of elements and operators are read as IAM writes them, capital letters included. A member that
//     is there twice is refused.
//   - A resource pattern is * or has six parts. Wildcards may stand in each part but the first, and do not
//     match across the first five colons. A pattern such as arn:aws:ecs:* is refused.
//   - A value that is not of its operator's kind (a word under NumericEquals) is equal to none. Numbers have
//     no exponent. A date is ISO 8601, or seconds since 1970; without a zone it is UTC.
//   - A policy variable of a key with several values, or with none and no default, makes its value match
//     nothing. Variables are read in resources and under operators of texts and ARNs.
//   - A document has at most 10,240 characters besides white space; a value that is compared has at most
//     4,096 bytes.
//   - The table has the actions of clusters, instances, tasks, services, task sets, task definitions,
//     capacity providers, tags and settings. Daemons, gateways and Express Mode services are not in it.
//
// # Example
//
// See the examples of [Evaluate], [Explain] and [LintPolicy].
package iam
