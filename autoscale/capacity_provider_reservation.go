package autoscale

// CapacityProviderReservation returns needed ÷ running × 100, the metric that managed scaling
// keeps at its target: 100 when there are no instances and none are needed, 200 when there
// are none and some are needed. Negative counts read as 0.
// Source: Amazon ECS Developer Guide, "Automatically manage Amazon ECS capacity with cluster
// auto scaling".
func CapacityProviderReservation(needed, running int) float64 {
	switch {
	case running <= 0 && needed <= 0:
		return 100
	case running <= 0:
		return 200
	}
	return float64(max(0, needed)) * 100 / float64(running)
}
