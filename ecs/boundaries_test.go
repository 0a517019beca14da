package ecs_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// boundary is a rule about one amount of a task definition: lo to hi are taken, and nothing else is.
type boundary struct {
	rule   string // what the document says
	source string // its title
	field  string // that is at fault
	lo, hi int
	set    func(d *ecs.TaskDefinition, n int)
}

// A range may have one end only.
const (
	noLow  = math.MinInt32
	noHigh = math.MaxInt32
)

// plain is a task definition to which every rule of boundaries applies: Linux on EC2, bridge, one container.
func plain() ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
		Image: "nginx", Memory: 4}}}
}

func ofContainer(set func(c *ecs.ContainerDefinition, n int)) func(*ecs.TaskDefinition, int) {
	return func(d *ecs.TaskDefinition, n int) { set(&d.ContainerDefinitions[0], n) }
}

func ofHealth(set func(h *ecs.HealthCheck, n int)) func(*ecs.TaskDefinition, int) {
	return ofContainer(func(c *ecs.ContainerDefinition, n int) {
		if c.HealthCheck == nil {
			c.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "true"}}
		}
		set(c.HealthCheck, n)
	})
}

func ofLinux(set func(l *ecs.LinuxParameters, n int)) func(*ecs.TaskDefinition, int) {
	return ofContainer(func(c *ecs.ContainerDefinition, n int) {
		if c.LinuxParameters == nil {
			c.LinuxParameters = &ecs.LinuxParameters{}
		}
		set(c.LinuxParameters, n)
	})
}

// long returns a name of n letters.
func long(n int) string { return strings.Repeat("a", n) }

const (
	taskParameters = "Amazon ECS API Reference, RegisterTaskDefinition"
	container      = "Amazon ECS API Reference, ContainerDefinition"
	healthCheck    = "Amazon ECS API Reference, HealthCheck"
	restartPolicy  = "Amazon ECS API Reference, ContainerRestartPolicy"
	linux          = "Amazon ECS API Reference, LinuxParameters"
	portMapping    = "Amazon ECS API Reference, PortMapping"
	tags           = "Amazon ECS API Reference, Tag"
)

// lengths are the rules about how long a text or a list is.
func lengths() []boundary {
	const first = "containerDefinitions[0]."
	return []boundary{
		{"Up to 255 letters, numbers, underscores, and hyphens are allowed.", taskParameters, "family", 1, 255,
			func(d *ecs.TaskDefinition, n int) { d.Family = long(n) }},
		{"Up to 255 letters, numbers, underscores, and hyphens are allowed.", container, first + "name", 1, 255,
			ofContainer(func(c *ecs.ContainerDefinition, n int) { c.Name = long(n) })},
		{"Up to 255 letters, numbers, hyphens, underscores, colons, periods, forward slashes, and number signs.",
			container, first + "image", 1, 255, ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.Image = long(n)
			})},
		{"The maximum number of tags per resource is 50.", tags, "tags", 1, 50, func(d *ecs.TaskDefinition, n int) {
			d.Tags = make([]ecs.Tag, n)
			for i := range d.Tags {
				d.Tags[i].Key = fmt.Sprint("key", i)
			}
		}},
		{"The maximum key length is 128 Unicode characters in UTF-8.", tags, "tags[0].key", 1, 128,
			func(d *ecs.TaskDefinition, n int) { d.Tags = []ecs.Tag{{Key: strings.Repeat("é", n)}} }},
		{"The maximum value length is 256 Unicode characters in UTF-8.", tags, "tags[0].value", 0, 256,
			func(d *ecs.TaskDefinition, n int) { d.Tags = []ecs.Tag{{Key: "a", Value: strings.Repeat("é", n)}} }},
		{"You can specify a maximum of 10 constraints for each task.", taskParameters, "placementConstraints", 0, 10,
			func(d *ecs.TaskDefinition, n int) {
				d.PlacementConstraints = slices.Repeat([]ecs.PlacementConstraint{{Type: "memberOf",
					Expression: "attribute:a exists"}}, n)
			}},
		{"Cluster query language expressions have a maximum length of 2000 characters.",
			"Amazon ECS API Reference, PlacementConstraint", "placementConstraints[0].expression",
			len("attribute:a==b"), 2000,
			func(d *ecs.TaskDefinition, n int) {
				d.PlacementConstraints = []ecs.PlacementConstraint{{Type: "memberOf",
					Expression: "attribute:a==" + long(n-len("attribute:a=="))}}
			}},
		{"You can specify up to 10 environment files.", container, first + "environmentFiles", 0, 10,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.EnvironmentFiles = slices.Repeat([]ecs.EnvironmentFile{{Type: "s3",
					Value: "arn:aws:s3:::bucket/a.env"}}, n)
			})},
		{"You can specify a maximum of 50 container exit codes.", restartPolicy,
			first + "restartPolicy.ignoredExitCodes", 0, 50,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true, IgnoredExitCodes: make([]int, n)}
			})},
		{"You can specify a maximum of 100 port ranges for each container.", portMapping,
			first + "portMappings", 0, 100,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.PortMappings = nil
				for i := range n {
					c.PortMappings = append(c.PortMappings,
						ecs.PortMapping{ContainerPortRange: fmt.Sprintf("%d-%d", 2*i+1, 2*i+2)})
				}
			})},
		{"It can include up to 64 characters.", portMapping, first + "portMappings[0].name", 0, 64,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.PortMappings = []ecs.PortMapping{{ContainerPort: 80, Name: long(n)}}
			})},
		{"A DNS search domain matches ^[a-zA-Z0-9-.]{0,253}[a-zA-Z0-9]$.", container, first + "dnsSearchDomains[0]", 1,
			254,
			ofContainer(func(c *ecs.ContainerDefinition, n int) { c.DNSSearchDomains = []string{long(n)} })},
		{"Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.",
			"Amazon ECS API Reference, Volume", "volumes[0].name", 1, 255,
			func(d *ecs.TaskDefinition, n int) { d.Volumes = []ecs.Volume{{Name: long(n)}} }},
		{"The only supported list has one credential spec.", container, first + "credentialSpecs", 0, 1,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.CredentialSpecs = slices.Repeat([]string{"credentialspec:arn:aws:s3:::bucket/spec"}, n)
			})},
	}
}

