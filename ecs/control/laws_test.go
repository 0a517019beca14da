package control_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/loadbalance"
)

// TestLaws holds the plane to its named laws, in random worlds.
func TestLaws(t *testing.T) {
	t.Run("C1_books_agree", law(lawBooksAgree))
	t.Run("C2_same_inputs_same_bytes", lawSameBytes)
	t.Run("C3_crash_anywhere", lawCrashAnywhere)
	t.Run("C3_restore_continues", law(lawRestoreContinues))
	t.Run("C4_one_command_a_key", law(lawOneCommand))
	t.Run("C5_repeats_are_harmless", law(lawRepeats))
	t.Run("C6_every_command_has_a_cause", law(lawCause))
	t.Run("C7_reports_heal", law(lawReportsHeal))
	t.Run("C8_wake_is_never_late", law(lawWake))
}

func law(f func(*rapid.T)) func(*testing.T) {
	return func(t *testing.T) { rapid.Check(t, f) }
}

func drawStorm(t *rapid.T) *storm {
	faults := sim.Faults{}
	if rapid.Bool().Draw(t, "faults") {
		faults = stormFaults()
	}
	return newStorm(rapid.Uint64Range(1, 1<<40).Draw(t, "seed"), faults)
}

// stormy calls f after each of n steps of a random world.
func stormy(t *rapid.T, n int, f func(s *storm, p *control.Plane)) *storm {
	s := drawStorm(t)
	for range rapid.IntRange(1, n).Draw(t, "steps") {
		s.step()
		f(s, s.world.Plane())
	}
	return s
}

func stateOf(p *control.Plane) string { return string(p.State().Document) }

// C1: by the API alone, what remains of each instance is what its tasks leave, and no host
// port has two tasks.
//
// Seen to fail: books.release without ReleaseStopped; seat without TakePorts.
func lawBooksAgree(t *rapid.T) {
	stormy(t, 200, func(s *storm, p *control.Plane) {
		require.NoError(t, p.Check())
		in := api.DescribeContainerInstancesInput{Cluster: s.cluster}
		for _, id := range s.instances {
			in.ContainerInstances = append(in.ContainerInstances, string(id))
		}
		free, ports := map[string]ecs.Resources{}, map[string]map[int]string{}
		list := must(p.DescribeContainerInstances(in)).ContainerInstances
		for _, ci := range list {
			free[ci.ContainerInstanceArn] = ci.Registered()
			ports[ci.ContainerInstanceArn] = map[int]string{}
		}
		for task := range tasksOf(p, s.cluster) {
			if _, there := free[task.ContainerInstanceArn]; !there || over(task) {
				continue
			}
			d := must(
				p.DescribeTaskDefinition(api.DescribeTaskDefinitionInput{TaskDefinition: task.TaskDefinitionArn}),
			).TaskDefinition
			free[task.ContainerInstanceArn] = free[task.ContainerInstanceArn].Minus(d.Requirements())
			for _, c := range task.Containers {
				for _, b := range c.NetworkBindings {
					taken := ports[task.ContainerInstanceArn]
					require.Empty(t, taken[b.HostPort], "port %d of %s", b.HostPort, task.TaskArn)
					taken[b.HostPort] = task.TaskArn
				}
			}
		}
		for _, ci := range list {
			if ci.Status == ecs.ContainerInstanceStatusInactive {
				continue
			}
			for _, r := range ci.RemainingResources {
				switch r.Name {
				case ecs.ResourceCPU:
					require.Equal(t, free[ci.ContainerInstanceArn].CPU, int64(r.IntegerValue))
				case ecs.ResourceMemory:
					require.Equal(t, free[ci.ContainerInstanceArn].Memory, int64(r.IntegerValue))
					require.GreaterOrEqual(t, r.IntegerValue, 0)
				}
			}
		}
	})
}

// over reports whether a task is to stop and none of its containers runs: it has given back
// what it held.
func over(task ecs.Task) bool {
	return task.DesiredStatus == ecs.DesiredStatusStopped &&
		(task.LastStatus == "STOPPED" || task.LastStatus == "DELETED" ||
			!slices.ContainsFunc(task.Containers, func(c ecs.Container) bool { return c.LastStatus != "STOPPED" }))
}

