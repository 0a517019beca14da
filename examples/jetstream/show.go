package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	shared "github.com/bayplan/bayplan/examples/crew"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/check"
)

// stage is what acts play on.
type stage struct {
	crew    *crew
	client  *client
	writer  *writer
	load    *shared.Load
	url     string // which the load asks
	desired int
}

// act is a part of the show: it does something to the processes, and waits until writes are accepted again. It returns
// what happened.
type act struct {
	name string
	play func(context.Context, *stage) (string, error)
}

// acts is the program of the show.
func acts(short bool) []act {
	all := []act{
		{"kill -9 of the leader", killLeader},
		{"the leader stands still", pauseLeader},
		{"the leader is cut off", cutLeader},
		{"kill -9 of an agent", killAgent},
		{"the leader resigns", resignLeader},
		{"an upgrade of all members", upgrade},
	}
	if !short {
		all = append(all, act{"kill -9 of a NATS server", killServer})
	}
	return all
}

// set starts the service behind the proxy, and the load and the writes on it. What it returns ends them.
func set(ctx context.Context, c *crew, o options) (*stage, func(), error) {
	s := &stage{crew: c, client: c.client(25 * time.Second), desired: min(5, len(c.agents)+1)}
	var group string
	var err error
	if group, s.url, err = balance(ctx, c, s.client); err != nil {
		return nil, nil, err
	}
	if err := define(ctx, s.client); err != nil {
		return nil, nil, err
	}
	if err := create(ctx, s.client, serviceName, group, s.desired); err != nil {
		return nil, nil, err
	}
	if err := steady(ctx, s.client, serviceName); err != nil {
		return nil, nil, err
	}
	service, err := s.client.service(ctx, serviceName)
	if err != nil {
		return nil, nil, err
	}
	s.load = shared.NewLoad(s.url, o.rate)
	s.writer = newWriter(c.client(time.Second), service.ServiceArn)
	if err := answers(ctx, s.url); err != nil {
		return nil, nil, err
	}
	playing, stop := context.WithCancel(ctx)
	ended := make(chan struct{}, 2)
	go func() { s.load.Run(playing); ended <- struct{}{} }()
	go func() { s.writer.run(playing); ended <- struct{}{} }()
	return s, func() { stop(); <-ended; <-ended }, nil
}

