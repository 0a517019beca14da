package loadbalance

import (
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// HealthCheck is how a load balancer checks the health of a target. The zero value of a field is the
// default for the kind of load balancer.
// Source: Elastic Load Balancing user guides, "Health checks for your target groups" and "Configure
// health checks for your Classic Load Balancer".
type HealthCheck struct {
	Enabled ecs.Opt[bool] `json:"enabled,omitzero"` // absent: true
	// absent: HTTP; TCP for a network load balancer; the group's for a Classic one
	Protocol Protocol `json:"protocol,omitzero"`
	// absent: "/"; gRPC "/AWS.ALB/healthcheck"; Classic "/index.html"
	Path            string `json:"path,omitzero"`
	Port            int    `json:"port,omitzero"`            // absent: the traffic port
	IntervalSeconds int    `json:"intervalSeconds,omitzero"` // 5 to 300; absent: 30
	// 2 to 120, Classic to 60; absent: 5; network 6 for HTTP, else 10
	TimeoutSeconds     int `json:"timeoutSeconds,omitzero"`
	HealthyThreshold   int `json:"healthyThreshold,omitzero"`   // 2 to 10; absent: 5, Classic 10
	UnhealthyThreshold int `json:"unhealthyThreshold,omitzero"` // 2 to 10; absent: 2
	// codes, "200,301" or "200-299"; absent: 200; gRPC 12; network 200-399
	Matcher string `json:"matcher,omitzero"`
}

func (h HealthCheck) normalize(g TargetGroup) HealthCheck {
	h.Enabled = ecs.Some(h.Enabled.Or(true))
	h.IntervalSeconds = or(h.IntervalSeconds, 30)
	h.UnhealthyThreshold = or(h.UnhealthyThreshold, 2)
	path, matcher := "/", "200"
	healthy, timeout := 5, 5
	switch g.LoadBalancerType {
	case LoadBalancerTypeNetwork:
		h.Protocol = or(h.Protocol, ProtocolTCP)
		matcher, timeout = "200-399", 10
		if h.Protocol == ProtocolHTTP {
			timeout = 6
		}
	case LoadBalancerTypeClassic:
		h.Protocol = or(h.Protocol, or(g.Protocol, ProtocolHTTP))
		path, healthy = "/index.html", 10
	default:
		h.Protocol = or(h.Protocol, ProtocolHTTP)
		if g.ProtocolVersion == ProtocolVersionGRPC {
			path, matcher = "/AWS.ALB/healthcheck", "12"
		}
	}
	h.HealthyThreshold = or(h.HealthyThreshold, healthy)
	h.TimeoutSeconds = or(h.TimeoutSeconds, timeout)
	if h.isHTTP() {
		h.Path = or(h.Path, path)
		h.Matcher = or(h.Matcher, matcher)
	}
	return h
}

func (h HealthCheck) isHTTP() bool { return h.Protocol == ProtocolHTTP || h.Protocol == ProtocolHTTPS }

// validate looks at a normalized check of a normalized group.
func (h HealthCheck) validate(f *faults, g TargetGroup) {
	longest, lowest, highest := 120, 200, 499
	allowed := []string{string(ProtocolHTTP), string(ProtocolHTTPS)}
	switch g.LoadBalancerType {
	case LoadBalancerTypeNetwork:
		highest = 599
		allowed = append(allowed, string(ProtocolTCP))
	case LoadBalancerTypeClassic:
		longest, highest = 60, 200
		allowed = append(allowed, string(ProtocolTCP), string(ProtocolSSL))
	default:
		if g.ProtocolVersion == ProtocolVersionGRPC {
			lowest, highest = 0, 99
		}
	}
	f.oneOf("healthCheck.protocol", string(h.Protocol), allowed...)
	f.between("healthCheck.intervalSeconds", h.IntervalSeconds, 5, 300)
	f.between("healthCheck.timeoutSeconds", h.TimeoutSeconds, 2, longest)
	f.between("healthCheck.healthyThreshold", h.HealthyThreshold, 2, 10)
	f.between("healthCheck.unhealthyThreshold", h.UnhealthyThreshold, 2, 10)
	f.between("healthCheck.port", h.Port, 0, 65535)
	if h.TimeoutSeconds >= h.IntervalSeconds {
		f.add(ValidationError, "healthCheck.timeoutSeconds",
			"Health check interval must be greater than the timeout: %d s is not above %d s",
			h.IntervalSeconds, h.TimeoutSeconds)
	}
	if !h.Enabled.Or(true) && g.LoadBalancerType == LoadBalancerTypeClassic {
		f.add(InvalidConfigurationRequest, "healthCheck.enabled",
			"the health check of a Classic Load Balancer cannot be turned off")
	}
	if !h.isHTTP() {
		return
	}
	if h.Path[0] != '/' || len(h.Path) > 1024 {
		f.add(ValidationError, "healthCheck.path", "%q does not start with / or has more than 1024 characters", h.Path)
	}
	for part := range strings.SplitSeq(h.Matcher, ",") {
		lo, hi, ok := codes(part)
		if !ok || lo < lowest || hi > highest {
			f.add(ValidationError, "healthCheck.matcher", "%q is not a code or range of codes from %d to %d", part,
				lowest, highest)
		}
	}
}

// codes reads one part of a matcher.
func codes(part string) (lo, hi int, ok bool) {
	first, last, ranged := strings.Cut(part, "-")
	a, errA := strconv.ParseUint(first, 10, 16)
	b, errB := a, error(nil)
	if ranged {
		b, errB = strconv.ParseUint(last, 10, 16)
	}
	return int(a), int(b), errA == nil && errB == nil && a <= b
}

// matches reports whether a matcher has the code.
func matches(matcher string, code int) bool {
	for part := range strings.SplitSeq(matcher, ",") {
		if lo, hi, ok := codes(part); ok && lo <= code && code <= hi {
			return true
		}
	}
	return false
}

// Answer is the result of one health check. The zero Answer is a successful connection, without a code
// for an HTTP check.
type Answer struct {
	Code int `json:"code,omitzero"` // HTTP or gRPC status code
	// no answer: Target.Timeout, Target.FailedHealthChecks or Elb.InternalError
	Failure Reason `json:"failure,omitzero"`
}

// Judge returns "" if the answer passes the group's health check, and else the reason code of
// the failure.
func (g TargetGroup) Judge(a Answer) Reason {
	h := g.HealthCheck.normalize(g)
	switch {
	case a.Failure != "":
		return a.Failure
	case h.isHTTP() && !matches(h.Matcher, a.Code):
		return ReasonResponseCodeMismatch
	}
	return ""
}

// NextCheck returns when the target's next health check is due: at once on registration, then
// an interval after the last; false where no check matters, because the target is draining or
// unused or checks are turned off.
func (g TargetGroup) NextCheck(t Target) (time.Time, bool) {
	h := g.HealthCheck.normalize(g)
	if t.State == StateDraining || t.State == StateUnused || !h.Enabled.Or(true) {
		return time.Time{}, false
	}
	if t.CheckedAt == 0 {
		return t.Since.Time(), true
	}
	return t.CheckedAt.Add(time.Duration(h.IntervalSeconds) * time.Second).Time(), true
}
