package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

func oneCluster(t *testing.T, w *sim.World, image string) {
	kind := sim.InstanceTypes()[2]
	_, err := w.AddInstances(3, "default", kind.ContainerInstance("us-east-1a"))
	require.NoError(t, err)
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "web",
			ContainerDefinitions: []ecs.ContainerDefinition{
				{Name: "web", Image: image, Memory: 64, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}},
			}})
		return err
	}))
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
			DesiredCount: ecs.Some(6),
			LoadBalancers: []ecs.LoadBalancer{
				{TargetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef",
					ContainerName: "web", ContainerPort: 80}}})
		return err
	}))
}

func counts(t *testing.T, w *sim.World) (running, pending, listed int) {
	out, err := w.Plane().DescribeServices(api.DescribeServicesInput{Services: []string{"web"}})
	require.NoError(t, err)
	page, err := w.Plane().ListTasks(api.ListTasksInput{})
	require.NoError(t, err)
	return out.Services[0].RunningCount, out.Services[0].PendingCount, len(page.Arns)
}

// A world that forgot everything and adopts the plane at any moment goes on to the same end,
// and a task that ran goes on running. Seen to fail: agents start empty and say so.
func TestAdopt(t *testing.T) {
	for _, after := range []time.Duration{0, 100 * time.Millisecond, time.Second, 4 * time.Second, 5 * time.Second,
		6 * time.Second, 30 * time.Second, 3 * time.Minute} {
		t.Run(after.String(), func(t *testing.T) {
			w := sim.New(sim.Config{Seed: 1})
			oneCluster(t, w, "web:1")
			w.Advance(after)
			before, _, _ := counts(t, w)
			plane, err := control.Restore(w.Plane().State(), control.Config{})
			require.NoError(t, err)
			again := sim.Adopt(sim.Config{Seed: 1, Start: w.Now()}, plane)
			running, _, _ := counts(t, again)
			require.Equal(t, before, running)
			again.Advance(3 * time.Minute)
			running, pending, listed := counts(t, again)
			require.Equal(t, [3]int{6, 0, 6}, [3]int{running, pending, listed})
			require.NoError(t, plane.Check())
			for _, g := range plane.TargetGroups() {
				require.Len(t, g.Targets, 6)
				for _, target := range g.Targets {
					require.EqualValues(t, "healthy", target.State)
				}
			}
			if after == 3*time.Minute { // steady: nothing was replaced
				old, err := w.Plane().ListTasks(api.ListTasksInput{})
				require.NoError(t, err)
				now, err := plane.ListTasks(api.ListTasksInput{})
				require.NoError(t, err)
				require.Equal(t, old, now)
			}
			stopAll(t, again)
		})
	}
}

// stopAll ends the service: agents stop what they adopted.
func stopAll(t *testing.T, w *sim.World) {
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.DeleteService(now, api.DeleteServiceInput{Service: "web", Force: true})
		return err
	}))
	w.Advance(10 * time.Minute)
	_, _, listed := counts(t, w)
	require.Zero(t, listed)
	require.NoError(t, w.Plane().Check())
}

// A stop that the old agent had taken is finished by the new one.
func TestAdoptStopping(t *testing.T) {
	for _, after := range []time.Duration{0, 200 * time.Millisecond, time.Second} {
		w := sim.New(sim.Config{Seed: 1})
		oneCluster(t, w, "web:1")
		w.Advance(3 * time.Minute)
		require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
			_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "web", DesiredCount: ecs.Some(1)})
			return err
		}))
		w.Advance(after)
		plane, err := control.Restore(w.Plane().State(), control.Config{})
		require.NoError(t, err)
		again := sim.Adopt(sim.Config{Seed: 1, Start: w.Now()}, plane)
		again.Advance(10 * time.Minute)
		running, _, listed := counts(t, again)
		require.Equal(t, [2]int{1, 1}, [2]int{running, listed})
	}
}

// What happens on an instance that is left to somebody else is for them to tell.
func TestLeave(t *testing.T) {
	w := sim.New(sim.Config{Seed: 1})
	oneCluster(t, w, "web:1")
	page, err := w.Plane().ListContainerInstances(api.ListContainerInstancesInput{})
	require.NoError(t, err)
	for _, arn := range page.Arns {
		w.Leave("default", ecs.ContainerInstance{ContainerInstanceArn: arn}.ID())
	}
	w.Advance(time.Hour)
	running, pending, _ := counts(t, w)
	require.Equal(t, [2]int{0, 6}, [2]int{running, pending})
}
