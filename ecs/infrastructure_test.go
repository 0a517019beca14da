package ecs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// infrastructures are where a task definition may be for, by letter: a definition there that breaks no rule.
func infrastructures() map[string]ecs.TaskDefinition {
	on := func(mode ecs.NetworkMode, os ecs.OSFamily, c ...ecs.Compatibility) ecs.TaskDefinition {
		d := plain()
		d.NetworkMode, d.RequiresCompatibilities, d.CPU, d.Memory = mode, c, "1024", "2048"
		if os != "" {
			d.RuntimePlatform = &ecs.RuntimePlatform{OperatingSystemFamily: os}
		}
		return d
	}
	const windows = ecs.OSFamilyWindowsServer2022Core
	return map[string]ecs.TaskDefinition{
		"E": on("bridge", "", "EC2"),
		"A": on("awsvpc", "", "EC2"),
		"X": on("bridge", "", "EXTERNAL"),
		"M": on("awsvpc", "", "MANAGED_INSTANCES"),
		"H": on("host", "", "MANAGED_INSTANCES"),
		"F": on("awsvpc", "", "FARGATE"),
		"W": on("", windows, "EC2"),
		"V": on("awsvpc", windows, "FARGATE"),
	}
}

// support says which infrastructures take a feature: E is EC2 with bridge, A EC2 with awsvpc, X an external
// instance, M Managed Instances with awsvpc, H with host, F Fargate, W Windows on EC2, V Windows on Fargate.
// AWS is silent about a letter in neither list.
type support struct {
	feature        string
	field          string // that is refused, or one inside it
	takes, refuses string
	set            func(d *ecs.TaskDefinition, c *ecs.ContainerDefinition)
}

