package document

import (
	"strconv"

	"github.com/bayplan/bayplan/ecs"
)

// fargateCPUs are the sizes that are tried, from the smallest.
var fargateCPUs = [...]int64{256, 512, 1024, 2048, 4096, 8192, 16384}

// FargateSize returns the smallest size of a Fargate task that holds a need in CPU units and MiB, and whether
// there is one. Package ecs judges the sizes.
func FargateSize(cpu, memory int64) (units, mib string, ok bool) {
	for _, c := range fargateCPUs {
		if c < cpu {
			continue
		}
		for m := int64(512); m <= 131072; m = next(m) {
			d := ecs.TaskDefinition{CPU: strconv.FormatInt(c, 10), Memory: strconv.FormatInt(m, 10)}
			if m >= memory && ecs.CheckFargateSize(d, ecs.RuleSetCurrent) == nil {
				return d.CPU, d.Memory, true
			}
		}
	}
	return "", "", false
}

// next returns the memory size to try after another: all of them are multiples of a GiB, but the first.
func next(mib int64) int64 { return (mib/1024 + 1) * 1024 }

// MiB returns bytes in MiB, rounded up.
func MiB(bytes int64) int {
	const mib = 1 << 20
	if bytes <= 0 {
		return 0
	}
	return int((bytes-1)/mib + 1)
}

// Units returns thousandths of a CPU in CPU units, rounded up: 1,024 are a CPU.
func Units(milli int64) int {
	if milli <= 0 {
		return 0
	}
	return int((milli*1024 + 999) / 1000)
}
