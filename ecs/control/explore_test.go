package control_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/internal/explore"
)

var (
	exploreTasks  = flag.Int("explore.tasks", 1, "tasks of the service that TestExplore creates, 1 to 3")
	exploreBudget = flag.Int("explore.budget", 2, "letters of a path that TestExplore loses or doubles")
	exploreLimit  = flag.Int("explore.limit", 100_000, "states of each small plane after which TestExplore stops")
)

// letter is a message on its way: a command to an agent, or what comes back.
type letter struct {
	Kind     string // command, done or edge
	Key      message.Key
	Task     ecs.TaskID
	Instance ecs.InstanceID
	Status   ecs.TaskStatus
	Sequence uint64
}

// smallWorld is a plane with two agents and the letters between them. Agents start and stop
// tasks at once; time passes only when no letter is on its way.
type smallWorld struct {
	state   control.State
	now     time.Time
	runs    map[ecs.TaskID]ecs.TaskStatus // at the agents: RUNNING or STOPPED
	letters []letter
	budget  int // letters that may still be lost or doubled
	seen    uint64
}

func (w smallWorld) plane() *control.Plane { return must(control.Restore(w.state, control.Config{})) }

// after makes the world that follows from what the plane wants now.
func (w smallWorld) after(p *control.Plane) smallWorld {
	w.letters = slices.Clone(w.letters)
	r := p.Ready()
	for _, c := range r.Commands {
		m := letter{Kind: "command", Key: c.Key()}
		switch c := c.(type) {
		case message.StartTask:
			m.Task, m.Instance = c.Task, c.Instance
		case message.StopTask:
			m.Task, m.Instance = c.Task, c.Instance
		}
		w.letters = append(w.letters, m)
	}
	p.Advance(r)
	w.state = p.State()
	return w
}

// deliver hands letter i over, and keeps it on its way if keep says so.
func (w smallWorld) deliver(i int, keep bool) smallWorld {
	m := w.letters[i]
	w.letters = slices.Clone(w.letters)
	if !keep {
		w.letters = slices.Delete(w.letters, i, i+1)
	}
	p := w.plane()
	switch m.Kind {
	case "command":
		w.seen = max(w.seen, m.Key.Epoch)
		w.runs = maps.Clone(w.runs)
		switch {
		case m.Key.Op == "StopTask":
			w.runs[m.Task] = ecs.TaskStatusStopped
		case w.runs[m.Task] == "":
			w.runs[m.Task] = ecs.TaskStatusRunning
		}
		w.letters = append(w.letters, letter{Kind: "done", Key: m.Key}, w.edge(m.Task, m.Instance))
		return w
	case "done":
		p.Observe(w.now, message.CommandDone{Key: m.Key})
	case "edge":
		p.Observe(w.now, m.change())
	}
	return w.after(p)
}

func (w smallWorld) edge(task ecs.TaskID, on ecs.InstanceID) letter {
	m := letter{Kind: "edge", Task: task, Instance: on, Status: w.runs[task], Sequence: 1}
	if m.Status == ecs.TaskStatusStopped {
		m.Sequence = 2
	}
	return m
}

func (m letter) change() message.TaskStateChange {
	c := message.ContainerStateChange{Name: "c", Status: ecs.ContainerStatus(m.Status)}
	if m.Status == ecs.TaskStatusStopped {
		c.ExitCode = ecs.Some(0)
	}
	return message.TaskStateChange{Cluster: "c", Task: m.Task, Instance: m.Instance, Sequence: m.Sequence,
		Status: m.Status, Containers: []message.ContainerStateChange{c}}
}

func (w smallWorld) lose(i int) smallWorld {
	w.letters = slices.Delete(slices.Clone(w.letters), i, i+1)
	return w
}

