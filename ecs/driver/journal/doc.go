// Package journal keeps a control plane in a directory: a file of records that grows, and
// from time to time the whole state in place of the records so far.
//
// # Model
//
//	plane, kept, err := journal.Open("/var/lib/scheduler", journal.Config{Plane: control.Config{Seed: 1}})
//	defer kept.Close()
//	loop := driver.New(plane, driver.Runtime{Journal: kept, …})
//
// [Open] gives a plane, new or as it was, and the [Journal] that goes on keeping it. A
// Journal is a driver.Journal, and also what driver.Loop asks for snapshots; who has a loop
// of their own calls SnapshotDue and Snapshot after Advance.
//
// The directory holds one file NUMBER.journal, where NUMBER is that of the last record that
// its snapshot contains, and a lock. The file is
//
//	"bayplan journal\n"
//	frame: {"format": 1, "rules": …, "sequence": NUMBER}
//	frame: the state
//	frame: the records of one Append, one JSON object a line
//	…
//
// and a frame is three little-endian 32-bit numbers and the content: its length, its
// CRC-32C, and the CRC-32C of these two. An Append is one frame, so that it is there as a
// whole or not at all.
//
// A file that ends in the middle of a frame was torn by a crash: what the last Append wrote
// was never acknowledged. [Open] moves what it cannot read at the end to a file of its own,
// NUMBER.journal.torn-OFFSET, and reports it by [Journal.Found]. A broken frame with the header
// of another one behind it, whole or broken, is damage, and Open refuses with the offset
// ([CorruptError]). JSON has no control characters and every shorter length has, so a header is
// never found inside a torn frame. What cannot be told from a torn frame is damage to the very
// last one, and zeros over the last few: nothing says where these began.
//
// A snapshot is a new file, written and synced under a temporary name, renamed, and its
// directory synced, before the old file is removed: at every moment one of them is whole. Where
// a crash has left both, Open removes the old one after it has read the new one whole. What
// has another name than NUMBER.journal, of twenty digits, is not the journal's, nor is what is
// empty or a directory: Open leaves it alone and names it (Found).
//
// Rules. Records are inputs, and another version of the rules would decide otherwise.
// So a journal names the rules that it was written under, and Open refuses records of
// others, but not a state. The way across an upgrade: with the old version, Open, Snapshot
// the plane's state and Close; then Open with the new one.
//
// # Guarantees
//
//  1. Under [SyncAlways], what Append has acknowledged survives a crash of the machine, and
//     under [SyncNever] that of the process. A file cut off after any byte opens with every
//     whole Append (TestTornAnywhere).
//  2. A damaged byte in the middle is found and located, not skipped (TestDamageAnywhere).
//  3. A crash between any two steps of a snapshot loses nothing (TestCrashInSnapshot).
//  4. A plane that is opened again is the plane that was kept, bit for bit
//     (TestReopenedPlaneIsTheSame).
//  5. One Journal at a time for a directory, across processes (TestLocked): on Unix and
//     Windows; elsewhere nothing prevents a second one.
//  6. After a failed write or sync a Journal accepts nothing more: what is in the file is no
//     longer known (TestFailureIsFinal).
//  7. No content of a file makes Open panic (FuzzRead).
//  8. Open destroys nothing that it has not read: files of other names stay (TestStray), and an
//     unreadable tail is kept beside the journal (TestTornIsKept).
//
// # Differences from ECS
//
// AWS keeps ECS's state for its users; how, it does not publish.
//
// # Example
//
// See the example of [Open].
package journal
