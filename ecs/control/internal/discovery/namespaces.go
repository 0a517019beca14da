package discovery

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs/control/internal/core"
	sd "github.com/bayplan/bayplan/ecs/servicediscovery"
)

// CreateHTTPNamespace makes a namespace for DiscoverInstances alone.
func (m *Room) CreateHTTPNamespace(in sd.CreateHTTPNamespaceInput) (sd.OperationIDOutput, error) {
	if err := in.Validate(); err != nil {
		return sd.OperationIDOutput{}, err
	}
	return m.create(sd.Namespace{Name: in.Name, Type: sd.NamespaceTypeHTTP, Description: in.Description,
		CreatorRequestID: in.CreatorRequestID}, in.Tags, nil)
}

// CreatePrivateDNSNamespace makes a namespace that is a hosted zone, too.
func (m *Room) CreatePrivateDNSNamespace(in sd.CreatePrivateDNSNamespaceInput) (sd.OperationIDOutput, error) {
	if err := in.Validate(); err != nil {
		return sd.OperationIDOutput{}, err
	}
	return m.create(sd.Namespace{Name: in.Name, Type: sd.NamespaceTypeDNSPrivate, Description: in.Description,
		CreatorRequestID: in.CreatorRequestID}, in.Tags, in.Properties)
}

// CreatePublicDNSNamespace makes a namespace that is a public hosted zone, too.
func (m *Room) CreatePublicDNSNamespace(in sd.CreatePublicDNSNamespaceInput) (sd.OperationIDOutput, error) {
	if err := in.Validate(); err != nil {
		return sd.OperationIDOutput{}, err
	}
	return m.create(sd.Namespace{Name: in.Name, Type: sd.NamespaceTypeDNSPublic, Description: in.Description,
		CreatorRequestID: in.CreatorRequestID}, in.Tags, in.Properties)
}

// create makes a namespace. The same request again answers the first one's operation.
func (m *Room) create(
	n sd.Namespace, tags []sd.Tag, properties *sd.NamespacePropertiesInput,
) (sd.OperationIDOutput, error) {
	if there := m.byName[n.Name]; len(there) > 0 {
		r := there[0].Record
		if n.CreatorRequestID != "" && r.CreatorRequestID == n.CreatorRequestID && r.Type == n.Type &&
			r.Description == n.Description {
			return m.repeated("CREATE_NAMESPACE", "NAMESPACE", r.ID), nil
		}
		return sd.OperationIDOutput{}, core.Fault(sd.NamespaceAlreadyExists, "Name",
			"The namespace %s already exists: %s.", n.Name, r.ID)
	}
	if len(m.state.Namespaces) >= mostNamespaces {
		return sd.OperationIDOutput{}, core.Fault(sd.ResourceLimitExceeded, "",
			"There are at most %d namespaces in a Region.", mostNamespaces)
	}
	made := m.make(n, tags, properties)
	return m.done("CREATE_NAMESPACE", "NAMESPACE", made.Record.ID), nil
}

// defaultTTL is that of a hosted zone's start of authority, in seconds.
// Source: Amazon Route 53 Developer Guide, "SOA and NS records".
const defaultTTL = 900

func (m *Room) make(n sd.Namespace, tags []sd.Tag, properties *sd.NamespacePropertiesInput) *Namespace {
	n.ID = "ns-" + m.id(16)
	n.Arn, n.ResourceOwner, n.CreateDate = m.arn("namespace/"+n.ID), m.config.Account, m.now()
	n.Properties.HTTPProperties = &sd.HTTPProperties{HTTPName: n.Name}
	if n.Type != sd.NamespaceTypeHTTP {
		soa := sd.SOA{TTL: defaultTTL}
		if properties != nil {
			soa = properties.DNSProperties.SOA
		}
		n.Properties.DNSProperties = &sd.DNSProperties{HostedZoneID: "Z" + strings.ToUpper(m.id(13)), SOA: &soa}
	}
	made := &Namespace{Record: n, Tags: slices.Clone(tags)}
	m.state.Namespaces = append(m.state.Namespaces, made)
	m.enter(made)
	return made
}

// repeated returns the operation that made something; a new one if that is no longer kept.
func (m *Room) repeated(kind, target, id string) sd.OperationIDOutput {
	for _, o := range slices.Backward(m.state.Operations) {
		if o.Type == kind && o.Targets[target] == id {
			return sd.OperationIDOutput{OperationID: o.ID}
		}
	}
	return m.done(kind, target, id)
}

// namespace finds a namespace by its ID or ARN.
func (m *Room) namespace(ref string) (*Namespace, error) {
	n, ok := m.namespaces[core.NameOf(ref)]
	if !ok || strings.HasPrefix(ref, "arn:") && ref != n.Record.Arn {
		return nil, core.Fault(sd.NamespaceNotFound, "Id", "The namespace %s does not exist.", ref)
	}
	return n, nil
}

// UpdateHTTPNamespace changes the description of a namespace.
func (m *Room) UpdateHTTPNamespace(in sd.UpdateHTTPNamespaceInput) (sd.OperationIDOutput, error) {
	if err := in.Validate(); err != nil {
		return sd.OperationIDOutput{}, err
	}
	n, err := m.ofType(in.ID, sd.NamespaceTypeHTTP)
	if err != nil {
		return sd.OperationIDOutput{}, err
	}
	n.Record.Description = in.Namespace.Description
	return m.done("UPDATE_NAMESPACE", "NAMESPACE", n.Record.ID), nil
}

