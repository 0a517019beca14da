package scheduler

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// TestFarNumbers: bounds, shares and thresholds of a desired count of any size keep their order.
//
// Seen to fail: Lower, Upper, ComputedDesiredCount and Threshold with products that wrap.
func TestFarNumbers(t *testing.T) {
	far := []int{0, 1, 99, 100, 101, 1000, math.MaxInt32, math.MaxInt - 1, math.MaxInt}
	for i, desired := range far {
		for _, percent := range []int{0, 1, 50, 99, 100, 101, 200, math.MaxInt32, math.MaxInt} {
			p := Percents{MinimumHealthy: min(percent, 100), Maximum: max(percent, 100)}
			require.LessOrEqual(t, p.Lower(desired), desired, "%+v of %d", p, desired)
			require.GreaterOrEqual(t, p.Upper(desired), desired, "%+v of %d", p, desired)
			if i > 0 {
				require.GreaterOrEqual(t, p.Lower(desired), p.Lower(far[i-1]))
				require.GreaterOrEqual(t, p.Upper(desired), p.Upper(far[i-1]))
			}
			share := ComputedDesiredCount(desired, &ecs.Scale{Value: float64(min(percent, 100)), Unit: "PERCENT"})
			require.Equal(t, p.Lower(desired), share, "%d percent of %d", min(percent, 100), desired)
			b := ecs.DeploymentCircuitBreaker{ThresholdConfiguration: &ecs.ThresholdConfiguration{
				Type: "UNBOUNDED_PERCENT", Value: percent}}
			require.GreaterOrEqual(t, Threshold(b, desired), 1)
		}
	}
}
