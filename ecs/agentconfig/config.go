package agentconfig

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/internal/check"
)

// Config is the configuration of the container agent on an instance: what /etc/ecs/ecs.config or the user
// data of the instance says. The zero value is the agent's default on Linux.
//
// Source: Amazon ECS Developer Guide, "Amazon ECS container agent configuration"; the README of
// amazon-ecs-agent.
type Config struct {
	Cluster string // ECS_CLUSTER; absent: default
	// ECS_INSTANCE_ATTRIBUTES, by name; applied at the first registration only
	InstanceAttributes           []ecs.Attribute
	InstanceTags                 []ecs.Tag              // ECS_CONTAINER_INSTANCE_TAGS, by key
	ReservedMemory               int64                  // ECS_RESERVED_MEMORY: MiB kept from tasks
	ReservedPorts                ecs.Opt[[]string]      // ECS_RESERVED_PORTS; absent: the agent's own list
	ReservedPortsUDP             []string               // ECS_RESERVED_PORTS_UDP
	DynamicHostPorts             ecs.Opt[PortRange]     // ECS_DYNAMIC_HOST_PORT_RANGE; absent: the kernel's
	EnableSpotInstanceDraining   bool                   // ECS_ENABLE_SPOT_INSTANCE_DRAINING
	ContainerStopTimeout         ecs.Opt[time.Duration] // ECS_CONTAINER_STOP_TIMEOUT, at least 1 s; absent: 30 s
	ContainerStartTimeout        ecs.Opt[time.Duration] // ECS_CONTAINER_START_TIMEOUT; absent: 3 min
	EnableTaskIAMRole            bool                   // ECS_ENABLE_TASK_IAM_ROLE
	EnableTaskIAMRoleNetworkHost bool                   // ECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST
	EnableTaskENI                ecs.Opt[bool]          // ECS_ENABLE_TASK_ENI; absent: true, as ecs-init has it
	BlockIMDS                    bool                   // ECS_AWSVPC_BLOCK_IMDS
	EnableGPUSupport             bool                   // ECS_ENABLE_GPU_SUPPORT
	DisablePrivileged            bool                   // ECS_DISABLE_PRIVILEGED
	SELinuxCapable               bool                   // ECS_SELINUX_CAPABLE
	AppArmorCapable              bool                   // ECS_APPARMOR_CAPABLE
	// ECS_AVAILABLE_LOGGING_DRIVERS; absent: the drivers of ecs-init
	LogDrivers     []ecs.LogDriver
	WarmPoolsCheck bool              // ECS_WARM_POOLS_CHECK
	Other          map[string]string // settings that are not modelled
}

// PortRange is a range of host ports, both ends included.
type PortRange struct {
	First uint16 `json:"first"`
	Last  uint16 `json:"last"`
}

// Parse reads the KEY=VALUE lines of ecs.config, or user data that writes them: here-documents and "echo
// KEY=VALUE >> …" of a shell script, alone, in MIME parts or in cloud-config, or Initialize-ECSAgent of
// PowerShell. In user data it replaces variables that the script sets, and ignores all other lines; in a
// configuration it ignores blank lines and comments only. Of a setting that is there twice, the last
// counts.
//
// Errors: InvalidParameterException with the key of each fault. The value is returned with the errors, as
// far as it could be read.
func Parse(text string) (Config, error) {
	p := &agentParser{}
	settings := map[string]string{}
	if isUserData(text) {
		u := userData{settings: settings, variables: map[string]string{}}
		for line := range strings.Lines(text) {
			u.line(line)
		}
	} else {
		p.configuration(text, settings)
	}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		p.set(key, settings[key])
	}
	return p.config, ecs.Faults(ecs.InvalidParameterException, p.Pairs())
}

// configuration reads the lines of ecs.config.
func (p *agentParser) configuration(text string, settings map[string]string) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if key, value, ok := assignment(strings.TrimPrefix(line, "export ")); ok {
			settings[key] = unquoted(value)
		} else if line != "" && !strings.HasPrefix(line, "#") {
			p.Refuse("", "Line %d is not KEY=VALUE: %q.", number, check.Shortened(line))
		}
	}
}

// unquoted takes one pair of quotes off.
func unquoted(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}

type agentParser struct {
	check.Faults
	config Config
}

