package control

import (
	"cmp"
	"maps"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/servicediscovery"
)

// CloudMap is the AWS Cloud Map of a plane. Its methods are the actions of its API, with their inputs and answers;
// their errors are those of package servicediscovery. What changes something is recorded, and survives with the plane.
//
// A task of a service with service registries is an instance of the Cloud Map service of the registry's ARN, under the
// task's ID, from the outcome of RegisterInstance to that of DeregisterInstance. An ARN that is not of a service here
// is somebody else's: the world is told, and nothing else.
type CloudMap struct{ plane *Plane }

// CloudMap returns the plane's AWS Cloud Map.
func (p *Plane) CloudMap() *CloudMap { return &CloudMap{p} }

// CreateHTTPNamespace makes a namespace for DiscoverInstances alone. The operation has succeeded.
// Source: AWS Cloud Map API Reference, CreateHttpNamespace.
func (c *CloudMap) CreateHTTPNamespace(
	now time.Time, in servicediscovery.CreateHTTPNamespaceInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:CreateHttpNamespace", in, c.plane.discovery.CreateHTTPNamespace)
}

// CreatePrivateDNSNamespace makes a namespace that is a private hosted zone, too.
// Source: AWS Cloud Map API Reference, CreatePrivateDnsNamespace.
func (c *CloudMap) CreatePrivateDNSNamespace(
	now time.Time, in servicediscovery.CreatePrivateDNSNamespaceInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:CreatePrivateDnsNamespace", in,
		c.plane.discovery.CreatePrivateDNSNamespace)
}

// CreatePublicDNSNamespace makes a namespace that is a public hosted zone, too.
// Source: AWS Cloud Map API Reference, CreatePublicDnsNamespace.
func (c *CloudMap) CreatePublicDNSNamespace(
	now time.Time, in servicediscovery.CreatePublicDNSNamespaceInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:CreatePublicDnsNamespace", in,
		c.plane.discovery.CreatePublicDNSNamespace)
}

// UpdateHTTPNamespace changes a namespace's description.
// Source: AWS Cloud Map API Reference, UpdateHttpNamespace.
func (c *CloudMap) UpdateHTTPNamespace(
	now time.Time, in servicediscovery.UpdateHTTPNamespaceInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:UpdateHttpNamespace", in, c.plane.discovery.UpdateHTTPNamespace)
}

// UpdatePrivateDNSNamespace changes a namespace's description and time to live.
// Source: AWS Cloud Map API Reference, UpdatePrivateDnsNamespace.
func (c *CloudMap) UpdatePrivateDNSNamespace(
	now time.Time, in servicediscovery.UpdateDNSNamespaceInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:UpdatePrivateDnsNamespace", in,
		c.plane.discovery.UpdatePrivateDNSNamespace)
}

// UpdatePublicDNSNamespace changes a namespace's description and time to live.
// Source: AWS Cloud Map API Reference, UpdatePublicDnsNamespace.
func (c *CloudMap) UpdatePublicDNSNamespace(
	now time.Time, in servicediscovery.UpdateDNSNamespaceInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:UpdatePublicDnsNamespace", in,
		c.plane.discovery.UpdatePublicDNSNamespace)
}

// DeleteNamespace deletes a namespace without services.
// Source: AWS Cloud Map API Reference, DeleteNamespace.
func (c *CloudMap) DeleteNamespace(
	now time.Time, in servicediscovery.IDInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:DeleteNamespace", in, c.plane.discovery.DeleteNamespace)
}

// GetNamespace shows a namespace. Source: AWS Cloud Map API Reference, GetNamespace.
func (c *CloudMap) GetNamespace(in servicediscovery.IDInput) (servicediscovery.NamespaceOutput, error) {
	return c.plane.discovery.GetNamespace(in)
}

// ListNamespaces lists namespaces in order of ID. Source: AWS Cloud Map API Reference, ListNamespaces.
func (c *CloudMap) ListNamespaces(in servicediscovery.ListInput) (servicediscovery.ListNamespacesOutput, error) {
	return c.plane.discovery.ListNamespaces(in)
}

// CreateService makes a service in a namespace. Source: AWS Cloud Map API Reference, CreateService.
func (c *CloudMap) CreateService(
	now time.Time, in servicediscovery.CreateServiceInput,
) (servicediscovery.ServiceOutput, error) {
	return request(c.plane, now, "servicediscovery:CreateService", in, c.plane.discovery.CreateService)
}

// UpdateService changes a service. Source: AWS Cloud Map API Reference, UpdateService.
func (c *CloudMap) UpdateService(
	now time.Time, in servicediscovery.UpdateServiceInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:UpdateService", in, c.plane.discovery.UpdateService)
}

// DeleteService deletes a service without instances. Source: AWS Cloud Map API Reference, DeleteService.
func (c *CloudMap) DeleteService(now time.Time, in servicediscovery.IDInput) error {
	_, err := request(c.plane, now, "servicediscovery:DeleteService", in, c.plane.discovery.DeleteService)
	return err
}

