package capacity

import (
	"cmp"
	"iter"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// group is the Auto Scaling group of a provider that ECS sizes; false if it does not, or no cluster has the provider.
func (m *Room) group(c *Provider) (autoscale.ManagedGroup, bool) {
	cl := m.clusterOf(c)
	if cl == nil || !c.managed() {
		return autoscale.ManagedGroup{}, false
	}
	return autoscale.ManagedGroup{AutoScalingGroup: c.Record.AutoScalingGroupProvider.AutoScalingGroupArn,
		CapacityProvider: c.Record.Name, Cluster: cl.Record.ClusterName}, true
}

// Managed yields the alarms by which ECS sizes groups, with their states, as of the last look at their metric.
func (m *Room) Managed() iter.Seq[cloudwatch.Alarm] {
	return func(yield func(cloudwatch.Alarm) bool) {
		for _, c := range m.Providers {
			g, ok := m.group(c)
			if !ok {
				continue
			}
			states := []ecs.AlarmState{c.Memory.High, c.Memory.Low}
			for i, in := range g.Alarms(*c.Record.AutoScalingGroupProvider.ManagedScaling) {
				v := in.Described()
				v.AlarmArn = m.Core.ARN("cloudwatch", "alarm:"+v.AlarmName)
				v.StateValue = cmp.Or(states[i], ecs.AlarmStateInsufficientData)
				v.StateUpdatedTimestamp = c.Wake.Add(-time.Minute)
				v.StateTransitionedTimestamp, v.AlarmConfigurationUpdatedTimestamp = v.StateUpdatedTimestamp,
					v.StateUpdatedTimestamp
				v.StateReason, v.StateReasonData = in.Reason(v.StateValue, m.Core.Now(), c.Metric)
				if !yield(v) {
					return
				}
			}
		}
	}
}
