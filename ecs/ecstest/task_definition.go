package ecstest

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"pgregory.net/rapid"
)

// Kind is the launch type, operating system and network mode that a task definition is made for.
type Kind string

// The kinds of task definitions.
const (
	KindBridge           Kind = "bridge"            // Linux on EC2, bridge
	KindHost             Kind = "host"              // Linux on EC2, host
	KindNone             Kind = "none"              // Linux on EC2, no network
	KindAwsvpc           Kind = "awsvpc"            // Linux on EC2, awsvpc
	KindFargate          Kind = "fargate"           // Linux on Fargate
	KindExternal         Kind = "external"          // an external instance
	KindManagedInstances Kind = "managed instances" // Amazon ECS Managed Instances
	KindWindows          Kind = "windows"           // Windows on EC2, NAT
	KindFargateWindows   Kind = "fargate windows"   // Windows on Fargate
)

// Kinds returns every kind.
func Kinds() []Kind {
	return []Kind{KindBridge, KindHost, KindNone, KindAwsvpc, KindFargate, KindExternal, KindManagedInstances,
		KindWindows, KindFargateWindows}
}

func (k Kind) fargate() bool { return k == KindFargate || k == KindFargateWindows }
func (k Kind) windows() bool { return k == KindWindows || k == KindFargateWindows }

func (k Kind) mode() ecs.NetworkMode {
	switch k {
	case KindHost:
		return ecs.NetworkModeHost
	case KindNone:
		return ecs.NetworkModeNone
	case KindAwsvpc, KindFargate, KindFargateWindows, KindManagedInstances:
		return ecs.NetworkModeAwsvpc
	case KindWindows:
		return ""
	}
	return ecs.NetworkModeBridge
}

// TaskDefinitions makes task definitions of every kind that Validate takes.
func TaskDefinitions() *rapid.Generator[ecs.TaskDefinition] {
	return rapid.Custom(func(t *rapid.T) ecs.TaskDefinition {
		return TaskDefinitionsOf(rapid.SampledFrom(Kinds()).Draw(t, "kind")).Draw(t, "task definition")
	})
}

// TaskDefinitionsOf makes task definitions of one kind.
func TaskDefinitionsOf(k Kind) *rapid.Generator[ecs.TaskDefinition] {
	return rapid.Custom(func(t *rapid.T) ecs.TaskDefinition {
		d := ecs.TaskDefinition{
			Family:           Names().Draw(t, "family"),
			NetworkMode:      k.mode(),
			ExecutionRoleArn: "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
		}
		switch k {
		case KindFargate, KindFargateWindows:
			d.RequiresCompatibilities = []ecs.Compatibility{ecs.CompatibilityFargate}
		case KindExternal:
			d.RequiresCompatibilities = []ecs.Compatibility{ecs.CompatibilityExternal}
		case KindManagedInstances:
			d.RequiresCompatibilities = []ecs.Compatibility{ecs.CompatibilityManagedInstances}
		default:
			d.RequiresCompatibilities = rapid.SampledFrom([][]ecs.Compatibility{nil, {ecs.CompatibilityEC2}}).Draw(t,
				"requires")
		}
		if k.windows() {
			d.RuntimePlatform = &ecs.RuntimePlatform{OperatingSystemFamily: ecs.OSFamilyWindowsServer2022Core,
				CPUArchitecture: ecs.CPUArchitectureX8664}
		}
		d.CPU, d.Memory = size(t, k)
		if rapid.Bool().Draw(t, "task role") {
			d.TaskRoleArn = rapid.SampledFrom([]string{"web-role", "arn:aws:iam::123456789012:role/web"}).Draw(t,
				"role")
		}
		d.Volumes = volumes(t, k)
		n := rapid.IntRange(1, 4).Draw(t, "containers")
		for i := range n {
			d.ContainerDefinitions = append(d.ContainerDefinitions, containerDefinition(t, k, d, i))
		}
		if !k.fargate() {
			d.PlacementConstraints = rapid.SliceOfN(memberOf(), 0, 2).Draw(t, "constraints")
		}
		d.Tags = Tags().Draw(t, "tags")
		return d
	})
}

// size draws a task size; Fargate must have one.
func size(t *rapid.T, k Kind) (cpu, memory string) {
	sizes := [][2]string{{"", ""}, {"1024", "4096"}, {"1 vCPU", "4 GB"}, {"", "4096"}, {"2048", ""}}
	switch k {
	case KindFargate:
		sizes = [][2]string{{"256", "2048"}, {".25 vCPU", "2 GB"}, {"512", "4096"}, {"1 vCPU", "8GB"},
			{"4096", "30720"}, {"16 vcpu", "32 GB"}}
	case KindFargateWindows:
		sizes = [][2]string{{"1024", "4096"}, {"2 vCPU", "8 GB"}}
	}
	s := rapid.SampledFrom(sizes).Draw(t, "size")
	return s[0], s[1]
}

