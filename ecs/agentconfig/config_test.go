package agentconfig_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseAgentConfig(t *testing.T) {
	want := agentconfig.Config{
		Cluster:                    "prod",
		InstanceAttributes:         []ecs.Attribute{{Name: "rack", Value: "7"}, {Name: "stack", Value: "web"}},
		ReservedMemory:             256,
		ReservedPorts:              ecs.Some([]string{"22", "9100"}),
		DynamicHostPorts:           ecs.Some(agentconfig.PortRange{First: 40000, Last: 50000}),
		EnableSpotInstanceDraining: true,
		ContainerStopTimeout:       ecs.Some(2 * time.Minute),
		Other:                      map[string]string{"ECS_LOGLEVEL": "debug"},
	}
	for _, text := range []string{`
# the agent's configuration
ECS_CLUSTER=prod
ECS_INSTANCE_ATTRIBUTES={"stack": "web", "rack": "7"}
ECS_RESERVED_MEMORY=256
ECS_RESERVED_PORTS=[22, 9100]
ECS_DYNAMIC_HOST_PORT_RANGE=40000-50000
ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
ECS_CONTAINER_STOP_TIMEOUT=2m
ECS_LOGLEVEL=debug
`, `#!/bin/bash
yum update -y
cat <<'END' >> /etc/ecs/ecs.config
ECS_CLUSTER=prod
ECS_RESERVED_PORTS=[22, 9100]
ECS_RESERVED_MEMORY=256
ECS_LOGLEVEL=debug
END
echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config
echo "ECS_CONTAINER_STOP_TIMEOUT=2m" >> /etc/ecs/ecs.config;
echo 'ECS_INSTANCE_ATTRIBUTES={"stack": "web", "rack": "7"}' >> /etc/ecs/ecs.config
export ECS_DYNAMIC_HOST_PORT_RANGE="40000-50000"
start ecs
`} {
		got, err := agentconfig.Parse(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := agentconfig.Parse(
		"ECS_CLUSTER=a " +
			"b\nECS_RESERVED_MEMORY=-1\nECS_RESERVED_PORTS=22\nECS_DYNAMIC_HOST_PORT_RANGE=9-8\n" +
			"ECS_ENABLE_TASK_ENI=maybe\nECS_CONTAINER_STOP_TIMEOUT=0s\nECS_INSTANCE_ATTRIBUTES=x\nwhat\n")
	require.Equal(t, []string{
		"InvalidParameterException ",
		"InvalidParameterException ECS_CLUSTER",
		"InvalidParameterException ECS_CONTAINER_STOP_TIMEOUT",
		"InvalidParameterException ECS_DYNAMIC_HOST_PORT_RANGE",
		"InvalidParameterException ECS_ENABLE_TASK_ENI",
		"InvalidParameterException ECS_INSTANCE_ATTRIBUTES",
		"InvalidParameterException ECS_RESERVED_MEMORY",
		"InvalidParameterException ECS_RESERVED_PORTS",
	}, refused(err))
}

// User data as it is written: each way of saying one thing.
func TestUserData(t *testing.T) {
	const head = "#!/bin/bash\n"
	attributes := agentconfig.Config{InstanceAttributes: []ecs.Attribute{{Name: "stack", Value: "web"}}}
	cluster := agentconfig.Config{Cluster: "prod"}
	for text, want := range map[string]agentconfig.Config{ //order:any each alone
		head +
			`echo ECS_CLUSTER=prod >> /etc/ecs/ecs.config`: cluster,
		head +
			`echo "ECS_CLUSTER=prod" >>/etc/ecs/ecs.config;echo ECS_BACKEND_HOST= >> /etc/ecs/ecs.config;`: cluster,
		head +
			`yum update -y && echo ECS_CLUSTER="prod" > /etc/ecs/ecs.config # join`: cluster,
		head +
			"NAME=prod\nCOUNT=$(nproc)\necho \"ECS_CLUSTER=${NAME}\" >> /etc/ecs/ecs.config": cluster,
		head +
			"ECS_CLUSTER=prod\necho ECS_CLUSTER=$ECS_CLUSTER >> /etc/ecs/ecs.config\necho \"X=1\" >> " +
			"$GITHUB_ENV": cluster,
		head +
			"NAME=prod\ncat <<EOF>>/etc/ecs/ecs.config\nECS_CLUSTER=$NAME\nEOF\ncat <<'EOF' >> " +
			"/etc/fstab\nECS_CLUSTER=no\nEOF\n": cluster,
		head + "cat << EOF | sudo tee -a /etc/ecs/ecs.config\n\n  ECS_CLUSTER=prod\n\nEOF\nECS_LOG=$(cat /x)": {
			Cluster: "prod", Other: map[string]string{"ECS_LOG": "$(cat /x)"}},
		head +
			`echo ECS_INSTANCE_ATTRIBUTES='{"stack": "web"}' >> /etc/ecs/ecs.config`: attributes,
		head +
			`echo ECS_INSTANCE_ATTRIBUTES={\"stack\":\"web\"} >> /etc/ecs/ecs.config`: attributes,
		head +
			`echo "ECS_INSTANCE_ATTRIBUTES={\"stack\":\"web\"}" >> /etc/ecs/ecs.config`: attributes,
		head + `echo -e "ECS_CLUSTER=prod\nECS_RESERVED_MEMORY=256" >> /etc/ecs/ecs.config`: {
			Cluster: "prod", ReservedMemory: 256},
		"#cloud-config\nbootcmd:\n  - mkdir -p /etc/ecs\n  - echo 'ECS_CLUSTER=prod' >> /etc/ecs/ecs.config\n": cluster,
		"#cloud-config\nwrite_files:\n- path: /etc/ecs/ecs.config\n  content: |\n    ECS_CLUSTER=prod\n":       cluster,
		"<powershell>\nImport-Module ECSTools\nInitialize-ECSAgent -Cluster 'prod' -EnableTaskIAMRole " +
			"-LoggingDrivers " +
			"'[\"json-file\",\"awslogs\"]' -EnableTaskENI\n</powershell>\n": {
			Cluster: "prod", EnableTaskIAMRole: true, EnableTaskENI: ecs.Some(true),
			LogDrivers: []ecs.LogDriver{ecs.LogDriverJsonFile, ecs.LogDriverAwslogs},
		},
		"<powershell>\n[Environment]::SetEnvironmentVariable(\"ECS_CLUSTER\", \"prod\", " +
			"\"Machine\")\n[Environment]::SetEnvironmentVariable(\"PATH\", \"x\", " +
			"\"Machine\")\n</powershell>\n": cluster,
		"sudo yum -y update\necho 'ECS_CLUSTER=prod' >> " +
			"/etc/ecs/ecs.config\n": cluster,
		"# /etc/ecs/ecs.config\nECS_INSTANCE_ATTRIBUTES={\"stack\": " +
			"\"web\"}\n": attributes,
		"ECS_CLUSTER=test\nECS_CLUSTER=prod\nECS_INSTANCE_ATTRIBUTES={\"a\": " +
			"\"b\"}\nECS_INSTANCE_ATTRIBUTES={\"stack\":\"web\"}\n": {Cluster: "prod",
			InstanceAttributes: attributes.InstanceAttributes},
		"Content-Type: multipart/mixed; boundary=\"==B==\"\nMIME-Version: 1.0\n\n--==B==\nContent-Type: " +
			"text/x-shellscript; charset=\"us-ascii\"\n\n#!/bin/bash\necho ECS_CLUSTER=prod >> " +
			"/etc/ecs/ecs.config\n--==B==--\n": cluster,
	} {
		got, err := agentconfig.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	_, err := agentconfig.Parse(head + "A=xxxxxxxx\n" + strings.Repeat("A=$A$A\n",
		100) + "echo ECS_CLUSTER=$A >> /etc/ecs/ecs.config")
	require.Error(t, err, "and soon")
	// The shell takes the quotes off, and the agent would not start.
	_, err = agentconfig.Parse(head + `echo ECS_INSTANCE_ATTRIBUTES={"stack":"web"} >> /etc/ecs/ecs.config`)
	require.Equal(t, []string{"InvalidParameterException ECS_INSTANCE_ATTRIBUTES"}, refused(err))
}

func FuzzParseAgentConfig(f *testing.F) {
	f.Add("ECS_CLUSTER=prod\n# x\n")
	f.Add(
		"#!/bin/sh\nA=b; echo \"ECS_CLUSTER=${A}\" >> /etc/ecs/ecs.config\ncat <<'E' >> " +
			"/etc/ecs/ecs.config\nECS_RESERVED_PORTS=[1]\nE\n")
	f.Add("#!\necho ${ \\ ' >> ecs.config\ncat <<\n")
	f.Fuzz(func(t *testing.T, text string) {
		config, err := agentconfig.Parse(text)
		again, errAgain := agentconfig.Parse(text)
		require.Equal(t, config, again)
		require.Equal(t, err, errAgain)
	})
}

// An instance with everything on can run whatever is valid on its operating system, as far
// as capabilities go: what definitions require is what agents advertise.
func TestCapabilitiesMeetRequirements(t *testing.T) {
	config := agentconfig.Config{EnableTaskIAMRole: true, EnableTaskIAMRoleNetworkHost: true, EnableGPUSupport: true,
		SELinuxCapable: true, AppArmorCapable: true}
	in, err := config.Registration(agentconfig.Machine{CPU: 4096, Memory: 8192, GPUs: []string{"GPU-0"}})
	require.NoError(t, err)
	require.NoError(t, in.Validate())
	require.Equal(t, "default", in.Cluster)
	windows, err := config.Registration(agentconfig.Machine{CPU: 4096, Memory: 8192, Windows: true})
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]ecstest.Kind{ecstest.KindBridge, ecstest.KindHost, ecstest.KindNone,
			ecstest.KindAwsvpc, ecstest.KindWindows}).Draw(t, "kind")
		in := in
		if kind == ecstest.KindWindows {
			in = windows
		}
		d := ecstest.TaskDefinitionsOf(kind).Draw(t, "task definition")
		for _, a := range d.AttributesRequired() {
			if a.Name == "ecs.capability.docker-plugin.rexray" {
				continue
			}
			require.True(t, slices.Contains(in.Attributes, a), "%s is required and not advertised", a.Name)
		}
	})
	_, err = agentconfig.Config{ReservedMemory: 9000}.Registration(agentconfig.Machine{Memory: 8192})
	require.ErrorIs(t, err, ecs.InvalidParameterException)
}