// UpdatePrivateDNSNamespace changes a namespace that is a hosted zone.
func (m *Room) UpdatePrivateDNSNamespace(in sd.UpdateDNSNamespaceInput) (sd.OperationIDOutput, error) {
	return m.updateDNS(in, sd.NamespaceTypeDNSPrivate)
}

// UpdatePublicDNSNamespace changes a namespace that is a public hosted zone.
func (m *Room) UpdatePublicDNSNamespace(in sd.UpdateDNSNamespaceInput) (sd.OperationIDOutput, error) {
	return m.updateDNS(in, sd.NamespaceTypeDNSPublic)
}

func (m *Room) updateDNS(in sd.UpdateDNSNamespaceInput, is sd.NamespaceType) (sd.OperationIDOutput, error) {
	if err := in.Validate(); err != nil {
		return sd.OperationIDOutput{}, err
	}
	n, err := m.ofType(in.ID, is)
	if err != nil {
		return sd.OperationIDOutput{}, err
	}
	n.Record.Description = in.Namespace.Description.Or(n.Record.Description)
	if p := in.Namespace.Properties; p != nil {
		zone := *n.Record.Properties.DNSProperties
		zone.SOA = &sd.SOA{TTL: p.DNSProperties.SOA.TTL}
		n.Record.Properties.DNSProperties = &zone
	}
	return m.done("UPDATE_NAMESPACE", "NAMESPACE", n.Record.ID), nil
}

// ofType finds a namespace of a type.
func (m *Room) ofType(ref string, is sd.NamespaceType) (*Namespace, error) {
	n, err := m.namespace(ref)
	if err == nil && n.Record.Type != is {
		err = core.Fault(sd.InvalidInput, "Id", "The namespace %s has the type %s, and not %s.", ref, n.Record.Type, is)
	}
	return n, err
}

// DeleteNamespace deletes a namespace without services.
func (m *Room) DeleteNamespace(in sd.IDInput) (sd.OperationIDOutput, error) {
	n, err := m.namespace(in.ID)
	if err != nil {
		return sd.OperationIDOutput{}, err
	}
	if len(n.Services) > 0 {
		return sd.OperationIDOutput{}, core.Fault(sd.ResourceInUse, "Id",
			"The namespace %s contains one or more services.", n.Record.ID)
	}
	gone := func(o *Namespace) bool { return o == n }
	m.state.Namespaces = slices.DeleteFunc(m.state.Namespaces, gone)
	delete(m.namespaces, n.Record.ID)
	if m.byName[n.Record.Name] = slices.DeleteFunc(m.byName[n.Record.Name], gone); len(m.byName[n.Record.Name]) == 0 {
		delete(m.byName, n.Record.Name)
	}
	return m.done("DELETE_NAMESPACE", "NAMESPACE", n.Record.ID), nil
}

// shown is a namespace as answers have it.
func (n *Namespace) shown() sd.Namespace {
	r := n.Record
	r.ServiceCount = len(n.Services)
	return r
}

// GetNamespace shows a namespace.
func (m *Room) GetNamespace(in sd.IDInput) (out sd.NamespaceOutput, err error) {
	n, err := m.namespace(in.ID)
	if err == nil {
		out.Namespace = n.shown()
	}
	return out, err
}

// ListNamespaces lists namespaces in order of ID.
func (m *Room) ListNamespaces(in sd.ListInput) (sd.ListNamespacesOutput, error) {
	out := sd.ListNamespacesOutput{Namespaces: []sd.Namespace{}}
	if err := in.Validate("TYPE", "NAME", "HTTP_NAME", "RESOURCE_OWNER"); err != nil {
		return out, err
	}
	for _, n := range m.state.Namespaces {
		r := n.Record
		if lets(in.Filters, map[string]string{"TYPE": string(r.Type), "NAME": r.Name, "HTTP_NAME": r.Name,
			"RESOURCE_OWNER": "SELF"}) {
			shown := n.shown()
			shown.CreatorRequestID = ""
			out.Namespaces = append(out.Namespaces, shown)
		}
	}
	var err error
	out.Namespaces, out.NextToken, err = page(out.Namespaces, in.NextToken, in.MaxResults,
		func(n sd.Namespace) string { return n.ID })
	return out, err
}

// lets reports whether all filters let something through, by the values that it has.
func lets(filters []sd.Filter, values map[string]string) bool {
	return !slices.ContainsFunc(filters, func(f sd.Filter) bool { return !f.Lets(values[f.Name]) })
}

// Ensure returns the namespace of a name or ARN that Amazon ECS is given, and makes an HTTP namespace for a name that
// there is none of. false: it is an ARN of another account or Region, or there are too many namespaces.
func (m *Room) Ensure(ref string) (*Namespace, bool) {
	if strings.HasPrefix(ref, "arn:") {
		n, err := m.namespace(ref)
		return n, err == nil
	}
	if list := m.byName[ref]; len(list) > 0 {
		return list[0], true
	}
	if ref == "" || len(m.state.Namespaces) >= mostNamespaces {
		return nil, false
	}
	return m.make(sd.Namespace{Name: ref, Type: sd.NamespaceTypeHTTP}, nil, nil), true
}
