// Package copilot reads the manifests of AWS Copilot: Load Balanced Web Service, Backend Service, Worker Service
// and Scheduled Job, with the settings of one environment over the others.
//
// # Start here
//
// [Read] converts a manifest for the application and the environment that are given.
//
// # Model
//
// Copilot makes a task definition and a service on Fargate of a manifest, and everything around them: a target
// group, a queue, a role. What ECS takes is in the result; what is around it is in the report, with what to
// make by hand. The environment's settings are laid over the manifest before anything is read; maps merge, and
// anything else replaces what was there.
//
// # Guarantees
//
//  1. The worked example of a Load Balanced Web Service comes out to the letter (TestWorkedExample).
//  2. Every form of count comes out as Copilot's templates have it (TestCount).
//  3. Schedules are converted as Copilot does (TestSchedule).
//  4. No input makes it panic (FuzzRead).
//
// # Differences from ECS
//
//   - Request-Driven Web Service is AWS App Runner, and Static Site is Amazon S3: neither is ECS, and both are
//     refused by name.
//   - What Copilot's own resources get (roles, queues, topics, alarms) is not made: the report says what to make.
//   - taskdef_overrides are applied last, for the paths that name a member of the task definition.
//
// Source: the sources and the documentation of AWS Copilot 1.34, "Manifest".
//
// # Example
//
// See the example of Read.
package copilot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// The types of manifests that are ECS.
const (
	webService     = "Load Balanced Web Service"
	backendService = "Backend Service"
	workerService  = "Worker Service"
	scheduledJob   = "Scheduled Job"
)

// manifest is a manifest under conversion.
type manifest struct {
	v      *source.Value // with the environment's settings
	given  document.Given
	kind   string
	name   string
	family string
	role   bool // something needs the execution role
	d      ecs.TaskDefinition
	main   ecs.ContainerDefinition
	s      api.CreateServiceInput
	result *document.Result
}

// Read converts a manifest. The error says what is wrong with it, line by line.
func Read(v *source.Value, g document.Given) (document.Result, error) {
	r := document.Result{Read: []*source.Value{v}}
	kind := v.Get("type").String()
	switch kind {
	case webService, backendService, workerService, scheduledJob:
	case "Request-Driven Web Service":
		v.Get("type").Fault("a Request-Driven Web Service is AWS App Runner, not ECS: make it a %s first", webService)
	case "Static Site":
		v.Get("type").Fault("a Static Site is Amazon S3 and CloudFront, not ECS")
	case "Environment", "Pipeline":
		v.Get("type").Fault("the manifest of an environment or a pipeline describes no service")
	default:
		cmp.Or(v.Get("type"), v).Fault("type %q is not a type of a Copilot workload", kind)
	}
	if err := v.Faults(); err != nil {
		return r, err
	}
	v.Get("type").Translate("a service of ECS on Fargate")
	m := &manifest{v: environment(v, g.Env), given: g, kind: kind, result: &r}
	m.read()
	return r, v.Faults()
}

// exclusive names the members of which one displaces the others, by the path of their map.
func exclusive(path, key string) []string {
	if path == "image" {
		return map[string][]string{"build": {"location"}, "location": {"build"}}[key]
	}
	if path == "count" {
		if key == "spot" {
			return []string{"range", "cpu_percentage", "memory_percentage", "requests", "response_time", "queue_delay",
				"cooldown"}
		}
		return []string{"spot"}
	}
	return nil
}

// environment lays the settings of an environment over the manifest. Those of others are in the report.
func environment(v *source.Value, env string) *source.Value {
	all := v.Get("environments")
	over := (*source.Value)(nil)
	for _, k := range all.Map() {
		if k == env {
			over = all.Get(k)
			continue
		}
		all.Get(k).Translate("for the environment %s: it was not asked for", k)
	}
	return source.Overlay(v, over, exclusive)
}

func (m *manifest) read() {
	g := m.given
	name := m.v.Get("name")
	m.name = document.Name(name.String())
	if name.Raw() == "" {
		cmp.Or(name, m.v).Fault("name is required")
		return
	}
	app, env := document.Name(cmp.Or(g.App, "app")), document.Name(cmp.Or(g.Env, "test"))
	m.family = document.Name(app + "-" + env + "-" + m.name)
	m.d = ecs.TaskDefinition{Family: m.family, RequiresCompatibilities: []ecs.Compatibility{ecs.CompatibilityFargate},
		NetworkMode: ecs.NetworkModeAwsvpc, TaskRoleArn: g.TaskRole}
	m.s = api.CreateServiceInput{ServiceName: m.name, TaskDefinition: m.family, Cluster: g.Cluster}
	m.role = true
	m.container()
	m.size()
	m.storage()
	m.sidecars()
	m.logging()
	m.observability()
	m.published()
	if m.kind == scheduledJob {
		m.finish()
		m.job()
		return
	}
	m.service()
	m.finish()
	m.result.Services = append(m.result.Services, m.s)
}

