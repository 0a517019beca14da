package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

type (
	definition          = ecs.TaskDefinition
	containerDefinition = ecs.ContainerDefinition
)

// idle is a runtime that asks no engine.
func idle(t *testing.T, c Config) *Runtime {
	engine, err := client.New(client.WithHost("unix:///run/docker.sock"))
	require.NoError(t, err)
	return &Runtime{config: c, engine: engine, host: host{os: "linux", architecture: "x86_64", cpus: 2,
		logDrivers: []string{"json-file", "syslog"}}}
}

// dangers are what a task may do to its host, each with the field that its refusal names, and what allows it.
func dangers() map[string]struct {
	set   func(*definition, *containerDefinition)
	allow func(*Config)
} {
	type row = struct {
		set   func(*definition, *containerDefinition)
		allow func(*Config)
	}
	mount := func(path string) func(*definition, *containerDefinition) {
		return func(d *definition, _ *containerDefinition) {
			d.Volumes = []ecs.Volume{{Name: "v", Host: &ecs.HostVolumeProperties{SourcePath: path}}}
		}
	}
	return map[string]row{
		"privileged: ": {func(_ *definition, c *containerDefinition) { c.Privileged = ecs.Some(true) },
			func(c *Config) { c.Allow.Privileged = true }},
		"pidMode: ": {func(d *definition, _ *containerDefinition) { d.PidMode = ecs.PidModeHost },
			func(c *Config) { c.Allow.HostPid = true }},
		"ipcMode: ": {func(d *definition, _ *containerDefinition) { d.IpcMode = ecs.IpcModeHost },
			func(c *Config) { c.Allow.HostIpc = true }},
		"linuxParameters.capabilities.add[0]: ": {func(_ *definition, c *containerDefinition) {
			c.LinuxParameters = &ecs.LinuxParameters{Capabilities: &ecs.KernelCapabilities{Add: []string{"SYS_ADMIN"}}}
		}, func(c *Config) { c.Allow.Capabilities = []string{"cap_sys_admin"} }},
		"linuxParameters.devices[0].hostPath: ": {func(_ *definition, c *containerDefinition) {
			c.LinuxParameters = &ecs.LinuxParameters{Devices: []ecs.Device{{HostPath: "/dev/fuse"}}}
		}, func(c *Config) { c.Allow.Devices = []string{"/dev/fuse"} }},
		"dockerSecurityOptions[0]: ": {func(_ *definition, c *containerDefinition) {
			c.DockerSecurityOptions = []string{"apparmor:unconfined"}
		}, func(c *Config) { c.Allow.Privileged = true }},
		`volumes[0].host.sourcePath: "/srv/data"`: {mount("/srv/data"),
			func(c *Config) { c.Allow.Mounts = []string{"/srv"} }},
		`volumes[0].host.sourcePath: "/"`: {mount("/"),
			func(c *Config) { c.Allow.Mounts, c.Allow.Socket = []string{"/"}, true }},
		`volumes[0].dockerVolumeConfiguration.driverOpts.device: "/etc"`: {func(d *definition, _ *containerDefinition) {
			d.Volumes = []ecs.Volume{{Name: "v", DockerVolumeConfiguration: &ecs.DockerVolumeConfiguration{
				DriverOpts: map[string]string{"type": "none", "o": "bind", "device": "/etc"}}}}
		}, func(c *Config) { c.Allow.Mounts = []string{"/etc"} }},
	}
}

