package api

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// The configurations below are kept and shown as they were given, and no rule reads them.

// clusterConfiguration checks a cluster's configuration. Source: Amazon ECS API Reference,
// ExecuteCommandConfiguration.
func (c *faults) clusterConfiguration(k *ecs.ClusterConfiguration) {
	if k == nil || k.ExecuteCommandConfiguration == nil {
		return
	}
	const path = "configuration.executeCommandConfiguration"
	e := *k.ExecuteCommandConfiguration
	switch e.Logging {
	case "", "NONE", "DEFAULT":
		if e.LogConfiguration != nil {
			c.Refuse(path+".logConfiguration", "logConfiguration belongs to the logging OVERRIDE.")
		}
	case "OVERRIDE":
		if e.LogConfiguration == nil {
			c.Refuse(path+".logConfiguration", "logConfiguration is required when logging is OVERRIDE.")
		}
	default:
		c.Refuse(path+".logging", "logging must be one of NONE, DEFAULT, OVERRIDE; it is %q.",
			check.Shortened(e.Logging))
	}
}

// MonitoringConfiguration is how often a service's metrics are collected.
type MonitoringConfiguration struct {
	MetricConfigurations []MetricConfiguration `json:"metricConfigurations,omitzero"`
}

// MetricConfiguration is how often some of a service's metrics are collected.
type MetricConfiguration struct {
	MetricNames       []string `json:"metricNames"`       // CPUUtilization, MemoryUtilization
	ResolutionSeconds int      `json:"resolutionSeconds"` // 20 or 60
}

// monitoring checks a service's monitoring. Source: Amazon ECS API Reference,
// MetricConfiguration.
func (c *faults) monitoring(m *MonitoringConfiguration) {
	if m == nil {
		return
	}
	for i, k := range m.MetricConfigurations {
		path := check.Path("monitoring", "metricConfigurations", i)
		if len(k.MetricNames) == 0 {
			c.Refuse(path+".metricNames", "metricNames should not be null or empty.")
		}
		for j, name := range k.MetricNames {
			if name != "CPUUtilization" && name != "MemoryUtilization" {
				c.Refuse(path+".metricNames"+check.Path(j),
					"A metric's name must be one of CPUUtilization, MemoryUtilization; it is %q.",
					check.Shortened(name))
			}
		}
		if k.ResolutionSeconds != 20 && k.ResolutionSeconds != 60 {
			c.Refuse(path+".resolutionSeconds", "resolutionSeconds must be one of 20, 60; it is %d.",
				k.ResolutionSeconds)
		}
	}
}
