package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/driver/loopback"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// orchestratorRole runs the control plane with the agents of all instances until the show ends; then it ends the tasks.
// Killed and started again, it goes on where it was, with the journal, and the tasks that run.
func orchestratorRole(ctx context.Context, args []string) error {
	ctx, p, err := parsePart(ctx, args)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	interfaces, err := loopback.New(loopback.Config{File: filepath.Join(p.directory, "interfaces.json")})
	if err != nil {
		return err
	}
	plane, kept, err := p.plane()
	if err != nil {
		return err
	}
	ids, err := join(plane, p.clock.Now(), p.directory)
	if err != nil {
		return errors.Join(err, kept.Close())
	}
	balancer, f, recent := proxy.NewRemote(p.directory), &fleet{agents: agent.Agents{}}, &front.Recent{}
	loop := driver.New(plane, driver.Runtime{Agent: f.agents, Targets: balancer, Listeners: balancer, Metrics: balancer,
		NetworkInterfaces: interfaces, Journal: kept, Clock: p.clock, Observe: recent.Observe,
		Timeout: time.Duration(p.clock.speed) * 30 * time.Second,
		Logger:  slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err := f.open(p, program, ids, loop.Notify); err != nil {
		f.close()
		return errors.Join(err, kept.Close())
	}
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- loop.Run(running) }()
	go func() { _ = balancer.Watch(running, loop.Notify) }() // it ends with the context
	served := make(chan error, 1)
	go func() { served <- p.serve(running, loop, recent) }()

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
	err = errors.Join(err, <-served)
	f.close()
	for _, rt := range f.runtimes {
		limited, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err = errors.Join(err, rt.Sweep(limited, nil, nil))
		cancel()
	}
	return errors.Join(err, kept.Close())
}

// plane opens the plane with its journal.
func (p part) plane() (*control.Plane, *journal.Journal, error) {
	credentials, err := secret(filepath.Join(p.directory, "credentials.secret"))
	if err != nil {
		return nil, nil, err
	}
	return journal.Open(filepath.Join(p.directory, "journal"), journal.Config{
		Plane: control.Config{Seed: seed(), PullMetrics: true, OwnLoadBalancers: p.socket != nil,
			CredentialsSecret: credentials}})
}

// seed draws the seed of a new plane.
func seed() uint64 {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw) // never fails
	return binary.BigEndian.Uint64(raw)
}
