package elbv2

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// LoadBalancer is a load balancer as DescribeLoadBalancers shows it.
type LoadBalancer struct {
	LoadBalancerArn       string             `json:"LoadBalancerArn"`
	DNSName               string             `json:"DNSName"`
	CanonicalHostedZoneId string             `json:"CanonicalHostedZoneId"`
	CreatedTime           ecs.Instant        `json:"CreatedTime"`
	LoadBalancerName      string             `json:"LoadBalancerName"`
	Scheme                string             `json:"Scheme"` // internet-facing or internal
	VpcId                 string             `json:"VpcId"`
	State                 LoadBalancerState  `json:"State"`
	Type                  string             `json:"Type"` // application or network
	AvailabilityZones     []AvailabilityZone `json:"AvailabilityZones"`
	SecurityGroups        []string           `json:"SecurityGroups,omitempty"`
	IpAddressType         string             `json:"IpAddressType"`
}

// Zones returns the names of the zones that the load balancer is in, in order; none if a subnet may be anywhere.
func (b LoadBalancer) Zones() (zones []string) {
	for _, z := range b.AvailabilityZones {
		if z.ZoneName == "" {
			return nil
		}
		zones = append(zones, z.ZoneName)
	}
	slices.Sort(zones)
	return zones
}

// LoadBalancerState is the state of a load balancer.
type LoadBalancerState struct {
	Code string `json:"Code"` // active
}

// AvailabilityZone is a zone that a load balancer is in, by one of its subnets.
type AvailabilityZone struct {
	ZoneName              string                `json:"ZoneName"`
	SubnetId              string                `json:"SubnetId"`
	LoadBalancerAddresses []LoadBalancerAddress `json:"LoadBalancerAddresses"`
}

// LoadBalancerAddress is a fixed address of a network load balancer.
type LoadBalancerAddress struct {
	AllocationId       string `json:"AllocationId,omitzero"`
	PrivateIPv4Address string `json:"PrivateIPv4Address,omitzero"`
	IPv6Address        string `json:"IPv6Address,omitzero"`
}

// SubnetMapping is a subnet of a load balancer, with the address that it has there.
type SubnetMapping struct {
	SubnetId           string `json:"SubnetId"`
	AllocationId       string `json:"AllocationId,omitzero"`
	PrivateIPv4Address string `json:"PrivateIPv4Address,omitzero"`
	IPv6Address        string `json:"IPv6Address,omitzero"`

	_ struct{} `unmodelled:"SourceNatIpv6Prefix"`
}

// The kinds of load balancers.
const (
	Application = "application"
	Network     = "network"
)

// CreateLoadBalancerInput is the input of CreateLoadBalancer.
type CreateLoadBalancerInput struct {
	Name           string          `json:"Name"`
	Subnets        []string        `json:"Subnets,omitzero"`
	SubnetMappings []SubnetMapping `json:"SubnetMappings,omitzero"`
	SecurityGroups []string        `json:"SecurityGroups,omitzero" kept:""`
	Scheme         string          `json:"Scheme,omitzero" kept:""`
	Type           string          `json:"Type,omitzero"`
	IpAddressType  string          `json:"IpAddressType,omitzero" kept:""`
	Tags           []Tag           `json:"Tags,omitzero"`

	_ struct{} `unmodelled:"CustomerOwnedIpv4Pool,EnablePrefixForIpv6SourceNat,IpamPools"`
}

// Validate returns all that is wrong with the request, as ValidationError or DuplicateTagKeys.
// Source: Elastic Load Balancing API Reference, CreateLoadBalancer.
func (in CreateLoadBalancerInput) Validate() error {
	var f faults
	f.name("Name", in.Name, "Load balancer")
	if strings.HasPrefix(in.Name, "internal-") {
		f.Refuse("Name", "Load balancer name '%s' cannot begin with 'internal-'", in.Name)
	}
	f.oneOf("Scheme", in.Scheme, "internet-facing", "internal")
	f.oneOf("Type", in.Type, Application, Network)
	f.addressType(in.IpAddressType)
	f.subnets(in.Subnets, in.SubnetMappings)
	return joined(f.err(), CheckTags(in.Tags))
}

func (f *faults) addressType(v string) {
	f.oneOf("IpAddressType", v, "ipv4", "dualstack", "dualstack-without-public-ipv4")
}

func (f *faults) subnets(subnets []string, mappings []SubnetMapping) {
	switch {
	case len(subnets) == 0 && len(mappings) == 0:
		f.Refuse("Subnets", "You must specify subnets in either the Subnets or the SubnetMappings parameter.")
	case len(subnets) > 0 && len(mappings) > 0:
		f.Refuse("Subnets", "Subnets and SubnetMappings cannot both be specified.")
	}
	seen := map[string]bool{"": true}
	for _, m := range SubnetsOf(subnets, mappings) {
		if seen[m.SubnetId] {
			f.Refuse("Subnets", "Subnet '%s' is missing or there twice.", m.SubnetId)
		}
		seen[m.SubnetId] = true
	}
}

