package scheduler

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// naiveBucket is a token bucket that does what a sentence says, a lump at a time.
type naiveBucket struct {
	rate   LaunchRate
	tokens int
	next   ecs.Instant // when the next lump comes; zero: the bucket is full
}

func (n *naiveBucket) wait(now ecs.Instant) {
	for n.next != 0 && n.next <= now {
		n.tokens = min(n.rate.Burst, n.tokens+n.rate.Refill)
		n.next = n.next.Add(n.rate.Every)
		if n.tokens == n.rate.Burst {
			n.next = 0
		}
	}
}

func (n *naiveBucket) take(now ecs.Instant, k int) {
	if k = min(k, n.tokens); k <= 0 {
		return
	}
	if n.next == 0 {
		n.next = now.Add(n.rate.Every)
	}
	n.tokens -= k
}

// TestLaunchRate holds the bucket, which is two numbers, against one that counts lumps.
// Seen to fail: the remainder of an interval lost on a refill; a lump too few fills it.
func TestLaunchRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := LaunchRate{Burst: rapid.IntRange(1, 9).Draw(t, "burst"), Refill: rapid.IntRange(1, 5).Draw(t, "refill"),
			Every: time.Duration(rapid.IntRange(1, 7).Draw(t, "every"))}
		now, b := ecs.Instant(1000), LaunchBucket{}
		naive := naiveBucket{rate: rate, tokens: rate.Burst}
		launched := map[ecs.Instant]int{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "later")))
			naive.wait(now)
			require.Equal(t, naive.tokens, rate.Available(b, now.Time()))
			if naive.next != 0 {
				require.Equal(t, naive.next, ecs.At(rate.Next(b, now.Time())))
			}
			k := rapid.IntRange(0, 12).Draw(t, "launches")
			launched[now] += min(k, naive.tokens)
			naive.take(now, k)
			b = rate.Take(b, now.Time(), k)
			require.GreaterOrEqual(t, b.Spent, 0)
			require.LessOrEqual(t, b.Spent, rate.Burst)
		}
		for from := range launched { // in any stretch: the burst and what came back, and the lump at its end
			for _, length := range []time.Duration{rate.Every, 3 * rate.Every} {
				sum := 0
				for at, k := range launched {
					if at >= from && at < from.Add(length) {
						sum += k
					}
				}
				require.LessOrEqual(t, sum, rate.Burst+rate.Refill*int(length/rate.Every))
			}
		}
	})
}

// TestLaunchRateEdges: no limit, hostile memories and hostile numbers.
func TestLaunchRateEdges(t *testing.T) {
	for _, off := range []LaunchRate{{}, {Burst: 5}, {Burst: 5, Refill: 1}, {Burst: -1, Refill: 1, Every: 1},
		{Burst: 1, Refill: 1, Every: -1}} {
		require.Equal(t, math.MaxInt, off.Available(LaunchBucket{Spent: 9}, epoch))
		require.Equal(t, LaunchBucket{}, off.Take(LaunchBucket{}, epoch, 3))
		require.Equal(t, Launches{}, off.Launches(LaunchBucket{}, epoch))
		require.Zero(t, off.Next(LaunchBucket{Spent: 9}, epoch))
	}
	rate := LaunchRate{Burst: 3, Refill: 1, Every: time.Second}
	for _, b := range []LaunchBucket{{Spent: math.MaxInt, Since: 1}, {Spent: -7, Since: math.MinInt64},
		{Spent: 1, Since: math.MaxInt64}} {
		n := rate.Available(b, epoch)
		require.True(t, 0 <= n && n <= 3, "%+v: %d", b, n)
		require.LessOrEqual(t, rate.Available(rate.Take(b, epoch, math.MaxInt), epoch), 0)
	}
	require.Equal(t, Launches{Limited: true, Now: 1, Next: 5},
		Launches{Limited: true, Now: 1, Next: 5}.With(Launches{Limited: true, Now: 2, Next: 9}))
	require.Equal(t, Launches{Limited: true, Next: 9},
		Launches{Limited: true, Next: 5}.With(Launches{Limited: true, Next: 9}))
	require.Equal(t, Launches{Limited: true, Now: 2}, Launches{Limited: true, Now: 2}.With(Launches{}))
}

// TestLaunchesAreSpaced lets a service of 23 tasks start under a rate of five at once and
// two a second, for every kind of service that starts tasks. Seen to fail: daemons, and moves
// between zones, started without regard to it; the scheduler not woken for the rest.
func TestLaunchesAreSpaced(t *testing.T) {
	replica := settled(23)
	replica.State.Rollouts[0].RolloutState = ecs.DeploymentRolloutStateInProgress
	daemon := settled(0)
	daemon.Service.SchedulingStrategy = ecs.SchedulingStrategyDaemon
	for i := range 23 {
		daemon.Instances = append(daemon.Instances, Instance{ID: ecs.InstanceID(string(rune('a' + i)))})
	}
	sets := settled(23)
	sets.Service.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}
	for name, v := range map[string]View{"REPLICA": replica, "DAEMON": daemon, "EXTERNAL": sets} {
		t.Run(name, func(t *testing.T) {
			rate, b, now := LaunchRate{Burst: 5, Refill: 2, Every: time.Second}, LaunchBucket{}, epoch
			for step := 0; step < 20; step++ {
				v.Launches = rate.Launches(b, now)
				p := Reconcile(v, now)
				n := 0
				for _, s := range p.Start {
					n += s.Count
				}
				require.LessOrEqual(t, n, v.Launches.Now)
				b = rate.Take(b, now, n)
				v = Apply(v, p, now, Choices{})
				again := Reconcile(v, now)
				require.True(t, again.Empty(), "%+v", again)
				require.Len(t, v.Tasks, min(23, 5+2*step))
				if len(v.Tasks) == 23 {
					require.Equal(t, 9, step)
					return
				}
				require.Equal(t, now.Add(time.Second), again.WakeAt)
				now = again.WakeAt
			}
			t.Fatal("it never ends")
		})
	}
}
