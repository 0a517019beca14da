// Package source reads YAML and JSON into trees whose values know their line, and remembers what became of
// each value.
//
// # Start here
//
// [Parse] returns the documents of a file. A converter asks a [Value] for its members and reads them; each
// value read counts as kept unless the converter says otherwise. [Value.Fields] then lists every field of the
// document with its [Fate], those that nobody read included.
//
// # Model
//
// A [Value] is a map, a list, a scalar or null. Its methods accept a nil Value, which stands for an absent
// one: converters read optional members without a check. A value of the wrong kind is a fault of the
// document, found by [Value.Faults] with file, line and path.
//
// # Guarantees
//
//  1. Every scalar of a document is in Fields exactly once (TestEveryScalarHasAFate).
//  2. No input takes more than [MostBytes] of text, [MostValues] values and [MostDepth] levels; aliases count
//     as often as they are used (TestLimits, FuzzParse).
//  3. JSON is read as encoding/json reads it, with duplicate keys refused (TestJSON).
//
// # Differences from ECS
//
// None: nothing here knows ECS.
//
// # Example
//
// See the example of Parse.
package source
