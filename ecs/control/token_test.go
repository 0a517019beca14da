package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// The same token with the same body returns the same tasks, with another body it is refused; it
// lives a day, or as long as the tasks and an hour (facts, lifecycle 16, "clientToken").
func TestClientToken(t *testing.T) {
	w := sim.New(sim.Config{Seed: 1, Images: map[string]sim.Behaviour{"short": {ExitAfter: time.Minute}}})
	must(w.AddInstances(1, "", sim.InstanceTypes()[2].ContainerInstance("us-east-1a")))
	for _, image := range []string{"short", "long"} {
		must(0, w.Do(func(p *control.Plane, now time.Time) error {
			_, err := p.RegisterTaskDefinition(now,
				ecs.TaskDefinition{Family: image,
					ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: image, Memory: 100}}})
			return err
		}))
	}
	run := func(family string, count int) (arn string, err error) {
		err = w.Do(func(p *control.Plane, now time.Time) error {
			out, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: family, Count: ecs.Some(count),
				ClientToken: family})
			if err == nil {
				require.Len(t, out.Tasks, count)
				arn = out.Tasks[0].TaskArn
			}
			return err
		})
		return arn, err
	}
	short, long := must(run("short", 1)), must(run("long", 1))
	same := func(family, arn string) {
		t.Helper()
		require.Equal(t, arn, must(run(family, 1)))
		_, err := run(family, 2)
		require.ErrorIs(t, err, ecs.ConflictException)
	}
	same("short", short)
	w.Advance(50 * time.Minute)
	same("short", short) // it has stopped, and is shown
	w.Advance(20 * time.Minute)
	require.NotEqual(t, short, must(run("short", 2)))
	w.Advance(22 * time.Hour)
	same("long", long)
	w.Advance(time.Hour)
	require.NotEqual(t, long, must(run("long", 2)))
}
