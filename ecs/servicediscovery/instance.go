package servicediscovery

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Instance is an instance of a service. Source: AWS Cloud Map API Reference, Instance.
type Instance struct {
	ID               string            `json:"Id"`
	CreatorRequestID string            `json:"CreatorRequestId,omitzero"`
	Attributes       map[string]string `json:"Attributes,omitzero"`
	CreatedByAccount string            `json:"CreatedByAccount,omitzero"`
}

// HealthStatus is the health of an instance.
type HealthStatus string

// The values of HealthStatus.
const (
	HealthStatusHealthy   HealthStatus = "HEALTHY"
	HealthStatusUnhealthy HealthStatus = "UNHEALTHY"
	HealthStatusUnknown   HealthStatus = "UNKNOWN" // of a service without a health check
)

// The attributes of instances that AWS Cloud Map reads.
const (
	AttributeInitHealth = "AWS_INIT_HEALTH_STATUS"
	AttributeIPv4       = "AWS_INSTANCE_IPV4"
	AttributePort       = "AWS_INSTANCE_PORT"
	attributeIPv6       = "AWS_INSTANCE_IPV6"
	attributeCNAME      = "AWS_INSTANCE_CNAME"
	attributeAlias      = "AWS_ALIAS_DNS_NAME"
)

// RegisterInstanceInput is the input of RegisterInstance.
type RegisterInstanceInput struct {
	ServiceID        string            `json:"ServiceId"`
	InstanceID       string            `json:"InstanceId"`
	CreatorRequestID string            `json:"CreatorRequestId,omitzero"`
	Attributes       map[string]string `json:"Attributes"`
}

// Validate returns what is wrong with the input, as InvalidInput by field: an ID that an instance cannot have, no
// attributes or more than 30, and attributes that are too long. Source: AWS Cloud Map API Reference, RegisterInstance.
func (in RegisterInstanceInput) Validate() error {
	f := &faults{}
	f.text("InstanceId", in.InstanceID, 1, 64)
	if !check.Only(in.InstanceID, "_/:.@-") {
		f.Refuse("InstanceId", "InstanceId must have letters, digits, and _ / : . @ - only; it is %q.",
			check.Shortened(in.InstanceID))
	}
	const most, longestKey, longestValue = 30, 255, 1024
	if n := len(in.Attributes); n < 1 || n > most {
		f.Refuse("Attributes", "An instance has 1 to %d attributes; these are %d.", most, n)
	}
	for key, value := range in.Attributes { //order:any only the first fault is the same for all
		if len(key) < 1 || len(key) > longestKey || len(value) > longestValue {
			f.Refuse("Attributes", "A key has 1 to %d characters, and a value at most %d.", longestKey, longestValue)
			break
		}
	}
	f.oneOf("Attributes."+AttributeInitHealth, in.Attributes[AttributeInitHealth],
		string(HealthStatusHealthy), string(HealthStatusUnhealthy))
	return f.err()
}

// Fits returns what an instance lacks of what the records and the health check of its service need, and addresses and
// ports that are none, as InvalidInput.
// Source: AWS Cloud Map API Reference, RegisterInstance.
func (in RegisterInstanceInput) Fits(s Service) error {
	f := &faults{}
	need := func(what string, keys ...string) {
		if !slices.ContainsFunc(keys, func(key string) bool { return in.Attributes[key] != "" }) {
			f.Refuse("Attributes", "%s is required for the %s of the service.", strings.Join(keys, " or "), what)
		}
	}
	if s.DNSConfig != nil {
		for _, r := range s.DNSConfig.DNSRecords {
			for _, keys := range neededBy(r.Type) {
				need("record "+r.Type, keys...)
			}
		}
	}
	if s.HealthCheckConfig != nil {
		need("health check", AttributePort, attributeAlias)
	}
	for _, a := range []struct {
		key string
		is  func(string) bool
	}{{AttributeIPv4, isAddress(netip.Addr.Is4)}, {attributeIPv6, isAddress(netip.Addr.Is6)}, {AttributePort, isPort}} {
		if v := in.Attributes[a.key]; v != "" && !a.is(v) {
			f.Refuse("Attributes."+a.key, "%s cannot be %q.", a.key, check.Shortened(v))
		}
	}
	return f.err()
}

