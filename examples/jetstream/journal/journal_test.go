package journal_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/drivertest"
	"github.com/bayplan/bayplan/examples/jetstream/embedded"
	"github.com/bayplan/bayplan/examples/jetstream/journal"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// both calls f with a fresh stream in memory and with one of a server.
func both(t *testing.T, f func(t *testing.T, fresh func(t *testing.T) (stream.Stream, stream.Objects))) {
	t.Run("memory", func(t *testing.T) {
		f(t, func(*testing.T) (stream.Stream, stream.Objects) {
			m := stream.NewMemory(20 << 10)
			return m, m.Objects()
		})
	})
	t.Run("JetStream", func(t *testing.T) {
		s, err := embedded.Start(embedded.Config{Name: "one", Directory: t.TempDir(), Port: -1})
		require.NoError(t, err)
		defer func() {
			s.Shutdown()
			s.WaitForShutdown()
		}()
		nc, err := nats.Connect(s.ClientURL())
		require.NoError(t, err)
		defer nc.Close()
		count := 0
		f(t, func(t *testing.T) (stream.Stream, stream.Objects) {
			count++
			s, o, err := stream.Open(t.Context(), nc, stream.Settings{Name: fmt.Sprintf("s%d", count),
				MaxBytes: 16 << 20, Unsynced: true})
			require.NoError(t, err)
			return s, o
		})
	})
}

// TestJournalKeepsTheContract runs the suite of package drivertest.
func TestJournalKeepsTheContract(t *testing.T) {
	both(t, func(t *testing.T, fresh func(*testing.T) (stream.Stream, stream.Objects)) {
		drivertest.TestJournal(t, func(t *testing.T) drivertest.Journal {
			s, o := fresh(t)
			open := func() (driver.Journal, error) {
				// its records are of no plane, so the writer after it must not replay them
				return journal.OpenRaw(t.Context(), s, o, journal.Config{})
			}
			j, err := open()
			require.NoError(t, err)
			return drivertest.Journal{Journal: j, TakeOver: open, Records: func() ([]control.Record, error) {
				return journal.Records(t.Context(), s)
			}}
		})
	})
}

// cluster makes a cluster by a number, and has the record appended.
func cluster(t *testing.T, p *control.Plane, j driver.Journal, n int) error {
	t.Helper()
	_, err := p.CreateCluster(time.Unix(1_700_000_000+int64(n), 0), api.CreateClusterInput{
		ClusterName: fmt.Sprintf("c%d", n)})
	require.NoError(t, err)
	ready := p.Ready()
	if err := j.Append(t.Context(), ready.Records); err != nil {
		return err
	}
	p.Advance(ready)
	return nil
}

func snapshot(t *testing.T, p *control.Plane, j *journal.Journal) error {
	return j.Snapshot(t.Context(), p.Save().Snapshot())
}

// TestOpen keeps a plane over many lives, with snapshots in between.
func TestOpen(t *testing.T) {
	both(t, func(t *testing.T, fresh func(*testing.T) (stream.Stream, stream.Objects)) {
		s, o := fresh(t)
		var state control.State
		for life := range 6 {
			p, j, err := journal.Open(t.Context(), s, o, journal.Config{Plane: control.Config{Seed: 7}})
			require.NoError(t, err)
			require.Equal(t, uint64(life+1), j.Term())
			if life > 0 {
				require.Equal(t, state, p.State())
			}
			for n := range 5 {
				require.NoError(t, cluster(t, p, j, life*10+n))
				if n == 2 && life != 3 {
					require.NoError(t, snapshot(t, p, j))
				}
			}
			require.NoError(t, j.Check(t.Context()))
			state = p.State()
		}
		names, err := o.Names(t.Context())
		require.NoError(t, err)
		require.Len(t, names, 2)
		b, err := s.Bounds(t.Context())
		require.NoError(t, err)
		require.Greater(t, b.First, uint64(10))
	})
}

// TestClock has controllers take over whose clocks are off that of the stream's server. Seen to fail: without the
// comparison.
func TestClock(t *testing.T) {
	both(t, func(t *testing.T, fresh func(*testing.T) (stream.Stream, stream.Objects)) {
		s, o := fresh(t)
		open := func(off time.Duration) error {
			_, _, err := journal.Open(t.Context(), s, o, journal.Config{Now: func() time.Time {
				return time.Now().Add(off)
			}})
			return err
		}
		for off, says := range map[time.Duration]string{time.Hour: "ahead, of 10s at most",
			-time.Hour: "behind, of 10s at most"} {
			require.ErrorIs(t, open(off), journal.ErrClock)
			require.ErrorContains(t, open(off), says)
		}
		b, err := s.Bounds(t.Context())
		require.NoError(t, err)
		require.Zero(t, b.Last, "nothing was written")
		for _, off := range []time.Duration{0, 9 * time.Second, -9 * time.Second} {
			require.NoError(t, open(off))
		}
	})
}

