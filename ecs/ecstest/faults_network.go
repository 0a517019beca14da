package ecstest

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// ports makes a change of the port mappings.
func ports(list ...ecs.PortMapping) func(c *ecs.ContainerDefinition) {
	return func(c *ecs.ContainerDefinition) { c.PortMappings = list }
}

func networkFaults() []Fault {
	type cd = *ecs.ContainerDefinition
	type pm = ecs.PortMapping
	proxy := func(change func(p *ecs.ProxyConfiguration)) func(d *ecs.TaskDefinition) {
		return func(d *ecs.TaskDefinition) {
			d.ProxyConfiguration = &ecs.ProxyConfiguration{Type: ecs.ProxyConfigurationTypeAppmesh,
				ContainerName: "container0", Properties: []ecs.KeyValuePair{
					{Name: "IgnoredUID", Value: "1337"}, {Name: "ProxyIngressPort", Value: "15000"},
					{Name: "ProxyEgressPort", Value: "15001"}, {Name: "AppPorts", Value: "9080"},
				}}
			change(d.ProxyConfiguration)
		}
	}
	unset := func(i int) func(p *ecs.ProxyConfiguration) {
		return func(p *ecs.ProxyConfiguration) { p.Properties[i].Value = "" }
	}
	return []Fault{
		planted("awsvpc host port that differs", KindAwsvpc, "portMappings[0].hostPort",
			ports(pm{ContainerPort: 8080, HostPort: ecs.Some(80)})),
		planted("host port that differs under host", KindHost, "portMappings[0].hostPort",
			ports(pm{ContainerPort: 7080, HostPort: ecs.Some(7081)})),
		planted("ports under none", KindNone, "portMappings", ports(pm{ContainerPort: 80})),
		planted("no container port", KindBridge, "portMappings[0].containerPort", ports(pm{})),
		planted("container port 65536", KindBridge, "portMappings[0].containerPort", ports(pm{ContainerPort: 65536})),
		planted("host port 65536", KindBridge, "portMappings[0].hostPort",
			ports(pm{ContainerPort: 80, HostPort: ecs.Some(65536)})),
		planted("container port twice under awsvpc", KindAwsvpc, "portMappings[1].containerPort",
			ports(pm{ContainerPort: 7080}, pm{ContainerPort: 7080, Protocol: ecs.TransportProtocolTcp})),
		planted("host port twice under bridge", KindBridge, "portMappings[1].hostPort",
			ports(pm{ContainerPort: 7080, HostPort: ecs.Some(80)}, pm{ContainerPort: 7081, HostPort: ecs.Some(80)})),
		planted("port twice under host", KindHost, "portMappings[1].containerPort", ports(pm{ContainerPort: 7080},
			pm{ContainerPort: 7080})),
		planted("unknown application protocol", KindBridge, "portMappings[0].appProtocol",
			ports(pm{ContainerPort: 80, AppProtocol: "smtp"})),
		planted("port name in capitals", KindBridge, "portMappings[0].name", ports(pm{ContainerPort: 80, Name: "Web"})),
		planted("port name of 65 characters", KindBridge, "portMappings[0].name",
			ports(pm{ContainerPort: 80, Name: strings.Repeat("a", 65)})),
		planted("port name that starts with a hyphen", KindBridge, "portMappings[0].name",
			ports(pm{ContainerPort: 80, Name: "-web"})),
		planted("port name twice under awsvpc", KindAwsvpc, "portMappings[1].name",
			ports(pm{ContainerPort: 7080, Name: "web"}, pm{ContainerPort: 7081, Name: "web"})),
		planted("range and single port", KindBridge, "portMappings[0].containerPortRange",
			ports(pm{ContainerPort: 80, ContainerPortRange: "7000-7010"})),
		planted("range that goes down", KindBridge, "portMappings[0].containerPortRange",
			ports(pm{ContainerPortRange: "7010-7000"})),
		planted("range beyond 65535", KindBridge, "portMappings[0].containerPortRange",
			ports(pm{ContainerPortRange: "65000-65536"})),
		planted("range under host", KindHost, "portMappings[0].containerPortRange",
			ports(pm{ContainerPortRange: "7000-7010"})),
		planted("ranges that overlap", KindBridge, "portMappings[1]", ports(pm{ContainerPortRange: "7000-7010"},
			pm{ContainerPortRange: "7010-7020"})),
		planted("port inside a range", KindBridge, "portMappings[1]", ports(pm{ContainerPortRange: "7000-7010"},
			pm{ContainerPort: 7005})),
		{"ranges of two containers that overlap under awsvpc", KindAwsvpc, func(d *ecs.TaskDefinition) string {
			add(d, "", ports(pm{ContainerPortRange: "7000-7010"}))
			return add(d, "portMappings[0]", func(c cd) {
				c.Name = "second"
				ports(pm{ContainerPortRange: "7005-7020"})(c)
			})
		}},
		planted("101 ranges", KindBridge, "portMappings", func(c cd) {
			for i := range 101 {
				c.PortMappings = append(c.PortMappings,
					pm{ContainerPortRange: fmt.Sprintf("%d-%d", 10000+2*i, 10001+2*i)})
			}
		}),
		planted("links under awsvpc", KindAwsvpc, "links", func(c cd) { c.Links = []string{"container0"} }),
		planted("links under host", KindHost, "links", func(c cd) { c.Links = []string{"container0"} }),
		planted("link to nothing", KindBridge, "links[0]", func(c cd) { c.Links = []string{"nope:db"} }),
		planted("links in a circle", KindBridge, "links", func(c cd) { c.Links = []string{"planted:me"} }),
		planted("hostname under awsvpc", KindAwsvpc, "hostname", func(c cd) { c.Hostname = "web" }),
		planted("extra hosts under awsvpc", KindAwsvpc, "extraHosts", func(c cd) {
			c.ExtraHosts = []ecs.HostEntry{{Hostname: "db", IPAddress: "10.0.0.1"}}
		}),
		planted("DNS servers under awsvpc", KindAwsvpc, "dnsServers", func(c cd) {
			c.DNSServers = []string{"10.0.0.2"}
		}),
		planted("DNS search domains under awsvpc", KindAwsvpc, "dnsSearchDomains", func(c cd) {
			c.DNSSearchDomains = []string{"example.com"}
		}),
		planted("disabled networking under awsvpc", KindAwsvpc, "disableNetworking", func(c cd) {
			c.DisableNetworking = ecs.Some(true)
		}),
		planted("search domain with a slash", KindBridge, "dnsSearchDomains[0]", func(c cd) {
			c.DNSSearchDomains = []string{"exa/mple"}
		}),
		planted("extra host without an address", KindBridge, "extraHosts[0].ipAddress", func(c cd) {
			c.ExtraHosts = []ecs.HostEntry{{Hostname: "db"}}
		}),
		planted("system control of no namespace", KindBridge, "systemControls[0].namespace", func(c cd) {
			c.SystemControls = []ecs.SystemControl{{Namespace: "vm.swappiness", Value: "1"}}
		}),
		planted("system control without a value", KindBridge, "systemControls[0].value", func(c cd) {
			c.SystemControls = []ecs.SystemControl{{Namespace: "net.core.somaxconn"}}
		}),
		planted("net system control under host", KindHost, "systemControls[0].namespace", func(c cd) {
			c.SystemControls = []ecs.SystemControl{{Namespace: "net.core.somaxconn", Value: "1024"}}
		}),
		{"ipc system control with ipcMode host", KindBridge, func(d *ecs.TaskDefinition) string {
			d.IpcMode = ecs.IpcModeHost
			return add(d, "systemControls[0].namespace", func(c cd) {
				c.SystemControls = []ecs.SystemControl{{Namespace: "kernel.shmmax", Value: "1"}}
			})
		}},
		changed("proxy outside awsvpc", KindBridge, "proxyConfiguration", proxy(func(*ecs.ProxyConfiguration) {})),
		changed("proxy in no container", KindAwsvpc, "proxyConfiguration.containerName",
			proxy(func(p *ecs.ProxyConfiguration) { p.ContainerName = "envoy" })),
		changed("proxy of unknown type", KindAwsvpc, "proxyConfiguration.type", proxy(func(p *ecs.ProxyConfiguration) {
			p.Type = "ISTIO"
		})),
		changed("proxy without a user to ignore", KindAwsvpc, "proxyConfiguration.properties", proxy(unset(0))),
		changed("proxy without an ingress port", KindAwsvpc, "proxyConfiguration.properties", proxy(unset(1))),
		changed("proxy without an egress port", KindAwsvpc, "proxyConfiguration.properties", proxy(unset(2))),
		changed("proxy without ports of the application", KindAwsvpc, "proxyConfiguration.properties", proxy(unset(3))),
		changed("proxy with an unknown property", KindAwsvpc, "proxyConfiguration.properties[4].name",
			proxy(func(p *ecs.ProxyConfiguration) {
				p.Properties = append(p.Properties, ecs.KeyValuePair{Name: "Verbose", Value: "1"})
			})),
	}
}
