package rollout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
)

// TestLaws lets a service be changed at random, its tasks fail and its instances come and go. The
// rooms agree all the while, and when the world has been left alone and has room, the service has as many
// tasks as are desired, all of its newest revision.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.instance(t, "a")
		revisions := 1
		s := w.create(t, api.CreateServiceInput{TaskDefinition: "web", DesiredCount: ecs.Some(1)})
		open := func() (list []*fleet.Instance) {
			for _, i := range w.cluster.Instances {
				if i.Record.Status != ecs.ContainerInstanceStatusInactive {
					list = append(list, i)
				}
			}
			return list
		}
		t.Repeat(map[string]func(*rapid.T){
			"scale": func(t *rapid.T) {
				w.update(t, api.UpdateServiceInput{DesiredCount: ecs.Some(rapid.IntRange(0, 6).Draw(t, "desired"))})
			},
			"deploy": func(t *rapid.T) {
				if len(s.State.Rollouts) >= services.MaxDeployments {
					t.Skip("five deployments are the most")
				}
				w.register(t, "web", 80)
				revisions++
				w.update(t, api.UpdateServiceInput{TaskDefinition: "web"})
			},
			"fail": func(t *rapid.T) {
				if len(tasksOf(s)) == 0 {
					t.Skip("no task")
				}
				w.tell(rapid.SampledFrom(tasksOf(s)).Draw(t, "task").ID, ecs.TaskStatusStopped)
				w.work()
			},
			"silence": func(t *rapid.T) {
				w.dead = rapid.Bool().Draw(t, "dead")
			},
			"join": func(t *rapid.T) {
				if len(open()) < 4 {
					w.instance(t, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "zone"))
				}
			},
			"drain": func(t *rapid.T) {
				if list := open(); len(list) > 0 {
					i := rapid.SampledFrom(list).Draw(t, "instance")
					w.fleet.SetInstanceStatus(i, rapid.SampledFrom([]ecs.ContainerInstanceStatus{
						ecs.ContainerInstanceStatusDraining, ecs.ContainerInstanceStatusActive}).Draw(t, "status"),
						"by request")
					w.work()
				}
			},
			"leave": func(t *rapid.T) {
				if list := open(); len(list) > 0 {
					_, err := w.fleet.DeregisterContainerInstance(api.DeregisterContainerInstanceInput{Cluster: "c",
						ContainerInstance: string(rapid.SampledFrom(list).Draw(t, "instance").ID()), Force: true})
					require.NoError(t, err)
					w.work()
				}
			},
			"wait": func(t *rapid.T) { w.wait(time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second) },
			"": func(t *rapid.T) {
				require.Empty(t, w.check())
				_, dirty := w.services.Next()
				require.False(t, dirty)
			},
		})
		w.dead = false
		for _, i := range open() {
			w.fleet.SetInstanceStatus(i, ecs.ContainerInstanceStatusActive, "by request")
		}
		w.instance(t, "a")
		w.wait(4 * time.Hour)
		require.Empty(t, w.check())
		want := map[int]int{}
		if s.Record.DesiredCount > 0 {
			want[revisions] = s.Record.DesiredCount
		}
		require.Equal(t, want, w.running(s), "%v", said(s))
		require.Len(t, s.State.Rollouts, 1)
	})
}
