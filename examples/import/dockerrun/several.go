package dockerrun

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/image"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/native"
	"github.com/bayplan/bayplan/examples/import/source"
)

// several is the task definition of version 2, whose container definitions are ECS's own.
func several(v *source.Value, g document.Given, family string) ecs.TaskDefinition {
	plain, _ := v.Plain().(map[string]any)
	for _, k := range []string{"AWSEBDockerrunVersion", "authentication", "Authentication"} {
		delete(plain, k)
	}
	if !v.Get("containerDefinitions").Has() {
		v.Fault("containerDefinitions is required in version 2")
	}
	plain["family"] = family
	truths(plain)
	d := native.TaskDefinition(v, plain, "")
	d.RequiresCompatibilities = []ecs.Compatibility{ecs.CompatibilityEC2}
	if d.NetworkMode == "" {
		d.NetworkMode = ecs.NetworkModeBridge
	}
	private := credentials(v, "authentication", "Authentication")
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		at := v.Get("containerDefinitions").Find(path(i))
		mend(c, at, g)
		if private && foreign(c.Image) && c.RepositoryCredentials == nil {
			c.RepositoryCredentials = &ecs.RepositoryCredentials{CredentialsParameter: g.Secret("registry")}
			if d.ExecutionRoleArn == "" {
				d.ExecutionRoleArn, _ = g.Role()
				at.Remark(source.Needs, "an execution role that may read the registry's secret")
			}
		}
		references(c, at, &d)
	}
	volumes(v, &d)
	hostPorts(v, &d)
	circles(v, &d)
	return d
}

func path(i int) string { return "[" + strconv.Itoa(i) + "]" }

// truths reads true and false in quotes, which Elastic Beanstalk takes.
func truths(x any) {
	switch x := x.(type) {
	case map[string]any:
		for k, m := range x { //order:any each member by itself
			if s, ok := m.(string); ok && (k == "essential" || k == "readOnly" || k == "privileged") {
				switch strings.ToLower(s) {
				case "true":
					x[k] = true
				case "false":
					x[k] = false
				}
			}
			truths(m)
		}
	case []any:
		for _, m := range x {
			truths(m)
		}
	}
}

// mend gives a container what ECS asks for and Elastic Beanstalk's form leaves open.
func mend(c *ecs.ContainerDefinition, at *source.Value, g document.Given) {
	if name := document.Name(c.Name); name != c.Name {
		at.Get("name").Approximate("%q is not a name of a container in ECS: it is %q", c.Name, name)
		c.Name = name
	}
	if given := g.Images[c.Name]; given != "" {
		c.Image = given
		at.Get("image").Translate("the image that was given")
	}
	if strings.TrimSpace(c.Image) == "" {
		c.Image = "needs-an-image"
		at.Remark(source.Needs, "an image")
	}
	c.Image = strings.TrimSpace(c.Image)
	if c.Memory == 0 && c.MemoryReservation == 0 {
		c.Memory = g.MemoryOr()
		at.Remark(source.Approximated, "ECS asks for memory or memoryReservation: the container gets %d MiB", c.Memory)
	}
	if c.Memory > 0 && c.MemoryReservation > c.Memory {
		at.Get("memoryReservation").Approximate("it cannot be above memory: it is %d, as that", c.Memory)
		c.MemoryReservation = c.Memory
	}
	if c.Memory > 0 && c.Memory < 6 || c.MemoryReservation > 0 && c.MemoryReservation < 6 {
		at.Remark(source.Approximated, "ECS gives a container 6 MiB at least")
		c.Memory, c.MemoryReservation = max(c.Memory, 6), 0
	}
}