// set applies one setting; an empty value is absence.
func (p *agentParser) set(key, value string) {
	c := &p.config
	if value == "" {
		return
	}
	switch key {
	case "ECS_CLUSTER":
		if c.Cluster = value; !check.IsName(value) {
			p.Refuse(key, "%q is not a name of a cluster.", check.Shortened(value))
		}
	case "ECS_INSTANCE_ATTRIBUTES":
		for _, kv := range p.pairs(key, value) {
			c.InstanceAttributes = append(c.InstanceAttributes, ecs.Attribute{Name: kv.Name, Value: kv.Value})
		}
		for _, a := range c.InstanceAttributes {
			for e := range ecs.Errors(a.Validate()) {
				p.Refuse(check.Join(key, e.Field), "%s", e.Message)
			}
		}
	case "ECS_CONTAINER_INSTANCE_TAGS":
		for _, kv := range p.pairs(key, value) {
			c.InstanceTags = append(c.InstanceTags, ecs.Tag{Key: kv.Name, Value: kv.Value})
		}
		p.Tags(key, len(c.InstanceTags), func(i int) (k, v string) {
			return c.InstanceTags[i].Key, c.InstanceTags[i].Value
		})
	case "ECS_RESERVED_MEMORY":
		n, err := strconv.ParseInt(value, 10, 32)
		if c.ReservedMemory = n; err != nil || n < 0 {
			p.Refuse(key, "%q is not a number of MiB.", check.Shortened(value))
		}
	case "ECS_RESERVED_PORTS":
		c.ReservedPorts = ecs.Some(p.ports(key, value))
	case "ECS_RESERVED_PORTS_UDP":
		c.ReservedPortsUDP = p.ports(key, value)
	case "ECS_DYNAMIC_HOST_PORT_RANGE":
		if first, last, ok := check.PortRange(value); ok {
			c.DynamicHostPorts = ecs.Some(PortRange{uint16(first), uint16(last)})
		} else {
			p.Refuse(key, "%q is not a range of ports, such as 49153-65535.", check.Shortened(value))
		}
	case "ECS_CONTAINER_STOP_TIMEOUT":
		c.ContainerStopTimeout = p.duration(key, value)
	case "ECS_CONTAINER_START_TIMEOUT":
		c.ContainerStartTimeout = p.duration(key, value)
	case "ECS_AVAILABLE_LOGGING_DRIVERS":
		if json.Unmarshal([]byte(value), &c.LogDrivers) != nil {
			p.Refuse(key, "%q is not a JSON list of log drivers.", check.Shortened(value))
		}
	default:
		p.flag(key, value)
	}
}

// flag applies a setting that is true or false.
func (p *agentParser) flag(key, value string) {
	c := &p.config
	b, err := strconv.ParseBool(value)
	switch key {
	case "ECS_ENABLE_SPOT_INSTANCE_DRAINING":
		c.EnableSpotInstanceDraining = b
	case "ECS_ENABLE_TASK_IAM_ROLE":
		c.EnableTaskIAMRole = b
	case "ECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST":
		c.EnableTaskIAMRoleNetworkHost = b
	case "ECS_ENABLE_TASK_ENI":
		c.EnableTaskENI = ecs.Some(b)
	case "ECS_AWSVPC_BLOCK_IMDS":
		c.BlockIMDS = b
	case "ECS_ENABLE_GPU_SUPPORT":
		c.EnableGPUSupport = b
	case "ECS_DISABLE_PRIVILEGED":
		c.DisablePrivileged = b
	case "ECS_SELINUX_CAPABLE":
		c.SELinuxCapable = b
	case "ECS_APPARMOR_CAPABLE":
		c.AppArmorCapable = b
	case "ECS_WARM_POOLS_CHECK":
		c.WarmPoolsCheck = b
	default:
		if c.Other == nil {
			c.Other = map[string]string{}
		}
		c.Other[key] = value
		return
	}
	if err != nil {
		p.Refuse(key, "%q is neither true nor false.", check.Shortened(value))
	}
}

// pairs reads a JSON object of texts, in order of its keys.
func (p *agentParser) pairs(key, value string) []ecs.KeyValuePair {
	var m map[string]string
	if err := json.Unmarshal([]byte(value), &m); err != nil {
		p.Refuse(key, "%q is not a JSON object of texts.", check.Shortened(value))
		return nil
	}
	var list []ecs.KeyValuePair
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, ecs.KeyValuePair{Name: name, Value: m[name]})
	}
	return list
}

// ports reads a JSON list of port numbers.
func (p *agentParser) ports(key, value string) []string {
	var numbers []int
	if err := json.Unmarshal([]byte(value), &numbers); err != nil {
		p.Refuse(key, "%q is not a JSON list of ports.", check.Shortened(value))
		return nil
	}
	list := []string{}
	for _, n := range numbers {
		if n < 1 || n > 65535 {
			p.Refuse(key, "%d is not a port.", n)
			continue
		}
		list = append(list, strconv.Itoa(n))
	}
	return list
}

// duration reads "2m" or "90s"; a number alone is seconds. The agent waits 1 s at least.
func (p *agentParser) duration(key, value string) ecs.Opt[time.Duration] {
	d, err := time.ParseDuration(value)
	if seconds, number := strconv.Atoi(value); number == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d < time.Second {
		p.Refuse(key, "%q is not a duration of at least 1 s.", check.Shortened(value))
		return ecs.Opt[time.Duration]{}
	}
	return ecs.Some(d)
}

// Machine is what an agent finds on its host.
type Machine struct {
	CPU      int64    // units, 1024 a vCPU
	Memory   int64    // MiB, as the operating system reports it
	GPUs     []string // IDs
	Windows  bool
	External bool // a server outside AWS: no network interfaces for tasks
}

