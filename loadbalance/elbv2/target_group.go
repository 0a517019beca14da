package elbv2

import (
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// TargetGroup is a target group as DescribeTargetGroups shows it.
type TargetGroup struct {
	TargetGroupArn             string       `json:"TargetGroupArn"`
	TargetGroupName            string       `json:"TargetGroupName"`
	Protocol                   string       `json:"Protocol"`
	Port                       ecs.Opt[int] `json:"Port,omitzero"`
	VpcId                      string       `json:"VpcId,omitzero"`
	HealthCheckProtocol        string       `json:"HealthCheckProtocol"`
	HealthCheckPort            string       `json:"HealthCheckPort"`
	HealthCheckEnabled         bool         `json:"HealthCheckEnabled"`
	HealthCheckIntervalSeconds int          `json:"HealthCheckIntervalSeconds"`
	HealthCheckTimeoutSeconds  int          `json:"HealthCheckTimeoutSeconds"`
	HealthyThresholdCount      int          `json:"HealthyThresholdCount"`
	UnhealthyThresholdCount    int          `json:"UnhealthyThresholdCount"`
	HealthCheckPath            string       `json:"HealthCheckPath,omitzero"`
	Matcher                    *Matcher     `json:"Matcher,omitzero"`
	LoadBalancerArns           []string     `json:"LoadBalancerArns"`
	TargetType                 string       `json:"TargetType"`
	ProtocolVersion            string       `json:"ProtocolVersion,omitzero"`
	IpAddressType              string       `json:"IpAddressType,omitzero"`
}

// Matcher is the codes that a healthy target answers.
type Matcher struct {
	HttpCode string `json:"HttpCode,omitzero"`
	GrpcCode string `json:"GrpcCode,omitzero"`
}

// HealthCheckSettings are the members of CreateTargetGroup and ModifyTargetGroup about health checks.
type HealthCheckSettings struct {
	HealthCheckProtocol        string        `json:"HealthCheckProtocol,omitzero"`
	HealthCheckPort            string        `json:"HealthCheckPort,omitzero"`
	HealthCheckEnabled         ecs.Opt[bool] `json:"HealthCheckEnabled,omitzero"`
	HealthCheckPath            string        `json:"HealthCheckPath,omitzero"`
	HealthCheckIntervalSeconds ecs.Opt[int]  `json:"HealthCheckIntervalSeconds,omitzero"`
	HealthCheckTimeoutSeconds  ecs.Opt[int]  `json:"HealthCheckTimeoutSeconds,omitzero"`
	HealthyThresholdCount      ecs.Opt[int]  `json:"HealthyThresholdCount,omitzero"`
	UnhealthyThresholdCount    ecs.Opt[int]  `json:"UnhealthyThresholdCount,omitzero"`
	Matcher                    *Matcher      `json:"Matcher,omitzero"`
}

func (f *faults) healthCheck(h HealthCheckSettings) {
	if !h.HealthCheckEnabled.Or(true) {
		f.Refuse("HealthCheckEnabled", "Health checks of the target types instance and ip cannot be disabled.")
	}
	f.oneOf("HealthCheckProtocol", h.HealthCheckProtocol, "HTTP", "HTTPS", "TCP")
	if p := h.HealthCheckPort; p != "" && p != trafficPort {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			f.Refuse("HealthCheckPort", "Health check port '%s' must be 'traffic-port' or in the range 1-65535.", p)
		}
	}
	f.number("HealthCheckIntervalSeconds", h.HealthCheckIntervalSeconds, 5, 300)
	f.number("HealthCheckTimeoutSeconds", h.HealthCheckTimeoutSeconds, 2, 120)
	f.number("HealthyThresholdCount", h.HealthyThresholdCount, 2, 10)
	f.number("UnhealthyThresholdCount", h.UnhealthyThresholdCount, 2, 10)
	if m := h.Matcher; m != nil && (m.HttpCode == "") == (m.GrpcCode == "") {
		f.Refuse("Matcher", "A matcher has either HttpCode or GrpcCode.")
	}
}

const trafficPort = "traffic-port"

