package ecstest

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"pgregory.net/rapid"
)

// Fault is a rule of registration and a change that breaks this rule, and no other, in any valid task
// definition of its kind.
type Fault struct {
	Rule  string                                     // what is broken, in a few words; unique
	Kind  Kind                                       // the kind of definition that it is planted in
	Plant func(d *ecs.TaskDefinition) (field string) // breaks the rule and returns the field at fault
}

// Broken is a task definition with exactly one fault: Rule is the rule that it breaks, and a check must
// report Code at Field.
type Broken struct {
	TaskDefinition ecs.TaskDefinition
	Rule           string
	Code           ecs.Code
	Field          string
}

// BrokenTaskDefinitions makes task definitions in which exactly one rule is broken, and says
// which code and field a check must name.
func BrokenTaskDefinitions() *rapid.Generator[Broken] {
	return rapid.Custom(func(t *rapid.T) Broken {
		return BrokenBy(rapid.SampledFrom(Faults()).Draw(t, "fault")).Draw(t, "broken")
	})
}

// BrokenBy makes task definitions with fault f and no other.
func BrokenBy(f Fault) *rapid.Generator[Broken] {
	return rapid.Custom(func(t *rapid.T) Broken {
		d := TaskDefinitionsOf(f.Kind).Draw(t, "task definition").Clone()
		field := f.Plant(&d)
		return Broken{TaskDefinition: d, Rule: f.Rule, Code: ecs.ClientException, Field: field}
	})
}

// Faults returns a fault for each rule of registration.
func Faults() []Fault {
	var list []Fault
	for _, part := range [][]Fault{taskFaults(), containerFaults(), networkFaults(), volumeFaults(), loggingFaults(),
		linuxFaults(), fargateFaults(), otherFaults()} {
		list = append(list, part...)
	}
	return list
}

// add appends a container that breaks nothing by itself, changed by change, and returns the
// path of its field.
func add(d *ecs.TaskDefinition, field string, change func(c *ecs.ContainerDefinition)) string {
	n := len(d.ContainerDefinitions)
	c := ecs.ContainerDefinition{Name: "planted", Image: "nginx", Memory: 64, Essential: ecs.Some(false)}
	change(&c)
	d.ContainerDefinitions = append(d.ContainerDefinitions, c)
	if field == "" {
		return fmt.Sprintf("containerDefinitions[%d]", n)
	}
	return fmt.Sprintf("containerDefinitions[%d].%s", n, field)
}

// planted makes a fault of one added container.
func planted(rule string, k Kind, field string, change func(c *ecs.ContainerDefinition)) Fault {
	return Fault{rule, k, func(d *ecs.TaskDefinition) string { return add(d, field, change) }}
}

// changed makes a fault of the task definition itself.
func changed(rule string, k Kind, field string, change func(d *ecs.TaskDefinition)) Fault {
	return Fault{rule, k, func(d *ecs.TaskDefinition) string { change(d); return field }}
}

// volume makes a fault of one added volume.
func volume(rule string, k Kind, field string, change func(v *ecs.Volume)) Fault {
	return Fault{rule, k, func(d *ecs.TaskDefinition) string {
		v := ecs.Volume{Name: "planted"}
		change(&v)
		d.Volumes = append(d.Volumes, v)
		return strings.TrimSuffix(fmt.Sprintf("volumes[%d].%s", len(d.Volumes)-1, field), ".")
	}}
}

