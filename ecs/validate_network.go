package ecs

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// ports checks each port mapping of a container by itself. Source: Amazon ECS API Reference,
// PortMapping.
func (v *checker) ports(path string, c *ContainerDefinition) {
	if v.mode == NetworkModeNone && len(c.PortMappings) > 0 {
		v.Refuse(path+".portMappings", "Port mappings are not supported on container when networkMode=none.")
		return
	}
	ranges := 0
	for j, m := range c.PortMappings {
		p := path + ".portMappings" + check.Path(j)
		if m.ContainerPortRange != "" {
			ranges++
			v.portRange(p, c.Name, m)
		} else {
			if m.ContainerPort < 1 || m.ContainerPort > 65535 {
				v.Refuse(p+".containerPort", "Invalid 'containerPort' setting for container '%s'; it is %d.",
					c.Name, m.ContainerPort)
			}
			v.hostPort(p, c.Name, m)
		}
		v.OneOf(p+".appProtocol", choose(m.AppProtocol))
		if m.Name != "" && !isPortName(m.Name) {
			v.Refuse(p+".name",
				"A port name has up to 64 lower-case letters, digits, _ and -, and does not start with -; this is %q.",
				check.Shortened(m.Name))
		}
	}
	v.AtMost(path+".portMappings", ranges, 100)
}

func (v *checker) hostPort(path, name string, m PortMapping) {
	host := m.HostPort.Or(0)
	switch {
	case host < 0 || host > 65535:
		v.Refuse(path+".hostPort", "Invalid 'hostPort' setting for container '%s'; it is %d.", name, host)
	case (v.mode == NetworkModeAwsvpc || v.mode == NetworkModeHost) && host != 0 && host != m.ContainerPort:
		v.Refuse(path+".hostPort",
			"When networkMode=%s, the host ports and container ports in port mappings must match; hostPort is %d, "+
				"containerPort is %d. Leave hostPort out or set it to %d.",
			v.mode, host, m.ContainerPort, m.ContainerPort)
	}
}

// isPortName reports whether s is a port mapping's name.
func isPortName(s string) bool {
	for i := range len(s) {
		if b := s[i]; !('a' <= b && b <= 'z' || check.IsDigit(b) || b == '_' || b == '-') {
			return false
		}
	}
	return 0 < len(s) && len(s) <= 64 && s[0] != '-'
}

func (v *checker) portRange(path, name string, m PortMapping) {
	if m.ContainerPort != 0 || m.HostPort.Or(0) != 0 {
		v.Refuse(path+".containerPortRange",
			"Invalid port mapping for container '%s', cannot specify both single port and port range.", name)
	}
	if _, _, ok := check.PortRange(m.ContainerPortRange); !ok {
		v.Refuse(path+".containerPortRange", "Invalid 'containerPortRange' setting for container '%s'; it is %q.", name,
			check.Shortened(m.ContainerPortRange))
	}
	if v.mode == NetworkModeHost { // Windows's NAT is as bridge
		v.Refuse(path+".containerPortRange",
			"containerPortRange is supported when networkMode is bridge or awsvpc only.")
	}
}

// span is the ports of one mapping, for one protocol.
type span struct {
	protocol           TransportProtocol
	first, last        int
	container, mapping int // where it stands
}

// overlaps checks that a range shares no port with another mapping of its container, or
// under awsvpc, where containers share their ports, of its task.
func (v *checker) overlaps() {
	var spans []span
	for i, c := range v.d.ContainerDefinitions {
		for j, m := range c.PortMappings {
			first, last := m.ContainerPort, m.ContainerPort
			if m.ContainerPortRange != "" {
				var ok bool
				if first, last, ok = check.PortRange(m.ContainerPortRange); !ok || m.ContainerPort != 0 {
					continue
				}
			}
			spans = append(spans, span{m.TransportProtocol(), first, last, i, j})
		}
	}
	apart := func(s span) int {
		if v.mode == NetworkModeAwsvpc {
			return 0
		}
		return s.container
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(apart(a), apart(b)), cmp.Compare(a.protocol, b.protocol),
			cmp.Compare(a.first, b.first))
	})
	for i := 1; i < len(spans); i++ {
		a, b := spans[i-1], spans[i]
		if apart(a) != apart(b) || a.protocol != b.protocol || b.first > a.last {
			continue
		}
		if a.first < a.last || b.first < b.last { // two single ports are another rule's
			later := a
			if b.container > a.container || b.container == a.container && b.mapping > a.mapping {
				later = b
			}
			v.Refuse(check.Path("containerDefinitions", later.container, "portMappings", later.mapping),
				"The port mappings of container '%s' overlap at port %d.",
				v.d.ContainerDefinitions[later.container].Name, b.first)
		}
		if a.last > b.last {
			spans[i] = a
		}
	}
}

// portsOfTask checks what mappings of different containers share.
func (v *checker) portsOfTask() {
	type port struct {
		number   int
		protocol TransportProtocol
	}
	taken := make(map[port]bool)
	names := make(map[string]bool)
	for i, c := range v.d.ContainerDefinitions {
		for j, m := range c.PortMappings {
			path := func() string { return check.Path("containerDefinitions", i, "portMappings", j) }
			if m.Name != "" && v.mode == NetworkModeAwsvpc {
				if names[m.Name] {
					v.Refuse(path()+".name", "When networkMode=awsvpc, port mapping name is already used: %s.", m.Name)
				}
				names[m.Name] = true
			}
			number, field := m.ContainerPort, ".containerPort"
			if v.mode != NetworkModeAwsvpc && (v.mode != NetworkModeHost || m.HostPort.Or(0) != 0) {
				number, field = m.HostPort.Or(0), ".hostPort"
			}
			if number == 0 || v.mode == NetworkModeNone {
				continue
			}
			key := port{number, m.TransportProtocol()}
			if taken[key] && v.mode == NetworkModeAwsvpc {
				v.Refuse(path()+field, "%s container port '%d' is used multiple times in task when networkMode=awsvpc.",
					strings.ToUpper(string(key.protocol)), number)
			} else if taken[key] {
				v.Refuse(path()+field, "%s host port '%d' is mapped multiple times in task.",
					strings.ToUpper(string(key.protocol)), number)
			}
			taken[key] = true
		}
	}
}