// GetService shows a service. Source: AWS Cloud Map API Reference, GetService.
func (c *CloudMap) GetService(in servicediscovery.IDInput) (servicediscovery.ServiceOutput, error) {
	return c.plane.discovery.GetService(in)
}

// ListServices lists services in order of ID. Source: AWS Cloud Map API Reference, ListServices.
func (c *CloudMap) ListServices(in servicediscovery.ListInput) (servicediscovery.ListServicesOutput, error) {
	return c.plane.discovery.ListServices(in)
}

// RegisterInstance registers an instance, or changes it. Source: AWS Cloud Map API Reference, RegisterInstance.
func (c *CloudMap) RegisterInstance(
	now time.Time, in servicediscovery.RegisterInstanceInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:RegisterInstance", in, c.plane.discovery.RegisterInstance)
}

// DeregisterInstance takes an instance away. Source: AWS Cloud Map API Reference, DeregisterInstance.
func (c *CloudMap) DeregisterInstance(
	now time.Time, in servicediscovery.InstanceInput,
) (servicediscovery.OperationIDOutput, error) {
	return request(c.plane, now, "servicediscovery:DeregisterInstance", in, c.plane.discovery.DeregisterInstance)
}

// UpdateInstanceCustomHealthStatus reports the health of an instance.
// Source: AWS Cloud Map API Reference, UpdateInstanceCustomHealthStatus.
func (c *CloudMap) UpdateInstanceCustomHealthStatus(
	now time.Time, in servicediscovery.UpdateInstanceCustomHealthStatusInput,
) error {
	_, err := request(c.plane, now, "servicediscovery:UpdateInstanceCustomHealthStatus", in,
		c.plane.discovery.UpdateInstanceCustomHealthStatus)
	return err
}

// GetInstance shows an instance. Source: AWS Cloud Map API Reference, GetInstance.
func (c *CloudMap) GetInstance(in servicediscovery.InstanceInput) (servicediscovery.GetInstanceOutput, error) {
	return c.plane.discovery.GetInstance(in)
}

// ListInstances lists the instances of a service in order of ID.
// Source: AWS Cloud Map API Reference, ListInstances.
func (c *CloudMap) ListInstances(
	in servicediscovery.ListInstancesInput,
) (servicediscovery.ListInstancesOutput, error) {
	return c.plane.discovery.ListInstances(in)
}

// GetInstancesHealthStatus shows the health of instances.
// Source: AWS Cloud Map API Reference, GetInstancesHealthStatus.
func (c *CloudMap) GetInstancesHealthStatus(
	in servicediscovery.GetInstancesHealthStatusInput,
) (servicediscovery.GetInstancesHealthStatusOutput, error) {
	return c.plane.discovery.GetInstancesHealthStatus(in)
}

// DiscoverInstances shows the instances of a service by the names of namespace and service, in order of registration.
// Source: AWS Cloud Map API Reference, DiscoverInstances.
func (c *CloudMap) DiscoverInstances(
	in servicediscovery.DiscoverInstancesInput,
) (servicediscovery.DiscoverInstancesOutput, error) {
	return c.plane.discovery.DiscoverInstances(in)
}

// DiscoverInstancesRevision shows how often the instances of a service have changed.
// Source: AWS Cloud Map API Reference, DiscoverInstancesRevision.
func (c *CloudMap) DiscoverInstancesRevision(
	in servicediscovery.DiscoverInstancesRevisionInput,
) (servicediscovery.DiscoverInstancesRevisionOutput, error) {
	return c.plane.discovery.DiscoverInstancesRevision(in)
}

// GetOperation shows an operation. Source: AWS Cloud Map API Reference, GetOperation.
func (c *CloudMap) GetOperation(in servicediscovery.GetOperationInput) (servicediscovery.GetOperationOutput, error) {
	return c.plane.discovery.GetOperation(in)
}

// ListOperations lists the last operations in order of ID. Source: AWS Cloud Map API Reference, ListOperations.
func (c *CloudMap) ListOperations(in servicediscovery.ListInput) (servicediscovery.ListOperationsOutput, error) {
	return c.plane.discovery.ListOperations(in)
}

// TagResource sets tags of a namespace or a service. Source: AWS Cloud Map API Reference, TagResource.
func (c *CloudMap) TagResource(now time.Time, in servicediscovery.TagResourceInput) error {
	_, err := request(c.plane, now, "servicediscovery:TagResource", in, c.plane.discovery.TagResource)
	return err
}

// UntagResource takes tags away. Source: AWS Cloud Map API Reference, UntagResource.
func (c *CloudMap) UntagResource(now time.Time, in servicediscovery.UntagResourceInput) error {
	_, err := request(c.plane, now, "servicediscovery:UntagResource", in, c.plane.discovery.UntagResource)
	return err
}