// tasksOf yields all tasks of a cluster that the API describes, page by page.
func tasksOf(p *control.Plane, cluster string) func(func(ecs.Task) bool) {
	return func(yield func(ecs.Task) bool) {
		for _, desired := range []ecs.DesiredStatus{ecs.DesiredStatusRunning, ecs.DesiredStatusStopped} {
			in := api.ListTasksInput{Cluster: cluster, DesiredStatus: desired}
			for {
				page := must(p.ListTasks(in))
				if len(page.Arns) > 0 {
					for _, task := range must(p.DescribeTasks(api.DescribeTasksInput{Cluster: cluster,
						Tasks: page.Arns})).Tasks {
						if !yield(task) {
							return
						}
					}
				}
				if in.NextToken = page.NextToken; in.NextToken == "" {
					break
				}
			}
		}
	}
}

const (
	childSeed  = "BAYPLAN_CONTROL_SEED"
	childWorld = 300
)

// history is a digest of all that a world did.
func history(seed uint64) string {
	s := newStorm(seed, stormFaults())
	sum := sha256.New()
	for range childWorld {
		s.step()
	}
	for c := range s.world.Changes() {
		_ = json.NewEncoder(sum).Encode(c)
	}
	n, commands := s.world.Digest()
	return fmt.Sprintf("%d %s %x %x", n, commands, sum.Sum(nil), sha256.Sum256([]byte(stateOf(s.world.Plane()))))
}

// C2: commands, changes and state are the same in one process twice, on one processor and on
// two, and in another process.
//
// Seen to fail: outstanding.list that does not sort.
func lawSameBytes(t *testing.T) {
	if seed, ok := os.LookupEnv(childSeed); ok {
		n, err := strconv.ParseUint(seed, 10, 64)
		require.NoError(t, err)
		fmt.Printf("history %s\n", history(n))
		return
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for seed := range uint64(12) {
		runtime.GOMAXPROCS(1)
		want := history(seed)
		runtime.GOMAXPROCS(2)
		require.Equal(t, want, history(seed), "seed %d", seed)
		if seed%4 > 0 {
			continue
		}
		child := exec.Command(os.Args[0], "-test.run=^TestLaws$/^C2_same_inputs_same_bytes$", "-test.v")
		child.Env = append(os.Environ(), childSeed+"="+strconv.FormatUint(seed, 10))
		out, err := child.Output()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "history "+want+"\n", "seed %d in another process", seed)
	}
}

// played is a calm world with deeds at fixed times, that can crash once.
type played struct {
	*storm
	steps, crashAt int
	unsent         bool // the crash comes before the step's commands are sent
}

func (p *played) advance(t require.TestingT, to time.Time) {
	for {
		next, ok := p.world.Next()
		if !ok || next.After(to) {
			p.world.Advance(to.Sub(p.world.Now()))
			return
		}
		p.steps++
		if p.steps == p.crashAt && p.unsent {
			_, err := p.world.StepAndCrash()
			require.NoError(t, err)
			continue
		}
		p.world.Step()
		if p.steps == p.crashAt {
			require.NoError(t, p.world.Crash())
		}
	}
}

// play runs a world of n deeds to its end and returns its state.
func play(t require.TestingT, seed uint64, deeds, crashAt int, unsent bool) (state string, steps int) {
	p := &played{storm: newStorm(seed, sim.Faults{}), crashAt: crashAt, unsent: unsent}
	for range deeds {
		p.advance(t, p.world.Now().Add(time.Duration(1+p.random.IntN(20))*time.Second))
		p.act()
	}
	p.advance(t, p.world.Now().Add(10*time.Minute))
	require.NoError(t, p.world.Plane().Check())
	return stateOf(p.world.Plane()), p.steps
}

// C3: crash after every single step, before and after its commands were sent: the same end.
//
// Seen to fail: Outstanding that yields nothing, with -crash.points 500.
func lawCrashAnywhere(t *testing.T) {
	crashes := 0
	for seed := range uint64(*crashWorlds) {
		want, steps := play(t, seed, 4, 0, false)
		stride := max(1, steps / *crashPoints)
		for at := 1; at <= steps; at += stride {
			for _, unsent := range []bool{false, true} {
				got, _ := play(t, seed, 4, at, unsent)
				crashes++
				if want != got {
					t.Fatalf("seed %d, crash at step %d of %d, unsent %v: %s", seed, at, steps, unsent,
						difference(want, got))
				}
			}
		}
	}
	t.Logf("%d crashes", crashes)
}

