package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/check"
)

// history is what may happen: a service, a task and its start.
func history(t *testing.T) (check.History, check.Journal) {
	t.Helper()
	p, now := control.New(control.Config{Seed: 1}), time.Unix(1_800_000_000, 0)
	web := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web",
		Memory: 64}}}
	_, err := p.RegisterTaskDefinition(now, web)
	require.NoError(t, err)
	_, err = p.RegisterContainerInstance(now, api.RegisterContainerInstanceInput{Attributes: web.AttributesRequired(),
		TotalResources: []ecs.Resource{{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 2048},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 2048}}})
	require.NoError(t, err)
	_, err = p.CreateService(now, api.CreateServiceInput{ServiceName: "s", TaskDefinition: "web",
		DesiredCount: ecs.Some(0)})
	require.NoError(t, err)
	out, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "web"})
	require.NoError(t, err)
	require.Len(t, out.Tasks, 1)
	p.Advance(p.Ready())
	h := check.History{Services: []check.Service{{Name: "s", Created: true, Desired: []int{0}}},
		Tasks:  []string{out.Tasks[0].TaskArn},
		Planes: []check.Plane{{Member: "a", Record: 4, Digest: check.Digest(p)}}}
	j := check.Journal{Plane: p, Decided: map[message.Key]bool{}, Digests: map[uint64]string{4: check.Digest(p)}}
	for c := range p.Outstanding() {
		j.Decided[c.Key()] = true
		if s, ok := c.(message.StartTask); ok {
			h.Starts = append(h.Starts, check.Start{Instance: s.Instance, Key: s.ID, Task: s.Task})
		}
	}
	require.Len(t, h.Starts, 1)
	return h, j
}

// TestClauses breaks a history in each way, and wants the clause that says so, and no other.
func TestClauses(t *testing.T) {
	h, j := history(t)
	require.Empty(t, h.Faults(j))
	for want, broken := range map[string]func(*check.History, *check.Journal){
		"lost: service gone":   func(h *check.History, _ *check.Journal) { h.Services[0].Name = "gone" },
		"lost: service s":      func(h *check.History, _ *check.Journal) { h.Services[0].Desired = []int{1, 2} },
		"lost: task":           func(h *check.History, _ *check.Journal) { h.Tasks[0] += "0" },
		"undecided:":           func(_ *check.History, j *check.Journal) { clear(j.Decided) },
		"twice: run 0":         func(h *check.History, _ *check.Journal) { h.Starts = append(h.Starts, h.Starts[0]) },
		"different: the plane": func(_ *check.History, j *check.Journal) { j.Digests[4] = "" },
		"split: epoch": func(h *check.History, j *check.Journal) {
			other := h.Starts[0]
			other.Key.Target, other.Task = "another", "another"
			h.Starts = append(h.Starts, other)
			j.Decided[other.Key] = true
		},
		"unsteady: service s": func(h *check.History, j *check.Journal) {
			_, err := j.Plane.UpdateService(j.Plane.Now(), api.UpdateServiceInput{Service: "s",
				DesiredCount: ecs.Some(1)})
			require.NoError(t, err)
			h.Services[0].Desired = []int{1}
			h.Planes = nil
		},
	} {
		t.Run(want, func(t *testing.T) {
			h, j := history(t)
			broken(&h, &j)
			faults := h.Faults(j)
			require.Len(t, faults, 1)
			require.True(t, strings.HasPrefix(faults[0], want), faults)
		})
	}
}
