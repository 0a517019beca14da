package lifecycle

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/explore"
)

var largest = flag.Int("explore", 0, "explore configurations up to this size: 0 small, 1 above 100,000 states, 2 more")

// configuration is a task definition and traits to explore.
type configuration struct {
	name   string
	d      ecs.TaskDefinition
	traits Traits
	faults bool
	size   int  // see the flag
	quoted bool // BENCHMARKS.md has its number of states
}

func container(name string, more ...func(*ecs.ContainerDefinition)) ecs.ContainerDefinition {
	c := ecs.ContainerDefinition{Name: name, Image: "image"}
	for _, f := range more {
		f(&c)
	}
	return c
}

func optional(c *ecs.ContainerDefinition) { c.Essential = ecs.Some(false) }

func after(name string, condition ecs.ContainerCondition) func(*ecs.ContainerDefinition) {
	return func(c *ecs.ContainerDefinition) {
		c.DependsOn = append(c.DependsOn, ecs.ContainerDependency{ContainerName: name, Condition: condition})
	}
}

func checked(c *ecs.ContainerDefinition) {
	c.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "true"}, Retries: ecs.Some(2), StartPeriod: ecs.Some(60)}
}

// patient is checked with the default number of retries, three.
func patient(c *ecs.ContainerDefinition) {
	checked(c)
	c.HealthCheck.Retries = ecs.Opt[int]{}
}

func startTimeout(c *ecs.ContainerDefinition) { c.StartTimeout = ecs.Some(120) }

func restarted(c *ecs.ContainerDefinition) {
	c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true, IgnoredExitCodes: []int{0}}
}

func definition(mode ecs.NetworkMode, cs ...ecs.ContainerDefinition) ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: "f", NetworkMode: mode, ContainerDefinitions: cs}
}

func configurations() []configuration {
	const (
		awsvpc = ecs.NetworkModeAwsvpc
		bridge = ecs.NetworkModeBridge
	)
	everything := Traits{TargetGroups: 2, Discovery: true, Service: true, LaunchType: ecs.LaunchTypeFargate}
	volume := everything
	volume.Volume, volume.AwaitsRoom, volume.PullInActivating = true, true, true
	upfront := everything
	upfront.PullDependentsUpfront = true
	plane := everything
	plane.Role, plane.AwaitsRoom = RoleControlPlane, true
	told := Traits{HealthByRuntime: true}
	list := []configuration{
		{name: "one container", quoted: true, d: definition(bridge, container("app"))},
		{name: "awsvpc, one container", d: definition(awsvpc, container("app")), faults: true},
		{name: "one container, faults", d: definition(bridge, container("app")), faults: true},
		{name: "health checked here", d: definition(bridge, container("app", checked, restarted)), faults: true},
	}
	for _, c := range ecs.Values[ecs.ContainerCondition]() {
		first := []func(*ecs.ContainerDefinition){checked, startTimeout, optional}
		list = append(list,
			configuration{name: "two containers, " + string(c), traits: told, faults: true,
				d: definition(bridge, container("first", first...), container("app", after("first", c)))},
			configuration{name: "two containers, restarted, " + string(c), traits: Traits{HealthByRuntime: true,
				PullDependentsUpfront: true, PullBehavior: PullBehaviorAlways}, faults: true,
				d: definition(bridge, container("first", append(first, restarted)...),
					container("app", after("first", c)))})
	}
	return append(list,
		configuration{name: "volumesFrom and links", faults: true, d: definition(bridge, container("data", optional),
			container("cache", optional),
			container("app", func(c *ecs.ContainerDefinition) {
				c.VolumesFrom, c.Links = []ecs.VolumeFrom{{SourceContainer: "data"}}, []string{"cache:c"}
			}))},
		configuration{name: "log router", faults: true, d: definition(bridge,
			container("app", func(c *ecs.ContainerDefinition) {
				c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwsfirelens}
			}),
			container("router", func(c *ecs.ContainerDefinition) {
				c.FirelensConfiguration = &ecs.FirelensConfiguration{Type: "fluentbit"}
			}))},
		configuration{name: "three containers, mixed, restarted", quoted: true, faults: true,
			traits: Traits{LaunchType: ecs.LaunchTypeFargate, Service: true},
			d: definition(bridge, container("app", restarted), container("side", optional, restarted),
				container("job", optional))},
		configuration{name: "awsvpc, two target groups, discovery", quoted: true, traits: everything, faults: true,
			d: definition(awsvpc, container("app"))},
		configuration{name: "bridge, one target group", traits: Traits{TargetGroups: 1, Service: true}, faults: true,
			d: definition(bridge, container("app"))},
		configuration{name: "bridge, pull in ACTIVATING", traits: Traits{PullInActivating: true}, faults: true,
			d: definition(bridge, container("app"))},
		configuration{name: "awsvpc, volume, capacity, pull in ACTIVATING", traits: volume, faults: true,
			d: definition(awsvpc, container("proxy", restarted),
				container("app", after("proxy", ecs.ContainerConditionStart)))},
		configuration{name: "control plane", quoted: true, traits: plane, faults: true,
			d: definition(awsvpc, container("proxy", optional), container("app", checked))},
		configuration{name: "agent", traits: Traits{Role: RoleAgent, TargetGroups: 2, HealthByRuntime: true},
			faults: true,
			d: definition(awsvpc, container("init", optional), container("proxy", checked), container("app",
				after("init", ecs.ContainerConditionSuccess), after("proxy", ecs.ContainerConditionHealthy)))},
		configuration{name: "awsvpc, two target groups, discovery, three containers", quoted: true,
			traits: everything, faults: true,
			d: definition(awsvpc, container("proxy", checked, startTimeout),
				container("app", after("proxy", ecs.ContainerConditionHealthy), restarted),
				container("log", optional))},
		configuration{name: "the same, each checked", quoted: true, traits: everything, faults: true, size: 1,
			d: definition(awsvpc, container("proxy", patient, startTimeout, restarted),
				container("app", patient, restarted, after("proxy", ecs.ContainerConditionHealthy)),
				container("log", optional, checked))},
		configuration{name: "the same, each checked and restarted", quoted: true, traits: upfront, faults: true,
			size: 2,
			d: definition(awsvpc, container("proxy", patient, startTimeout, restarted),
				container("app", patient, restarted, after("proxy", ecs.ContainerConditionHealthy)),
				container("log", optional, patient, restarted))},
	)
}