// ListTagsForResource lists tags. Source: AWS Cloud Map API Reference, ListTagsForResource.
func (c *CloudMap) ListTagsForResource(
	in servicediscovery.ListTagsForResourceInput,
) (servicediscovery.ListTagsForResourceOutput, error) {
	return c.plane.discovery.ListTagsForResource(in)
}

// cloudMapOperations are the inputs of AWS Cloud Map that leave a record.
func cloudMapOperations() []operation {
	return []operation{
		of((*Plane).CloudMap, "servicediscovery:CreateHttpNamespace", (*CloudMap).CreateHTTPNamespace),
		of((*Plane).CloudMap, "servicediscovery:CreatePrivateDnsNamespace", (*CloudMap).CreatePrivateDNSNamespace),
		of((*Plane).CloudMap, "servicediscovery:CreatePublicDnsNamespace", (*CloudMap).CreatePublicDNSNamespace),
		of((*Plane).CloudMap, "servicediscovery:UpdateHttpNamespace", (*CloudMap).UpdateHTTPNamespace),
		of((*Plane).CloudMap, "servicediscovery:UpdatePrivateDnsNamespace", (*CloudMap).UpdatePrivateDNSNamespace),
		of((*Plane).CloudMap, "servicediscovery:UpdatePublicDnsNamespace", (*CloudMap).UpdatePublicDNSNamespace),
		of((*Plane).CloudMap, "servicediscovery:DeleteNamespace", (*CloudMap).DeleteNamespace),
		of((*Plane).CloudMap, "servicediscovery:CreateService", (*CloudMap).CreateService),
		of((*Plane).CloudMap, "servicediscovery:UpdateService", (*CloudMap).UpdateService),
		tellOf((*Plane).CloudMap, "servicediscovery:DeleteService", (*CloudMap).DeleteService),
		of((*Plane).CloudMap, "servicediscovery:RegisterInstance", (*CloudMap).RegisterInstance),
		of((*Plane).CloudMap, "servicediscovery:DeregisterInstance", (*CloudMap).DeregisterInstance),
		tellOf((*Plane).CloudMap, "servicediscovery:UpdateInstanceCustomHealthStatus",
			(*CloudMap).UpdateInstanceCustomHealthStatus),
		tellOf((*Plane).CloudMap, "servicediscovery:TagResource", (*CloudMap).TagResource),
		tellOf((*Plane).CloudMap, "servicediscovery:UntagResource", (*CloudMap).UntagResource),
	}
}

// discovered takes it that a task is in its service registry.
func (p *Plane) discovered(t *tasks.Task, c message.RegisterInstance) {
	p.discovery.Registered(c.RegistryArn, c.Task, p.discoveryAttributes(t, c))
}

// discoveryAttributes are what Amazon ECS says of a task in AWS Cloud Map.
// Source: Amazon ECS Developer Guide, "Creating a service that uses Service Discovery".
func (p *Plane) discoveryAttributes(t *tasks.Task, c message.RegisterInstance) map[string]string {
	a := map[string]string{
		"REGION":                             p.config.Region,
		"AVAILABILITY_ZONE":                  t.Zone,
		"ECS_CLUSTER_NAME":                   t.Cluster.Record.ClusterName,
		"ECS_SERVICE_NAME":                   t.Service,
		"ECS_TASK_DEFINITION_FAMILY":         t.Definition.Family,
		servicediscovery.AttributeIPv4:       c.Address,
		servicediscovery.AttributeInitHealth: string(servicediscovery.HealthStatusHealthy),
	}
	if c.Port != 0 {
		a[servicediscovery.AttributePort] = strconv.Itoa(c.Port)
	}
	if t.On != nil {
		a["EC2_INSTANCE_ID"] = t.On.Record.EC2InstanceID
	}
	if t.Health() == ecs.HealthStatusUnhealthy {
		a[servicediscovery.AttributeInitHealth] = string(servicediscovery.HealthStatusUnhealthy)
	}
	maps.DeleteFunc(a, func(_, value string) bool { return value == "" })
	return a
}

// ensureNamespace makes the namespace that a cluster's services use by default, unless it is there.
// Source: Amazon ECS API Reference, ClusterServiceConnectDefaultsRequest.
func (p *Plane) ensureNamespace(c *fleet.Cluster) {
	if d := c.Record.ServiceConnectDefaults; d != nil {
		p.discovery.Ensure(d.Namespace)
	}
}

// connect makes the names of a service that Service Connect gives it, and their namespace, unless they are there.
func (p *Plane) connect(s *services.Service) {
	if s.Connect == nil || !s.Connect.Enabled {
		return
	}
	n, ok := p.discovery.Ensure(s.Namespace(s.Connect))
	for _, named := range s.Connect.Services {
		if ok {
			p.discovery.Connect(n, cmp.Or(named.DiscoveryName, named.PortName))
		}
	}
}

// unhealthy reports whether a task is known to be unhealthy.
func (p *Plane) unhealthy(id ecs.TaskID) bool {
	t, ok := p.tasks.ByTask[id]
	return ok && t.Health() == ecs.HealthStatusUnhealthy
}
