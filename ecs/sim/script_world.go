package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// options calls set with each key=value of a command from a word on; false is a fault.
func (c command) options(from int, set func(key, value string) bool) error {
	for _, w := range c.args[from:] {
		if key, value := w.option(); !set(key, value) {
			return fault(c.line, w.column, "%s does not take %q", c.verb.text, w.text)
		}
	}
	return nil
}

func duration(into *time.Duration, value string) bool {
	d, err := time.ParseDuration(value)
	*into = d
	return err == nil && d >= 0
}

func number(into *int, value string) bool {
	n, err := strconv.Atoi(value)
	*into = n
	return err == nil
}

func rate(into *float64, value string) bool {
	f, err := strconv.ParseFloat(value, 64)
	*into = f
	return err == nil && f >= 0 && f <= 1
}

// hosts returns what the options of a command describe: instances of one type, one in each zone.
func (r *run) hosts(c command) ([]ecs.ContainerInstance, error) {
	kind, zones, provider := "m5.large", []string{"us-east-1a"}, ""
	var attributes []ecs.Attribute
	err := c.options(1, func(key, value string) bool {
		switch key {
		case "type":
			kind = value
		case "zone":
			zones = strings.Split(value, ",")
		case "provider":
			provider = value
		case "attribute":
			name, is, ok := strings.Cut(value, "=")
			attributes = append(attributes, ecs.Attribute{Name: name, Value: is})
			return ok
		default:
			return false
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	types := InstanceTypes()
	i := slices.IndexFunc(types, func(t InstanceType) bool { return t.Name == kind && !t.Windows })
	if i < 0 {
		return nil, fault(c.line, c.verb.column, "there is no instance type %s", kind)
	}
	list := make([]ecs.ContainerInstance, len(zones))
	for k, zone := range zones {
		list[k] = with(types[i].ContainerInstance(zone), attributes)
		list[k].CapacityProviderName = provider
	}
	return list, nil
}

func (r *run) instances(c command) error {
	n, err := strconv.Atoi(c.args[0].text)
	if err != nil || n < 1 {
		return fault(c.line, c.args[0].column, "%q is not a number of instances", c.args[0].text)
	}
	like, err := r.hosts(c)
	if err != nil {
		return err
	}
	for k := range n {
		if _, err := r.world.AddInstances(1, r.cluster, like[k%len(like)]); err != nil {
			return fault(c.line, c.verb.column, "%v", err)
		}
	}
	return nil
}

// group gives a capacity provider its Auto Scaling group.
func (r *run) group(c command) error {
	like, err := r.hosts(c)
	if err != nil {
		return err
	}
	for i := range like {
		like[i].CapacityProviderName = c.args[0].text
	}
	r.world.AddAutoScalingGroup(r.cluster, like...)
	return nil
}

func (r *run) image(c command) error {
	var b Behaviour
	err := c.options(1, func(key, value string) bool {
		read := true
		switch key {
		case "pull":
			read = duration(&b.PullDelay, value)
		case "start":
			read = duration(&b.StartDelay, value)
		case "serve":
			read = duration(&b.ServeDelay, value)
		case "stop":
			read = duration(&b.StopDelay, value)
		case "exit":
			read = duration(&b.ExitAfter, value)
		case "code":
			read = number(&b.ExitCode, value)
		case "requests":
			read = number(&b.RequestsPerMinute, value)
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
			b.TargetHealth = loadbalance.State(value)
		default:
			return false
		}
		return read && b.Validate() == nil
	})
	if err == nil {
		r.world.Behave(c.args[0].text, b)
	}
	return err
}

func (r *run) faults(c command) error {
	var f Faults
	err := c.options(0, func(key, value string) bool {
		switch key {
		case "loss":
			return rate(&f.Loss, value)
		case "repeat":
			return rate(&f.Repeat, value)
		case "delay":
			return rate(&f.Delay, value)
		case "fail":
			return rate(&f.Fail, value)
		}
		return false
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
		return fault(c.line, c.args[1].column, "%q is not a load, such as 1200/min", c.args[1].text)
	}
	r.world.SetLoad(r.cluster, c.args[0].text, n)
	return nil
}

func (r *run) hook(c command) error {
	r.world.AnswerHook(c.args[0].text, ecs.LifecycleHookStatus(c.args[1].text))
	return nil
}

func (r *run) alarm(c command) error {
	state := ecs.AlarmState(c.args[1].text)
	if !ecs.Valid(state) {
		return fault(c.line, c.args[1].column, "%q is not a state of an alarm: OK, ALARM or INSUFFICIENT_DATA", state)
	}
	r.world.Tell(message.AlarmState{AlarmName: c.args[0].text, State: state})
	return nil
}
