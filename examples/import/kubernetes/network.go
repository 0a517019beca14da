package kubernetes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// services returns the Services that select the workload's pods.
func (w *workload) services() (list []*source.Value) {
	for _, s := range w.program.others["Service"] {
		selector := s.At("spec", "selector")
		all := len(selector.Keys()) > 0
		for _, k := range selector.Keys() {
			all = all && w.labels[k] == selector.Get(k).Raw()
		}
		if all {
			list = append(list, s)
		}
	}
	return list
}

// backends returns the rules of Ingresses that send requests to a Service, in words, with its ports.
func (p *program) backends(service string) (rules []string, ports []*source.Value) {
	add := func(b *source.Value, rule string) {
		if b.At("service", "name").Raw() == service {
			rules = append(rules, rule)
			ports = append(ports, cmp.Or(b.At("service", "port", "number"), b.At("service", "port", "name")))
			b.Translate("a target group of the service")
		}
	}
	for _, i := range p.others["Ingress"] {
		spec := i.Get("spec")
		add(spec.Get("defaultBackend"), "every request that no rule is for")
		for _, r := range spec.Get("rules").Items() {
			for _, path := range r.At("http", "paths").Items() {
				host := cmp.Or(r.Get("host").String(), "any host")
				add(path.Get("backend"), "host "+host+", path "+path.Get("path").Or("/"))
				path.Get("path").Translate("a condition of a rule of the load balancer's listener")
				path.Get("pathType").Translate("a prefix ends with * in a rule")
				r.Get("host").Translate("a condition of a rule of the load balancer's listener")
			}
		}
		spec.Get("tls").Need("the ARN of a certificate of AWS Certificate Manager for the listener")
		spec.Get("ingressClassName").Translate("an Application Load Balancer")
	}
	return rules, ports
}

// hasTarget reports whether a load balancer sends requests to the workload.
func (w *workload) hasTarget() bool {
	for _, s := range w.services() {
		if s.At("spec", "type").Raw() == "LoadBalancer" {
			return true
		}
		if rules, _ := w.backends(s.At("metadata", "name").Raw()); len(rules) > 0 {
			return true
		}
	}
	return false
}

// exposed reads how the pods are reached.
func (w *workload) exposed() {
	if w.kind == "Job" || w.kind == "CronJob" || w.kind == "Pod" {
		return
	}
	for _, v := range w.services() {
		w.service(v)
	}
}

// settledElsewhere are the fields of a Service that are a setting of what stands for it.
var settledElsewhere = map[string]string{
	"sessionAffinity":               "stickiness of the target group",
	"sessionAffinityConfig":         "stickiness of the target group",
	"externalTrafficPolicy":         "targets of type ip see the client's address as the load balancer has it",
	"internalTrafficPolicy":         "Service Connect chooses among all tasks",
	"loadBalancerSourceRanges":      "a security group of the load balancer",
	"loadBalancerClass":             "a Network Load Balancer",
	"loadBalancerIP":                "an Elastic IP address of the load balancer",
	"externalIPs":                   "an Elastic IP address of the load balancer",
	"clusterIP":                     "Service Connect needs no address",
	"clusterIPs":                    "Service Connect needs no address",
	"ipFamilies":                    "the subnets' addresses",
	"ipFamilyPolicy":                "the subnets' addresses",
	"publishNotReadyAddresses":      "a name leads to tasks that run",
	"allocateLoadBalancerNodePorts": "tasks are targets themselves",
	"healthCheckNodePort":           "tasks are targets themselves",
	"trafficDistribution":           "Service Connect chooses among all tasks",
}