// difference shows where two states part.
func difference(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return fmt.Sprintf("\n- …%s\n+ …%s", a[max(0, n-300):min(len(a), n+200)], b[max(0, n-300):min(len(b), n+200)])
}

// C3: a plane that is taken to pieces and restored after every input goes on as one that is not.
//
// Seen to fail: restoreCluster without Unplaced.
func lawRestoreContinues(t *rapid.T) {
	s := stormy(t, 120, func(*storm, *control.Plane) {})
	config := s.world.Plane().Config()
	whole := control.New(config)
	pieces := control.New(config)
	every := rapid.IntRange(1, 7).Draw(t, "every")
	n := 0
	for r := range s.world.Records() {
		if n++; n%every == 0 {
			var err error
			pieces, err = control.Restore(pieces.State(), config)
			require.NoError(t, err)
		}
		require.NoError(t, whole.Apply(r))
		require.NoError(t, pieces.Apply(r))
		a, b := whole.Ready(), pieces.Ready()
		if x, y := ready(a), ready(b); x != y {
			t.Fatalf("record %d %s: %s", r.Sequence, r.Op, difference(x, y))
		}
		whole.Advance(a)
		pieces.Advance(b)
	}
	if x, y := stateOf(whole), stateOf(pieces); x != y {
		t.Fatalf("state: %s", difference(x, y))
	}
}

func ready(r control.Ready) string { return string(must(json.Marshal(r))) }

// C4: a key never names two commands, and of one operation on one target one is outstanding.
//
// Seen to fail: issue without abandon.
func lawOneCommand(t *rapid.T) {
	meaning := map[message.Key]string{}
	stormy(t, 200, func(_ *storm, p *control.Plane) {
		seen := map[string]bool{}
		for c := range p.Outstanding() {
			k := c.Key()
			require.False(t, seen[k.Op+" "+k.Target], "%s twice", k)
			seen[k.Op+" "+k.Target] = true
			text := string(must(json.Marshal(c)))
			if old, ok := meaning[k]; ok && old != text {
				t.Fatalf("%s meant %s and means %s", k, old, text)
			}
			meaning[k] = text
		}
	})
}

// C5: an event that comes again, at once or late, changes nothing: no state, no time, no record.
//
// Seen to fail: newer without its look at the sequence.
func lawRepeats(t *rapid.T) {
	s := stormy(t, 150, func(*storm, *control.Plane) {})
	p := control.New(s.world.Plane().Config())
	var events []control.Record
	for r := range s.world.Records() {
		require.NoError(t, p.Apply(r))
		p.Advance(p.Ready())
		if r.Op != "Observe" {
			continue
		}
		events = append(events, r)
		before := stateOf(p)
		require.NoError(t, p.Apply(r))
		if after := stateOf(p); after != before {
			t.Fatalf("%s again: %s", r.Input, difference(before, after))
		}
		require.Empty(t, p.Ready().Records)
		if strings.HasPrefix(string(r.Input), `{"type":"CommandDone"`) {
			late := events[rapid.IntRange(0, len(events)-1).Draw(t, "late")]
			if strings.HasPrefix(string(late.Input), `{"type":"CommandDone"`) &&
				!strings.Contains(string(late.Input), `"error"`) {
				late.At = r.At
				require.NoError(t, p.Apply(late))
				require.Equal(t, before, stateOf(p), "%s late", late.Input)
			}
		}
	}
}

// carries holds a command's target group to its name, with every default filled in.
func carries(t require.TestingT, name string, g loadbalance.TargetGroup) {
	require.Equal(t, name, g.Name())
	require.Equal(t, g.Normalize(), g)
}

