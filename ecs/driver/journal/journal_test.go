package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/control"
)

func TestReopenedPlaneIsTheSame(t *testing.T) {
	// Seen to fail: appendRecords leaving out the last record of each frame.
	dir, states, _ := fill(t, 12, Config{Plane: control.Config{Seed: 7}})
	for range 2 { // opening changes nothing
		p, j := open(t, dir, Config{})
		require.Equal(t, states[12], digest(t, p))
		require.NoError(t, p.Check())
		require.NoError(t, j.Close())
	}
	p, j := open(t, dir, Config{})
	require.NotEmpty(t, commands(p), "what was commanded is outstanding")
	for i := 12; i < 20; i++ {
		step(t, p, i)
		if i%3 == 0 {
			require.Len(t, keep(t, p, j), 1+min(i-12, 2), "several at once")
		}
	}
	keep(t, p, j)
	want := digest(t, p)
	require.NoError(t, j.Close())
	p, _ = open(t, dir, Config{})
	require.Equal(t, want, digest(t, p))
}

func commands(p *control.Plane) (keys []string) {
	for c := range p.Outstanding() {
		keys = append(keys, c.Key().String())
	}
	return keys
}

func TestTornAnywhere(t *testing.T) {
	// Seen to fail: read ending at the offset before the last whole frame.
	dir, states, sizes := fill(t, 6, Config{})
	data, name := contents(t, only(t, dir)), filepath.Base(only(t, dir))
	require.Equal(t, len(data), sizes[6])
	last := sizes[5]
	for cut := sizes[0]; cut <= len(data); cut++ {
		whole := 0
		for whole+1 < len(sizes) && sizes[whole+1] <= cut {
			whole++
		}
		f, err := scan(name, data[:cut])
		require.NoError(t, err, "cut at %d", cut)
		require.Equal(t, int64(sizes[whole]), f.at, "cut at %d", cut)
		if cut < last && cut%97 != 0 && cut != sizes[whole] {
			continue // every cut of the last frame, and some of the others, are opened
		}
		torn := directory(t, map[string][]byte{name: data[:cut]})
		p, j := open(t, torn, Config{})
		require.Equal(t, states[whole], digest(t, p), "cut at %d", cut)
		if whole < 6 && cut%97 == 0 { // it goes on where it was cut
			step(t, p, whole)
			keep(t, p, j)
			require.NoError(t, j.Close())
			p, _ = open(t, torn, Config{})
			require.Equal(t, states[whole+1], digest(t, p), "cut at %d", cut)
		}
	}
	for cut := range sizes[0] { // the beginning is never torn: it was synced before it got its name
		_, err := scan(name, data[:cut])
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt, "cut at %d", cut)
	}
}

func TestTornByZeros(t *testing.T) {
	// A file system may have made room for what it never wrote.
	dir, states, sizes := fill(t, 4, Config{})
	data, name := contents(t, only(t, dir)), filepath.Base(only(t, dir))
	for _, from := range []int{sizes[4], sizes[3], sizes[3] + 5, sizes[3] + 40} {
		torn := directory(t, map[string][]byte{name: append(bytes.Clone(data[:from]), make([]byte, 5000)...)})
		p, j := open(t, torn, Config{})
		want := states[3]
		if from == sizes[4] {
			want = states[4]
		}
		require.Equal(t, want, digest(t, p))
		require.NoError(t, j.Close())
		require.Len(t, contents(t, filepath.Join(torn, name)), min(from/sizes[4]*sizes[4]+sizes[3], sizes[4]))
	}
}