// Names makes names of families, containers, volumes, clusters and services.
func Names() *rapid.Generator[string] {
	return rapid.StringMatching(`[a-z][a-zA-Z0-9_-]{0,11}`)
}

func memberOf() *rapid.Generator[ecs.PlacementConstraint] {
	return rapid.Custom(func(t *rapid.T) ecs.PlacementConstraint {
		return ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeMemberOf,
			Expression: rapid.SampledFrom([]string{
				"attribute:ecs.instance-type =~ t3.*",
				"attribute:ecs.availability-zone in [us-east-1a, us-east-1b]",
				"attribute:stack == prod",
				"not(attribute:stack exists)",
				"task:group == service:web",
			}).Draw(t, "expression")}
	})
}

func volumes(t *rapid.T, k Kind) []ecs.Volume {
	var list []ecs.Volume
	for i := range rapid.IntRange(0, 2).Draw(t, "volumes") {
		v := ecs.Volume{Name: fmt.Sprintf("volume%d", i)}
		kinds := []string{"empty"}
		if k != KindExternal && !k.windows() {
			kinds = append(kinds, "efs")
		}
		if !k.fargate() {
			kinds = append(kinds, "host")
		}
		if k == KindBridge || k == KindHost || k == KindExternal {
			kinds = append(kinds, "docker")
		}
		switch rapid.SampledFrom(kinds).Draw(t, "volume kind") {
		case "host":
			v.Host = &ecs.HostVolumeProperties{SourcePath: "/var/data"}
		case "docker":
			v.DockerVolumeConfiguration = &ecs.DockerVolumeConfiguration{
				Scope: ecs.ScopeShared, Driver: rapid.SampledFrom([]string{"", "local", "rexray"}).Draw(t, "driver"),
				Autoprovision: ecs.Some(true),
			}
		case "efs":
			v.EFSVolumeConfiguration = &ecs.EFSVolumeConfiguration{
				FileSystemID: "fs-12345678", TransitEncryption: ecs.EFSTransitEncryptionEnabled,
				AuthorizationConfig: &ecs.EFSAuthorizationConfig{AccessPointID: "fsap-1234",
					IAM: ecs.EFSAuthorizationConfigIAMEnabled},
			}
		}
		list = append(list, v)
	}
	return list
}

// containerDefinition makes container number i of d.
func containerDefinition(t *rapid.T, k Kind, d ecs.TaskDefinition, i int) ecs.ContainerDefinition {
	c := ecs.ContainerDefinition{
		Name:  fmt.Sprintf("container%d", i),
		Image: Images().Draw(t, "image"),
		CPU:   rapid.SampledFrom([]int{0, 16, 64}).Draw(t, "cpu"),
	}
	switch reserve := rapid.IntRange(0, 2).Draw(t, "memory"); {
	case reserve == 0 || k == KindFargateWindows:
		c.Memory = rapid.IntRange(64, 256).Draw(t, "hard limit")
	case reserve == 1:
		c.MemoryReservation = rapid.IntRange(64, 256).Draw(t, "soft limit")
	default:
		c.MemoryReservation = rapid.IntRange(64, 256).Draw(t, "soft limit")
		c.Memory = c.MemoryReservation + rapid.IntRange(0, 64).Draw(t, "above")
	}
	if i > 0 {
		c.Essential = rapid.SampledFrom([]ecs.Opt[bool]{{}, ecs.Some(true), ecs.Some(false)}).Draw(t, "essential")
	}
	c.PortMappings = portMappings(t, k, i)
	c.Environment = environment(t)
	if len(d.Volumes) > 0 && rapid.Bool().Draw(t, "mounts") {
		c.MountPoints = []ecs.MountPoint{{SourceVolume: d.Volumes[0].Name, ContainerPath: "/data",
			ReadOnly: ecs.Some(rapid.Bool().Draw(t, "read only"))}}
	}
	if rapid.Bool().Draw(t, "health check") {
		c.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"},
			Interval: ecs.Some(rapid.IntRange(5, 300).Draw(t, "interval")),
			Retries:  ecs.Some(rapid.IntRange(1, 10).Draw(t, "retries"))}
	}
	if rapid.Bool().Draw(t, "logs") {
		c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs, Options: map[string]string{
			"awslogs-group": "/ecs/web", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "ecs",
		}}
	}
	if rapid.Bool().Draw(t, "timeouts") {
		c.StopTimeout = ecs.Some(rapid.IntRange(2, 120).Draw(t, "stop timeout"))
		c.StartTimeout = ecs.Some(rapid.IntRange(2, 120).Draw(t, "start timeout"))
	}
	if rapid.Bool().Draw(t, "secret") {
		c.Secrets = []ecs.Secret{{Name: "PASSWORD", ValueFrom: "arn:aws:ssm:us-east-1:123456789012:parameter/password"}}
	}
	if !k.windows() && rapid.Bool().Draw(t, "limits") {
		c.Ulimits = []ecs.Ulimit{{Name: ecs.UlimitNameNofile, SoftLimit: 1024, HardLimit: 4096}}
	}
	if k != KindFargateWindows && rapid.Bool().Draw(t, "restarts") {
		c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true,
			RestartAttemptPeriod: ecs.Some(rapid.IntRange(60, 1800).Draw(t, "period"))}
	}
	c.DependsOn = dependencies(t, d.ContainerDefinitions)
	return c
}

