package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// An agent forgets tasks that have long stopped, and that it was told to stop them.
//
// Seen to fail: an agent that keeps its tasks, or its stops.
func TestAgentForgets(t *testing.T) {
	w := New(Config{Seed: 1})
	_, err := w.AddFleet("default", []ecs.ContainerInstance{InstanceTypes()[0].ContainerInstance("us-east-1a")})
	require.NoError(t, err)
	d := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c",
		Image: "c", Memory: 64}}}
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.RegisterTaskDefinition(now, d)
		return err
	}))
	for range 2_000 {
		var task string
		require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
			out, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "web"})
			task = out.Tasks[0].TaskArn
			return err
		}))
		w.Advance(10 * time.Second)
		require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
			_, err := p.StopTask(now, api.StopTaskInput{Task: task})
			return err
		}))
		w.Advance(50 * time.Second)
	}
	for _, a := range w.agents { //order:any there is one
		require.LessOrEqual(t, a.Remembered(), 64+4*181, "three hours have 181 tasks and as many stops")
		require.GreaterOrEqual(t, len(a.Tasks()), 180, "what stopped of late is still reported")
	}
}
