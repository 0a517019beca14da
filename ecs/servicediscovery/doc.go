// Package servicediscovery has the words of AWS Cloud Map: namespaces, services and instances, the inputs and answers
// of its API, and the rules of each input.
//
// # Start here
//
// control.Plane.CloudMap carries the API out: each of its methods takes an input of this package. A program that serves
// the API decodes a body with api.ParseInput into the input of the action.
//
// # Model
//
// A [Namespace] has services, and a [Service] has instances. An [Instance] is a set of attributes under an ID, such as
// an address and a port; Amazon ECS registers one for each task of a service with service registries, under the task's
// ID. Clients find instances by the names of namespace and service: [DiscoverInstancesInput].
//
// Members have AWS's names. Each input has Validate, which returns everything that is wrong with it alone.
//
// # Guarantees
//
//  1. Validate finds each rule that an input breaks, with the path of the member (TestValidate).
//  2. An input that was read and written again is the same input (TestInputs).
//
// # Differences from ECS
//
// Nothing here is about ECS. The differences from AWS Cloud Map are those of the room that keeps it; the package doc of
// control lists them under Differences from ECS.
//
// # Example
//
// See the example of [CreateServiceInput.Validate].
package servicediscovery