// C6: by the API alone, each outstanding command is about a task that wants it, and carries its target
// groups.
//
// Seen to fail: weights without their groups; sendStop without closeCommand; moved without closeCommand.
func lawCause(t *rapid.T) {
	stormy(t, 200, func(s *storm, p *control.Plane) {
		tasks := map[ecs.TaskID]ecs.Task{}
		for task := range tasksOf(p, s.cluster) {
			tasks[task.ID()] = task
		}
		for c := range p.Outstanding() {
			switch c := c.(type) {
			case message.StartTask:
				require.Equal(t, ecs.DesiredStatusRunning, tasks[c.Task].DesiredStatus, "%s", c.ID)
				require.Contains(t, []ecs.TaskStatus{ecs.TaskStatusPending, ecs.TaskStatusProvisioning},
					tasks[c.Task].LastStatus, "%s", c.ID)
			case message.StopTask:
				if strings.Contains(c.ID.Target, "/") {
					continue // of a task where it should not be
				}
				require.Equal(t, ecs.DesiredStatusStopped, tasks[c.Task].DesiredStatus, "%s", c.ID)
				require.NotEqual(t, ecs.TaskStatusStopped, tasks[c.Task].LastStatus, "%s", c.ID)
			case message.AttachNetworkInterface:
				require.Equal(t, ecs.TaskStatusProvisioning, tasks[c.Task].LastStatus, "%s", c.ID)
			case message.RegisterTarget:
				require.Contains(t, []ecs.TaskStatus{ecs.TaskStatusActivating, ecs.TaskStatusRunning},
					tasks[c.Task].LastStatus, "%s", c.ID)
				carries(t, c.TargetGroupArn, c.TargetGroup)
			case message.ModifyTraffic:
				require.Len(t, c.TargetGroups, len(c.Weights), "%s", c.ID)
				for i, w := range c.Weights {
					carries(t, w.TargetGroupArn, c.TargetGroups[i])
				}
			case message.DeregisterTarget:
				carries(t, c.TargetGroupArn, c.TargetGroup)
				require.Equal(t, ecs.DesiredStatusStopped, tasks[c.Task].DesiredStatus, "%s", c.ID)
			case message.InvokeLifecycleHook:
				out := must(p.DescribeServices(api.DescribeServicesInput{Cluster: c.Cluster,
					Services: []string{c.Service}}))
				require.NotEqual(t, ecs.ServiceStatusInactive, out.Services[0].Status, "%s", c.ID)
			}
		}
	})
}

// C7: however many messages are lost, and whatever an agent has forgotten, when no more are the
// plane knows which tasks run.
//
// Seen to fail: InstanceReport without unlisted; unlisted that doubts for ever.
func lawReportsHeal(t *rapid.T) {
	s := newStorm(rapid.Uint64Range(1, 1<<40).Draw(t, "seed"),
		sim.Faults{Loss: rapid.Float64Range(0.2, 0.9).Draw(t, "loss")})
	for range rapid.IntRange(20, 150).Draw(t, "steps") {
		s.step()
	}
	s.world.Reboot(s.cluster, s.instance(), rapid.Bool().Draw(t, "silent"))
	s.calm()
	_, err := s.settle()
	require.NoError(t, err)
	s.world.Advance(10 * time.Minute)
	for range 60 { // a service that is balanced anew over the zones may still stop one
		if !s.stopping() {
			break
		}
		s.world.Advance(time.Minute)
	}
	for task := range tasksOf(s.world.Plane(), s.cluster) {
		if task.DesiredStatus == ecs.DesiredStatusRunning {
			require.Equal(t, task.LastStatus == "RUNNING", s.world.Running(task.ID()), "task %s is %s", task.ID(),
				task.LastStatus)
		} else {
			require.Equal(t, ecs.TaskStatus("STOPPED"), task.LastStatus, "task %s", task.ID())
			ci := must(
				s.world.Plane().DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: s.cluster,
					ContainerInstances: []string{cmp.Or(task.ContainerInstanceArn, "fargate")}}))
			if task.ContainerInstanceArn != "" && len(ci.ContainerInstances) == 0 || len(ci.ContainerInstances) == 1 &&
				ci.ContainerInstances[0].Status == ecs.ContainerInstanceStatusInactive {
				continue // what ran on an instance that was deregistered by force goes on, and is nobody's
			}
			require.False(t, s.world.Running(task.ID()), "task %s runs still", task.ID())
		}
	}
}

// stopping reports whether a task is on its way to STOPPED.
func (s *storm) stopping() bool {
	for task := range tasksOf(s.world.Plane(), s.cluster) {
		if task.DesiredStatus == ecs.DesiredStatusStopped && task.LastStatus != "STOPPED" {
			return true
		}
	}
	return false
}

// C8: until WakeAt nothing would happen, whatever machine one asks.
//
// Seen to fail: reconcile without s.Wake.
func lawWake(t *rapid.T) {
	stormy(t, 200, func(_ *storm, p *control.Plane) {
		wake := p.Ready().WakeAt
		if wake.IsZero() {
			wake = p.Now().Add(1000 * time.Hour)
		}
		if !wake.After(p.Now()) {
			return
		}
		require.NoError(t, p.Idle(wake.Add(-time.Nanosecond)), "WakeAt %s", wake)
	})
}
