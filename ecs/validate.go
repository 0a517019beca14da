package ecs

import (
	"slices"

	"github.com/bayplan/bayplan/internal/check"
)

// Validate returns every rule of RegisterTaskDefinition that the definition breaks, as an ErrorList of
// ClientException with AWS's wording where it is known, or nil. The rules are today's; ValidateBy
// chooses. It takes time linear in the definition's size, and names at most 1,000 faults.
//
// requiresCompatibilities adds the rules of FARGATE, EXTERNAL and MANAGED_INSTANCES, and runtimePlatform
// those of Windows.
//
// Source: Amazon ECS API Reference, RegisterTaskDefinition; Amazon ECS Developer Guide, "Amazon ECS task
// definition parameters".
func (d TaskDefinition) Validate() error { return d.ValidateBy(RuleSetCurrent) }

// ValidateBy is Validate by the rules of a named set.
func (d TaskDefinition) ValidateBy(rules RuleSet) error {
	v := &checker{checks: checks{code: ClientException}, d: &d, rules: rules, mode: d.mode(),
		total: len(d.ContainerDefinitions)}
	if d.NetworkMode == "" && d.requires(CompatibilityFargate) {
		v.mode = NetworkModeAwsvpc // which the definition must say; the other rules of awsvpc are checked with it
	} else if !Valid(v.mode) {
		v.mode = "" // an unknown mode has no further rules
	}
	d.ContainerDefinitions = d.ContainerDefinitions[:min(v.total, maxExamined)]
	v.task()
	v.volumes()
	v.containers()
	if d.OnWindows() {
		v.windows()
	}
	if d.requires(CompatibilityFargate) {
		v.fargate()
	}
	if d.requires(CompatibilityExternal) {
		v.external()
	}
	if d.requires(CompatibilityManagedInstances) {
		v.managedInstances()
	}
	return v.err()
}

// placement checks placement constraints, of which task definitions take memberOf only.
func (v *checker) placement() {
	v.AtMost("placementConstraints", len(v.d.PlacementConstraints), MaxPlacementConstraints)
	for i, p := range v.d.PlacementConstraints {
		path := check.Path("placementConstraints", i)
		if p.Type == PlacementConstraintTypeDistinctInstance {
			v.Refuse(path+".type", "constraint.type 'distinctInstance' is not supported.")
			continue
		}
		v.nest(path, p.Validate())
	}
}

// maxExamined is how many containers are looked at; ten are allowed.
const maxExamined = 100

// checker gathers the faults of one task definition.
type checker struct {
	checks
	d     *TaskDefinition
	rules RuleSet
	total int         // containers, looked at or not
	mode  NetworkMode // with the default filled in; "" is Windows's NAT, or an unknown mode

	volumeNames map[string]bool
	roleless    []string // what has been said of a missing execution role
}

// needsRole refuses a definition without an execution role, once for each reason: a
// definition may have as many reasons as it has secrets.
func (v *checker) needsRole(reason string) {
	if v.d.ExecutionRoleArn == "" && !slices.Contains(v.roleless, reason) {
		v.roleless = append(v.roleless, reason)
		v.Refuse("executionRoleArn", "%s", reason)
	}
}

// networkModeDefault says outright what an absent network mode means. The API's model does
// not list it; the guide's page on task definition parameters does, for Windows.
const networkModeDefault NetworkMode = "default"

// mode returns the network mode that tasks have.
func (d TaskDefinition) mode() NetworkMode {
	if d.NetworkMode != "" && d.NetworkMode != networkModeDefault {
		return d.NetworkMode
	}
	return d.defaultNetworkMode()
}

// task checks the fields at the top.
func (v *checker) task() {
	d := v.d
	if d.Family == "" {
		v.Refuse("family", "Family should not be null or empty.")
	} else if !check.IsName(d.Family) {
		v.Refuse("family",
			"Family contains invalid characters. It can have up to 255 letters, numbers, underscores and hyphens; "+
				"it is %q.", check.Shortened(d.Family))
	}
	v.Role("taskRoleArn", d.TaskRoleArn)
	v.Role("executionRoleArn", d.ExecutionRoleArn)
	if d.NetworkMode != networkModeDefault {
		v.OneOf("networkMode", choose(d.NetworkMode))
	}
	v.OneOf("pidMode", choose(d.PidMode))
	v.OneOf("ipcMode", choose(d.IpcMode))
	for i, c := range d.RequiresCompatibilities {
		if v.Present(check.Path("requiresCompatibilities", i), string(c)) {
			v.OneOf(check.Path("requiresCompatibilities", i), choose(c))
		}
	}
	if !d.requires(CompatibilityFargate) {
		v.taskSize()
	}
	if len(d.InferenceAccelerators) > 0 {
		v.Refuse("inferenceAccelerators",
			"Unsupported field 'inferenceAccelerators'. Amazon Elastic Inference is retired.")
	}
	v.storage()
	v.platform()
	v.placement()
	if d.Tags != nil && len(d.Tags) == 0 {
		v.Refuse("tags", "Tags can not be empty. Leave tags out.")
	}
	v.tags("tags", d.Tags)
	v.proxy()
}