// Registration returns the request with which the agent on a machine joins its cluster: the machine's
// resources without the reserved ones, the capabilities of the configuration, and the user's attributes.
// It fails with InvalidParameterException where more memory is reserved than there is.
func (c Config) Registration(m Machine) (api.RegisterContainerInstanceInput, error) {
	memory := m.Memory - c.ReservedMemory
	if memory < 0 {
		return api.RegisterContainerInstanceInput{}, ecs.Fault(ecs.InvalidParameterException, "ECS_RESERVED_MEMORY",
			fmt.Sprintf("%d MiB are reserved of %d.", c.ReservedMemory, m.Memory))
	}
	cluster := c.Cluster
	if cluster == "" {
		cluster = "default"
	}
	in := api.RegisterContainerInstanceInput{
		Cluster: cluster,
		TotalResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: int(m.CPU)},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: int(memory)},
			{Name: ecs.ResourcePorts, Type: "STRINGSET",
				StringSetValue: c.ReservedPorts.Or(defaultReservedPorts(m.Windows))},
			{Name: ecs.ResourcePortsUDP, Type: "STRINGSET", StringSetValue: append([]string{}, c.ReservedPortsUDP...)},
		},
		Attributes: append(c.capabilities(m), c.InstanceAttributes...),
		Tags:       slices.Clone(c.InstanceTags),
	}
	if c.EnableGPUSupport && len(m.GPUs) > 0 {
		in.TotalResources = append(in.TotalResources, ecs.Resource{Name: ecs.ResourceGPU, Type: "STRINGSET",
			StringSetValue: slices.Clone(m.GPUs)})
	}
	return in, nil
}

// defaultReservedPorts returns the TCP ports that the agent keeps from tasks.
func defaultReservedPorts(windows bool) []string {
	if windows {
		return []string{"53", "135", "139", "445", "2375", "2376", "3389", "5985", "5986", "51678", "51679"}
	}
	return []string{"22", "2375", "2376", "51678", "51679"}
}

// capabilities returns the attributes that an agent of 2026 advertises, in alphabetical
// order, but for those that only some regions or instance types have.
func (c Config) capabilities(m Machine) []ecs.Attribute {
	var names []string
	old := func(when bool, list ...string) {
		for _, name := range list {
			if when {
				names = append(names, ecs.OldCapabilityPrefix+name)
			}
		}
	}
	add := func(when bool, list ...string) {
		for _, name := range list {
			if when {
				names = append(names, ecs.CapabilityPrefix+name)
			}
		}
	}
	for _, v := range []int{17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 32} {
		old(true, "docker-remote-api.1."+strconv.Itoa(v))
	}
	drivers := c.LogDrivers
	if drivers == nil {
		drivers = ecs.Values[ecs.LogDriver]()
	}
	for _, driver := range drivers {
		old(true, "logging-driver."+string(driver))
	}
	old(true, "ecr-auth")
	old(!c.DisablePrivileged && !m.Windows, "privileged-container")
	old(c.SELinuxCapable, "selinux")
	old(c.AppArmorCapable, "apparmor")
	old(c.EnableTaskIAMRole, "task-iam-role")
	old(c.EnableTaskIAMRoleNetworkHost, "task-iam-role-network-host")
	add(true, "execution-role-ecr-pull", "execution-role-awslogs", "container-health-check",
		"container-ordering", "full-sync",
		"private-registry-authentication.secretsmanager", "secrets.ssm.environment-variables",
		"secrets.asm.environment-variables",
		"secrets.ssm.bootstrap.log-driver", "secrets.asm.bootstrap.log-driver", "env-files.s3", "execute-command",
		"network.container-port-range", "container-restart-policy", "storage.ebs-task-volume-attach")
	add(!m.Windows, "task-cpu-mem-limit", "increased-task-cpu-limit", "pid-ipc-namespace-sharing", "efs",
		"efsAuth", "storage.s3-files",
		"firelens.fluentd", "firelens.fluentbit", "firelens.options.config.file", "firelens.options.config.s3",
		"firelens.non-root-user",
		"logging-driver.awsfirelens.log-driver-buffer-limit", "docker-plugin.local")
	add(!m.Windows && !m.External, "aws-appmesh", "service-connect-v1", "fault-injection")
	add(m.Windows, "gmsa", "gmsa-domainless", "fsxWindowsFileServer")
	add(c.EnableTaskENI.Or(true) && !m.External, "task-eni")
	add(c.BlockIMDS && !m.External, "task-eni-block-instance-metadata")
	add(c.EnableGPUSupport && len(m.GPUs) > 0, "gpu-driver-version")
	add(m.External, "external")
	slices.Sort(names)
	attributes := make([]ecs.Attribute, 0, len(names))
	for _, name := range slices.Compact(names) {
		attributes = append(attributes, ecs.Attribute{Name: name})
	}
	return attributes
}
