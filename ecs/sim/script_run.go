package sim

import (
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// Run plays the script in a new world and returns its timeline, with a line for every change and for
// every request that the plane refuses. The error is the *ScriptError of a command that cannot be
// carried out, such as one about a task that does not exist; the timeline then ends before that command.
func (s *Script) Run(w *World) (string, error) {
	r := &run{script: s, world: w, line: newTimeline()}
	w.Watch(r.change)
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
	script  *Script
	world   *World
	line    *timeline
	cluster string // that commands speak of
}

// change adds the line of a change. Instances get their names when they join.
func (r *run) change(c message.Change) {
	if _, known := r.line.known(string(c.Instance)); c.Kind == message.ChangeInstance && !known {
		out, err := r.world.Plane().DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: c.Cluster,
			ContainerInstances: []string{string(c.Instance)}})
		if err == nil && len(out.ContainerInstances) > 0 {
			r.line.join(host{c.Cluster, c.Instance}, out.ContainerInstances[0].EC2InstanceID)
		}
	}
	r.line.write(r.world.Elapsed(), c)
}

func (r *run) do(c command) error {
	if c.source.text != "" {
		return r.request(c)
	}
	v, _ := verbOf(c.verb.text)
	return v.do(r, c)
}

// ask makes a request of the plane; a refusal is a line of the timeline.
func (r *run) ask(name string, f func(p *control.Plane, now time.Time) error) {
	if err := r.world.Do(f); err != nil {
		r.line.line(r.world.Elapsed(), "refused", "", name+": "+r.line.short(err.Error()))
	}
}

// request makes the request of a line with JSON.
func (r *run) request(c command) error {
	body := c.body
	if name, ok := strings.CutPrefix(c.source.text, "@"); ok {
		if r.script.Files == nil {
			return fault(c.line, c.source.column, "%q cannot be read: the script has no Files", name)
		}
		data, err := fs.ReadFile(r.script.Files, name)
		if err != nil {
			return fault(c.line, c.source.column, "%v", err)
		}
		body = data
	}
	var wrong error
	r.ask(c.verb.text, func(p *control.Plane, now time.Time) error {
		err := apply(p, control.Record{At: ecs.At(now), Op: c.verb.text, Input: body})
		if wrong = nil; err != nil && !refusal(err) {
			wrong = c.wrong(body, err)
			return nil
		}
		return err
	})
	return wrong
}

// apply makes a request. A task definition is read as a person's: no key may be unknown.
func apply(p *control.Plane, r control.Record) error {
	if r.Op == "RegisterTaskDefinition" {
		if _, err := ecs.ParseTaskDefinition(r.Input); err != nil {
			return err
		}
	}
	return p.Apply(r)
}

// refusal reports whether an error is the plane's answer to a request.
func refusal(err error) bool {
	for range ecs.Errors(err) {
		return true
	}
	return false
}

// isRequest reports whether there is a request of that name.
func isRequest(name string) bool {
	return name != "Observe" && name != "Tick" && slices.Contains(control.Operations(), name)
}

// wrong adds line and column to the error of JSON that is not the input of a request.
func (c command) wrong(body []byte, err error) *ScriptError {
	key := ""
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		key = strconv.Quote(kind.Field[strings.LastIndexByte(kind.Field, '.')+1:])
	} else if _, unknown, ok := strings.Cut(err.Error(), "unknown field "); ok {
		key = unknown
	}
	offset := strings.Index(string(body), key) + 1
	if c.source.text != "{" {
		return fault(c.line, c.source.column, "%s: %v", c.source.text, err)
	}
	return c.jsonFault(string(body), offset, c.line, err)
}

func (r *run) seed(c command) error {
	n, err := strconv.ParseUint(c.args[0].text, 10, 64)
	if err != nil {
		return fault(c.line, c.args[0].column, "%q is not a seed", c.args[0].text)
	}
	if !r.world.plane.Now().IsZero() {
		return fault(c.line, c.verb.column, "the seed comes before everything else")
	}
	config := r.world.config
	config.Seed = n
	next := New(config)
	next.watch, next.keep, next.around = r.world.watch, r.world.keep, r.world.around
	*r.world = *next
	r.world.auto.world = r.world
	return nil
}

func (r *run) crash(c command) error {
	if err := r.world.Crash(); err != nil {
		return fault(c.line, c.verb.column, "%v", err)
	}
	return nil
}

// speakOf sets the cluster of the commands that follow.
func (r *run) speakOf(c command) error {
	r.cluster = c.args[0].text
	return nil
}

// pass lets time pass: for a while, or until all services are steady.
func (r *run) pass(c command) error {
	if d, err := time.ParseDuration(c.args[0].text); err == nil && d >= 0 && len(c.args) == 1 {
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
			return duration(&limit, value)
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