// TestDamagedSnapshot reads the snapshot before the damaged one.
func TestDamagedSnapshot(t *testing.T) {
	m := stream.NewMemory(20 << 10)
	p, j, err := journal.Open(t.Context(), m, m.Objects(), journal.Config{})
	require.NoError(t, err)
	for n := range 9 {
		require.NoError(t, cluster(t, p, j, n))
		if n%3 == 2 {
			require.NoError(t, snapshot(t, p, j))
		}
	}
	names, err := m.Names(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"6-1", "9-1"}, names)
	m.Damage("9-1")
	again, _, err := journal.Open(t.Context(), m, m.Objects(), journal.Config{})
	require.NoError(t, err)
	require.Equal(t, p.State(), again.State())
	m.Damage("6-1")
	_, _, err = journal.Open(t.Context(), m, m.Objects(), journal.Config{})
	require.ErrorContains(t, err, "no snapshot can be read")
	require.ErrorContains(t, err, "9-1")
}

// TestShorter refuses to claim a stream that lacks what the replica has read.
func TestShorter(t *testing.T) {
	m := stream.NewMemory(20 << 10)
	p, j, err := journal.Open(t.Context(), m, m.Objects(), journal.Config{})
	require.NoError(t, err)
	require.NoError(t, cluster(t, p, j, 1))
	r, err := journal.Load(t.Context(), m, m.Objects(), journal.Config{})
	require.NoError(t, err)
	for msg, err := range m.Follow(t.Context(), 1) {
		require.NoError(t, err)
		require.NoError(t, r.Apply(msg))
		if msg.Sequence == 2 {
			break
		}
	}
	other := stream.NewMemory(20 << 10)
	_, err = journal.Claim(t.Context(), other, other.Objects(), r, journal.Config{})
	require.ErrorIs(t, err, journal.ErrShorter)
	_, err = journal.Claim(t.Context(), m, m.Objects(), r, journal.Config{})
	require.NoError(t, err)
}

// TestHalfAGroup cuts a writer off between two parts of an Append.
func TestHalfAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := stream.NewMemory(1 << 10)
		cut := &chance{publishes: 3} // the claim and two parts
		p, j, err := journal.Open(t.Context(), m.Client(cut), m.Objects(), journal.Config{})
		require.NoError(t, err)
		state := p.State()
		for n := range 20 {
			in := api.CreateClusterInput{ClusterName: fmt.Sprintf("c%d", n)}
			_, err := p.CreateCluster(time.Unix(1_700_000_000, 0), in)
			require.NoError(t, err)
		}
		require.ErrorContains(t, j.Append(t.Context(), p.Ready().Records), "nothing was acknowledged")
		b, err := m.Bounds(t.Context())
		require.NoError(t, err)
		require.Equal(t, uint64(3), b.Last)
		next, other, err := journal.Open(t.Context(), m, m.Objects(), journal.Config{})
		require.NoError(t, err)
		require.Equal(t, state, next.State())
		require.NoError(t, cluster(t, next, other, 1))
	})
}

var errLost = errors.New("lost")

// chance loses requests and answers, and delays them.
type chance struct {
	publishes int // that get through; 0: all, by chance

	mu  sync.Mutex
	rng *rand.Rand // nil: nothing is lost by chance
}

func (c *chance) lost(ctx context.Context) error {
	c.mu.Lock()
	rng := c.rng
	var wait time.Duration
	lost := false
	if rng != nil {
		wait, lost = time.Duration(rng.IntN(2000))*time.Millisecond, rng.IntN(3) == 0
	}
	c.mu.Unlock()
	time.Sleep(wait)
	if lost {
		return errLost
	}
	return ctx.Err()
}

func (c *chance) Before(ctx context.Context, call string) error {
	if call != "Publish" {
		return ctx.Err()
	}
	if c.publishes > 0 {
		if c.publishes--; c.publishes == 0 {
			c.publishes = -1
		}
	} else if c.publishes < 0 {
		return errLost
	}
	return c.lost(ctx)
}

