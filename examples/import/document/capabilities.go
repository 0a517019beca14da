package document

import (
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/source"
)

// CapabilityOfFargate is the only capability that a container on Fargate may add.
// Source: Amazon ECS API Reference, KernelCapabilities.
const CapabilityOfFargate = "SYS_PTRACE"

// Capabilities reads lists of kernel capabilities, with or without their prefix, and returns nil where there are none.
// On Fargate it leaves out and returns the values of those that may not be added.
func Capabilities(add, drop *source.Value, fargate bool) (k *ecs.KernelCapabilities, refused []*source.Value) {
	k = &ecs.KernelCapabilities{}
	for _, x := range add.Items() {
		name := capability(x)
		if fargate && name != CapabilityOfFargate {
			refused = append(refused, x)
			continue
		}
		k.Add = append(k.Add, name)
	}
	for _, x := range drop.Items() {
		k.Drop = append(k.Drop, capability(x))
	}
	if len(k.Add)+len(k.Drop) == 0 {
		return nil, refused
	}
	return k, refused
}

func capability(v *source.Value) string {
	return strings.TrimPrefix(strings.ToUpper(v.String()), "CAP_")
}
