package scaling

import (
	"reflect"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs/message"
)

// maxForecast is how many hours of a forecast are kept.
const maxForecast = 14 * 24

// Forecast keeps what a predictive scaling policy is to hold; false if it is not a forecast, is for no
// predictive policy, or is known.
func (r *Room) Forecast(e message.CapacityForecast) bool {
	if e.Capacity.Period != int(time.Hour/time.Second) || len(e.Capacity.Datapoints) > maxForecast ||
		e.Capacity.Validate() != nil {
		return false
	}
	c, ok := r.target(e.Cluster, e.Service)
	if !ok {
		return false
	}
	i := c.policy(e.Policy)
	if i < 0 {
		return false
	}
	policy := &c.Policies[i]
	if _, predictive := policy.Input.PredictiveScaling(); !predictive || reflect.DeepEqual(policy.Forecast,
		e.Capacity) {
		return false
	}
	policy.Forecast = e.Capacity
	policy.Forecast.Datapoints = slices.Clone(e.Capacity.Datapoints)
	return true
}
