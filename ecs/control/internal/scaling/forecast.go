package scaling

import (
	"reflect"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
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
	policy.Forecast, policy.Forecasted = e.Capacity, r.Core.Now()
	policy.Forecast.Datapoints = slices.Clone(e.Capacity.Datapoints)
	return true
}

// GetPredictiveScalingForecast returns the hours of a policy's forecast between two times.
func (r *Room) GetPredictiveScalingForecast(
	in autoscale.GetPredictiveScalingForecastInput,
) (autoscale.GetPredictiveScalingForecastOutput, error) {
	var out autoscale.GetPredictiveScalingForecastOutput
	if err := in.Validate(); err != nil {
		return out, err
	}
	_, c, err := r.registered(in.ResourceID)
	if err != nil {
		return out, err
	}
	i := c.policy(in.PolicyName)
	if i < 0 || c.Policies[i].Input.PredictiveScalingPolicyConfiguration == nil {
		return out, core.Fault(ecs.ValidationException, "PolicyName",
			"No predictive scaling policy found for policy name: %s", in.PolicyName)
	}
	return in.Answer(c.Policies[i].Forecast, c.Policies[i].Forecasted), nil
}
