// Package probes tells from one bit for each of up to 64 sample tasks whether a task may fit.
//
// A probe is a sample task: amounts, and a set of classes. Bit i of an instance says that sample i
// would fit there as far as those go; of a node, that it would somewhere below. A task must find
// set all bits of the samples that it dominates. Maxima alone cannot tell an instance with CPU to
// spare beside another with memory from one with both.
//
// Nothing here knows instances or requests: a Kind is what a task needs and where it may go, and an
// instance is two words, a class and a slot. INDEX.md of placement says how the bits are used.
package probes