// finish puts the containers in order and the definition into the result.
func (m *manifest) finish() {
	m.extras()
	m.d.ContainerDefinitions = append([]ecs.ContainerDefinition{m.main}, m.d.ContainerDefinitions...)
	for i := range m.d.ContainerDefinitions {
		c := &m.d.ContainerDefinitions[i]
		c.Environment = document.Environment(c.Environment)
		c.Secrets = unshadowed(c)
		if c.LogConfiguration == nil {
			c.LogConfiguration = m.given.Awslogs("/copilot/"+m.family, "copilot")
		}
	}
	m.overrides()
	if m.role && m.d.ExecutionRoleArn == "" {
		arn, missing := m.given.Role()
		m.d.ExecutionRoleArn = arn
		if missing {
			m.v.Get("name").Need("the task needs an execution role for its image, its log group /copilot/%s and its "+
				"secrets", m.family)
		}
	}
	document.Unique(&m.d)
	m.result.TaskDefinitions = append(m.result.TaskDefinitions, m.d)
}

// unshadowed returns the secrets of a container that no variable has the name of.
func unshadowed(c *ecs.ContainerDefinition) []ecs.Secret {
	var list []ecs.Secret
	for _, s := range c.Secrets {
		if !slices.ContainsFunc(c.Environment, func(p ecs.KeyValuePair) bool { return p.Name == s.Name }) {
			list = append(list, s)
		}
	}
	return list
}

// extras adds what Copilot gives every container.
func (m *manifest) extras() {
	g := m.given
	if g.Plain {
		return
	}
	app, env := cmp.Or(g.App, "app"), cmp.Or(g.Env, "test")
	m.main.Environment = append(m.main.Environment,
		ecs.KeyValuePair{Name: "COPILOT_APPLICATION_NAME", Value: app},
		ecs.KeyValuePair{Name: "COPILOT_ENVIRONMENT_NAME", Value: env},
		ecs.KeyValuePair{Name: "COPILOT_SERVICE_NAME", Value: m.name},
		ecs.KeyValuePair{Name: "COPILOT_SERVICE_DISCOVERY_ENDPOINT", Value: fmt.Sprintf("%s.%s.local", env, app)})
	for i := range m.d.ContainerDefinitions {
		c := &m.d.ContainerDefinitions[i]
		c.Environment = append(slices.Clone(m.main.Environment[len(m.main.Environment)-4:]), c.Environment...)
	}
}

// size is the size of the task and its platform.
func (m *manifest) size() {
	cpu, memory := m.v.Get("cpu"), m.v.Get("memory")
	units, mib := int64(cpu.IntOr(256)), int64(memory.IntOr(512))
	m.platform(&units, &mib)
	c, mem, ok := document.FargateSize(units, mib)
	if !ok {
		cmp.Or(memory, cpu, m.v).Fault("Fargate has no task of %d CPU units and %d MiB", units, mib)
		return
	}
	m.d.CPU, m.d.Memory = c, mem
	if c != fmt.Sprint(units) || mem != fmt.Sprint(mib) {
		cmp.Or(cpu, memory, m.v).Approximate("Fargate has no task of %d CPU units and %d MiB: it gets %s and %s", units,
			mib, c, mem)
	}
}

func (m *manifest) platform(units, mib *int64) {
	p := m.v.Get("platform")
	os, arch := "linux", "x86_64"
	if p.Is(source.Map) {
		os, arch = p.Get("osfamily").Or(os), p.Get("architecture").Or(arch)
	} else if text := p.String(); text != "" {
		a, b, ok := strings.Cut(text, "/")
		os = a
		if ok {
			arch = b
		}
	}
	family := map[string]ecs.OSFamily{"windows": ecs.OSFamilyWindowsServer2019Core,
		"windows_server_2019_core": ecs.OSFamilyWindowsServer2019Core,
		"windows_server_2019_full": ecs.OSFamilyWindowsServer2019Full,
		"windows_server_2022_core": ecs.OSFamilyWindowsServer2022Core,
		"windows_server_2022_full": ecs.OSFamilyWindowsServer2022Full, "linux": ecs.OSFamilyLinux}[strings.ToLower(os)]
	if family == "" {
		p.Fault("%q is not an operating system of Copilot", os)
	}
	cpu := ecs.CPUArchitectureX8664
	switch strings.ToLower(arch) {
	case "x86_64", "amd64":
	case "arm64", "arm":
		cpu = ecs.CPUArchitectureArm64
	default:
		p.Fault("%q is not an architecture of Copilot", arch)
	}
	if family == ecs.OSFamilyLinux && cpu == ecs.CPUArchitectureX8664 {
		return
	}
	m.d.RuntimePlatform = &ecs.RuntimePlatform{OperatingSystemFamily: family, CPUArchitecture: cpu}
	if family != ecs.OSFamilyLinux && (*units < 1024 || *mib < 2048) {
		p.Approximate("a Windows task has 1024 CPU units and 2048 MiB at least")
		*units, *mib = max(*units, 1024), max(*mib, 2048)
	}
}