func (c *chance) After(ctx context.Context, call string) error {
	if call != "Publish" {
		return nil
	}
	return c.lost(ctx)
}

// TestLaws has controllers that take over from each other while requests and answers are lost and late: what was
// acknowledged is read by all, once and in order. Seen to fail: without a claim, and with a
// stream that does not compare numbers, as TestLawsAreSeenToFail has it.
func TestLaws(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				require.NoError(t, contend(t, stream.NewMemory(2<<10), seed, journal.Config{}))
			})
		})
	}
}

// TestLawsAreSeenToFail plants the two faults that the fence is against.
func TestLawsAreSeenToFail(t *testing.T) {
	for name, plant := range map[string]func(*stream.Memory, *journal.Config){
		"no fence": func(m *stream.Memory, _ *journal.Config) { m.Unfenced() },
		"no claim": func(_ *stream.Memory, c *journal.Config) { c.Unclaimed = true },
	} {
		t.Run(name, func(t *testing.T) {
			found := false
			for seed := uint64(0); seed < 100 && !found; seed++ {
				synctest.Test(t, func(t *testing.T) {
					m, c := stream.NewMemory(2<<10), journal.Config{}
					plant(m, &c)
					found = contend(t, m, seed, c) != nil
				})
			}
			require.True(t, found)
		})
	}
}

// contend lets controllers make clusters, and returns what is wrong at the end.
func contend(t *testing.T, m *stream.Memory, seed uint64, c journal.Config) error {
	rng := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var group sync.WaitGroup
	for who := range 3 {
		faults := &chance{rng: rand.New(rand.NewPCG(seed, uint64(who)+2))}
		lives, works := 3+rng.IntN(3), 5+rng.IntN(20)
		pause := time.Duration(rng.IntN(20)) * time.Second
		group.Go(func() {
			for life := range lives {
				time.Sleep(pause)
				s := m.Client(faults)
				p, j, err := journal.Open(t.Context(), s, m.Objects(), c)
				if err != nil {
					continue
				}
				for n := range works {
					name := who*10_000 + life*100 + n
					if cluster(t, p, j, name) != nil {
						break
					}
					mu.Lock()
					acknowledged[fmt.Sprintf("c%d", name)] = true
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return verify(t, m, acknowledged)
}

// verify reads everything with a new controller.
func verify(t *testing.T, m *stream.Memory, acknowledged map[string]bool) error {
	p, _, err := journal.Open(t.Context(), m, m.Objects(), journal.Config{})
	if err != nil {
		return err
	}
	for name := range acknowledged { //order:any each is looked up
		out, err := p.DescribeClusters(api.DescribeClustersInput{Clusters: []string{name}})
		if err != nil {
			return err
		}
		if len(out.Clusters) != 1 {
			return fmt.Errorf("cluster %s was acknowledged, and is lost", name)
		}
	}
	return nil
}

// TestHandover has a writer of newer rules go on from the state that the one before it has handed over. Writers of the
// older rules stop. Seen to fail: with a Handover in the form of Snapshot, and without the comparison of claims.
func TestHandover(t *testing.T) {
	both(t, func(t *testing.T, fresh func(*testing.T) (stream.Stream, stream.Objects)) {
		s, o := fresh(t)
		newer := journal.Config{Rules: "9999-12"}
		p, j, err := journal.Open(t.Context(), s, o, journal.Config{})
		require.NoError(t, err)
		for n := range 5 {
			require.NoError(t, cluster(t, p, j, n))
			if n == 2 {
				require.NoError(t, snapshot(t, p, j))
			}
		}
		_, _, err = journal.Open(t.Context(), s, o, newer)
		require.ErrorIs(t, err, journal.ErrRules)
		require.NoError(t, j.Handover(t.Context(), p.State()))
		same, next, err := journal.Open(t.Context(), s, o, newer)
		require.NoError(t, err)
		require.Equal(t, p.State(), same.State())
		_, _, err = journal.Open(t.Context(), s, o, journal.Config{})
		require.ErrorIs(t, err, journal.ErrRules)
		require.NoError(t, cluster(t, same, next, 5))
		require.ErrorIs(t, cluster(t, p, j, 5), journal.ErrFenced)
		last, _, err := journal.Open(t.Context(), s, o, newer)
		require.NoError(t, err)
		require.Equal(t, same.State(), last.State())
	})
}
