package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
)

// A task set's registries are its tasks', and its client token makes it once. Seen to fail: a task
// set that is made without registries; one that forgets its token.
func TestTaskSetInputs(t *testing.T) {
	w := sim.New(sim.Config{Seed: 1})
	must(w.AddInstances(1, "", sim.InstanceTypes()[2].ContainerInstance("us-east-1a")))
	registered := 0
	w.Watch(func(message.Change) {
		for c := range w.Plane().Outstanding() {
			if r, ok := c.(message.RegisterInstance); ok && r.RegistryArn == "registry" {
				registered++
			}
		}
	})
	must(0, w.Do(func(p *control.Plane, now time.Time) error {
		if _, err := p.RegisterTaskDefinition(now,
			ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "c",
				Memory: 100, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}); err != nil {
			return err
		}
		_, err := p.CreateService(now, api.CreateServiceInput{ServiceName: "web", DesiredCount: ecs.Some(1),
			DeploymentController: &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}})
		return err
	}))
	create := func(scale float64) (set ecs.TaskSet, err error) {
		err = w.Do(func(p *control.Plane, now time.Time) error {
			set, err = p.CreateTaskSet(now, api.CreateTaskSetInput{Cluster: "default", Service: "web",
				TaskDefinition: "web", ClientToken: "once",
				Scale: &ecs.Scale{Value: scale,
					Unit: "PERCENT"}, ServiceRegistries: []ecs.ServiceRegistry{{RegistryArn: "registry",
					ContainerName: "c", ContainerPort: 80}}})
			return err
		})
		return set, err
	}
	set := must(create(100))
	require.Equal(t, []ecs.ServiceRegistry{{RegistryArn: "registry", ContainerName: "c", ContainerPort: 80}},
		set.ServiceRegistries)
	require.Equal(t, set.ID, must(create(100)).ID)
	_, err := create(50)
	require.ErrorIs(t, err, ecs.ConflictException)
	w.Advance(2 * time.Minute)
	out, err := w.Plane().DescribeTaskSets(api.DescribeTaskSetsInput{Cluster: "default", Service: "web"})
	require.NoError(t, err)
	require.Len(t, out.TaskSets, 1)
	require.Equal(t, 1, out.TaskSets[0].RunningCount)
	require.Positive(t, registered, "its task was registered with the registry")
}
