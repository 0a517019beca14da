package ecs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// chosen is a member of a task definition whose values AWS lists.
type chosen struct {
	path   string
	absent bool     // may it be absent
	values []string // those that the API Reference lists
	set    func(d *ecs.TaskDefinition, value string)
}

// choices has every member of a task definition with a list of values, the lists as the Amazon ECS API Reference
// prints them: RegisterTaskDefinition, ContainerDefinition and the types that they hold.
func choices() []chosen {
	const first = "containerDefinitions[0]."
	of := func(set func(c *ecs.ContainerDefinition, value string)) func(*ecs.TaskDefinition, string) {
		return func(d *ecs.TaskDefinition, value string) { set(&d.ContainerDefinitions[0], value) }
	}
	volume := func(set func(v *ecs.Volume, value string)) func(*ecs.TaskDefinition, string) {
		return func(d *ecs.TaskDefinition, value string) {
			d.Volumes = []ecs.Volume{{Name: "data"}}
			set(&d.Volumes[0], value)
		}
	}
	return []chosen{
		{"networkMode", true, words("bridge host awsvpc none"),
			func(d *ecs.TaskDefinition, value string) { d.NetworkMode = ecs.NetworkMode(value) }},
		{"pidMode", true, words("host task"), func(d *ecs.TaskDefinition, value string) {
			d.PidMode = ecs.PidMode(value)
		}},
		{"ipcMode", true, words("host task none"), func(d *ecs.TaskDefinition, value string) {
			d.IpcMode = ecs.IpcMode(value)
		}},
		{"runtimePlatform.cpuArchitecture", true, words("X86_64 ARM64"), func(d *ecs.TaskDefinition, value string) {
			d.RuntimePlatform = &ecs.RuntimePlatform{CPUArchitecture: ecs.CPUArchitecture(value)}
		}},
		{"runtimePlatform.operatingSystemFamily", true,
			words("LINUX WINDOWS_SERVER_2016_FULL WINDOWS_SERVER_2004_CORE " +
				"WINDOWS_SERVER_20H2_CORE WINDOWS_SERVER_2019_CORE WINDOWS_SERVER_2019_FULL WINDOWS_SERVER_2022_CORE " +
				"WINDOWS_SERVER_2022_FULL WINDOWS_SERVER_2025_CORE WINDOWS_SERVER_2025_FULL"),
			func(d *ecs.TaskDefinition, value string) {
				d.RuntimePlatform = &ecs.RuntimePlatform{OperatingSystemFamily: ecs.OSFamily(value)}
			}},
		{"placementConstraints[0].type", false, words("distinctInstance memberOf"),
			func(d *ecs.TaskDefinition, value string) {
				d.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintType(value),
					Expression: "attribute:a exists"}}
			}},
		{first + "versionConsistency", true, words("enabled disabled"),
			of(func(c *ecs.ContainerDefinition, value string) {
				c.VersionConsistency = ecs.VersionConsistency(value)
			})},
		{first + "environmentFiles[0].type", false, words("s3"), of(func(c *ecs.ContainerDefinition, value string) {
			c.EnvironmentFiles = []ecs.EnvironmentFile{{Type: ecs.EnvironmentFileType(value),
				Value: "arn:aws:s3:::bucket/a.env"}}
		})},
		{first + "dependsOn[0].condition", false, words("START COMPLETE SUCCESS HEALTHY"),
			func(d *ecs.TaskDefinition, value string) {
				d.ContainerDefinitions[0].DependsOn = []ecs.ContainerDependency{{ContainerName: "first",
					Condition: ecs.ContainerCondition(value)}}
				d.ContainerDefinitions = append(d.ContainerDefinitions, ecs.ContainerDefinition{Name: "first",
					Image: "first", Memory: 4,
					Essential: ecs.Some(false), HealthCheck: &ecs.HealthCheck{Command: []string{"CMD", "true"}}})
			}},
		{first + "logConfiguration.logDriver", false,
			words("json-file syslog journald gelf fluentd awslogs splunk awsfirelens"),
			of(func(c *ecs.ContainerDefinition, value string) {
				c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriver(value)}
				if value == "awslogs" {
					c.LogConfiguration.Options = map[string]string{"awslogs-group": "web",
						"awslogs-region": "us-east-1"}
				}
				c.FirelensConfiguration = &ecs.FirelensConfiguration{Type: "fluentbit"}
			})},
		{first + "firelensConfiguration.type", false, words("fluentd fluentbit"),
			of(func(c *ecs.ContainerDefinition, value string) {
				c.FirelensConfiguration = &ecs.FirelensConfiguration{Type: ecs.FirelensConfigurationType(value)}
			})},
		{first + "portMappings[0].appProtocol", true, words("http http2 grpc"),
			of(func(c *ecs.ContainerDefinition, value string) {
				c.PortMappings = []ecs.PortMapping{{ContainerPort: 80, Name: "web",
					AppProtocol: ecs.ApplicationProtocol(value)}}
			})},
		{first + "ulimits[0].name", false,
			words("core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime " +
				"sigpending stack"), of(func(c *ecs.ContainerDefinition, value string) {
				c.Ulimits = []ecs.Ulimit{{Name: ecs.UlimitName(value), SoftLimit: 1, HardLimit: 2}}
			})},
		{first + "linuxParameters.devices[0].permissions[0]", true, words("read write mknod"),
			of(func(c *ecs.ContainerDefinition, value string) {
				c.LinuxParameters = &ecs.LinuxParameters{Devices: []ecs.Device{{HostPath: "/dev/a",
					Permissions: []ecs.DeviceCgroupPermission{
						ecs.DeviceCgroupPermission(value)}}}}
			})},
		{"volumes[0].dockerVolumeConfiguration.scope", true, words("task shared"),
			volume(func(v *ecs.Volume, value string) {
				v.DockerVolumeConfiguration = &ecs.DockerVolumeConfiguration{Scope: ecs.Scope(value)}
			})},
		{"volumes[0].efsVolumeConfiguration.transitEncryption", true, words("ENABLED DISABLED"),
			volume(func(v *ecs.Volume, value string) {
				v.EFSVolumeConfiguration = &ecs.EFSVolumeConfiguration{FileSystemID: "fs-1",
					TransitEncryption: ecs.EFSTransitEncryption(value)}
			})},
		{"volumes[0].efsVolumeConfiguration.authorizationConfig.iam", true, words("ENABLED DISABLED"),
			volume(func(v *ecs.Volume, value string) {
				v.EFSVolumeConfiguration = &ecs.EFSVolumeConfiguration{FileSystemID: "fs-1",
					TransitEncryption:   "ENABLED",
					AuthorizationConfig: &ecs.EFSAuthorizationConfig{IAM: ecs.EFSAuthorizationConfigIAM(value)}}
			})},
		{"proxyConfiguration.type", true, words("APPMESH"), func(d *ecs.TaskDefinition, value string) {
			d.NetworkMode = "awsvpc"
			d.ProxyConfiguration = &ecs.ProxyConfiguration{Type: ecs.ProxyConfigurationType(value),
				ContainerName: "web",
				Properties: []ecs.KeyValuePair{{Name: "IgnoredUID", Value: "1"}, {Name: "AppPorts", Value: "80"},
					{Name: "ProxyIngressPort", Value: "81"}, {Name: "ProxyEgressPort", Value: "82"}}}
		}},
	}
}

