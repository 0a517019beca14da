package record

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/sim"
)

// Options are what is different from what was recorded.
type Options struct {
	Strategy []ecs.PlacementStrategy // of every service that may have one, and of standalone tasks; nil: as recorded
	Seed     uint64                  // 1 if 0
}

// writer writes a scenario.
type writer struct {
	r          *Recording
	o          Options
	b          strings.Builder
	cluster    string
	instances  map[string]*instance    // by ARN
	services   map[string]*ecs.Service // by name, as last described
	registered map[string]string       // families by the definition that is registered last
	tasks      map[string]bool         // standalone ones that were started
	err        error
}

// instance is a container instance by its name in the scenario.
type instance struct {
	name               string
	draining, gone, on bool
}

// Script returns the scenario of a recording, for sim.ParseScript. It adds to Notes what it leaves out.
func (r *Recording) Script(o Options) (string, error) {
	w := &writer{r: r, o: o, instances: map[string]*instance{}, services: map[string]*ecs.Service{},
		registered: map[string]string{}, tasks: map[string]bool{}}
	w.line(0, "seed %d", max(o.Seed, 1))
	for _, x := range r.items {
		at := time.Duration(0)
		if !x.at.IsZero() {
			at = x.at.Sub(r.Start)
		}
		for _, ci := range x.out.ContainerInstances {
			w.instance(at, ci)
		}
		for _, s := range x.out.Services {
			w.service(at, s)
		}
	}
	w.standalone()
	lines := w.sorted()
	return strings.Join(lines, "\n") + fmt.Sprintf("\nat %s run 1m\n", r.End.Sub(r.Start)), w.err
}

// dated separates the time of a line from its command while the lines are not in order.
const dated = "\x00"

func (w *writer) line(at time.Duration, format string, args ...any) {
	fmt.Fprintf(&w.b, "%d%s%s\n", at, dated, fmt.Sprintf(format, args...))
}

