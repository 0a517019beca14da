package engine

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/image"
)

// What is refused for these reasons is in rows of the table, too.
const (
	noEFS     = "Amazon EFS is not mounted"
	noFSx     = "Amazon FSx is not mounted"
	noS3Files = "Amazon S3 is not mounted"
	noEBS     = "volumes of Amazon EBS are not attached"
)

// each returns a fault for each volume that is of a kind.
func each(d ecs.TaskDefinition, field, why string, is func(ecs.Volume) bool) (faults []string) {
	for i, v := range d.Volumes {
		if is(v) {
			faults = append(faults, fmt.Sprintf("volumes[%d].%s: %s", i, field, why))
		}
	}
	return faults
}

func refuseEFS(_ *Runtime, d ecs.TaskDefinition, _ ecs.ContainerDefinition) []string {
	return each(d, "efsVolumeConfiguration", noEFS, func(v ecs.Volume) bool { return v.EFSVolumeConfiguration != nil })
}

func refuseFSx(_ *Runtime, d ecs.TaskDefinition, _ ecs.ContainerDefinition) []string {
	return each(d, "fsxWindowsFileServerVolumeConfiguration", noFSx,
		func(v ecs.Volume) bool { return v.FSxWindowsFileServerVolumeConfiguration != nil })
}

func refuseS3Files(_ *Runtime, d ecs.TaskDefinition, _ ecs.ContainerDefinition) []string {
	return each(d, "s3filesVolumeConfiguration", noS3Files,
		func(v ecs.Volume) bool { return v.S3FilesVolumeConfiguration != nil })
}

func refuseAtLaunch(_ *Runtime, d ecs.TaskDefinition, _ ecs.ContainerDefinition) []string {
	return each(d, "configuredAtLaunch", noEBS, func(v ecs.Volume) bool { return v.ConfiguredAtLaunch })
}

func (r *Runtime) refuseNetwork(d ecs.TaskDefinition, _ ecs.ContainerDefinition) []string {
	switch d.NetworkMode {
	case "", ecs.NetworkModeBridge, ecs.NetworkModeHost, ecs.NetworkModeNone:
	case ecs.NetworkModeAwsvpc:
		if !r.config.Subnet.IsValid() {
			return []string{"networkMode: the configuration has no subnet for awsvpc"}
		}
	default:
		return []string{fmt.Sprintf("networkMode: %q is not one that the engine has", d.NetworkMode)}
	}
	return nil
}

func (r *Runtime) refuseHostVolumes(d ecs.TaskDefinition, _ ecs.ContainerDefinition) (faults []string) {
	for i, v := range d.Volumes {
		if v.Host != nil && v.Host.SourcePath != "" {
			if why := r.refusePath(v.Host.SourcePath); why != "" {
				faults = append(faults, fmt.Sprintf("volumes[%d].host.sourcePath: %s", i, why))
			}
		}
	}
	return faults
}

// refuseDriverOptions looks at what the driver "local" mounts: a device may be a directory of the host.
func (r *Runtime) refuseDriverOptions(d ecs.TaskDefinition, _ ecs.ContainerDefinition) (faults []string) {
	for i, v := range d.Volumes {
		if v.DockerVolumeConfiguration == nil {
			continue
		}
		device := v.DockerVolumeConfiguration.DriverOpts["device"]
		if !filepath.IsAbs(device) {
			continue
		}
		if why := r.refusePath(device); why != "" {
			faults = append(faults, fmt.Sprintf("volumes[%d].dockerVolumeConfiguration.driverOpts.device: %s", i, why))
		}
	}
	return faults
}

