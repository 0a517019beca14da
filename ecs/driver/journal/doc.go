// Package journal keeps a control plane in a directory: a file of records that grows, and from time to
// time a snapshot of the whole state that replaces the records so far.
//
// # Start here
//
// A program that runs a driver.Loop and must survive a crash calls [Open] with a directory, puts
// the [Journal] into Runtime.Journal, and prints what [Journal.Found] reports. A program with a
// store of its own implements driver.Journal, and drivertest.TestJournal checks it.
//
// # Model
//
//	plane, kept, err := journal.Open("/var/lib/scheduler", journal.Config{Plane: control.Config{Seed: 1}})
//	defer kept.Close()
//	loop := driver.New(plane, driver.Runtime{Journal: kept, …})
//
// Open returns a plane, either new or as the directory holds it, and the Journal that goes on keeping it.
// A Journal is a driver.Journal and a driver.Snapshotter: driver.Loop takes its snapshots. A program with
// a loop of its own calls SnapshotDue, Plane.Save and Snapshot after Advance.
//
// The directory holds one file NUMBER.journal, where NUMBER is that of the last record that
// its snapshot contains, and a lock. The file is
//
//	"bayplan journal\n"
//	frame: {"format": 2, "rules": …, "sequence": NUMBER, "chunks": …, "weight": …}
//	frames: byte 1 and a chunk of the snapshot
//	frame: byte 2, behind the last chunk
//	frame: the records of one Append, one JSON object a line
//	…
//
// and a frame is three little-endian 32-bit numbers and the content: its length, its CRC-32C, and the
// CRC-32C of these two. An Append is one frame, so a file holds either all of it or nothing of it. Open
// reads one frame after the other; a second goroutine decodes some of what was read ahead of the plane.
// A file of format 1 has the State, as JSON, in one frame in place of the chunks; Open reads it too.
//
// A file that ends in the middle of a frame was torn by a crash: the last Append was never
// acknowledged. [Open] moves the unreadable end to a separate file, NUMBER.journal.torn-OFFSET, and
// reports it by [Journal.Found]. If the header of another frame follows a broken frame, the file is
// damaged, and Open refuses it with the offset ([CorruptError]). A header always holds control
// characters and JSON never does, so that Open never finds a header inside a torn frame. Two kinds
// of damage look like a torn frame and are treated as one: damage to the very last frame, and
// zeros over the last few frames.
//
// A snapshot is a new file, written chunk by chunk under a temporary name while Append goes on in the old
// one. What was appended meanwhile is copied behind the chunks; the file is synced, renamed, and its
// directory synced, before the old file is removed: at every moment one of them is whole. Where
// a crash has left both, Open removes the old one after it has read the new one whole. The
// journal's files are those named NUMBER.journal, with twenty digits. Open leaves every other
// file, every empty file and every directory alone, and reports them (Found).
//
// Rules. Records are inputs, and other versions of the rules may decide otherwise on the same inputs. So
// a journal names the rules under which it was written. Open refuses records of other rules, and accepts
// a state of other rules. It also refuses chunks whose form is that of another version. To upgrade: with
// the old version, Open, give the plane's State to Export, and Close; then Open with the new version. (A
// version that has no Export writes the State by Snapshot.)
//
// Files are readable by their owner only (0600), and so is a directory that Open makes (0700):
// records and states hold the environment of containers.
//
// # Guarantees
//
//  1. Under [SyncAlways], what Append has acknowledged survives a crash of the machine, and
//     under [SyncNever] that of the process. A file cut off after any byte opens with every
//     whole Append (TestTornAnywhere).
//  2. A damaged byte in the middle is found and located, not skipped (TestDamageAnywhere).
//  3. A crash between any two steps of a snapshot loses nothing (TestCrashInSnapshot), whatever is
//     appended between them (TestAppendDuringSnapshot).
//  4. A plane that is opened again has the state of the plane that was kept, bit for bit
//     (TestReopenedPlaneIsTheSame).
//  5. On Unix and Windows a directory has one open Journal at a time, across processes (TestLocked). On
//     other systems nothing prevents a second one.
//  6. After a failed write or sync a Journal accepts nothing more: what is in the file is no
//     longer known (TestFailureIsFinal).
//  7. No content of a file makes Open panic (FuzzRead).
//  8. Open destroys nothing that it has not read: files of other names stay (TestStray), and an
//     unreadable tail is kept next to the journal (TestTornIsKept).
//  9. Each file that a Journal makes, and the directory, is for its owner only (TestFilesAreTheOwners).
//
// # Differences from ECS
//
// AWS keeps ECS's state for its users, and does not publish how.
//
// # Example
//
// See the example of [Open].
package journal
