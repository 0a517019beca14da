package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/examples/crew"
)

// patience is how long an act may take in real time.
const patience = 60 * time.Second

// stage is what acts play on.
type stage struct {
	crew     *crew.Crew
	plane    crew.Plane
	balancer *proxy.Remote
	load     *crew.Load
	options  options
}

// act is a part of the show: it does something to the service and waits until that is over. It returns what happened.
type act struct {
	name   string
	play   func(context.Context, *stage) (string, error)
	unsafe bool // requests in flight that HTTP does not allow to send again may fail
}

// acts is the program of the show.
func acts(short bool) []act {
	all := []act{
		{name: "rolling update", play: rollout},
		{name: "canary", play: canaryRollout},
		{name: "kill -9 of a task", play: killTask, unsafe: true},
		{name: "kill -9 of the orchestrator", play: killOrchestrator},
		{name: "scale-out", play: scaleOut},
	}
	if !short {
		all = append(all, act{name: "scale-in", play: scaleIn})
	}
	return all
}

// show starts the service, and plays every act under load. The error is the verdict, if that is not good.
func show(ctx context.Context, c *crew.Crew, o options, out io.Writer) error {
	s := &stage{crew: c, plane: c.Plane(), balancer: proxy.NewRemote(c.Directory()), options: o}
	began := time.Now()
	url, err := begin(ctx, s)
	if err != nil {
		return err
	}
	s.load = crew.NewLoad(url, o.rate)
	d := newDisplay(out, s)
	d.Line("%d tasks behind %s after %.1f s; %d requests a second; the plane's clock runs %d times as fast",
		desired, url, time.Since(began).Seconds(), o.rate, c.Clock().Speed)
	loading, stop := context.WithCancel(ctx)
	defer stop()
	var parts sync.WaitGroup
	parts.Go(func() { s.load.Run(loading) })
	parts.Go(func() { d.live(loading) })
	v := verdict{short: o.short}
	for _, a := range acts(o.short) {
		d.Begin(a.name)
		before, began := s.load.Now().Counts, time.Now()
		what, err := a.play(ctx, s)
		after := s.load.Now().Counts
		v.add(a, before, after, err)
		d.end(a, time.Since(began), before, after, what, err)
		if err != nil {
			break
		}
	}
	stop()
	parts.Wait()
	v.all, v.took = s.load.Now().Counts, time.Since(began)
	for _, why := range s.load.Why() {
		d.Line("  %s", why)
	}
	codes, err := s.balancer.Errors(ctx)
	v.errors = append(v.errors, err)
	v.codes = codes
	v.errors = append(v.errors, finish(ctx, s))
	d.Line("%s", v)
	if !v.good() {
		return errors.New("the show failed")
	}
	return nil
}

// begin starts the service, and returns its URL once all of its tasks serve.
func begin(ctx context.Context, s *stage) (string, error) {
	address, err := s.balancer.Listen(ctx, listener(), "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	for _, arn := range []string{blueGroup, greenGroup} {
		if _, err := crew.Ask[struct{}](ctx, s.plane, "PutTargetGroup", targetGroup(arn)); err != nil {
			return "", err
		}
	}
	if _, err := crew.Ask[ecs.TaskDefinition](ctx, s.plane, "RegisterTaskDefinition", taskDefinition(1)); err != nil {
		return "", err
	}
	if _, err := crew.Ask[ecs.Service](ctx, s.plane, "CreateService", createService()); err != nil {
		return "", err
	}
	return "http://" + address + "/", s.steady(ctx, serviceName, func(sv ecs.Service) bool { return true })
}

// steady waits until the service has one deployment, which is complete, and meets a condition.
func (s *stage) steady(ctx context.Context, name string, also func(ecs.Service) bool) error {
	return s.plane.Steady(ctx, name, patience, also)
}

// deploy registers a revision and deploys it, and waits until it is alone.
func (s *stage) deploy(ctx context.Context, revision int, how api.UpdateServiceInput) error {
	d, err := crew.Ask[ecs.TaskDefinition](ctx, s.plane, "RegisterTaskDefinition", taskDefinition(revision))
	if err != nil {
		return err
	}
	how.Service, how.TaskDefinition = serviceName, d.TaskDefinitionArn
	if _, err := crew.Ask[ecs.Service](ctx, s.plane, "UpdateService", how); err != nil {
		return err
	}
	return s.steady(ctx, serviceName, func(sv ecs.Service) bool {
		return sv.Deployments[0].TaskDefinition == d.TaskDefinitionArn
	})
}

func rollout(ctx context.Context, s *stage) (string, error) {
	return "revision 2 replaced revision 1, task by task", s.deploy(ctx, 2, api.UpdateServiceInput{})
}

func canaryRollout(ctx context.Context, s *stage) (string, error) {
	watching, stop := context.WithCancel(ctx)
	least := make(chan int, 1)
	go func() { least <- s.share(watching, "3") }()
	err := s.deploy(ctx, 3, api.UpdateServiceInput{DeploymentConfiguration: canary(),
		LoadBalancers: ecs.Some(balanced(shifting()))})
	stop()
	return fmt.Sprintf("revision 3 had %d%% of the requests, and then all", <-least), err
}

