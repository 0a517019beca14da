package driver_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// hostile is a world behind an implementation that does its worst until it is told to stop.
type hostile struct {
	*world
	mu     sync.Mutex
	random *rand.Rand
	worst  bool
	kinds  map[string]int
}

func (h *hostile) draw(n int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.random.IntN(n)
}

func (h *hostile) isWorst() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.worst
}

func (h *hostile) count(kind string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kinds[kind]++
}

func (h *hostile) misbehave(ctx context.Context, key message.Key) error {
	if !h.isWorst() {
		return nil
	}
	switch h.draw(10) {
	case 0:
		h.count("error")
		return errors.New("no \xff")
	case 1:
		h.count("empty error")
		return errors.New("")
	case 2:
		h.count("panic")
		panic(key)
	case 3:
		h.count("hang until the context ends")
		<-ctx.Done()
		return ctx.Err()
	case 4:
		h.count("hang longer")
		time.Sleep(time.Duration(h.draw(20)) * time.Minute)
	case 5:
		h.count("permanent")
		return driver.Permanent(errors.New("never"))
	case 6:
		h.count("goexit")
		runtime.Goexit()
	case 7:
		h.count("lies")
		h.tell(h.lie(key))
	}
	return nil
}

// lie is an event that nobody should send.
func (h *hostile) lie(key message.Key) message.Event {
	other := key
	other.Epoch += uint64(h.draw(5))
	switch h.draw(12) {
	case 0:
		return message.CommandDone{Key: other}
	case 1:
		return message.CommandDone{Key: other, Err: "no", Permanent: h.draw(2) == 0, PrivateIPv4: "nowhere",
			HookStatus: "\xff", CallBackDelay: math.MinInt}
	case 2:
		return message.CommandDone{Key: message.Key{Op: "Dance", Target: key.Target}}
	case 3:
		return message.TaskStateChange{Cluster: "default", Task: ecs.TaskID(key.Target), Sequence: uint64(h.draw(20)),
			Status: "DANCING"}
	case 4:
		return message.TaskStateChange{Cluster: "nowhere", Task: "\xff", Status: ecs.TaskStatusStopped, Reason: "\xff"}
	case 5:
		return message.InstanceReport{Cluster: "default", Instance: "nobody", Seen: math.MaxUint64}
	case 6:
		return message.TargetHealth{TargetGroupArn: group, Target: "i-0", Port: -1, State: "DANCING"}
	case 7:
		return message.MetricSample{Cluster: "default", Service: "web", Metric: "ECSServiceAverageCPUUtilization",
			Value: math.NaN()}
	case 8:
		return &message.CommandDone{Key: key}
	case 9:
		return nil
	case 10:
		return message.LifecycleHookStatus{Cluster: "default", Service: "web", HookID: "x", Status: "\xff"}
	default:
		return message.AgentConnectivity{Cluster: "\xff", Instance: "\xff"}
	}
}

func (h *hostile) AttachNetworkInterface(ctx context.Context, c message.AttachNetworkInterface) (string, error) {
	if h.isWorst() && h.draw(2) == 0 {
		h.count("wrong address")
		return "nowhere \xff", nil
	}
	return h.world.AttachNetworkInterface(ctx, c)
}

func (h *hostile) InvokeLifecycleHook(ctx context.Context, c message.InvokeLifecycleHook) (driver.HookAnswer, error) {
	if h.isWorst() {
		return driver.HookAnswer{Status: ecs.LifecycleHookStatus("\xff"), CallBackDelay: math.MaxInt}, nil
	}
	return h.world.InvokeLifecycleHook(ctx, c)
}

type panicWriter struct{}

func (panicWriter) Write([]byte) (int, error) { panic("no log") }

func TestHostileRuntime(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(12) {
		synctest.Test(t, func(t *testing.T) {
			h := &hostile{world: newWorld(t), random: rand.New(rand.NewPCG(seed, 1)), worst: true, kinds: kinds}
			h.fault = h.misbehave
			kept := memory{seed: seed}
			rt := driver.Runtime{Agent: h, NetworkInterfaces: h, Targets: h, Discovery: h, Hooks: h,
				Journal: &kept, Parallel: 3,
				Observe: func([]message.Change) {
					panic("not interested")
				}, Logger: slog.New(slog.NewTextHandler(panicWriter{}, nil))}
			p := control.New(control.Config{Seed: 1 + seed})
			l := driver.New(p, rt)
			run, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- l.Run(run) }()
			h.connect(l.Notify)
			check := func() {
				t.Helper()
				require.NoError(t, l.Do(t.Context(), func(p *control.Plane, _ time.Time) error { return p.Check() }))
			}
			for _, chapter := range story() {
				require.NoError(t, l.Do(t.Context(), chapter))
				time.Sleep(time.Duration(h.draw(300)) * time.Second)
				check()
			}
			for range 40 {
				for range 5 {
					l.Notify(h.lie(message.Key{Op: "StartTask", Target: "x", Epoch: uint64(h.draw(60))}))
				}
				time.Sleep(3 * time.Minute)
				check()
			}

			h.mu.Lock()
			h.worst = false
			h.mu.Unlock()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			instances, err := driver.Call(ctx, l,
				func(p *control.Plane, _ time.Time) (ids []ecs.InstanceID, err error) {
					list, err := p.DescribeContainerInstances(api.DescribeContainerInstancesInput{
						ContainerInstances: instanceRefs(p)})
					for _, i := range list.ContainerInstances {
						ids = append(ids, i.ID())
					}
					return ids, err
				})
			require.NoError(t, err)
			go h.report(ctx, instances)
			missing := "everything"
			want := map[string]int{"web": 3, "api": 1}
			for i := 0; i < 400 && (missing != "" || !maps.Equal(want, h.running())); i++ {
				time.Sleep(30 * time.Second)
				require.NoError(t, l.Do(ctx, func(p *control.Plane, _ time.Time) error {
					missing = settled(p)
					return p.Check()
				}))
			}
			require.Empty(t, missing, "seed %d: every world calm again comes to rest", seed)
			require.Equal(t, want, h.running(), "seed %d", seed)
			stop()
			cancel()
			require.ErrorIs(t, <-ended, context.Canceled)
			require.Equal(t, p.State(), kept.replayed(t).State(), "seed %d: the journal tells the same", seed)
		})
	}
	for _, kind := range []string{"error", "empty error", "panic", "hang until the context ends", "hang longer",
		"permanent", "goexit", "lies", "wrong address"} {
		require.Greater(t, kinds[kind], 3, kind)
	}
}
