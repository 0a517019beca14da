package ecs

// The configurations below are kept and shown as they were given, and no rule reads them.

// ClusterConfiguration is what ECS Exec and managed storage use in a cluster.
type ClusterConfiguration struct {
	ExecuteCommandConfiguration *ExecuteCommandConfiguration `json:"executeCommandConfiguration,omitzero"`
	ManagedStorageConfiguration *ManagedStorageConfiguration `json:"managedStorageConfiguration,omitzero"`
}

// ExecuteCommandConfiguration is where the sessions of ECS Exec are recorded.
type ExecuteCommandConfiguration struct {
	KMSKeyID         string                          `json:"kmsKeyId,omitzero"`
	Logging          string                          `json:"logging,omitzero"` // NONE, DEFAULT or OVERRIDE
	LogConfiguration *ExecuteCommandLogConfiguration `json:"logConfiguration,omitzero"`
}

// ExecuteCommandLogConfiguration is where sessions are recorded with the logging OVERRIDE.
type ExecuteCommandLogConfiguration struct {
	CloudWatchLogGroupName      string `json:"cloudWatchLogGroupName,omitzero"`
	CloudWatchEncryptionEnabled bool   `json:"cloudWatchEncryptionEnabled"`
	S3BucketName                string `json:"s3BucketName,omitzero"`
	S3EncryptionEnabled         bool   `json:"s3EncryptionEnabled"`
	S3KeyPrefix                 string `json:"s3KeyPrefix,omitzero"`
}

// ManagedStorageConfiguration is the keys that storage of a cluster's tasks is encrypted with.
type ManagedStorageConfiguration struct {
	KMSKeyID                        string `json:"kmsKeyId,omitzero"`
	FargateEphemeralStorageKMSKeyID string `json:"fargateEphemeralStorageKmsKeyId,omitzero"`
}

// clusterConfiguration checks a cluster's configuration. Source: Amazon ECS API Reference,
// ExecuteCommandConfiguration.
func (c *checks) clusterConfiguration(k *ClusterConfiguration) {
	if k == nil || k.ExecuteCommandConfiguration == nil {
		return
	}
	const path = "configuration.executeCommandConfiguration"
	e := *k.ExecuteCommandConfiguration
	switch e.Logging {
	case "", "NONE", "DEFAULT":
		if e.LogConfiguration != nil {
			c.refuse(path+".logConfiguration", "logConfiguration belongs to the logging OVERRIDE.")
		}
	case "OVERRIDE":
		if e.LogConfiguration == nil {
			c.refuse(path+".logConfiguration", "logConfiguration is required when logging is OVERRIDE.")
		}
	default:
		c.refuse(path+".logging", "logging must be one of NONE, DEFAULT, OVERRIDE; it is %q.", shortened(e.Logging))
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
func (c *checks) monitoring(m *MonitoringConfiguration) {
	if m == nil {
		return
	}
	for i, k := range m.MetricConfigurations {
		path := at("monitoring", "metricConfigurations", i)
		if len(k.MetricNames) == 0 {
			c.refuse(path+".metricNames", "metricNames should not be null or empty.")
		}
		for j, name := range k.MetricNames {
			if name != "CPUUtilization" && name != "MemoryUtilization" {
				c.refuse(path+".metricNames"+at(j), "A metric's name must be one of CPUUtilization, MemoryUtilization; it is %q.", shortened(name))
			}
		}
		if k.ResolutionSeconds != 20 && k.ResolutionSeconds != 60 {
			c.refuse(path+".resolutionSeconds", "resolutionSeconds must be one of 20, 60; it is %d.", k.ResolutionSeconds)
		}
	}
}
