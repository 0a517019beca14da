package process

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// What keeps a container from starting is a reason that names it.
//
// Seen to fail: a Start without a look at the ports; a shim without a look at the program.
func TestReasons(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	for name, c := range map[string]struct {
		set  func(*ecs.ContainerDefinition)
		want string
	}{
		"no program": {func(d *ecs.ContainerDefinition) { d.Image = "nope" },
			"CannotPullContainerError: exec /nope: no such file or directory"},
		"no permission": {func(d *ecs.ContainerDefinition) { d.Image = "text" },
			"CannotPullContainerError: exec /etc/passwd: permission denied: the file is not executable"},
		"port in use": {func(d *ecs.ContainerDefinition) {
			d.PortMappings = []ecs.PortMapping{{ContainerPort: port, HostPort: ecs.Some(port)}}
		}, fmt.Sprintf("CannotStartContainerError: container port %d cannot be bound to 127.0.0.1:%d/tcp: "+
			"address already in use", port, port)},
		"no directory": {func(d *ecs.ContainerDefinition) { d.WorkingDirectory = "/nowhere" },
			"CannotStartContainerError: workingDirectory /nowhere: no such file or directory"},
		"no user": {func(d *ecs.ContainerDefinition) { d.User = "nobodyhere" },
			"CannotStartContainerError: unable to find user nobodyhere: no matching entries in passwd file"},
		"no secret": {func(d *ecs.ContainerDefinition) { d.Secrets = []ecs.Secret{{Name: "KEY", ValueFrom: "none"}} },
			"ResourceInitializationError: unable to pull secrets: KEY: none is not there"},
		"limit": {func(d *ecs.ContainerDefinition) {
			d.Ulimits = []ecs.Ulimit{{Name: ecs.UlimitNameNofile, SoftLimit: math.MaxInt32, HardLimit: math.MaxInt32}}
		}, "CannotStartContainerError: ulimits cannot be set to what the task definition says"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, func(c *Config) {
				c.AllowUser = true
				c.Secrets = func(_ context.Context, _ message.StartTask, from string) (string, error) {
					return "", errors.New(from + " is not there")
				}
			})
			p.start("t", script("a", "sleep 3600", c.set))
			told := p.reaches("t", ecs.TaskStatusStopped)
			require.Equal(t, c.want, told.Reason)
			require.Equal(t, c.want, told.Containers[0].Reason)
			require.Zero(t, lives(t, "t"))
			require.NoError(t, p.runtime.Remove(context.Background(), message.StartTask{Task: "t"}))
			require.Empty(t, p.runtime.environments, "secrets are forgotten")
		})
	}
	t.Run("no address", func(t *testing.T) {
		p := newPlace(t, func(c *Config) { c.Address = "192.0.2.1" })
		p.start("t", script("a", "sleep 3600", func(d *ecs.ContainerDefinition) {
			d.PortMappings = []ecs.PortMapping{{ContainerPort: 80}}
		}))
		require.Equal(t, "CannotStartContainerError: container port 80 cannot be bound to 192.0.2.1:80/tcp: "+
			"cannot assign requested address", p.reaches("t", ecs.TaskStatusStopped).Reason)
	})
}

