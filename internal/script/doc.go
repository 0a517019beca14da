// Package script keeps the golden files of the tests: text that a person reviews as prose and a
// test compares byte for byte.
//
// # Model
//
// A golden file is either plain text, compared as a whole by [Golden], or a sequence of cases, run
// by [Run]. A case is two halves with a line of four dashes between them: the commands above, what
// they are expected to print below.
//
//	# A task whose image is missing stops, and is replaced.
//	instances 2 zone=a,b cpu=1024 memory=2048
//	service web desired=1 taskdef=web:1
//	----
//	00:00  PENDING  t1
//
// A file with one case needs no more than that. In a file with several, each starts with a line
// of four equals signs and its name, which names its subtest too; text above the first such line
// is a comment about the file and is kept.
//
//	==== two strategies
//	place 3 spread(zone) binpack(memory)
//	----
//	i-a i-b i-c
//
// Tests of a package that imports script take the flag -update, which rewrites the expected halves
// and leaves the commands and comments as they are:
//
//	go test ./placement -run TestGolden -update
//
// # Guarantees
//
//  1. Split and Join are inverses: an update changes nothing but the expected halves
//     (TestSplitJoin).
//  2. A difference fails the test and names the file, the line and both texts (TestCompare).
//  3. A case that -run leaves out keeps its expected half when the others are updated (TestUpdate).
//
// # Differences from ECS
//
// None: the package knows nothing of ECS.
package script