// Check returns a health check with the settings; those that are absent stay.
func (h HealthCheckSettings) Check(c loadbalance.HealthCheck) loadbalance.HealthCheck {
	if h.HealthCheckProtocol != "" {
		c.Protocol = loadbalance.Protocol(h.HealthCheckProtocol)
	}
	if h.HealthCheckPath != "" {
		c.Path = h.HealthCheckPath
	}
	switch h.HealthCheckPort {
	case "":
	case trafficPort:
		c.Port = 0
	default:
		if n, err := strconv.Atoi(h.HealthCheckPort); err == nil {
			c.Port = n
		}
	}
	if !h.HealthCheckEnabled.IsZero() {
		c.Enabled = h.HealthCheckEnabled
	}
	c.IntervalSeconds = h.HealthCheckIntervalSeconds.Or(c.IntervalSeconds)
	c.TimeoutSeconds = h.HealthCheckTimeoutSeconds.Or(c.TimeoutSeconds)
	c.HealthyThreshold = h.HealthyThresholdCount.Or(c.HealthyThreshold)
	c.UnhealthyThreshold = h.UnhealthyThresholdCount.Or(c.UnhealthyThreshold)
	if m := h.Matcher; m != nil {
		c.Matcher = m.HttpCode + m.GrpcCode
	}
	return c
}

// CreateTargetGroupInput is the input of CreateTargetGroup.
type CreateTargetGroupInput struct {
	Name            string       `json:"Name"`
	Protocol        string       `json:"Protocol,omitzero"`
	ProtocolVersion string       `json:"ProtocolVersion,omitzero"`
	Port            ecs.Opt[int] `json:"Port,omitzero"`
	VpcId           string       `json:"VpcId,omitzero" kept:""`
	TargetType      string       `json:"TargetType,omitzero"`
	IpAddressType   string       `json:"IpAddressType,omitzero" kept:""`
	Tags            []Tag        `json:"Tags,omitzero"`
	HealthCheckSettings

	_ struct{} `unmodelled:"TargetControlPort"`
}

// Validate returns all that is wrong with the request, as ValidationError, DuplicateTagKeys or TooManyTags. The
// rules of the group itself are those of loadbalance.TargetGroup.Validate.
// Source: Elastic Load Balancing API Reference, CreateTargetGroup.
func (in CreateTargetGroupInput) Validate() error {
	var f faults
	f.name("Name", in.Name, "Target group")
	if in.Protocol == "" {
		f.Refuse("Protocol", "A protocol must be specified")
	}
	f.oneOf("Protocol", in.Protocol, "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP")
	f.oneOf("ProtocolVersion", in.ProtocolVersion, "HTTP1", "HTTP2", "GRPC")
	if in.Port.IsZero() {
		f.Refuse("Port", "A port must be specified")
	}
	f.number("Port", in.Port, 1, 65535)
	if in.VpcId == "" {
		f.Refuse("VpcId", "A VPC ID must be specified")
	}
	f.oneOf("TargetType", in.TargetType, "instance", "ip")
	f.oneOf("IpAddressType", in.IpAddressType, "ipv4", "ipv6")
	f.healthCheck(in.HealthCheckSettings)
	return joined(f.err(), CheckTags(in.Tags))
}

// Group returns the group that the request asks for, under an ARN. A group of HTTP or HTTPS is an application
// load balancer's, others are a network load balancer's.
func (in CreateTargetGroupInput) Group(arn string) loadbalance.TargetGroup {
	g := loadbalance.TargetGroup{TargetGroupArn: arn, LoadBalancerType: loadbalance.LoadBalancerTypeNetwork,
		TargetType: loadbalance.TargetType(in.TargetType), Protocol: loadbalance.Protocol(in.Protocol),
		ProtocolVersion: loadbalance.ProtocolVersion(in.ProtocolVersion), NotInUse: true}
	if in.Protocol == "HTTP" || in.Protocol == "HTTPS" {
		g.LoadBalancerType = loadbalance.LoadBalancerTypeApplication
	}
	g.HealthCheck = in.Check(g.HealthCheck)
	return g
}

// ModifyTargetGroupInput is the input of ModifyTargetGroup.
type ModifyTargetGroupInput struct {
	TargetGroupArn string `json:"TargetGroupArn"`
	HealthCheckSettings
}

