package ecs

import (
	"encoding/json"

	"github.com/bayplan/bayplan/internal/check"
)

// ServiceConnectConfiguration gives a service a name, and lets it find others. It is kept and checked;
// nothing here routes by it. Source: Amazon ECS API Reference, ServiceConnectConfiguration.
type ServiceConnectConfiguration struct {
	Enabled          bool                    `json:"enabled"`
	Namespace        string                  `json:"namespace,omitzero"`
	Services         []ServiceConnectService `json:"services,omitzero"`
	LogConfiguration *LogConfiguration       `json:"logConfiguration,omitzero"`

	AccessLogConfiguration  json.RawMessage `json:"accessLogConfiguration,omitzero"`  // kept as written
	ContainerConfigurations json.RawMessage `json:"containerConfigurations,omitzero"` // kept as written
}

// ServiceConnectResource is a name that Service Connect made in Cloud Map.
type ServiceConnectResource struct {
	DiscoveryName string `json:"discoveryName,omitzero"`
	DiscoveryArn  string `json:"discoveryArn,omitzero"`
}

// ServiceConnectService is one port of a service under a name.
type ServiceConnectService struct {
	PortName            string                      `json:"portName"`
	DiscoveryName       string                      `json:"discoveryName,omitzero"` // absent: the port's name
	ClientAliases       []ServiceConnectClientAlias `json:"clientAliases,omitzero"` // at most 1
	IngressPortOverride Opt[int]                    `json:"ingressPortOverride,omitzero"`
	Timeout             json.RawMessage             `json:"timeout,omitzero"` // kept as written
	TLS                 json.RawMessage             `json:"tls,omitzero"`     // kept as written
}

// ServiceConnectClientAlias is what clients call a service.
type ServiceConnectClientAlias struct {
	Port    int    `json:"port"`
	DNSName string `json:"dnsName,omitzero"` // absent: discoveryName.namespace

	TestTrafficRules json.RawMessage `json:"testTrafficRules,omitzero"` // kept as written
}

// Validate returns every rule that the configuration breaks by itself, as an ErrorList of
// InvalidParameterException.
func (s ServiceConnectConfiguration) Validate() error {
	c := &checks{code: InvalidParameterException}
	for i, service := range s.Services {
		path := check.Path("services", i)
		c.Present(path+".portName", service.PortName)
		c.AtMost(path+".clientAliases", len(service.ClientAliases), 1)
		for j, alias := range service.ClientAliases {
			c.between(path+".clientAliases"+check.Path(j, "port"), Some(alias.Port), 1, 65535)
		}
		c.between(path+".ingressPortOverride", service.IngressPortOverride, 1, 65535)
	}
	return c.err()
}
