// Package trees keeps entries in order, each a key and a slot, under nodes that say what is free below:
// a search passes over whatever cannot take a task. A Forest has the nodes of many trees of height
// three, a Bucket is the top of one. Amounts packs what is free on an instance into two words. Nothing
// here knows instances, requests or strategies; INDEX.md of placement says how they use it.
package trees
