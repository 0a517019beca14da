// Package elb holds the requests and answers of the Elastic Load Balancing API of version 2012-06-01, that of Classic
// Load Balancers, as values, and the rules by which a request is refused on its own. The control plane answers them.
//
// # Start here
//
// Fill in a [CreateLoadBalancerInput] and give it to control.ClassicLoadBalancers. Its Validate returns what is wrong
// with it.
//
// # Model
//
// A service names a Classic Load Balancer in loadBalancers[].loadBalancerName. The load balancer registers container
// instances, not tasks. [CreateLoadBalancerInput.Group] makes the group by which package loadbalance keeps them;
// [Show] and [ShowInstance] describe the load balancer and its instances as AWS's command line prints them.
//
// # Guarantees
//
//  1. A request with a broken rule is refused by AWS's code, with all faults at once (TestRefused).
//  2. A load balancer is described with the listeners, zones and health check of its request (TestShown).
//
// # Differences from ECS
//
//   - Elastic Load Balancing answers with the first broken rule that it meets; here all come at once.
//   - A load balancer checks each instance's own port, by TCP. ConfigureHealthCheck, certificates, policies, and what
//     registers instances by hand, are not modelled.
//
// # Example
//
// See the example of [CreateLoadBalancerInput].
package elb
