// Package purity holds the rules that keep this module a functional core with a thin shell, as
// checks over type-checked source. Its tests apply them to every package of the module.
//
// # Model
//
// A [Loader] lists the packages of the module with the go command and type-checks their production
// files against compiled export data; it needs nothing but a Go toolchain. A [Rule] is a function
// from one such package to its [Finding] values. [Pure] holds the eight rules of pure packages:
//
//	P1  no clock: time comes as an argument
//	P2  no randomness but a seed in the arguments or the state
//	P3  no goroutine, channel, lock or atomic
//	P4  no input or output, no environment, no logging, no local time zone
//	P5  no package variable that anything changes: errors and literal tables only
//	P6  arguments are never changed; only a pointer receiver changes
//	P7  no effect of map order: a range over a map is sorted after, or says //order:any and why
//	P8  the same bits on every architecture: float products are rounded before they go on
//
// They hold for every package but ecs/driver with its sub-packages, ecs/sim, the programs under
// examples, and what serves tests: internal/ports, internal/script, internal/purity and internal/steps.
// [House] holds the rules for all packages: who may import whom, that a production build links the
// standard library only, doc comments, and names.
//
// P6 is checked here as far as reading the source can tell: assignments through elements, known
// functions that sort or delete in place, and functions of the same package that do so. That
// arguments are not kept either is for the property tests of each package. The rooms of the
// control plane may change what they own: a method of one of their types what a pointer to another points to.
//
// # Guarantees
//
//  1. Each rule has been seen to fail: TestPlanted holds, for each, source that breaks it and a
//     clean twin that does not.
//  2. The module obeys them: TestPure, TestHouse, TestTree, TestFileLength.
//
// # Differences from ECS
//
// None: the package knows nothing of ECS.
package purity