// taskSupport is the support of what a task definition says at its top.
//
// Source: Amazon ECS Developer Guide, "Amazon ECS task definition differences for Fargate", "Amazon ECS task definition
// parameters for Amazon ECS Managed Instances", "Amazon ECS task definition differences for EC2 instances running
// Windows", "Amazon ECS clusters for external instances" and "Amazon ECS on AWS Fargate for Windows".
func taskSupport() []support {
	volume := func(v ecs.Volume) func(*ecs.TaskDefinition, *ecs.ContainerDefinition) {
		return func(d *ecs.TaskDefinition, c *ecs.ContainerDefinition) {
			v.Name = "data"
			d.Volumes = []ecs.Volume{v}
			c.MountPoints = []ecs.MountPoint{{SourceVolume: "data", ContainerPath: "/data"}}
		}
	}
	mode := func(m ecs.NetworkMode) func(*ecs.TaskDefinition, *ecs.ContainerDefinition) {
		return func(d *ecs.TaskDefinition, _ *ecs.ContainerDefinition) { d.NetworkMode = m }
	}
	return []support{
		{"networkMode awsvpc", "networkMode", "EAMFV", "X", mode("awsvpc")},
		{"networkMode bridge", "networkMode", "EAX", "MFV", mode("bridge")},
		{"networkMode host", "networkMode", "EAXM", "FWV", mode("host")},
		{"networkMode none", "networkMode", "EAX", "MFV", mode("none")},
		{"pidMode host", "pidMode", "EAXM", "FWV", func(d *ecs.TaskDefinition, _ *ecs.ContainerDefinition) {
			d.PidMode = "host"
		}},
		{"pidMode task", "pidMode", "EAXMF", "WV", func(d *ecs.TaskDefinition, _ *ecs.ContainerDefinition) {
			d.PidMode = "task"
		}},
		{"ipcMode", "ipcMode", "EAXM", "FWV", func(d *ecs.TaskDefinition, _ *ecs.ContainerDefinition) {
			d.IpcMode = "task"
		}},
		{"ephemeralStorage", "ephemeralStorage", "FV", "EAXMW",
			func(d *ecs.TaskDefinition, _ *ecs.ContainerDefinition) {
				d.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: 30}
			}},
		{"proxyConfiguration", "proxyConfiguration", "AF", "EXMWV",
			func(d *ecs.TaskDefinition, _ *ecs.ContainerDefinition) {
				d.ProxyConfiguration = &ecs.ProxyConfiguration{Type: "APPMESH", ContainerName: "web",
					Properties: []ecs.KeyValuePair{
						{Name: "IgnoredGID", Value: "1"}, {Name: "AppPorts", Value: "80"},
						{Name: "ProxyIngressPort", Value: "81"}, {Name: "ProxyEgressPort", Value: "82"}}}
			}},
		{"placementConstraints", "placementConstraints", "EAXMW", "FV",
			func(d *ecs.TaskDefinition, _ *ecs.ContainerDefinition) {
				d.PlacementConstraints = []ecs.PlacementConstraint{{Type: "memberOf", Expression: "attribute:a exists"}}
			}},
		{"volume without a kind", "volumes[0]", "EAXMFWV", "", volume(ecs.Volume{})},
		{"volume of an empty host", "volumes[0]", "EAXMFWV", "", volume(ecs.Volume{Host: &ecs.HostVolumeProperties{}})},
		{"host.sourcePath", "volumes[0].host", "EAXMW", "FV",
			volume(ecs.Volume{Host: &ecs.HostVolumeProperties{SourcePath: "/var/data"}})},
		{"dockerVolumeConfiguration", "volumes[0].dockerVolumeConfiguration", "EAX", "MFV",
			volume(ecs.Volume{DockerVolumeConfiguration: &ecs.DockerVolumeConfiguration{Scope: "task",
				Driver: "rexray"}})},
		{"a Docker volume of the driver local", "volumes[0].dockerVolumeConfiguration", "EAXW", "MFV",
			volume(ecs.Volume{DockerVolumeConfiguration: &ecs.DockerVolumeConfiguration{Scope: "task",
				Driver: "local"}})},
		{"a driver that Windows does not have", "volumes[0].dockerVolumeConfiguration.driver", "E", "W",
			volume(ecs.Volume{DockerVolumeConfiguration: &ecs.DockerVolumeConfiguration{Scope: "task",
				Driver: "rexray"}})},
		{"efsVolumeConfiguration", "volumes[0].efsVolumeConfiguration", "EAMF", "XV",
			volume(ecs.Volume{EFSVolumeConfiguration: &ecs.EFSVolumeConfiguration{FileSystemID: "fs-1"}})},
		{"fsxWindowsFileServerVolumeConfiguration", "volumes[0].fsxWindowsFileServerVolumeConfiguration", "W", "XMFV",
			volume(ecs.Volume{FSxWindowsFileServerVolumeConfiguration: &ecs.FSxWindowsFileServerVolumeConfiguration{
				FileSystemID: "fs-1", RootDirectory: "share",
				AuthorizationConfig: &ecs.FSxWindowsFileServerAuthorizationConfig{CredentialsParameter: "arn:secret",
					Domain: "example.com"}}})},
		{"configuredAtLaunch", "volumes[0].configuredAtLaunch", "EAMF", "XV",
			volume(ecs.Volume{ConfiguredAtLaunch: true})},
	}
}