// refusePath returns why containers may not mount a path of the engine's host; "": they may.
func (r *Runtime) refusePath(path string) string {
	real := resolved(path)
	switch {
	case strings.Contains(path, ":"):
		return fmt.Sprintf("%q has a colon", path)
	case !filepath.IsAbs(path) || filepath.Clean(path) != strings.TrimRight(path, "/") && path != "/":
		return fmt.Sprintf("%q is not an absolute path in its shortest form", path)
	case !within(r.config.Allow.Mounts, path) || !within(r.config.Allow.Mounts, real):
		return fmt.Sprintf("%q is not among the mounts that the configuration allows", path)
	case !r.config.Allow.Socket && slices.ContainsFunc(r.sockets(), func(s string) bool {
		return below(s, path) || below(s, real)
	}):
		return fmt.Sprintf("%q has the engine's socket, which the configuration does not allow", path)
	}
	return ""
}

// sockets are where the engine may listen, and those of what it runs on.
func (r *Runtime) sockets() []string {
	list := []string{"/run/docker.sock", "/run/containerd/containerd.sock"}
	if path, ok := strings.CutPrefix(r.engine.DaemonHost(), "unix://"); ok {
		list = append(list, path)
	}
	for _, s := range list[:len(list):len(list)] {
		if rest, ok := strings.CutPrefix(s, "/run/"); ok {
			list = append(list, "/var/run/"+rest)
		}
		list = append(list, resolved(s))
	}
	return list
}

// within reports whether a path is one of a list, or below one.
func within(list []string, path string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return below(path, one) || below(path, resolved(one)) })
}

// below reports whether a path is base, or below it.
func below(path, base string) bool {
	base = filepath.Clean(base)
	return path == base || filepath.Clean(path) == base || strings.HasPrefix(path, strings.TrimSuffix(base, "/")+"/")
}

// resolved is what a path links to. The engine may be on another host, or the path not be there yet: then it is the
// path itself, but for links above it.
func resolved(path string) string {
	path = filepath.Clean(path)
	for at, rest := path, ""; ; at, rest = filepath.Dir(at), filepath.Join(filepath.Base(at), rest) {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest)
		}
		if at == filepath.Dir(at) {
			return path
		}
	}
}

func (r *Runtime) refuseHostPid(d ecs.TaskDefinition, _ ecs.ContainerDefinition) []string {
	if d.PidMode == ecs.PidModeHost && !r.config.Allow.HostPid {
		return []string{"pidMode: the configuration does not allow host"}
	}
	return nil
}

func (r *Runtime) refuseHostIpc(d ecs.TaskDefinition, _ ecs.ContainerDefinition) []string {
	if d.IpcMode == ecs.IpcModeHost && !r.config.Allow.HostIpc {
		return []string{"ipcMode: the configuration does not allow host"}
	}
	return nil
}

func (r *Runtime) refusePlatform(d ecs.TaskDefinition, _ ecs.ContainerDefinition) (faults []string) {
	p := d.RuntimePlatform
	if p == nil {
		return nil
	}
	if d.OnWindows() || r.host.os != "linux" {
		faults = append(faults, fmt.Sprintf("runtimePlatform.operatingSystemFamily: the engine's is %s", r.host.os))
	}
	if p.CPUArchitecture != "" && string(p.CPUArchitecture) != r.host.processor() {
		faults = append(faults, fmt.Sprintf("runtimePlatform.cpuArchitecture: the engine's is %s", r.host.processor()))
	}
	return faults
}

// processor is the engine's architecture in ECS's words.
func (h host) processor() string {
	switch h.architecture {
	case "x86_64", "amd64":
		return string(ecs.CPUArchitectureX8664)
	case "aarch64", "arm64":
		return string(ecs.CPUArchitectureArm64)
	}
	return h.architecture
}

func (r *Runtime) refuseImage(_ ecs.TaskDefinition, c ecs.ContainerDefinition) []string {
	if _, err := image.Parse(r.image(c.Image)); err != nil {
		return []string{fmt.Sprintf("image: %q: %v", r.image(c.Image), err)}
	}
	return nil
}

// image is the name of an image on the engine.
func (r *Runtime) image(name string) string {
	if r.config.Image == nil {
		return name
	}
	return r.config.Image(name)
}