// rest lets time pass to the plane's next deadline; before that each agent reports all it has.
func (w smallWorld) rest() smallWorld {
	p := w.plane()
	reports := map[ecs.InstanceID]*message.InstanceReport{}
	page := must(p.ListContainerInstances(api.ListContainerInstancesInput{Cluster: "c"}))
	for _, arn := range page.Arns {
		id := ecs.ContainerInstance{ContainerInstanceArn: arn}.ID()
		reports[id] = &message.InstanceReport{Cluster: "c", Instance: id, Seen: w.seen}
	}
	for task := range tasksOf(p, "c") {
		on := ecs.ContainerInstance{ContainerInstanceArn: task.ContainerInstanceArn}.ID()
		if r, ok := reports[on]; ok && w.runs[task.ID()] != "" {
			r.Tasks = append(r.Tasks, w.edge(task.ID(), on).change())
		}
	}
	for _, id := range slices.Sorted(maps.Keys(reports)) {
		p.Observe(w.now, *reports[id])
	}
	next := w.after(p)
	if next.state.Document == nil || string(next.state.Document) != string(w.state.Document) {
		return next
	}
	if wake := p.Ready().WakeAt; !wake.IsZero() {
		w.now = wake
		p.Tick(w.now)
		return w.after(p)
	}
	return w
}

func (w smallWorld) steady() bool {
	if len(w.letters) > 0 {
		return false
	}
	p := w.plane()
	for _, v := range must(p.DescribeServices(api.DescribeServicesInput{Cluster: "c",
		Services: []string{"s"}})).Services {
		if !steady(v) {
			return false
		}
	}
	for task := range tasksOf(p, "c") {
		if (task.LastStatus == "RUNNING") != (w.runs[task.ID()] == ecs.TaskStatusRunning) {
			return false
		}
	}
	return true
}

var (
	instants = regexp.MustCompile(`\b17\d{8}(\.\d+)?\b`)
	epochs   = regexp.MustCompile(`"epoch":\d+|#\d+`)
	counters = regexp.MustCompile(`"(records|ids|commandSequence|version|now)":[0-9.]+,?`)
	sequence = regexp.MustCompile(`"sequence":\d+,"command"`)
	events   = regexp.MustCompile(`"events":\[[^\]]*\],?`)
	shown    = regexp.MustCompile(
		`"(pullStartedAt|pullStoppedAt|stoppingAt|executionStoppedAt|connectivityAt|updatedAt|registeredAt)":[0-9.]+,?`,
	)
)

// canonical is the world with IDs by order of appearance, times relative to now, and without
// what no rule of such a plane reads: history, and times that are only shown.
func (w smallWorld) canonical() string {
	letters := slices.Clone(w.letters)
	slices.SortFunc(letters, func(a, b letter) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	runs := must(json.Marshal(w.runs))
	text := string(w.state.Document) + fmt.Sprintf("%+v %d %s", letters, w.budget, runs)
	for _, r := range []*regexp.Regexp{counters, sequence, events, shown} {
		text = r.ReplaceAllString(text, "")
	}
	names := map[string]string{}
	rename := func(prefix string) func(string) string {
		return func(s string) string {
			if _, ok := names[s]; !ok {
				names[s] = prefix + strconv.Itoa(len(names))
			}
			return names[s]
		}
	}
	text = renameIDs(text, rename("id"))
	text = epochs.ReplaceAllStringFunc(text, func(s string) string { return rename("e")(strings.Trim(s, `"epoch:#`)) })
	return instants.ReplaceAllStringFunc(text, func(s string) string {
		at := must(strconv.ParseFloat(s, 64))
		return strconv.FormatFloat(at-float64(w.now.UnixMilli())/1000, 'f', 2, 64)
	})
}

// renameIDs renames every run of at least 17 hexadecimal digits and dashes.
func renameIDs(text string, name func(string) string) string {
	var b strings.Builder
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] >= 'a' && text[i] <= 'f' || text[i] == '-') {
			continue
		}
		if run := text[start:i]; len(run) >= 17 {
			b.WriteString(name(run))
		} else {
			b.WriteString(run)
		}
		if i < len(text) {
			b.WriteByte(text[i])
		}
		start = i + 1
	}
	return b.String()
}

