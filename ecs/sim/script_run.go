package sim

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// Run plays the script in a fresh world and returns its timeline: every change, a line each.
// A request that the plane refuses is a line of the timeline. The error is the *ScriptError
// of a command that cannot be carried out, such as one about a task that is not there.
func (s *Script) Run(w *World) (string, error) {
	r := &run{script: s, world: w, line: newTimeline()}
	w.Watch(func(c control.Change) { r.change(c) })
	defer w.Watch(nil)
	for _, c := range s.commands {
		if c.dated {
			w.Advance(max(0, c.at-w.Elapsed()))
		}
		if err := r.do(c); err != nil {
			return r.line.text.String(), err
		}
	}
	return r.line.text.String(), nil
}

// run is a script on its way.
type run struct {
	script *Script
	world  *World
	line   *timeline
	quiet  bool // instances join: they get their names first
}

func (r *run) change(c control.Change) {
	if r.quiet && c.Kind == control.ChangeInstance {
		return
	}
	r.line.write(r.world.Elapsed(), c)
}

// option is one key=value of a command.
func (c command) options(from int, set func(key, value string) bool) error {
	for _, w := range c.args[from:] {
		if key, value := w.option(); !set(key, value) {
			return fault(c.line, w.column, "%s does not take %q", c.verb.text, w.text)
		}
	}
	return nil
}

func (r *run) do(c command) error {
	if c.source.text != "" {
		return r.request(c)
	}
	switch c.verb.text {
	case "seed":
		return r.seed(c)
	case "instances":
		return r.instances(c)
	case "image":
		return r.image(c)
	case "faults":
		return r.faults(c)
	case "hook":
		r.world.AnswerHook(c.args[0].text, c.args[1].text)
	case "alarm":
		r.world.Tell(control.AlarmState{AlarmName: c.args[0].text, State: c.args[1].text})
	case "load":
		return r.load(c)
	case "update":
		return r.update(c)
	case "crash":
		if err := r.world.Crash(); err != nil {
			return fault(c.line, c.verb.column, "%v", err)
		}
	case "run":
		return r.run(c)
	case "kill", "stop":
		return r.task(c)
	default:
		return r.host(c)
	}
	return nil
}

// request makes a request; a refusal is a line of the timeline.
func (r *run) request(c command) error {
	body := c.body
	if name, ok := strings.CutPrefix(c.source.text, "@"); ok {
		if r.script.Files == nil {
			return fault(c.line, c.source.column, "there are no files to look %q up in", name)
		}
		data, err := fs.ReadFile(r.script.Files, name)
		if err != nil {
			return fault(c.line, c.source.column, "%v", err)
		}
		body = data
	}
	operation, _ := operationOf(c.verb.text)
	var refused error
	err := r.world.Do(func(p *control.Plane, now time.Time) error {
		refused = operation(p, now, body)
		return nil
	})
	if refused != nil {
		r.line.line(r.world.Elapsed(), "refused", "", c.verb.text+": "+r.line.short(refused.Error()))
	}
	return err
}

func (r *run) seed(c command) error {
	n, err := strconv.ParseUint(c.args[0].text, 10, 64)
	if err != nil {
		return fault(c.line, c.args[0].column, "%q is no seed", c.args[0].text)
	}
	if !r.world.plane.Now().IsZero() {
		return fault(c.line, c.verb.column, "the seed comes before everything else")
	}
	config := r.world.config
	config.Seed = n
	next := New(config)
	next.watch, next.keep, next.around = r.world.watch, r.world.keep, r.world.around
	*r.world = *next
	return nil
}

