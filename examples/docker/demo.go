package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/crew"
)

const (
	serviceName = "web"
	repository  = "demo/web"
	taskRole    = "arn:aws:iam::" + account + ":role/web"
	desired     = 3
	patience    = 3 * time.Minute
	enough      = 10_000 // requests under rolling updates
)

// demo is the demonstration: a service behind the load balancer, under load.
type demo struct {
	crew   *crew.Crew
	plane  crew.Plane
	engine *client.Client
	calls  caller
	out    io.Writer
	options

	load     *crew.Load
	url      string   // of the listener
	revision string   // ARN of the task definition that is to run
	good     []string // ARNs of those that work
	bad      string   // and of the one that does not
	other    string   // URL of the service whose tasks have addresses of their own
}

// act is a part of the demonstration. It does something, waits until the service is steady, and returns what happened.
type act struct {
	name   string
	play   func(context.Context, *demo) (string, error)
	breaks bool // requests may fail: what serves them is taken away at once
}

func acts(o options) []act {
	all := []act{
		{name: "rolling updates", play: roll},
		{name: "a broken image, rolled back", play: breakIt},
		{name: "kill -9 of orchestrator and agent", play: killAgent},
		{name: "tasks with addresses of their own", play: addressed},
		{name: "a container is killed", play: killContainer, breaks: true},
		{name: "a container takes too much memory", play: eat, breaks: true},
	}
	if o.restart != "" {
		all = append(all, act{name: "the engine is restarted", play: restartEngine, breaks: true})
	}
	return append(all, act{name: "nothing is left over", play: leftovers})
}

// demonstrate plays the acts under load, and prints what each took. The error names the requests that failed.
func demonstrate(ctx context.Context, c *crew.Crew, o options, of crew.Caller, out io.Writer) (err error) {
	d := &demo{crew: c, plane: c.Plane(), calls: caller{of}, out: out, options: o}
	if d.engine, err = connect(o.host); err != nil {
		return err
	}
	defer d.engine.Close()
	began := time.Now()
	step := func(what string, f func(context.Context, *demo) error) {
		if err == nil {
			began := time.Now()
			if err = f(ctx, d); err == nil {
				fmt.Fprintf(out, "%-36s %6.1f s\n", what, time.Since(began).Seconds())
			}
		}
	}
	step("three images built, one broken", build)
	step("pushed to "+o.registry, push)
	step("load balancer and service steady", begin)
	if err != nil {
		return err
	}
	d.load = crew.NewLoad(d.url, o.rate)
	loading, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); d.load.Run(loading) }()
	failed := 0
	for _, a := range acts(o) {
		n, why := d.play(ctx, a)
		failed, err = failed+n, errors.Join(err, why)
		if why != nil {
			break
		}
	}
	stop()
	<-ended
	all := d.load.Now().Counts
	for _, why := range d.load.Why() {
		fmt.Fprintf(out, "  %s\n", why)
	}
	if failed > 0 {
		err = errors.Join(err, fmt.Errorf("%d requests failed where none may", failed))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "PASS: %d requests in %.0f s, 0 failed but %d where containers were killed; %s serves on\n\n",
		all.Requests, time.Since(began).Seconds(), all.Failed+all.Unsafe, d.url)
	return nil
}

// play plays an act, and returns how many requests failed that may not.
func (d *demo) play(ctx context.Context, a act) (failed int, err error) {
	before, began := d.load.Now().Counts, time.Now()
	what, err := a.play(ctx, d)
	after := d.load.Now().Counts
	lost := after.Failed + after.Unsafe - before.Failed - before.Unsafe
	fmt.Fprintf(d.out, "%-36s %6.1f s %6d requests %4d failed  %s\n", a.name, time.Since(began).Seconds(),
		after.Requests-before.Requests, lost, what)
	if a.breaks {
		lost = 0
	}
	return lost, err
}