// share returns the share of the first second in which both a revision and another one answered, in percent.
func (s *stage) share(ctx context.Context, revision string) (percent int) {
	for crew.Sleep(ctx, 200*time.Millisecond) == nil {
		by, all := s.load.Now().ByRevision, 0
		for _, n := range by { //order:any a sum
			all += n
		}
		if percent == 0 && by[revision] > 0 && by[revision] < all {
			if crew.Sleep(ctx, time.Second) != nil { // the first whole second
				break
			}
			by, all = s.load.Now().ByRevision, 0
			for _, n := range by { //order:any a sum
				all += n
			}
			percent = by[revision] * 100 / max(1, all)
		}
	}
	return percent
}

func killTask(ctx context.Context, s *stage) (string, error) {
	before := s.load.Processes(time.Second)
	if len(before) < desired {
		return "", fmt.Errorf("%d processes answer, not %d", len(before), desired)
	}
	tasks, err := s.plane.Tasks(ctx)
	if err != nil {
		return "", err
	}
	victim, err := os.FindProcess(before[0])
	if err == nil {
		err = victim.Kill()
	}
	if err != nil {
		return "", err
	}
	killed := time.Now()
	for time.Since(killed) < patience {
		now, err := s.plane.Tasks(ctx)
		if err == nil && !same(now, tasks) && len(s.load.Processes(time.Second)) == desired &&
			!slices.Contains(s.load.Processes(time.Second), before[0]) {
			took := time.Since(killed).Round(100 * time.Millisecond)
			return fmt.Sprintf("process %d was killed, and another serves after %s", before[0], took),
				s.steady(ctx, serviceName, func(ecs.Service) bool { return true })
		}
		if err := crew.Sleep(ctx, 50*time.Millisecond); err != nil {
			return "", err
		}
	}
	return "", errors.New("the task that was killed is not replaced")
}

func killOrchestrator(ctx context.Context, s *stage) (string, error) {
	before := s.load.Processes(time.Second)
	tasks, err := s.plane.Tasks(ctx)
	if err != nil {
		return "", err
	}
	if err := s.crew.Kill(); err != nil {
		return "", err
	}
	if err := crew.Sleep(ctx, 1500*time.Millisecond); err != nil {
		return "", err
	}
	if s.plane.Alive(ctx) {
		return "", errors.New("the orchestrator answers after it was killed")
	}
	began := time.Now()
	if err := s.crew.Start(ctx, crew.OrchestratorRole); err != nil {
		return "", err
	}
	took := time.Since(began).Round(10 * time.Millisecond)
	if err := crew.Sleep(ctx, 2*time.Second); err != nil { // every agent has reported
		return "", err
	}
	if err := s.steady(ctx, serviceName, func(ecs.Service) bool { return true }); err != nil {
		return "", err
	}
	after, err := s.plane.Tasks(ctx)
	if err != nil {
		return "", err
	}
	if now := s.load.Processes(time.Second); !same(tasks, after) || !slices.Equal(before, now) {
		return "", fmt.Errorf("the processes were %v and are %v, the tasks %v and %v", before, now, tasks, after)
	}
	return fmt.Sprintf("it knows its journal after %s; the same %d processes serve", took, len(before)), nil
}

func scaleOut(ctx context.Context, s *stage) (string, error) {
	group, err := s.serving(ctx)
	if err != nil {
		return "", err
	}
	_, err = crew.Ask[autoscale.ScalableTarget](ctx, s.plane, "RegisterScalableTarget", scalableTarget())
	if err != nil {
		return "", err
	}
	minute := float64(s.options.rate) * 60 / float64(s.crew.Clock().Speed) / desired
	if _, err := crew.Ask[any](ctx, s.plane, "PutScalingPolicy", policy(group, minute/1.6)); err != nil {
		return "", err
	}
	var sized int
	err = s.steady(ctx, serviceName, func(sv ecs.Service) bool { sized = sv.DesiredCount; return sized > desired })
	return fmt.Sprintf("%.0f requests for each target in a minute are more than %.0f: from %d tasks to %d", minute,
		minute/1.6, desired, sized), err
}

func scaleIn(ctx context.Context, s *stage) (string, error) {
	before, err := s.plane.Service(ctx, serviceName)
	if err != nil {
		return "", err
	}
	s.load.SetRate(max(1, s.options.rate/3))
	err = s.steady(ctx, serviceName, func(sv ecs.Service) bool { return sv.DesiredCount == desired })
	return fmt.Sprintf("a third of the requests, and from %d tasks to %d", before.DesiredCount, desired), err
}

// serving returns the target group that has the traffic.
func (s *stage) serving(ctx context.Context) (string, error) {
	before, err := s.balancer.Requests(ctx)
	if err != nil {
		return "", err
	}
	if err := crew.Sleep(ctx, 300*time.Millisecond); err != nil {
		return "", err
	}
	after, err := s.balancer.Requests(ctx)
	for group, n := range after { //order:any one has all the traffic
		if n > before[group] {
			return group, err
		}
	}
	return "", errors.Join(errors.New("no target group has traffic"), err)
}

// finish deletes the service and waits until no task and no process is left.
func finish(ctx context.Context, s *stage) error {
	gone := api.DeleteServiceInput{Service: serviceName, Force: true}
	_, err := crew.Ask[ecs.Service](ctx, s.plane, "DeleteService", gone)
	if err != nil {
		return err
	}
	for end := time.Now().Add(patience); ; {
		left, err := s.plane.Tasks(ctx)
		running := s.load.Gone()
		if err == nil && len(left) == 0 && running == nil {
			return nil
		}
		if time.Now().After(end) {
			return errors.Join(fmt.Errorf("the tasks %v are left", left), running, err)
		}
		if err := crew.Sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}
