package crew

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// Orchestra is what an orchestrator brings together.
type Orchestra struct {
	NetworkInterfaces driver.NetworkInterfaces
	Images            front.Images     // nil: the API has no registry
	Authorizer        front.Authorizer // of the calls of the API; nil: whoever has the key may do everything

	// Join registers the instances with a plane that does not have them, and returns their IDs in order.
	Join func(plane *control.Plane, now time.Time) ([]ecs.InstanceID, error)
	// Open starts instance i, which goes on with the tasks that run. No loop runs yet.
	Open func(i int, id ecs.InstanceID, notify func(message.Event)) (*Host, error)
}

// Orchestrate runs the control plane with the agents of all instances until the context ends; then it ends the tasks.
// Killed and started again, it goes on where it was, with the journal, and the tasks that run.
func (p Part) Orchestrate(ctx context.Context, o Orchestra) error {
	plane, kept, err := p.plane()
	if err != nil {
		return err
	}
	ids, err := o.Join(plane, p.Clock.Now())
	if err != nil {
		return errors.Join(err, kept.Close())
	}
	balancer, agents, recent := proxy.NewRemote(p.Directory), agent.Agents{}, &front.Recent{}
	loop := driver.New(plane, driver.Runtime{Agent: agents, Targets: balancer, Listeners: balancer, Metrics: balancer,
		NetworkInterfaces: o.NetworkInterfaces, Journal: kept, Clock: p.Clock, Observe: recent.Observe,
		Timeout: time.Duration(p.Clock.Speed) * 30 * time.Second,
		Logger:  slog.New(slog.NewTextHandler(os.Stderr, nil))})
	var hosts []*Host
	leave := func() {
		for _, h := range hosts {
			h.Close()
		}
	}
	for i, id := range ids {
		h, err := o.Open(i, id, loop.Notify)
		if err != nil {
			leave()
			return errors.Join(err, kept.Close())
		}
		hosts, agents[id] = append(hosts, h), h
	}
	err = p.run(ctx, loop, balancer, recent, o)
	leave()
	for _, h := range hosts {
		limited, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		err = errors.Join(err, h.containers.Sweep(limited, nil, nil))
		cancel()
	}
	return errors.Join(err, kept.Close())
}

// run runs the loop and serves until the context ends.
func (p Part) run(
	ctx context.Context, loop *driver.Loop, balancer *proxy.Remote, recent *front.Recent, o Orchestra,
) (err error) {
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- loop.Run(running) }()
	go func() { _ = balancer.Watch(running, loop.Notify) }() // it ends with the context
	served := make(chan error, 1)
	go func() { served <- p.serve(running, loop, recent, o) }()

	select {
	case <-ctx.Done():
	case err = <-ended:
		ended <- err
	case err = <-served:
		served <- err
	}
	stop()
	if e := <-ended; !errors.Is(e, context.Canceled) {
		err = errors.Join(err, e)
	}
	return errors.Join(err, <-served)
}

// plane opens the plane with its journal.
func (p Part) plane() (*control.Plane, *journal.Journal, error) {
	credentials, err := secret(filepath.Join(p.Directory, "credentials.secret"))
	if err != nil {
		return nil, nil, err
	}
	return journal.Open(filepath.Join(p.Directory, "journal"), journal.Config{
		Plane: control.Config{Seed: seed(), PullMetrics: true, OwnLoadBalancers: p.Socket != nil,
			CredentialsSecret: credentials}})
}

// seed draws the seed of a new plane.
func seed() uint64 {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw) // never fails
	return binary.BigEndian.Uint64(raw)
}