// sorted returns the lines in the order of time; lines of one time stay as they were written.
func (w *writer) sorted() (list []string) {
	type line struct {
		at   time.Duration
		text string
	}
	var lines []line
	for text := range strings.Lines(w.b.String()) {
		number, command, _ := strings.Cut(strings.TrimSuffix(text, "\n"), dated)
		var at time.Duration
		if _, err := fmt.Sscan(number, (*int64)(&at)); err != nil {
			w.err = errors.Join(w.err, err)
		}
		lines = append(lines, line{at, command})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	for _, l := range lines {
		if l.at > 0 {
			l.text = "at " + l.at.Truncate(100*time.Millisecond).String() + " " + l.text
		}
		list = append(list, l.text)
	}
	return list
}

// word returns a text that is one word of a scenario.
func word(s string) string {
	return strings.Map(func(c rune) rune {
		if c <= ' ' || c == '"' || c == '#' || c == '{' || c > '~' {
			return '-'
		}
		return c
	}, s)
}

func (w *writer) instance(at time.Duration, ci ecs.ContainerInstance) {
	arn := ci.ContainerInstanceArn
	x := w.instances[arn]
	gone := ci.Status == ecs.ContainerInstanceStatusInactive
	if x == nil {
		if gone {
			return
		}
		x = &instance{name: fmt.Sprintf("i%d", len(w.instances)+1), on: true}
		w.instances[arn] = x
		zone, _ := ci.Attribute("ecs.availability-zone")
		line := fmt.Sprintf("instances 1 type=%s zone=%s", w.kind(ci), word(cmp.Or(zone, "us-east-1a")))
		for _, a := range ci.Attributes {
			if !strings.HasPrefix(a.Name, "ecs.") && !strings.HasPrefix(a.Name, "com.amazonaws.") && a.Value != "" {
				line += " attribute=" + word(a.Name) + "=" + word(a.Value)
			}
		}
		w.line(at, "%s", line)
	}
	draining := ci.Status == ecs.ContainerInstanceStatusDraining
	switch {
	case x.gone:
		return
	case gone:
		w.line(at, "terminate %s", x.name)
		x.gone = true
		return
	case draining != x.draining:
		w.line(at, "%s %s", map[bool]string{true: "drain", false: "activate"}[draining], x.name)
		x.draining = draining
	}
	if ci.AgentConnected != x.on {
		w.line(at, "%s %s", map[bool]string{true: "connect", false: "disconnect"}[ci.AgentConnected], x.name)
		x.on = ci.AgentConnected
	}
}

// kind returns the instance type, or the smallest that package sim has in its place.
func (w *writer) kind(ci ecs.ContainerInstance) string {
	name, _ := ci.Attribute("ecs.instance-type")
	all := ci.Registered()
	best := ""
	least := 0
	for _, t := range sim.InstanceTypes() {
		if t.Windows {
			continue
		}
		if t.Name == name {
			return name
		}
		fits := int64(t.VCPU)*1024 >= all.CPU && int64(t.MemoryMiB) >= all.Memory && int64(t.GPU) >= all.GPU
		if fits && (best == "" || t.MemoryMiB < least) {
			best, least = t.Name, t.MemoryMiB
		}
	}
	best = cmp.Or(best, "m5.large")
	w.r.once("instances of the type %q are replayed as %s", short(name), best)
	return best
}

func (r *Recording) once(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

func (w *writer) json(at time.Duration, action string, in any) {
	data, err := json.Marshal(in)
	w.err = errors.Join(w.err, err)
	w.line(at, "%s %s", action, data)
}

// register registers a task definition under a family, unless the last one registered there is the same.
func (w *writer) register(at time.Duration, d ecs.TaskDefinition, family string) {
	d, _ = d.Input()
	d.Family = family
	data, err := json.Marshal(d)
	w.err = errors.Join(w.err, err)
	if w.registered[family] != string(data) {
		w.registered[family] = string(data)
		w.line(at, "RegisterTaskDefinition %s", data)
	}
}

func (w *writer) service(at time.Duration, s ecs.Service) {
	cluster := clusterOf(s.ClusterArn)
	if w.cluster == "" {
		w.cluster = cluster
	}
	if cluster != w.cluster {
		w.r.once("services of the cluster %s are left out: %s is replayed", short(cluster), short(w.cluster))
		return
	}
	d, ok := w.r.definition(s.TaskDefinition)
	if !ok {
		w.r.once("the service %s is left out: its task definition %s is not described", short(s.ServiceName),
			short(s.TaskDefinition))
		return
	}
	if len(s.LoadBalancers)+len(s.ServiceRegistries) > 0 {
		w.r.once("load balancers and registries are left out")
	}
	last := w.services[s.ServiceName]
	w.services[s.ServiceName] = &s
	if last == nil {
		w.register(at, d, d.Family)
		in := request(s, d.Family)
		if w.o.Strategy != nil && in.SchedulingStrategy != ecs.SchedulingStrategyDaemon &&
			in.LaunchType != ecs.LaunchTypeFargate {
			in.PlacementStrategy = w.o.Strategy
		}
		w.json(at, "CreateService", in)
		return
	}
	if last.TaskDefinition != s.TaskDefinition {
		w.register(at, d, d.Family)
		w.line(at, "update %s to=%s", word(s.ServiceName), word(d.Family))
	}
	if last.DesiredCount != s.DesiredCount && s.SchedulingStrategy != ecs.SchedulingStrategyDaemon {
		w.line(at, "update %s to=%d", word(s.ServiceName), s.DesiredCount)
	}
}

// standalone starts the tasks that no service started, each for as long as it ran.
func (w *writer) standalone() {
	type life struct {
		task     ecs.Task
		from, to time.Time
	}
	lives := map[string]*life{}
	var order []string
	for _, x := range w.r.items {
		for _, t := range x.out.Tasks {
			if strings.HasPrefix(t.Group, "service:") || t.TaskArn == "" {
				continue
			}
			l := lives[t.TaskArn]
			if l == nil {
				l = &life{task: t}
				lives[t.TaskArn] = l
				order = append(order, t.TaskArn)
			}
			if t.StartedAt != 0 {
				l.from = t.StartedAt.Time()
			}
			if t.StoppedAt != 0 {
				l.to = t.StoppedAt.Time()
			}
		}
	}
	for _, arn := range order {
		l := lives[arn]
		d, ok := w.r.definition(l.task.TaskDefinitionArn)
		if !ok {
			w.r.once("standalone tasks of %s are left out: it is not described", short(l.task.TaskDefinitionArn))
			continue
		}
		if l.from.IsZero() || l.from.After(w.r.End) {
			w.r.once("standalone tasks that did not start are left out")
			continue
		}
		w.run(d, max(l.from.Sub(w.r.Start), 0), l.to.Sub(l.from), l.to.IsZero())
	}
}

// run starts a task of a variant of a definition whose containers end after a time, to the minute.
func (w *writer) run(d ecs.TaskDefinition, at, lasts time.Duration, open bool) {
	family, suffix := d.Family, ""
	if !open {
		minutes := max(int((lasts+time.Minute-1)/time.Minute), 1)
		suffix = fmt.Sprintf("-%dm", minutes)
		family += suffix
	}
	containers := slices.Clone(d.ContainerDefinitions)
	for i := range containers {
		containers[i].Image = word(containers[i].Image) + suffix
		if !open {
			key := "image " + containers[i].Image
			if w.registered[key] == "" {
				w.registered[key] = suffix
				w.line(at, "image %s exit=%s code=0", containers[i].Image, suffix[1:])
			}
		}
	}
	d.ContainerDefinitions = containers
	w.register(at, d, family)
	in := api.RunTaskInput{TaskDefinition: family, PlacementStrategy: w.o.Strategy}
	w.json(at, "RunTask", in)
}