func (r *run) instances(c command) error {
	n, err := strconv.Atoi(c.args[0].text)
	if err != nil || n < 1 {
		return fault(c.line, c.args[0].column, "%q is no number of instances", c.args[0].text)
	}
	kind, zones, provider := "m5.large", []string{"us-east-1a"}, ""
	if err := c.options(1, func(key, value string) bool {
		switch key {
		case "type":
			kind = value
		case "zone":
			zones = strings.Split(value, ",")
		case "provider":
			provider = value
		default:
			return false
		}
		return true
	}); err != nil {
		return err
	}
	types := InstanceTypes()
	i := slices.IndexFunc(types, func(t InstanceType) bool { return t.Name == kind && !t.Windows })
	if i < 0 {
		return fault(c.line, c.verb.column, "there is no instance type %s", kind)
	}
	for k := range n {
		like := types[i].ContainerInstance(zones[k%len(zones)])
		like.CapacityProviderName = provider
		if err := r.join(like); err != nil {
			return fault(c.line, c.verb.column, "%v", err)
		}
	}
	return nil
}

// join registers an instance under its name.
func (r *run) join(like ecs.ContainerInstance) error {
	r.quiet = true
	var pending []control.Change
	r.world.Watch(func(change control.Change) { pending = append(pending, change) })
	ids, err := r.world.AddInstances(1, "", like)
	r.world.Watch(func(change control.Change) { r.change(change) })
	r.quiet = false
	if err != nil {
		return err
	}
	out, err := r.world.Plane().DescribeContainerInstances(ecs.DescribeContainerInstancesInput{ContainerInstances: []string{string(ids[0])}})
	if err != nil || len(out.ContainerInstances) == 0 {
		return errors.Join(err, errors.New("the instance is not there"))
	}
	r.line.join(ids[0], out.ContainerInstances[0].EC2InstanceID)
	for _, change := range pending {
		r.change(change)
	}
	return nil
}

func (r *run) image(c command) error {
	var b Behaviour
	var bad error
	duration := func(into *time.Duration, value string) bool {
		*into, bad = time.ParseDuration(value)
		return bad == nil
	}
	number := func(into *int, value string) bool {
		*into, bad = strconv.Atoi(value)
		return bad == nil
	}
	err := c.options(1, func(key, value string) bool {
		switch key {
		case "pull":
			return duration(&b.PullDelay, value)
		case "start":
			return duration(&b.StartDelay, value)
		case "stop":
			return duration(&b.StopDelay, value)
		case "exit":
			return duration(&b.ExitAfter, value)
		case "code":
			return number(&b.ExitCode, value)
		case "requests":
			return number(&b.RequestsPerMinute, value)
		case "pull-error":
			b.PullError = value
		case "start-error":
			b.StartError = value
		case "stubborn":
			b.IgnoreSIGTERM = true
		case "private":
			b.Private = true
		case "health":
			b.Health = ecs.HealthStatus(strings.ToUpper(value))
		case "target":
			b.TargetHealth = value
		default:
			return false
		}
		return true
	})
	if err == nil {
		r.world.Behave(c.args[0].text, b)
	}
	return err
}

func (r *run) faults(c command) error {
	var f Faults
	err := c.options(0, func(key, value string) bool {
		rate, err := strconv.ParseFloat(value, 64)
		if err != nil || rate < 0 || rate > 1 {
			return false
		}
		switch key {
		case "loss":
			f.Loss = rate
		case "repeat":
			f.Repeat = rate
		case "delay":
			f.Delay = rate
		case "fail":
			f.Fail = rate
		default:
			return false
		}
		return true
	})
	if err == nil {
		r.world.SetFaults(f)
	}
	return err
}

func (r *run) load(c command) error {
	text, ok := strings.CutSuffix(c.args[1].text, "/min")
	n, err := strconv.Atoi(text)
	if !ok || err != nil || n < 0 {
		return fault(c.line, c.args[1].column, "%q is no load, such as 1200/min", c.args[1].text)
	}
	r.world.SetLoad("", c.args[0].text, n)
	return nil
}

