package elbv2

import (
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// The attributes of target groups that take effect. The others are kept and shown.
// Source: Elastic Load Balancing API Reference, TargetGroupAttribute.
const (
	deregistrationDelay = "deregistration_delay.timeout_seconds"
	slowStart           = "slow_start.duration_seconds"
	algorithm           = "load_balancing.algorithm.type"
	stickinessEnabled   = "stickiness.enabled"
	stickinessType      = "stickiness.type"
	lbCookieSeconds     = "stickiness.lb_cookie.duration_seconds"
	appCookieSeconds    = "stickiness.app_cookie.duration_seconds"
	appCookieName       = "stickiness.app_cookie.cookie_name"
)

// KeptAttributes returns the attributes of a new target group that are kept and have no effect, in order of key.
func KeptAttributes(g loadbalance.TargetGroup) []Attribute {
	list := []Attribute{{"load_balancing.cross_zone.enabled", "use_load_balancer_configuration"},
		{"target_group_health.dns_failover.minimum_healthy_targets.count", "1"},
		{"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"},
		{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"},
		{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"}}
	if g.LoadBalancerType == loadbalance.LoadBalancerTypeNetwork {
		return sorted(append(list, Attribute{"deregistration_delay.connection_termination.enabled", "false"},
			Attribute{"preserve_client_ip.enabled", strconv.FormatBool(g.TargetType != loadbalance.TargetTypeIP)},
			Attribute{"proxy_protocol_v2.enabled", "false"},
			Attribute{"target_health_state.unhealthy.connection_termination.enabled", "true"},
			Attribute{"target_health_state.unhealthy.draining_interval_seconds", "0"}))
	}
	return sorted(append(list, Attribute{"load_balancing.algorithm.anomaly_mitigation", "off"}))
}

// TargetGroupAttributes returns the attributes of a group, those that are kept among them, in order of key. Slow
// start, the algorithm and cookies are an application load balancer's.
func TargetGroupAttributes(g loadbalance.TargetGroup, kept []Attribute) []Attribute {
	g = g.Normalize()
	list := append(slices.Clone(kept), Attribute{deregistrationDelay, strconv.Itoa(g.DeregistrationDelaySeconds.Or(0))},
		Attribute{stickinessEnabled, strconv.FormatBool(g.Stickiness.Enabled)},
		Attribute{stickinessType, string(g.Stickiness.Type)})
	if g.LoadBalancerType == loadbalance.LoadBalancerTypeApplication {
		seconds := strconv.Itoa(g.Stickiness.DurationSeconds)
		list = append(list, Attribute{slowStart, strconv.Itoa(g.SlowStartSeconds)},
			Attribute{algorithm, string(g.Algorithm)}, Attribute{lbCookieSeconds, seconds},
			Attribute{appCookieSeconds, seconds}, Attribute{appCookieName, g.Stickiness.CookieName})
	}
	return sorted(list)
}

// SetTargetGroupAttributes returns a group, and the attributes that are kept, with others set, all or none. The
// error is a ValidationError for a key that the group does not have, or a value of the wrong kind; what values mean
// together is for loadbalance.TargetGroup.Validate.
func SetTargetGroupAttributes(
	g loadbalance.TargetGroup, kept, set []Attribute,
) (loadbalance.TargetGroup, []Attribute, error) {
	list, err := modified(TargetGroupAttributes(g, kept), set, ofGroup)
	if err != nil {
		return g, kept, err
	}
	kept = slices.Clone(kept)
	for i, a := range kept {
		kept[i] = list[slices.IndexFunc(list, func(o Attribute) bool { return o.Key == a.Key })]
	}
	for _, a := range set {
		g = withAttribute(g, a)
	}
	return g, kept, nil
}

// ofGroup returns the values that an attribute of a target group can have, as far as loadbalance.TargetGroup.Validate
// does not look at it. Source: Elastic Load Balancing API Reference, TargetGroupAttribute.
func ofGroup(key string) values {
	switch key {
	case "load_balancing.cross_zone.enabled":
		return words("true", "false", "use_load_balancer_configuration")
	case "load_balancing.algorithm.anomaly_mitigation":
		return words("on", "off")
	case "target_group_health.dns_failover.minimum_healthy_targets.count":
		return between(1, anyNumber, "off")
	case "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count":
		return between(1, anyNumber)
	case "target_group_health.dns_failover.minimum_healthy_targets.percentage",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage":
		return between(1, 100, "off")
	case "target_health_state.unhealthy.draining_interval_seconds":
		return between(0, 360000)
	}
	return values{}
}

// withAttribute returns a group with an attribute whose value is of the right kind.
func withAttribute(g loadbalance.TargetGroup, a Attribute) loadbalance.TargetGroup {
	n, _ := strconv.Atoi(a.Value) // Modified has looked at numbers
	switch a.Key {
	case deregistrationDelay:
		g.DeregistrationDelaySeconds = ecs.Some(n)
	case slowStart:
		g.SlowStartSeconds = n
	case lbCookieSeconds, appCookieSeconds:
		g.Stickiness.DurationSeconds = n
	case algorithm:
		g.Algorithm = loadbalance.Algorithm(a.Value)
	case stickinessType:
		g.Stickiness.Type = loadbalance.StickinessType(a.Value)
	case appCookieName:
		g.Stickiness.CookieName = a.Value
	case stickinessEnabled:
		g.Stickiness.Enabled = a.Value == "true"
	}
	return g
}
