package driver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// doing is an implementation of everything by one function.
type doing func(ctx context.Context, key message.Key) error

func (f doing) StartTask(ctx context.Context, c message.StartTask) error { return f(ctx, c.ID) }
func (f doing) StopTask(ctx context.Context, c message.StopTask) error   { return f(ctx, c.ID) }

// attaching answers with an address, hooking with an answer.
type attaching struct {
	address string
	err     error
}

func (a attaching) AttachNetworkInterface(context.Context, message.AttachNetworkInterface) (string, error) {
	return a.address, a.err
}

func (a attaching) DetachNetworkInterface(context.Context, message.DetachNetworkInterface) error {
	return a.err
}

// keeping answers with a volume.
type keeping string

func (k keeping) AttachVolume(context.Context, message.AttachVolume) (string, error) {
	return string(k), nil
}

func (k keeping) DetachVolume(context.Context, message.DetachVolume) error { return nil }

type hooking HookAnswer

func (h hooking) InvokeLifecycleHook(context.Context, message.InvokeLifecycleHook) (HookAnswer, error) {
	return HookAnswer(h), nil
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func stop(target string, epoch uint64) message.Command {
	return message.StopTask{ID: message.Key{Op: "StopTask", Target: target, Epoch: epoch}, Task: ecs.TaskID(target)}
}

func attach() message.Command {
	return message.AttachNetworkInterface{ID: message.Key{Op: "AttachNetworkInterface", Target: "t"}, Task: "t"}
}

// outcomes collects what a dispatcher tells.
type outcomes struct {
	mu  sync.Mutex
	all []message.CommandDone
}

func (o *outcomes) notify(ev message.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, ev.(message.CommandDone))
}

func (o *outcomes) strings() (all []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.all {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %d %s", d.Key.Target, d.Key.Epoch, d.Err)))
	}
	return all
}

type measuring []cloudwatch.Sample

func (m measuring) GetMetric(context.Context, message.GetMetric) ([]cloudwatch.Sample, error) {
	return m, nil
}

func TestCarryOut(t *testing.T) {
	agent := func(f func() error) Runtime {
		return Runtime{Agent: doing(func(context.Context, message.Key) error { return f() })}
	}
	returning := func(err error) Runtime { return agent(func() error { return err }) }
	plain := errors.New("no room")
	volume := message.AttachVolume{ID: message.Key{Op: "AttachVolume", Target: "t"}, Task: "t"}
	hook := message.InvokeLifecycleHook{ID: message.Key{Op: "InvokeLifecycleHook", Target: "h"}}
	for _, c := range []struct {
		name    string
		runtime Runtime
		command message.Command
		want    message.CommandDone // but its key
	}{
		{"it works", returning(nil), stop("t", 1), message.CommandDone{}},
		{"it fails", returning(plain), stop("t", 1), message.CommandDone{Err: "no room"}},
		{"for good", returning(Permanent(plain)), stop("t", 1), message.CommandDone{Err: "no room", Permanent: true}},
		{"for good, wrapped", returning(fmt.Errorf("agent: %w", Permanent(plain))), stop("t", 1),
			message.CommandDone{Err: "agent: no room", Permanent: true}},
		{"it panics", agent(func() error {
			panic("ouch")
		}), stop("t", 1), message.CommandDone{Err: "panic: ouch", Permanent: true}},
		{"an error without a message", returning(errors.New("")), stop("t", 1),
			message.CommandDone{Err: "failed without a message"}},
		{"an error that is a nil pointer", returning((*nilError)(nil)), stop("t", 1),
			message.CommandDone{Err: "panic: runtime error: invalid memory address or nil pointer dereference",
				Permanent: true}},
		{"a message that JSON cannot hold", returning(errors.New("a\xffb")), stop("t", 1),
			message.CommandDone{Err: "a\uFFFDb"}},
		{"a message without end", returning(errors.New(strings.Repeat("é", 9000))), stop("t", 1),
			message.CommandDone{Err: strings.Repeat("é", 512) + "…"}},
		{"nothing that does it", Runtime{}, stop("t", 1),
			message.CommandDone{Err: "driver: the Runtime has no interface that carries out StopTask",
				Permanent: true}},
		{"an address", Runtime{NetworkInterfaces: attaching{address: "10.0.0.7"}}, attach(),
			message.CommandDone{PrivateIPv4: "10.0.0.7"}},
		{"no address", Runtime{NetworkInterfaces: attaching{}}, attach(),
			message.CommandDone{
				Err: `driver: the network interface of task t came with "", which is not an IPv4 address`}},
		{"a wrong address", Runtime{NetworkInterfaces: attaching{address: "::1"}}, attach(),
			message.CommandDone{
				Err: `driver: the network interface of task t came with "::1", which is not an IPv4 address`}},
		{"an address and an error", Runtime{NetworkInterfaces: attaching{address: "10.0.0.7", err: plain}}, attach(),
			message.CommandDone{Err: "no room"}},
		{"a volume", Runtime{Volumes: keeping("vol-1")}, volume, message.CommandDone{VolumeID: "vol-1"}},
		{"no volume", Runtime{Volumes: keeping("")}, volume,
			message.CommandDone{Err: `driver: the volume of task t came with "", which is not an ID`}},
		{"a hook's answer", Runtime{Hooks: hooking{Status: ecs.LifecycleHookStatusInProgress, CallBackDelay: 9}}, hook,
			message.CommandDone{HookStatus: "IN_PROGRESS", CallBackDelay: 9}},
		{"a hook without one", Runtime{Hooks: hooking{}}, hook, message.CommandDone{}},
		{"datapoints", Runtime{Metrics: measuring{{At: 60, Value: 7}}},
			message.GetMetric{ID: message.Key{Op: "GetMetric", Target: "m"}},
			message.CommandDone{Datapoints: []cloudwatch.Sample{{At: 60, Value: 7}}}},
		{"a hook's nonsense", Runtime{Hooks: hooking{Status: "\xff"}}, hook, message.CommandDone{HookStatus: "\uFFFD"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Key = c.command.Key()
			require.Equal(t, c.want, c.runtime.carryOut(context.Background(), c.command))
		})
	}
	require.NoError(t, Permanent(nil))
	require.ErrorIs(t, Permanent(plain), plain)
}