func TestAgentCapabilities(t *testing.T) {
	config, err := agentconfig.Parse(`
ECS_CLUSTER=prod
ECS_ENABLE_TASK_IAM_ROLE=true
ECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST=true
ECS_ENABLE_TASK_ENI=false
ECS_AWSVPC_BLOCK_IMDS=true
ECS_ENABLE_GPU_SUPPORT=true
ECS_DISABLE_PRIVILEGED=true
ECS_SELINUX_CAPABLE=true
ECS_APPARMOR_CAPABLE=true
ECS_WARM_POOLS_CHECK=true
ECS_AVAILABLE_LOGGING_DRIVERS=["json-file","awslogs"]
ECS_RESERVED_PORTS_UDP=[53]
ECS_CONTAINER_START_TIMEOUT=90
ECS_CONTAINER_INSTANCE_TAGS={"team": "a"}
ECS_LOGFILE=
`)
	require.NoError(t, err)
	require.True(t, config.WarmPoolsCheck)
	require.Equal(t, ecs.Some(90*time.Second), config.ContainerStartTimeout)
	require.Equal(t, []ecs.Tag{{Key: "team", Value: "a"}}, config.InstanceTags)
	advertised := func(m agentconfig.Machine) map[string]bool {
		in, err := config.Registration(m)
		require.NoError(t, err)
		require.NoError(t, in.Validate())
		names := map[string]bool{}
		for _, a := range in.Attributes {
			names[a.Name] = true
		}
		return names
	}
	linux := advertised(agentconfig.Machine{CPU: 1024, Memory: 1024, GPUs: []string{"GPU-0"}})
	for name, want := range map[string]bool{ //order:any each alone
		"com.amazonaws.ecs.capability.task-iam-role":              true,
		"com.amazonaws.ecs.capability.task-iam-role-network-host": true,
		"com.amazonaws.ecs.capability.privileged-container":       false,
		"com.amazonaws.ecs.capability.selinux":                    true,
		"com.amazonaws.ecs.capability.logging-driver.awslogs":     true,
		"com.amazonaws.ecs.capability.logging-driver.splunk":      false,
		"ecs.capability.task-eni":                                 false,
		"ecs.capability.gpu-driver-version":                       true,
		"ecs.capability.gmsa":                                     false,
		"ecs.capability.external":                                 false,
	} {
		require.Equal(t, want, linux[name], name)
	}
	require.True(t, advertised(agentconfig.Machine{Windows: true})["ecs.capability.gmsa"])
	external := advertised(agentconfig.Machine{External: true})
	require.True(t, external["ecs.capability.external"])
	require.False(t, external["ecs.capability.service-connect-v1"])
	for _, text := range []string{"ECS_AVAILABLE_LOGGING_DRIVERS=x", "ECS_RESERVED_PORTS=[0]",
		"ECS_CONTAINER_INSTANCE_TAGS={\"aws:x\": \"y\"}", "ECS_INSTANCE_ATTRIBUTES={\"a b\": \"y\"}"} {
		_, err := agentconfig.Parse(text)
		require.ErrorIs(t, err, ecs.InvalidParameterException, text)
	}
}

// refused returns code and field of each fault.
func refused(err error) (list []string) {
	for e := range ecs.Errors(err) {
		list = append(list, string(e.Code)+" "+e.Field)
	}
	return list
}
