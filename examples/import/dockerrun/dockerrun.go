// Package dockerrun reads Dockerrun.aws.json of AWS Elastic Beanstalk, versions 1, 2 and 3.
//
// # Start here
//
// [Read] converts a document.
//
// # Model
//
// Elastic Beanstalk runs one copy of the containers on every instance of its Auto Scaling group. So the service
// is a DAEMON, and the number of copies is the number of instances: a matter of the group, not of the service.
// Version 2 holds container definitions of ECS, which are kept; version 1 describes one container behind the
// proxy of its instance; version 3 only says where credentials are, next to a Compose file.
//
// # Guarantees
//
//  1. The worked example of a version 2 file comes out to the letter (TestWorkedExample).
//  2. No input makes it panic, and what it accepts has only faults that the file itself has (FuzzRead).
//
// # Differences from ECS
//
//   - Version 1 names no memory: the container gets what is given, else 512 MiB, as AWS's own conversion of
//     2015 did. Its first port is published on port 80, where the instance's proxy listened.
//   - A container of version 2 without memory gets the same, and the report says so.
//   - A link or a volume that names nothing is left out, and the report says so.
//
// Sources: Elastic Beanstalk Developer Guide, "Preparing your Docker image for deployment to Elastic Beanstalk",
// "Configuring the Dockerrun.aws.json v2 file", "ECS managed Docker platform".
//
// # Example
//
// See the example of Read.
package dockerrun

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Read converts a Dockerrun.aws.json. The error says what is wrong with the document, line by line.
func Read(v *source.Value, g document.Given) (document.Result, error) {
	r := document.Result{Read: []*source.Value{v}}
	family := document.Name(cmp.Or(g.Name, "app"))
	version := v.Get("AWSEBDockerrunVersion")
	var d ecs.TaskDefinition
	switch version.Raw() {
	case "1":
		d = single(v, g, family)
	case "2":
		d = several(v, g, family)
	case "3":
		version.Translate("only where credentials are: the services are in docker-compose.yml, to be read next to it")
		credentials(v, "authentication", "Authentication")
		return r, v.Faults()
	default:
		if version == nil {
			version = v
		}
		version.Fault("AWSEBDockerrunVersion must be 1, 2 or 3, not %q", version.Raw())
		return r, v.Faults()
	}
	version.Translate("version %s: a task definition and a service with one task on every instance", version.Raw())
	r.TaskDefinitions = append(r.TaskDefinitions, d)
	r.Services = append(r.Services, api.CreateServiceInput{ServiceName: family, TaskDefinition: family,
		Cluster:            g.Cluster,
		SchedulingStrategy: ecs.SchedulingStrategyDaemon, LaunchType: ecs.LaunchTypeEC2,
		DeploymentConfiguration: &ecs.DeploymentConfiguration{MinimumHealthyPercent: ecs.Some(0),
			MaximumPercent: ecs.Some(100)}})
	return r, v.Faults()
}

// credentials says what becomes of a .dockercfg in S3.
func credentials(v *source.Value, keys ...string) bool {
	found := false
	for _, k := range keys {
		if a := v.Get(k); a.Has() {
			a.Need("put the registry's user and password into a secret of Secrets Manager, and its ARN into " +
				"repositoryCredentials; " +
				"a .dockercfg in S3 is not read by ECS")
			found = true
		}
	}
	return found
}