func words(s string) []string { return strings.Fields(s) }

// A member with a list of values takes each of them, and refuses all else by its path, with the list and what was
// given: another case of letters too. "" is absence where the member may be absent.
//
// Seen to fail: each of the two checks of a log driver, a condition and a scope left out (.ci/faults).
func TestChoices(t *testing.T) {
	for _, c := range choices() {
		try := func(value string) error {
			d := plain()
			c.set(&d, value)
			return d.Validate()
		}
		for _, value := range c.values {
			if value == "distinctInstance" { // which AWS lists, and task definitions do not take
				require.EqualError(t, try(value),
					"ClientException: "+c.path+": constraint.type 'distinctInstance' is not supported.")
				continue
			}
			require.NoError(t, try(value), "%s: %s", c.path, value)
		}
		name := c.path[strings.LastIndexByte(c.path, '.')+1:]
		name, _, _ = strings.Cut(name, "[")
		for _, value := range []string{"nonsense", strings.ToUpper(c.values[0]) + "_",
			swapped(c.values[0]), " " + c.values[0]} {
			if slices.Contains(c.values, value) {
				continue
			}
			want := fmt.Sprintf("ClientException: %s: %s must be one of %s; it is %q.", c.path, name,
				strings.Join(c.values, ", "), value)
			require.EqualError(t, try(value), want)
		}
		if c.absent {
			require.NoError(t, try(""), c.path)
			continue
		}
		require.EqualError(t, try(""), "ClientException: "+c.path+": "+name+" should not be null or empty.")
	}
}

// swapped returns a text with its letters in the other case.
func swapped(s string) string {
	if upper := strings.ToUpper(s); upper != s {
		return upper
	}
	return strings.ToLower(s)
}

