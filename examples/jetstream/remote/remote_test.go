package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/lead"
)

// fake is an agent that does what its functions say, and counts what it is told.
type fake struct {
	start func(context.Context) error

	mu   sync.Mutex
	told []string
}

func (f *fake) note(what string, id message.Key) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, fmt.Sprint(what, " ", id.Target))
}

func (f *fake) StartTask(ctx context.Context, c message.StartTask) error {
	f.note("start", c.ID)
	if f.start != nil {
		return f.start(ctx)
	}
	return nil
}

func (f *fake) StopTask(_ context.Context, c message.StopTask) error {
	f.note("stop", c.ID)
	return nil
}

func (f *fake) Report() message.InstanceReport { return message.InstanceReport{Instance: "i"} }

func (f *fake) heard() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.told
}

// arrive is what becomes of each message of a client.
type arrive struct {
	mu    sync.Mutex
	times int
}

func (a *arrive) often() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.times
}

func (a *arrive) set(times int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times = times
}

// served begins a link of an agent, whose messages arrive as a says, until the test ends.
func served(t *testing.T, b *bus.Memory, a *arrive, f *fake) *Link {
	l := NewLink(Config{Bus: b.Client(a.often), Prefix: "p", Cluster: "default", Instance: "i"})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(ctx, f) }()
	t.Cleanup(func() {
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		time.Sleep(time.Minute) // for what is under way
	})
	synctest.Wait()
	return l
}

func start(target string) message.StartTask {
	return message.StartTask{ID: message.Key{Op: "StartTask", Target: target, Epoch: 1}, Instance: "i",
		Task: ecs.TaskID(target)}
}

// leads says that a member leads a term.
func leads(t *testing.T, b *bus.Memory, term uint64, member string) {
	data, err := json.Marshal(lead.Lease{Term: term, Member: member})
	require.NoError(t, err)
	require.NoError(t, b.Publish(lead.LeaseSubject("p"), data))
	synctest.Wait()
}

// TestCommands has an agent answer, refuse, keep silent, and be told twice. Seen to fail: a longer time limit of a
// command; a refusal that is not permanent any more; commands of every term.
func TestCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, a, f := bus.NewMemory(), &arrive{times: 1}, &fake{}
		sent := &arrive{times: 1}
		agents := Agents{Bus: b.Client(sent.often), Prefix: "p", Term: 2}
		require.ErrorIs(t, agents.StartTask(t.Context(), start("nobody")), bus.ErrNobody)
		served(t, b, a, f)

		require.NoError(t, agents.StartTask(t.Context(), start("a")))
		require.NoError(t, agents.StopTask(t.Context(), message.StopTask{
			ID: message.Key{Op: "StopTask", Target: "b", Epoch: 1}, Instance: "i", Task: "b"}))
		require.Equal(t, []string{"start a", "stop b"}, f.heard())

		f.start = func(context.Context) error { return errors.New("busy") }
		err := agents.StartTask(t.Context(), start("c"))
		require.EqualError(t, err, "busy")
		require.False(t, driver.IsPermanent(err))
		f.start = func(context.Context) error { return driver.Permanent(errors.New("no such image")) }
		err = agents.StartTask(t.Context(), start("d"))
		require.ErrorContains(t, err, "no such image")
		require.True(t, driver.IsPermanent(err))

		f.start = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		began := time.Now()
		err = agents.StartTask(t.Context(), start("silent"))
		require.Error(t, err)
		require.False(t, driver.IsPermanent(err), "the plane repeats it")
		require.Equal(t, patience, time.Since(began))

		f.start = nil
		a.set(0)
		began = time.Now()
		require.ErrorIs(t, agents.StartTask(t.Context(), start("lost")), context.DeadlineExceeded)
		require.Equal(t, patience, time.Since(began))
		require.NotContains(t, f.heard(), "start lost")

		a.set(1)
		sent.set(2) // the command comes twice, and so does its answer
		require.NoError(t, agents.StartTask(t.Context(), start("twice")))
		synctest.Wait()
		f.start = func(context.Context) error { return errors.New("busy") }
		require.EqualError(t, agents.StartTask(t.Context(), start("after")), "busy", "not the answer to the one before")
		synctest.Wait()
		told := f.heard()
		require.Equal(t, []string{"start twice", "start twice", "start after", "start after"}, told[len(told)-4:])
		sent.set(1)

		leads(t, b, 3, "next")
		f.start = nil
		require.ErrorContains(t, agents.StartTask(t.Context(), start("old")), "the command is of term 2 in term 3")
		require.Equal(t, told, f.heard(), "the agent is not told")
		agents.Term = 3
		require.NoError(t, agents.StartTask(t.Context(), start("new")))
	})
}

