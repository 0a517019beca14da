package outbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/message"
)

// fixture is an outbox, its clock and its timers.
type fixture struct {
	now      ecs.Instant
	timers   deadlines.Timers
	counters Counters
	taken    uint64
	box      *Outbox
}

func newFixture() *fixture {
	f := &fixture{}
	retry := message.Retry{Base: time.Second, Max: time.Minute, Resend: 2 * time.Minute}
	f.box = New(Config{Seed: 1, Retry: retry, Now: func() ecs.Instant { return f.now }, Counters: &f.counters},
		&f.timers)
	return f
}

func (f *fixture) issue(op, target string) message.Key {
	k := f.box.Key(op, target)
	f.box.Issue(message.StopTask{ID: k, Task: ecs.TaskID(target)})
	return k
}

// known is the oracle: a list of the commands without an outcome.
type known struct {
	key      message.Key
	failures int
	backoff  bool
	wake     ecs.Instant
}

// TestLaws holds the outbox to a list that is searched, over random intents, outcomes and waits.
//
// Seen to fail: Issue without Abandon; Close that keeps byTarget; Find that
// does not compare epochs; send that keeps Backoff.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture()
		var list []known
		var want []message.Key // handed out and not taken
		target := func(t *rapid.T) string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "target") }
		drop := func(is func(known) bool) (found bool) {
			for i := 0; i < len(list); i++ {
				if is(list[i]) {
					list, found, i = append(list[:i:i], list[i+1:]...), true, i-1
				}
			}
			return found
		}
		t.Repeat(map[string]func(*rapid.T){
			"issue": func(t *rapid.T) {
				to := target(t)
				k := f.issue("StopTask", to)
				drop(func(o known) bool { return o.key.Target == to })
				list = append(list, known{key: k, wake: f.now.Add(2 * time.Minute)})
				want = append(want, k)
			},
			"close": func(t *rapid.T) {
				k := message.Key{Op: "StopTask", Target: target(t),
					Epoch: rapid.Uint64Range(0, f.counters.Epoch).Draw(t, "epoch")}
				_, ok := f.box.Close(k)
				require.Equal(t, drop(func(o known) bool { return o.key == k }), ok)
			},
			"abandon": func(t *rapid.T) {
				to := target(t)
				f.box.Abandon("StopTask", to)
				drop(func(o known) bool { return o.key.Target == to })
			},
			"fail": func(t *rapid.T) {
				to := target(t)
				for i, o := range list {
					if o.key.Target != to {
						continue
					}
					attempt, in, ok := f.box.Failed(o.key, "it broke")
					require.Equal(t, !o.backoff, ok)
					if ok {
						require.Equal(t, o.failures+2, attempt)
						require.LessOrEqual(t, in, time.Minute)
						list[i] = known{o.key, o.failures + 1, true, f.now.Add(in)}
					}
				}
			},
			"wait": func(t *rapid.T) {
				f.now = f.now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "seconds")) * time.Second)
				before := f.box.Issued.Until()
				f.timers.Serve(f.now)
				again := map[message.Key]bool{}
				for _, c := range f.box.Issued.All()[before-f.taken:] {
					again[c.Key()] = true
				}
				for i, o := range list {
					require.Equal(t, o.wake <= f.now, again[o.key], "%s at %d", o.key, f.now)
					if o.wake <= f.now {
						list[i].backoff, list[i].wake = false, f.now.Add(2*time.Minute)
					}
				}
				want = nil
				f.taken = f.box.Issued.Until()
				f.box.Issued.Take(f.taken)
			},
			"": func(t *rapid.T) {
				require.Empty(t, f.box.Check(func(message.Command) bool { return true }))
				require.Empty(t, f.timers.Check())
				var got []known
				for _, p := range f.box.Pending() {
					got = append(got, known{p.Command.Key(), p.Failures, p.Backoff, p.Wake})
					require.True(t, f.box.Open(p.Command.Key()))
					require.True(t, f.box.Asked("StopTask", p.Command.Key().Target))
				}
				require.Equal(t, fmt.Sprint(list), fmt.Sprint(got))
				var issued []message.Key
				for _, c := range f.box.Issued.All() {
					issued = append(issued, c.Key())
				}
				require.Equal(t, want, issued)
			},
		})
	})
}

// TestRestore sees that an outbox that is restored issues the same commands at the same times.
func TestRestore(t *testing.T) {
	f := newFixture()
	f.issue("StopTask", "a")
	failed := f.issue("StopTask", "b")
	f.box.Failed(failed, "\xffit broke")
	require.Equal(t, "it broke", f.box.Pending()[1].Failure)
	g := newFixture()
	var state []*Pending
	for _, p := range f.box.Pending() {
		pending := *p
		state = append(state, &pending)
	}
	require.NoError(t, g.box.Restore(state))
	require.Equal(t, f.box.Pending(), g.box.Pending())
	require.Empty(t, g.timers.Check())
	f.box.Issued.Take(2)
	for f.now < ecs.Instant(5*time.Minute) {
		f.now += ecs.Instant(time.Second)
		g.now = f.now
		f.timers.Serve(f.now)
		g.timers.Serve(g.now)
		require.Equal(t, f.box.Issued.All(), g.box.Issued.All())
	}
	require.Error(t, g.box.Restore([]*Pending{nil}))
	require.Error(t, g.box.Restore([]*Pending{{}}))
}

// TestCheck sees each fault of an outbox found.
func TestCheck(t *testing.T) {
	all := func(message.Command) bool { return true }
	f := newFixture()
	f.issue("StopTask", "a")
	require.Empty(t, f.box.Check(all))
	require.ErrorContains(t, f.box.Check(func(message.Command) bool { return false })[0], "has no cause")
	f.box.Pending()[0].Wake = 0
	require.ErrorContains(t, f.box.Check(all)[0], "will never be issued again")

	f = newFixture()
	f.issue("StopTask", "a")
	f.box.byTarget = map[intent]*Pending{{"StopTask", "b"}: f.box.Pending()[0]}
	require.ErrorContains(t, f.box.Check(all)[0], "is not found by its key")
}

// TestRestoreOfTwo sees two commands of one intent refused.
func TestRestoreOfTwo(t *testing.T) {
	f := newFixture()
	f.issue("StopTask", "a")
	first := f.box.Pending()
	f.issue("StopTask", "a")
	err := newFixture().box.Restore(append(first, f.box.Pending()...))
	require.EqualError(t, err, "outstanding[1]: command StopTask a #2 is outstanding beside StopTask a #1")
}

// TestAbandonIf sees that only the commands that are unwanted end.
func TestAbandonIf(t *testing.T) {
	f := newFixture()
	f.issue("StopTask", "a")
	kept := f.issue("StopTask", "b")
	f.box.AbandonIf(func(c message.Command) bool { return c.Key().Target == "a" })
	require.Len(t, f.box.Pending(), 1)
	require.True(t, f.box.Open(kept))
	require.False(t, f.box.Asked("StopTask", "a"))
}
