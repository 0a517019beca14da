package ecs

import (
	"fmt"
	"slices"
	"strings"
)

// Validate reports every rule of RegisterTaskDefinition that the definition breaks, as an
// ErrorList of ClientException in order of field path, or nil. AWS names one broken rule a
// call; here all come at once, each with AWS's wording where it is known. The rules are
// today's; ValidateBy chooses. It takes time linear in the definition's size, and names at
// most 1,000 faults.
//
// requiresCompatibilities says which infrastructure's rules hold besides those common to
// all: FARGATE, EXTERNAL, MANAGED_INSTANCES. Windows's rules hold where runtimePlatform says
// so.
//
// Source: Amazon ECS API Reference, RegisterTaskDefinition; Amazon ECS Developer Guide,
// "Amazon ECS task definition parameters".
func (d TaskDefinition) Validate() error { return d.ValidateBy(RuleSetCurrent) }

// ValidateBy is Validate by the rules of a named set.
func (d TaskDefinition) ValidateBy(rules RuleSet) error {
	v := &checker{checks: checks{code: ClientException}, d: &d, rules: rules, mode: d.mode(), total: len(d.ContainerDefinitions)}
	if d.NetworkMode == "" && d.requires(CompatibilityFargate) {
		v.mode = NetworkModeAwsvpc // which the definition must say; what else awsvpc asks is told at once
	} else if !v.mode.Valid() {
		v.mode = "" // one that there is not asks nothing more
	}
	d.ContainerDefinitions = d.ContainerDefinitions[:min(v.total, maxExamined)]
	v.task()
	v.volumes()
	v.containers()
	if d.onWindows() {
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
	return v.faults.Err()
}

// maxExamined is how many containers are looked at; ten are allowed.
const maxExamined = 100

// checker gathers the faults of one task definition.
type checker struct {
	checks
	d     *TaskDefinition
	rules RuleSet
	total int         // containers, looked at or not
	mode  NetworkMode // with the default filled in; "" is Windows's NAT, or one that there is not

	volumeNames map[string]bool
	roleless    []string // what has been said of a missing execution role
}

// needsRole refuses a definition without an execution role, once for each reason: a
// definition may have as many reasons as it has secrets.
func (v *checker) needsRole(reason string) {
	if v.d.ExecutionRoleArn == "" && !slices.Contains(v.roleless, reason) {
		v.roleless = append(v.roleless, reason)
		v.refuse("executionRoleArn", "%s", reason)
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
		v.refuse("family", "Family should not be null or empty.")
	} else if !isName(d.Family) {
		v.refuse("family", "Family contains invalid characters. It can have up to 255 letters, numbers, underscores and hyphens; it is %q.", shortened(d.Family))
	}
	v.role("taskRoleArn", d.TaskRoleArn)
	v.role("executionRoleArn", d.ExecutionRoleArn)
	if d.NetworkMode != networkModeDefault {
		oneOf(&v.checks, "networkMode", d.NetworkMode)
	}
	oneOf(&v.checks, "pidMode", d.PidMode)
	oneOf(&v.checks, "ipcMode", d.IpcMode)
	for i, c := range d.RequiresCompatibilities {
		if v.present(at("requiresCompatibilities", i), string(c)) {
			oneOf(&v.checks, at("requiresCompatibilities", i), c)
		}
	}
	if !d.requires(CompatibilityFargate) {
		v.taskSize()
	}
	if len(d.InferenceAccelerators) > 0 {
		v.refuse("inferenceAccelerators", "Unsupported field 'inferenceAccelerators'. Amazon Elastic Inference is retired.")
	}
	v.storage()
	v.platform()
	v.constraints("placementConstraints", d.PlacementConstraints, true)
	if d.Tags != nil && len(d.Tags) == 0 {
		v.refuse("tags", "Tags can not be empty. Leave tags out.")
	}
	v.tags("tags", d.Tags)
	v.proxy()
}

// role checks an IAM role of the task definition.
func (v *checker) role(path, role string) {
	if fault := roleFault(role); fault != "" {
		v.refuse(path, "%s", fault)
	}
}

// roleFault returns what is wrong with an IAM role, which is its short name or its ARN; "" for
// nothing. "" is absent: deploy tools send it.
// Source: AWS Identity and Access Management API Reference, Role.
func roleFault(role string) string {
	if role == "" {
		return ""
	}
	name, account, arn := role, "", strings.HasPrefix(role, "arn:")
	if arn {
		parts := strings.SplitN(role, ":", 6)
		ok := len(parts) == 6 && parts[1] != "" && parts[2] == "iam"
		if ok {
			name, ok = strings.CutPrefix(parts[5], "role/")
		}
		if !ok {
			return fmt.Sprintf("Invalid arn syntax. A role is its name, or an ARN such as arn:aws:iam::123456789012:role/NAME; this is %q.", shortened(role))
		}
		account = parts[4]
	}
	switch {
	case arn && (len(account) != 12 || strings.Trim(account, "0123456789") != ""):
		return fmt.Sprintf("Role is not valid. The account of its ARN is twelve digits; it is %q.", shortened(account))
	case !isRoleName(name):
		return fmt.Sprintf("Role is not valid. A role's name is letters, digits and _+=,.@-, after a path in an ARN; it is %q.", shortened(name))
	}
	return ""
}

// isRoleName checks the name of a role behind its path, if it has one.
func isRoleName(s string) bool {
	name := s[strings.LastIndexByte(s, '/')+1:]
	return name != "" && len(name) <= 64 && only(name, "_+=,.@-") && only(s, "_+=,.@-/")
}

// taskSize checks cpu and memory where Fargate's pairs do not hold. Source: Amazon ECS API
// Reference, RegisterTaskDefinition, cpu.
func (v *checker) taskSize() {
	most := int64(196608)
	if v.rules == RuleSetClassic {
		most = 10240
	}
	if units, ok := ParseCPU(v.d.CPU); v.d.CPU != "" && (!ok || units < 128 || units > most) {
		v.refuse("cpu", "Invalid 'cpu' setting for task. It must be between 128 and %d units (%g vCPU); it is %q.", most, float64(most)/1024, shortened(v.d.CPU))
	}
	if mib, ok := ParseMemory(v.d.Memory); v.d.Memory != "" && (!ok || mib <= 0) {
		v.refuse("memory", "Invalid 'memory' setting for task. It must be MiB (\"512\") or GB (\"1 GB\"); it is %q.", shortened(v.d.Memory))
	}
}

// storage checks the disk that a Fargate task asks for.
func (v *checker) storage() {
	s := v.d.EphemeralStorage
	if s == nil {
		return
	}
	if !v.d.requires(CompatibilityFargate) {
		v.refuse("ephemeralStorage", "Tasks using the EC2 launch type do not support EphemeralStorage.")
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
	oneOf(&v.checks, "runtimePlatform.cpuArchitecture", p.CPUArchitecture)
	oneOf(&v.checks, "runtimePlatform.operatingSystemFamily", p.OperatingSystemFamily)
	if v.d.onWindows() && p.CPUArchitecture == CPUArchitectureArm64 {
		v.refuse("runtimePlatform.cpuArchitecture", "ARM64 is supported with the operating system family LINUX only; it is %s.", p.OperatingSystemFamily)
	}
}

// proxy checks an App Mesh proxy. Source: Amazon ECS API Reference, ProxyConfiguration.
func (v *checker) proxy() {
	p := v.d.ProxyConfiguration
	if p == nil {
		return
	}
	oneOf(&v.checks, "proxyConfiguration.type", p.Type)
	if v.mode != NetworkModeAwsvpc {
		v.refuse("proxyConfiguration", "APPMESH proxy configuration is only supported in networkMode=awsvpc")
	}
	if _, ok := v.d.Container(p.ContainerName); v.present("proxyConfiguration.containerName", p.ContainerName) && !ok {
		v.refuse("proxyConfiguration.containerName", "Proxy container [%s] does not exist.", p.ContainerName)
	}
	given := make(map[string]bool, len(p.Properties))
	for i, kv := range p.Properties {
		switch kv.Name {
		case "IgnoredUID", "IgnoredGID", "AppPorts", "ProxyIngressPort", "ProxyEgressPort", "EgressIgnoredPorts", "EgressIgnoredIPs":
			given[kv.Name] = given[kv.Name] || kv.Value != ""
		default:
			v.refuse(at("proxyConfiguration", "properties", i, "name"), "%q is no property of an APPMESH proxy.", shortened(kv.Name))
		}
	}
	const properties = "proxyConfiguration.properties"
	if !given["ProxyIngressPort"] {
		v.refuse(properties, "Ingress port not found")
	}
	if !given["ProxyEgressPort"] {
		v.refuse(properties, "Egress port not found")
	}
	if !given["AppPorts"] {
		v.refuse(properties, "App ports not found")
	}
	if !given["IgnoredUID"] && !given["IgnoredGID"] {
		v.refuse(properties, "One of IgnoredUID and IgnoredGID is required.")
	}
}