// single is the one container of version 1.
func single(v *source.Value, g document.Given, family string) ecs.TaskDefinition {
	c := ecs.ContainerDefinition{Name: "app", Essential: ecs.Some(true), Memory: g.MemoryOr()}
	image := v.Get("Image")
	name := image.Get("Name")
	c.Image = strings.TrimSpace(name.String())
	if given := g.Images[c.Name]; given != "" {
		c.Image = given
		name.Translate("the image that was given")
	}
	if c.Image == "" {
		c.Image = "needs-an-image"
		cmp.Or(name, image, v).Remark(source.Needs,
			"the image is built from the bundle's Dockerfile: push it to a registry, and give its name")
	}
	image.Get("Update").Translate("whether an image is pulled again is a setting of the agent: ECS_IMAGE_PULL_BEHAVIOR")
	if up, ok := image.Get("Update").Bool(); ok && !up {
		image.Get("Update").Lose("set ECS_IMAGE_PULL_BEHAVIOR=prefer-cached in the agent's configuration")
	}
	v.Get("AWSEBDockerrunVersion").Approximate("version 1 says no memory: the container gets %d MiB", c.Memory)
	ports(v.Get("Ports"), &c)
	d := ecs.TaskDefinition{Family: family, RequiresCompatibilities: []ecs.Compatibility{ecs.CompatibilityEC2},
		NetworkMode: ecs.NetworkModeBridge}
	directories(v.Get("Volumes"), &c, &d)
	if logs := v.Get("Logging"); logs.String() != "" {
		logs.Translate("the host's /var/log/containers/%s is mounted there; nothing collects the files: awslogs would",
			c.Name)
		mount(&c, &d, "awseb-logs-"+c.Name, "/var/log/containers/"+c.Name, document.MountPath(logs.String()))
	}
	c.EntryPoint = words(v.Get("Entrypoint"))
	c.Command = words(v.Get("Command"))
	if credentials(v, "Authentication", "authentication") {
		c.RepositoryCredentials = &ecs.RepositoryCredentials{CredentialsParameter: g.Secret("registry")}
		d.ExecutionRoleArn, _ = g.Role()
	}
	d.ContainerDefinitions = []ecs.ContainerDefinition{c}
	return d
}

// words reads a command. A blank one is none.
func words(v *source.Value) []string {
	if !v.Is(source.List) && strings.TrimSpace(v.String()) == "" {
		return nil
	}
	return document.Words(v)
}

// ports maps the ports of version 1: the first one is where the instance's proxy sends requests.
func ports(v *source.Value, c *ecs.ContainerDefinition) {
	seen := map[int]bool{}
	for _, p := range v.Items() {
		port := cmp.Or(p.Get("ContainerPort"), p.Get("containerPort"))
		n, ok := port.Int()
		if !ok {
			continue
		}
		if n < 1 || n > 65535 {
			port.Fault("%d is not a port", n)
			continue
		}
		host := cmp.Or(p.Get("HostPort"), p.Get("hostPort"))
		h := host.IntOr(n)
		if len(c.PortMappings) == 0 {
			port.Translate("published on port 80, where the instance's proxy listened")
			host.Translate("the proxy reached it there; without it port 80 stands for the proxy")
			h = 80
		} else {
			port.Approximate("only the first port was behind the proxy; this one is published on port %d of the "+
				"instance", h)
		}
		if seen[h] {
			port.Lose("another port is published on port %d already", h)
			continue
		}
		seen[h] = true
		c.PortMappings = append(c.PortMappings, ecs.PortMapping{ContainerPort: n, HostPort: ecs.Some(h)})
	}
}

// directories mounts the directories of the host.
func directories(v *source.Value, c *ecs.ContainerDefinition, d *ecs.TaskDefinition) {
	for i, x := range v.Items() {
		host, inside := x.Get("HostDirectory"), x.Get("ContainerDirectory")
		from, to := host.String(), inside.String()
		if from != "" && to == "" {
			to = from
			host.Approximate("the container has it at the same path: there is no ContainerDirectory")
		}
		if to == "" {
			continue
		}
		if from != "" && !strings.HasPrefix(from, "/") {
			from = "/var/app/current/" + from
			host.Approximate("relative to the bundle, which Elastic Beanstalk unpacks to /var/app/current: ECS has " +
				"no such directory")
		}
		mount(c, d, "volume-"+strconv.Itoa(i), from, document.MountPath(to))
	}
}

// mount adds a volume and its mount point.
func mount(c *ecs.ContainerDefinition, d *ecs.TaskDefinition, name, from, to string) {
	vol := ecs.Volume{Name: name}
	if from != "" {
		vol.Host = &ecs.HostVolumeProperties{SourcePath: from}
	}
	d.Volumes = append(d.Volumes, vol)
	c.MountPoints = append(c.MountPoints, ecs.MountPoint{SourceVolume: name, ContainerPath: to})
}