func (w *workload) service(v *source.Value) {
	spec, name := v.Get("spec"), v.At("metadata", "name").Raw()
	spec.Get("selector").Translate("the service %s", w.name)
	headless := spec.Get("clusterIP").Raw() == "None"
	for k, text := range settledElsewhere {
		if k != "clusterIP" || !headless {
			spec.Get(k).Translate("%s", text)
		}
	}
	kind := spec.Get("type")
	kind.Translate("see the ports")
	rules, wanted := w.backends(name)
	for _, p := range spec.Get("ports").Items() {
		c, m := w.mapping(p)
		if m == nil {
			p.Lose("no container of %s has this port", w.name)
			continue
		}
		switch {
		case slices.ContainsFunc(wanted, func(x *source.Value) bool {
			return x.Raw() == p.Get("port").Raw() || x.Raw() != "" && x.Raw() == p.Get("name").Raw()
		}):
			w.target(p, c, m, "HTTP", rules)
		case kind.Raw() == "LoadBalancer":
			w.target(p, c, m, string(cmp.Or(m.Protocol, "tcp")), nil)
		case headless:
			w.registry(p, name)
		default:
			w.connect(p, name, m)
		}
		if n := p.Get("nodePort"); n.Has() && kind.Raw() == "NodePort" {
			n.Approximate("instances do not forward a port for a service: a port of the instance is that of one task")
		} else {
			n.Translate("tasks are targets themselves")
		}
		p.Get("appProtocol").Translate("appProtocol of the port mapping")
	}
	if headless {
		spec.Get("clusterIP").Translate("AWS Cloud Map answers with the addresses of the tasks")
	}
}

// mapping returns the container and the mapping that a port of a Service leads to.
func (w *workload) mapping(p *source.Value) (*ecs.ContainerDefinition, *ecs.PortMapping) {
	to := p.Get("targetPort")
	if !to.Has() {
		to = p.Get("port")
	}
	want := to.Raw()
	for i := range w.d.ContainerDefinitions {
		c := &w.d.ContainerDefinitions[i]
		for j := range c.PortMappings {
			m := &c.PortMappings[j]
			if fmt.Sprint(m.ContainerPort) == want || m.Name != "" && m.Name == strings.ToLower(want) {
				return c, m
			}
		}
	}
	n, ok := 0, false
	if to.Is(source.Number) {
		n, ok = to.Int()
	}
	if !ok || n < 1 || n > 65535 || len(w.d.ContainerDefinitions) == 0 {
		return nil, nil
	}
	c := &w.d.ContainerDefinitions[len(w.d.ContainerDefinitions)-1]
	m := ecs.PortMapping{ContainerPort: n, Protocol: ecs.TransportProtocolTcp}
	if strings.EqualFold(p.Get("protocol").Raw(), "UDP") {
		m.Protocol = ecs.TransportProtocolUdp
	}
	if w.d.NetworkMode == ecs.NetworkModeBridge {
		m.HostPort = ecs.Some(0)
	}
	c.PortMappings = append(c.PortMappings, m)
	to.Translate("container %s does not name the port: it is added", c.Name)
	return c, &c.PortMappings[len(c.PortMappings)-1]
}

// mostTargets is how many target groups a service has at most. Source: Amazon ECS API Reference, CreateService.
const mostTargets = 5

// target makes a target group for a port.
func (w *workload) target(p *source.Value, c *ecs.ContainerDefinition, m *ecs.PortMapping, protocol string,
	rules []string) {
	arn, missing := w.given.TargetGroup(w.s.ServiceName, c.Name, m.ContainerPort)
	if slices.ContainsFunc(w.s.LoadBalancers, func(l ecs.LoadBalancer) bool { return l.TargetGroupArn == arn }) {
		return
	}
	if len(w.s.LoadBalancers) >= mostTargets || w.d.NetworkMode == ecs.NetworkModeHost && m.ContainerPort == 0 {
		p.Lose("a service has at most %d target groups", mostTargets)
		return
	}
	for _, k := range []string{"port", "targetPort", "name", "protocol"} {
		p.Get(k).Translate("a listener of the load balancer, to port %d of container %s", m.ContainerPort, c.Name)
	}
	if missing {
		p.Remark(source.Needs, "the ARN of the target group for port %d of container %s", m.ContainerPort, c.Name)
	}
	w.s.LoadBalancers = append(w.s.LoadBalancers, ecs.LoadBalancer{TargetGroupArn: arn, ContainerName: c.Name,
		ContainerPort: m.ContainerPort})
	tg := document.TargetGroup{Name: document.TargetGroupName(fmt.Sprintf("%s-%d", w.name, m.ContainerPort)),
		Protocol: strings.ToUpper(protocol),
		Port:     m.ContainerPort, TargetType: "ip", Rules: rules}
	if !w.awsvpc() {
		tg.TargetType = "instance"
	}
	w.ready(c.Name, &tg)
	w.result.TargetGroups = append(w.result.TargetGroups, tg)
}