func (r *run) update(c command) error {
	key, value := c.args[1].option()
	if key != "to" || value == "" {
		return fault(c.line, c.args[1].column, "update does not take %q", c.args[1].text)
	}
	in := ecs.UpdateServiceInput{Service: c.args[0].text, TaskDefinition: value}
	if n, err := strconv.Atoi(value); err == nil {
		in.TaskDefinition, in.DesiredCount = "", ecs.Some(n)
	}
	err := r.world.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.UpdateService(now, in)
		return err
	})
	if err != nil {
		r.line.line(r.world.Elapsed(), "refused", "", "UpdateService: "+r.line.short(err.Error()))
	}
	return nil
}

// task carries out a command about a task.
func (r *run) task(c command) error {
	id, ok := r.line.tasks[c.args[0].text]
	if !ok {
		return fault(c.line, c.args[0].column, "there is no task %s yet", c.args[0].text)
	}
	if c.verb.text == "kill" {
		if !r.world.KillTask(id) {
			return fault(c.line, c.args[0].column, "no agent runs task %s", c.args[0].text)
		}
		return nil
	}
	err := r.world.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.StopTask(now, ecs.StopTaskInput{Task: string(id)})
		return err
	})
	if err != nil {
		return fault(c.line, c.args[0].column, "%v", err)
	}
	return nil
}

// host carries out a command about an instance, a zone, or a Spot notice of a task.
func (r *run) host(c command) error {
	name := c.args[0]
	if task, ok := r.line.tasks[name.text]; ok && c.verb.text == "spot" {
		r.world.Tell(control.SpotInterruption{Task: task})
		return nil
	}
	if zone, ok := strings.CutPrefix(name.text, "zone="); ok && c.verb.text == "terminate" {
		r.world.TerminateZone("", zone)
		return nil
	}
	id, ok := r.line.hosts[name.text]
	if !ok {
		return fault(c.line, name.column, "there is no instance %s", name.text)
	}
	switch c.verb.text {
	case "terminate":
		r.world.Terminate("", id)
	case "disconnect", "connect":
		r.world.Tell(control.AgentConnectivity{Instance: id, Connected: c.verb.text == "connect"})
	case "spot":
		r.world.Tell(control.SpotInterruption{Instance: id})
	default:
		status := ecs.ContainerInstanceStatusDraining
		if c.verb.text == "activate" {
			status = ecs.ContainerInstanceStatusActive
		}
		err := r.world.Do(func(p *control.Plane, now time.Time) error {
			_, err := p.UpdateContainerInstancesState(now, ecs.UpdateContainerInstancesStateInput{ContainerInstances: []string{string(id)}, Status: status})
			return err
		})
		if err != nil {
			return fault(c.line, name.column, "%v", err)
		}
	}
	return nil
}

// run lets time pass: for a while, or until all services are steady.
func (r *run) run(c command) error {
	if d, err := time.ParseDuration(c.args[0].text); err == nil && d >= 0 {
		r.world.Advance(d)
		return nil
	}
	limit, until := time.Hour, ""
	err := c.options(0, func(key, value string) bool {
		switch key {
		case "until":
			until = value
			return value == "steady"
		case "limit":
			var err error
			limit, err = time.ParseDuration(value)
			return err == nil
		}
		return false
	})
	if err != nil {
		return err
	}
	if until == "" {
		return fault(c.line, c.verb.column, "run needs a time, or until=steady")
	}
	if err := r.world.RunUntil(Steady, limit); err != nil {
		return fault(c.line, c.verb.column, "%v", err)
	}
	return nil
}

// Steady reports whether every ACTIVE service of the default cluster has one deployment, which
// is completed, and as many running tasks as it wants.
func Steady(p *control.Plane) bool {
	in := ecs.ListServicesInput{}
	for {
		page, err := p.ListServices(in)
		if err != nil || len(page.Arns) == 0 {
			return true
		}
		out, err := p.DescribeServices(ecs.DescribeServicesInput{Services: page.Arns})
		if err != nil {
			return false
		}
		for _, s := range out.Services {
			if len(s.Deployments) != 1 || s.Deployments[0].RolloutState != ecs.DeploymentRolloutStateCompleted || s.RunningCount != s.DesiredCount || s.PendingCount > 0 {
				return false
			}
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			return true
		}
	}
}