func TestDamageAnywhere(t *testing.T) {
	// Seen to fail: wholeAfter returning false.
	dir, states, sizes := fill(t, 4, Config{})
	data, name := contents(t, only(t, dir)), filepath.Base(only(t, dir))
	for at := range data {
		damaged := bytes.Clone(data)
		damaged[at] ^= 0x20
		_, err := scan(name, damaged)
		if at >= sizes[3] {
			require.NoError(t, err, "the last frame cannot be told from a torn one")
			continue
		}
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt, "damage at %d", at)
		require.LessOrEqual(t, corrupt.Offset, int64(at))
		require.Equal(t, name, corrupt.Path)
		if at >= sizes[0] {
			i := 0
			for sizes[i+1] <= at {
				i++
			}
			require.Equal(t, int64(sizes[i]), corrupt.Offset, "the frame with byte %d", at)
		}
	}
	damaged := bytes.Clone(data)
	damaged[sizes[1]+20] ^= 1
	broken := directory(t, map[string][]byte{name: damaged})
	_, _, err := Open(broken, Config{})
	require.ErrorContains(t, err, "is damaged at offset")
	require.Equal(t, damaged, contents(t, filepath.Join(broken, name)), "refusing changes nothing")
	require.NoError(t, os.WriteFile(filepath.Join(broken, name), data, 0o600))
	p, _ := open(t, broken, Config{}) // and leaves no lock
	require.Equal(t, states[4], digest(t, p))
}

func TestCrashInSnapshot(t *testing.T) {
	dir := t.TempDir()
	p, j := open(t, dir, Config{})
	for i := range 6 {
		step(t, p, i)
		keep(t, p, j)
	}
	want := digest(t, p)
	before, beforeName := contents(t, j.path), filepath.Base(j.path)
	require.NoError(t, j.Snapshot(context.Background(), p.Save().Snapshot()))
	after, afterName := contents(t, j.path), filepath.Base(j.path)
	require.NotEqual(t, beforeName, afterName)
	require.Equal(t, only(t, dir), j.path, "the old file is gone")
	require.NoError(t, j.Close())

	check := func(files map[string][]byte, why string) {
		t.Helper()
		d := directory(t, files)
		p, j := open(t, d, Config{})
		require.Equal(t, want, digest(t, p), why)
		step(t, p, 6)
		keep(t, p, j)
		next := digest(t, p)
		require.NoError(t, j.Close())
		p, _ = open(t, d, Config{})
		require.Equal(t, next, digest(t, p), why)
		_ = only(t, d)
		left, err := filepath.Glob(filepath.Join(d, "*"+temporary))
		require.NoError(t, err)
		require.Empty(t, left, why)
	}
	check(map[string][]byte{beforeName: before}, "before the first step")
	for cut := 0; cut <= len(after); cut += max(1, len(after)/20) {
		check(map[string][]byte{beforeName: before, afterName + temporary: after[:cut]},
			"while the new file is written")
	}
	check(map[string][]byte{beforeName: before, afterName + temporary: after}, "before it is renamed")
	check(map[string][]byte{beforeName: before, afterName: after}, "before the old one is removed")
	check(map[string][]byte{afterName: after}, "behind the last step")

	// The old file could not be removed, and time went on.
	d := directory(t, map[string][]byte{afterName: after})
	p, j = open(t, d, Config{})
	step(t, p, 6)
	keep(t, p, j)
	want = digest(t, p)
	require.NoError(t, j.Close())
	require.NoError(t, os.WriteFile(filepath.Join(d, beforeName), before, 0o600))
	p, _ = open(t, d, Config{})
	require.Equal(t, want, digest(t, p))
	_ = only(t, d)
}

func TestSnapshotFails(t *testing.T) {
	dir := t.TempDir()
	p, j := open(t, dir, Config{})
	step(t, p, 0)
	keep(t, p, j)
	obstacle := filepath.Join(dir, "00000000000000000001"+suffix)
	require.NoError(t, os.MkdirAll(filepath.Join(obstacle, "full"), 0o700))
	require.Error(t, j.Snapshot(context.Background(), p.Save().Snapshot()))
	require.NoError(t, os.RemoveAll(obstacle))
	step(t, p, 1)
	keep(t, p, j) // goes on in the old file
	want := digest(t, p)
	require.NoError(t, j.Close())
	p, _ = open(t, dir, Config{})
	require.Equal(t, want, digest(t, p))
}

