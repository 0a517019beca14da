package driver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// started runs a loop until the test ends.
func started(t *testing.T, rt driver.Runtime) (*driver.Loop, context.CancelFunc, <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := driver.New(control.New(control.Config{Seed: 1}), rt)
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	return l, cancel, ended
}

func cluster(name string) func(*control.Plane, time.Time) error {
	return func(p *control.Plane, now time.Time) error {
		_, err := p.CreateCluster(now, api.CreateClusterInput{ClusterName: name})
		return err
	}
}

// log is what happened, in order.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

type journalFunc func(context.Context, []control.Record) error

func (f journalFunc) Append(ctx context.Context, records []control.Record) error {
	return f(ctx, records)
}

func TestDurableBeforeAnythingElse(t *testing.T) {
	// Seen to fail: dispatch before persist, Observe before persist, reply before persist.
	synctest.Test(t, func(t *testing.T) {
		var lines log
		w := newWorld(t)
		w.fault = func(_ context.Context, key message.Key) error { lines.add("%s", key.Op); return nil }
		rt := w.runtime()
		rt.Journal = journalFunc(func(_ context.Context, records []control.Record) error {
			time.Sleep(time.Minute)
			for _, r := range records {
				lines.add("durable %s", r.Op)
			}
			return nil
		})
		rt.Observe = func(changes []message.Change) { lines.add("change %s", changes[0].Kind) }
		// What was told to the plane before it had a loop is no exception.
		p := control.New(control.Config{Seed: 1})
		require.NoError(t, story()[0](p, time.Now()))
		require.NoError(t, story()[2](p, time.Now()))
		_, err := p.RunTask(time.Now(), api.RunTaskInput{TaskDefinition: "web"})
		require.NoError(t, err)
		l := driver.New(p, rt)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx) }()
		time.Sleep(2 * time.Minute)
		lines.add("--")
		require.NoError(t, l.Do(ctx, func(p *control.Plane, now time.Time) error {
			_, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "web"})
			return err
		}))
		lines.add("answered")
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		got := strings.Split(lines.String(), "\n")
		second := got[indexOf(got, "--"):]
		require.Less(t, indexOf(got, "durable RunTask"), indexOf(got, "StartTask"))
		require.Less(t, indexOf(got, "durable RunTask"), indexOf(got, "change INSTANCE"))
		require.Less(t, indexOf(second, "durable RunTask"), indexOf(second, "StartTask"))
		require.Less(t, indexOf(second, "durable RunTask"), indexOf(second, "change TASK"))
		require.Less(t, indexOf(second, "durable RunTask"), indexOf(second, "answered"))
	})
}

// indexOf returns where a line is, and far away if nowhere.
func indexOf(lines []string, line string) int {
	for i, l := range lines {
		if l == line {
			return i
		}
	}
	return len(lines) + 1000
}

func TestDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := driver.New(control.New(control.Config{}), driver.Runtime{})
		waiting := make(chan error, 1)
		go func() { waiting <- l.Do(t.Context(), cluster("early")) }()
		synctest.Wait()
		require.Equal(t, 1, l.Queued(), "Do waits for Run")
		require.Empty(t, waiting)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx) }()
		require.NoError(t, <-waiting)
		require.Zero(t, l.Queued())
		require.ErrorContains(t, l.Run(ctx), "runs once")

		mine := errors.New("mine")
		require.True(t, l.Do(ctx, func(*control.Plane, time.Time) error { return mine }) == mine, "f's error as it is")
		require.EqualError(t, l.Do(ctx, func(*control.Plane, time.Time) error { panic("mine") }), "panic: mine")
		var at time.Time
		require.NoError(t, l.Do(ctx, func(_ *control.Plane, now time.Time) error { at = now; return nil }))
		require.Equal(t, time.Now(), at)

		n, err := driver.Call(ctx, l, func(p *control.Plane, now time.Time) (int, error) { return 7, nil })
		require.NoError(t, err)
		require.Equal(t, 7, n)
		n, err = driver.Call(ctx, l, func(p *control.Plane, now time.Time) (int, error) { return 7, mine })
		require.Equal(t, mine, err)
		require.Zero(t, n)

		gone, leave := context.WithCancel(t.Context())
		leave()
		blocked := make(chan struct{})
		go func() { _ = l.Do(ctx, func(*control.Plane, time.Time) error { <-blocked; return nil }) }()
		synctest.Wait()
		require.ErrorIs(t, l.Do(gone, cluster("late")), context.Canceled)
		close(blocked)
		synctest.Wait()
		require.NoError(t, l.Do(ctx, func(p *control.Plane, _ time.Time) error {
			page, err := p.ListClusters(api.ListClustersInput{})
			require.Len(t, page.Arns, 2, "nobody waited, and it was done")
			return err
		}))

		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		err = l.Do(t.Context(), cluster("never"))
		require.ErrorIs(t, err, driver.ErrClosed)
		require.ErrorIs(t, err, context.Canceled, "the reason")
		l.Notify(message.AlarmState{AlarmName: "a", State: "ALARM"})
		require.Zero(t, l.Queued())
	})
}