// What a process cannot be, and what the configuration does not allow, is refused at once and as a whole.
//
// Seen to fail: a path that links out of what is allowed; a row left out of the table.
func TestRefusals(t *testing.T) {
	allowed := t.TempDir()
	require.NoError(t, os.Symlink("/bin/sh", filepath.Join(allowed, "out")))
	r := &Runtime{config: Config{Programs: map[string]Program{"sh": {Path: "/bin/sh"}}, Paths: []string{allowed}}}
	type container = ecs.ContainerDefinition
	type definition = ecs.TaskDefinition
	for want, set := range map[string]func(*definition, *container){
		"volumes: ":     func(d *definition, _ *container) { d.Volumes = []ecs.Volume{{Name: "v"}} },
		"pidMode: ":     func(d *definition, _ *container) { d.PidMode = ecs.PidModeTask },
		"ipcMode: ":     func(d *definition, _ *container) { d.IpcMode = ecs.IpcModeNone },
		"networkMode: ": func(d *definition, _ *container) { d.NetworkMode = ecs.NetworkModeNone },
		"proxyConfiguration: ": func(d *definition, _ *container) {
			d.ProxyConfiguration = &ecs.ProxyConfiguration{}
		},
		"mountPoints: ": func(_ *definition, c *container) { c.MountPoints = []ecs.MountPoint{{}} },
		"volumesFrom: ": func(_ *definition, c *container) { c.VolumesFrom = []ecs.VolumeFrom{{}} },
		"readonlyRootFilesystem: ": func(_ *definition, c *container) {
			c.ReadonlyRootFilesystem = ecs.Some(true)
		},
		"links: ":                 func(_ *definition, c *container) { c.Links = []string{"b"} },
		"extraHosts: ":            func(_ *definition, c *container) { c.ExtraHosts = []ecs.HostEntry{{}} },
		"dnsServers: ":            func(_ *definition, c *container) { c.DNSServers = []string{"10.0.0.2"} },
		"disableNetworking: ":     func(_ *definition, c *container) { c.DisableNetworking = ecs.Some(true) },
		"privileged: ":            func(_ *definition, c *container) { c.Privileged = ecs.Some(true) },
		"dockerSecurityOptions: ": func(_ *definition, c *container) { c.DockerSecurityOptions = []string{"x"} },
		"linuxParameters.capabilities: ": func(_ *definition, c *container) {
			c.LinuxParameters = &ecs.LinuxParameters{Capabilities: &ecs.KernelCapabilities{}}
		},
		"linuxParameters.devices: ": func(_ *definition, c *container) {
			c.LinuxParameters = &ecs.LinuxParameters{Tmpfs: []ecs.Tmpfs{{}}}
		},
		"systemControls: ": func(_ *definition, c *container) { c.SystemControls = []ecs.SystemControl{{}} },
		"resourceRequirements: ": func(_ *definition, c *container) {
			c.ResourceRequirements = []ecs.ResourceRequirement{{}}
		},
		"credentialSpecs: ": func(_ *definition, c *container) { c.CredentialSpecs = []string{"x"} },
		"pseudoTerminal: ":  func(_ *definition, c *container) { c.Interactive = ecs.Some(true) },
		"environmentFiles: ": func(_ *definition, c *container) {
			c.EnvironmentFiles = []ecs.EnvironmentFile{{}}
		},
		"firelensConfiguration: ": func(_ *definition, c *container) {
			c.FirelensConfiguration = &ecs.FirelensConfiguration{}
		},
		"healthCheck.command: it": func(_ *definition, c *container) {
			c.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD"}}
		},
		"healthCheck.command: the configuration does not allow CMD-SHELL": func(_ *definition, c *container) {
			c.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD-SHELL", "true"}}
		},
		`healthCheck.command[1]: "/bin/true"`: func(_ *definition, c *container) {
			c.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "/bin/true"}}
		},
		`healthCheck.command[0]: "NONE"`: func(_ *definition, c *container) {
			c.HealthCheck = &ecs.HealthCheck{Command: []string{"NONE", "x"}}
		},
		`image: "/bin/true"`:         func(_ *definition, c *container) { c.Image = "/bin/true" },
		`image: "../sh"`:             func(_ *definition, c *container) { c.Image = "../sh" },
		`out" is neither`:            func(_ *definition, c *container) { c.Image = filepath.Join(allowed, "out") },
		`entryPoint[0]: "/bin/true"`: func(_ *definition, c *container) { c.EntryPoint = []string{"/bin/true"} },
		"user: ":                     func(_ *definition, c *container) { c.User = "root" },
		`environment[0].name: "a.b"`: func(_ *definition, c *container) {
			c.Environment = []ecs.KeyValuePair{{Name: "a.b"}}
		},
		"ulimits[0].name: nproc": func(_ *definition, c *container) {
			c.Ulimits = []ecs.Ulimit{{Name: ecs.UlimitNameNproc}}
		},
		"secrets: ": func(_ *definition, c *container) { c.Secrets = []ecs.Secret{{Name: "x"}} },
	} {
		d := ecs.TaskDefinition{ContainerDefinitions: []container{{Name: "a", Image: "sh"}}}
		require.NoError(t, r.refused(d))
		set(&d, &d.ContainerDefinitions[0])
		require.ErrorContains(t, r.refused(d), want)
		require.Equal(t, 1, strings.Count(r.refused(d).Error(), want))
	}
	require.Len(t, containerRefusals(), 18, "a row has a line above")
	require.Len(t, taskRefusals(), 6)
	d := ecs.TaskDefinition{PidMode: ecs.PidModeTask, ContainerDefinitions: []container{{Name: "a", Image: "x",
		User: "root"}}}
	require.ErrorContains(t, r.refused(d), `pidMode: processes are all in the host's namespace; containerDefinitions[0].`+
		`image: "x" is neither a registered program nor an allowed path; containerDefinitions[0].user: the `)
}