func TestSnapshotPolicy(t *testing.T) {
	dir := t.TempDir()
	p, j := open(t, dir, Config{SnapshotEvery: 5})
	snapshots, behind := 0, 0
	for i := range 40 {
		step(t, p, i)
		behind += len(keep(t, p, j))
		if j.SnapshotDue() {
			require.GreaterOrEqual(t, behind, 5)
			require.GreaterOrEqual(t, behind, j.weight/4)
			require.NoError(t, j.Snapshot(context.Background(), p.Save().Snapshot()))
			require.False(t, j.SnapshotDue())
			require.NoError(t, j.Snapshot(context.Background(), p.Save().Snapshot()), "nothing to do")
			snapshots, behind = snapshots+1, 0
		}
	}
	require.Greater(t, snapshots, 1)
	want := digest(t, p)
	require.NoError(t, j.Close())
	p, j = open(t, dir, Config{SnapshotEvery: -1})
	require.Equal(t, want, digest(t, p))
	for i := 40; i < 80; i++ {
		step(t, p, i)
		keep(t, p, j)
		require.False(t, j.SnapshotDue(), "never")
	}
}

func TestSnapshotAhead(t *testing.T) {
	// The state may hold records that come only with the next Append.
	dir := t.TempDir()
	p, j := open(t, dir, Config{})
	step(t, p, 0)
	keep(t, p, j)
	step(t, p, 1)
	require.NoError(t, j.Snapshot(context.Background(), p.Save().Snapshot()))
	keep(t, p, j)
	step(t, p, 2)
	keep(t, p, j)
	want := digest(t, p)
	require.NoError(t, j.Close())
	p, _ = open(t, dir, Config{})
	require.Equal(t, want, digest(t, p))
}

func TestOtherRules(t *testing.T) {
	dir, states, _ := fill(t, 3, Config{})
	data := contents(t, only(t, dir))
	f, err := scan(only(t, dir), data)
	require.NoError(t, err)
	var state control.State
	require.NoError(t, json.Unmarshal([]byte(states[0]), &state))
	written := func(rules string, records []byte) []byte {
		state.Rules = rules
		data, err := appendJSONFrame([]byte(magic), head{Format: formatJSON, Rules: rules})
		require.NoError(t, err)
		data, err = appendJSONFrame(data, state)
		require.NoError(t, err)
		return append(data, records...)
	}
	name := filepath.Base(f.path)
	_, _, err = Open(directory(t, map[string][]byte{name: written("1999-01", data[f.first:])}), Config{})
	require.ErrorContains(t, err, `was written under the rules "1999-01", and this version has the rules "`+
		control.Rules+`": Open it with the version that wrote it, give the plane's State to Export`)

	crossed := directory(t, map[string][]byte{name: written("1999-01", nil)})
	p, j := open(t, crossed, Config{})
	require.Equal(t, states[0], digest(t, p))
	step(t, p, 0)
	keep(t, p, j)
	require.NoError(t, j.Close())
	p, _ = open(t, crossed, Config{})
	require.Equal(t, states[1], digest(t, p))

	data, err = appendJSONFrame([]byte(magic), head{Format: 9, Rules: control.Rules})
	require.NoError(t, err)
	_, _, err = Open(directory(t, map[string][]byte{name: data}), Config{})
	require.ErrorContains(t, err, "has format 9, this version reads 1 and 2")
}

func TestLocked(t *testing.T) {
	dir := os.Getenv("JOURNAL_TEST_DIRECTORY")
	if dir != "" { // the other process
		_, _, err := Open(dir, Config{})
		require.ErrorIs(t, err, ErrLocked)
		return
	}
	dir = t.TempDir()
	_, j := open(t, dir, Config{})
	_, _, err := Open(dir, Config{})
	require.ErrorIs(t, err, ErrLocked)
	other := exec.Command(os.Args[0], "-test.run=^TestLocked$")
	other.Env = append(os.Environ(), "JOURNAL_TEST_DIRECTORY="+dir)
	out, err := other.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, j.Close())
	_, _ = open(t, dir, Config{})
}

