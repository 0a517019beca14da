package servicediscovery

import (
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// NamespaceType is how clients look up what is in a namespace.
type NamespaceType string

// The values of NamespaceType.
const (
	NamespaceTypeHTTP       NamespaceType = "HTTP"
	NamespaceTypeDNSPrivate NamespaceType = "DNS_PRIVATE"
	NamespaceTypeDNSPublic  NamespaceType = "DNS_PUBLIC"
)

// Namespace is a namespace. Source: AWS Cloud Map API Reference, Namespace.
type Namespace struct {
	ID               string              `json:"Id"`
	Arn              string              `json:"Arn"`
	ResourceOwner    string              `json:"ResourceOwner,omitzero"`
	Name             string              `json:"Name"`
	Type             NamespaceType       `json:"Type"`
	Description      string              `json:"Description,omitzero"`
	ServiceCount     int                 `json:"ServiceCount"`
	Properties       NamespaceProperties `json:"Properties"`
	CreateDate       ecs.Instant         `json:"CreateDate"`
	CreatorRequestID string              `json:"CreatorRequestId,omitzero"`
}

// NamespaceProperties are the hosted zone of a namespace, and its name for DiscoverInstances.
type NamespaceProperties struct {
	DNSProperties  *DNSProperties  `json:"DnsProperties,omitzero"`
	HTTPProperties *HTTPProperties `json:"HttpProperties,omitzero"`
}

// DNSProperties are those of a namespace with a hosted zone.
type DNSProperties struct {
	HostedZoneID string `json:"HostedZoneId,omitzero"`
	SOA          *SOA   `json:"SOA,omitzero"`
}

// SOA is the start of authority of a hosted zone.
type SOA struct {
	TTL int64 `json:"TTL"` // seconds
}

// HTTPProperties are those of each namespace.
type HTTPProperties struct {
	HTTPName string `json:"HttpName"`
}

// CreateHTTPNamespaceInput is the input of CreateHttpNamespace.
type CreateHTTPNamespaceInput struct {
	Name             string `json:"Name"`
	CreatorRequestID string `json:"CreatorRequestId,omitzero"`
	Description      string `json:"Description,omitzero"`
	Tags             []Tag  `json:"Tags,omitzero"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
func (in CreateHTTPNamespaceInput) Validate() error {
	f := &faults{}
	f.namespaceName(in.Name, 1024)
	f.text("CreatorRequestId", in.CreatorRequestID, 0, 64)
	f.text("Description", in.Description, 0, 1024)
	f.tags(in.Tags)
	return f.err()
}

// namespaceName checks the name of a namespace.
func (f *faults) namespaceName(name string, most int) {
	f.text("Name", name, 1, most)
	if !visible(name) || strings.HasPrefix(name, "arn:") {
		f.Refuse("Name", "Name must have visible ASCII characters only, and not begin with arn:.")
	}
}

// NamespacePropertiesInput is the start of authority that a new namespace asks for.
type NamespacePropertiesInput struct {
	DNSProperties DNSPropertiesInput `json:"DnsProperties"`
}

// DNSPropertiesInput is what NamespacePropertiesInput has.
type DNSPropertiesInput struct {
	SOA SOA `json:"SOA"`
}

// CreatePrivateDNSNamespaceInput is the input of CreatePrivateDnsNamespace.
type CreatePrivateDNSNamespaceInput struct {
	Name             string                    `json:"Name"`
	Vpc              string                    `json:"Vpc" kept:""`
	CreatorRequestID string                    `json:"CreatorRequestId,omitzero"`
	Description      string                    `json:"Description,omitzero"`
	Tags             []Tag                     `json:"Tags,omitzero"`
	Properties       *NamespacePropertiesInput `json:"Properties,omitzero"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
func (in CreatePrivateDNSNamespaceInput) Validate() error {
	f := &faults{}
	f.namespaceName(in.Name, 253)
	f.text("Vpc", in.Vpc, 1, 64)
	f.text("CreatorRequestId", in.CreatorRequestID, 0, 64)
	f.text("Description", in.Description, 0, 1024)
	f.tags(in.Tags)
	f.soa(in.Properties)
	return f.err()
}

// soa checks a start of authority.
func (f *faults) soa(p *NamespacePropertiesInput) {
	if p != nil {
		f.ttl("Properties.DnsProperties.SOA.TTL", p.DNSProperties.SOA.TTL)
	}
}

// ttl checks a time to live.
func (f *faults) ttl(field string, ttl int64) {
	const most = 2_147_483_647
	if ttl < 0 || ttl > most {
		f.Refuse(field, "%s must be from 0 to %d; it is %d.", field, most, ttl)
	}
}

// CreatePublicDNSNamespaceInput is the input of CreatePublicDnsNamespace.
type CreatePublicDNSNamespaceInput struct {
	Name             string                    `json:"Name"`
	CreatorRequestID string                    `json:"CreatorRequestId,omitzero"`
	Description      string                    `json:"Description,omitzero"`
	Tags             []Tag                     `json:"Tags,omitzero"`
	Properties       *NamespacePropertiesInput `json:"Properties,omitzero"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
func (in CreatePublicDNSNamespaceInput) Validate() error {
	f := &faults{}
	f.namespaceName(in.Name, 253)
	if !strings.Contains(in.Name, ".") {
		f.Refuse("Name", "Name must be a domain name with a dot; it is %q.", in.Name)
	}
	f.text("CreatorRequestId", in.CreatorRequestID, 0, 64)
	f.text("Description", in.Description, 0, 1024)
	f.tags(in.Tags)
	f.soa(in.Properties)
	return f.err()
}

// HTTPNamespaceChange is what UpdateHttpNamespace changes.
type HTTPNamespaceChange struct {
	Description string `json:"Description"`
}

// UpdateHTTPNamespaceInput is the input of UpdateHttpNamespace.
type UpdateHTTPNamespaceInput struct {
	ID               string              `json:"Id"`
	UpdaterRequestID string              `json:"UpdaterRequestId,omitzero" kept:""`
	Namespace        HTTPNamespaceChange `json:"Namespace"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
// Source: AWS Cloud Map API Reference, UpdateHttpNamespace.
func (in UpdateHTTPNamespaceInput) Validate() error {
	f := &faults{}
	f.text("Namespace.Description", in.Namespace.Description, 0, 1024)
	return f.err()
}

// DNSNamespaceChange is what UpdatePrivateDnsNamespace and UpdatePublicDnsNamespace change.
type DNSNamespaceChange struct {
	Description ecs.Opt[string]           `json:"Description,omitzero"`
	Properties  *NamespacePropertiesInput `json:"Properties,omitzero"`
}

// UpdateDNSNamespaceInput is the input of UpdatePrivateDnsNamespace and UpdatePublicDnsNamespace.
type UpdateDNSNamespaceInput struct {
	ID               string             `json:"Id"`
	UpdaterRequestID string             `json:"UpdaterRequestId,omitzero" kept:""`
	Namespace        DNSNamespaceChange `json:"Namespace"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
func (in UpdateDNSNamespaceInput) Validate() error {
	f := &faults{}
	f.text("Namespace.Description", in.Namespace.Description.Or(""), 0, 1024)
	f.soa(in.Namespace.Properties)
	return f.err()
}

// IDInput is the input of what is about one namespace or one service: GetNamespace, DeleteNamespace, GetService and
// DeleteService.
type IDInput struct {
	ID string `json:"Id"` // or an ARN
}

// Filter picks what a list shows.
type Filter struct {
	Name      string   `json:"Name"`
	Values    []string `json:"Values"`
	Condition string   `json:"Condition,omitzero"` // absent: EQ
}

// ListInput is the input of ListNamespaces, ListServices and ListOperations.
type ListInput struct {
	NextToken  string       `json:"NextToken,omitzero"`
	MaxResults ecs.Opt[int] `json:"MaxResults,omitzero"`
	Filters    []Filter     `json:"Filters,omitzero"`
}

// Validate returns what is wrong with the input, as InvalidInput by field. The names of filters are those that the
// action has.
func (in ListInput) Validate(names ...string) error {
	f := &faults{}
	f.page(in.MaxResults)
	for _, filter := range in.Filters {
		if filter.Name == "" {
			f.Refuse("Filters.Name", "A filter has a Name.")
		}
		f.oneOf("Filters.Name", filter.Name, names...)
		f.oneOf("Filters.Condition", filter.Condition, "EQ", "IN", "BETWEEN", "BEGINS_WITH")
		n, most := len(filter.Values), 1
		switch filter.Condition {
		case "IN":
			most = 100
		case "BETWEEN":
			most = 2
		}
		if n < 1 || n > most || filter.Condition == "BETWEEN" && n < 2 {
			f.Refuse("Filters.Values", "A filter with the condition %s has %d values at most; this has %d.",
				filter.Condition, most, n)
		}
	}
	return f.err()
}

// MostResults is how many items a page has at most, and where a call does not say how many.
const MostResults = 100

func (f *faults) page(most ecs.Opt[int]) {
	if n := most.Or(MostResults); n < 1 || n > MostResults {
		f.Refuse("MaxResults", "MaxResults must be from 1 to %d; it is %d.", MostResults, n)
	}
}

// Lets reports whether a filter lets a value through.
func (f Filter) Lets(value string) bool {
	switch f.Condition {
	case "BEGINS_WITH":
		return len(f.Values) > 0 && strings.HasPrefix(value, f.Values[0])
	case "BETWEEN":
		return len(f.Values) > 1 && f.Values[0] <= value && value <= f.Values[1]
	}
	for _, v := range f.Values {
		if v == value {
			return true
		}
	}
	return false
}

// NamespaceOutput is the answer of GetNamespace.
type NamespaceOutput struct {
	Namespace Namespace `json:"Namespace"`
}

// ListNamespacesOutput is the answer of ListNamespaces.
type ListNamespacesOutput struct {
	Namespaces []Namespace `json:"Namespaces"`
	NextToken  string      `json:"NextToken,omitzero"`
}
