// Package explore visits every state that a machine can reach and checks each: a small explicit-state
// model checker for tests.
//
// # Model
//
// A [Model] has the states to start from and a function that yields, for a state, every event that
// may happen with the state after it. [Run] goes breadth first, so the trace to a fault is as short
// as any. States are compared with ==: a model that wants two states taken for one makes them equal,
// by leaving out what no rule reads.
//
// A [Check] looks at each state, a [StepCheck] at each transition. A [Goal] speaks of what comes
// later: from every state of one kind a state of another can be reached, by all events or only by
// some, such as the answers that a fair world gives; if it is Bounded, no such path is endless.
//
// # Guarantees
//
//  1. Every reachable state is visited once, and every event in it tried (TestRunCounts).
//  2. A trace leads from a start to the fault by the events it names, and none is shorter (TestTrace).
//  3. Goals agree with a naive search from each state (TestGoals).
//  4. Distinct counts behaviours (TestDistinct).
//
// # Differences from ECS
//
// None: the package knows nothing of ECS.
package explore