func TestFailureIsFinal(t *testing.T) {
	dir := t.TempDir()
	p, j := open(t, dir, Config{})
	step(t, p, 0)
	keep(t, p, j)
	step(t, p, 1)
	file := j.file
	require.NoError(t, file.Close())
	records := p.Ready().Records
	require.ErrorIs(t, j.Append(context.Background(), records), os.ErrClosed)
	j.file, _ = os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0) // the disk is well again
	require.ErrorContains(t, j.Append(context.Background(), records), "the journal accepts nothing more")
	require.ErrorContains(t, j.Snapshot(context.Background(), p.Save().Snapshot()), "the journal accepts nothing more")
	require.False(t, j.SnapshotDue())
	require.NoError(t, j.Close())
	require.NoError(t, j.Close(), "twice")
	require.ErrorIs(t, j.Append(context.Background(), records), ErrClosed)
}

func TestAppendChecksTheSequence(t *testing.T) {
	p, j := open(t, t.TempDir(), Config{})
	for i := range 3 {
		step(t, p, i)
	}
	records := keep(t, p, j)
	require.NoError(t, j.Append(context.Background(), records), "it has them")
	require.NoError(t, j.Append(context.Background(), nil))
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	next := control.Record{Sequence: j.last + 1, Op: "Tick", Input: json.RawMessage("{}")}
	require.ErrorIs(t, j.Append(ended, []control.Record{next}), context.Canceled)
	require.ErrorIs(t, j.Snapshot(ended, p.Save().Snapshot()), context.Canceled)
	gap := control.Record{Sequence: j.last + 2, Op: "Tick", Input: json.RawMessage("{}")}
	require.ErrorContains(t, j.Append(context.Background(), []control.Record{gap}), "follows record")
}

func TestWrongRecords(t *testing.T) {
	dir, _, _ := fill(t, 2, Config{})
	name, data := filepath.Base(only(t, dir)), contents(t, only(t, dir))
	for why, r := range map[string]control.Record{
		"record 9 follows record 2":  {Sequence: 9, Op: "Tick"},
		"record 3, Dance":            {Sequence: 3, Op: "Dance"},
		"record 3, CreateCluster: j": {Sequence: 3, Op: "CreateCluster", Input: json.RawMessage(`7`)},
	} {
		more, err := appendRecords(bytes.Clone(data), []control.Record{r})
		require.NoError(t, err)
		_, _, err = Open(directory(t, map[string][]byte{name: more}), Config{})
		require.ErrorContains(t, err, why)
	}
	begin := len(data)
	noise, err := endFrame(append(beginFrame(bytes.Clone(data)), "no JSON"...), begin)
	require.NoError(t, err)
	_, _, err = Open(directory(t, map[string][]byte{name: noise}), Config{})
	var corrupt *CorruptError
	require.True(t, errors.As(err, &corrupt))
	require.Equal(t, int64(begin), corrupt.Offset)
}

func TestSyncNever(t *testing.T) {
	dir, states, _ := fill(t, 4, Config{Sync: SyncNever})
	p, _ := open(t, dir, Config{Sync: SyncNever})
	require.Equal(t, states[4], digest(t, p))
}

// FuzzRead holds that no content makes the reader panic, that what it accepts it accepts
// again without the torn tail, and that a tail never costs a frame before it.
func FuzzRead(f *testing.F) {
	dir, _, sizes := fill(f, 3, Config{})
	whole := contents(f, only(f, dir))
	f.Add([]byte{})
	f.Add(whole[sizes[2]:])
	f.Add(whole[sizes[2] : len(whole)-3])
	f.Add(whole)
	f.Add(make([]byte, 64))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, content := range [][]byte{data, append(bytes.Clone(whole), data...)} {
			f, err := scan("x", content)
			if err != nil {
				continue
			}
			again, err := scan("x", content[:f.at])
			require.NoError(t, err)
			require.Equal(t, f.at, again.at)
			require.Equal(t, f.frames, again.frames)
			if len(content) > len(data) {
				require.GreaterOrEqual(t, f.at, int64(len(whole)))
			}
		}
	})
}