// containerSupport is the support of what a container definition says, by the same documents.
func containerSupport() []support {
	of := func(set func(c *ecs.ContainerDefinition)) func(*ecs.TaskDefinition, *ecs.ContainerDefinition) {
		return func(_ *ecs.TaskDefinition, c *ecs.ContainerDefinition) { set(c) }
	}
	device := func(kind ecs.ResourceType, value string) func(*ecs.TaskDefinition, *ecs.ContainerDefinition) {
		return of(func(c *ecs.ContainerDefinition) {
			c.ResourceRequirements = []ecs.ResourceRequirement{{Type: kind, Value: value}}
		})
	}
	return []support{
		{"privileged", "privileged", "EAXMH", "FWV", of(func(c *ecs.ContainerDefinition) {
			c.Privileged = ecs.Some(true)
		})},
		{"privileged false", "privileged", "EAXMFWV", "", of(func(c *ecs.ContainerDefinition) {
			c.Privileged = ecs.Some(false)
		})},
		{"dockerSecurityOptions", "dockerSecurityOptions", "EAX", "MFV",
			of(func(c *ecs.ContainerDefinition) { c.DockerSecurityOptions = []string{"no-new-privileges"} })},
		{"links", "links", "E", "AMHFWV", func(d *ecs.TaskDefinition, c *ecs.ContainerDefinition) {
			c.Links = []string{"db"}
			d.ContainerDefinitions = append(d.ContainerDefinitions, ecs.ContainerDefinition{Name: "db",
				Image: "db", Memory: 4})
		}},
		{"hostname", "hostname", "EX", "AMHFV", of(func(c *ecs.ContainerDefinition) { c.Hostname = "web" })},
		{"dnsServers", "dnsServers", "EX", "AMHFWV", of(func(c *ecs.ContainerDefinition) {
			c.DNSServers = []string{"10.0.0.2"}
		})},
		{"dnsSearchDomains", "dnsSearchDomains", "EX", "AMFWV",
			of(func(c *ecs.ContainerDefinition) { c.DNSSearchDomains = []string{"example.com"} })},
		{"extraHosts", "extraHosts", "EXH", "AMFWV",
			of(func(c *ecs.ContainerDefinition) {
				c.ExtraHosts = []ecs.HostEntry{{Hostname: "db", IPAddress: "10.0.0.3"}}
			})},
		{"disableNetworking", "disableNetworking", "EX", "AMHFWV",
			of(func(c *ecs.ContainerDefinition) { c.DisableNetworking = ecs.Some(true) })},
		{"user", "user", "EAXMF", "WV", of(func(c *ecs.ContainerDefinition) { c.User = "1000:1000" })},
		{"readonlyRootFilesystem", "readonlyRootFilesystem", "EAXMF", "WV",
			of(func(c *ecs.ContainerDefinition) { c.ReadonlyRootFilesystem = ecs.Some(true) })},
		{"ulimits", "ulimits", "EAXMF", "WV",
			of(func(c *ecs.ContainerDefinition) {
				c.Ulimits = []ecs.Ulimit{{Name: "nofile", SoftLimit: 1024, HardLimit: 4096}}
			})},
		{"systemControls", "systemControls", "EAXMF", "WV",
			of(func(c *ecs.ContainerDefinition) {
				c.SystemControls = []ecs.SystemControl{{Namespace: "net.core.somaxconn", Value: "1024"}}
			})},
		{"GPU", "resourceRequirements", "EAXM", "FWV", device("GPU", "1")},
		{"a fraction of a GPU", "resourceRequirements", "EAXM", "FWV", device("GPU", "0.25")},
		{"NeuronDevice", "resourceRequirements", "M", "XFV", device("NeuronDevice", "ALL")},
		{"InferenceAccelerator", "resourceRequirements", "", "EAXMFWV", device("InferenceAccelerator", "a")},
		{"environmentFiles", "environmentFiles", "EAXMFW", "V", of(func(c *ecs.ContainerDefinition) {
			c.EnvironmentFiles = []ecs.EnvironmentFile{{Type: "s3", Value: "arn:aws:s3:::bucket/a.env"}}
		})},
		{"memoryReservation", "memoryReservation", "EAXMFW", "V", of(func(c *ecs.ContainerDefinition) {
			c.MemoryReservation = 4
		})},
		{"restartPolicy", "restartPolicy", "EAXMFW", "V",
			of(func(c *ecs.ContainerDefinition) { c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true} })},
		{"credentialSpecs", "credentialSpecs", "EAXMFW", "V",
			of(func(c *ecs.ContainerDefinition) {
				c.CredentialSpecs = []string{"credentialspecdomainless:arn:aws:s3:::bucket/spec"}
			})},
		{"container port 3150", "portMappings[0].containerPort", "EAXMFW", "V",
			of(func(c *ecs.ContainerDefinition) { c.PortMappings = []ecs.PortMapping{{ContainerPort: 3150}} })},
		{"a stop timeout of 200 s", "stopTimeout", "EAXMW", "FV", of(func(c *ecs.ContainerDefinition) {
			c.StopTimeout = ecs.Some(200)
		})},
		{"a start timeout of 200 s", "startTimeout", "EAXMW", "FV", of(func(c *ecs.ContainerDefinition) {
			c.StartTimeout = ecs.Some(200)
		})},
		{"an image in private ECR, and no role", "executionRoleArn", "EAXW", "MFV",
			of(func(c *ecs.ContainerDefinition) { c.Image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web" })},
		{"an image in public ECR", "executionRoleArn", "EAXMFWV", "", of(func(c *ecs.ContainerDefinition) {
			c.Image = "public.ecr.aws/a/web"
		})},
		{"repositoryCredentials, and no role", "executionRoleArn", "", "EAXMFWV", of(func(c *ecs.ContainerDefinition) {
			c.RepositoryCredentials = &ecs.RepositoryCredentials{
				CredentialsParameter: "arn:aws:secretsmanager:us-east-1:123456789012:secret:a"}
		})},
		{"secrets, and no role", "executionRoleArn", "", "EAXMFWV", of(func(c *ecs.ContainerDefinition) {
			c.Secrets = []ecs.Secret{{Name: "KEY", ValueFrom: "arn:aws:ssm:us-east-1:123456789012:parameter/key"}}
		})},
	}
}

// linuxAndLogSupport is the support of Linux parameters and log drivers, by the same documents.
func linuxAndLogSupport() []support {
	linux := func(l ecs.LinuxParameters) func(*ecs.TaskDefinition, *ecs.ContainerDefinition) {
		return func(_ *ecs.TaskDefinition, c *ecs.ContainerDefinition) { c.LinuxParameters = &l }
	}
	log := func(
		driver ecs.LogDriver, role string, options ...string,
	) func(*ecs.TaskDefinition, *ecs.ContainerDefinition) {
		return func(d *ecs.TaskDefinition, c *ecs.ContainerDefinition) {
			d.ExecutionRoleArn = role
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: driver, Options: map[string]string{}}
			for i := 0; i < len(options); i += 2 {
				c.LogConfiguration.Options[options[i]] = options[i+1]
			}
		}
	}
	router := func(kind string) func(*ecs.TaskDefinition, *ecs.ContainerDefinition) {
		return func(_ *ecs.TaskDefinition, c *ecs.ContainerDefinition) {
			c.FirelensConfiguration = &ecs.FirelensConfiguration{Type: "fluentbit",
				Options: map[string]string{"config-file-type": kind, "config-file-value": "/a.conf"}}
		}
	}
	group := []string{"awslogs-group", "web", "awslogs-region", "us-east-1"}
	prefix := append([]string{"awslogs-stream-prefix", "web"}, group...)
	return []support{
		{"initProcessEnabled", "linuxParameters", "EAXMF", "WV",
			linux(ecs.LinuxParameters{InitProcessEnabled: ecs.Some(true)})},
		{"devices", "linuxParameters", "EAXM", "FWV",
			linux(ecs.LinuxParameters{Devices: []ecs.Device{{HostPath: "/dev/a"}}})},
		{"sharedMemorySize", "linuxParameters", "EAXM", "FWV",
			linux(ecs.LinuxParameters{SharedMemorySize: ecs.Some(64)})},
		{"maxSwap", "linuxParameters", "EAXM", "FWV", linux(ecs.LinuxParameters{MaxSwap: ecs.Some(64)})},
		{"swappiness", "linuxParameters", "EAXM", "FWV", linux(ecs.LinuxParameters{Swappiness: ecs.Some(0)})},
		{"tmpfs", "linuxParameters", "EAXM", "FWV",
			linux(ecs.LinuxParameters{Tmpfs: []ecs.Tmpfs{{ContainerPath: "/tmp", Size: 1}}})},
		{"a capability to add", "linuxParameters", "EAXM", "FWV",
			linux(ecs.LinuxParameters{Capabilities: &ecs.KernelCapabilities{Add: []string{"NET_ADMIN"}}})},
		{"the capability SYS_PTRACE to add", "linuxParameters", "EAXMF", "WV",
			linux(ecs.LinuxParameters{Capabilities: &ecs.KernelCapabilities{Add: []string{"SYS_PTRACE"}}})},
		{"a capability to drop", "linuxParameters", "EAXMF", "WV",
			linux(ecs.LinuxParameters{Capabilities: &ecs.KernelCapabilities{Drop: []string{"ALL"}}})},
		{"json-file", "logConfiguration.logDriver", "EAX", "MFV", log("json-file", "")},
		{"fluentd", "logConfiguration.logDriver", "EAX", "MFV", log("fluentd", "")},
		{"splunk", "logConfiguration.logDriver", "EAXMF", "", log("splunk", "")},
		{"awslogs without a stream prefix", "logConfiguration.options", "EAXM", "FV", log("awslogs", "role", group...)},
		{"awslogs with a stream prefix", "logConfiguration.options", "EAXMFWV", "", log("awslogs", "role", prefix...)},
		{"awslogs, and no role", "executionRoleArn", "EAXW", "MFV", log("awslogs", "", prefix...)},
		{"FireLens with a file", "firelensConfiguration", "EAXMF", "V", router("file")},
		{"FireLens with a file of S3", "firelensConfiguration", "EAX", "FV", router("s3")},
	}
}

// What an infrastructure does not have is refused there, by its path, and taken elsewhere.
//
// Seen to fail: a refusal of Fargate, of Windows, of an external instance and of Managed Instances left out
// (.ci/faults).
func TestInfrastructures(t *testing.T) {
	for letter, d := range infrastructures() { //order:any each alone
		require.NoError(t, d.Validate(), letter)
	}
	try := func(list []support, prefix string) {
		for _, s := range list {
			for letter, d := range infrastructures() { //order:any each alone
				s.set(&d, &d.ContainerDefinitions[0])
				field := prefix + s.field
				if s.field == "executionRoleArn" {
					field = s.field
				}
				switch {
				case strings.Contains(s.takes, letter):
					require.NoError(t, d.Validate(), "%s on %s", s.feature, letter)
				case strings.Contains(s.refuses, letter):
					require.Error(t, d.Validate(), "%s on %s", s.feature, letter)
					for e := range ecs.Errors(d.Validate()) {
						require.True(t, strings.HasPrefix(e.Field, field), "%s on %s: %v", s.feature, letter, e)
						require.Equal(t, ecs.ClientException, e.Code)
					}
				}
			}
		}
	}
	try(taskSupport(), "")
	try(containerSupport(), "containerDefinitions[0].")
	try(linuxAndLogSupport(), "containerDefinitions[0].")
}

// What two infrastructures are asked for at once, and a network mode that one does not have, leave no rule out.
//
// Seen to fail: each of the refusals left out.
func TestInfrastructuresTogether(t *testing.T) {
	both := infrastructures()["F"]
	both.RequiresCompatibilities = []ecs.Compatibility{"FARGATE", "MANAGED_INSTANCES"}
	require.NoError(t, both.Validate())
	both.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: 30}
	require.Equal(t, []string{"ClientException ephemeralStorage"}, named(both.Validate()))

	linked := infrastructures()["M"]
	linked.NetworkMode = "bridge"
	linked.ContainerDefinitions[0].Links = []string{"db"}
	linked.ContainerDefinitions = append(linked.ContainerDefinitions, ecs.ContainerDefinition{Name: "db", Image: "db"})
	require.Equal(t, []string{"ClientException containerDefinitions[0].links", "ClientException networkMode"},
		named(linked.Validate()))
}
