package sim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
)

// service makes a world with a service of three tasks behind a target group.
func service(t testing.TB, c sim.Config) *sim.World {
	t.Helper()
	w := sim.New(c)
	_, err := w.AddInstances(3, "", sim.InstanceTypes()[2].ContainerInstance("us-east-1a"))
	require.NoError(t, err)
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		d := ecs.TaskDefinition{Family: "web", NetworkMode: ecs.NetworkModeBridge,
			ContainerDefinitions: []ecs.ContainerDefinition{
				{Name: "web", Image: "web", Memory: 128, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}
		if _, err := p.RegisterTaskDefinition(now, d); err != nil {
			return err
		}
		_, err := p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
			DesiredCount: ecs.Some(3), LoadBalancers: []ecs.LoadBalancer{
				{TargetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/tg/0123456789abcdef",
					ContainerName: "web", ContainerPort: 80}}})
		return err
	}))
	return w
}

var storms = map[string]sim.Faults{
	"calm":     {},
	"loss":     {Loss: 0.3},
	"repeats":  {Repeat: 0.5},
	"late":     {Delay: 0.5},
	"failures": {Fail: 0.5},
	"all":      {Loss: 0.2, Repeat: 0.2, Delay: 0.2, Fail: 0.2},
}

func TestSteadyState(t *testing.T) {
	for name, faults := range storms {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(20) {
				w := service(t, sim.Config{Seed: seed, Faults: faults})
				w.Advance(time.Duration(seed) * time.Second)
				require.NoError(t, w.Crash())
				require.NoError(t, w.RunUntil(sim.Steady, 2*time.Hour), "seed %d", seed)
				require.NoError(t, w.Plane().Check())
				require.Equal(t, 1, w.Met().Crashes)
			}
		})
	}
}

// An instance reboots while its tasks come up, and again when they run, with a word of it or
// silently, under every fault: the service is steady again, and what the plane holds to run does.
//
// Seen to fail: an agent that reports once; one that carries out a StartTask of its life before.
func TestReboot(t *testing.T) {
	for name, faults := range storms {
		for _, silent := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", silent ", silent), func(t *testing.T) {
				for seed := range uint64(20) {
					w := service(t, sim.Config{Seed: seed, Faults: faults})
					require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error { // nobody checks its health
						_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "web",
							LoadBalancers: ecs.Some([]ecs.LoadBalancer{})})
						return err
					}))
					for _, after := range []time.Duration{time.Duration(seed) * 300 * time.Millisecond,
						20 * time.Minute} {
						w.Advance(after)
						task := runningTasks(t, w)[seed%3]
						out, err := w.Plane().DescribeTasks(api.DescribeTasksInput{Tasks: []string{string(task)}})
						require.NoError(t, err)
						ran := w.Running(task)
						w.Reboot("",
							ecs.ContainerInstance{ContainerInstanceArn: out.Tasks[0].ContainerInstanceArn}.ID(), silent)
						w.Advance(10 * time.Minute)
						require.NoError(t, w.RunUntil(sim.Steady, 2*time.Hour), "seed %d", seed)
						require.NoError(t, w.Plane().Check())
						if ran {
							require.NotContains(t, runningTasks(t, w), task, "seed %d", seed)
						}
						for _, id := range runningTasks(t, w) {
							require.True(t, w.Running(id), "seed %d: task %s", seed, id)
						}
					}
				}
			})
		}
	}
}

// runningTasks lists the tasks that are to run, in order.
func runningTasks(t *testing.T, w *sim.World) []ecs.TaskID {
	page, err := w.Plane().ListTasks(api.ListTasksInput{})
	require.NoError(t, err)
	var ids []ecs.TaskID
	for _, arn := range page.Arns {
		ids = append(ids, ecs.Task{TaskArn: arn}.ID())
	}
	slices.Sort(ids)
	return ids
}

func TestSameSeedSameDigest(t *testing.T) {
	digest := func(seed uint64) string {
		w := service(t, sim.Config{Seed: seed, Faults: storms["all"], Digest: true})
		w.Advance(10 * time.Minute)
		n, sum := w.Digest()
		require.Greater(t, n, 8)
		return sum
	}
	require.Equal(t, digest(1), digest(1))
	require.NotEqual(t, digest(1), digest(2))
	n, sum := service(t, sim.Config{}).Digest()
	require.Positive(t, n)
	require.Empty(t, sum, "none was asked for")
}