func taskFaults() []Fault {
	type td = *ecs.TaskDefinition
	return []Fault{
		changed("no family", KindBridge, "family", func(d td) { d.Family = "" }),
		changed("family with a blank", KindBridge, "family", func(d td) { d.Family = "my web" }),
		changed("family of 256 characters", KindBridge, "family", func(d td) { d.Family = strings.Repeat("a", 256) }),
		changed("no containers", KindHost, "containerDefinitions", func(d td) { d.ContainerDefinitions = nil }),
		changed("eleven containers", KindNone, "containerDefinitions", func(d td) {
			d.Memory = ""
			for i := len(d.ContainerDefinitions); i < 11; i++ {
				add(d, "", func(c *ecs.ContainerDefinition) { c.Name = fmt.Sprintf("extra%d", i) })
			}
		}),
		changed("no essential container", KindBridge, "containerDefinitions", func(d td) {
			for i := range d.ContainerDefinitions {
				d.ContainerDefinitions[i].Essential = ecs.Some(false)
			}
		}),
		changed("unknown network mode", KindNone, "networkMode", func(d td) {
			d.NetworkMode = "overlay"
			for i := range d.ContainerDefinitions {
				d.ContainerDefinitions[i].PortMappings = nil
			}
		}),
		changed("unknown pid mode", KindBridge, "pidMode", func(d td) { d.PidMode = "none" }),
		changed("unknown ipc mode", KindBridge, "ipcMode", func(d td) { d.IpcMode = "shared" }),
		changed("unknown compatibility", KindBridge, "requiresCompatibilities[0]", func(d td) {
			d.RequiresCompatibilities = []ecs.Compatibility{"LAMBDA"}
		}),
		changed("task cpu that is not an amount", KindBridge, "cpu", func(d td) { d.CPU = "lots" }),
		changed("task cpu below 128", KindNone, "cpu", func(d td) {
			d.CPU = "100"
			for i := range d.ContainerDefinitions {
				d.ContainerDefinitions[i].CPU = 0
			}
		}),
		changed("task cpu above 192 vCPU", KindBridge, "cpu", func(d td) { d.CPU = "193 vCPU" }),
		changed("task memory that is not an amount", KindBridge, "memory", func(d td) { d.Memory = "4 TB" }),
		changed("task role that is no ARN of a role", KindBridge, "taskRoleArn", func(d td) {
			d.TaskRoleArn = "arn:aws:iam::123456789012:user/web"
		}),
		changed("execution role that is no ARN of a role", KindBridge, "executionRoleArn", func(d td) {
			d.ExecutionRoleArn = "arn:aws:s3:::bucket"
		}),
		changed("inference accelerators", KindBridge, "inferenceAccelerators", func(d td) {
			d.InferenceAccelerators = []ecs.InferenceAccelerator{{DeviceName: "device", DeviceType: "eia2.medium"}}
		}),
		changed("ephemeral storage on EC2", KindBridge, "ephemeralStorage", func(d td) {
			d.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: 30}
		}),
		changed("ephemeral storage of 20 GiB", KindFargate, "ephemeralStorage.sizeInGiB", func(d td) {
			d.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: 20}
		}),
		changed("ephemeral storage of 201 GiB", KindFargate, "ephemeralStorage.sizeInGiB", func(d td) {
			d.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: 201}
		}),
		changed("unknown CPU architecture", KindBridge, "runtimePlatform.cpuArchitecture", func(d td) {
			d.RuntimePlatform = &ecs.RuntimePlatform{CPUArchitecture: "RISCV"}
		}),
		changed("unknown operating system", KindBridge, "runtimePlatform.operatingSystemFamily", func(d td) {
			d.RuntimePlatform = &ecs.RuntimePlatform{OperatingSystemFamily: "BSD"}
		}),
		changed("ARM64 with Windows", KindWindows, "runtimePlatform.cpuArchitecture", func(d td) {
			d.RuntimePlatform.CPUArchitecture = ecs.CPUArchitectureArm64
		}),
		changed("distinctInstance in a task definition", KindBridge, "placementConstraints[0].type", func(d td) {
			d.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeDistinctInstance}}
		}),
		changed("constraint without a type", KindBridge, "placementConstraints[0].type", func(d td) {
			d.PlacementConstraints = []ecs.PlacementConstraint{{Expression: "attribute:stack == prod"}}
		}),
		changed("unknown constraint", KindBridge, "placementConstraints[0].type", func(d td) {
			d.PlacementConstraints = []ecs.PlacementConstraint{{Type: "near"}}
		}),
		changed("memberOf without an expression", KindBridge, "placementConstraints[0].expression", func(d td) {
			d.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeMemberOf}}
		}),
		changed("expression that does not parse", KindBridge, "placementConstraints[0].expression", func(d td) {
			d.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeMemberOf,
				Expression: "attribute:stack =="}}
		}),
		changed("expression of 2001 characters", KindBridge, "placementConstraints[0].expression", func(d td) {
			d.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeMemberOf,
				Expression: "attribute:stack == " + strings.Repeat("x", 1982)}}
		}),
		changed("eleven constraints", KindBridge, "placementConstraints", func(d td) {
			d.PlacementConstraints = nil
			for range 11 {
				d.PlacementConstraints = append(d.PlacementConstraints,
					ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeMemberOf,
						Expression: "attribute:stack == prod"})
			}
		}),
		changed("empty list of tags", KindBridge, "tags", func(d td) { d.Tags = []ecs.Tag{} }),
		changed("51 tags", KindBridge, "tags", func(d td) {
			d.Tags = nil
			for i := range 51 {
				d.Tags = append(d.Tags, ecs.Tag{Key: fmt.Sprintf("key%d", i)})
			}
		}),
		changed("tag without a key", KindBridge, "tags[0].key", func(d td) { d.Tags = []ecs.Tag{{Value: "x"}} }),
		changed("tag key of 129 characters", KindBridge, "tags[0].key", func(d td) {
			d.Tags = []ecs.Tag{{Key: strings.Repeat("é", 129)}}
		}),
		changed("tag value of 257 characters", KindBridge, "tags[0].value", func(d td) {
			d.Tags = []ecs.Tag{{Key: "k", Value: strings.Repeat("é", 257)}}
		}),
		changed("tag key with a character that no tag has", KindBridge, "tags[0].key", func(d td) {
			d.Tags = []ecs.Tag{{Key: "a*b"}}
		}),
		changed("tag key of AWS", KindBridge, "tags[0].key", func(d td) { d.Tags = []ecs.Tag{{Key: "AWS:web"}} }),
		changed("tag value of AWS", KindBridge, "tags[0].value", func(d td) {
			d.Tags = []ecs.Tag{{Key: "web", Value: "aws:web"}}
		}),
		changed("tag key twice", KindBridge, "tags[1].key", func(d td) {
			d.Tags = []ecs.Tag{{Key: "web"}, {Key: "web"}}
		}),
	}
}