func (c configuration) world(r *rules) (*world, error) {
	p, err := Compile(c.d, c.traits)
	if err != nil {
		return nil, err
	}
	if r != nil {
		p.rules = r
		p.order()
	}
	return &world{p: p, d: c.d, faults: c.faults}, nil
}

func (w *world) explore(limit int) explore.Report[node, happening] {
	steps, goals := w.laws()
	return explore.Run(explore.Model[node, happening]{Start: []node{w.start()}, Next: w.next, Step: steps,
		Goals: goals, Limit: limit})
}

// TestExplore visits every reachable state of the configurations and prints how many there are.
func TestExplore(t *testing.T) {
	seen := &coverage{}
	fewest, most := math.MaxInt, 0 // states of two containers
	doc, err := os.ReadFile("../BENCHMARKS.md")
	require.NoError(t, err)
	for _, c := range configurations() {
		t.Run(c.name, func(t *testing.T) {
			if c.size > *largest {
				t.Skip("run with -explore")
			}
			w, err := c.world(nil)
			require.NoError(t, err)
			w.seen = seen
			begin := time.Now()
			r := w.explore(0)
			t.Logf("%v; stops within %d steps; %v", r, r.Bounds[1], time.Since(begin).Round(time.Millisecond))
			require.Empty(t, r.Faults)
			if strings.HasPrefix(c.name, "two containers") {
				fewest, most = min(fewest, r.States), max(most, r.States)
			}
			if c.quoted {
				require.True(t, strings.Contains(string(doc), "| "+commas(r.States)+" |"),
					"BENCHMARKS.md does not have the number")
			}
		})
	}
	if most > 0 { // or told to run others
		require.Contains(t, string(doc), fmt.Sprintf("| %d to %d |", fewest, most))
	}
	t.Run("cells", func(t *testing.T) { seen.check(t) })
}

func commas(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return commas(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// coverage counts what became of each event in each status.
type coverage struct {
	acts, late, refused [numEvents][numStatuses]int
	transitions         [numStatuses][numStatuses]int

	// What events about containers did, by the container's status: here, and reported.
	answers [2][numEvents][numContainerStatuses]int
}

func (c *coverage) note(w *world, h *happening) {
	cell := &c.late
	switch {
	case h.err != nil:
		cell = &c.refused
	case *h.after != *h.before || len(h.effects) > 0:
		cell = &c.acts
	}
	cell[h.Kind][h.before.Last]++
	if h.Kind >= EventPullStarted && cell == &c.acts {
		side := 0
		if w.p.traits.Role == RoleControlPlane {
			side = 1
		}
		c.answers[side][h.Kind][h.before.Containers[h.Index].Status]++
	}
	c.transitions[h.before.Last][h.after.Last]++
}

// unreachable names the cells of the containers' table that no exploration visits, and why.
func unreachable(side int, kind EventKind, s ContainerStatus) string {
	if side == 0 {
		return ""
	}
	switch s {
	case ContainerStatusCreating, ContainerStatusStarting, ContainerStatusRestarting,
		ContainerStatusStopping, ContainerStatusKilling:
		return "an agent reports what has been done, not what it has asked its runtime for"
	}
	return ""
}

// check compares what was seen with the table: a cell that acts has acted, one that absorbs has
// absorbed and never acted, one that refuses has always refused.
func (c *coverage) check(t *testing.T) {
	var wrong []string
	for k := range EventKind(numEvents) {
		for s := range Status(numStatuses) {
			a, l, r := c.acts[k][s], c.late[k][s], c.refused[k][s]
			cell := fmt.Sprintf("%v in %v: acted %d, absorbed %d, refused %d", k, s, a, l, r)
			ok := false
			switch standard.events[k][s] {
			case acts:
				ok = a > 0
			case late:
				ok = l > 0 && a == 0
			case refused:
				ok = r > 0 && a+l == 0
			}
			if !ok {
				wrong = append(wrong, cell)
			}
		}
	}
	for k, a := range standard.answers {
		for side, letters := range [2]string{a.here, a.reported} {
			for s := range ContainerStatus(numContainerStatuses) {
				kind := EventKind(k) + EventPullStarted
				n := c.answers[side][kind][s]
				if why := unreachable(side, kind, s); (letters[s] == acts) != (n > 0) && (why == "" || n > 0) {
					wrong = append(wrong, fmt.Sprintf("%v of a container that is %v (side %d): acted %d", kind, s, side,
						n))
				}
			}
		}
	}
	require.Empty(t, wrong)
	for from, row := range standard.moves {
		for _, m := range row {
			require.Positive(t, c.transitions[from][m.to], "%v → %v", Status(from), m.to)
		}
	}
}