// Validate returns all that is wrong with the request, as ValidationError.
func (in ModifyTargetGroupInput) Validate() error {
	var f faults
	f.required("TargetGroupArn", in.TargetGroupArn != "")
	f.healthCheck(in.HealthCheckSettings)
	return f.err()
}

// TargetGroupsOutput is the answer of operations that create, modify or describe target groups.
type TargetGroupsOutput struct {
	TargetGroups []TargetGroup `json:"TargetGroups"`
	NextMarker   string        `json:"NextMarker,omitzero"`
}

// DescribeTargetGroupsInput is the input of DescribeTargetGroups.
type DescribeTargetGroupsInput struct {
	LoadBalancerArn string       `json:"LoadBalancerArn,omitzero"`
	TargetGroupArns []string     `json:"TargetGroupArns,omitzero"`
	Names           []string     `json:"Names,omitzero"`
	Marker          string       `json:"Marker,omitzero"`
	PageSize        ecs.Opt[int] `json:"PageSize,omitzero"`
}

// Validate refuses more than one way to name groups.
func (in DescribeTargetGroupsInput) Validate() error {
	var f faults
	given := 0
	for _, is := range []bool{in.LoadBalancerArn != "", len(in.TargetGroupArns) > 0, len(in.Names) > 0} {
		if is {
			given++
		}
	}
	if given > 1 {
		f.Refuse("", "Load balancer ARN, target group ARNs and names cannot be specified at the same time.")
	}
	return f.err()
}

// TargetGroupInput is the input of operations that name a target group only: DeleteTargetGroup and
// DescribeTargetGroupAttributes.
type TargetGroupInput struct {
	TargetGroupArn string `json:"TargetGroupArn"`
}

// ModifyTargetGroupAttributesInput is the input of ModifyTargetGroupAttributes.
type ModifyTargetGroupAttributesInput struct {
	TargetGroupArn string      `json:"TargetGroupArn"`
	Attributes     []Attribute `json:"Attributes"`
}

// ShowTargetGroup returns a group as DescribeTargetGroups shows what package loadbalance knows of it.
func ShowTargetGroup(g loadbalance.TargetGroup) TargetGroup {
	g = g.Normalize()
	h := g.HealthCheck
	s := TargetGroup{TargetGroupArn: g.TargetGroupArn, TargetGroupName: TargetGroupName(g.TargetGroupArn),
		Protocol: string(g.Protocol), ProtocolVersion: string(g.ProtocolVersion), TargetType: string(g.TargetType),
		HealthCheckProtocol: string(h.Protocol), HealthCheckPort: trafficPort, HealthCheckEnabled: h.Enabled.Or(true),
		HealthCheckIntervalSeconds: h.IntervalSeconds, HealthCheckTimeoutSeconds: h.TimeoutSeconds,
		HealthyThresholdCount: h.HealthyThreshold, UnhealthyThresholdCount: h.UnhealthyThreshold,
		LoadBalancerArns: []string{}}
	if h.Port != 0 {
		s.HealthCheckPort = strconv.Itoa(h.Port)
	}
	if h.Protocol == loadbalance.ProtocolHTTP || h.Protocol == loadbalance.ProtocolHTTPS {
		s.HealthCheckPath, s.Matcher = h.Path, &Matcher{HttpCode: h.Matcher}
		if g.ProtocolVersion == loadbalance.ProtocolVersionGRPC {
			s.Matcher = &Matcher{GrpcCode: h.Matcher}
		}
	}
	return s
}

// TargetGroupName returns "web" of "…:targetgroup/web/0123456789abcdef".
func TargetGroupName(arn string) string {
	_, rest, _ := strings.Cut(arn, "/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// Validate refuses a request that names none, as ValidationError.
func (in TargetGroupInput) Validate() error {
	var f faults
	f.required("TargetGroupArn", in.TargetGroupArn != "")
	return f.err()
}

// Validate refuses a request that names none, as ValidationError.
func (in ModifyTargetGroupAttributesInput) Validate() error {
	var f faults
	f.required("TargetGroupArn", in.TargetGroupArn != "")
	return f.err()
}
