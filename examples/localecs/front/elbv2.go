package front

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/query"
	"github.com/bayplan/bayplan/loadbalance"
)

// The errors of Elastic Load Balancing.
const (
	targetGroupNotFound  ecs.Code = "TargetGroupNotFound"
	loadBalancerNotFound ecs.Code = "LoadBalancerNotFound"
)

// elbOperations are what of Elastic Load Balancing the plane knows: the target groups of services, and the
// health of their targets.
func elbOperations() table {
	return table{
		"DescribeTargetGroups":          read(describeTargetGroups),
		"DescribeTargetGroupAttributes": read(describeTargetGroupAttributes),
		"DescribeTargetHealth":          read(describeTargetHealth),
		"ModifyTargetGroupAttributes":   change(modifyTargetGroupAttributes),
	}
}

// notELB are the actions of Elastic Load Balancing that are not modelled. A target group comes into being
// with the first service that names it, or by PUT /_local/target-groups/NAME.
func notELB() table {
	return unmodelled(unsupported,
		"AddListenerCertificates", "AddTags", "AddTrustStoreRevocations", "CreateListener", "CreateLoadBalancer",
		"CreateRule", "CreateTargetGroup", "CreateTrustStore", "DeleteListener", "DeleteLoadBalancer", "DeleteRule",
		"DeleteSharedTrustStoreAssociation", "DeleteTargetGroup", "DeleteTrustStore", "DeregisterTargets",
		"DescribeAccountLimits", "DescribeCapacityReservation", "DescribeListenerAttributes",
		"DescribeListenerCertificates", "DescribeListeners", "DescribeLoadBalancerAttributes", "DescribeLoadBalancers",
		"DescribeRules", "DescribeSSLPolicies", "DescribeTags", "DescribeTrustStoreAssociations",
		"DescribeTrustStoreRevocations", "DescribeTrustStores", "GetResourcePolicy",
		"GetTrustStoreCaCertificatesBundle",
		"GetTrustStoreRevocationContent", "ModifyCapacityReservation", "ModifyIpPools", "ModifyListener",
		"ModifyListenerAttributes", "ModifyLoadBalancerAttributes", "ModifyRule", "ModifyTargetGroup",
		"ModifyTrustStore",
		"RegisterTargets", "RemoveListenerCertificates", "RemoveTags", "RemoveTrustStoreRevocations",
		"SetIpAddressType",
		"SetRulePriorities", "SetSecurityGroups", "SetSubnets")
}

// describeTargetGroupsInput is the input of DescribeTargetGroups.
type describeTargetGroupsInput struct {
	LoadBalancerArn string       `json:"LoadBalancerArn"`
	TargetGroupArns []string     `json:"TargetGroupArns"`
	Names           []string     `json:"Names"`
	Marker          string       `json:"Marker"`
	PageSize        ecs.Opt[int] `json:"PageSize"`
}

// shownGroup is a target group as DescribeTargetGroups shows it. What the plane does not know of it, its
// port, VPC and load balancer, is not there.
type shownGroup struct {
	TargetGroupArn             string                      `json:"TargetGroupArn"`
	TargetGroupName            string                      `json:"TargetGroupName"`
	Protocol                   loadbalance.Protocol        `json:"Protocol"`
	ProtocolVersion            loadbalance.ProtocolVersion `json:"ProtocolVersion,omitzero"`
	TargetType                 loadbalance.TargetType      `json:"TargetType"`
	HealthCheckProtocol        loadbalance.Protocol        `json:"HealthCheckProtocol"`
	HealthCheckPort            string                      `json:"HealthCheckPort"`
	HealthCheckEnabled         bool                        `json:"HealthCheckEnabled"`
	HealthCheckIntervalSeconds int                         `json:"HealthCheckIntervalSeconds"`
	HealthCheckTimeoutSeconds  int                         `json:"HealthCheckTimeoutSeconds"`
	HealthyThresholdCount      int                         `json:"HealthyThresholdCount"`
	UnhealthyThresholdCount    int                         `json:"UnhealthyThresholdCount"`
	HealthCheckPath            string                      `json:"HealthCheckPath,omitzero"`
	Matcher                    map[string]string           `json:"Matcher,omitzero"`
	LoadBalancerArns           []string                    `json:"LoadBalancerArns"`
}

// mostTargetGroups is how many groups a page has. Source: Elastic Load Balancing API Reference,
// DescribeTargetGroups.
const mostTargetGroups = 400

