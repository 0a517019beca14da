// Package servicediscovery is the API of AWS Cloud Map in front of a control plane: one table.
//
// # Start here
//
// [Operations] has the table of what is served, and [Named] says what the inputs name, for policies.
//
// The clients of AWS put data- before the host for DiscoverInstances and DiscoverInstancesRevision. There is no host
// data-127.0.0.1: switch that off by AWS_DISABLE_HOST_PREFIX_INJECTION=true (AWS CLI and boto3), by
// Config(inject_host_prefix=False) of botocore, or by smithyhttp.DisableEndpointHostPrefix in Go.
package servicediscovery

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/operation"
)

// reads returns an operation that looks at AWS Cloud Map.
func reads[In, Out any](f func(*control.CloudMap, In) (Out, error)) operation.Operation[operation.World] {
	return operation.Read(func(p *control.Plane, in In) (Out, error) { return f(p.CloudMap(), in) })
}

// changes returns an operation that changes AWS Cloud Map.
func changes[In, Out any](
	f func(*control.CloudMap, time.Time, In) (Out, error),
) operation.Operation[operation.World] {
	return operation.Change(func(p *control.Plane, now time.Time, in In) (Out, error) {
		return f(p.CloudMap(), now, in)
	})
}

// silent returns an operation that changes AWS Cloud Map and answers nothing.
func silent[In any](f func(*control.CloudMap, time.Time, In) error) operation.Operation[operation.World] {
	return operation.Silent(func(p *control.Plane, now time.Time, in In) error { return f(p.CloudMap(), now, in) })
}

// Operations returns what is served of AWS Cloud Map, and what is refused by name.
func Operations() operation.Table[operation.World] {
	type M = *control.CloudMap
	return operation.Joined(
		operation.Unmodelled[operation.World](ecs.UnsupportedFeatureException,
			"DeleteServiceAttributes", "GetServiceAttributes", "UpdateServiceAttributes"),
		operation.Table[operation.World]{
			"CreateHttpNamespace":              changes(M.CreateHTTPNamespace),
			"CreatePrivateDnsNamespace":        changes(M.CreatePrivateDNSNamespace),
			"CreatePublicDnsNamespace":         changes(M.CreatePublicDNSNamespace),
			"UpdateHttpNamespace":              changes(M.UpdateHTTPNamespace),
			"UpdatePrivateDnsNamespace":        changes(M.UpdatePrivateDNSNamespace),
			"UpdatePublicDnsNamespace":         changes(M.UpdatePublicDNSNamespace),
			"DeleteNamespace":                  changes(M.DeleteNamespace),
			"GetNamespace":                     reads(M.GetNamespace),
			"ListNamespaces":                   reads(M.ListNamespaces),
			"CreateService":                    changes(M.CreateService),
			"UpdateService":                    changes(M.UpdateService),
			"DeleteService":                    silent(M.DeleteService),
			"GetService":                       reads(M.GetService),
			"ListServices":                     reads(M.ListServices),
			"RegisterInstance":                 changes(M.RegisterInstance),
			"DeregisterInstance":               changes(M.DeregisterInstance),
			"UpdateInstanceCustomHealthStatus": silent(M.UpdateInstanceCustomHealthStatus),
			"GetInstance":                      reads(M.GetInstance),
			"ListInstances":                    reads(M.ListInstances),
			"GetInstancesHealthStatus":         reads(M.GetInstancesHealthStatus),
			"DiscoverInstances":                reads(M.DiscoverInstances),
			"DiscoverInstancesRevision":        reads(M.DiscoverInstancesRevision),
			"GetOperation":                     reads(M.GetOperation),
			"ListOperations":                   reads(M.ListOperations),
			"TagResource":                      silent(M.TagResource),
			"UntagResource":                    silent(M.UntagResource),
			"ListTagsForResource":              reads(M.ListTagsForResource),
		})
}

// Named says what the members of an input name, for policies: see front.
func Named() map[string]string {
	const (
		namespace = "namespace=Id"
		service   = "service=Id"
		instance  = "service=ServiceId"
		discover  = "namespace=NamespaceName service=ServiceName"
		resource  = "resource=ResourceARN"
	)
	return map[string]string{
		"CreateHttpNamespace": "namespace=Name", "CreatePrivateDnsNamespace": "namespace=Name",
		"CreatePublicDnsNamespace": "namespace=Name",
		"UpdateHttpNamespace":      namespace, "UpdatePrivateDnsNamespace": namespace,
		"UpdatePublicDnsNamespace": namespace, "DeleteNamespace": namespace, "GetNamespace": namespace,
		"ListNamespaces": "", "CreateService": "namespace=NamespaceId namespace=DnsConfig.NamespaceId service=Name",
		"UpdateService": service, "DeleteService": service, "GetService": service, "ListServices": "",
		"RegisterInstance": instance, "DeregisterInstance": instance, "UpdateInstanceCustomHealthStatus": instance,
		"GetInstance": instance, "ListInstances": instance, "GetInstancesHealthStatus": instance,
		"DiscoverInstances": discover, "DiscoverInstancesRevision": discover,
		"GetOperation": "", "ListOperations": "",
		"TagResource": resource, "UntagResource": resource, "ListTagsForResource": resource,
	}
}
