package ecs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// Facts 1.20, a feature each.
func TestAttributesByFeature(t *testing.T) {
	type cd = ecs.ContainerDefinition
	of := func(c cd) ecs.TaskDefinition { return ecs.TaskDefinition{ContainerDefinitions: []cd{c}} }
	volume := func(v ecs.Volume) ecs.TaskDefinition { return ecs.TaskDefinition{Volumes: []ecs.Volume{v}} }
	const old, now = "com.amazonaws.ecs.capability.", "ecs.capability."
	for name, d := range map[string]ecs.TaskDefinition{ //order:any each alone
		old + "task-iam-role-network-host": {TaskRoleArn: "r",
			NetworkMode: ecs.NetworkModeHost},
		now + "increased-task-cpu-limit":  {CPU: "11 vCPU"},
		now + "pid-ipc-namespace-sharing": {PidMode: ecs.PidModeHost},
		now + "aws-appmesh":               {ProxyConfiguration: &ecs.ProxyConfiguration{}},
		now + "fault-injection":           {EnableFaultInjection: true},
		old + "privileged-container":      of(cd{Privileged: ecs.Some(true)}),
		old + "selinux": of(
			cd{DockerSecurityOptions: []string{"label:type:x"}}),
		old + "apparmor": of(
			cd{DockerSecurityOptions: []string{"apparmor:p"}}),
		now + "gmsa": of(
			cd{DockerSecurityOptions: []string{"credentialspec:file"}}),
		now + "gmsa-domainless": of(
			cd{CredentialSpecs: []string{"credentialspecdomainless:arn"}}),
		now + "container-ordering":     of(cd{StopTimeout: ecs.Some(3)}),
		now + "container-health-check": of(cd{HealthCheck: &ecs.HealthCheck{}}),
		now + "container-restart-policy": of(
			cd{RestartPolicy: &ecs.ContainerRestartPolicy{Enabled: true}}),
		now + "env-files.s3": of(cd{EnvironmentFiles: make([]ecs.EnvironmentFile,
			1)}),
		now + "network.container-port-range": of(
			cd{PortMappings: []ecs.PortMapping{{ContainerPortRange: "1-2"}}}),
		now + "gpu-driver-version": of(
			cd{ResourceRequirements: []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu}}}),
		now + "private-registry-authentication.secretsmanager": of(
			cd{RepositoryCredentials: &ecs.RepositoryCredentials{}}),
		now + "secrets.ssm.environment-variables": of(
			cd{Secrets: []ecs.Secret{{ValueFrom: "parameter"}}}),
		now + "secrets.asm.bootstrap.log-driver": of(
			cd{LogConfiguration: &ecs.LogConfiguration{
				SecretOptions: []ecs.Secret{{ValueFrom: "arn:aws:secretsmanager:x"}}}}),
		now + "logging-driver.awsfirelens.log-driver-buffer-limit": of(
			cd{LogConfiguration: &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwsfirelens,
				Options: map[string]string{"log-driver-buffer-limit": "1"}}}),
		now +
			"firelens.fluentbit": of(cd{FirelensConfiguration: &ecs.FirelensConfiguration{Type: "fluentbit"}}),
		now +
			"firelens.options.config.s3": of(
			cd{FirelensConfiguration: &ecs.FirelensConfiguration{
				Options: map[string]string{"config-file-type": "s3"}}}),
		now + "firelens.non-root-user": of(cd{User: "1000",
			FirelensConfiguration: &ecs.FirelensConfiguration{}}),
		old +
			"docker-remote-api.1.25": of(cd{LinuxParameters: &ecs.LinuxParameters{InitProcessEnabled: ecs.Some(true)}}),
		now + "docker-plugin.rexray": volume(
			ecs.Volume{DockerVolumeConfiguration: &ecs.DockerVolumeConfiguration{Driver: "rexray"}}),
		old +
			"docker-remote-api.1.28": of(cd{LogConfiguration: &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs,
			Options: map[string]string{"mode": "non-blocking"}}}),
		old +
			"docker-remote-api.1.29": of(cd{LogConfiguration: &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs,
			Options: map[string]string{"awslogs-create-group": "true"}}}),
		now + "efsAuth": volume(ecs.Volume{EFSVolumeConfiguration: &ecs.EFSVolumeConfiguration{
			AuthorizationConfig: &ecs.EFSAuthorizationConfig{}}}),
		now + "fsxWindowsFileServer": volume(
			ecs.Volume{FSxWindowsFileServerVolumeConfiguration: &ecs.FSxWindowsFileServerVolumeConfiguration{}}),
		now + "storage.s3-files": volume(
			ecs.Volume{S3FilesVolumeConfiguration: &ecs.S3FilesVolumeConfiguration{}}),
		now + "storage.ebs-task-volume-attach": volume(ecs.Volume{ConfiguredAtLaunch: true}),
	} {
		require.Contains(t, d.AttributesRequired(), ecs.Attribute{Name: name})
	}
}

// Facts 1.20.
func TestAttributesRequired(t *testing.T) {
	names := func(d ecs.TaskDefinition) []string {
		list := []string{}
		for _, a := range d.AttributesRequired() {
			list = append(list, a.Name)
		}
		return list
	}
	require.Empty(t,
		names(ecs.TaskDefinition{ContainerDefinitions: []ecs.ContainerDefinition{{Image: "nginx", Memory: 128}}}))
	require.Empty(t,
		names(ecs.TaskDefinition{CPU: "1024", Memory: "2048",
			RuntimePlatform: &ecs.RuntimePlatform{OperatingSystemFamily: ecs.OSFamilyWindowsServer2022Core}}))
	require.Equal(t, []string{
		"com.amazonaws.ecs.capability.docker-remote-api.1.18",
		"com.amazonaws.ecs.capability.docker-remote-api.1.19",
		"com.amazonaws.ecs.capability.ecr-auth",
		"com.amazonaws.ecs.capability.logging-driver.awslogs",
		"com.amazonaws.ecs.capability.task-iam-role",
		"ecs.capability.execution-role-awslogs",
		"ecs.capability.execution-role-ecr-pull",
		"ecs.capability.secrets.asm.environment-variables",
		"ecs.capability.task-cpu-mem-limit",
		"ecs.capability.task-eni",
	}, names(ecs.TaskDefinition{
		NetworkMode: ecs.NetworkModeAwsvpc, CPU: "256", TaskRoleArn: "role", ExecutionRoleArn: "role",
		ContainerDefinitions: []ecs.ContainerDefinition{{
			Image:            "123456789012.dkr.ecr.us-east-1.amazonaws.com/web",
			LogConfiguration: &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs},
			Secrets: []ecs.Secret{{Name: "A",
				ValueFrom: "arn:aws:secretsmanager:us-east-1:123456789012:secret:a"}},
		}},
	}))
}

func TestRoles(t *testing.T) {
	d := ecs.TaskDefinition{TaskRoleArn: "task", ExecutionRoleArn: "execution"}
	task, execution := d.Roles(nil)
	require.Equal(t, []string{"task", "execution"}, []string{task, execution})
	task, execution = d.Roles(&ecs.TaskOverride{TaskRoleArn: "other"})
	require.Equal(t, []string{"other", "execution"}, []string{task, execution})
	task, _ = ecs.TaskDefinition{ExecutionRoleArn: "execution"}.Roles(nil)
	require.Empty(t, task, "the execution role does not stand in")
}
