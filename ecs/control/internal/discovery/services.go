package discovery

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	sd "github.com/bayplan/bayplan/ecs/servicediscovery"
)

// CreateService makes a service. The same request again answers the service that is there.
func (m *Room) CreateService(in sd.CreateServiceInput) (sd.ServiceOutput, error) {
	if err := in.Validate(); err != nil {
		return sd.ServiceOutput{}, err
	}
	n, err := m.namespace(in.Namespace())
	if err != nil {
		return sd.ServiceOutput{}, err
	}
	if in.DNSConfig != nil && n.Record.Type == sd.NamespaceTypeHTTP {
		return sd.ServiceOutput{}, core.Fault(sd.InvalidInput, "DnsConfig",
			"The namespace %s has the type HTTP: its services have no DNS records.", n.Record.ID)
	}
	if in.HealthCheckConfig != nil && n.Record.Type != sd.NamespaceTypeDNSPublic {
		return sd.ServiceOutput{}, core.Fault(sd.InvalidInput, "HealthCheckConfig",
			"The namespace %s has the type %s: health checks of Amazon Route 53 are for DNS_PUBLIC.", n.Record.ID,
			n.Record.Type)
	}
	if there, ok := n.byName[strings.ToLower(in.Name)]; ok {
		if in.CreatorRequestID != "" && there.Record.CreatorRequestID == in.CreatorRequestID {
			return sd.ServiceOutput{Service: there.shown()}, nil
		}
		return sd.ServiceOutput{}, core.Fault(sd.ServiceAlreadyExists, "Name",
			"The service %s already exists in the namespace: %s.", in.Name, there.Record.ID)
	}
	if len(m.services) >= mostServices {
		return sd.ServiceOutput{}, core.Fault(sd.ResourceLimitExceeded, "", "There are at most %d services here.",
			mostServices)
	}
	return sd.ServiceOutput{Service: m.makeService(n, in).shown()}, nil
}

func (m *Room) makeService(n *Namespace, in sd.CreateServiceInput) *Service {
	r := sd.Service{ID: "srv-" + m.id(16), ResourceOwner: m.config.Account, CreatedByAccount: m.config.Account,
		Name: in.Name, NamespaceID: n.Record.ID, Description: in.Description, DNSConfig: in.DNSConfig,
		Type: sd.ServiceTypeHTTP, HealthCheckConfig: in.HealthCheckConfig,
		HealthCheckCustomConfig: in.HealthCheckCustomConfig, CreateDate: m.now(), CreatorRequestID: in.CreatorRequestID}
	r.Arn = m.arn("service/" + r.ID)
	if in.DNSConfig != nil {
		dns := *in.DNSConfig
		dns.NamespaceID = n.Record.ID
		if dns.RoutingPolicy == "" {
			dns.RoutingPolicy = "MULTIVALUE"
		}
		r.DNSConfig, r.Type = &dns, sd.ServiceTypeDNSHTTP
		if in.Type == sd.ServiceTypeHTTP {
			r.Type = sd.ServiceTypeHTTP
		}
	}
	if c := in.HealthCheckCustomConfig; c != nil {
		r.HealthCheckCustomConfig = &sd.HealthCheckCustomConfig{FailureThreshold: ecs.Some(1)}
	}
	s := &Service{Record: r, Tags: slices.Clone(in.Tags), Revision: 1}
	n.Services = append(n.Services, s)
	m.enterService(n, s)
	return s
}

// service finds a service by its ID or ARN.
func (m *Room) service(ref string) (*Service, error) {
	s, ok := m.services[core.NameOf(ref)]
	if !ok || strings.HasPrefix(ref, "arn:") && ref != s.Record.Arn {
		return nil, core.Fault(sd.ServiceNotFound, "Id", "The service %s does not exist.", ref)
	}
	return s, nil
}

