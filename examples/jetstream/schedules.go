package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/check"
)

// game is a schedule of faults with real processes, and what clients were answered meanwhile.
type game struct {
	crew    *crew
	client  *client
	history check.History
	seed    uint64
	rng     *rand.Rand // of what is done to processes
	did     []string
}

// playSchedules plays one schedule after the other with the same processes, and judges the history after each.
func playSchedules(ctx context.Context, c *crew, o options, out io.Writer) error {
	g := &game{crew: c, client: c.client(25 * time.Second)}
	if err := g.prepare(ctx); err != nil {
		return err
	}
	bad := 0
	for seed := o.seed; seed < o.seed+uint64(o.schedules); seed++ {
		began := time.Now()
		faults := g.play(ctx, seed)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		said := "no violation"
		if len(faults) > 0 {
			bad++
			said = "VIOLATED: " + strings.Join(faults, "; ")
		}
		fmt.Fprintf(out, "schedule %-4d %5.1f s  %s: %s\n", seed, time.Since(began).Seconds(),
			strings.Join(g.did, ", "), said)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d schedules are violated", bad, o.schedules)
	}
	starts, err := readStarts(c.starts())
	if err == nil && len(starts) == 0 {
		err = errors.New("no task has noted its start")
	}
	if err == nil {
		fmt.Fprintf(out, "PASS: %d schedules with real processes, no violation; %d starts of tasks\n", o.schedules,
			len(starts))
	}
	return err
}

// prepare creates three services.
func (g *game) prepare(ctx context.Context) error {
	if err := define(ctx, g.client); err != nil {
		return err
	}
	for i := range 3 {
		s := check.Service{Name: fmt.Sprintf("s%d", i), Created: true, Desired: []int{2}}
		if err := create(ctx, g.client, s.Name, "", 2); err != nil {
			return err
		}
		g.history.Services = append(g.history.Services, s)
	}
	return g.steady(ctx)
}

func (g *game) steady(ctx context.Context) error {
	for _, s := range g.history.Services {
		if err := steady(ctx, g.client, s.Name); err != nil {
			return err
		}
	}
	return nil
}

// play plays a schedule, and returns what must not have happened.
func (g *game) play(ctx context.Context, seed uint64) (faults []string) {
	g.seed, g.rng, g.did = seed, rand.New(rand.NewPCG(seed, 2)), nil
	var disturbing sync.WaitGroup
	var failed error
	disturbing.Go(func() { failed = g.disturb(ctx) })
	calls := rand.New(rand.NewPCG(seed, 3))
	for n := range 4 {
		g.change(ctx, calls, n)
	}
	disturbing.Wait()
	if err := errors.Join(failed, g.steady(ctx)); err != nil {
		faults = append(faults, err.Error())
	}
	return append(faults, judge(ctx, g.crew, g.history)...)
}

// change has a client change a service, or run a task.
func (g *game) change(ctx context.Context, rng *rand.Rand, n int) {
	time.Sleep(time.Duration(rng.IntN(3000)) * time.Millisecond)
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	if rng.IntN(3) == 0 {
		var out api.RunTaskOutput
		err := g.client.ecs(ctx, "RunTask", api.RunTaskInput{TaskDefinition: serviceName,
			ClientToken: fmt.Sprintf("run-%d-%d", g.seed, n)}, &out)
		for _, task := range out.Tasks {
			if err != nil {
				break
			}
			// a task that nobody stops would stay for ever
			if g.client.ecs(ctx, "StopTask", api.StopTaskInput{Task: task.TaskArn}, nil) == nil {
				g.history.Tasks = []string{task.TaskArn} // ECS forgets those that have stopped
			}
		}
		return
	}
	s := &g.history.Services[rng.IntN(len(g.history.Services))]
	desired := rng.IntN(4)
	in := api.UpdateServiceInput{Service: s.Name, DesiredCount: ecs.Some(desired)}
	err := g.client.ecs(ctx, "UpdateService", in, nil)
	if err == nil {
		s.Desired = nil
	}
	s.Desired = append(s.Desired, desired)
}

// disturb does one bad thing after the other, and undoes each.
func (g *game) disturb(ctx context.Context) error {
	for range 3 {
		time.Sleep(time.Duration(g.rng.IntN(2000)) * time.Millisecond)
		member := g.crew.members[g.rng.IntN(len(g.crew.members))]
		if g.rng.IntN(3) > 0 {
			short, cancel := context.WithTimeout(ctx, 20*time.Second)
			leader, err := leaderOf(short, bus.New(g.crew.nc), "bayplan")
			cancel()
			if err == nil {
				member = leader
			}
		}
		if err := g.disturbed(ctx, member, time.Duration(500+g.rng.IntN(5500))*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// disturbed does one bad thing, to the member or to something else, and undoes it after a while.
func (g *game) disturbed(ctx context.Context, member string, lasts time.Duration) error {
	c := g.crew
	agent := c.agents[g.rng.IntN(len(c.agents))]
	did := func(what, who string) {
		g.did = append(g.did, fmt.Sprintf("%s %s %.1f s", what, who, lasts.Seconds()))
	}
	switch g.rng.IntN(9) {
	case 0, 1:
		did("kill", member)
		return g.killed(member, lasts)
	case 2, 3:
		did("pause", member)
		err := c.signal(member, syscall.SIGSTOP)
		time.Sleep(lasts)
		return errors.Join(err, c.signal(member, syscall.SIGCONT))
	case 4, 5:
		did("cut", member)
		g.cut(member, lasts)
	case 6:
		did("kill", agent)
		return g.killed(agent, lasts)
	case 7:
		did("cut", agent)
		g.cut(agent, lasts)
	case 8:
		name, err := c.journalServer(ctx)
		if err != nil {
			name = c.servers[0].name // no server knows
		}
		did("kill", name)
		return g.killed(name, lasts)
	}
	return nil
}

func (g *game) killed(name string, lasts time.Duration) error {
	err := g.crew.signal(name, syscall.SIGKILL)
	time.Sleep(lasts)
	return errors.Join(err, g.crew.start(name))
}

func (g *game) cut(name string, lasts time.Duration) {
	g.crew.links[name].set(true)
	time.Sleep(lasts)
	g.crew.links[name].set(false)
}

// journalServer returns the name of the server that leads the journal's stream.
func (c *crew) journalServer(ctx context.Context) (string, error) {
	if len(c.servers) == 1 {
		return c.servers[0].name, nil
	}
	js, err := jetstream.New(c.nc)
	if err != nil {
		return "", err
	}
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	s, err := js.Stream(short, "bayplan-journal")
	if err != nil {
		return "", err
	}
	if of := s.CachedInfo().Cluster; of != nil && of.Leader != "" {
		return of.Leader, nil
	}
	return "", errors.New("no server leads the journal's stream")
}
