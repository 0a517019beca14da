package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/loadbalance"
)

// A deployment that nothing holds up shifts its traffic as its configuration says, step for step and
// minute for minute.
func TestTrafficPlan(t *testing.T) {
	minutes := func(n int) ecs.Opt[int] { return ecs.Some(n) }
	ten := []int{100, 200, 300, 400, 500, 600, 700, 800, 900, 1000}
	for _, c := range []struct {
		ecs.DeploymentConfiguration
		greens []int // tenths of a percent
		bake   int   // minutes
	}{
		{ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen, BakeTimeInMinutes: minutes(5)},
			[]int{1000}, 0},
		{ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyLinear, BakeTimeInMinutes: minutes(15)}, ten, 6},
		{ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyLinear,
			LinearConfiguration: &ecs.LinearConfiguration{StepPercent: ecs.Some(30.0),
				StepBakeTimeInMinutes: minutes(2)}}, []int{300, 600, 900, 1000}, 2},
		{ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyLinear,
			LinearConfiguration: &ecs.LinearConfiguration{StepPercent: ecs.Some(33.3),
				StepBakeTimeInMinutes: minutes(1)}}, []int{333, 666, 999, 1000}, 1},
		{ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyCanary, BakeTimeInMinutes: minutes(1)},
			[]int{50, 1000}, 10},
		{ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyCanary,
			CanaryConfiguration: &ecs.CanaryConfiguration{CanaryPercent: ecs.Some(0.1),
				CanaryBakeTimeInMinutes: minutes(3)}}, []int{1, 1000}, 3},
	} {
		for _, kind := range []loadbalance.LoadBalancerType{loadbalance.LoadBalancerTypeApplication,
			loadbalance.LoadBalancerTypeNetwork} {
			step := time.Duration(c.bake) * time.Minute
			if kind == loadbalance.LoadBalancerTypeNetwork {
				step += 10 * time.Minute
			}
			var want, got []string
			for i, green := range c.greens {
				want = append(want, fmt.Sprint(time.Duration(i)*step, " blue ", min(1000-green, 999),
					", green ", min(green, 999)))
			}
			begun := ecs.Instant(0)
			for change := range deployed(t, c.DeploymentConfiguration, kind).Changes() {
				if change.Kind != message.ChangeTraffic || !strings.Contains(change.Text, "green") {
					continue // or the first deployment's
				}
				if begun == 0 {
					begun = change.At
				}
				got = append(got, fmt.Sprint(change.At.Sub(begun).Round(time.Second), " ", change.Text))
			}
			require.Equal(t, want, got, "%s behind an %s load balancer", c.Strategy, kind)
		}
	}
}

// deployed makes a world in which a service has gone from one revision to the next.
func deployed(t *testing.T, c ecs.DeploymentConfiguration, kind loadbalance.LoadBalancerType) *sim.World {
	w := sim.New(sim.Config{})
	_, err := w.AddInstances(2, "", sim.InstanceTypes()[2].ContainerInstance("us-east-1a"))
	require.NoError(t, err)
	arn := func(name string) string {
		return "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/" + name + "/0123456789abcdef"
	}
	deploy := func(revision string, call func(p *control.Plane, now time.Time) error) {
		require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
			_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "web",
				ContainerDefinitions: []ecs.ContainerDefinition{
					{Name: "web", Image: "web:" + revision, Memory: 128,
						PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}})
			require.NoError(t, err)
			return call(p, now)
		}))
		require.NoError(t, w.RunUntil(sim.Steady, 24*time.Hour))
	}
	deploy("1", func(p *control.Plane, now time.Time) error {
		for _, name := range []string{"blue", "green"} {
			if err := p.PutTargetGroup(now, loadbalance.TargetGroup{TargetGroupArn: arn(name),
				LoadBalancerType: kind}); err != nil {
				return err
			}
		}
		_, err := p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
			DesiredCount: ecs.Some(2), DeploymentConfiguration: &c,
			LoadBalancers: []ecs.LoadBalancer{{TargetGroupArn: arn("blue"), ContainerName: "web", ContainerPort: 80,
				AdvancedConfiguration: &ecs.AdvancedConfiguration{
					AlternateTargetGroupArn: arn("green"), ProductionListenerRule: "rule",
					RoleArn: "arn:aws:iam::123456789012:role/lb"}}}})
		return err
	})
	deploy("2", func(p *control.Plane, now time.Time) error {
		_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "web", TaskDefinition: "web"})
		return err
	})
	return w
}
