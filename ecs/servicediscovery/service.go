package servicediscovery

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// ServiceType is how the instances of a service are looked up.
type ServiceType string

// The values of ServiceType.
const (
	ServiceTypeHTTP    ServiceType = "HTTP"     // by DiscoverInstances
	ServiceTypeDNSHTTP ServiceType = "DNS_HTTP" // by DNS, too
)

// Service is a service. Source: AWS Cloud Map API Reference, Service.
type Service struct {
	ID                      string                   `json:"Id"`
	Arn                     string                   `json:"Arn"`
	ResourceOwner           string                   `json:"ResourceOwner,omitzero"`
	Name                    string                   `json:"Name"`
	NamespaceID             string                   `json:"NamespaceId,omitzero"`
	Description             string                   `json:"Description,omitzero"`
	InstanceCount           int                      `json:"InstanceCount"`
	DNSConfig               *DNSConfig               `json:"DnsConfig,omitzero"`
	Type                    ServiceType              `json:"Type"`
	HealthCheckConfig       *HealthCheckConfig       `json:"HealthCheckConfig,omitzero"`
	HealthCheckCustomConfig *HealthCheckCustomConfig `json:"HealthCheckCustomConfig,omitzero"`
	CreateDate              ecs.Instant              `json:"CreateDate"`
	CreatorRequestID        string                   `json:"CreatorRequestId,omitzero"`
	CreatedByAccount        string                   `json:"CreatedByAccount,omitzero"`
}

// DNSConfig is which records a service has for each instance.
type DNSConfig struct {
	NamespaceID   string      `json:"NamespaceId,omitzero"`   // an older place of the service's NamespaceId
	RoutingPolicy string      `json:"RoutingPolicy,omitzero"` // absent: MULTIVALUE
	DNSRecords    []DNSRecord `json:"DnsRecords"`
}

// DNSRecord is a record that an instance gets.
type DNSRecord struct {
	Type string `json:"Type"` // A, AAAA, SRV or CNAME
	TTL  int64  `json:"TTL"`  // seconds
}

// HealthCheckConfig is a health check of Amazon Route 53.
type HealthCheckConfig struct {
	Type             string       `json:"Type"`
	ResourcePath     string       `json:"ResourcePath,omitzero"`
	FailureThreshold ecs.Opt[int] `json:"FailureThreshold,omitzero"`
}

// HealthCheckCustomConfig says that the owner of an instance reports its health.
type HealthCheckCustomConfig struct {
	FailureThreshold ecs.Opt[int] `json:"FailureThreshold,omitzero"` // AWS always takes 1
}

// CreateServiceInput is the input of CreateService.
type CreateServiceInput struct {
	Name                    string                   `json:"Name"`
	NamespaceID             string                   `json:"NamespaceId,omitzero"` // or an ARN
	CreatorRequestID        string                   `json:"CreatorRequestId,omitzero"`
	Description             string                   `json:"Description,omitzero"`
	DNSConfig               *DNSConfig               `json:"DnsConfig,omitzero"`
	HealthCheckConfig       *HealthCheckConfig       `json:"HealthCheckConfig,omitzero"`
	HealthCheckCustomConfig *HealthCheckCustomConfig `json:"HealthCheckCustomConfig,omitzero"`
	Tags                    []Tag                    `json:"Tags,omitzero"`
	Type                    ServiceType              `json:"Type,omitzero"`
}

// Validate returns what is wrong with the input, as InvalidInput by field: a name, a description or an ID that is too
// long, a record or a health check that AWS does not have, and two kinds of health checks at once.
// Source: AWS Cloud Map API Reference, CreateService.
func (in CreateServiceInput) Validate() error {
	f := &faults{}
	f.text("Name", in.Name, 1, 127)
	if !check.Only(in.Name, "-_.") {
		f.Refuse("Name", "Name must have letters, digits, and - _ . only; it is %q.", check.Shortened(in.Name))
	}
	f.text("CreatorRequestId", in.CreatorRequestID, 0, 64)
	f.text("Description", in.Description, 0, 1024)
	f.oneOf("Type", string(in.Type), "HTTP")
	f.dns(in.DNSConfig)
	f.health(in.HealthCheckConfig)
	if in.HealthCheckConfig != nil && in.HealthCheckCustomConfig != nil {
		f.Refuse("HealthCheckCustomConfig", "A service has HealthCheckConfig or HealthCheckCustomConfig, and not both.")
	}
	f.tags(in.Tags)
	return f.err()
}