// UpdateService changes the description, the records and the health check of a service.
func (m *Room) UpdateService(in sd.UpdateServiceInput) (sd.OperationIDOutput, error) {
	s, err := m.service(in.ID)
	if err != nil {
		return sd.OperationIDOutput{}, err
	}
	routing := ""
	if s.Record.DNSConfig != nil {
		routing = s.Record.DNSConfig.RoutingPolicy
	}
	if err := in.Validate(routing); err != nil {
		return sd.OperationIDOutput{}, err
	}
	c := in.Service.DNSConfig
	if c != nil && s.Record.DNSConfig == nil {
		return sd.OperationIDOutput{}, core.Fault(sd.InvalidInput, "Service.DnsConfig",
			"The service %s has no DNS records.", s.Record.ID)
	}
	s.Record.Description = in.Service.Description.Or(s.Record.Description)
	if c != nil {
		dns := *s.Record.DNSConfig
		dns.DNSRecords = slices.Clone(c.DNSRecords)
		s.Record.DNSConfig = &dns
	}
	if in.Service.HealthCheckConfig != nil {
		s.Record.HealthCheckConfig = in.Service.HealthCheckConfig
	}
	return m.done("UPDATE_SERVICE", "SERVICE", s.Record.ID), nil
}

// DeleteService deletes a service without instances.
func (m *Room) DeleteService(in sd.IDInput) (struct{}, error) {
	s, err := m.service(in.ID)
	if err != nil {
		return struct{}{}, err
	}
	if len(s.byID) > 0 {
		return struct{}{}, core.Fault(sd.ResourceInUse, "Id", "The service %s contains registered instances.",
			s.Record.ID)
	}
	s.in.Services = slices.DeleteFunc(s.in.Services, func(o *Service) bool { return o == s })
	delete(s.in.byName, strings.ToLower(s.Record.Name))
	delete(m.services, s.Record.ID)
	return struct{}{}, nil
}

// shown is a service as answers have it.
func (s *Service) shown() sd.Service {
	r := s.Record
	r.InstanceCount = len(s.byID)
	return r
}

// GetService shows a service.
func (m *Room) GetService(in sd.IDInput) (out sd.ServiceOutput, err error) {
	s, err := m.service(in.ID)
	if err == nil {
		out.Service = s.shown()
	}
	return out, err
}

// ListServices lists services in order of ID.
func (m *Room) ListServices(in sd.ListInput) (sd.ListServicesOutput, error) {
	out := sd.ListServicesOutput{Services: []sd.Service{}}
	if err := in.Validate("NAMESPACE_ID", "RESOURCE_OWNER"); err != nil {
		return out, err
	}
	filters := slices.Clone(in.Filters)
	for i := range filters { // an ARN may be given for the ID
		f := &filters[i]
		f.Values = slices.Clone(f.Values)
		for j, v := range f.Values {
			f.Values[j] = core.NameOf(v)
		}
	}
	for _, n := range m.state.Namespaces {
		if !lets(filters, map[string]string{"NAMESPACE_ID": n.Record.ID, "RESOURCE_OWNER": "SELF"}) {
			continue
		}
		for _, s := range n.Services {
			shown := s.shown()
			shown.CreatorRequestID, shown.NamespaceID = "", ""
			out.Services = append(out.Services, shown)
		}
	}
	var err error
	out.Services, out.NextToken, err = page(out.Services, in.NextToken, in.MaxResults,
		func(s sd.Service) string { return s.ID })
	return out, err
}

// Connect makes the service that a name of Service Connect is in a namespace, unless it is there. false: there are
// too many services, or the name cannot be one.
func (m *Room) Connect(n *Namespace, name string) (*Service, bool) {
	if s, ok := n.byName[strings.ToLower(name)]; ok {
		return s, true
	}
	in := sd.CreateServiceInput{Name: name, NamespaceID: n.Record.ID}
	if in.Validate() != nil || len(m.services) >= mostServices {
		return nil, false
	}
	return m.makeService(n, in), true
}

// Named returns the ARN of a service by its name in a namespace, which is a name or an ARN; "" if there is none.
func (m *Room) Named(namespace, name string) string {
	var list []*Namespace
	if n, err := m.namespace(namespace); err == nil {
		list = []*Namespace{n}
	} else {
		list = m.byName[namespace]
	}
	for _, n := range list {
		if s, ok := n.byName[strings.ToLower(name)]; ok {
			return s.Record.Arn
		}
	}
	return ""
}

// Same reports whether two names or ARNs are of one namespace.
func (m *Room) Same(a, b string) bool { return m.nameOf(a) == m.nameOf(b) }

// nameOf returns the name of a namespace by its name or ARN.
func (m *Room) nameOf(ref string) string {
	if n, err := m.namespace(ref); err == nil {
		return n.Record.Name
	}
	return ref
}
