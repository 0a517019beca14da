package driver

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// carryOut makes the call for a command and returns its outcome.
func (rt Runtime) carryOut(ctx context.Context, c message.Command) message.CommandDone {
	done, failed := message.CommandDone{Key: c.Key()}, message.CommandDone{Key: c.Key()}
	err := guard(func() error {
		err := rt.call(ctx, c, &done)
		if err != nil {
			failed.Err, failed.Permanent = err.Error(), IsPermanent(err) // errors may panic too
		}
		return err
	})
	if err == nil {
		return done
	}
	if panicked(err) {
		failed.Err, failed.Permanent = err.Error(), true
	}
	failed.Err = legible(failed.Err)
	if failed.Err == "" {
		failed.Err = "failed without a message" // an empty one would be success
	}
	return failed
}

// longestMessage is how much of a text the plane is told, in bytes.
const longestMessage = 1024

// legible returns a text such that a journal gives it back as it is: valid UTF-8, and not
// endless.
func legible(text string) string {
	if len(text) > longestMessage {
		text = text[:longestMessage] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

func (rt Runtime) call(ctx context.Context, c message.Command, done *message.CommandDone) error {
	switch c := c.(type) {
	case message.StartTask:
		if rt.Agent != nil {
			return rt.Agent.StartTask(ctx, c)
		}
	case message.StopTask:
		if rt.Agent != nil {
			return rt.Agent.StopTask(ctx, c)
		}
	case message.AttachNetworkInterface:
		if rt.NetworkInterfaces != nil {
			return rt.attach(ctx, c, done)
		}
	case message.DetachNetworkInterface:
		if rt.NetworkInterfaces != nil {
			return rt.NetworkInterfaces.DetachNetworkInterface(ctx, c)
		}
	case message.AttachVolume:
		if rt.Volumes != nil {
			return rt.attachVolume(ctx, c, done)
		}
	case message.DetachVolume:
		if rt.Volumes != nil {
			return rt.Volumes.DetachVolume(ctx, c)
		}
	case message.RegisterTarget:
		if rt.Targets != nil {
			return rt.Targets.RegisterTarget(ctx, c)
		}
	case message.DeregisterTarget:
		if rt.Targets != nil {
			return rt.Targets.DeregisterTarget(ctx, c)
		}
	case message.RegisterInstance:
		if rt.Discovery != nil {
			return rt.Discovery.RegisterInstance(ctx, c)
		}
	case message.DeregisterInstance:
		if rt.Discovery != nil {
			return rt.Discovery.DeregisterInstance(ctx, c)
		}
	case message.ModifyTraffic:
		if rt.Listeners != nil {
			return rt.Listeners.ModifyTraffic(ctx, c)
		}
	case message.InvokeLifecycleHook:
		if rt.Hooks != nil {
			answer, err := rt.Hooks.InvokeLifecycleHook(ctx, c)
			done.HookStatus, done.CallBackDelay = ecs.LifecycleHookStatus(legible(string(answer.Status))), answer.CallBackDelay
			return err
		}
	case message.GetMetric:
		if rt.Metrics != nil {
			datapoints, err := rt.Metrics.GetMetric(ctx, c)
			done.Datapoints = slices.Clone(datapoints)
			return err
		}
	case message.SetDesiredCapacity:
		if rt.Fleet != nil {
			return rt.Fleet.SetDesiredCapacity(ctx, c)
		}
	}
	return Permanent(fmt.Errorf("driver: this runtime has nothing that carries out %s", c.Key().Op))
}

// attach passes on an address, if it is one.
func (rt Runtime) attach(ctx context.Context, c message.AttachNetworkInterface, done *message.CommandDone) error {
	address, err := rt.NetworkInterfaces.AttachNetworkInterface(ctx, c)
	if err != nil {
		return err
	}
	if a, err := netip.ParseAddr(address); err != nil || !a.Is4() {
		return fmt.Errorf("driver: the network interface of task %s came with %q, which is not an IPv4 address", c.Task, address)
	}
	done.PrivateIPv4 = address
	return nil
}

// attachVolume passes on a volume's ID, if there is one.
func (rt Runtime) attachVolume(ctx context.Context, c message.AttachVolume, done *message.CommandDone) error {
	id, err := rt.Volumes.AttachVolume(ctx, c)
	if err != nil {
		return err
	}
	if id == "" || id != legible(id) {
		return fmt.Errorf("driver: the volume of task %s came with the ID %q", c.Task, legible(id))
	}
	done.VolumeID = id
	return nil
}