// Every command has its method.
func TestCommandsReachTheirMethods(t *testing.T) {
	var called []string
	all := calls(func(op string) { called = append(called, op) })
	rt := Runtime{Agent: all, NetworkInterfaces: all, Volumes: all, Targets: all, Discovery: all, Listeners: all,
		Hooks: all, Fleet: all, Metrics: all}
	var want []string
	for _, c := range message.Commands() {
		require.Empty(t, rt.carryOut(context.Background(), c).Err)
		want = append(want, strings.TrimPrefix(fmt.Sprintf("%T", c), "message."))
	}
	require.Equal(t, want, called)
}

type calls func(op string)

func (f calls) StartTask(context.Context, message.StartTask) error { f("StartTask"); return nil }
func (f calls) StopTask(context.Context, message.StopTask) error   { f("StopTask"); return nil }
func (f calls) AttachNetworkInterface(context.Context, message.AttachNetworkInterface) (string, error) {
	f("AttachNetworkInterface")
	return "10.0.0.1", nil
}
func (f calls) DetachNetworkInterface(context.Context, message.DetachNetworkInterface) error {
	f("DetachNetworkInterface")
	return nil
}
func (f calls) AttachVolume(context.Context, message.AttachVolume) (string, error) {
	f("AttachVolume")
	return "vol-1", nil
}
func (f calls) DetachVolume(context.Context, message.DetachVolume) error {
	f("DetachVolume")
	return nil
}
func (f calls) RegisterTarget(context.Context, message.RegisterTarget) error {
	f("RegisterTarget")
	return nil
}
func (f calls) DeregisterTarget(context.Context, message.DeregisterTarget) error {
	f("DeregisterTarget")
	return nil
}
func (f calls) RegisterInstance(context.Context, message.RegisterInstance) error {
	f("RegisterInstance")
	return nil
}
func (f calls) DeregisterInstance(context.Context, message.DeregisterInstance) error {
	f("DeregisterInstance")
	return nil
}
func (f calls) ModifyTraffic(context.Context, message.ModifyTraffic) error {
	f("ModifyTraffic")
	return nil
}
func (f calls) InvokeLifecycleHook(context.Context, message.InvokeLifecycleHook) (HookAnswer, error) {
	f("InvokeLifecycleHook")
	return HookAnswer{Status: ecs.LifecycleHookStatusSucceeded}, nil
}
func (f calls) SetDesiredCapacity(context.Context, message.SetDesiredCapacity) error {
	f("SetDesiredCapacity")
	return nil
}

func (f calls) GetMetric(context.Context, message.GetMetric) ([]cloudwatch.Sample, error) {
	f("GetMetric")
	return nil, nil
}

func TestOneTargetInOrder(t *testing.T) {
	// Seen to fail: a lane for each command.
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			parallel := 1 + random.IntN(5)
			var mu sync.Mutex
			busy, most := map[string]bool{}, 0
			order := map[string][]uint64{}
			agent := doing(func(_ context.Context, key message.Key) error {
				mu.Lock()
				assert.False(t, busy[key.Target], "two calls for one target")
				busy[key.Target] = true
				order[key.Target] = append(order[key.Target], key.Epoch)
				n := 0
				for _, b := range busy {
					if b {
						n++
					}
				}
				most = max(most, n)
				wait := time.Duration(key.Epoch*31%50) * time.Millisecond
				mu.Unlock()
				time.Sleep(wait)
				mu.Lock()
				busy[key.Target] = false
				mu.Unlock()
				return nil
			})
			var told outcomes
			d := newDispatcher(Runtime{Agent: agent, Parallel: parallel}.withDefaults(), told.notify)
			want := map[string][]uint64{}
			for i := range uint64(60) {
				target := string(rune('a' + random.IntN(8)))
				want[target] = append(want[target], i)
				d.dispatch(t.Context(), stop(target, i))
				if random.IntN(4) == 0 {
					time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
				}
			}
			require.Zero(t, d.wait(time.Hour))
			require.Equal(t, want, order)
			require.LessOrEqual(t, most, parallel)
			if parallel > 1 {
				require.Greater(t, most, 1, "side by side")
			}
			require.Len(t, told.all, 60)
			require.Empty(t, d.lanes)
			require.Zero(t, d.calls)
		})
	}
}

func TestSameKeyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		agent := doing(func(context.Context, message.Key) error { n++; time.Sleep(time.Second); return nil })
		var told outcomes
		d := newDispatcher(Runtime{Agent: agent}.withDefaults(), told.notify)
		for range 3 {
			d.dispatch(t.Context(), stop("a", 1)) // under way
			d.dispatch(t.Context(), stop("a", 2)) // queued
		}
		require.Zero(t, d.wait(time.Hour))
		require.Equal(t, []string{"a 1", "a 2"}, told.strings())
		d.dispatch(t.Context(), stop("a", 2)) // again, since it has an outcome
		require.Zero(t, d.wait(time.Hour))
		require.Equal(t, 3, n)
	})
}

func TestHangingCallBlocksNobodyElse(t *testing.T) {
	// Seen to fail: supervise without giveUp.
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		agent := doing(func(_ context.Context, key message.Key) error {
			if strings.HasPrefix(key.Target, "hang") && key.Epoch == 1 {
				<-free // and the context does not matter
				if key.Target == "hang3" {
					return errors.New("late")
				}
			}
			return nil
		})
		var told outcomes
		d := newDispatcher(Runtime{Agent: agent, Parallel: 2}.withDefaults(), told.notify)
		for i := range 4 {
			d.dispatch(t.Context(), stop(fmt.Sprint("hang", i), 1))
			d.dispatch(t.Context(), stop(fmt.Sprint("hang", i), 2))
		}
		d.dispatch(t.Context(), stop("well", 3))
		time.Sleep(59 * time.Second)
		synctest.Wait()
		require.Empty(t, told.strings(), "two hang, and no more may run")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		late := " 1 no answer within 1m0s"
		require.ElementsMatch(t, []string{"hang0" + late, "hang1" + late, "hang2" + late, "hang3" + late, "well 3"},
			told.strings())
		d.dispatch(t.Context(), stop("hang0", 1)) // the plane tries again, as often as it likes
		d.dispatch(t.Context(), stop("hang0", 1))
		told.all = nil
		close(free)
		require.Zero(t, d.wait(time.Hour))
		require.ElementsMatch(t, []string{"hang0 1", "hang0 2", "hang0 1", "hang1 1", "hang1 2",
			"hang2 1", "hang2 2", "hang3 2"},
			told.strings(), "success is told late, failure once")
	})
}

func TestTimeoutEndsTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		agent := doing(func(ctx context.Context, key message.Key) error { <-ctx.Done(); return ctx.Err() })
		var told outcomes
		d := newDispatcher(Runtime{Agent: agent, Timeout: 5 * time.Second}.withDefaults(), told.notify)
		begin := time.Now()
		d.dispatch(t.Context(), stop("a", 1))
		require.Zero(t, d.wait(time.Hour))
		require.Equal(t, 5*time.Second, time.Since(begin))
		require.Equal(t, []string{"a 1 no answer within 5s"}, told.strings())
	})
}

// A call that ends its goroutine holds up nothing behind it.
//
// Seen to fail: carry without release.
func TestGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		agent := doing(func(context.Context, message.Key) error { runtime.Goexit(); return nil })
		var told outcomes
		d := newDispatcher(Runtime{Agent: agent, Parallel: 1}.withDefaults(), told.notify)
		d.dispatch(t.Context(), stop("a", 1))
		d.dispatch(t.Context(), stop("a", 2))
		d.dispatch(t.Context(), stop("b", 3))
		require.Zero(t, d.wait(time.Hour))
		require.ElementsMatch(t, []string{"a 1 the call ended its goroutine", "a 2 the call ended its goroutine",
			"b 3 the call ended its goroutine"}, told.strings())
		require.Zero(t, d.calls)
	})
}

func TestEndOfContextEndsTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		agent := doing(func(ctx context.Context, key message.Key) error { <-ctx.Done(); return nil })
		var told outcomes
		d := newDispatcher(Runtime{Agent: agent, Parallel: 2}.withDefaults(), told.notify)
		for i := range uint64(9) {
			d.dispatch(ctx, stop(string(rune('a'+i%3)), i))
		}
		cancel()
		require.Zero(t, d.wait(time.Minute))
		got := told.strings()
		slices.Sort(got)
		require.Equal(t, []string{"a 0", "b 1"}, got, "what had begun, and nothing else")
	})
}