// describeTargetGroups lists target groups in the order of their ARNs, those that are asked for or all.
func describeTargetGroups(p *control.Plane, in describeTargetGroupsInput) (any, error) {
	given := 0
	for _, is := range []bool{in.LoadBalancerArn != "", len(in.TargetGroupArns) > 0, len(in.Names) > 0} {
		if is {
			given++
		}
	}
	size := in.PageSize.Or(mostTargetGroups)
	switch {
	case given > 1:
		return nil, ecs.Fault(query.ValidationError, "", "Load balancer ARN, target group ARNs and names cannot be "+
			"specified at the same time.")
	case in.LoadBalancerArn != "":
		return nil, ecs.Fault(loadBalancerNotFound, "LoadBalancerArn", "One or more load balancers not found")
	case size < 1 || size > mostTargetGroups:
		return nil, ecs.Fault(query.ValidationError, "PageSize",
			fmt.Sprintf("PageSize is between 1 and %d; it is %d.", mostTargetGroups, size))
	}
	found := map[string]bool{}
	shown := []shownGroup{}
	for _, g := range groupsOf(p) {
		arn, name := g.Group.TargetGroupArn, nameOfGroup(g.Group)
		if given > 0 && !slices.Contains(in.TargetGroupArns, arn) && !slices.Contains(in.Names, name) {
			continue
		}
		found[arn], found[name] = true, true
		shown = append(shown, showGroup(g.Group))
	}
	for _, asked := range slices.Concat(in.TargetGroupArns, in.Names) {
		if !found[asked] {
			return nil, ecs.Fault(targetGroupNotFound, "", "One or more target groups not found")
		}
	}
	out := object{}
	if given == 0 {
		shown = slices.DeleteFunc(shown, func(g shownGroup) bool { return g.TargetGroupArn <= in.Marker })
		if len(shown) > size {
			shown = shown[:size]
			out["NextMarker"] = shown[size-1].TargetGroupArn
		}
	}
	out["TargetGroups"] = shown
	return out, nil
}

// groupsOf are the target groups that are not Classic Load Balancers, in the order of their ARNs.
func groupsOf(p *control.Plane) []loadbalance.TargetsState {
	return slices.DeleteFunc(p.TargetGroups(),
		func(g loadbalance.TargetsState) bool { return g.Group.TargetGroupArn == "" })
}

