package engine

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
)

const mebibyte = 1 << 20

// specify is what the engine is asked for: a container as its definition, its task and what it was given have it.
func (r *Runtime) specify(c agent.Container, g given) client.ContainerCreateOptions {
	d := c.Definition()
	options := client.ContainerCreateOptions{Name: nameOf(c), Config: &container.Config{
		Image: r.image(d.Image), Entrypoint: d.EntryPoint, Cmd: d.Command, Env: g.environment, User: d.User,
		WorkingDir: d.WorkingDirectory, Tty: d.PseudoTerminal.Or(false), OpenStdin: d.Interactive.Or(false),
		NetworkDisabled: d.DisableNetworking.Or(false), Labels: maps.Clone(d.DockerLabels),
		Healthcheck: &container.HealthConfig{Test: []string{"NONE"}}, // the agent checks
	}, HostConfig: &container.HostConfig{Privileged: d.Privileged.Or(false),
		ReadonlyRootfs: d.ReadonlyRootFilesystem.Or(false), SecurityOpt: d.DockerSecurityOptions,
		LogConfig: r.logConfig(d, g), Binds: r.binds(c)}}
	if options.Config.Labels == nil {
		options.Config.Labels = map[string]string{}
	}
	maps.Copy(options.Config.Labels, r.labels(c.Task, roleApp))
	options.Config.Labels[labelContainer] = d.Name
	if seconds, ok := d.StopTimeout.Get(); ok {
		options.Config.StopTimeout = &seconds
	}
	for _, v := range d.VolumesFrom {
		options.HostConfig.VolumesFrom = append(options.HostConfig.VolumesFrom,
			nameIn(c, v.SourceContainer)+suffix(v.ReadOnly.Or(false)))
	}
	r.limit(c, options.HostConfig)
	linux(d, options.HostConfig)
	r.connect(c, options.Config, options.HostConfig)
	r.namespaces(c, options.HostConfig)
	return options
}

// nameIn is the engine's name of another container of the task.
func nameIn(c agent.Container, name string) string {
	for i, other := range c.Task.TaskDefinition.ContainerDefinitions {
		if other.Name == name {
			return containerName(c.Task, i)
		}
	}
	return name
}

func suffix(readOnly bool) string {
	if readOnly {
		return ":ro"
	}
	return ""
}

// mostShares is the greatest number of CPU shares.
const mostShares = 262144

// sharesOf are the CPU shares of a container. Source: Amazon ECS container agent, which asks for 2 at least.
func sharesOf(cpu int) int64 { return int64(min(max(cpu, 2), mostShares)) }

// limit sets what a container may use of the host. Where the task has no control group, a container without a memory of
// its own is limited to that of the task, and each container to the cpu of the task. Source: Amazon ECS container
// agent, which asks for 6 MiB at least.
func (r *Runtime) limit(c agent.Container, h *container.HostConfig) {
	d, t := c.Definition(), c.Task.TaskDefinition
	h.CPUShares = sharesOf(d.CPU)
	memory := int64(d.Memory)
	if task, ok := ecs.ParseMemory(t.Memory); ok && memory == 0 && !r.grouped {
		memory = task
	}
	if memory > 0 {
		h.Memory = max(memory, 6) * mebibyte
	}
	h.MemoryReservation = int64(d.MemoryReservation) * mebibyte
	if units, ok := ecs.ParseCPU(t.CPU); ok && !r.grouped {
		h.NanoCPUs = min(units*1e9/1024, int64(r.host.cpus)*1e9)
	}
	r.join(c.Task, h)
	for _, u := range d.Ulimits {
		h.Ulimits = append(h.Ulimits, &container.Ulimit{Name: string(u.Name), Soft: int64(u.SoftLimit),
			Hard: int64(u.HardLimit)})
	}
	for _, q := range d.ResourceRequirements {
		if count, err := gpus(q.Value); err == nil {
			h.DeviceRequests = append(h.DeviceRequests, container.DeviceRequest{Count: count,
				Capabilities: [][]string{{"gpu"}}})
		}
	}
}

// gpus reads how many GPUs are asked for: -1 is all.
func gpus(value string) (int, error) {
	if value == "ALL" {
		return -1, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a number of whole GPUs", value)
	}
	return n, nil
}

