package core

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

func newCore(seed uint64) (*Core, *Position) {
	position := &Position{}
	return New(Config{Seed: seed, Partition: "aws", Region: "us-east-1", Account: "123456789012",
		CredentialsSecret: "secret"}, position), position
}

// TestIDs sees that no two IDs of a plane are equal, that the same plane gives the same ones again,
// and that a refused request, which puts the position back, draws those that it has drawn again.
//
// Seen to fail: HexID that does not count.
func TestIDs(t *testing.T) {
	a, position := newCore(7)
	b, _ := newCore(7)
	other, _ := newCore(8)
	seen := map[string]bool{}
	for range 1000 {
		id := a.HexID()
		require.Regexp(t, `^[0-9a-f]{32}$`, id)
		require.Equal(t, id, b.HexID())
		require.NotEqual(t, id, other.HexID())
		require.False(t, seen[id])
		seen[id] = true
	}
	before := *position
	first := a.UUID()
	require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, first)
	*position = before
	require.Equal(t, first, a.UUID())
	require.Regexp(t, `^ecs-svc/[0-9]{19}$`, a.DeploymentID())
	require.NotEqual(t, a.Seed(), a.Seed())
}

// TestNameBasedID sees that an ID follows from its names, and from where one ends and the next
// begins.
//
// Seen to fail: the names joined without their lengths.
func TestNameBasedID(t *testing.T) {
	require.Equal(t, NameBasedID("a", "bc"), NameBasedID("a", "bc"))
	require.NotEqual(t, NameBasedID("a", "bc"), NameBasedID("ab", "c"))
	require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, NameBasedID())
}

// TestNames sees how resources are named.
func TestNames(t *testing.T) {
	c, _ := newCore(1)
	require.Equal(t, "arn:aws:ecs:us-east-1:123456789012:cluster/web", c.ARN("ecs", "cluster/web"))
	require.Equal(t, "web", NameOf("arn:aws:ecs:us-east-1:123456789012:service/default/web"))
	require.Equal(t, "web", NameOf("web"))
	require.Equal(t, "", NameOf("web/"))
	err := Fault(ecs.ClientException, "cluster", "%d of %d", 1, 2)
	require.ErrorIs(t, err, ecs.ClientException)
	require.ErrorContains(t, err, "1 of 2")
}

// TestNextMinute sees that a minute is over at its last instant, before 1970 and far away too.
//
// Seen to fail: the minute that now begins.
func TestNextMinute(t *testing.T) {
	c, position := newCore(1)
	const minute = ecs.Instant(time.Minute)
	for now, want := range map[ecs.Instant]ecs.Instant{0: minute, 1: minute, minute - 1: minute, minute: 2 * minute,
		-2*minute + 1: -minute, math.MaxInt64 - 1: math.MaxInt64} {
		position.Now = now
		require.Equal(t, want, c.NextMinute(), "after %d", now)
	}
}

// TestChanges sees that changes are stamped with the time of the input.
func TestChanges(t *testing.T) {
	c, position := newCore(1)
	position.Now = 5
	c.Change(message.Change{Text: "first", At: 99})
	position.Now = 6
	c.Change(message.Change{Text: "second"})
	require.Equal(t, []message.Change{{At: 5, Text: "first"}, {At: 6, Text: "second"}}, c.Changes.All())
}

