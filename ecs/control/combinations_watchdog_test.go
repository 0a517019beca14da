package control_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/loadbalance"
)

// The bounds that the watchdog holds every input to. They count work, and not time.
const (
	mostTasks    = 60  // started by one input
	mostCommands = 300 // given out by one input
	mostMoments  = 400 // things that happen without time going on
)

// combination is a calm world in which services of every kind meet, and what was seen in it.
type combination struct {
	world     *sim.World
	at        time.Time // when something happened last
	moments   int       // what has happened since
	commands  int
	changes   int // tasks that the last input started
	tasks     map[ecs.TaskID]bool
	switched  map[string]string // by service, what was changed while it ran
	scaled    map[string]string
	reached   map[pair]bool
	refusals  []string
	calls     int
	postponed string // a service whose work was cut off
}

// breach is a promise that was broken.
type breach struct{ kind, text string }

func (b *breach) Error() string { return b.kind + ": " + b.text }

const (
	kindHang   = "hang"
	kindBreach = "breach"
	kindRest   = "no rest"
)

func newCombination(seed uint64) *combination {
	c := &combination{tasks: map[ecs.TaskID]bool{}, switched: map[string]string{}, scaled: map[string]string{},
		reached: map[pair]bool{}}
	c.world = sim.New(sim.Config{Seed: seed,
		Plane: control.Config{ZoneOfSubnet: map[string]string{"subnet-a": "us-east-1a", "subnet-b": "us-east-1b"}}})
	c.world.Watch(func(change message.Change) {
		if change.Kind == message.ChangeTask && !c.tasks[change.Task] {
			c.tasks[change.Task] = true
			c.changes++
		}
		if change.Kind == message.ChangeService && strings.HasPrefix(change.Text, "postponed: ") {
			c.postponed = change.Service
		}
	})
	must(0, c.world.Do(func(p *control.Plane, now time.Time) error {
		for _, name := range []string{"managed", "plain", "vacant"} {
			scaling := `"managedScaling":{"status":"DISABLED"}`
			if name == "managed" {
				scaling = `"managedScaling":{"status":"ENABLED"}`
			}
			if _, err := p.CreateCapacityProvider(now, input[api.CreateCapacityProviderInput](
				`{"name":%q,"autoScalingGroupProvider":{%s,"autoScalingGroupArn":"arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0:autoScalingGroupName/%s"}}`, name, scaling, name)); err != nil {
				return err
			}
		}
		_, err := p.CreateCluster(now, api.CreateClusterInput{ClusterName: combinationCluster})
		return err
	}))
	like := able(sim.InstanceTypes()[1], "us-east-1a")
	like.CapacityProviderName = "managed"
	c.world.AddAutoScalingGroup(combinationCluster, like)
	for _, zone := range []string{"us-east-1a", "us-east-1b", "us-east-1c"} {
		must(c.world.AddInstances(1, combinationCluster, able(sim.InstanceTypes()[1], zone)))
	}
	for _, zone := range []string{"us-east-1a", "us-east-1b"} {
		like := able(sim.InstanceTypes()[1], zone)
		like.CapacityProviderName = "plain"
		must(c.world.AddInstances(1, combinationCluster, like))
	}
	for _, text := range []string{
		`{"family":"bridge","networkMode":"bridge","containerDefinitions":[{"name":"c","image":"good","memory":100,"portMappings":[{"containerPort":80},{"containerPort":81}]}]}`,
		`{"family":"static","networkMode":"bridge","containerDefinitions":[{"name":"c","image":"good","memory":100,"portMappings":[{"containerPort":80,"hostPort":8080},{"containerPort":81}]}]}`,
		`{"family":"host","networkMode":"host","containerDefinitions":[{"name":"c","image":"good","memory":100,"portMappings":[{"containerPort":80},{"containerPort":81}]}]}`,
		`{"family":"none","networkMode":"none","containerDefinitions":[{"name":"c","image":"good","memory":100}]}`,
		`{"family":"awsvpc","networkMode":"awsvpc","cpu":"256","memory":"512","containerDefinitions":[{"name":"c","image":"good","portMappings":[{"containerPort":80},{"containerPort":81}]}]}`,
	} {
		must(0, c.world.Do(func(p *control.Plane, now time.Time) error {
			_, err := p.RegisterTaskDefinition(now, must(ecs.ParseTaskDefinition([]byte(text))))
			return err
		}))
	}
	c.at, c.tasks = c.world.Now(), map[ecs.TaskID]bool{}
	c.commands, _ = c.world.Digest()
	return c
}

// watch holds what one input did to the bounds, and the plane to Check.
func (c *combination) watch(what string) error {
	commands, _ := c.world.Digest()
	started, given := c.changes, commands-c.commands
	c.changes, c.commands = 0, commands
	if started > mostTasks || given > mostCommands {
		return &breach{kindHang, fmt.Sprintf("%s starts %d tasks and gives out %d commands", what, started, given)}
	}
	if c.postponed != "" {
		return &breach{kindHang, fmt.Sprintf("%s sets off more work than an input may, for %s", what, c.postponed)}
	}
	if c.moments++; !c.world.Now().Equal(c.at) {
		c.at, c.moments = c.world.Now(), 0
	}
	if c.moments > mostMoments {
		return &breach{kindHang, fmt.Sprintf("%d things happen at %s", c.moments, c.at.Format(time.TimeOnly))}
	}
	if err := c.world.Plane().Check(); err != nil {
		return &breach{kindBreach, fmt.Sprintf("after %s: %v", what, err)}
	}
	return nil
}

