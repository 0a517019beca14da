package loadbalance

import (
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// The codes of the Elastic Load Balancing API that the package answers with.
const (
	// ValidationError is a setting outside what Elastic Load Balancing allows.
	ValidationError ecs.Code = "ValidationError"
	// InvalidTarget is a target that cannot be, or is not, registered.
	InvalidTarget ecs.Code = "InvalidTarget"
	// InvalidConfigurationRequest is a combination of settings that does not work.
	InvalidConfigurationRequest ecs.Code = "InvalidConfigurationRequest"
	// PriorityInUse is a second listener rule of one priority.
	PriorityInUse ecs.Code = "PriorityInUse"
)

// LoadBalancerType is the kind of load balancer.
type LoadBalancerType string

// The values of LoadBalancerType.
const (
	LoadBalancerTypeApplication LoadBalancerType = "application"
	LoadBalancerTypeNetwork     LoadBalancerType = "network"
	LoadBalancerTypeClassic     LoadBalancerType = "classic"
)

// TargetType is what a target group's targets are named by.
type TargetType string

// The values of TargetType.
const (
	TargetTypeInstance TargetType = "instance" // tasks in bridge and host mode
	TargetTypeIP       TargetType = "ip"       // tasks in awsvpc mode
)

// Protocol is the protocol between a load balancer and its targets.
type Protocol string

// The values of Protocol.
const (
	ProtocolHTTP   Protocol = "HTTP"
	ProtocolHTTPS  Protocol = "HTTPS"
	ProtocolTCP    Protocol = "TCP"
	ProtocolTLS    Protocol = "TLS"
	ProtocolSSL    Protocol = "SSL" // Classic Load Balancers only
	ProtocolUDP    Protocol = "UDP"
	ProtocolTCPUDP Protocol = "TCP_UDP"
)

// ProtocolVersion is the version of HTTP that targets speak.
type ProtocolVersion string

// The values of ProtocolVersion.
const (
	ProtocolVersionHTTP1 ProtocolVersion = "HTTP1"
	ProtocolVersionHTTP2 ProtocolVersion = "HTTP2"
	ProtocolVersionGRPC  ProtocolVersion = "GRPC"
)

// TargetGroup is the configuration of a target group, or of a Classic Load Balancer, which is treated as
// a group. The zero value of a field is Elastic Load Balancing's default.
type TargetGroup struct {
	TargetGroupArn   string           `json:"targetGroupArn,omitzero"`
	LoadBalancerName string           `json:"loadBalancerName,omitzero"` // Classic only, instead of an ARN
	LoadBalancerType LoadBalancerType `json:"loadBalancerType,omitzero"` // absent: application
	TargetType       TargetType       `json:"targetType,omitzero"`       // absent: instance
	// absent: HTTP, or TCP for a network load balancer
	Protocol        Protocol        `json:"protocol,omitzero"`
	ProtocolVersion ProtocolVersion `json:"protocolVersion,omitzero"` // absent: HTTP1
	HealthCheck     HealthCheck     `json:"healthCheck,omitzero"`
	// 0 to 3600, Classic 1 to 3600; absent: 300
	DeregistrationDelaySeconds ecs.Opt[int] `json:"deregistrationDelaySeconds,omitzero"`
	SlowStartSeconds           int          `json:"slowStartSeconds,omitzero"` // 0 is off, else 30 to 900
	Stickiness                 Stickiness   `json:"stickiness,omitzero"`
	Algorithm                  Algorithm    `json:"algorithm,omitzero"` // absent: round_robin
	// zones of its load balancer; empty: all
	AvailabilityZones []string `json:"availabilityZones,omitzero"`
	NotInUse          bool     `json:"notInUse,omitzero"` // no listener forwards to it
}

// StickinessType is what identifies a client.
type StickinessType string

// The values of StickinessType.
const (
	StickinessTypeLBCookie  StickinessType = "lb_cookie"
	StickinessTypeAppCookie StickinessType = "app_cookie"
	StickinessTypeSourceIP  StickinessType = "source_ip" // network load balancers
)

// Stickiness keeps a client at the target that it had. Pick does not use it.
type Stickiness struct {
	Enabled bool `json:"enabled"`
	// absent: lb_cookie, or source_ip for a network load balancer
	Type            StickinessType `json:"type,omitzero"`
	DurationSeconds int            `json:"durationSeconds,omitzero"` // of a cookie, 1 to 604800; absent: 86400
	CookieName      string         `json:"cookieName,omitzero"`      // app_cookie
}

// Normalize returns the group with every default filled in. Normalize is idempotent; it does
// not judge: see Validate.
func (g TargetGroup) Normalize() TargetGroup {
	g.LoadBalancerType = or(g.LoadBalancerType, LoadBalancerTypeApplication)
	g.TargetType = or(g.TargetType, TargetTypeInstance)
	sticky := StickinessTypeLBCookie
	switch g.LoadBalancerType {
	case LoadBalancerTypeNetwork:
		g.Protocol = or(g.Protocol, ProtocolTCP)
		sticky = StickinessTypeSourceIP
	default:
		g.Protocol = or(g.Protocol, ProtocolHTTP)
	}
	if g.isHTTP() && g.LoadBalancerType == LoadBalancerTypeApplication {
		g.ProtocolVersion = or(g.ProtocolVersion, ProtocolVersionHTTP1)
	}
	g.DeregistrationDelaySeconds = ecs.Some(g.DeregistrationDelaySeconds.Or(300))
	g.Algorithm = or(g.Algorithm, AlgorithmRoundRobin)
	g.Stickiness.Type = or(g.Stickiness.Type, sticky)
	if g.Stickiness.Type != StickinessTypeSourceIP {
		g.Stickiness.DurationSeconds = or(g.Stickiness.DurationSeconds, 86400)
	}
	g.HealthCheck = g.HealthCheck.normalize(g)
	g.AvailabilityZones = slices.Clone(g.AvailabilityZones)
	return g
}

// or returns v, or def for the zero value.
func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

func (g TargetGroup) isHTTP() bool { return g.Protocol == ProtocolHTTP || g.Protocol == ProtocolHTTPS }

// Name returns the ARN of the group, or the name of a Classic Load Balancer.
func (g TargetGroup) Name() string { return or(g.TargetGroupArn, g.LoadBalancerName) }

// Transport returns the transport protocols under which a target takes up its port: udp for
// UDP, both for TCP_UDP, tcp otherwise.
func (g TargetGroup) Transport() []ecs.TransportProtocol {
	switch g.Protocol {
	case ProtocolUDP:
		return []ecs.TransportProtocol{ecs.TransportProtocolUdp}
	case ProtocolTCPUDP:
		return []ecs.TransportProtocol{ecs.TransportProtocolTcp, ecs.TransportProtocolUdp}
	}
	return []ecs.TransportProtocol{ecs.TransportProtocolTcp}
}

func (g TargetGroup) hasTCP() bool { return g.Protocol != ProtocolUDP }

func (g TargetGroup) hasUDP() bool { return g.Protocol == ProtocolUDP || g.Protocol == ProtocolTCPUDP }

// DeregistrationDelay returns how long a target drains.
func (g TargetGroup) DeregistrationDelay() time.Duration {
	return time.Duration(g.DeregistrationDelaySeconds.Or(300)) * time.Second
}

// SlowStart returns for how long a target's share grows after it has become healthy; 0 is off.
func (g TargetGroup) SlowStart() time.Duration {
	return time.Duration(g.SlowStartSeconds) * time.Second
}

// serves reports whether traffic can reach targets in the zone.
func (g TargetGroup) serves(zone string) bool {
	return !g.NotInUse && (len(g.AvailabilityZones) == 0 || zone == "" || slices.Contains(g.AvailabilityZones, zone))
}

// faults collects ValidationErrors.
type faults struct{ list ecs.ErrorList }

func (f *faults) add(code ecs.Code, field, format string, args ...any) {
	f.list = append(f.list, ecs.Fault(code, field, fmt.Sprintf(format, args...)))
}

func (f *faults) between(field string, v, lo, hi int) {
	if v < lo || v > hi {
		f.add(ValidationError, field, "%d is not from %d to %d", v, lo, hi)
	}
}

func (f *faults) oneOf(field string, v string, allowed ...string) {
	if !slices.Contains(allowed, v) {
		f.add(ValidationError, field, "%q is not one of %v", v, allowed)
	}
}

// Validate returns everything that Elastic Load Balancing would refuse in the configuration, at once:
// ValidationError for a value outside its limits, InvalidConfigurationRequest for values that are not
// allowed together.
// Source: Elastic Load Balancing user guides, "Target groups" and "Health checks" for each kind of load
// balancer.
func (g TargetGroup) Validate() error {
	g = g.Normalize()
	f := &faults{}
	f.oneOf("targetType", string(g.TargetType), string(TargetTypeInstance), string(TargetTypeIP))
	shortest := 0
	switch g.LoadBalancerType {
	case LoadBalancerTypeApplication:
		f.oneOf("protocol", string(g.Protocol), string(ProtocolHTTP), string(ProtocolHTTPS))
		if g.isHTTP() {
			f.oneOf("protocolVersion", string(g.ProtocolVersion), string(ProtocolVersionHTTP1),
				string(ProtocolVersionHTTP2), string(ProtocolVersionGRPC))
		}
		f.oneOf("stickiness.type", string(g.Stickiness.Type), string(StickinessTypeLBCookie),
			string(StickinessTypeAppCookie))
	case LoadBalancerTypeNetwork:
		f.oneOf("protocol", string(g.Protocol), string(ProtocolTCP), string(ProtocolTLS),
			string(ProtocolUDP), string(ProtocolTCPUDP))
		f.oneOf("stickiness.type", string(g.Stickiness.Type), string(StickinessTypeSourceIP))
	case LoadBalancerTypeClassic:
		shortest = 1
		f.oneOf("protocol", string(g.Protocol), string(ProtocolHTTP), string(ProtocolHTTPS),
			string(ProtocolTCP), string(ProtocolSSL))
		if g.TargetType != TargetTypeInstance {
			f.add(InvalidConfigurationRequest, "targetType", "a Classic Load Balancer registers instances, not %q",
				g.TargetType)
		}
	default:
		f.oneOf("loadBalancerType", string(g.LoadBalancerType), string(LoadBalancerTypeApplication),
			string(LoadBalancerTypeNetwork), string(LoadBalancerTypeClassic))
	}
	f.between("deregistrationDelaySeconds", g.DeregistrationDelaySeconds.Or(0), shortest, 3600)
	g.validateTraffic(f)
	g.HealthCheck.validate(f, g)
	return f.list.Err()
}

func (g TargetGroup) validateTraffic(f *faults) {
	if g.SlowStartSeconds != 0 {
		f.between("slowStartSeconds", g.SlowStartSeconds, 30, 900)
		if g.Algorithm != AlgorithmRoundRobin || g.LoadBalancerType != LoadBalancerTypeApplication {
			f.add(InvalidConfigurationRequest, "slowStartSeconds",
				"slow start needs an application load balancer and round_robin, not %s and %s",
				g.LoadBalancerType, g.Algorithm)
		}
	}
	f.oneOf("algorithm", string(g.Algorithm), string(AlgorithmRoundRobin), string(AlgorithmLeastOutstandingRequests),
		string(AlgorithmWeightedRandom))
	if g.LoadBalancerType != LoadBalancerTypeApplication && g.Algorithm != AlgorithmRoundRobin {
		f.add(InvalidConfigurationRequest, "algorithm", "%s needs an application load balancer", g.Algorithm)
	}
	if g.Stickiness.Type != StickinessTypeSourceIP {
		f.between("stickiness.durationSeconds", g.Stickiness.DurationSeconds, 1, 604800)
	}
	if g.Stickiness.Enabled && g.Stickiness.Type == StickinessTypeAppCookie && g.Stickiness.CookieName == "" {
		f.add(ValidationError, "stickiness.cookieName", "app_cookie needs the cookie's name")
	}
}