// TestQueue holds a queue to a list from which nothing is ever removed, over random additions, takings
// (old ones among them) and undoings.
//
// Seen to fail: Take without its first condition; Take that does not count; All without the clip.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q Queue[int]
		var all []int
		var shown, copies [][]int
		taken := 0
		t.Repeat(map[string]func(*rapid.T){
			"add": func(*rapid.T) {
				q.Add(len(all))
				all = append(all, len(all))
			},
			"take": func(t *rapid.T) {
				until := rapid.IntRange(0, len(all)).Draw(t, "until")
				q.Take(uint64(until))
				taken = max(taken, until)
			},
			"undo": func(t *rapid.T) {
				until := rapid.IntRange(taken, len(all)).Draw(t, "until")
				q.Undo(uint64(until))
				all = all[:until]
				shown, copies = nil, nil // the plane has ended
			},
			"keep": func(*rapid.T) {
				kept := q.All()
				_ = append(kept, -1) // the caller's
				shown, copies = append(shown, kept), append(copies, slices.Clone(kept))
			},
			"drop": func(t *rapid.T) {
				q.Take(q.Until())
				for range rapid.IntRange(0, 3).Draw(t, "dropped") {
					q.Add(len(all))
					all = append(all, len(all))
				}
				q.Drop()
				taken = len(all)
				require.Nil(t, q.All())
			},
			"": func(*rapid.T) {
				require.Equal(t, copies, shown, "it is never changed")
				require.Equal(t, uint64(len(all)), q.Until())
				require.ElementsMatch(t, all[taken:], q.All())
				require.IsIncreasing(t, append([]int{-1}, q.All()...))
			},
		})
	})
	var q Queue[int]
	q.Add(1)
	q.Take(1)
	require.Nil(t, q.All())
}

// TestCut sees that the pages of a list are the list, in order and once, whatever comes and goes
// between two pages, and that nothing is repeated.
//
// Seen to fail: Cut that begins with the token's own key; that ignores descending.
func TestCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching("[a-d]{1,3}"), 0, 12, func(s string) string {
			return s
		}).Draw(t, "names")
		descending := rapid.Bool().Draw(t, "descending")
		ordered := func() []string {
			list := append([]string(nil), names...)
			for i := range list { // an oracle that sorts by looking at all pairs
				for k := i + 1; k < len(list); k++ {
					if descending == (list[k] > list[i]) {
						list[i], list[k] = list[k], list[i]
					}
				}
			}
			return list
		}
		size := rapid.IntRange(1, 5).Draw(t, "size")
		var got []string
		token := ""
		for range 20 {
			page, next, err := Cut(ordered(), token, size, 5, func(s string) string { return s }, descending)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page), size)
			got = append(got, page...)
			if token = next; token == "" {
				break
			}
			if rapid.Bool().Draw(t, "goes") && len(page) > 0 { // what was shown goes: the rest is not hidden
				gone := page[0]
				names = append([]string(nil), remove(names, gone)...)
			}
		}
		for i := 1; i < len(got); i++ {
			require.NotEqual(t, got[i-1], got[i], "none twice")
			require.Equal(t, descending, got[i] < got[i-1], "in order")
		}
		for _, left := range names {
			require.Contains(t, got, left)
		}
	})
}

func remove(list []string, name string) (rest []string) {
	for _, s := range list {
		if s != name {
			rest = append(rest, s)
		}
	}
	return rest
}

// TestCutRefuses sees that sizes out of range and tokens of other lists are refused by name.
func TestCutRefuses(t *testing.T) {
	key := func(s string) string { return s }
	for _, size := range []int{-1, 0, 6} {
		_, _, err := Cut([]string{"a"}, "", size, 5, key, false)
		require.ErrorIs(t, err, ecs.InvalidParameterException)
		require.ErrorContains(t, err, "maxResults")
	}
	_, _, err := Cut([]string{"a"}, "no token", 1, 5, key, false)
	require.ErrorIs(t, err, ecs.InvalidParameterException)
	require.ErrorContains(t, err, "nextToken")
}

// TestCredentialsID sees that an ID is the same for a task and a kind, and another one for another
// secret.
func TestCredentialsID(t *testing.T) {
	c, position := newCore(1)
	id := c.CredentialsID("task", "role")
	require.True(t, regexp.MustCompile(`^[0-9a-f-]{36}$`).MatchString(id))
	require.Equal(t, id, c.CredentialsID("task", "role"))
	require.NotEqual(t, id, c.CredentialsID("task", "executionRole"))
	other := New(Config{CredentialsSecret: "other"}, position)
	require.NotEqual(t, id, other.CredentialsID("task", "role"))
	require.False(t, strings.Contains(id, "secret"))
	require.Empty(t, New(Config{}, position).CredentialsID("task", "role"), "nobody's, not everybody's")
}
