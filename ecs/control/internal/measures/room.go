// Package measures is the room of the control plane that measures: each full minute, what the tasks of every cluster
// reserve and use of its container instances. It owns nothing but the time of the next look.
package measures

import (
	"iter"
	"strings"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
)

// Config is what a Room is made with.
type Config struct {
	Core  *core.Core
	Fleet *fleet.Room
	// Record publishes a measurement in percent.
	Record func(m cloudwatch.Metric, percent float64)
	// Latest is the average of a metric in the last full minute; false if nothing was measured.
	Latest func(m cloudwatch.Metric) (float64, bool)
	// On says that clusters are measured at all. It costs a look at every task on an instance each minute.
	On bool
}

// Room measures clusters.
type Room struct {
	Config
	wake ecs.Instant
	kind *deadlines.Kind
}

// New returns a Room, which is registered with the timers.
func New(config Config, timers *deadlines.Timers) *Room {
	m := &Room{Config: config}
	m.kind = timers.Register(deadlines.Of("measurement", func(string) (*Room, bool) { return m, true },
		iter.Seq2[string, *Room](func(yield func(string, *Room) bool) { yield("", m) }),
		func(m *Room) ecs.Instant { return m.wake }, (*Room).measure))
	m.Schedule()
	return m
}

// Schedule sets when clusters are next measured: at the next full minute, if at all.
func (m *Room) Schedule() {
	if !m.On {
		return
	}
	m.wake = m.Core.NextMinute()
	m.kind.Set(m.wake, "")
}

// namespace is that of the metrics of Amazon ECS.
const namespace = "AWS/ECS"

// measure publishes the metrics of every cluster that has instances.
// Source: Amazon ECS Developer Guide, "Amazon ECS CloudWatch metrics".
func (m *Room) measure() {
	m.Schedule()
	for _, c := range m.Fleet.Clusters {
		var instances []ecs.ContainerInstance
		for _, i := range c.Instances {
			instances = append(instances, i.Record)
		}
		registered := cloudwatch.Registered(instances)
		l := m.load(c)
		for name, p := range map[string]cloudwatch.Datapoint{ //order:any each is a metric of its own
			"CPUReservation":    cloudwatch.CPUReservation(l.reserved, registered),
			"MemoryReservation": cloudwatch.MemoryReservation(l.reserved, registered),
			"GPUReservation":    cloudwatch.GPUReservation(l.reserved, registered),
			"CPUUtilization":    l.utilization(l.cpu, registered.CPU),
			"MemoryUtilization": l.utilization(l.memory, registered.Memory),
		} {
			if !p.Missing {
				m.Record(
					cloudwatch.Metric{Namespace: namespace, MetricName: name, Dimensions: dimensions(c, "")},
					p.Value,
				)
			}
		}
	}
}

// load is what the RUNNING tasks on a cluster's instances reserve, and what those of services use of it.
type load struct {
	reserved    ecs.Resources
	cpu, memory float64
	measured    bool // of a service at least
}

func (l load) utilization(used float64, registered int64) cloudwatch.Datapoint {
	if !l.measured {
		return cloudwatch.Datapoint{Missing: true}
	}
	return cloudwatch.ClusterUtilization(used, registered)
}

// use is what is known of a service's use in the last minute: shares of what its tasks reserve.
type use struct {
	cpu, memory float64
	measured    bool
}

func (m *Room) load(c *fleet.Cluster) (l load) {
	known := map[string]use{}
	for _, i := range c.Instances {
		for t := range tasks.On(i) {
			if t.Status() != ecs.TaskStatusRunning {
				continue
			}
			need := t.Definition.Requirements()
			l.reserved = l.reserved.Plus(need)
			service, ok := strings.CutPrefix(t.Group, "service:")
			if !ok {
				continue
			}
			u, ok := known[service]
			if !ok {
				u = m.use(c, service)
				known[service] = u
			}
			l.cpu += float64(u.cpu * float64(need.CPU))
			l.memory += float64(u.memory * float64(need.Memory))
			l.measured = l.measured || u.measured
		}
	}
	return l
}

func (m *Room) use(c *fleet.Cluster, service string) use {
	metric := cloudwatch.Metric{Namespace: namespace, MetricName: "CPUUtilization", Dimensions: dimensions(c, service)}
	cpu, some := m.Latest(metric)
	metric.MetricName = "MemoryUtilization"
	memory, more := m.Latest(metric)
	return use{cpu / 100, memory / 100, some || more}
}

func dimensions(c *fleet.Cluster, service string) []cloudwatch.MetricDimension {
	list := []cloudwatch.MetricDimension{{Name: "ClusterName", Value: c.Record.ClusterName}}
	if service != "" {
		list = append(list, cloudwatch.MetricDimension{Name: "ServiceName", Value: service})
	}
	return list
}