func containerFaults() []Fault {
	type cd = *ecs.ContainerDefinition
	return []Fault{
		planted("no name", KindBridge, "name", func(c cd) { c.Name = "" }),
		planted("name with a dot", KindBridge, "name", func(c cd) { c.Name = "my.web" }),
		planted("two containers of one name", KindBridge, "name", func(c cd) { c.Name = "container0" }),
		planted("no image", KindBridge, "image", func(c cd) { c.Image = "" }),
		planted("image of 256 characters", KindBridge, "image", func(c cd) { c.Image = strings.Repeat("a", 256) }),
		planted("digest too short", KindBridge, "image", func(c cd) { c.Image = "nginx@sha256:0123" }),
		planted("unknown version consistency", KindBridge, "versionConsistency", func(c cd) {
			c.VersionConsistency = "on"
		}),
		planted("repository credentials without a parameter", KindBridge, "repositoryCredentials.credentialsParameter",
			func(c cd) { c.RepositoryCredentials = &ecs.RepositoryCredentials{} }),
		planted("negative cpu", KindBridge, "cpu", func(c cd) { c.CPU = -1 }),
		planted("memory below its reservation", KindBridge, "memory", func(c cd) {
			c.Memory, c.MemoryReservation = 64, 65
		}),
		planted("negative reservation", KindBridge, "memoryReservation", func(c cd) { c.MemoryReservation = -1 }),
		{"neither memory nor reservation", KindBridge, func(d *ecs.TaskDefinition) string {
			d.Memory = ""
			return add(d, "memory", func(c cd) { c.Memory = 0 })
		}},
		{"container memory above the task's", KindBridge, func(d *ecs.TaskDefinition) string {
			d.Memory = "8192"
			return add(d, "memory", func(c cd) { c.Memory = 8193 })
		}},
		{"reservations above the task's memory", KindBridge, func(d *ecs.TaskDefinition) string {
			d.Memory = "2048"
			add(d, "", func(c cd) { c.Memory, c.MemoryReservation = 0, 1100 })
			add(d, "", func(c cd) { c.Name, c.Memory, c.MemoryReservation = "second", 0, 1100 })
			return "memory"
		}},
		{"container cpu above the task's", KindBridge, func(d *ecs.TaskDefinition) string {
			d.CPU = "1024"
			add(d, "", func(c cd) { c.CPU = 1025 })
			return "cpu"
		}},
		planted("eleven environment files", KindBridge, "environmentFiles", func(c cd) {
			for range 11 {
				c.EnvironmentFiles = append(c.EnvironmentFiles, ecs.EnvironmentFile{Type: ecs.EnvironmentFileTypeS3,
					Value: "arn:aws:s3:::bucket/web.env"})
			}
		}),
		planted("environment file of no S3 object", KindBridge, "environmentFiles[0].value", func(c cd) {
			c.EnvironmentFiles = []ecs.EnvironmentFile{{Type: ecs.EnvironmentFileTypeS3, Value: "web.env"}}
		}),
		planted("environment file that does not end in .env", KindBridge, "environmentFiles[0].value", func(c cd) {
			c.EnvironmentFiles = []ecs.EnvironmentFile{{Type: ecs.EnvironmentFileTypeS3,
				Value: "arn:aws:s3:::bucket/web.txt"}}
		}),
		planted("unknown type of environment file", KindBridge, "environmentFiles[0].type", func(c cd) {
			c.EnvironmentFiles = []ecs.EnvironmentFile{{Type: "efs", Value: "arn:aws:s3:::bucket/web.env"}}
		}),
		planted("secret without a name", KindBridge, "secrets[0].name", func(c cd) {
			c.Secrets = []ecs.Secret{{ValueFrom: "parameter"}}
		}),
		planted("secret without a source", KindBridge, "secrets[0].valueFrom", func(c cd) {
			c.Secrets = []ecs.Secret{{Name: "PASSWORD"}}
		}),
		planted("secret that is a variable too", KindBridge, "secrets[0].name", func(c cd) {
			c.Environment = []ecs.KeyValuePair{{Name: "PASSWORD", Value: "x"}}
			c.Secrets = []ecs.Secret{{Name: "PASSWORD", ValueFrom: "parameter"}}
		}),
		{"secrets without an execution role", KindBridge, func(d *ecs.TaskDefinition) string {
			withoutRole(d)
			add(d, "", func(c cd) { c.Secrets = []ecs.Secret{{Name: "PASSWORD", ValueFrom: "parameter"}} })
			return "executionRoleArn"
		}},
		{"secret options without an execution role", KindBridge, func(d *ecs.TaskDefinition) string {
			withoutRole(d)
			add(d, "", func(c cd) {
				c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverSplunk,
					SecretOptions: []ecs.Secret{{Name: "splunk-token", ValueFrom: "token"}}}
			})
			return "executionRoleArn"
		}},
		{"private registry without an execution role", KindBridge, func(d *ecs.TaskDefinition) string {
			withoutRole(d)
			add(d, "", func(c cd) {
				c.RepositoryCredentials = &ecs.RepositoryCredentials{CredentialsParameter: "registry"}
			})
			return "executionRoleArn"
		}},
		planted("health check without a command", KindBridge, "healthCheck.command", func(c cd) {
			c.HealthCheck = &ecs.HealthCheck{}
		}),
		planted("health check every 4 s", KindBridge, "healthCheck.interval", health(func(h *ecs.HealthCheck) {
			h.Interval = ecs.Some(4)
		})),
		planted("health check every 301 s", KindBridge, "healthCheck.interval", health(func(h *ecs.HealthCheck) {
			h.Interval = ecs.Some(301)
		})),
		planted("health check timeout of 1 s", KindBridge, "healthCheck.timeout", health(func(h *ecs.HealthCheck) {
			h.Timeout = ecs.Some(1)
		})),
		planted("health check timeout of 61 s", KindBridge, "healthCheck.timeout", health(func(h *ecs.HealthCheck) {
			h.Timeout = ecs.Some(61)
		})),
		planted("no retries", KindBridge, "healthCheck.retries", health(func(h *ecs.HealthCheck) {
			h.Retries = ecs.Some(0)
		})),
		planted("eleven retries", KindBridge, "healthCheck.retries", health(func(h *ecs.HealthCheck) {
			h.Retries = ecs.Some(11)
		})),
		planted("start period of 301 s", KindBridge, "healthCheck.startPeriod", health(func(h *ecs.HealthCheck) {
			h.StartPeriod = ecs.Some(301)
		})),
		planted("dependency on nothing", KindBridge, "dependsOn[0].containerName", func(c cd) {
			c.DependsOn = []ecs.ContainerDependency{{ContainerName: "nope", Condition: ecs.ContainerConditionStart}}
		}),
		planted("dependency without a condition", KindBridge, "dependsOn[0].condition", func(c cd) {
			c.DependsOn = []ecs.ContainerDependency{{ContainerName: "container0"}}
		}),
		planted("unknown condition", KindBridge, "dependsOn[0].condition", func(c cd) {
			c.DependsOn = []ecs.ContainerDependency{{ContainerName: "container0", Condition: "STARTED"}}
		}),
		planted("SUCCESS of an essential container", KindBridge, "dependsOn[0].condition", func(c cd) {
			c.DependsOn = []ecs.ContainerDependency{{ContainerName: "container0",
				Condition: ecs.ContainerConditionSuccess}}
		}),
		planted("COMPLETE of an essential container", KindBridge, "dependsOn[0].condition", func(c cd) {
			c.DependsOn = []ecs.ContainerDependency{{ContainerName: "container0",
				Condition: ecs.ContainerConditionComplete}}
		}),
		{"HEALTHY without a health check", KindBridge, func(d *ecs.TaskDefinition) string {
			add(d, "", func(cd) {})
			return add(d, "dependsOn[0].condition", func(c cd) {
				c.Name, c.DependsOn = "second", []ecs.ContainerDependency{{ContainerName: "planted",
					Condition: ecs.ContainerConditionHealthy}}
			})
		}},
		planted("container that waits for itself", KindBridge, "dependsOn", func(c cd) {
			c.DependsOn = []ecs.ContainerDependency{{ContainerName: "planted", Condition: ecs.ContainerConditionStart}}
		}),
		{"containers that wait for each other", KindBridge, func(d *ecs.TaskDefinition) string {
			path := add(d, "dependsOn", func(c cd) {
				c.DependsOn = []ecs.ContainerDependency{{ContainerName: "second",
					Condition: ecs.ContainerConditionStart}}
			})
			add(d, "", func(c cd) {
				c.Name, c.DependsOn = "second", []ecs.ContainerDependency{{ContainerName: "planted",
					Condition: ecs.ContainerConditionStart}}
			})
			return path
		}},
		planted("negative start timeout", KindBridge, "startTimeout", func(c cd) { c.StartTimeout = ecs.Some(-1) }),
		planted("negative stop timeout", KindBridge, "stopTimeout", func(c cd) { c.StopTimeout = ecs.Some(-1) }),
		planted("restart period of 59 s", KindBridge, "restartPolicy.restartAttemptPeriod", func(c cd) {
			c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true, RestartAttemptPeriod: ecs.Some(59)}
		}),
		planted("restart period of 1801 s", KindBridge, "restartPolicy.restartAttemptPeriod", func(c cd) {
			c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true, RestartAttemptPeriod: ecs.Some(1801)}
		}),
		planted("51 ignored exit codes", KindBridge, "restartPolicy.ignoredExitCodes", func(c cd) {
			c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true, IgnoredExitCodes: make([]int, 51)}
		}),
		planted("two credential specs", KindBridge, "credentialSpecs", func(c cd) {
			c.CredentialSpecs = []string{"credentialspec:arn1", "credentialspec:arn2"}
		}),
		planted("credential spec of no kind", KindBridge, "credentialSpecs[0]", func(c cd) {
			c.CredentialSpecs = []string{"arn:aws:s3:::bucket/spec"}
		}),
		planted("user of a negative number", KindBridge, "user", func(c cd) { c.User = "-1:0" }),
	}
}

// withoutRole takes the execution role away, and what needs it.
func withoutRole(d *ecs.TaskDefinition) {
	d.ExecutionRoleArn = ""
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		c.Image = "nginx"
		c.Secrets, c.LogConfiguration, c.RepositoryCredentials = nil, nil, nil
	}
}

func health(change func(h *ecs.HealthCheck)) func(c *ecs.ContainerDefinition) {
	return func(c *ecs.ContainerDefinition) {
		c.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "true"}}
		change(c.HealthCheck)
	}
}
