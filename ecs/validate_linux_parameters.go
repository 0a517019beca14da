package ecs

import "strconv"

// linux checks a container's Linux parameters and limits. Source: Amazon ECS API Reference,
// LinuxParameters and Ulimit.
func (v *checker) linux(path string, c *ContainerDefinition) {
	for j, u := range c.Ulimits {
		p := path + ".ulimits" + at(j)
		if v.present(p+".name", string(u.Name)) {
			oneOf(&v.checks, p+".name", u.Name)
		}
		if u.HardLimit != -1 && (u.SoftLimit > u.HardLimit || u.SoftLimit == -1) { // -1 is unlimited
			v.refuse(p+".softLimit", "Soft limit exceeds hard limit for ulimit %s; it is %d against %d.", u.Name, u.SoftLimit, u.HardLimit)
		}
	}
	l := c.LinuxParameters
	if l == nil {
		return
	}
	path += ".linuxParameters"
	for j, device := range l.Devices {
		v.present(path+".devices"+at(j, "hostPath"), device.HostPath)
		for k, permission := range device.Permissions {
			oneOf(&v.checks, path+".devices"+at(j, "permissions", k), permission)
		}
	}
	if l.MaxSwap.Or(0) < 0 {
		v.refuse(path+".maxSwap", "maxSwap cannot be negative; it is %d.", l.MaxSwap.Or(0))
	}
	v.between(path+".swappiness", l.Swappiness, 0, 100)
	if l.SharedMemorySize.Or(0) < 0 {
		v.refuse(path+".sharedMemorySize", "sharedMemorySize cannot be negative; it is %d.", l.SharedMemorySize.Or(0))
	}
	for j, t := range l.Tmpfs {
		v.present(path+".tmpfs"+at(j, "containerPath"), t.ContainerPath)
		if t.Size < 1 {
			v.refuse(path+".tmpfs"+at(j, "size"), "The size of a tmpfs is at least 1 MiB; it is %d.", t.Size)
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
			path := at("containerDefinitions", i, "resourceRequirements", j)
			switch r.Type {
			case ResourceTypeGpu:
				whole, shared = whole || r.SharingStrategy == nil, shared || r.SharingStrategy != nil
				v.gpu(path, r)
				if whole && shared {
					v.refuse(path, "All containers of a task ask for GPUs in one way: by value, or by sharing strategy.")
					whole, shared = false, false
				}
			case ResourceTypeNeuronDevice:
				if r.Value != "ALL" {
					v.refuse(path+".value", "The value of a NeuronDevice is ALL; it is %q.", shortened(r.Value))
				}
				if neurons++; neurons == 2 {
					v.refuse(path+".type", "Only one container of a task can have Neuron devices.")
				}
			case ResourceTypeInferenceAccelerator:
				v.refuse(path+".type", "Unsupported resource type InferenceAccelerator.")
			default:
				if v.present(path+".type", string(r.Type)) {
					oneOf(&v.checks, path+".type", r.Type)
				}
			}
		}
	}
}

func (v *checker) gpu(path string, r ResourceRequirement) {
	switch s := r.SharingStrategy; {
	case s != nil && r.Value != "":
		v.refuse(path+".sharingStrategy", "Specify either value or sharingStrategy, but not both.")
	case s != nil:
		if s.NvidiaMps != nil {
			v.between(path+".sharingStrategy.nvidiaMps.maxComputePercent", s.NvidiaMps.MaxComputePercent, 1, 100)
		}
	case !isGPUs(r.Value):
		v.refuse(path+".value", "The value of a GPU is a whole number from 1, ALL, 0.125, 0.25 or 0.5; it is %q.", shortened(r.Value))
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