// A private image needs an execution role and, unless it is Amazon ECR's, credentials.
func TestPrivateImages(t *testing.T) {
	for image, c := range map[string]struct {
		role, credentials, runs bool
	}{
		"registry.example.com/a":                         {false, false, false},
		"registry.example.com/b":                         {true, false, false},
		"registry.example.com/c":                         {true, true, true},
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/d": {false, false, false},
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/e": {true, false, true},
	} {
		w := sim.New(sim.Config{Images: map[string]sim.Behaviour{image: {Private: true}}})
		_, err := w.AddInstances(1, "", sim.InstanceTypes()[2].ContainerInstance("us-east-1a"))
		require.NoError(t, err)
		d := ecs.TaskDefinition{Family: "f", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c",
			Image: image, Memory: 128}}}
		if c.role {
			d.ExecutionRoleArn = "arn:aws:iam::123456789012:role/execution"
		}
		if c.credentials {
			d.ContainerDefinitions[0].RepositoryCredentials = &ecs.RepositoryCredentials{
				CredentialsParameter: "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}
		}
		var id ecs.TaskID
		require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
			if _, err := p.RegisterTaskDefinition(now, d); err != nil {
				return err
			}
			out, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "f"})
			require.Len(t, out.Tasks, 1, "%v", out.Failures)
			id = out.Tasks[0].ID()
			return err
		}))
		w.Advance(time.Minute)
		require.Equal(t, c.runs, w.Running(id), image)
	}
}

// A circle of a link and a dependsOn can be registered, as of a log router that waits for its
// user: the task stops without a container having run.
func TestUnresolvableDependencies(t *testing.T) {
	w := sim.New(sim.Config{})
	_, err := w.AddInstances(1, "", sim.InstanceTypes()[2].ContainerInstance("us-east-1a"))
	require.NoError(t, err)
	var id ecs.TaskID
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "f",
			ContainerDefinitions: []ecs.ContainerDefinition{
				{Name: "a", Image: "a", Memory: 128, Links: []string{"b"}},
				{Name: "b", Image: "b", Memory: 128,
					DependsOn: []ecs.ContainerDependency{{ContainerName: "a", Condition: ecs.ContainerConditionStart}}},
			}})
		require.NoError(t, err)
		out, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "f"})
		id = out.Tasks[0].ID()
		return err
	}))
	w.Advance(time.Minute)
	require.NoError(t, w.Do(func(p *control.Plane, _ time.Time) error {
		out, err := p.DescribeTasks(api.DescribeTasksInput{Tasks: []string{string(id)}})
		require.NoError(t, err)
		task := out.Tasks[0]
		require.Equal(t, ecs.TaskStatus("STOPPED"), task.LastStatus)
		require.Equal(t, ecs.TaskStopCodeTaskFailedToStart, task.StopCode)
		require.Equal(t, "Task dependencies cannot be resolved, taskArn: "+task.TaskArn, task.StoppedReason)
		return nil
	}))
}

// What the load on a service gives as metrics: by the tasks that serve.
func TestLoad(t *testing.T) {
	w := service(t, sim.Config{Images: map[string]sim.Behaviour{"web": {RequestsPerMinute: 200}}})
	require.NoError(t, w.RunUntil(sim.Steady, time.Hour))
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.RegisterScalableTarget(now, autoscale.RegisterScalableTargetInput{ServiceNamespace: "ecs",
			ResourceID:        "service/default/web",
			ScalableDimension: "ecs:service:DesiredCount", MinCapacity: ecs.Some(1), MaxCapacity: ecs.Some(9)})
		return err
	}))
	w.SetLoad("", "web", 300)
	w.Advance(2 * time.Minute)
	seen := map[string]float64{}
	for r := range w.Records() {
		var e struct {
			Type  string
			Value message.MetricSample
		}
		if json.Unmarshal(r.Input, &e) == nil && e.Type == "MetricSample" {
			seen[e.Value.Metric] = e.Value.Value
		}
	}
	require.Equal(t, map[string]float64{"ALBRequestCountPerTarget": 100, "ECSServiceAverageCPUUtilization": 50}, seen)
}