// What a Runtime cannot work with is an error of New.
//
// Seen to fail: a relative path taken for one below the working directory.
func TestConfig(t *testing.T) {
	for want, set := range map[string]func(*Config){
		"address: ":            func(c *Config) { c.Address = "localhost" },
		`programs[a]: "sh"`:    func(c *Config) { c.Programs = map[string]Program{"a": {Path: "sh"}} },
		`paths[0]: "bin"`:      func(c *Config) { c.Paths = []string{"bin"} },
		"no such file or dire": func(c *Config) { c.Directory += "/a/b" },
	} {
		c := Config{Directory: filepath.Join(t.TempDir(), "d")}
		set(&c)
		_, err := New(c)
		require.ErrorContains(t, err, want)
	}
	_, err := (&Runtime{config: Config{Directory: "/tmp"}}).directory(containerOf("../x", "a"))
	require.ErrorContains(t, err, `"../x" cannot be the name of a directory`)
	_, err = (&Runtime{config: Config{Directory: "/tmp"}}).directory(containerOf("..", "a"))
	require.Error(t, err)
}

// Secrets that nobody hands out keep a start no longer than its context.
//
// Seen to fail: secrets fetched without the context of Start (the test hung).
func TestStartEndsWithItsContext(t *testing.T) {
	p := newPlace(t, func(c *Config) {
		c.Secrets = func(ctx context.Context, _ message.StartTask, _ string) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}
	})
	d := script("a", "sleep 3600", func(d *ecs.ContainerDefinition) {
		d.Secrets = []ecs.Secret{{Name: "KEY", ValueFrom: "arn"}}
	})
	c := message.StartTask{Task: "t", TaskDefinition: ecs.TaskDefinition{Family: "f",
		ContainerDefinitions: []ecs.ContainerDefinition{d}}}
	_, err := p.runtime.Create(context.Background(), containerAt(&c, 0))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, p.runtime.Start(ctx, containerAt(&c, 0)), context.DeadlineExceeded)
	require.Zero(t, lives(t, "t"))
}

// A container has the variables of its definition and of its ports, its secrets, and none of the agent's.
//
// Seen to fail: the agent's own variables passed on; dynamic ports taken from the definition.
func TestEnvironment(t *testing.T) {
	t.Setenv("AGENT_SECRET", "s3cret")
	p := newPlace(t, func(c *Config) {
		c.Address = "127.0.0.1"
		c.Secrets = func(_ context.Context, _ message.StartTask, from string) (string, error) {
			return "<" + from + ">", nil
		}
		c.Environment = func(message.StartTask, int) []ecs.KeyValuePair {
			return []ecs.KeyValuePair{{Name: "A", Value: "metadata"}, {Name: "B", Value: "metadata"}}
		}
	})
	d := script("a", `env; pwd; ulimit -Sn; ulimit -Hn; sleep 3600`, func(d *ecs.ContainerDefinition) {
		d.Environment = []ecs.KeyValuePair{{Name: "B", Value: "own $(x) 'y'"}}
		d.Secrets = []ecs.Secret{{Name: "KEY", ValueFrom: "arn"}}
		d.PortMappings = []ecs.PortMapping{{ContainerPort: 80, Name: "web-http"}, {ContainerPort: 53, Protocol: "udp"}}
		d.WorkingDirectory = "/usr"
		d.Ulimits = []ecs.Ulimit{{Name: ecs.UlimitNameNofile, SoftLimit: 100, HardLimit: 200}}
	})
	free := freePort(t)
	c := message.StartTask{ID: message.Key{Op: "StartTask", Target: "t", Epoch: 1}, Cluster: "default", Instance: "i",
		Task: "t", TaskDefinition: ecs.TaskDefinition{Family: "f", ContainerDefinitions: []ecs.ContainerDefinition{d}},
		NetworkBindings: map[string][]ecs.NetworkBinding{"a": {{ContainerPort: 80, HostPort: free, Protocol: "tcp"},
			{ContainerPort: 53, HostPort: free, Protocol: "udp"}}}}
	require.NoError(t, p.agent.StartTask(context.Background(), c))
	p.reaches("t", ecs.TaskStatusRunning)
	require.Eventually(t, func() bool { return strings.Contains(p.log("t", "a"), "\n200\n") }, 20*time.Second,
		time.Millisecond)
	log := p.log("t", "a")
	host := strconv.Itoa(free)
	for _, want := range []string{"A=metadata\n", "B=own $(x) 'y'\n", "KEY=<arn>\n", "HOST=127.0.0.1\n",
		"PORT=" + host + "\n", "PORT_80=" + host + "\n", "PORT_WEB_HTTP=" + host + "\n",
		"PORT_53=" + host + "\n", "\n/usr\n100\n200\n"} {
		require.Contains(t, "\n"+log, want)
	}
	require.NotContains(t, log, "s3cret")
}