// networking checks what the network mode leaves to a container.
func (v *checker) networking(path string, c *ContainerDefinition) {
	awsvpc := v.mode == NetworkModeAwsvpc
	if awsvpc && len(c.Links) > 0 {
		v.Refuse(path+".links", "Links are not supported when networkMode=awsvpc.")
	} else if len(c.Links) > 0 && v.mode != NetworkModeBridge && v.mode != "" {
		v.Refuse(path+".links", "Links are not supported when networkMode=%s.", v.mode)
	}
	if awsvpc && c.Hostname != "" {
		v.Refuse(path+".hostname", "hostname is not supported on container when networkMode=awsvpc.")
	}
	if awsvpc && len(c.ExtraHosts) > 0 {
		v.Refuse(path+".extraHosts", "Extra hosts are not supported on container when networkMode=awsvpc.")
	}
	if awsvpc && len(c.DNSServers) > 0 {
		v.Refuse(path+".dnsServers", "DNS servers are not supported on container when networkMode=awsvpc.")
	}
	if awsvpc && len(c.DNSSearchDomains) > 0 {
		v.Refuse(path+".dnsSearchDomains", "DNS search domains are not supported on container when networkMode=awsvpc.")
	}
	if awsvpc && c.DisableNetworking.Or(false) {
		v.Refuse(path+".disableNetworking", "Disable Networking is not supported on container when networkMode=awsvpc.")
	}
	for j, s := range c.DNSSearchDomains {
		if !isSearchDomain(s) {
			v.Refuse(path+".dnsSearchDomains"+check.Path(j),
				"A search domain matches ^[a-zA-Z0-9-.]{0,253}[a-zA-Z0-9]$; this is %q.", check.Shortened(s))
		}
	}
	for j, h := range c.ExtraHosts {
		v.Present(path+".extraHosts"+check.Path(j, "hostname"), h.Hostname)
		v.Present(path+".extraHosts"+check.Path(j, "ipAddress"), h.IPAddress)
	}
	for j, s := range c.SystemControls {
		v.systemControl(path+".systemControls"+check.Path(j), s)
	}
}

func isSearchDomain(s string) bool {
	return 0 < len(s) && len(s) <= 254 && check.Only(s, "-.") && check.Only(s[len(s)-1:], "")
}

// systemControl checks a kernel parameter. Source: Amazon ECS API Reference, SystemControl.
func (v *checker) systemControl(path string, s SystemControl) {
	ipc := strings.HasPrefix(s.Namespace, "fs.mqueue.")
	switch s.Namespace {
	case "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
		"kernel.shmmni", "kernel.shm_rmid_forced":
		ipc = true
	}
	net := strings.HasPrefix(s.Namespace, "net.")
	switch {
	case !ipc && !net:
		v.Refuse(path+".namespace",
			"%q is not a kernel parameter that a container may set: fs.mqueue.*, net.* and those of kernel.msg*, "+
				"kernel.sem and kernel.shm* that are namespaced.", check.Shortened(s.Namespace))
	case net && v.mode == NetworkModeHost:
		v.Refuse(path+".namespace", "System controls of net.* are not supported when networkMode=host.")
	case ipc && v.d.IpcMode == IpcModeHost:
		v.Refuse(path+".namespace", "System controls of an IPC namespace are not supported when ipcMode=host.")
	}
	v.Present(path+".value", s.Value)
}

// linkCycles checks that links name containers and do not go in a circle.
func (v *checker) linkCycles() {
	list := v.d.ContainerDefinitions
	edges := make([][]int, len(list))
	position := v.positions()
	for i, c := range list {
		for j, link := range c.Links {
			name, _, _ := strings.Cut(link, ":")
			if k, ok := position[name]; ok {
				edges[i] = append(edges[i], k)
			} else {
				v.Refuse(check.Path("containerDefinitions", i, "links", j), "Unknown container '%s' in a link.",
					check.Shortened(name))
			}
		}
	}
	for _, cycle := range cycles(edges) {
		v.Refuse(check.Path("containerDefinitions", cycle[0], "links"), "Container links should not have a cycle: %s",
			v.names(cycle))
	}
}

// positions returns where each container stands; of two with one name the first.
func (v *checker) positions() map[string]int {
	position := make(map[string]int, len(v.d.ContainerDefinitions))
	for i, c := range v.d.ContainerDefinitions {
		if _, twice := position[c.Name]; !twice {
			position[c.Name] = i
		}
	}
	return position
}

// names writes a cycle as a -> b -> a; a long one is cut short.
func (v *checker) names(cycle []int) string {
	s := ""
	for n, i := range cycle {
		if n == 10 {
			s += "… -> "
			break
		}
		s += check.Shortened(v.d.ContainerDefinitions[i].Name) + " -> "
	}
	return s + check.Shortened(v.d.ContainerDefinitions[cycle[0]].Name)
}