// amounts are the rules about numbers.
func amounts() []boundary {
	const first = "containerDefinitions[0]."
	return []boundary{
		{"The time period in seconds between each health check execution: between 5 and 300 seconds.", healthCheck,
			first + "healthCheck.interval", 5, 300, ofHealth(func(h *ecs.HealthCheck, n int) {
				h.Interval = ecs.Some(n)
			})},
		{"The time period in seconds to wait for a health check: between 2 and 60 seconds.", healthCheck,
			first + "healthCheck.timeout", 2, 60, ofHealth(func(h *ecs.HealthCheck, n int) {
				h.Timeout = ecs.Some(n)
			})},
		{"You can specify between 1 and 10 retries.", healthCheck,
			first + "healthCheck.retries", 1, 10, ofHealth(func(h *ecs.HealthCheck, n int) {
				h.Retries = ecs.Some(n)
			})},
		{"The optional grace period: between 0 and 300 seconds.", healthCheck,
			first + "healthCheck.startPeriod", 0, 300, ofHealth(func(h *ecs.HealthCheck, n int) {
				h.StartPeriod = ecs.Some(n)
			})},
		{"A minimum restartAttemptPeriod of 60 seconds and a maximum of 1800 seconds.", restartPolicy,
			first + "restartPolicy.restartAttemptPeriod", 60, 1800,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true, RestartAttemptPeriod: ecs.Some(n)}
			})},
		{"The number of cpu units reserved for the container.", container, first + "cpu", 0, noHigh,
			ofContainer(func(c *ecs.ContainerDefinition, n int) { c.CPU = n })},
		{"The value that you specify must be greater than memoryReservation, which here is 128; AWS takes equal.",
			container, first + "memory", 128, noHigh,
			ofContainer(func(c *ecs.ContainerDefinition, n int) { c.Memory, c.MemoryReservation = n, 128 })},
		{"The soft limit (in MiB) of memory to reserve for the container.", container, first + "memoryReservation", 0,
			noHigh,
			ofContainer(func(c *ecs.ContainerDefinition, n int) { c.Memory, c.MemoryReservation = max(n, 4), n })},
		{"The container stops after this time; no negative time is documented.", container,
			first + "stopTimeout", 0, noHigh,
			ofContainer(func(c *ecs.ContainerDefinition, n int) { c.StopTimeout = ecs.Some(n) })},
		{"Time duration (in seconds) to wait before giving up on resolving dependencies.", container,
			first + "startTimeout", 0, noHigh,
			ofContainer(func(c *ecs.ContainerDefinition, n int) { c.StartTimeout = ecs.Some(n) })},
		{"The port number on the container.", portMapping, first + "portMappings[0].containerPort", 1, 65535,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.PortMappings = []ecs.PortMapping{{ContainerPort: n}}
			})},
		{"The port number on the container instance; 0 is a dynamic port.", portMapping,
			first + "portMappings[0].hostPort", 0, 65535,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.PortMappings = []ecs.PortMapping{{ContainerPort: 80, HostPort: ecs.Some(n)}}
			})},
		{"Accepted values for swappiness are whole numbers between 0 and 100.", linux,
			first + "linuxParameters.swappiness", 0, 100, ofLinux(func(l *ecs.LinuxParameters, n int) {
				l.Swappiness = ecs.Some(n)
			})},
		{"Accepted values for maxSwap are 0 or any positive integer.", linux,
			first + "linuxParameters.maxSwap", 0, noHigh, ofLinux(func(l *ecs.LinuxParameters, n int) {
				l.MaxSwap = ecs.Some(n)
			})},
		{"The value for the size (in MiB) of the /dev/shm volume.", linux,
			first + "linuxParameters.sharedMemorySize", 0, noHigh, ofLinux(func(l *ecs.LinuxParameters, n int) {
				l.SharedMemorySize = ecs.Some(n)
			})},
		{"The maximum size (in MiB) of the tmpfs volume.", "Amazon ECS API Reference, Tmpfs",
			first + "linuxParameters.tmpfs[0].size", 1, noHigh, ofLinux(func(l *ecs.LinuxParameters, n int) {
				l.Tmpfs = []ecs.Tmpfs{{ContainerPath: "/tmp", Size: n}}
			})},
		{"The soft limit, which the hard limit of 1024 bounds.", "Amazon ECS API Reference, Ulimit",
			first + "ulimits[0].softLimit", 0, 1024, ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.Ulimits = []ecs.Ulimit{{Name: "nofile", SoftLimit: n, HardLimit: 1024}}
			})},
		{"The number of physical GPUs the Amazon ECS container agent reserves for the container.",
			"Amazon ECS API Reference, ResourceRequirement", first + "resourceRequirements[0].value", 1, 65535,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				c.ResourceRequirements = []ecs.ResourceRequirement{{Type: "GPU", Value: fmt.Sprint(n)}}
			})},
		{"The share of a GPU's threads in percent.", "Amazon ECS API Reference, ResourceRequirement",
			first + "resourceRequirements[0].sharingStrategy.nvidiaMps.maxComputePercent", 1, 100,
			ofContainer(func(c *ecs.ContainerDefinition, n int) {
				share := &ecs.SharingStrategy{NvidiaMps: &ecs.NvidiaMps{MaxComputePercent: ecs.Some(n)}}
				c.ResourceRequirements = []ecs.ResourceRequirement{{Type: "GPU", SharingStrategy: share}}
			})},
		{"The port to use for sending encrypted data between the Amazon ECS host and the Amazon EFS server.",
			"Amazon ECS API Reference, EFSVolumeConfiguration",
			"volumes[0].efsVolumeConfiguration.transitEncryptionPort", 0, 65535,
			func(d *ecs.TaskDefinition, n int) {
				d.Volumes = []ecs.Volume{{Name: "data", EFSVolumeConfiguration: &ecs.EFSVolumeConfiguration{
					FileSystemID: "fs-1", TransitEncryption: "ENABLED", TransitEncryptionPort: ecs.Some(n)}}}
			}},
	}
}

