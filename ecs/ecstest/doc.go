// Package ecstest makes random values of Amazon ECS for property tests: task definitions
// that registration takes, the same with one rule broken, container instances, services,
// attributes, and what requests carry.
//
// # Model
//
// Each function returns a generator of pgregory.net/rapid. Values are valid: TaskDefinitions
// passes TaskDefinition.Validate, CreateServiceInputs passes CreateServiceInput.Validate,
// and so on. BrokenTaskDefinitions breaks exactly one rule and says which field a check must
// name. Generators shrink towards small values: one container, no options.
//
// # Guarantees
//
//  1. What is made valid validates (TestMadeValid).
//  2. A broken definition has exactly its one fault (TestLaws/E4 of package ecs).
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
