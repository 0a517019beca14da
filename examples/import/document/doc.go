// Package document holds what an import comes to: ECS's own documents, and the fate of each field of the
// source.
//
// # Start here
//
// A converter fills a [Result]: task definitions, services, scaling, standalone tasks, capacity providers,
// and the trees that it read. [Result.Check] validates every document, [Result.Report] writes what became of
// each field, and [Result.JSON] writes the documents as AWS spells them.
//
// # Model
//
// [Given] is what no file says: the name, the account, subnets, the images that a build pushed. Where a value
// is missing, a placeholder takes its place that nobody can take for a real one, and the report names it.
//
// # Guarantees
//
//  1. Same input, same bytes out (TestSameBytes of package formats).
//  2. Documents that Check accepts are accepted by packages ecs, api and autoscale: it asks them and nothing
//     else (TestCheck).
//  3. The smallest Fargate size that holds a need is chosen, which a search over all sizes confirms
//     (TestFargateSize).
//
// # Differences from ECS
//
// None: the documents are ECS's own.
//
// # Example
//
// See the example of Result.
package document