// restored takes the plane to pieces and sees that it is the same again.
func (c *combination) restored(what string) error {
	s := c.world.Plane().State()
	p, err := control.Restore(s, c.world.Plane().Config())
	if err != nil {
		return &breach{kindBreach, fmt.Sprintf("after %s Check accepts what Restore refuses: %v", what, err)}
	}
	if a, b := string(s.Document), stateOf(p); a != b {
		return &breach{kindBreach, fmt.Sprintf("after %s the state is restored otherwise: %s", what, difference(a, b))}
	}
	return nil
}

// advance lets time run, watched.
func (c *combination) advance(d time.Duration) error {
	end := c.world.Now().Add(d)
	for {
		next, ok := c.world.Next()
		if !ok || next.After(end) {
			c.world.Advance(end.Sub(c.world.Now()))
			return nil
		}
		c.world.Step()
		if err := c.watch("what happened at " + c.world.Now().Format(time.TimeOnly)); err != nil {
			return err
		}
	}
}

// run makes the calls and waits for the world's rest; a panic is a breach.
func (c *combination) run(calls []call) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &breach{kindBreach, fmt.Sprint("panic: ", cause)}
		}
	}()
	for _, next := range calls {
		if err := c.advance(next.wait); err != nil {
			return err
		}
		c.try(next)
		c.calls++
		if err := c.watch(next.op); err != nil {
			return err
		}
		if err := c.restored(next.op); err != nil {
			return err
		}
		if err := c.look(); err != nil {
			return err
		}
	}
	if err := c.rest(); err != nil {
		return err
	}
	if err := c.restored("rest"); err != nil {
		return err
	}
	return c.replayed()
}

// try makes one call.
func (c *combination) try(next call) {
	err := c.world.Do(func(p *control.Plane, now time.Time) error {
		if next.op == "look" {
			return nil
		}
		if slices.Contains(happenings, next.op) {
			return c.happen(p, now, next)
		}
		if next.op == "PutTargetGroup" {
			return p.PutTargetGroup(now, input[loadbalance.TargetGroup]("%s", next.input))
		}
		before := c.specs(p)
		err := p.Apply(control.Record{Op: next.op, At: ecs.At(now), Input: []byte(next.input)})
		if err == nil {
			c.note(next, before, c.specs(p))
		}
		return err
	})
	if err != nil {
		c.refusals = append(c.refusals, next.op+": "+err.Error())
	}
}

// rest lets up to a day pass until two hours go by in which no task starts or stops and no
// command is given out.
func (c *combination) rest() error {
	tasks := func() string {
		var b strings.Builder
		for t := range tasksOf(c.world.Plane(), combinationCluster) {
			if t.DesiredStatus == ecs.DesiredStatusRunning {
				b.WriteString(t.TaskArn + " " + string(t.LastStatus) + "\n")
			}
		}
		return b.String()
	}
	for range 12 {
		before, given := tasks(), c.commands
		if err := c.advance(2 * time.Hour); err != nil {
			return err
		}
		quiet := true
		for range c.world.Plane().Outstanding() {
			quiet = false
		}
		if quiet && before == tasks() && given == c.commands {
			return c.unfinished()
		}
	}
	return &breach{kindRest, "after a day: " + strings.ReplaceAll(tasks(), "\n", "; ")}
}

// unfinished returns a task that is neither on its way nor where it should be though all is quiet.
func (c *combination) unfinished() error {
	for t := range tasksOf(c.world.Plane(), combinationCluster) {
		if t.DesiredStatus == ecs.DesiredStatusStopped && t.LastStatus != "STOPPED" {
			return &breach{kindRest, fmt.Sprintf("task %s of %s is to stop and stays %s", t.ID(), t.Group,
				t.LastStatus)}
		}
		if t.DesiredStatus == ecs.DesiredStatusRunning && t.LastStatus != "RUNNING" {
			return &breach{kindRest, fmt.Sprintf("task %s of %s is to run and stays %s", t.ID(), t.Group, t.LastStatus)}
		}
	}
	return nil
}

// replayed sees that the records lead to the same state again.
func (c *combination) replayed() error {
	config := c.world.Plane().Config()
	p, err := control.Replay(control.New(config).State(), config, func(yield func(control.Record, error) bool) {
		for r := range c.world.Records() {
			if !yield(r, nil) {
				return
			}
		}
	})
	if err != nil {
		return &breach{kindBreach, "replay: " + err.Error()}
	}
	if a, b := stateOf(c.world.Plane()), stateOf(p); a != b {
		return &breach{kindBreach, "replay: " + difference(a, b)}
	}
	return nil
}

// shrink leaves out calls as long as the world still breaks a promise of the same kind.
func shrink(seed uint64, calls []call, kind string) []call {
	fails := func(calls []call) bool {
		b, ok := newCombination(seed).run(calls).(*breach)
		return ok && b.kind == kind
	}
	for size := max(1, len(calls)/2); size > 0; size /= 2 {
		for i := 0; i+size <= len(calls); {
			if fewer := slices.Concat(calls[:i], calls[i+size:]); fails(fewer) {
				calls = fewer
			} else {
				i += size
			}
		}
	}
	return calls
}