// TestDangers holds that what a task may do to its host is refused by the name of its field, unless it is allowed.
//
// Seen to fail: a driver option that mounts the host; a directory that has the socket; a link out of what is allowed.
func TestDangers(t *testing.T) {
	for want, row := range dangers() {
		d := definition{ContainerDefinitions: []containerDefinition{{Name: "a", Image: "sh"}}}
		require.NoError(t, idle(t, Config{}).Refuses(d))
		row.set(&d, &d.ContainerDefinitions[0])
		err := idle(t, Config{}).Refuses(d)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "ResourceInitializationError: ")
		var c Config
		row.allow(&c)
		require.NoError(t, idle(t, c).Refuses(d), want)
	}
	allowed := t.TempDir()
	require.NoError(t, os.Symlink("/etc", filepath.Join(allowed, "out")))
	require.NoError(t, os.Mkdir(filepath.Join(allowed, "in"), 0o700))
	for path, want := range map[string]string{
		filepath.Join(allowed, "in"):        "",
		filepath.Join(allowed, "new", "er"): "",
		filepath.Join(allowed, "out"):       "is not among the mounts",
		filepath.Join(allowed, "out", "x"):  "is not among the mounts",
		allowed + "-other":                  "is not among the mounts",
		allowed + "/../..":                  "is not an absolute path in its shortest form",
		allowed + ":/etc":                   "has a colon",
		"data":                              "is not an absolute path in its shortest form",
		"/run":                              "has the engine's socket",
		"/run/docker.sock":                  "has the engine's socket",
		"/var/run/docker.sock":              "has the engine's socket",
	} {
		r := idle(t, Config{Allow: Allowed{Mounts: []string{allowed, "/run", "/var/run"}}})
		if want == "" {
			require.Empty(t, r.refusePath(path), path)
			continue
		}
		require.Contains(t, r.refusePath(path), want, path)
	}
}

