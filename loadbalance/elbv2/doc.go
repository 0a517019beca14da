// Package elbv2 holds the requests and answers of the Elastic Load Balancing API of version 2015-12-01 as
// values, and the rules by which a request is refused on its own. The control plane answers them.
//
// # Start here
//
// Fill in an input, such as [CreateTargetGroupInput] or [CreateRuleInput], and give it to
// control.LoadBalancers. Its Validate returns what is wrong with it.
//
// # Model
//
// An input has AWS's name and members, and AWS's spelling in JSON. ecs.Opt distinguishes absent from zero: an
// absent member of [ModifyTargetGroupInput] stays as it is. Answers are as AWS's command line prints them.
//
// [Action] and [RuleCondition] are what listeners and rules consist of. [Action.Routing] and
// [RuleCondition.Routing] turn them into the values by which package loadbalance routes a request;
// [CreateTargetGroupInput.Group] makes the group by which it keeps targets. The rules of those values are
// loadbalance's.
// [Action.Shown] and [RuleCondition.Shown] are the forms in which Describe operations show them.
//
// # Guarantees
//
//  1. A request with a broken rule is refused by AWS's code, with all faults at once (TestRefused).
//  2. What is shown can be sent again, a condition in one of its two forms, and means the same (TestShownAgain).
//
// # Differences from ECS
//
//   - Elastic Load Balancing answers with the first broken rule that it meets; here all come at once.
//   - Application and network load balancers are modelled, and target groups of instances and addresses. Gateway
//     load balancers, and the target types lambda and alb, are refused by name; so are actions that
//     authenticate, regular expressions, transforms, and mutual authentication.
//   - A default of a health check that AWS's pages give differently is that of package loadbalance.
//
// # Example
//
// See the example of [Action].
package elbv2