// begin makes two services behind load balancers, and waits until that of the demonstration is steady. The other one
// becomes so meanwhile: addressed looks at it.
func begin(ctx context.Context, d *demo) (err error) {
	group, err := d.balance(ctx, serviceName, "instance")
	if err != nil {
		return err
	}
	d.url = group.url
	for _, image := range []string{"1", "2", "broken"} {
		arn, err := d.register(ctx, serviceName, image, nil)
		if err != nil {
			return err
		}
		if image == "broken" {
			d.bad = arn
		} else {
			d.good = append(d.good, arn)
		}
	}
	d.revision = d.good[0]
	if err := d.calls.json(ctx, toECS, "CreateService", object{"serviceName": serviceName, "taskDefinition": d.revision,
		"desiredCount": desired, "loadBalancers": group.forService(),
		"deploymentConfiguration": object{"deploymentCircuitBreaker": object{"enable": true, "rollback": true}},
	}, nil); err != nil {
		return err
	}
	if err := d.beginAddressed(ctx); err != nil {
		return err
	}
	return d.steady(ctx)
}

// register registers the task definition of an image, with further members.
func (d *demo) register(ctx context.Context, family, tag string, more object) (string, error) {
	var out struct{ TaskDefinition ecs.TaskDefinition }
	image := awsHost + "/" + repository + ":" + tag
	in := object{"family": family, "executionRoleArn": "arn:aws:iam::" + account + ":role/ecsTaskExecutionRole",
		"taskRoleArn": taskRole, "containerDefinitions": []object{{"name": "web", "image": image, "memory": 32,
			"stopTimeout": 10, "portMappings": []object{{"containerPort": 80}}}}}
	maps.Copy(in, more)
	err := d.calls.json(ctx, toECS, "RegisterTaskDefinition", in, &out)
	return out.TaskDefinition.TaskDefinitionArn, err
}

func (d *demo) steady(ctx context.Context) error {
	return d.plane.Steady(ctx, serviceName, patience, func(sv ecs.Service) bool {
		return sv.Deployments[0].TaskDefinition == d.revision
	})
}

func (d *demo) update(ctx context.Context, arn string) error {
	return d.calls.json(ctx, toECS, "UpdateService", object{"service": serviceName, "taskDefinition": arn}, nil)
}

// roll replaces the revision by the other one until there were requests enough.
func roll(ctx context.Context, d *demo) (string, error) {
	var took []string
	for n, before := 1, d.load.Now().Requests; n == 1 || d.load.Now().Requests-before < enough; n++ {
		began := time.Now()
		d.revision = d.good[n%len(d.good)]
		if err := d.update(ctx, d.revision); err != nil {
			return "", err
		}
		if err := d.steady(ctx); err != nil {
			return "", err
		}
		took = append(took, fmt.Sprintf("%.1f s", time.Since(began).Seconds()))
	}
	return fmt.Sprintf("%d updates: %s", len(took), strings.Join(took, ", ")), nil
}

// breakIt deploys an image that cannot start: the circuit breaker rolls it back.
func breakIt(ctx context.Context, d *demo) (string, error) {
	if err := d.update(ctx, d.bad); err != nil {
		return "", err
	}
	if err := d.steady(ctx); err != nil {
		return "", err
	}
	sv, err := d.plane.Service(ctx, serviceName)
	for _, e := range sv.Events {
		if strings.Contains(e.Message, "rolling back") {
			return e.Message, err
		}
	}
	return "", errors.Join(err, errors.New("no event says that the deployment was rolled back"))
}

// killAgent kills the orchestrator with the agent: containers go on, and the next life finds them.
func killAgent(ctx context.Context, d *demo) (string, error) {
	before, err := d.plane.Tasks(ctx)
	if err != nil {
		return "", err
	}
	if err := d.crew.Kill(); err != nil {
		return "", err
	}
	began := time.Now()
	if err := d.crew.Start(ctx, crew.OrchestratorRole); err != nil {
		return "", err
	}
	took := time.Since(began)
	if err := crew.Sleep(ctx, 2*time.Second); err != nil { // the agent has reported
		return "", err
	}
	if err := d.steady(ctx); err != nil {
		return "", err
	}
	after, err := d.plane.Tasks(ctx)
	if err == nil && !same(before, after) {
		err = fmt.Errorf("the tasks were %v and are %v", before, after)
	}
	return fmt.Sprintf("up again after %.1f s; the same %d tasks", took.Seconds(), len(after)), err
}

// killContainer has the engine kill the container of a task.
func killContainer(ctx context.Context, d *demo) (string, error) {
	return d.replaced(ctx, func() error {
		all, err := d.containers(ctx, false)
		if err != nil || len(all) == 0 {
			return errors.Join(err, errors.New("no container runs"))
		}
		_, err = d.engine.ContainerKill(ctx, all[0].ID, client.ContainerKillOptions{})
		return err
	})
}

