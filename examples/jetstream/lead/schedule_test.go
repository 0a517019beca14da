package lead_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/jetstream/check"
	"github.com/bayplan/bayplan/examples/jetstream/remote"
)

var schedules = flag.Int("schedules", 20, "how many schedules TestSchedules runs")

// TestSchedules draws what is killed, paused and cut off, and when, while messages are lost, late and repeated.
// TestSchedulesAreSeenToFail has the faults that it was seen to find.
func TestSchedules(t *testing.T) {
	for seed := range uint64(*schedules) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { require.Empty(t, play(t, seed, plants{})) })
		})
	}
}

// TestSchedulesAreSeenToFail plants each fault, and wants its clause.
func TestSchedulesAreSeenToFail(t *testing.T) {
	for want, p := range map[string]plants{
		"no fence": {unfenced: true}, "no claim": {unclaimed: true}, "no epoch": {forgetful: true},
	} {
		t.Run(want, func(t *testing.T) {
			found := false
			for seed := uint64(0); seed < 60 && !found; seed++ {
				synctest.Test(t, func(t *testing.T) {
					faults := play(t, seed, p)
					if want == "no epoch" {
						found = strings.Contains(strings.Join(faults, "\n"), "twice: ")
					} else {
						found = len(faults) > 0
					}
				})
			}
			require.True(t, found)
		})
	}
}

// play plays a schedule, and returns what must not have happened.
func play(t *testing.T, seed uint64, p plants) []string {
	w := newWorld(t, seed, p)
	defer w.end()
	ctx, cancel := context.WithTimeout(w.ctx, time.Hour)
	defer cancel()
	var h check.History
	if err := w.prepare(ctx, &h); err != nil {
		return []string{"prepare: " + err.Error()}
	}
	w.setFaulty(true)
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.disturb()
	}()
	for n := range 6 {
		w.change(ctx, &h, n)
	}
	<-done
	w.setFaulty(false)
	return w.settle(ctx, h)
}

// end ends all that runs.
func (w *world) end() {
	w.setFaulty(false)
	for _, m := range slices.Concat(w.members, w.agents) {
		m.cancel()
	}
	w.cancel()
	w.all.Wait()
	time.Sleep(time.Minute) // for what is late
}

func (w *world) setFaulty(faulty bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faulty = faulty
}

func (w *world) int(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rng.IntN(n)
}

// prepare registers three instances, begins their agents, and creates three services.
func (w *world) prepare(ctx context.Context, h *check.History) error {
	web := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web",
		Memory: 64}}}
	for i := range 3 {
		capacity := func(name string) ecs.Resource {
			return ecs.Resource{Name: name, Type: "INTEGER", IntegerValue: 8192}
		}
		id, err := remote.Register(ctx, w.bus, "test", api.RegisterContainerInstanceInput{
			Attributes:               web.AttributesRequired(),
			InstanceIdentityDocument: fmt.Sprintf(`{"instanceId":"i-%017x"}`, i+1),
			TotalResources:           []ecs.Resource{capacity(ecs.ResourceCPU), capacity(ecs.ResourceMemory)}})
		if err != nil {
			return err
		}
		w.enroll(id)
	}
	if err := w.call(ctx, "RegisterTaskDefinition", web, &object{}); err != nil {
		return err
	}
	for i := range 3 {
		s := check.Service{Name: fmt.Sprintf("s%d", i), Desired: []int{2}}
		if err := w.call(ctx, "CreateService", api.CreateServiceInput{ServiceName: s.Name, TaskDefinition: "web",
			DesiredCount: ecs.Some(2)}, &object{}); err != nil {
			return err
		}
		s.Created = true
		h.Services = append(h.Services, s)
	}
	return nil
}

// change has a client change a service, or run a task.
func (w *world) change(ctx context.Context, h *check.History, n int) {
	time.Sleep(time.Duration(w.int(15_000)) * time.Millisecond)
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	if w.int(3) == 0 {
		var out api.RunTaskOutput
		if w.call(ctx, "RunTask", api.RunTaskInput{TaskDefinition: "web", ClientToken: fmt.Sprintf("token%d", n)},
			&out) == nil {
			for _, task := range out.Tasks {
				h.Tasks = append(h.Tasks, task.TaskArn)
			}
		}
		return
	}
	s := &h.Services[w.int(len(h.Services))]
	desired := w.int(5)
	err := w.call(ctx, "UpdateService", api.UpdateServiceInput{Service: s.Name, DesiredCount: ecs.Some(desired)},
		&object{})
	if err == nil {
		s.Desired = nil
	}
	s.Desired = append(s.Desired, desired)
}

// disturb does one bad thing after the other, and undoes each.
func (w *world) disturb() {
	for range 6 {
		time.Sleep(time.Duration(w.int(10_000)) * time.Millisecond)
		m := w.victim()
		lasts := time.Duration(1+w.int(25_000)) * time.Millisecond
		switch l := m.link; w.int(8) {
		case 0, 1:
			w.kill(m)
			time.Sleep(lasts)
			w.start(m)
		case 2, 3:
			l.set(func() { l.resumes = make(chan struct{}) })
			time.Sleep(lasts)
			l.set(func() {
				close(l.resumes)
				l.resumes = nil
			})
		case 4, 5:
			l.set(func() { l.cut = true })
			time.Sleep(lasts)
			l.set(func() { l.cut = false })
		case 6:
			w.setDown(true)
			time.Sleep(lasts)
			w.setDown(false)
		case 7:
			w.resign(lasts)
		}
	}
}