// Calls from many goroutines are made one at a time, each with a durable record.
func TestDoConcurrently(t *testing.T) {
	var journal memory
	l, cancel, ended := started(t, driver.Runtime{Journal: &journal})
	var group sync.WaitGroup
	inside := 0
	for i := range 8 {
		group.Go(func() {
			for j := range 25 {
				l.Notify(message.AlarmState{AlarmName: "a", State: "OK"})
				_ = l.Queued()
				if err := l.Do(t.Context(), func(p *control.Plane, now time.Time) error {
					inside++ // the race detector watches
					return cluster(fmt.Sprintf("c%d-%d", i, j))(p, now)
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	cancel()
	<-ended
	require.Equal(t, 200, inside)
	created := 0
	for i, r := range journal.records {
		require.Equal(t, uint64(i+1), r.Sequence)
		if r.Op == "CreateCluster" {
			created++
		}
	}
	require.Equal(t, 200, created)
}

func TestJournalFails(t *testing.T) {
	for name, journal := range map[string]driver.Journal{
		"error": journalFunc(func(context.Context, []control.Record) error { return errCrash }),
		"panic": journalFunc(func(context.Context, []control.Record) error { panic(errCrash) }),
	} {
		synctest.Test(t, func(t *testing.T) {
			l, cancel, ended := started(t, driver.Runtime{Journal: journal})
			defer cancel()
			own := errors.New("own")
			refused := make(chan error, 1)
			go func() {
				refused <- l.Do(t.Context(), func(*control.Plane, time.Time) error {
					time.Sleep(time.Second)
					return own
				})
			}()
			synctest.Wait() // the next two come as one batch
			second := make(chan error, 1)
			go func() { second <- l.Do(t.Context(), func(*control.Plane, time.Time) error { return own }) }()
			synctest.Wait()
			err := l.Do(t.Context(), cluster("lost"))
			require.ErrorIs(t, err, driver.ErrClosed, name)
			require.ErrorContains(t, err, "driver: journal: ", name)
			require.ErrorContains(t, err, "crash", name)
			require.Equal(t, own, <-refused)
			require.Equal(t, own, <-second, "a refusal needs no record")
			require.ErrorContains(t, <-ended, "crash", name)
		})
	}
}

func TestShutdownDoesNotHang(t *testing.T) {
	// Seen to fail: run waiting for the dispatcher without limit; keep waiting for done only.
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		defer func() { close(free); time.Sleep(time.Minute) }()
		w := newWorld(t)
		w.fault = func(context.Context, message.Key) error { <-free; return nil }
		l, cancel, ended := started(t, w.runtime())
		for _, chapter := range story()[:4] {
			require.NoError(t, l.Do(t.Context(), chapter))
		}
		synctest.Wait()
		begin := time.Now()
		cancel()
		err := <-ended
		require.ErrorIs(t, err, context.Canceled)
		require.EqualError(t, err, "context canceled (3 commands have not returned)")
		require.Equal(t, time.Minute, time.Since(begin))
	})
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		defer func() { close(free); time.Sleep(time.Minute) }()
		l, cancel, ended := started(t, driver.Runtime{Timeout: time.Second,
			Journal: journalFunc(func(context.Context, []control.Record) error { <-free; return nil })})
		asked := make(chan error, 1)
		go func() { asked <- l.Do(t.Context(), cluster("a")) }()
		synctest.Wait()
		begin := time.Now()
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.ErrorIs(t, <-asked, driver.ErrClosed)
		require.Equal(t, time.Second, time.Since(begin))
	})
	synctest.Test(t, func(t *testing.T) { // what is merely slow is waited for
		var kept int
		l, cancel, ended := started(t,
			driver.Runtime{Journal: journalFunc(func(ctx context.Context, records []control.Record) error {
				time.Sleep(10 * time.Second)
				kept += len(records)
				return ctx.Err()
			})})
		asked := make(chan error, 1)
		go func() { asked <- l.Do(t.Context(), cluster("a")) }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.NoError(t, <-asked)
		require.Equal(t, 1, kept)
	})
}

// ticking is a clock on which every look costs a second.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

func (c *ticking) Wait(ctx context.Context, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestDeadlinesUnderLoad(t *testing.T) {
	// Seen to fail: next giving the plane the time only when nothing came in.
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var failures atomic.Int32
		w.fault = func(context.Context, message.Key) error { failures.Add(1); return errors.New("no") }
		rt := w.runtime()
		rt.Clock = &ticking{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		ctx, cancel := context.WithCancel(t.Context())
		l := driver.New(control.New(control.Config{Seed: 1}), rt)
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx) }()
		rounds := 0
		var again func(*control.Plane, time.Time) error
		again = func(*control.Plane, time.Time) error { // from now on the inbox is never empty
			if rounds++; rounds < 50_000 && failures.Load() < 3 {
				go func() { _ = l.Do(ctx, again) }()
				for l.Queued() == 0 {
					runtime.Gosched()
				}
			}
			return nil
		}
		require.NoError(t, l.Do(ctx, story()[0]))
		require.NoError(t, l.Do(ctx, story()[2]))
		require.NoError(t, l.Do(ctx, func(p *control.Plane, now time.Time) error {
			_, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "web"})
			return errors.Join(err, again(p, now))
		}))
		synctest.Wait()
		require.Less(t, rounds, 50_000, "the retries came in between")
		cancel()
		<-ended
	})
}

func TestRetriesAreThePlanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var when []time.Duration
		begin := time.Now()
		w.fault = func(_ context.Context, key message.Key) error {
			if when = append(when, time.Since(begin)); len(when) < 5 {
				return errors.New("not now")
			}
			return nil
		}
		var out bytes.Buffer
		rt := w.runtime()
		rt.Logger = slog.New(slog.NewTextHandler(&out, nil))
		l, cancel, ended := started(t, rt)
		w.connect(l.Notify)
		require.NoError(t, l.Do(t.Context(), story()[0]))
		require.NoError(t, l.Do(t.Context(), story()[2]))
		require.NoError(t, l.Do(t.Context(), func(p *control.Plane, now time.Time) error {
			_, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "web"})
			return err
		}))
		time.Sleep(time.Minute)
		cancel()
		<-ended
		require.Len(t, when, 5)
		for i := 1; i < 5; i++ {
			wait, most := when[i]-when[i-1], time.Second<<(i-1)
			require.True(t, wait >= most/2 && wait <= most, "wait %d was %s", i, wait)
		}
		require.Equal(t, map[string]int{"web": 1}, w.running())
		require.Equal(t, 4, strings.Count(out.String(), "error=\"not now\""))
	})
}

// snapshotting is a journal that wants a snapshot after each record.
type snapshotting struct {
	memory
	states []control.State
	fail   bool
}

func (s *snapshotting) SnapshotDue() bool { return true }

func (s *snapshotting) Snapshot(_ context.Context, taken control.Snapshot) error {
	p, err := control.RestoreSnapshot(taken, control.Config{})
	if err != nil {
		return err
	}
	s.states = append(s.states, p.State())
	if s.fail {
		panic("disk full")
	}
	return nil
}

func TestSnapshots(t *testing.T) {
	for _, fail := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w, kept := newWorld(t), &snapshotting{fail: fail}
			_, err := run(t, w, control.New(control.Config{Seed: 1}), kept, 0)
			require.ErrorIs(t, err, context.Canceled)
			for _, s := range kept.states { // each is the state at its record: the rest leads to the end
				p, err := control.Replay(s, control.Config{}, kept.each)
				require.NoError(t, err)
				require.Equal(t, kept.replayed(t).State(), p.State())
			}
			require.Greater(t, len(kept.states), 5)
		})
	}
}