// sizes are the rules about the size of a task, and those of single infrastructures.
func sizes() []boundary {
	const first = "containerDefinitions[0]."
	on := func(c ecs.Compatibility, set func(c *ecs.ContainerDefinition, n int)) func(*ecs.TaskDefinition, int) {
		return func(d *ecs.TaskDefinition, n int) {
			d.NetworkMode, d.RequiresCompatibilities = "awsvpc", []ecs.Compatibility{c}
			d.CPU, d.Memory = "256", "512"
			set(&d.ContainerDefinitions[0], n)
		}
	}
	return []boundary{
		{"Supported values are between 128 CPU units (0.125 vCPUs) and 196608 CPU units (192 vCPUs).", taskParameters,
			"cpu", 128, 196608, func(d *ecs.TaskDefinition, n int) { d.CPU = fmt.Sprint(n) }},
		{"The amount of memory (in MiB) used by the task.", taskParameters,
			"memory", 1, noHigh, func(d *ecs.TaskDefinition, n int) {
				d.Memory, d.ContainerDefinitions[0].Memory = fmt.Sprint(n), 0
			}},
		{"The minimum supported value is 21 GiB and the maximum supported value is 200 GiB.",
			"Amazon ECS API Reference, EphemeralStorage", "ephemeralStorage.sizeInGiB", 21, 200,
			func(d *ecs.TaskDefinition, n int) {
				d.NetworkMode, d.RequiresCompatibilities, d.CPU, d.Memory = "awsvpc", []ecs.Compatibility{"FARGATE"},
					"256", "512"
				d.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: n}
			}},
		{"For Fargate, the maximum stop timeout value is 120 seconds.", container, first + "stopTimeout", 2, 120,
			on("FARGATE", func(c *ecs.ContainerDefinition, n int) { c.StopTimeout = ecs.Some(n) })},
		{"For Fargate, the max startTimeout value is 120 seconds.", container, first + "startTimeout", 2, 120,
			on("FARGATE", func(c *ecs.ContainerDefinition, n int) { c.StartTimeout = ecs.Some(n) })},
		{"For Managed Instances, the maximum stop timeout is 86,400 seconds.", container,
			first + "stopTimeout", 0, 86400,
			on("MANAGED_INSTANCES", func(c *ecs.ContainerDefinition, n int) { c.StopTimeout = ecs.Some(n) })},
		{"For Managed Instances, the maximum start timeout is 600 seconds.", container, first + "startTimeout", 0, 600,
			on("MANAGED_INSTANCES", func(c *ecs.ContainerDefinition, n int) { c.StartTimeout = ecs.Some(n) })},
		{"The sum of all container cpu values, of which the other is 100, is at most the task's 256.", container,
			"cpu", noLow, 156, func(d *ecs.TaskDefinition, n int) {
				d.CPU, d.ContainerDefinitions[0].CPU = "256", n
				d.ContainerDefinitions = append(d.ContainerDefinitions, ecs.ContainerDefinition{Name: "log",
					Image: "log", Memory: 4, CPU: 100})
			}},
		{"The total memory that the containers reserve, of which the other has 100, is at most the task's 256.",
			container,
			"memory", noLow, 156, func(d *ecs.TaskDefinition, n int) {
				d.Memory, d.ContainerDefinitions[0].Memory, d.ContainerDefinitions[0].MemoryReservation = "256", 0, n
				d.ContainerDefinitions = append(d.ContainerDefinitions, ecs.ContainerDefinition{Name: "log",
					Image: "log", MemoryReservation: 100})
			}},
		{"If a task-level memory value is specified, the container memory value must be lower; AWS takes equal.",
			container,
			first + "memory", 0, 512, func(d *ecs.TaskDefinition, n int) {
				d.Memory, d.ContainerDefinitions[0].Memory = "512", n
			}},
	}
}