// TestRefusals holds that what the engine cannot do is refused, all of it at once, and each row of the table that says
// so does.
//
// Seen to fail: a row whose faults nobody collects.
func TestRefusals(t *testing.T) {
	seen := map[string]bool{}
	for want, set := range map[string]func(*definition, *containerDefinition){
		"networkMode: the configuration has no subnet": func(d *definition, _ *containerDefinition) {
			d.NetworkMode = ecs.NetworkModeAwsvpc
		},
		`networkMode: "nat"`: func(d *definition, _ *containerDefinition) { d.NetworkMode = "nat" },
		"volumes[0].efsVolumeConfiguration: ": func(d *definition, _ *containerDefinition) {
			d.Volumes = []ecs.Volume{{Name: "v", EFSVolumeConfiguration: &ecs.EFSVolumeConfiguration{}}}
		},
		"volumes[0].fsxWindowsFileServerVolumeConfiguration: ": func(d *definition, _ *containerDefinition) {
			fsx := &ecs.FSxWindowsFileServerVolumeConfiguration{}
			d.Volumes = []ecs.Volume{{FSxWindowsFileServerVolumeConfiguration: fsx}}
		},
		"volumes[0].s3filesVolumeConfiguration: ": func(d *definition, _ *containerDefinition) {
			d.Volumes = []ecs.Volume{{S3FilesVolumeConfiguration: &ecs.S3FilesVolumeConfiguration{}}}
		},
		"volumes[0].configuredAtLaunch: ": func(d *definition, _ *containerDefinition) {
			d.Volumes = []ecs.Volume{{ConfiguredAtLaunch: true}}
		},
		"proxyConfiguration: ": func(d *definition,
			_ *containerDefinition) {
			d.ProxyConfiguration = &ecs.ProxyConfiguration{}
		},
		"inferenceAccelerators: ": func(d *definition, _ *containerDefinition) {
			d.InferenceAccelerators = []ecs.InferenceAccelerator{{}}
		},
		"runtimePlatform.cpuArchitecture: ": func(d *definition, _ *containerDefinition) {
			d.RuntimePlatform = &ecs.RuntimePlatform{CPUArchitecture: ecs.CPUArchitectureArm64}
		},
		"runtimePlatform.operatingSystemFamily: ": func(d *definition, _ *containerDefinition) {
			d.RuntimePlatform = &ecs.RuntimePlatform{OperatingSystemFamily: "WINDOWS_SERVER_2022_CORE"}
		},
		`image: "A B"`: func(_ *definition, c *containerDefinition) { c.Image = "A B" },
		"repositoryCredentials: ": func(_ *definition,
			c *containerDefinition) {
			c.RepositoryCredentials = &ecs.RepositoryCredentials{}
		},
		"secrets: ": func(_ *definition, c *containerDefinition) { c.Secrets = []ecs.Secret{{}} },
		"environmentFiles: ": func(_ *definition,
			c *containerDefinition) {
			c.EnvironmentFiles = []ecs.EnvironmentFile{{}}
		},
		"healthCheck.command: it": func(_ *definition,
			c *containerDefinition) {
			c.HealthCheck = &ecs.HealthCheck{Command: words("CMD")}
		},
		`healthCheck.command: "X"`: func(_ *definition, c *containerDefinition) {
			c.HealthCheck = &ecs.HealthCheck{Command: words("X", "y")}
		},
		"credentialSpecs: ": func(_ *definition, c *containerDefinition) { c.CredentialSpecs = words("x") },
		"firelensConfiguration: ": func(_ *definition,
			c *containerDefinition) {
			c.FirelensConfiguration = &ecs.FirelensConfiguration{}
		},
		"mountPoints[0].containerPath: ": func(_ *definition, c *containerDefinition) {
			c.MountPoints = []ecs.MountPoint{{ContainerPath: "/data:shared"}}
		},
		"logConfiguration.logDriver: logs": func(_ *definition, c *containerDefinition) {
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwsfirelens}
		},
		"logConfiguration.logDriver: the engine has no gelf": func(_ *definition, c *containerDefinition) {
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverGelf}
		},
		"logConfiguration.options: awslogs": func(_ *definition, c *containerDefinition) {
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs,
				Options: map[string]string{"awslogs-group": "/../../etc"}}
		},
		"logConfiguration.secretOptions: ": func(_ *definition, c *containerDefinition) {
			c.LogConfiguration = &ecs.LogConfiguration{LogDriver: "syslog", SecretOptions: []ecs.Secret{{}}}
		},
		"resourceRequirements[0].type: the engine has no runtime nvidia": func(_ *definition, c *containerDefinition) {
			c.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu, Value: "1"}}
		},
		"resourceRequirements[0].type: NeuronDevice": func(_ *definition, c *containerDefinition) {
			c.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeNeuronDevice}}
		},
	} {
		d := definition{ContainerDefinitions: []containerDefinition{{Name: "a", Image: "sh"}}}
		set(&d, &d.ContainerDefinitions[0])
		err := idle(t, Config{}).Refuses(d)
		require.ErrorContains(t, err, want)
		require.Equal(t, 1, strings.Count(err.Error(), want))
		seen[field(want)] = true
	}
	for want := range dangers() {
		seen[field(want)] = true
	}
	for _, row := range append(taskRows(), containerRows()...) {
		at := field(strings.ReplaceAll(strings.TrimPrefix(row.Path, containersPath), "[]", ""))
		require.False(t, row.Fate == Refused && row.refuse == nil, row.Path)
		if row.refuse != nil {
			require.True(t, seen[at] || seen[at+".sourcePath"] || seen[at+".hostPath"] || seen[at+".device"] ||
				seen[at+".cpuArchitecture"] || seen[at+".containerPath"] || seen[at+".type"], "%s has no line here", at)
		}
	}
	d := definition{PidMode: ecs.PidModeHost, ContainerDefinitions: []containerDefinition{{Name: "a", Image: "A B"}}}
	require.ErrorContains(t, idle(t, Config{}).Refuses(d),
		`pidMode: the configuration does not allow host; containerDefinitions[0].image: "A B": `)
}

// field is the field that a refusal names, without places in lists.
func field(fault string) string {
	path, _, _ := strings.Cut(fault, ": ")
	for _, place := range []string{"[0]"} {
		path = strings.ReplaceAll(path, place, "")
	}
	return path
}