// SubnetsOf returns the subnets of a request, in whichever of its two members they are.
func SubnetsOf(subnets []string, mappings []SubnetMapping) []SubnetMapping {
	all := slices.Clone(mappings)
	for _, id := range subnets {
		all = append(all, SubnetMapping{SubnetId: id})
	}
	return all
}

// LoadBalancersOutput is the answer of CreateLoadBalancer and DescribeLoadBalancers.
type LoadBalancersOutput struct {
	LoadBalancers []LoadBalancer `json:"LoadBalancers"`
	NextMarker    string         `json:"NextMarker,omitzero"`
}

// DescribeLoadBalancersInput is the input of DescribeLoadBalancers.
type DescribeLoadBalancersInput struct {
	LoadBalancerArns []string     `json:"LoadBalancerArns,omitzero"`
	Names            []string     `json:"Names,omitzero"`
	Marker           string       `json:"Marker,omitzero"`
	PageSize         ecs.Opt[int] `json:"PageSize,omitzero"`
}

// Validate refuses names together with ARNs.
func (in DescribeLoadBalancersInput) Validate() error {
	var f faults
	if len(in.Names) > 0 && len(in.LoadBalancerArns) > 0 {
		f.Refuse("", "Load balancer names and load balancer ARNs cannot be specified at the same time")
	}
	return f.err()
}

// LoadBalancerInput is the input of operations that name a load balancer only: DeleteLoadBalancer and
// DescribeLoadBalancerAttributes.
type LoadBalancerInput struct {
	LoadBalancerArn string `json:"LoadBalancerArn"`
}

// ModifyLoadBalancerAttributesInput is the input of ModifyLoadBalancerAttributes.
type ModifyLoadBalancerAttributesInput struct {
	LoadBalancerArn string      `json:"LoadBalancerArn"`
	Attributes      []Attribute `json:"Attributes"`
}

// SetSubnetsInput is the input of SetSubnets.
type SetSubnetsInput struct {
	LoadBalancerArn string          `json:"LoadBalancerArn"`
	Subnets         []string        `json:"Subnets,omitzero"`
	SubnetMappings  []SubnetMapping `json:"SubnetMappings,omitzero"`
	IpAddressType   string          `json:"IpAddressType,omitzero" kept:""`

	_ struct{} `unmodelled:"EnablePrefixForIpv6SourceNat"`
}

// Validate returns all that is wrong with the request, as ValidationError.
func (in SetSubnetsInput) Validate() error {
	var f faults
	f.required("LoadBalancerArn", in.LoadBalancerArn != "")
	f.addressType(in.IpAddressType)
	f.subnets(in.Subnets, in.SubnetMappings)
	return f.err()
}

// SetSubnetsOutput is the answer of SetSubnets.
type SetSubnetsOutput struct {
	AvailabilityZones []AvailabilityZone `json:"AvailabilityZones"`
	IpAddressType     string             `json:"IpAddressType"`
}

// SetSecurityGroupsInput is the input of SetSecurityGroups.
type SetSecurityGroupsInput struct {
	LoadBalancerArn string   `json:"LoadBalancerArn"`
	SecurityGroups  []string `json:"SecurityGroups" kept:""`

	_ struct{} `unmodelled:"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"`
}

// Validate returns all that is wrong with the request, as ValidationError.
func (in SetSecurityGroupsInput) Validate() error {
	var f faults
	f.required("LoadBalancerArn", in.LoadBalancerArn != "")
	f.required("SecurityGroups", len(in.SecurityGroups) > 0)
	return f.err()
}

// SetSecurityGroupsOutput is the answer of SetSecurityGroups.
type SetSecurityGroupsOutput struct {
	SecurityGroupIds []string `json:"SecurityGroupIds"`
}

// SetIpAddressTypeInput is the input of SetIpAddressType.
type SetIpAddressTypeInput struct {
	LoadBalancerArn string `json:"LoadBalancerArn"`
	IpAddressType   string `json:"IpAddressType" kept:""`
}

// Validate returns all that is wrong with the request, as ValidationError.
func (in SetIpAddressTypeInput) Validate() error {
	var f faults
	f.required("LoadBalancerArn", in.LoadBalancerArn != "")
	if f.required("IpAddressType", in.IpAddressType != "") {
		f.addressType(in.IpAddressType)
	}
	return f.err()
}

// SetIpAddressTypeOutput is the answer of SetIpAddressType.
type SetIpAddressTypeOutput struct {
	IpAddressType string `json:"IpAddressType"`
}

// Validate refuses a request that names none, as ValidationError.
func (in LoadBalancerInput) Validate() error {
	var f faults
	f.required("LoadBalancerArn", in.LoadBalancerArn != "")
	return f.err()
}

// Validate refuses a request that names none, as ValidationError.
func (in ModifyLoadBalancerAttributesInput) Validate() error {
	var f faults
	f.required("LoadBalancerArn", in.LoadBalancerArn != "")
	return f.err()
}
