package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// ask returns what the engine says of itself.
func ask(ctx context.Context, engine *client.Client) (host, error) {
	if _, err := engine.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return host{}, err
	}
	answer, err := engine.Info(ctx, client.InfoOptions{})
	if err != nil {
		return host{}, err
	}
	_, minor, _ := strings.Cut(engine.ClientVersion(), ".")
	api, err := strconv.Atoi(minor)
	info := answer.Info
	_, nvidia := info.Runtimes["nvidia"]
	has := func(option string) bool {
		return slices.ContainsFunc(info.SecurityOptions, func(s string) bool {
			return strings.HasPrefix(s, "name="+option)
		})
	}
	return host{name: info.Name, os: info.OSType, architecture: info.Architecture, cpus: info.NCPU,
		logDrivers: info.Plugins.Log, nvidia: nvidia, api: api, apparmor: has("apparmor"), selinux: has("selinux"),
		groupDriver: info.CgroupDriver, groupVersion: cmp.Or(info.CgroupVersion, "1")}, err
}

// unheard reports whether an error says nothing about what the engine did: it was away, or its answer was not whole.
func unheard(err error) bool {
	var syntax *json.SyntaxError
	var network net.Error
	return client.IsErrConnectionFailed(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.As(err, &syntax) ||
		errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) || errors.Is(err, errHalf)
}

// errHalf is an answer that lacks what every answer of its kind has.
var errHalf = errors.New("the engine's answer is not whole")

// patiently calls f, which has its effect once, until the engine answers or the context ends. Each call has the time
// for one short answer.
func (r *Runtime) patiently(ctx context.Context, f func(context.Context) error) error {
	return r.again(ctx, r.pace.inspect, f)
}

// again is patiently, where each call has a limit of its own.
func (r *Runtime) again(ctx context.Context, limit time.Duration, f func(context.Context) error) error {
	wait := r.pace.first / 10
	for {
		within, cancel := context.WithTimeout(ctx, limit)
		err := f(within)
		cancel()
		if err == nil || !unheard(err) || ctx.Err() != nil {
			return err
		}
		if pause(ctx, jittered(wait)) != nil {
			return err
		}
		wait = min(2*wait, r.pace.longest)
	}
}

// pause returns nil when d has passed, or the error of the context if that ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// jittered is d, more or less.
func jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64()))
}

// look returns what the engine has of a container; nil: nothing.
func (r *Runtime) look(ctx context.Context, name string) (found *container.InspectResponse, err error) {
	err = r.patiently(ctx, func(ctx context.Context) error {
		answer, err := r.engine.ContainerInspect(ctx, name, client.ContainerInspectOptions{})
		switch {
		case errdefs.IsNotFound(err):
			found = nil
			return nil
		case err != nil:
			return err
		case answer.Container.State == nil || answer.Container.Config == nil || answer.Container.ID == "":
			return errHalf
		}
		found = &answer.Container
		return nil
	})
	return found, err
}

// runs reports whether a container runs, paused or not.
func runs(c *container.InspectResponse) bool {
	return c != nil && (c.State.Running || c.State.Paused || c.State.Restarting)
}

// startedAt is when a container was started last; "": it never was.
func startedAt(c *container.InspectResponse) string {
	if strings.HasPrefix(c.State.StartedAt, "0001-01-01T") {
		return ""
	}
	return c.State.StartedAt
}
