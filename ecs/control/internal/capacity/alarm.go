package capacity

import (
	"cmp"
	"iter"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// group is the Auto Scaling group of a provider that a cluster has.
func (c *Provider) group(cl *fleet.Cluster) autoscale.ManagedGroup {
	return autoscale.ManagedGroup{AutoScalingGroup: c.Record.AutoScalingGroupProvider.AutoScalingGroupArn,
		CapacityProvider: c.Record.Name, Cluster: cl.Record.ClusterName}
}

// Managed yields the alarms by which ECS sizes groups, with their states, as of the last look at their metric.
func (m *Room) Managed() iter.Seq[cloudwatch.Alarm] {
	return func(yield func(cloudwatch.Alarm) bool) {
		for _, c := range m.Providers {
			cl := m.clusterOf(c)
			if cl == nil {
				continue
			}
			states := []ecs.AlarmState{c.Memory.High, c.Memory.Low}
			for i, in := range c.group(cl).Alarms(*c.Record.AutoScalingGroupProvider.ManagedScaling) {
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
