package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/loadbalance"
)

// A deployment that nothing holds up shifts its traffic by the plan of its configuration, step for
// step and minute for minute.
func TestTrafficPlan(t *testing.T) {
	minutes := func(n int) ecs.Opt[int] { return ecs.Some(n) }
	for _, c := range []ecs.DeploymentConfiguration{
		{Strategy: ecs.DeploymentStrategyBlueGreen, BakeTimeInMinutes: minutes(5)},
		{Strategy: ecs.DeploymentStrategyLinear, BakeTimeInMinutes: minutes(15)},
		{Strategy: ecs.DeploymentStrategyLinear, LinearConfiguration: &ecs.LinearConfiguration{StepPercent: ecs.Some(30.0), StepBakeTimeInMinutes: minutes(2)}},
		{Strategy: ecs.DeploymentStrategyLinear, LinearConfiguration: &ecs.LinearConfiguration{StepPercent: ecs.Some(33.3), StepBakeTimeInMinutes: minutes(1)}},
		{Strategy: ecs.DeploymentStrategyCanary, BakeTimeInMinutes: minutes(1)},
		{Strategy: ecs.DeploymentStrategyCanary, CanaryConfiguration: &ecs.CanaryConfiguration{CanaryPercent: ecs.Some(0.1), CanaryBakeTimeInMinutes: minutes(3)}},
	} {
		for _, kind := range []loadbalance.LoadBalancerType{loadbalance.LoadBalancerTypeApplication, loadbalance.LoadBalancerTypeNetwork} {
			plan, err := loadbalance.NewTrafficPlan(c, kind)
			require.NoError(t, err)
			var want, got []string
			for _, s := range plan.Steps() {
				want = append(want, fmt.Sprint(s.Start, " blue ", min(s.Split.Blue, 999), ", green ", min(s.Split.Green, 999)))
			}
			begun := ecs.Instant(0)
			for change := range deployed(t, c, kind).Changes() {
				if change.Kind != control.ChangeTraffic || !strings.Contains(change.Text, "green") {
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
			_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{
				{Name: "web", Image: "web:" + revision, Memory: 128, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}})
			require.NoError(t, err)
			return call(p, now)
		}))
		require.NoError(t, w.RunUntil(sim.Steady, 24*time.Hour))
	}
	deploy("1", func(p *control.Plane, now time.Time) error {
		for _, name := range []string{"blue", "green"} {
			if err := p.PutTargetGroup(now, loadbalance.TargetGroup{TargetGroupArn: arn(name), LoadBalancerType: kind}); err != nil {
				return err
			}
		}
		_, err := p.CreateService(now, ecs.CreateServiceInput{ServiceName: "web", TaskDefinition: "web", DesiredCount: ecs.Some(2), DeploymentConfiguration: &c,
			LoadBalancers: []ecs.LoadBalancer{{TargetGroupArn: arn("blue"), ContainerName: "web", ContainerPort: 80, AdvancedConfiguration: &ecs.AdvancedConfiguration{
				AlternateTargetGroupArn: arn("green"), ProductionListenerRule: "rule", RoleArn: "arn:aws:iam::123456789012:role/lb"}}}})
		return err
	})
	deploy("2", func(p *control.Plane, now time.Time) error {
		_, err := p.UpdateService(now, ecs.UpdateServiceInput{Service: "web", TaskDefinition: "web"})
		return err
	})
	return w
}