// dependencies draws what a container waits for among those before it.
func dependencies(t *rapid.T, before []ecs.ContainerDefinition) []ecs.ContainerDependency {
	if len(before) == 0 || !rapid.Bool().Draw(t, "depends") {
		return nil
	}
	on := rapid.SampledFrom(before).Draw(t, "on")
	conditions := []ecs.ContainerCondition{ecs.ContainerConditionStart}
	if !on.IsEssential() {
		conditions = append(conditions, ecs.ContainerConditionSuccess, ecs.ContainerConditionComplete)
	}
	if on.HealthCheck != nil {
		conditions = append(conditions, ecs.ContainerConditionHealthy)
	}
	return []ecs.ContainerDependency{{ContainerName: on.Name,
		Condition: rapid.SampledFrom(conditions).Draw(t, "condition")}}
}

// portMappings draws mappings of container i; no two containers share a port.
func portMappings(t *rapid.T, k Kind, i int) []ecs.PortMapping {
	if k == KindNone {
		return nil
	}
	var list []ecs.PortMapping
	for j := range rapid.IntRange(0, 2).Draw(t, "ports") {
		m := ecs.PortMapping{
			ContainerPort: 8000 + 10*i + j,
			Protocol: rapid.SampledFrom([]ecs.TransportProtocol{"", ecs.TransportProtocolTcp,
				ecs.TransportProtocolUdp}).Draw(t, "protocol"),
		}
		hosts := []ecs.Opt[int]{{}, ecs.Some(m.ContainerPort)}
		if mode := k.mode(); mode == ecs.NetworkModeBridge || mode == "" {
			hosts = append(hosts, ecs.Some(0), ecs.Some(9000+10*i+j))
		}
		m.HostPort = rapid.SampledFrom(hosts).Draw(t, "host port")
		if rapid.Bool().Draw(t, "named") {
			m.Name = fmt.Sprintf("port-%d-%d", i, j)
			m.AppProtocol = rapid.SampledFrom([]ecs.ApplicationProtocol{"", ecs.ApplicationProtocolHttp,
				ecs.ApplicationProtocolGrpc}).Draw(t, "app protocol")
		}
		list = append(list, m)
	}
	return list
}

func environment(t *rapid.T) []ecs.KeyValuePair {
	var list []ecs.KeyValuePair
	for i := range rapid.IntRange(0, 2).Draw(t, "environment") {
		list = append(list, ecs.KeyValuePair{Name: fmt.Sprintf("VAR%d", i),
			Value: rapid.StringN(0, 8, -1).Draw(t, "value")})
	}
	return list
}

// Images makes image references: Docker Hub's short forms, other registries, Amazon ECR, digests.
func Images() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{
		"nginx", "nginx:1.27", "library/busybox:latest", "amazon/amazon-ecs-sample",
		"public.ecr.aws/docker/library/httpd:2.4",
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/web:v1",
		"myhost:5000/team/app:v2",
		"nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	})
}

// Tags makes lists of tags that a resource may have.
func Tags() *rapid.Generator[[]ecs.Tag] {
	return rapid.Custom(func(t *rapid.T) []ecs.Tag {
		var list []ecs.Tag
		for i := range rapid.IntRange(0, 3).Draw(t, "tags") {
			list = append(list, ecs.Tag{Key: fmt.Sprintf("key%d", i),
				Value: rapid.StringMatching(`[a-z0-9 +=._:/@-]{0,8}`).Draw(t, "value")})
		}
		return list
	})
}