// eat has a task take more memory than it may have. The answer to that request is its end.
func eat(ctx context.Context, d *demo) (string, error) {
	what, err := d.replaced(ctx, func() error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+"eat", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil
		}
		return answer.Body.Close()
	})
	if err != nil {
		return "", err
	}
	reasons, err := d.reasons(ctx)
	i := slices.IndexFunc(reasons, func(s string) bool { return strings.HasPrefix(s, "OutOfMemoryError") })
	if i >= 0 {
		return what + "; " + reasons[i], err
	}
	return "", errors.Join(err, fmt.Errorf("no container says that its memory was too little: %q", reasons))
}

// reasons are those of the containers of tasks that have stopped.
func (d *demo) reasons(ctx context.Context) (reasons []string, err error) {
	stopped := api.ListTasksInput{DesiredStatus: ecs.DesiredStatusStopped}
	page, err := crew.Ask[api.Page](ctx, d.plane, "ListTasks", stopped)
	if err != nil || len(page.Arns) == 0 {
		return nil, err
	}
	in := api.DescribeTasksInput{Tasks: page.Arns}
	out, err := crew.Ask[api.DescribeTasksOutput](ctx, d.plane, "DescribeTasks", in)
	for _, t := range out.Tasks {
		for _, c := range t.Containers {
			reasons = append(reasons, c.Reason)
		}
	}
	return reasons, err
}

// restartEngine runs the user's command.
func restartEngine(ctx context.Context, d *demo) (string, error) {
	return d.replaced(ctx, func() error {
		said, err := exec.CommandContext(ctx, "sh", "-c", d.restart).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", d.restart, err, said)
		}
		return nil
	})
}

// replaced does something that ends tasks, and waits until others are there and the service is steady.
func (d *demo) replaced(ctx context.Context, do func() error) (string, error) {
	before, err := d.plane.Tasks(ctx)
	if err != nil {
		return "", err
	}
	began := time.Now()
	if err := do(); err != nil {
		return "", err
	}
	for {
		now, err := d.plane.Tasks(ctx)
		if err == nil && len(now) == desired && !same(before, now) {
			break
		}
		if time.Since(began) > patience {
			return "", errors.Join(err, fmt.Errorf("the tasks are %v still", now))
		}
		if err := crew.Sleep(ctx, 50*time.Millisecond); err != nil {
			return "", err
		}
	}
	another := time.Since(began)
	if err := d.steady(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("another task after %.1f s, steady after %.1f s", another.Seconds(),
		time.Since(began).Seconds()), nil
}

// leftovers waits until the engine has the containers of the tasks, and no others of the cluster.
func leftovers(ctx context.Context, d *demo) (string, error) {
	for began := time.Now(); ; {
		all, err := d.containers(ctx, true)
		if err != nil {
			return "", err
		}
		if len(all) == desired {
			return fmt.Sprintf("%d containers of %d tasks", len(all), desired), nil
		}
		if time.Since(began) > patience {
			return "", fmt.Errorf("there are %d containers of %d tasks", len(all), desired)
		}
		if err := crew.Sleep(ctx, time.Second); err != nil {
			return "", err
		}
	}
}

// containers returns the containers of the instances, those that are over included where all says so.
func (d *demo) containers(ctx context.Context, all bool) (list []container.Summary, err error) {
	var page struct{ ContainerInstanceArns []string }
	if err := d.calls.json(ctx, toECS, "ListContainerInstances", object{}, &page); err != nil {
		return nil, err
	}
	for _, arn := range page.ContainerInstanceArns {
		own := client.Filters{}.Add("label", "bayplan.instance="+crew.LastPart(arn))
		found, err := d.engine.ContainerList(ctx, client.ContainerListOptions{All: all, Filters: own})
		if err != nil {
			return nil, err
		}
		list = append(list, found.Items...)
	}
	return list, nil
}

// same reports whether two lists have the same members.
func same(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// freePort returns a port of 127.0.0.1 at which nobody listens.
func freePort() (string, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(socket.Addr().String())
	return port, errors.Join(err, socket.Close())
}
