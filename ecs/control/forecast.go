package control

import (
	"github.com/bayplan/bayplan/ecs/message"
	"reflect"
	"slices"
	"time"
)

// maxForecast is how many hours of a forecast are kept.
const maxForecast = 14 * 24

// capacityForecast keeps what a predictive scaling policy is to hold; one that is no forecast,
// or of no predictive policy, says nothing.
func (p *Plane) capacityForecast(e message.CapacityForecast) bool {
	c, ok := p.byCluster[clusterName(e.Cluster)]
	if !ok || e.Capacity.Period != int(time.Hour/time.Second) || len(e.Capacity.Datapoints) > maxForecast || e.Capacity.Validate() != nil {
		return false
	}
	s, ok := c.byService[nameOf(e.Service)]
	if !ok || s.Scaling == nil {
		return false
	}
	i := s.Scaling.policy(e.Policy)
	if i < 0 {
		return false
	}
	policy := &s.Scaling.Policies[i]
	if _, predictive := policy.Input.PredictiveScaling(); !predictive || reflect.DeepEqual(policy.Forecast, e.Capacity) {
		return false
	}
	policy.Forecast = e.Capacity
	policy.Forecast.Datapoints = slices.Clone(e.Capacity.Datapoints)
	return true
}