// ready reads the readiness probe of a container as the health check of a target group.
func (w *workload) ready(container string, tg *document.TargetGroup) {
	for _, v := range w.pod.Get("containers").Items() {
		if document.Name(v.Get("name").Raw()) != container {
			continue
		}
		probe := v.Get("readinessProbe")
		if !probe.Has() {
			return
		}
		if get := probe.Get("httpGet"); get.Has() {
			tg.Path = get.Get("path").Or("/")
			tg.CheckPort = fmt.Sprint(w.number(get.Get("port"), v))
			get.Get("scheme").Translate("the protocol of the health check")
			get.Get("httpHeaders").Lose("a health check of a target group sends no headers of your own")
		} else {
			for _, k := range []string{"exec", "tcpSocket", "grpc"} {
				probe.Get(k).Approximate("a target group checks by a request or a connection to the port")
			}
		}
		tg.Interval = document.Clamp(probe.Get("periodSeconds"), probe.Get("periodSeconds").IntOr(10), 5, 300,
			" seconds")
		tg.Timeout = document.Clamp(probe.Get("timeoutSeconds"), probe.Get("timeoutSeconds").IntOr(1), 2, 120,
			" seconds")
		tg.Healthy = document.Clamp(probe.Get("successThreshold"), probe.Get("successThreshold").IntOr(1), 2, 10, "")
		tg.Unhealthy = document.Clamp(probe.Get("failureThreshold"), probe.Get("failureThreshold").IntOr(3), 2, 10, "")
		probe.Get("initialDelaySeconds").Translate("healthCheckGracePeriodSeconds")
		grace := probe.Get("initialDelaySeconds").IntOr(0)
		if start := v.Get("startupProbe"); start.Has() {
			grace = start.Get("initialDelaySeconds").IntOr(0) +
				start.Get("failureThreshold").IntOr(3)*start.Get("periodSeconds").IntOr(10)
		}
		if grace > 0 && len(w.s.LoadBalancers) > 0 {
			w.s.HealthCheckGracePeriodSeconds = ecs.Some(min(grace, 1<<30))
		}
	}
}

// registry registers the tasks with AWS Cloud Map, for a headless Service.
func (w *workload) registry(p *source.Value, name string) {
	for _, k := range []string{"port", "targetPort", "name", "protocol"} {
		p.Get(k).Translate("a record of AWS Cloud Map")
	}
	if len(w.s.ServiceRegistries) > 0 || !w.awsvpc() {
		return
	}
	p.Remark(source.Needs, "the ARN of a service of AWS Cloud Map named %s", name)
	w.s.ServiceRegistries = []ecs.ServiceRegistry{{RegistryArn: w.given.ARN("servicediscovery",
		"service/srv-needs-"+document.Name(name))}}
}

// connect gives a port a name in Service Connect.
func (w *workload) connect(p *source.Value, name string, m *ecs.PortMapping) {
	n, ok := p.Get("port").Int()
	if !ok || n < 1 || n > 65535 || m.Protocol == ecs.TransportProtocolUdp {
		p.Lose("Service Connect is for TCP")
		return
	}
	if m.Name == "" {
		m.Name = fmt.Sprintf("port-%d", m.ContainerPort)
	}
	if w.s.ServiceConnectConfiguration == nil {
		w.s.ServiceConnectConfiguration = &ecs.ServiceConnectConfiguration{Enabled: true}
		p.Remark(source.Needs, "a namespace of AWS Cloud Map, in the service or as the cluster's default")
	}
	sc := w.s.ServiceConnectConfiguration
	if slices.ContainsFunc(sc.Services, func(s ecs.ServiceConnectService) bool { return s.PortName == m.Name }) {
		p.Lose("a port has one name in Service Connect")
		return
	}
	for _, k := range []string{"port", "targetPort", "name", "protocol"} {
		p.Get(k).Translate("%s:%d in Service Connect", name, n)
	}
	sc.Services = append(sc.Services, ecs.ServiceConnectService{PortName: m.Name,
		DiscoveryName: document.Name(fmt.Sprintf("%s-%s", name, m.Name)),
		ClientAliases: []ecs.ServiceConnectClientAlias{{Port: n, DNSName: name}}})
}