// references leaves out what names nothing.
func references(c *ecs.ContainerDefinition, at *source.Value, d *ecs.TaskDefinition) {
	known := func(name string) bool {
		return name != c.Name && slices.ContainsFunc(d.ContainerDefinitions,
			func(o ecs.ContainerDefinition) bool { return o.Name == name })
	}
	c.Links = slices.DeleteFunc(c.Links, func(l string) bool {
		target, _, _ := strings.Cut(l, ":")
		if known(target) {
			return false
		}
		at.Get("links").Lose("there is no container %q to link to", target)
		return true
	})
	c.VolumesFrom = slices.DeleteFunc(c.VolumesFrom, func(f ecs.VolumeFrom) bool {
		if known(f.SourceContainer) {
			return false
		}
		at.Get("volumesFrom").Lose("there is no container %q", f.SourceContainer)
		return true
	})
	for _, m := range c.MountPoints {
		declared := slices.ContainsFunc(d.Volumes, func(v ecs.Volume) bool { return v.Name == m.SourceVolume })
		if declared || m.SourceVolume == "" {
			continue
		}
		v := ecs.Volume{Name: m.SourceVolume}
		if of, ok := strings.CutPrefix(m.SourceVolume, "awseb-logs-"); ok {
			v.Host = &ecs.HostVolumeProperties{SourcePath: "/var/log/containers/" + of}
			at.Get("mountPoints").Translate("Elastic Beanstalk declares %s by itself: the volume is added",
				m.SourceVolume)
		} else {
			at.Get("mountPoints").Approximate("no volume %s is declared: an empty one is added", m.SourceVolume)
		}
		d.Volumes = append(d.Volumes, v)
	}
	c.MountPoints = slices.DeleteFunc(c.MountPoints, func(m ecs.MountPoint) bool { return m.SourceVolume == "" })
}

// volumes leaves out volumes that no container mounts, and gives the others names that ECS takes.
func volumes(v *source.Value, d *ecs.TaskDefinition) {
	renamed := map[string]string{}
	for i := range d.Volumes {
		vol := &d.Volumes[i]
		if name := document.Name(vol.Name); name != vol.Name {
			renamed[vol.Name] = name
			v.Get("volumes").Find(path(i)).Approximate("%q is not a name of a volume in ECS: it is %q", vol.Name, name)
			vol.Name = name
		}
	}
	for i := range d.ContainerDefinitions {
		for j := range d.ContainerDefinitions[i].MountPoints {
			m := &d.ContainerDefinitions[i].MountPoints[j]
			if name, ok := renamed[m.SourceVolume]; ok {
				m.SourceVolume = name
			}
		}
	}
	before := slices.Clone(d.Volumes)
	document.Unique(d)
	for i, vol := range before {
		if !slices.ContainsFunc(d.Volumes, func(k ecs.Volume) bool { return k.Name == vol.Name }) {
			v.Get("volumes").Find(path(i)).Lose("no container mounts it, which ECS refuses: it is left out")
		}
	}
}

// hostPorts leaves out a mapping to a port of the instance that another one has.
func hostPorts(v *source.Value, d *ecs.TaskDefinition) {
	taken := map[string]bool{}
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		at := v.Get("containerDefinitions").Find(path(i)).Get("portMappings")
		c.PortMappings = slices.DeleteFunc(c.PortMappings, func(m ecs.PortMapping) bool {
			host, given := m.HostPort.Get()
			key := string(m.Protocol) + strconv.Itoa(host)
			if !given || host == 0 {
				return false
			}
			twice := taken[key]
			taken[key] = true
			if twice {
				at.Remark(source.Lost, "port %d of the instance is another container's: the mapping is left out", host)
			}
			return twice
		})
	}
}

// circles leaves out the links that close a circle, which ECS refuses.
func circles(v *source.Value, d *ecs.TaskDefinition) {
	reaches := func(from, to string) bool {
		seen := map[string]bool{}
		for next := []string{from}; len(next) > 0; next = next[1:] {
			if next[0] == to {
				return true
			}
			if c, ok := d.Container(next[0]); ok && !seen[next[0]] {
				seen[next[0]] = true
				for _, l := range c.Links {
					target, _, _ := strings.Cut(l, ":")
					next = append(next, target)
				}
			}
		}
		return false
	}
	wanted := make([][]string, len(d.ContainerDefinitions))
	for i := range d.ContainerDefinitions {
		wanted[i], d.ContainerDefinitions[i].Links = d.ContainerDefinitions[i].Links, nil
	}
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		for _, l := range wanted[i] {
			target, _, _ := strings.Cut(l, ":")
			if reaches(target, c.Name) {
				v.Get("containerDefinitions").Find(path(i)).Get("links").Remark(source.Lost,
					"the link to %s closes a circle, which ECS refuses", target)
				continue
			}
			c.Links = append(c.Links, l)
		}
	}
}

// foreign reports whether an image is in a registry that asks for a password: neither a library image of
// Docker Hub nor one of Amazon ECR.
func foreign(name string) bool {
	if !strings.Contains(name, "/") {
		return false
	}
	i, err := image.Parse(name)
	if err != nil {
		return true
	}
	_, ecr := ecs.ParseECRHost(i.Domain)
	return !ecr
}