// nameOfGroup is "web" of "…:targetgroup/web/0123456789abcdef".
func nameOfGroup(g loadbalance.TargetGroup) string {
	_, rest, _ := strings.Cut(g.TargetGroupArn, "/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func showGroup(g loadbalance.TargetGroup) shownGroup {
	g = g.Normalize()
	h := g.HealthCheck
	s := shownGroup{TargetGroupArn: g.TargetGroupArn, TargetGroupName: nameOfGroup(g), Protocol: g.Protocol,
		ProtocolVersion: g.ProtocolVersion, TargetType: g.TargetType, HealthCheckProtocol: h.Protocol,
		HealthCheckPort: "traffic-port", HealthCheckEnabled: h.Enabled.Or(true),
		HealthCheckIntervalSeconds: h.IntervalSeconds,
		HealthCheckTimeoutSeconds:  h.TimeoutSeconds, HealthyThresholdCount: h.HealthyThreshold,
		UnhealthyThresholdCount: h.UnhealthyThreshold, LoadBalancerArns: []string{}}
	if h.Port != 0 {
		s.HealthCheckPort = strconv.Itoa(h.Port)
	}
	if h.Protocol == loadbalance.ProtocolHTTP || h.Protocol == loadbalance.ProtocolHTTPS {
		s.HealthCheckPath = h.Path
		code := "HttpCode"
		if g.ProtocolVersion == loadbalance.ProtocolVersionGRPC {
			code = "GrpcCode"
		}
		s.Matcher = map[string]string{code: h.Matcher}
	}
	return s
}

// groupOf finds the target group of an ARN.
func groupOf(p *control.Plane, arn string) (loadbalance.TargetsState, error) {
	all := groupsOf(p)
	i := slices.IndexFunc(all, func(g loadbalance.TargetsState) bool { return g.Group.TargetGroupArn == arn })
	switch {
	case arn == "":
		return loadbalance.TargetsState{}, ecs.Fault(query.ValidationError, "TargetGroupArn",
			"TargetGroupArn is required.")
	case i < 0:
		return loadbalance.TargetsState{}, ecs.Fault(targetGroupNotFound, "TargetGroupArn",
			"One or more target groups not found")
	}
	return all[i], nil
}

// targetGroupAttribute is an attribute of a target group; all values are texts.
type targetGroupAttribute struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// describeTargetGroupAttributesInput is the input of DescribeTargetGroupAttributes.
type describeTargetGroupAttributesInput struct {
	TargetGroupArn string `json:"TargetGroupArn"`
}

func describeTargetGroupAttributes(p *control.Plane, in describeTargetGroupAttributesInput) (any, error) {
	g, err := groupOf(p, in.TargetGroupArn)
	return object{"Attributes": attributesOf(g.Group)}, err
}

// The attributes of target groups that the plane models.
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

// attributesOf are the attributes of a group, in the order of their keys. Slow start, the algorithm and
// cookies are an Application Load Balancer's.
func attributesOf(g loadbalance.TargetGroup) []targetGroupAttribute {
	g = g.Normalize()
	list := []targetGroupAttribute{{deregistrationDelay, strconv.Itoa(g.DeregistrationDelaySeconds.Or(0))},
		{stickinessEnabled, strconv.FormatBool(g.Stickiness.Enabled)}, {stickinessType, string(g.Stickiness.Type)}}
	if g.LoadBalancerType == loadbalance.LoadBalancerTypeApplication {
		seconds := strconv.Itoa(g.Stickiness.DurationSeconds)
		list = append(list, targetGroupAttribute{slowStart, strconv.Itoa(g.SlowStartSeconds)},
			targetGroupAttribute{algorithm, string(g.Algorithm)}, targetGroupAttribute{lbCookieSeconds, seconds},
			targetGroupAttribute{appCookieSeconds, seconds}, targetGroupAttribute{appCookieName,
				g.Stickiness.CookieName})
	}
	slices.SortFunc(list, func(a, b targetGroupAttribute) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// modifyTargetGroupAttributesInput is the input of ModifyTargetGroupAttributes.
type modifyTargetGroupAttributesInput struct {
	TargetGroupArn string                 `json:"TargetGroupArn"`
	Attributes     []targetGroupAttribute `json:"Attributes"`
}

// modifyTargetGroupAttributes changes a group, all attributes or none, and answers all.
func modifyTargetGroupAttributes(p *control.Plane, now time.Time, in modifyTargetGroupAttributesInput) (any, error) {
	state, err := groupOf(p, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	g := state.Group
	if len(in.Attributes) == 0 {
		return nil, ecs.Fault(query.ValidationError, "Attributes", "Attributes is required.")
	}
	for i, a := range in.Attributes {
		if err := setAttribute(&g, a); err != nil {
			return nil, ecs.Fault(query.ValidationError, fmt.Sprintf("Attributes[%d]", i), err.Error())
		}
	}
	if err := p.PutTargetGroup(now, g); err != nil {
		return nil, err
	}
	return object{"Attributes": attributesOf(g)}, nil
}

// setAttribute sets one attribute. What its values mean together the plane checks.
func setAttribute(g *loadbalance.TargetGroup, a targetGroupAttribute) error {
	number := func(set func(n int)) error {
		n, err := strconv.Atoi(a.Value)
		if err != nil {
			return fmt.Errorf("attribute %s is a whole number; it is %q", a.Key, a.Value)
		}
		set(n)
		return nil
	}
	switch a.Key {
	case deregistrationDelay:
		return number(func(n int) { g.DeregistrationDelaySeconds = ecs.Some(n) })
	case slowStart:
		return number(func(n int) { g.SlowStartSeconds = n })
	case lbCookieSeconds, appCookieSeconds:
		return number(func(n int) { g.Stickiness.DurationSeconds = n })
	case algorithm:
		g.Algorithm = loadbalance.Algorithm(a.Value)
	case stickinessType:
		g.Stickiness.Type = loadbalance.StickinessType(a.Value)
	case appCookieName:
		g.Stickiness.CookieName = a.Value
	case stickinessEnabled:
		if a.Value != "true" && a.Value != "false" {
			return fmt.Errorf("attribute %s is true or false; it is %q", a.Key, a.Value)
		}
		g.Stickiness.Enabled = a.Value == "true"
	default:
		return fmt.Errorf("target group attribute key %q is not recognized or not modelled here", a.Key)
	}
	return nil
}
