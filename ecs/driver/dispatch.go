package driver

import (
	"context"
	"fmt"
	"sync"

	"github.com/bayplan/bayplan/ecs/control"
)

// dispatcher carries commands out: those of one target in order, different targets side by
// side, at most Parallel at a time.
type dispatcher struct {
	runtime Runtime
	notify  func(control.Event)
	slots   chan struct{}
	running sync.WaitGroup

	mu     sync.Mutex
	queues map[string][]control.Command // by target; an entry exists while its goroutine runs
}

func newDispatcher(rt Runtime, notify func(control.Event)) *dispatcher {
	return &dispatcher{runtime: rt, notify: notify, slots: make(chan struct{}, rt.Parallel), queues: map[string][]control.Command{}}
}

func (d *dispatcher) dispatch(ctx context.Context, c control.Command) {
	target := c.Key().Target
	d.mu.Lock()
	defer d.mu.Unlock()
	queue, busy := d.queues[target]
	d.queues[target] = append(queue, c)
	if !busy {
		d.running.Add(1)
		go d.work(ctx, target)
	}
}

// work carries out the commands of one target until there are none left.
func (d *dispatcher) work(ctx context.Context, target string) {
	defer d.running.Done()
	for {
		c, ok := d.take(target)
		if !ok {
			return
		}
		select {
		case d.slots <- struct{}{}:
		case <-ctx.Done():
			continue // drop what is queued: the plane still holds it as outstanding
		}
		done := d.carryOut(ctx, c)
		<-d.slots
		if done.Err != "" && d.runtime.Logger != nil {
			d.runtime.Logger.Warn("command failed", "key", done.Key.String(), "error", done.Err, "permanent", done.Permanent)
		}
		d.notify(done)
	}
}

func (d *dispatcher) take(target string) (control.Command, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	queue := d.queues[target]
	if len(queue) == 0 {
		delete(d.queues, target)
		return nil, false
	}
	d.queues[target] = queue[1:]
	return queue[0], true
}

func (d *dispatcher) wait() { d.running.Wait() }

// carryOut calls the runtime; a panic is a permanent failure of the command.
func (d *dispatcher) carryOut(ctx context.Context, c control.Command) (done control.CommandDone) {
	done.Key = c.Key()
	defer func() {
		if r := recover(); r != nil {
			done.Err, done.Permanent = fmt.Sprintf("panic: %v", r), true
		}
	}()
	if err := d.call(ctx, c, &done); err != nil {
		done.Err, done.Permanent = err.Error(), isPermanent(err)
	}
	return done
}

func (d *dispatcher) call(ctx context.Context, c control.Command, done *control.CommandDone) (err error) {
	rt := d.runtime
	switch c := c.(type) {
	case control.StartTask:
		if rt.Agent != nil {
			return rt.Agent.StartTask(ctx, c)
		}
	case control.StopTask:
		if rt.Agent != nil {
			return rt.Agent.StopTask(ctx, c)
		}
	case control.AttachNetworkInterface:
		if rt.NetworkInterfaces != nil {
			done.PrivateIPv4, err = rt.NetworkInterfaces.AttachNetworkInterface(ctx, c)
			return err
		}
	case control.DetachNetworkInterface:
		if rt.NetworkInterfaces != nil {
			return rt.NetworkInterfaces.DetachNetworkInterface(ctx, c)
		}
	case control.RegisterTarget:
		if rt.Targets != nil {
			return rt.Targets.RegisterTarget(ctx, c)
		}
	case control.DeregisterTarget:
		if rt.Targets != nil {
			return rt.Targets.DeregisterTarget(ctx, c)
		}
	case control.RegisterInstance:
		if rt.Discovery != nil {
			return rt.Discovery.RegisterInstance(ctx, c)
		}
	case control.DeregisterInstance:
		if rt.Discovery != nil {
			return rt.Discovery.DeregisterInstance(ctx, c)
		}
	case control.ModifyTraffic:
		if rt.Listeners != nil {
			return rt.Listeners.ModifyTraffic(ctx, c)
		}
	case control.InvokeLifecycleHook:
		if rt.Hooks != nil {
			done.HookStatus, err = rt.Hooks.InvokeLifecycleHook(ctx, c)
			return err
		}
	case control.SetDesiredCapacity:
		if rt.Fleet != nil {
			return rt.Fleet.SetDesiredCapacity(ctx, c)
		}
	}
	return Permanent(fmt.Errorf("driver: this runtime has nothing that carries out %s", c.Key().Op))
}