// Small planes, every path: two instances, a service of two tasks that is created, rolled out
// or loses an instance; letters come in any order, and any two of a path are lost or doubled.
// Check holds in every state, and from each the steady state can be reached.
//
// Seen to fail: InstanceReport that takes nothing; serve without send.
func TestExplore(t *testing.T) {
	for _, name := range []string{"create", "roll out", "lose an instance"} {
		t.Run(name, func(t *testing.T) {
			worlds := map[string]smallWorld{}
			keep := func(w smallWorld) string {
				key := w.canonical()
				if _, ok := worlds[key]; !ok {
					worlds[key] = w
				}
				return key
			}
			done := map[string]bool{}
			steady := func(s string) bool {
				if _, ok := done[s]; !ok {
					done[s] = worlds[s].steady()
				}
				return done[s]
			}
			report := explore.Run(explore.Model[string, string]{
				Start: []string{keep(smallStart(t, name))},
				Next: func(s string) iter.Seq2[string, string] {
					return func(yield func(string, string) bool) {
						w := worlds[s]
						if steady(s) {
							return
						}
						if len(w.letters) == 0 {
							yield("time passes", keep(w.rest()))
							return
						}
						for i, m := range w.letters {
							if !yield("deliver "+m.Kind+" "+m.Key.Op+string(m.Status), keep(w.deliver(i, false))) {
								return
							}
							if w.budget == 0 {
								continue
							}
							less := w
							less.budget--
							if !yield("lose "+m.Kind+" "+m.Key.Op+string(m.Status), keep(less.lose(i))) ||
								!yield("double "+m.Kind+" "+m.Key.Op+string(m.Status), keep(less.deliver(i, true))) {
								return
							}
						}
					}
				},
				State: []explore.Check[string]{{Name: "Check", Holds: func(s string) string {
					if err := worlds[s].plane().Check(); err != nil {
						return err.Error()
					}
					return ""
				}}},
				Goals: []explore.Goal[string, string]{{Name: "a steady state can be reached",
					From: func(string) bool { return true }, To: steady}},
				Limit: *exploreLimit,
			})
			t.Logf("%s: %d states, %d transitions, %d steady, complete %v", name, report.States, report.Transitions,
				len(slices.DeleteFunc(slices.Collect(maps.Keys(done)), func(s string) bool { return !done[s] })),
				report.Complete)
			for _, f := range report.Faults {
				if report.Complete || f.Law == "Check" {
					t.Errorf("%s: %s\n%s", f.Law, f.What, strings.Join(f.Trace, "\n"))
				}
			}
		})
	}
}

// smallStart is the world in which a story begins.
func smallStart(t *testing.T, story string) smallWorld {
	w := smallWorld{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), runs: map[ecs.TaskID]ecs.TaskStatus{}}
	p := control.New(control.Config{Seed: 1})
	do := func(_ any, err error) { t.Helper(); require.NoError(t, err) }
	do(p.CreateCluster(w.now, api.CreateClusterInput{ClusterName: "c"}))
	do(p.RegisterTaskDefinition(w.now, ecs.TaskDefinition{Family: "f",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i", Memory: 100}}}))
	for range 2 {
		do(p.RegisterContainerInstance(w.now, api.RegisterContainerInstanceInput{Cluster: "c",
			TotalResources: []ecs.Resource{
				{
					Name:         ecs.ResourceCPU,
					Type:         "INTEGER",
					IntegerValue: 1024,
				}, {Name: ecs.ResourceMemory, Type: "INTEGER",
					IntegerValue: 1024}}}))
	}
	count := *exploreTasks
	if story == "roll out" {
		count = 1
	}
	do(p.CreateService(w.now, api.CreateServiceInput{Cluster: "c", ServiceName: "s", TaskDefinition: "f",
		DesiredCount: ecs.Some(count)}))
	w = w.after(p)
	if story != "create" {
		for !w.steady() {
			if len(w.letters) > 0 {
				w = w.deliver(0, false)
			} else {
				w = w.rest()
			}
		}
	}
	p = w.plane()
	switch story {
	case "roll out":
		do(p.UpdateService(w.now, api.UpdateServiceInput{Cluster: "c", Service: "s", ForceNewDeployment: true}))
	case "lose an instance":
		page := must(p.ListContainerInstances(api.ListContainerInstancesInput{Cluster: "c"}))
		lost := ecs.ContainerInstance{ContainerInstanceArn: page.Arns[0]}
		for task := range tasksOf(p, "c") {
			if task.ContainerInstanceArn == lost.ContainerInstanceArn {
				w.runs[task.ID()] = ecs.TaskStatusStopped
			}
		}
		p.Observe(w.now, message.InstanceTerminated{Cluster: "c", Instance: lost.ID()})
	}
	w.budget = *exploreBudget
	return w.after(p)
}