// values returns the numbers around the ends of the range, none below least.
func (b boundary) values(least int) (list []int) {
	if b.lo != noLow {
		list = append(list, b.lo-1, b.lo, b.lo+1)
	}
	if b.hi != noHigh {
		list = append(list, b.hi-1, b.hi, b.hi+1)
	}
	return slices.DeleteFunc(list, func(n int) bool { return n < least })
}

func (b boundary) has(n int) bool { return b.lo <= n && n <= b.hi }

// Each number of a rule is exact: the last value within the range is taken, and the first outside is refused,
// with its field and no other fault.
//
// Seen to fail: ranges of a health check, of a swappiness, of the tags and of a port moved by one (.ci/faults).
func TestBoundaries(t *testing.T) {
	try := func(b boundary, least int) {
		for _, n := range b.values(least) {
			d := plain()
			b.set(&d, n)
			if b.has(n) {
				require.NoError(t, d.Validate(), "%d (%s: %s)", n, b.source, b.rule)
				continue
			}
			require.Equal(t, []string{"ClientException " + b.field}, named(d.Validate()),
				"%d (%s: %s)", n, b.source, b.rule)
		}
	}
	for _, b := range lengths() {
		try(b, 0) // a length is not negative
	}
	for _, b := range slices.Concat(amounts(), sizes()) {
		try(b, noLow)
	}
}

// member returns the member of a definition or its container that a rule is about: rules about one member
// set the whole of it.
func (b boundary) member() string {
	member := strings.TrimPrefix(b.field, "containerDefinitions[0].")
	member = member[:len(member)-len(strings.TrimLeft(member, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
	if member == "memoryReservation" {
		member = "memory"
	}
	return member + strings.Repeat("*", strings.Count(b.field, "containerDefinitions"))
}

// However many rules a definition breaks, Validate names each of them and nothing else, in order of path, and in
// whatever order the values were set.
//
// Seen to fail: a checker that stops after the faults of the task itself; faults in the order in which they are met.
func TestAllFaultsAtOnce(t *testing.T) {
	rules := slices.Concat(lengths(), amounts())
	rapid.Check(t, func(t *rapid.T) {
		var chosen []boundary
		var values []int
		var want []string
		members := map[string]bool{}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(rules)-1), 1, 20,
			rapid.ID[int]).Draw(t, "rules") {
			b := rules[i]
			if members[b.member()] {
				continue
			}
			members[b.member()] = true
			n := rapid.SampledFrom(b.values(0)).Draw(t, b.field)
			chosen, values = append(chosen, b), append(values, n)
			if !b.has(n) {
				want = append(want, "ClientException "+b.field)
			}
		}
		slices.Sort(want)
		order := make([]int, len(chosen))
		for i := range order {
			order[i] = i
		}
		for range 2 {
			d := plain()
			for _, i := range rapid.Permutation(order).Draw(t, "order") {
				chosen[i].set(&d, values[i])
			}
			require.Equal(t, want, named(d.Validate()))
		}
	})
}
