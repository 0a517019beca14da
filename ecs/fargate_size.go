package ecs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// CheckFargateSize refuses a cpu or memory that a task on Fargate cannot have.
func CheckFargateSize(d TaskDefinition, rules RuleSet) error {
	if problem, field := fargateSize(d, rules); problem != "" {
		return Fault(InvalidParameterException, field, problem)
	}
	return nil
}

// fargateSize returns what is wrong with a task's size on Fargate, and the field, or "".
func fargateSize(d TaskDefinition, rules RuleSet) (problem, field string) {
	cpu, cpuOK := ParseCPU(d.CPU)
	memory, memoryOK := ParseMemory(d.Memory)
	size, known := fargateMemory(cpu, rules)
	switch {
	case d.CPU == "":
		return "Fargate requires that 'cpu' be defined at the task level.", "cpu"
	case !cpuOK || !known:
		return fmt.Sprintf("Invalid 'cpu' setting for task. On Fargate it must be one of %s; it is %q.",
			fargateCPUs(rules), check.Shortened(d.CPU)), "cpu"
	case d.Memory == "":
		return "Fargate requires that 'memory' be defined at the task level.", "memory"
	case !memoryOK:
		return fmt.Sprintf("Invalid 'memory' setting for task. It must be MiB (\"512\") or GB (\"1 GB\"); it is %q.",
			check.Shortened(d.Memory)), "memory"
	case d.OnWindows() && (cpu < 1024 || cpu > 4096):
		return fmt.Sprintf(
			"No Fargate configuration exists for given values: %d CPU, %d memory. Windows takes 1024, 2048 or "+
				"4096 CPU.", cpu, memory), "memory"
	case !size.has(memory):
		return fmt.Sprintf("No Fargate configuration exists for given values: %d CPU, %d memory. %d CPU takes %v.", cpu,
			memory, cpu, size), "memory"
	}
	return "", ""
}

// fargateCPUs lists the CPU sizes of Fargate.
func fargateCPUs(rules RuleSet) string {
	var list []string
	for cpu := int64(256); cpu <= 32768; cpu *= 2 {
		if _, known := fargateMemory(cpu, rules); known {
			list = append(list, strconv.FormatInt(cpu, 10))
		}
	}
	return strings.Join(list, ", ")
}

// memorySizes are the memory sizes of one CPU size, in MiB: first to last in steps, or with
// step 0 the two and middle.
type memorySizes struct{ first, last, step, middle int64 }

func (m memorySizes) has(mib int64) bool {
	if m.step == 0 {
		return mib == m.first || mib == m.middle || mib == m.last
	}
	return m.first <= mib && mib <= m.last && (mib-m.first)%m.step == 0
}

// String lists the sizes.
func (m memorySizes) String() string {
	if m.step == 0 {
		return fmt.Sprintf("%d, %d or %d MiB", m.first, m.middle, m.last)
	}
	return fmt.Sprintf("%d to %d MiB in steps of %d", m.first, m.last, m.step)
}

// fargateMemory returns the memory sizes that Fargate has for a CPU size. Source: Amazon ECS
// Developer Guide, "Amazon ECS task definition parameters for Fargate", Task size.
func fargateMemory(cpu int64, rules RuleSet) (memorySizes, bool) {
	if rules == RuleSetClassic && cpu > 4096 {
		return memorySizes{}, false
	}
	switch cpu {
	case 256:
		return memorySizes{first: 512, middle: 1024, last: 2048}, true
	case 512:
		return memorySizes{first: 1024, last: 4096, step: 1024}, true
	case 1024:
		return memorySizes{first: 2048, last: 8192, step: 1024}, true
	case 2048:
		return memorySizes{first: 4096, last: 16384, step: 1024}, true
	case 4096:
		return memorySizes{first: 8192, last: 30720, step: 1024}, true
	case 8192:
		return memorySizes{first: 16384, last: 61440, step: 4096}, true
	case 16384:
		return memorySizes{first: 32768, last: 122880, step: 8192}, true
	case 32768:
		return memorySizes{first: 61440, middle: 122880, last: 249856}, true
	}
	return memorySizes{}, false
}

// CheckFargateDevices refuses devices that Fargate does not have, each with its position as the field.
func CheckFargateDevices(list []ResourceRequirement) error {
	c := &checks{code: InvalidParameterException}
	for j, r := range list {
		switch r.Type {
		case ResourceTypeGpu, ResourceTypeNeuronDevice:
			c.Refuse(check.Path("resourceRequirements", j),
				"Tasks using the Fargate launch type do not support %s resource requirements.", r.Type)
		}
	}
	return c.err()
}

// Validate refuses a size that Fargate does not have, with InvalidParameterException. Source: Amazon ECS
// API Reference, EphemeralStorage.
func (s EphemeralStorage) Validate() error {
	c := &checks{code: InvalidParameterException}
	if s.SizeInGiB < 21 {
		c.Refuse("sizeInGiB", "EphemeralStorage size should be at least 21; it is %d.", s.SizeInGiB)
	}
	if s.SizeInGiB > 200 {
		c.Refuse("sizeInGiB", "EphemeralStorage size should be at most 200; it is %d.", s.SizeInGiB)
	}
	return c.err()
}
