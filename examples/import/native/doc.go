// Package native reads documents that are ECS's own already: task definitions and services as the AWS command
// line takes and prints them, flat or wrapped, and the definition files of other tools that keep this form.
//
// # Start here
//
// [Read] converts a document. [TaskDefinition] and [Service] are for formats that contain such objects, and say
// in the report what had to be left out.
//
// # Model
//
// A member that ECS knows is kept. One that only the describe calls print is left out, and so is one that ECS
// does not know; both are in the report. A number in quotes is read as the number, as the clients of AWS do.
//
// # Guarantees
//
//  1. What [TaskDefinition] keeps is what ecs.ParseTaskDefinition reads (TestFlatAndWrapped).
//  2. No member is left out without a line in the report (TestNothingIsDropped).
//
// # Differences from ECS
//
//   - An array of container definitions alone, as Terraform keeps it, gets the name that is given as its family.
//   - A service keeps the task definition that it names, by its family if that is among the files.
//
// # Example
//
// See the example of Read.
package native
