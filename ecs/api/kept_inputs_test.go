package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// The members that are kept are checked all the same.
func TestKeptInputs(t *testing.T) {
	const ip = ecs.InvalidParameterException
	logging := func(k ecs.ExecuteCommandConfiguration) error {
		return api.UpdateClusterInput{Cluster: "c",
			Configuration: &ecs.ClusterConfiguration{ExecuteCommandConfiguration: &k}}.Validate()
	}
	monitored := func(k api.MetricConfiguration) error {
		return api.UpdateServiceInput{Service: "s",
			Monitoring: &api.MonitoringConfiguration{MetricConfigurations: []api.MetricConfiguration{k}}}.Validate()
	}
	device := func(d api.PlatformDevice) error {
		return api.RegisterContainerInstanceInput{TotalResources: []ecs.Resource{{Name: "GPU", Type: "STRINGSET",
			StringSetValue: []string{"gpu-0"}}},
			PlatformDevices: []api.PlatformDevice{d}}.Validate()
	}
	const at, metric = "configuration.executeCommandConfiguration", "monitoring.metricConfigurations[0]"
	for _, r := range []refusal{
		{"logging", logging(ecs.ExecuteCommandConfiguration{Logging: "SOME"}), ip, at + ".logging"},
		{"no place to log", logging(ecs.ExecuteCommandConfiguration{Logging: "OVERRIDE"}), ip,
			at + ".logConfiguration"},
		{"a place, and no logging",
			logging(ecs.ExecuteCommandConfiguration{LogConfiguration: &ecs.ExecuteCommandLogConfiguration{}}), ip,
			at + ".logConfiguration"},
		{"no metric", monitored(api.MetricConfiguration{ResolutionSeconds: 20}), ip, metric + ".metricNames"},
		{"metric", monitored(api.MetricConfiguration{MetricNames: []string{"Disk"}, ResolutionSeconds: 20}), ip,
			metric + ".metricNames[0]"},
		{"resolution", monitored(api.MetricConfiguration{MetricNames: []string{"CPUUtilization"}}), ip,
			metric + ".resolutionSeconds"},
		{"device", device(api.PlatformDevice{ID: "gpu-1", Type: "GPU"}), ip, "platformDevices[0].id"},
		{"device's type", device(api.PlatformDevice{ID: "gpu-0", Type: "TPU"}), ip, "platformDevices[0].type"},
		{"signature", api.RegisterContainerInstanceInput{InstanceIdentityDocumentSignature: "x"}.Validate(), ip,
			"instanceIdentityDocumentSignature"},
		{"namespace", api.ListServicesByNamespaceInput{}.Validate(), ip, "namespace"},
		{"management", api.ListServicesInput{ResourceManagementType: "ME"}.Validate(), ip, "resourceManagementType"},
	} {
		require.Equal(t, []string{string(r.code) + " " + r.field}, refused(r.err), r.row)
	}
	require.NoError(t, device(api.PlatformDevice{ID: "gpu-0", Type: "GPU"}))
	require.NoError(t, logging(ecs.ExecuteCommandConfiguration{Logging: "OVERRIDE",
		LogConfiguration: &ecs.ExecuteCommandLogConfiguration{}}))
}