// ear is a leader that hears events. It answers if it may.
type ear struct {
	mu     sync.Mutex
	mute   bool
	heard  []string
	groups []int
}

func (e *ear) hear(data []byte) []byte {
	var list []message.SealedEvent
	if json.Unmarshal(data, &list) != nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.groups = append(e.groups, len(list))
	for _, ev := range list {
		switch ev := ev.Event.(type) {
		case message.InstanceReport:
			e.heard = append(e.heard, "report")
		case message.TaskStateChange:
			e.heard = append(e.heard, string(ev.Task))
		}
	}
	if e.mute {
		return nil
	}
	return []byte("durable")
}

// take returns what was heard since the last call.
func (e *ear) take() (heard []string, groups []int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	heard, groups, e.heard, e.groups = e.heard, e.groups, nil, nil
	return heard, groups
}

func (e *ear) setMute(mute bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.mute = mute
}

func change(n int) message.TaskStateChange {
	return message.TaskStateChange{Task: ecs.TaskID(fmt.Sprint("t", n)), Status: ecs.TaskStatusRunning}
}

// TestEvents has an agent tell leaders that hear, keep silent, and are followed. Seen to fail: events that are dropped
// when nobody answers; events before the report; a queue without an end; no report after a silence.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, a := bus.NewMemory(), &arrive{times: 1}
		first, second := &ear{}, &ear{}
		for name, e := range map[string]*ear{"first": first, "second": second} {
			cancel, err := b.Subscribe(eventSubject("p", name), e.hear)
			require.NoError(t, err)
			defer cancel()
		}
		l := served(t, b, a, &fake{})
		l.Notify(change(0))
		time.Sleep(time.Minute)
		heard, _ := first.take()
		require.Empty(t, heard, "nobody leads")
		leads(t, b, 1, "first")
		heard, _ = first.take()
		require.Equal(t, []string{"report", "t0"}, heard, "the report is first")

		first.setMute(true)
		l.Notify(change(1))
		synctest.Wait()
		l.Notify(change(2))
		time.Sleep(2*patience + 3*time.Second)
		heard, groups := first.take()
		require.Equal(t, []string{"t1", "t1", "t2", "t1", "t2"}, heard, "again after the time-out, in order")
		require.Equal(t, []int{1, 2, 2}, groups)
		leads(t, b, 2, "second")
		leads(t, b, 1, "first") // comes late
		time.Sleep(patience)
		heard, _ = second.take()
		require.Equal(t, []string{"report", "t1", "t2"}, heard, "the next leader hears what was not answered")

		a.set(2)
		l.Notify(change(3))
		time.Sleep(patience)
		a.set(1)
		heard, _ = second.take()
		require.Equal(t, []string{"t3", "t3"}, heard, "it came twice, and was answered twice")
		time.Sleep(2 * silence)
		heard, _ = second.take()
		require.Empty(t, heard, "the second answer is nobody's")
		leads(t, b, 2, "second")
		heard, _ = second.take()
		require.Equal(t, []string{"report"}, heard, "the same leader, after a silence")

		a.set(0)
		for n := range mostQueued + 100 {
			l.Notify(change(n))
		}
		time.Sleep(10 * patience)
		a.set(1)
		time.Sleep(2 * patience)
		heard, groups = second.take()
		require.Equal(t, mostQueued, len(heard))
		require.Equal(t, "t100", heard[0], "the oldest were dropped")
		require.Equal(t, fmt.Sprint("t", mostQueued+99), heard[mostQueued-1])
		for _, n := range groups {
			require.LessOrEqual(t, n, mostSent)
		}
	})
}