// What TestChoices tries are the values of the type, in their order.
func TestChoicesAreTheEnumerations(t *testing.T) {
	lists := map[string]bool{}
	for _, e := range enumerations() {
		lists[strings.Join(e.values, " ")] = true
	}
	for _, c := range choices() {
		require.True(t, lists[strings.Join(c.values, " ")], "%s: %v", c.path, c.values)
	}
}

// TestAttributeCharacters: what the name and the value of an attribute may have. Source: Amazon ECS API Reference,
// Attribute.
//
// Seen to fail: each of the three checks left out.
func TestAttributeCharacters(t *testing.T) {
	for _, a := range []ecs.Attribute{{Name: "a"}, {Name: `stack-1_a/b\c.d`, Value: `a-1_b.c@d/e\f:g h`},
		{Name: long(128), Value: long(128)},
		{Name: "a", TargetType: "container-instance"}} {
		require.NoError(t, a.Validate(), "%+v", a)
	}
	for _, c := range []struct {
		a     ecs.Attribute
		field string
	}{
		{ecs.Attribute{}, "name"}, {ecs.Attribute{Name: long(129)}, "name"}, {ecs.Attribute{Name: "a b"}, "name"},
		{ecs.Attribute{Name: "a:b"}, "name"}, {ecs.Attribute{Name: "é"}, "name"},
		{ecs.Attribute{Name: "a", Value: long(129)}, "value"}, {ecs.Attribute{Name: "a", Value: " b"}, "value"},
		{ecs.Attribute{Name: "a", Value: "b "}, "value"}, {ecs.Attribute{Name: "a", Value: "b\tc"}, "value"},
		{ecs.Attribute{Name: "a", Value: "b;c"}, "value"}, {ecs.Attribute{Name: "a", TargetType: "task"}, "targetType"},
	} {
		require.Equal(t, []string{"InvalidParameterException " + c.field}, named(c.a.Validate()), "%+v", c.a)
	}
	require.Len(t, named(ecs.Attribute{Value: ";", TargetType: ";"}.Validate()), 3)
}

// TestServiceConnectRules: the rules of a configuration by itself. Source: Amazon ECS API Reference,
// ServiceConnectService and ServiceConnectClientAlias.
//
// Seen to fail: each of the four checks left out.
func TestServiceConnectRules(t *testing.T) {
	of := func(s ecs.ServiceConnectService) []string {
		return named(ecs.ServiceConnectConfiguration{Enabled: true, Services: []ecs.ServiceConnectService{
			{PortName: "first", ClientAliases: []ecs.ServiceConnectClientAlias{{Port: 80}}}, s}}.Validate())
	}
	alias := func(ports ...int) (list []ecs.ServiceConnectClientAlias) {
		for _, port := range ports {
			list = append(list, ecs.ServiceConnectClientAlias{Port: port})
		}
		return list
	}
	refused := func(field string) []string { return []string{"InvalidParameterException services[1]." + field} }
	require.Empty(t, of(ecs.ServiceConnectService{PortName: "web"}))
	require.Equal(t, refused("portName"), of(ecs.ServiceConnectService{}))
	require.Equal(t, refused("clientAliases"),
		of(ecs.ServiceConnectService{PortName: "web", ClientAliases: alias(80, 81)}))
	for port, good := range map[int]bool{-1: false, 0: false, 1: true, 65535: true,
		65536: false} { //order:any each alone
		aliased := of(ecs.ServiceConnectService{PortName: "web", ClientAliases: alias(port)})
		ingress := of(ecs.ServiceConnectService{PortName: "web", IngressPortOverride: ecs.Some(port)})
		if good {
			require.Empty(t, append(aliased, ingress...), port)
			continue
		}
		require.Equal(t, refused("clientAliases[0].port"), aliased, port)
		require.Equal(t, refused("ingressPortOverride"), ingress, port)
	}
}

// TestExtraHosts: a line of /etc/hosts has both parts. Source: Amazon ECS API Reference, HostEntry.
//
// Seen to fail: either part left out of the check.
func TestExtraHosts(t *testing.T) {
	d := plain()
	d.ContainerDefinitions[0].ExtraHosts = []ecs.HostEntry{{Hostname: "db", IPAddress: "10.0.0.3"},
		{Hostname: "db"}, {IPAddress: "::1"}, {}}
	const at = "ClientException containerDefinitions[0].extraHosts"
	require.Equal(t, []string{at + "[1].ipAddress", at + "[2].hostname", at + "[3].hostname", at + "[3].ipAddress"},
		named(d.Validate()))
}