// victim draws a machine: that of the leader, of a member, or of an agent.
func (w *world) victim() *machine {
	if w.int(4) == 0 {
		return w.agents[w.int(len(w.agents))]
	}
	if leader := w.leader(); leader != nil && w.int(2) == 0 {
		return leader
	}
	return w.members[w.int(len(w.members))]
}

// leader returns the machine of the member that leads, nil if none does.
func (w *world) leader() *machine {
	for _, m := range w.members {
		if m.member.Leads() {
			return m
		}
	}
	return nil
}

// resign has the leader hand over to some member.
func (w *world) resign(limit time.Duration) {
	leader := w.leader()
	if leader == nil {
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, limit)
	defer cancel()
	_ = leader.member.Resign(ctx, w.members[w.int(len(w.members))].name) // it may be fenced before
}

func (w *world) setDown(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

func (l *link) set(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// settle waits until the services are steady, half an hour at most, and checks the history.
func (w *world) settle(ctx context.Context, h check.History) []string {
	for range 360 {
		if w.witness.Err() != nil {
			break // with a planted fault
		}
		time.Sleep(5 * time.Second)
		var out api.DescribeServicesOutput
		steady := w.call(ctx, "DescribeServices", api.DescribeServicesInput{Services: []string{"s0", "s1", "s2"}},
			&out) == nil && len(out.Services) == 3
		for _, s := range out.Services {
			steady = steady && check.Steady(s)
		}
		if steady {
			break
		}
	}
	w.witness.Compare()
	time.Sleep(3 * time.Second) // followers read what is left
	h.Planes = w.planes()
	w.mu.Lock()
	h.Starts = w.starts
	w.mu.Unlock()
	j, err := w.witness.Journal(ctx, w.stream)
	if err != nil {
		return []string{"unreadable: " + err.Error()}
	}
	faults := h.Faults(j)
	term := uint64(0)
	for _, m := range w.members {
		now, _ := m.member.Leader()
		term = max(term, now)
	}
	w.t.Logf("seed %d: %d terms, %d starts", w.seed, term, len(h.Starts))
	if len(h.Planes) != len(w.members) {
		faults = append(faults, fmt.Sprintf("missing: %d of %d members answer", len(h.Planes), len(w.members)))
	}
	return faults
}

// TestReads has a follower answer, and refuse when it hears nothing any more. Seen to fail: without the comparison of
// the silence.
func TestReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, plants{})
		defer w.end()
		require.NoError(t, w.call(w.ctx, "CreateCluster", api.CreateClusterInput{ClusterName: "c"}, &object{}))
		time.Sleep(2 * time.Second)
		require.Len(t, w.planes(), 3)
		for _, m := range w.members {
			m.link.set(func() { m.link.cut = true })
		}
		time.Sleep(3 * time.Second)
		require.Empty(t, w.planes())
	})
}

// TestClock kills a leader, and has the next one resign, while the clock of a member is off. Seen to fail: without the
// comparison of the clocks.
func TestClock(t *testing.T) {
	for _, off := range []time.Duration{11 * time.Second, -11 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 1, plants{})
			defer w.end()
			require.NoError(t, w.call(w.ctx, "CreateCluster", api.CreateClusterInput{ClusterName: "c"}, &object{}))
			killed := w.leader()
			var wrong *machine
			for _, m := range w.members {
				if m != killed {
					wrong = m
				}
			}
			w.kill(wrong)
			wrong.off = off
			w.start(wrong)
			time.Sleep(5 * time.Second)
			w.kill(killed)
			time.Sleep(10 * time.Second)
			leader := w.leader()
			require.NotNil(t, leader, "the third member leads")
			require.NotSame(t, wrong, leader)
			require.NoError(t, leader.member.Resign(w.ctx, wrong.name))
			time.Sleep(20 * time.Second)
			require.Same(t, leader, w.leader(), "it claims again when nobody else does")
			w.kill(wrong)
			wrong.off = 0
			w.start(wrong)
			time.Sleep(5 * time.Second)
			require.NoError(t, leader.member.Resign(w.ctx, wrong.name))
			time.Sleep(5 * time.Second)
			require.Same(t, wrong, w.leader(), "its clock was set")
		})
	}
}

// object is an answer that nobody looks at.
type object map[string]any

// TestUpgrade raises the rules of all members, one after the other, while a client changes services. The code is the
// same: the rules have another name. Seen to fail: without the Handover.
func TestUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 3, plants{})
		defer w.end()
		var h check.History
		require.NoError(t, w.prepare(w.ctx, &h))
		done := make(chan struct{})
		go func() {
			defer close(done)
			for n := range 8 {
				w.change(w.ctx, &h, n)
			}
		}()
		leader := w.leader()
		require.NotNil(t, leader)
		first := w.members[0]
		if first == leader {
			first = w.members[1]
		}
		w.raise(first)
		time.Sleep(5 * time.Second)
		require.NoError(t, leader.member.Resign(w.ctx, first.name))
		time.Sleep(2 * time.Second)
		require.True(t, first.member.Leads())
		for _, m := range w.members {
			if m != first {
				w.raise(m)
				time.Sleep(10 * time.Second)
			}
		}
		<-done
		require.Empty(t, w.settle(w.ctx, h))
		require.True(t, first.member.Leads())
	})
}

// raise starts a member again, with newer rules.
func (w *world) raise(m *machine) {
	w.kill(m)
	time.Sleep(time.Second)
	m.rules = "9999-12"
	w.start(m)
}
