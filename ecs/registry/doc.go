// Package registry keeps the revisions of task definitions, as RegisterTaskDefinition numbers them.
//
// # Start here
//
// [New] returns an empty [Registry]. [Registry.Register] adds a revision, [Registry.Resolve] finds the one that a
// name means, and [Registry.ResolveForUse] does so for a new task or service.
//
// # Model
//
// A family has revisions, numbered from 1. A revision is ACTIVE when it is registered. Deregister makes it INACTIVE,
// Delete makes that DELETE_IN_PROGRESS, and Remove forgets it, once the caller knows that nothing uses it. A
// revision's content never changes; its status and its tags do.
//
// # Guarantees
//
//  1. A revision's number is never used twice (TestRegistryModel).
//  2. A call that is refused changes nothing (TestRefusedCallsChangeNothing).
//  3. A registry that is read from its JSON is the registry that was written, and a document that cannot be one is
//     refused (TestRegistryModel, TestRegistryState).
//
// # Differences from ECS
//
// ECS removes a revision that is DELETE_IN_PROGRESS by itself, once no task and no service use it. Here the caller
// calls [Registry.Remove].
//
// # Example
//
// See the example of [Registry].
package registry
