package driver

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
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

// call makes the call for a command, and writes what is returned into done.
func (rt Runtime) call(ctx context.Context, c message.Command, done *message.CommandDone) error {
	for _, carry := range carriers {
		if mine, err := carry(ctx, rt, c, done); mine {
			return err
		}
	}
	return Permanent(fmt.Errorf("driver: the Runtime has no interface that carries out %s", c.Key().Op))
}

// carrier carries out one kind of command. Mine is false, and nothing was done, for a command of
// another kind and where the runtime lacks the interface.
type carrier func(context.Context, Runtime, message.Command, *message.CommandDone) (mine bool, err error)

// method calls one method of the interface I for a command of its kind.
type method[I any] func(context.Context, I, message.Command, *message.CommandDone) (mine bool, err error)

// carriedBy returns the rows of an interface: one for each of its methods.
func carriedBy[I any](field func(Runtime) I, methods ...method[I]) (rows []carrier) {
	for _, m := range methods {
		rows = append(rows,
			func(ctx context.Context, rt Runtime, c message.Command, done *message.CommandDone) (bool, error) {
				if any(field(rt)) == nil {
					return false, nil
				}
				return m(ctx, field(rt), c, done)
			})
	}
	return rows
}

// does is a method that returns an error alone.
func does[I any, C message.Command](call func(I, context.Context, C) error) method[I] {
	return func(ctx context.Context, to I, c message.Command, _ *message.CommandDone) (bool, error) {
		command, ok := c.(C)
		if !ok {
			return false, nil
		}
		return true, call(to, ctx, command)
	}
}

// answers is a method that returns more than an error: keep writes it into the outcome, or returns
// what is wrong with it.
func answers[I any, C message.Command, Out any](
	call func(I, context.Context, C) (Out, error), keep func(C, Out, *message.CommandDone) error,
) method[I] {
	return func(ctx context.Context, to I, c message.Command, done *message.CommandDone) (bool, error) {
		command, ok := c.(C)
		if !ok {
			return false, nil
		}
		out, err := call(to, ctx, command)
		if err != nil {
			return true, err
		}
		return true, keep(command, out, done)
	}
}

func address(c message.AttachNetworkInterface, ip string, done *message.CommandDone) error {
	if a, err := netip.ParseAddr(ip); err != nil || !a.Is4() {
		return fmt.Errorf("driver: the network interface of task %s came with %q, which is not an IPv4 address", c.Task,
			ip)
	}
	done.PrivateIPv4 = ip
	return nil
}

func volume(c message.AttachVolume, id string, done *message.CommandDone) error {
	if id == "" || id != legible(id) {
		return fmt.Errorf("driver: the volume of task %s came with %q, which is not an ID", c.Task, legible(id))
	}
	done.VolumeID = id
	return nil
}

func hookAnswer(_ message.InvokeLifecycleHook, answer HookAnswer, done *message.CommandDone) error {
	done.HookStatus, done.CallBackDelay = ecs.LifecycleHookStatus(legible(string(answer.Status))), answer.CallBackDelay
	return nil
}

func datapoints(_ message.GetMetric, list []cloudwatch.Sample, done *message.CommandDone) error {
	done.Datapoints = slices.Clone(list)
	return nil
}