// linux sets linuxParameters.
func linux(d ecs.ContainerDefinition, h *container.HostConfig) {
	p := d.LinuxParameters
	if p == nil {
		return
	}
	if p.Capabilities != nil {
		h.CapAdd, h.CapDrop = p.Capabilities.Add, p.Capabilities.Drop
	}
	for _, v := range p.Devices {
		permissions := ""
		for _, one := range v.Permissions {
			permissions += map[ecs.DeviceCgroupPermission]string{ecs.DeviceCgroupPermissionRead: "r",
				ecs.DeviceCgroupPermissionWrite: "w", ecs.DeviceCgroupPermissionMknod: "m"}[one]
		}
		h.Devices = append(h.Devices, container.DeviceMapping{PathOnHost: v.HostPath,
			PathInContainer: cmp.Or(v.ContainerPath, v.HostPath), CgroupPermissions: cmp.Or(permissions, "rwm")})
	}
	if init, ok := p.InitProcessEnabled.Get(); ok {
		h.Init = &init
	}
	if swap, ok := p.MaxSwap.Get(); ok && h.Memory > 0 {
		h.MemorySwap = h.Memory + int64(swap)*mebibyte
	}
	if s, ok := p.Swappiness.Get(); ok {
		swappiness := int64(s)
		h.MemorySwappiness = &swappiness
	}
	h.ShmSize = int64(p.SharedMemorySize.Or(0)) * mebibyte
	for _, m := range p.Tmpfs {
		if h.Tmpfs == nil {
			h.Tmpfs = map[string]string{}
		}
		h.Tmpfs[m.ContainerPath] = strings.Join(append(m.MountOptions[:len(m.MountOptions):len(m.MountOptions)],
			fmt.Sprintf("size=%dm", m.Size)), ",")
	}
}

// connect sets the network of a container: what only the owner of a network namespace may have is that of the pause
// container under awsvpc.
func (r *Runtime) connect(c agent.Container, o *container.Config, h *container.HostConfig) {
	d := c.Definition()
	if c.Task.TaskDefinition.NetworkMode == ecs.NetworkModeAwsvpc {
		h.NetworkMode = container.NetworkMode("container:" + pauseName(c.Task))
		_, h.Sysctls = sysctls(d)
		return
	}
	h.NetworkMode = container.NetworkMode(cmp.Or(c.Task.TaskDefinition.NetworkMode, ecs.NetworkModeBridge))
	net, others := sysctls(d)
	maps.Copy(net, others)
	h.Sysctls = net
	o.Hostname = d.Hostname
	h.DNSSearch = d.DNSSearchDomains
	h.DNS = addresses(d.DNSServers)
	for _, e := range d.ExtraHosts {
		h.ExtraHosts = append(h.ExtraHosts, e.Hostname+":"+e.IPAddress)
	}
	for _, link := range d.Links {
		other, alias, ok := strings.Cut(link, ":")
		if !ok {
			alias = other
		}
		h.Links = append(h.Links, nameIn(c, other)+":"+alias)
	}
	if h.NetworkMode != container.NetworkMode(ecs.NetworkModeBridge) || o.NetworkDisabled {
		return
	}
	for _, b := range bindings(c) {
		if h.PortBindings == nil {
			h.PortBindings, o.ExposedPorts = network.PortMap{}, network.PortSet{}
		}
		o.ExposedPorts[b.port] = struct{}{}
		h.PortBindings[b.port] = append(h.PortBindings[b.port], network.PortBinding{HostIP: r.config.Address,
			HostPort: strconv.Itoa(b.host)})
	}
}

// addresses reads addresses; what is none is left out, as the engine would refuse all of them.
func addresses(list []string) (read []netip.Addr) {
	for _, text := range list {
		if a, err := netip.ParseAddr(text); err == nil {
			read = append(read, a)
		}
	}
	return read
}

// sysctls returns the kernel parameters of a container's network, and the others.
func sysctls(d ecs.ContainerDefinition) (net, others map[string]string) {
	net, others = map[string]string{}, map[string]string{}
	for _, s := range d.SystemControls {
		if strings.HasPrefix(s.Namespace, "net.") {
			net[s.Namespace] = s.Value
		} else {
			others[s.Namespace] = s.Value
		}
	}
	return net, others
}

// namespaces sets which namespaces of processes and of memory a container has.
func (r *Runtime) namespaces(c agent.Container, h *container.HostConfig) {
	t := c.Task.TaskDefinition
	switch t.PidMode {
	case ecs.PidModeHost:
		h.PidMode = "host"
	case ecs.PidModeTask:
		h.PidMode = container.PidMode("container:" + pauseName(c.Task))
	}
	switch t.IpcMode {
	case ecs.IpcModeHost, ecs.IpcModeNone:
		h.IpcMode = container.IpcMode(t.IpcMode)
	case ecs.IpcModeTask:
		h.IpcMode = container.IpcMode("container:" + pauseName(c.Task))
	}
}