// neededBy returns the attributes that a type of record needs: of each list one. An alias stands for an address.
func neededBy(record string) [][]string {
	switch record {
	case "A":
		return [][]string{{AttributeIPv4, attributeAlias}}
	case "AAAA":
		return [][]string{{attributeIPv6, attributeAlias}}
	case "CNAME":
		return [][]string{{attributeCNAME}}
	case "SRV":
		return [][]string{{AttributePort}, {AttributeIPv4, attributeIPv6}}
	}
	return nil
}

func isAddress(of func(netip.Addr) bool) func(string) bool {
	return func(text string) bool {
		a, err := netip.ParseAddr(text)
		return err == nil && of(a)
	}
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535
}

// InstanceInput is the input of what is about one instance: DeregisterInstance and GetInstance.
type InstanceInput struct {
	ServiceID  string `json:"ServiceId"`
	InstanceID string `json:"InstanceId"`
}

// ListInstancesInput is the input of ListInstances.
type ListInstancesInput struct {
	ServiceID  string       `json:"ServiceId"`
	NextToken  string       `json:"NextToken,omitzero"`
	MaxResults ecs.Opt[int] `json:"MaxResults,omitzero"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
func (in ListInstancesInput) Validate() error {
	f := &faults{}
	f.page(in.MaxResults)
	return f.err()
}

// ListInstancesOutput is the answer of ListInstances.
type ListInstancesOutput struct {
	ResourceOwner string     `json:"ResourceOwner,omitzero"`
	Instances     []Instance `json:"Instances"`
	NextToken     string     `json:"NextToken,omitzero"`
}

// GetInstanceOutput is the answer of GetInstance.
type GetInstanceOutput struct {
	ResourceOwner string   `json:"ResourceOwner,omitzero"`
	Instance      Instance `json:"Instance"`
}

// GetInstancesHealthStatusInput is the input of GetInstancesHealthStatus.
type GetInstancesHealthStatusInput struct {
	ServiceID  string       `json:"ServiceId"`
	Instances  []string     `json:"Instances,omitzero"` // none: all
	MaxResults ecs.Opt[int] `json:"MaxResults,omitzero"`
	NextToken  string       `json:"NextToken,omitzero"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
func (in GetInstancesHealthStatusInput) Validate() error {
	f := &faults{}
	f.page(in.MaxResults)
	return f.err()
}

// GetInstancesHealthStatusOutput is the answer of GetInstancesHealthStatus.
type GetInstancesHealthStatusOutput struct {
	Status    map[string]HealthStatus `json:"Status"`
	NextToken string                  `json:"NextToken,omitzero"`
}

// UpdateInstanceCustomHealthStatusInput is the input of UpdateInstanceCustomHealthStatus.
type UpdateInstanceCustomHealthStatusInput struct {
	ServiceID  string       `json:"ServiceId"`
	InstanceID string       `json:"InstanceId"`
	Status     HealthStatus `json:"Status"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
func (in UpdateInstanceCustomHealthStatusInput) Validate() error {
	f := &faults{}
	if in.Status != HealthStatusHealthy && in.Status != HealthStatusUnhealthy {
		f.Refuse("Status", "Status must be HEALTHY or UNHEALTHY; it is %q.", check.Shortened(string(in.Status)))
	}
	return f.err()
}

// DiscoverInstancesInput is the input of DiscoverInstances.
type DiscoverInstancesInput struct {
	NamespaceName      string            `json:"NamespaceName"`
	ServiceName        string            `json:"ServiceName"`
	MaxResults         ecs.Opt[int]      `json:"MaxResults,omitzero"`         // absent: 100
	QueryParameters    map[string]string `json:"QueryParameters,omitzero"`    // attributes that all must have
	OptionalParameters map[string]string `json:"OptionalParameters,omitzero"` // if any instance has them
	HealthStatus       string            `json:"HealthStatus,omitzero"`       // absent: HEALTHY_OR_ELSE_ALL
	OwnerAccount       string            `json:"OwnerAccount,omitzero"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
func (in DiscoverInstancesInput) Validate() error {
	f := &faults{}
	f.text("NamespaceName", in.NamespaceName, 1, 1024)
	f.text("ServiceName", in.ServiceName, 1, 1024)
	const most = 1000
	if n := in.MaxResults.Or(MostResults); n < 1 || n > most {
		f.Refuse("MaxResults", "MaxResults must be from 1 to %d; it is %d.", most, n)
	}
	f.oneOf("HealthStatus", in.HealthStatus, string(HealthStatusHealthy), string(HealthStatusUnhealthy), "ALL",
		"HEALTHY_OR_ELSE_ALL")
	return f.err()
}

// DiscoveredInstance is an instance as DiscoverInstances shows it.
type DiscoveredInstance struct {
	InstanceID    string            `json:"InstanceId"`
	NamespaceName string            `json:"NamespaceName"`
	ServiceName   string            `json:"ServiceName"`
	HealthStatus  HealthStatus      `json:"HealthStatus"`
	Attributes    map[string]string `json:"Attributes"`
}

// DiscoverInstancesOutput is the answer of DiscoverInstances.
type DiscoverInstancesOutput struct {
	Instances         []DiscoveredInstance `json:"Instances"`
	InstancesRevision int64                `json:"InstancesRevision"`
}

// DiscoverInstancesRevisionInput is the input of DiscoverInstancesRevision.
type DiscoverInstancesRevisionInput struct {
	NamespaceName string `json:"NamespaceName"`
	ServiceName   string `json:"ServiceName"`
	OwnerAccount  string `json:"OwnerAccount,omitzero"`
}

// DiscoverInstancesRevisionOutput is the answer of DiscoverInstancesRevision.
type DiscoverInstancesRevisionOutput struct {
	InstancesRevision int64 `json:"InstancesRevision"`
}

// Discover returns the instances of a list that the input asks for, in the order of the list; checked says that the
// service has a health check, without which the health counts nothing.
// Source: AWS Cloud Map API Reference, DiscoverInstances.
func (in DiscoverInstancesInput) Discover(list []DiscoveredInstance, checked bool) []DiscoveredInstance {
	list = only(list, func(i DiscoveredInstance) bool { return holds(i.Attributes, in.QueryParameters) })
	if some := only(list, func(i DiscoveredInstance) bool {
		return holds(i.Attributes, in.OptionalParameters)
	}); len(some) > 0 {
		list = some
	}
	if checked {
		health := func(h HealthStatus) []DiscoveredInstance {
			return only(list, func(i DiscoveredInstance) bool { return i.HealthStatus == h })
		}
		switch status := HealthStatus(in.HealthStatus); status {
		case "ALL":
		case HealthStatusHealthy, HealthStatusUnhealthy:
			list = health(status)
		default:
			if healthy := health(HealthStatusHealthy); len(healthy) > 0 {
				list = healthy
			}
		}
	}
	return list[:min(len(list), max(0, in.MaxResults.Or(MostResults)))]
}

func only(list []DiscoveredInstance, is func(DiscoveredInstance) bool) []DiscoveredInstance {
	some := []DiscoveredInstance{}
	for _, i := range list {
		if is(i) {
			some = append(some, i)
		}
	}
	return some
}

// holds reports whether attributes have all of the parameters.
func holds(attributes, parameters map[string]string) bool {
	for key, value := range parameters { //order:any all are asked
		if got, ok := attributes[key]; !ok || got != value {
			return false
		}
	}
	return true
}
