package sim

import (
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
)

// AgentAttributes returns the capabilities that an agent of today advertises on Linux, all
// without a value, in order of name. Source: Amazon ECS Developer Guide, "Amazon ECS
// container agent"; the agent's README.
func AgentAttributes() []ecs.Attribute {
	names := []string{
		"com.amazonaws.ecs.capability.apparmor",
		"com.amazonaws.ecs.capability.ecr-auth",
		"com.amazonaws.ecs.capability.logging-driver.awsfirelens",
		"com.amazonaws.ecs.capability.logging-driver.awsfirelens.log-driver-buffer-limit",
		"com.amazonaws.ecs.capability.logging-driver.awslogs",
		"com.amazonaws.ecs.capability.logging-driver.fluentd",
		"com.amazonaws.ecs.capability.logging-driver.gelf",
		"com.amazonaws.ecs.capability.logging-driver.journald",
		"com.amazonaws.ecs.capability.logging-driver.json-file",
		"com.amazonaws.ecs.capability.logging-driver.splunk",
		"com.amazonaws.ecs.capability.logging-driver.syslog",
		"com.amazonaws.ecs.capability.privileged-container",
		"com.amazonaws.ecs.capability.selinux",
		"com.amazonaws.ecs.capability.task-iam-role",
		"com.amazonaws.ecs.capability.task-iam-role-network-host",
		"ecs.capability.aws-appmesh",
		"ecs.capability.container-health-check",
		"ecs.capability.container-ordering",
		"ecs.capability.container-restart-policy",
		"ecs.capability.docker-plugin.local",
		"ecs.capability.efs",
		"ecs.capability.efsAuth",
		"ecs.capability.env-files.s3",
		"ecs.capability.execute-command",
		"ecs.capability.execution-role-awslogs",
		"ecs.capability.execution-role-ecr-pull",
		"ecs.capability.fault-injection",
		"ecs.capability.firelens.fluentbit",
		"ecs.capability.firelens.fluentd",
		"ecs.capability.firelens.options.config.file",
		"ecs.capability.firelens.options.config.s3",
		"ecs.capability.full-sync",
		"ecs.capability.increased-task-cpu-limit",
		"ecs.capability.network.container-port-range",
		"ecs.capability.pid-ipc-namespace-sharing",
		"ecs.capability.private-registry-authentication.secretsmanager",
		"ecs.capability.secrets.asm.bootstrap.log-driver",
		"ecs.capability.secrets.asm.environment-variables",
		"ecs.capability.secrets.ssm.bootstrap.log-driver",
		"ecs.capability.secrets.ssm.environment-variables",
		"ecs.capability.service-connect-v1",
		"ecs.capability.storage.ebs-task-volume-attach",
		"ecs.capability.task-cpu-mem-limit",
		"ecs.capability.task-eni",
	}
	for minor := 17; minor <= 44; minor++ {
		names = append(names, "com.amazonaws.ecs.capability.docker-remote-api.1."+strconv.Itoa(minor))
	}
	slices.Sort(names)
	list := make([]ecs.Attribute, len(names))
	for i, name := range names {
		list[i].Name = name
	}
	return list
}

// with adds the attributes that the instance does not have.
func with(ci ecs.ContainerInstance, attributes []ecs.Attribute) ecs.ContainerInstance {
	ci.Attributes = slices.Clone(ci.Attributes)
	for _, a := range attributes {
		if _, ok := ci.Attribute(a.Name); !ok {
			ci.Attributes = append(ci.Attributes, a)
		}
	}
	return ci
}