// Namespace returns the ID of the namespace that the input names.
func (in CreateServiceInput) Namespace() string {
	if in.NamespaceID == "" && in.DNSConfig != nil {
		return in.DNSConfig.NamespaceID
	}
	return in.NamespaceID
}

func (f *faults) dns(c *DNSConfig) {
	if c == nil {
		return
	}
	f.oneOf("DnsConfig.RoutingPolicy", c.RoutingPolicy, "MULTIVALUE", "WEIGHTED")
	if n := len(c.DNSRecords); n < 1 || n > 2 {
		f.Refuse("DnsConfig.DnsRecords", "A service has one record, or A and AAAA; these are %d.", n)
	}
	if n := len(c.DNSRecords); n == 2 && c.DNSRecords[0].Type+c.DNSRecords[1].Type != "AAAAA" {
		f.Refuse("DnsConfig.DnsRecords", "Two records are A and AAAA.")
	}
	for _, r := range c.DNSRecords {
		if r.Type == "" {
			f.Refuse("DnsConfig.DnsRecords.Type", "Type is required.")
		}
		f.oneOf("DnsConfig.DnsRecords.Type", r.Type, "SRV", "A", "AAAA", "CNAME")
		f.ttl("DnsConfig.DnsRecords.TTL", r.TTL)
		if r.Type == "CNAME" && c.RoutingPolicy != "WEIGHTED" {
			f.Refuse("DnsConfig.RoutingPolicy", "A CNAME record needs the routing policy WEIGHTED.")
		}
	}
}

func (f *faults) health(c *HealthCheckConfig) {
	if c == nil {
		return
	}
	if c.Type == "" {
		f.Refuse("HealthCheckConfig.Type", "Type is required.")
	}
	f.oneOf("HealthCheckConfig.Type", c.Type, "HTTP", "HTTPS", "TCP")
	if n := c.FailureThreshold.Or(1); n < 1 || n > 10 {
		f.Refuse("HealthCheckConfig.FailureThreshold", "FailureThreshold must be from 1 to 10; it is %d.", n)
	}
	if c.Type == "TCP" && c.ResourcePath != "" {
		f.Refuse("HealthCheckConfig.ResourcePath", "A health check of the type TCP has no ResourcePath.")
	}
}

// ServiceChange is what UpdateService changes.
type ServiceChange struct {
	Description       ecs.Opt[string]    `json:"Description,omitzero"`
	DNSConfig         *DNSConfigChange   `json:"DnsConfig,omitzero"`
	HealthCheckConfig *HealthCheckConfig `json:"HealthCheckConfig,omitzero"`
}

// DNSConfigChange has the records in place of those that a service has.
type DNSConfigChange struct {
	DNSRecords []DNSRecord `json:"DnsRecords"`
}

// UpdateServiceInput is the input of UpdateService.
type UpdateServiceInput struct {
	ID      string        `json:"Id"`
	Service ServiceChange `json:"Service"`
}

// Validate returns what is wrong with the input, as InvalidInput by field. routing is the policy of the service.
func (in UpdateServiceInput) Validate(routing string) error {
	f := &faults{}
	f.text("Service.Description", in.Service.Description.Or(""), 0, 1024)
	if c := in.Service.DNSConfig; c != nil {
		f.dns(&DNSConfig{RoutingPolicy: routing, DNSRecords: c.DNSRecords})
	}
	f.health(in.Service.HealthCheckConfig)
	return f.err()
}

// ServiceOutput is the answer of CreateService and GetService.
type ServiceOutput struct {
	Service Service `json:"Service"`
}

// ListServicesOutput is the answer of ListServices.
type ListServicesOutput struct {
	Services  []Service `json:"Services"`
	NextToken string    `json:"NextToken,omitzero"`
}
