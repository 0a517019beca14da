package autoscale

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCost(t *testing.T) {
	prices := PriceTable{InstanceHour: map[string]float64{"m": 0.5}, FargateVCPU: 0.04, FargateGB: 0.004,
		SpotVCPU: 0.01, SpotGB: 0.001, EphemeralGB: 0.0001, VolumeGBMonth: 0.08}
	b, err := prices.Cost(Usage{
		Instances: []InstanceUsage{{InstanceType: "m", Count: 3, Duration: 2 * time.Hour},
			{InstanceType: "m", Count: 60, Duration: time.Second}},
		Fargate: []FargateUsage{
			{CPU: 512, Memory: 2048, EphemeralGB: 30, Count: 10, Duration: 6 * time.Minute},
			{CPU: 1024, Memory: 1024, Spot: true, Count: 1,
				Duration: 59*time.Minute + 59*time.Second + time.Millisecond},
		},
		Volumes: []VolumeUsage{{GB: 100, Count: 1, Duration: 15 * 24 * time.Hour}},
	})
	require.NoError(t, err)
	require.InDelta(t, 6+1, b.InstanceHours, 1e-12, "sixty instances for a second are billed a minute each")
	require.InDelta(t, 3.5, b.Instances, 1e-12)
	require.InDelta(t, 0.5+1, b.VCPUHours, 1e-12, "a begun second counts")
	require.InDelta(t, 2+1, b.GBHours, 1e-12)
	require.InDelta(t, 10, b.EphemeralHours, 1e-12, "20 GB are free")
	require.InDelta(t, 0.5*0.04+2*0.004+10*0.0001+0.01+0.001, b.Fargate, 1e-12)
	require.InDelta(t, 50, b.GBMonths, 1e-12)
	require.InDelta(t, 4, b.Volumes, 1e-12)
	require.InDelta(t, b.Instances+b.Fargate+b.Volumes, b.Total, 1e-12)

	b, err = prices.Cost(Usage{Instances: []InstanceUsage{{InstanceType: "x", Count: -1}},
		Fargate: []FargateUsage{{CPU: -1, Duration: -1}}})
	require.Equal(t, []string{
		"InvalidParameterException fargate[0]", "InvalidParameterException fargate[0].duration",
		"InvalidParameterException instances[0].count", "InvalidParameterException instances[0].instanceType",
	}, places(err))
	require.Zero(t, b)
	_, err = PriceTable{InstanceHour: map[string]float64{"m": -1}, FargateVCPU: math.NaN(),
		VolumeGBMonth: math.Inf(1)}.Cost(Usage{Volumes: []VolumeUsage{{GB: -1}}})
	require.Equal(t, []string{
		"InvalidParameterException prices.fargateVcpuHour", "InvalidParameterException prices.instanceHour[\"m\"]",
		"InvalidParameterException prices.volumeGbMonth",
		"InvalidParameterException volumes[0].sizeInGiB",
	}, places(err))
}
