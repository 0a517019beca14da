package ecs

import (
	"strconv"

	"github.com/bayplan/bayplan/internal/check"
)

// linux checks a container's Linux parameters and limits. Source: Amazon ECS API Reference,
// LinuxParameters and Ulimit.
func (v *checker) linux(path string, c *ContainerDefinition) {
	for j, u := range c.Ulimits {
		p := path + ".ulimits" + check.Path(j)
		if v.Present(p+".name", string(u.Name)) {
			v.OneOf(p+".name", choose(u.Name))
		}
		if u.HardLimit != -1 && (u.SoftLimit > u.HardLimit || u.SoftLimit == -1) { // -1 is unlimited
			v.Refuse(p+".softLimit", "Soft limit exceeds hard limit for ulimit %s; it is %d against %d.", u.Name,
				u.SoftLimit, u.HardLimit)
		}
	}
	l := c.LinuxParameters
	if l == nil {
		return
	}
	path += ".linuxParameters"
	for j, device := range l.Devices {
		v.Present(path+".devices"+check.Path(j, "hostPath"), device.HostPath)
		for k, permission := range device.Permissions {
			v.OneOf(path+".devices"+check.Path(j, "permissions", k), choose(permission))
		}
	}
	if l.MaxSwap.Or(0) < 0 {
		v.Refuse(path+".maxSwap", "maxSwap cannot be negative; it is %d.", l.MaxSwap.Or(0))
	}
	v.between(path+".swappiness", l.Swappiness, 0, 100)
	if l.SharedMemorySize.Or(0) < 0 {
		v.Refuse(path+".sharedMemorySize", "sharedMemorySize cannot be negative; it is %d.", l.SharedMemorySize.Or(0))
	}
	for j, t := range l.Tmpfs {
		v.Present(path+".tmpfs"+check.Path(j, "containerPath"), t.ContainerPath)
		if t.Size < 1 {
			v.Refuse(path+".tmpfs"+check.Path(j, "size"), "The size of a tmpfs is at least 1 MiB; it is %d.", t.Size)
		}
	}
}

// devices checks what containers ask of GPUs and Neuron devices. Source: Amazon ECS API
// Reference, ResourceRequirement.
func (v *checker) devices() {
	neurons := 0
	whole, shared := false, false
	for i, c := range v.d.ContainerDefinitions {
		for j, r := range c.ResourceRequirements {
			path := check.Path("containerDefinitions", i, "resourceRequirements", j)
			switch r.Type {
			case ResourceTypeGpu:
				whole, shared = whole || r.SharingStrategy == nil, shared || r.SharingStrategy != nil
				v.gpu(path, r)
				if whole && shared {
					v.Refuse(path,
						"All containers of a task ask for GPUs in one way: by value, or by sharing strategy.")
					whole, shared = false, false
				}
			case ResourceTypeNeuronDevice:
				if r.Value != "ALL" {
					v.Refuse(path+".value", "The value of a NeuronDevice is ALL; it is %q.", check.Shortened(r.Value))
				}
				if neurons++; neurons == 2 {
					v.Refuse(path+".type", "Only one container of a task can have Neuron devices.")
				}
			case ResourceTypeInferenceAccelerator:
				v.Refuse(path+".type", "Unsupported resource type InferenceAccelerator.")
			default:
				if v.Present(path+".type", string(r.Type)) {
					v.OneOf(path+".type", choose(r.Type))
				}
			}
		}
	}
}

func (v *checker) gpu(path string, r ResourceRequirement) {
	switch s := r.SharingStrategy; {
	case s != nil && r.Value != "":
		v.Refuse(path+".sharingStrategy", "Specify either value or sharingStrategy, but not both.")
	case s != nil:
		if s.NvidiaMps != nil {
			v.between(path+".sharingStrategy.nvidiaMps.maxComputePercent", s.NvidiaMps.MaxComputePercent, 1, 100)
		}
	case !isGPUs(r.Value):
		v.Refuse(path+".value", "The value of a GPU is a whole number from 1, ALL, 0.125, 0.25 or 0.5; it is %q.",
			check.Shortened(r.Value))
	}
}

// isGPUs reports whether s is a number of GPUs that a container can have.
func isGPUs(s string) bool {
	switch s {
	case "ALL", "0.125", "0.25", "0.5":
		return true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}
