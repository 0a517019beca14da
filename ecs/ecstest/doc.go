// Package ecstest makes random values of Amazon ECS for property tests: valid task definitions, task
// definitions that break one rule, container instances, services, attributes, and the parts of requests.
//
// # Start here
//
// A property test of a program that reads or writes ECS's values draws them from
// [TaskDefinitions]. A test of a check draws a definition with one fault, and the field that the
// check must name, from [BrokenTaskDefinitions].
//
// # Model
//
// Each function returns a generator of pgregory.net/rapid. The values are valid: what
// TaskDefinitions generates passes TaskDefinition.Validate, what CreateServiceInputs generates
// passes CreateServiceInput.Validate, and so on. BrokenTaskDefinitions breaks exactly one rule and
// names the field at fault. Generators shrink towards small values: one container, no options.
//
// # Guarantees
//
//  1. Every value that is generated as valid passes validation (TestMadeValid).
//  2. A broken definition has exactly one fault (TestLaws/E4 of package ecs).
//
// # Differences from ECS
//
// None: the values are ECS's.
//
// # Example
//
//	rapid.Check(t, func(t *rapid.T) {
//		d := ecstest.TaskDefinitions().Draw(t, "task definition")
//		require.NoError(t, d.Validate())
//	})
package ecstest
