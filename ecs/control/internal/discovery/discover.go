package discovery

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	sd "github.com/bayplan/bayplan/ecs/servicediscovery"
)

// byNames finds a service by the names of its namespace and itself. Another account has nothing here.
func (m *Room) byNames(owner, namespace, service string) (*Service, error) {
	list := m.byName[namespace]
	if len(list) == 0 || m.foreign(owner) {
		return nil, core.Fault(sd.NamespaceNotFound, "NamespaceName", "The namespace %s does not exist.", namespace)
	}
	for _, n := range list {
		if s, ok := n.byName[strings.ToLower(service)]; ok {
			return s, nil
		}
	}
	return nil, core.Fault(sd.ServiceNotFound, "ServiceName", "The service %s does not exist.", service)
}

// foreign reports whether an account is another one.
func (m *Room) foreign(account string) bool { return account != "" && account != m.config.Account }

// DiscoverInstances shows the instances of a service that fit, in order of registration.
func (m *Room) DiscoverInstances(in sd.DiscoverInstancesInput) (sd.DiscoverInstancesOutput, error) {
	out := sd.DiscoverInstancesOutput{Instances: []sd.DiscoveredInstance{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	s, err := m.byNames(in.OwnerAccount, in.NamespaceName, in.ServiceName)
	if err != nil {
		return out, err
	}
	for _, i := range s.all() {
		out.Instances = append(out.Instances, sd.DiscoveredInstance{InstanceID: i.Record.ID,
			NamespaceName: s.in.Record.Name, ServiceName: s.Record.Name, HealthStatus: m.health(s, i),
			Attributes: i.Record.Attributes})
	}
	checked := s.Record.HealthCheckConfig != nil || s.Record.HealthCheckCustomConfig != nil
	out.Instances, out.InstancesRevision = in.Discover(out.Instances, checked), s.Revision
	return out, nil
}

// DiscoverInstancesRevision shows how often the instances of a service have changed.
func (m *Room) DiscoverInstancesRevision(
	in sd.DiscoverInstancesRevisionInput,
) (out sd.DiscoverInstancesRevisionOutput, err error) {
	s, err := m.byNames(in.OwnerAccount, in.NamespaceName, in.ServiceName)
	if err == nil {
		out.InstancesRevision = s.Revision
	}
	return out, err
}

// GetOperation shows an operation.
func (m *Room) GetOperation(in sd.GetOperationInput) (sd.GetOperationOutput, error) {
	o, ok := m.operations[in.OperationID]
	if !ok || m.foreign(in.OwnerAccount) {
		return sd.GetOperationOutput{}, core.Fault(sd.OperationNotFound, "OperationId",
			"The operation %s does not exist.", in.OperationID)
	}
	return sd.GetOperationOutput{Operation: o}, nil
}

// ListOperations lists operations in order of ID.
func (m *Room) ListOperations(in sd.ListInput) (sd.ListOperationsOutput, error) {
	out := sd.ListOperationsOutput{Operations: []sd.OperationSummary{}}
	if err := in.Validate("NAMESPACE_ID", "SERVICE_ID", "STATUS", "TYPE", "UPDATE_DATE"); err != nil {
		return out, err
	}
	for _, o := range m.state.Operations {
		if lets(in.Filters, map[string]string{"NAMESPACE_ID": o.Targets["NAMESPACE"],
			"SERVICE_ID": o.Targets["SERVICE"],
			"STATUS":     o.Status, "TYPE": o.Type, "UPDATE_DATE": o.UpdateDate.Time().Format("20060102150405")}) {
			out.Operations = append(out.Operations, sd.OperationSummary{ID: o.ID, Status: o.Status})
		}
	}
	var err error
	out.Operations, out.NextToken, err = page(out.Operations, in.NextToken, in.MaxResults,
		func(o sd.OperationSummary) string { return o.ID })
	return out, err
}

// page returns a page of a list in order of key.
func page[T any](list []T, token string, most ecs.Opt[int], key func(T) string) ([]T, string, error) {
	slices.SortStableFunc(list, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	cut, next, err := core.Cut(list, token, most.Or(sd.MostResults), sd.MostResults, key, false)
	if err != nil {
		return list[:0], "", core.Fault(sd.InvalidInput, "NextToken", "%s", core.Says(err))
	}
	return cut, next, nil
}

// tagged finds the tags of a namespace or a service by its ARN.
func (m *Room) tagged(arn string) (*[]sd.Tag, error) {
	if n, err := m.namespace(arn); err == nil && n.Record.Arn == arn {
		return &n.Tags, nil
	}
	if s, err := m.service(arn); err == nil && s.Record.Arn == arn {
		return &s.Tags, nil
	}
	return nil, core.Fault(sd.ResourceNotFoundException, "ResourceARN", "The resource %s does not exist.", arn)
}

// TagResource sets tags of a namespace or a service.
func (m *Room) TagResource(in sd.TagResourceInput) (struct{}, error) {
	if err := in.Validate(); err != nil {
		return struct{}{}, err
	}
	tags, err := m.tagged(in.ResourceARN)
	if err != nil {
		return struct{}{}, err
	}
	next := slices.DeleteFunc(slices.Clone(*tags), func(t sd.Tag) bool {
		return slices.ContainsFunc(in.Tags, func(o sd.Tag) bool { return o.Key == t.Key })
	})
	if n := len(next) + len(in.Tags); n > sd.MostTags {
		return struct{}{}, core.Fault(sd.TooManyTagsException, "Tags",
			"A resource has at most %d tags; these would be %d.", sd.MostTags, n)
	}
	*tags = append(next, in.Tags...)
	return struct{}{}, nil
}

// UntagResource takes tags from a namespace or a service.
func (m *Room) UntagResource(in sd.UntagResourceInput) (struct{}, error) {
	tags, err := m.tagged(in.ResourceARN)
	if err == nil {
		*tags = slices.DeleteFunc(slices.Clone(*tags), func(t sd.Tag) bool {
			return slices.Contains(in.TagKeys,
				t.Key)
		})
	}
	return struct{}{}, err
}

// ListTagsForResource lists the tags of a namespace or a service.
func (m *Room) ListTagsForResource(in sd.ListTagsForResourceInput) (sd.ListTagsForResourceOutput, error) {
	tags, err := m.tagged(in.ResourceARN)
	if err != nil {
		return sd.ListTagsForResourceOutput{}, err
	}
	return sd.ListTagsForResourceOutput{Tags: append([]sd.Tag{}, *tags...)}, nil
}