// answers waits until the service answers through the proxy.
func answers(ctx context.Context, url string) (err error) {
	ask := http.Client{Timeout: 5 * time.Second}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && ctx.Err() == nil; {
		back, failed := ask.Get(url)
		if err = failed; err == nil {
			if err = back.Body.Close(); back.StatusCode == http.StatusOK {
				return err
			}
			err = errors.New(back.Status)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.Join(ctx.Err(), err)
}

// failures is how many requests have failed: no act takes a task away, so that none may, whatever its method.
func failures(c shared.Counts) int { return c.Failed + c.Unsafe }

// show plays every act under load. The error is the verdict, if that is not good.
func show(ctx context.Context, c *crew, o options, out io.Writer) error {
	began := time.Now()
	s, stop, err := set(ctx, c, o)
	if err != nil {
		return err
	}
	d := newDisplay(out, s)
	d.Line("%d members, %d agents and %d NATS servers; %d tasks behind %s after %.1f s, %d requests a second",
		len(c.members), len(c.agents), len(c.servers), s.desired, s.url, time.Since(began).Seconds(), o.rate)
	drawing, ended := context.WithCancel(ctx)
	var drawn sync.WaitGroup
	drawn.Go(func() { d.live(drawing) })
	var faults []string
	for _, a := range acts(o.short) {
		d.Begin(a.name)
		began := time.Now()
		before := s.load.Now().Counts
		what, err := a.play(ctx, s)
		after := s.load.Now().Counts
		if err != nil {
			what = err.Error()
			faults = append(faults, a.name+": "+what)
		}
		d.Line("%-26s %5.1f s %6d requests %3d failed  %s", a.name, time.Since(began).Seconds(),
			after.Requests-before.Requests, failures(after)-failures(before), what)
		if err != nil {
			break
		}
	}
	stop()
	ended()
	drawn.Wait()
	faults = append(faults, s.faults(ctx)...)
	all := s.load.Now().Counts
	said := fmt.Sprintf("%d requests, %d failed; %d writes acknowledged", all.Requests, failures(all), s.writer.count())
	if len(faults) > 0 {
		d.Line("FAIL: %s. %s", said, strings.Join(faults, "; "))
		return errors.New("the show failed")
	}
	d.Line("PASS: %s, none lost; no task started twice, and the planes of all members are the same", said)
	return nil
}

// faults lists what must not have happened.
func (s *stage) faults(ctx context.Context) (faults []string) {
	if failed := failures(s.load.Now().Counts); failed > 0 {
		faults = append(faults, fmt.Sprintf("%d requests failed: %s", failed, strings.Join(s.load.Why(), "; ")))
	}
	if err := steady(ctx, s.client, serviceName); err != nil {
		faults = append(faults, err.Error())
	}
	if err := s.writer.lost(ctx); err != nil {
		faults = append(faults, err.Error())
	}
	return append(faults, judge(ctx, s.crew, check.History{Services: []check.Service{{Name: serviceName, Created: true,
		Desired: []int{s.desired}}}})...)
}

// leader returns who leads.
func (s *stage) leader(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return leaderOf(ctx, bus.New(s.crew.nc), "bayplan")
}

// after waits until a write that was begun later is accepted, and says how long that took.
func (s *stage) after(ctx context.Context, what string, since time.Time) (string, error) {
	took, err := s.writer.accepted(ctx, since)
	return fmt.Sprintf("%s; a write is accepted after %.2f s", what, took.Seconds()), err
}

func killLeader(ctx context.Context, s *stage) (string, error) {
	leader, err := s.leader(ctx)
	if err != nil {
		return "", err
	}
	since := time.Now()
	if err := s.crew.signal(leader, syscall.SIGKILL); err != nil {
		return "", err
	}
	what, err := s.after(ctx, leader+" was killed", since)
	if err != nil {
		return what, err
	}
	return what, errors.Join(s.crew.start(leader), s.rest(ctx))
}

func pauseLeader(ctx context.Context, s *stage) (string, error) {
	leader, err := s.leader(ctx)
	if err != nil {
		return "", err
	}
	since := time.Now()
	if err := s.crew.signal(leader, syscall.SIGSTOP); err != nil {
		return "", err
	}
	what, err := s.after(ctx, leader+" got SIGSTOP", since)
	time.Sleep(2 * time.Second)
	return what, errors.Join(err, s.crew.signal(leader, syscall.SIGCONT), s.rest(ctx))
}

func cutLeader(ctx context.Context, s *stage) (string, error) {
	leader, err := s.leader(ctx)
	if err != nil {
		return "", err
	}
	since := time.Now()
	s.crew.links[leader].set(true)
	what, err := s.after(ctx, leader+" has no network", since)
	time.Sleep(2 * time.Second)
	s.crew.links[leader].set(false)
	return what, errors.Join(err, s.rest(ctx))
}

func killAgent(ctx context.Context, s *stage) (string, error) {
	agent := s.crew.agents[0]
	if err := s.crew.signal(agent, syscall.SIGKILL); err != nil {
		return "", err
	}
	time.Sleep(2 * time.Second)
	return "the agent of " + agent + " was killed, and its tasks go on", errors.Join(s.crew.start(agent), s.rest(ctx))
}

func resignLeader(ctx context.Context, s *stage) (string, error) {
	leader, err := s.leader(ctx)
	if err != nil {
		return "", err
	}
	to := s.crew.members[0]
	if to == leader {
		to = s.crew.members[1]
	}
	what, err := s.resigned(ctx, leader, to)
	return what, errors.Join(err, s.rest(ctx))
}

// resigned has the leader resign to another member, and waits until that one has accepted a write.
func (s *stage) resigned(ctx context.Context, leader, to string) (string, error) {
	since := time.Now()
	back, err := bus.New(s.crew.nc).Request(ctx, "bayplan.resign."+leader, []byte(to))
	if err == nil && string(back) != "resigned" {
		err = errors.New(string(back))
	}
	if err != nil {
		return "", err
	}
	what, err := s.after(ctx, leader+" resigned to "+to, since)
	if now, failed := s.leader(ctx); err == nil && failed == nil && now != to {
		err = fmt.Errorf("%s leads, not %s", now, to)
	}
	return what, err
}

// upgrade raises the rules of all members, one after the other: first those of a follower, to which the leader resigns
// then.
func upgrade(ctx context.Context, s *stage) (string, error) {
	leader, err := s.leader(ctx)
	if err != nil {
		return "", err
	}
	began := time.Now()
	first := s.crew.members[0]
	if first == leader {
		first = s.crew.members[1]
	}
	if err := errors.Join(s.raise(first), s.rest(ctx)); err != nil {
		return "", err
	}
	what, err := s.resigned(ctx, leader, first)
	if err != nil {
		return what, err
	}
	for _, name := range s.crew.members {
		if name != first {
			if err := errors.Join(s.raise(name), s.rest(ctx)); err != nil {
				return what, err
			}
		}
	}
	return fmt.Sprintf("%s; all are of the new rules after %.0f s", what, time.Since(began).Seconds()), nil
}

// raise starts a member again, with other rules.
func (s *stage) raise(name string) error {
	s.crew.rules[name] = "9999-12"
	return errors.Join(s.crew.signal(name, syscall.SIGKILL), s.crew.start(name))
}

func killServer(ctx context.Context, s *stage) (string, error) {
	name, err := s.crew.journalServer(ctx)
	if err != nil {
		return "", err
	}
	since := time.Now()
	if err := s.crew.signal(name, syscall.SIGKILL); err != nil {
		return "", err
	}
	what, err := s.after(ctx, name+", which led the journal's stream, was killed", since)
	return what, errors.Join(err, s.crew.start(name), s.rest(ctx))
}

// rest lets a while pass before the next act, in which everybody finds the others.
func (s *stage) rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(3 * time.Second):
		return nil
	}
}