// taskSize checks cpu and memory where Fargate's pairs do not hold. Source: Amazon ECS API
// Reference, RegisterTaskDefinition, cpu.
func (v *checker) taskSize() {
	most := int64(196608)
	if v.rules == RuleSetClassic {
		most = 10240
	}
	if units, ok := ParseCPU(v.d.CPU); v.d.CPU != "" && (!ok || units < 128 || units > most) {
		v.Refuse("cpu", "Invalid 'cpu' setting for task. It must be between 128 and %d units (%g vCPU); it is %q.",
			most, float64(most)/1024, check.Shortened(v.d.CPU))
	}
	if mib, ok := ParseMemory(v.d.Memory); v.d.Memory != "" && (!ok || mib <= 0) {
		v.Refuse("memory", "Invalid 'memory' setting for task. It must be MiB (\"512\") or GB (\"1 GB\"); it is %q.",
			check.Shortened(v.d.Memory))
	}
}

// storage checks the disk that a Fargate task asks for.
func (v *checker) storage() {
	s := v.d.EphemeralStorage
	if s == nil {
		return
	}
	if !v.d.requires(CompatibilityFargate) {
		v.Refuse("ephemeralStorage", "Tasks using the EC2 launch type do not support EphemeralStorage.")
		return
	}
	v.nest("ephemeralStorage", s.Validate())
}

// platform checks operating system and architecture. Source: Amazon ECS API Reference,
// RuntimePlatform.
func (v *checker) platform() {
	p := v.d.RuntimePlatform
	if p == nil {
		return
	}
	v.OneOf("runtimePlatform.cpuArchitecture", choose(p.CPUArchitecture))
	v.OneOf("runtimePlatform.operatingSystemFamily", choose(p.OperatingSystemFamily))
	if v.d.OnWindows() && p.CPUArchitecture == CPUArchitectureArm64 {
		v.Refuse("runtimePlatform.cpuArchitecture",
			"ARM64 is supported with the operating system family LINUX only; it is %s.", p.OperatingSystemFamily)
	}
}

// proxy checks an App Mesh proxy. Source: Amazon ECS API Reference, ProxyConfiguration.
func (v *checker) proxy() {
	p := v.d.ProxyConfiguration
	if p == nil {
		return
	}
	v.OneOf("proxyConfiguration.type", choose(p.Type))
	if v.mode != NetworkModeAwsvpc {
		v.Refuse("proxyConfiguration", "APPMESH proxy configuration is only supported in networkMode=awsvpc")
	}
	if _, ok := v.d.Container(p.ContainerName); v.Present("proxyConfiguration.containerName", p.ContainerName) && !ok {
		v.Refuse("proxyConfiguration.containerName", "Proxy container [%s] does not exist.", p.ContainerName)
	}
	given := make(map[string]bool, len(p.Properties))
	for i, kv := range p.Properties {
		switch kv.Name {
		case "IgnoredUID", "IgnoredGID", "AppPorts", "ProxyIngressPort", "ProxyEgressPort",
			"EgressIgnoredPorts", "EgressIgnoredIPs":
			given[kv.Name] = given[kv.Name] || kv.Value != ""
		default:
			v.Refuse(check.Path("proxyConfiguration", "properties", i, "name"),
				"%q is not a property of an APPMESH proxy.", check.Shortened(kv.Name))
		}
	}
	const properties = "proxyConfiguration.properties"
	if !given["ProxyIngressPort"] {
		v.Refuse(properties, "Ingress port not found")
	}
	if !given["ProxyEgressPort"] {
		v.Refuse(properties, "Egress port not found")
	}
	if !given["AppPorts"] {
		v.Refuse(properties, "App ports not found")
	}
	if !given["IgnoredUID"] && !given["IgnoredGID"] {
		v.Refuse(properties, "One of IgnoredUID and IgnoredGID is required.")
	}
}