// Seen to fail: CMD-SHELL without a shell; a check that outlives its time.
func TestHealthChecks(t *testing.T) {
	p := newPlace(t, func(c *Config) { c.AllowShell = true })
	flag := filepath.Join(t.TempDir(), "flag")
	c := p.start("t", script("a", "sleep 3600", func(d *ecs.ContainerDefinition) {
		d.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD-SHELL", "test -e " + flag}, Interval: ecs.Some(5)}
	}), script("b", "sleep 3600", func(d *ecs.ContainerDefinition) {
		d.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "sleep", "3600"}}
	}))
	p.reaches("t", ecs.TaskStatusRunning)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	require.Error(t, p.runtime.CheckHealth(context.Background(), containerAt(&c, 0)))
	require.NoError(t, os.WriteFile(flag, nil, 0o600))
	require.NoError(t, p.runtime.CheckHealth(context.Background(), containerAt(&c, 0)))
	require.Error(t, p.runtime.CheckHealth(ctx, containerAt(&c, 1)), "it takes too long")
	before := lives(t, "t")
	c.TaskDefinition.ContainerDefinitions[0].HealthCheck = &ecs.HealthCheck{Command: []string{"CMD-SHELL",
		"sleep 3600 & true"}}
	require.NoError(t, p.runtime.CheckHealth(context.Background(), containerAt(&c, 0)))
	require.Equal(t, before, lives(t, "t"), "nothing of a check is left")
}

// A directory may have any name.
func TestDirectoryIsNoPattern(t *testing.T) {
	p := newPlace(t, func(c *Config) { c.Directory = filepath.Join(t.TempDir(), "a[b]*") })
	p.start("t", script("a", "sleep 3600"))
	p.reaches("t", ecs.TaskStatusRunning)
	require.Positive(t, lives(t, "t"))
	p.agent.Close()
	require.NoError(t, p.runtime.Sweep(context.Background(), nil, nil))
	ends(t, "t")
	require.Empty(t, p.runtime.environments)
}

// A log that is too large is copied and emptied, again and again, and its writer goes on.
//
// Seen to fail, when the test itself rotated: a log that is renamed; three rotated files where two are kept.
func TestLogs(t *testing.T) {
	p := newPlace(t, func(c *Config) { c.LogSize, c.Logs = 1000, 2 })
	p.start("t", script("a", `i=0; while :; do i=$((i+1)); printf 'line %0100d\n' $i; sleep 0.01; done`))
	p.reaches("t", ecs.TaskStatusRunning)
	path := p.runtime.Log("t", "a")
	last := ""
	for range 3 {
		require.Eventually(t, func() bool {
			data, err := os.ReadFile(path + ".2")
			next := string(data)
			changed := err == nil && next != "" && next != last
			if changed {
				last = next
			}
			return changed
		}, time.Minute, time.Millisecond)
	}
	require.Eventually(t, func() bool { return strings.Contains(p.log("t", "a"), "line ") }, 20*time.Second,
		time.Millisecond)
	p.close() // no rotation is under way any more
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Equal(t, []string{path, path + ".1", path + ".2"}, files)
}
