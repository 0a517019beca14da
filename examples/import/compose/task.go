package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// one converts all services of the file to containers of one task definition, with what ecs-params say.
func (p *project) one(services *source.Value) {
	t := p.params.Get("task_definition")
	p.params.Get("version").Keep()
	d := ecs.TaskDefinition{Family: document.Name(p.name), NetworkMode: ecs.NetworkModeBridge,
		RequiresCompatibilities: []ecs.Compatibility{ecs.CompatibilityEC2},
		TaskRoleArn:             cmp.Or(t.Get("task_role_arn").String(), p.given.TaskRole),
		ExecutionRoleArn:        t.Get("task_execution_role").String(),
		PidMode:                 ecs.PidMode(t.Get("pid_mode").String()),
		IpcMode:                 ecs.IpcMode(t.Get("ipc_mode").String())}
	d.TaskRoleArn, d.ExecutionRoleArn = p.roleARN(d.TaskRoleArn), p.roleARN(d.ExecutionRoleArn)
	if m := ecs.NetworkMode(t.Get("ecs_network_mode").String()); m != "" {
		if !ecs.Valid(m) {
			t.Get("ecs_network_mode").Fault("%q is not a network mode", m)
			return
		}
		d.NetworkMode = m
	}
	fargate := strings.EqualFold(p.given.Launch, "FARGATE")
	if fargate {
		d.NetworkMode, d.RequiresCompatibilities = ecs.NetworkModeAwsvpc, []ecs.Compatibility{ecs.CompatibilityFargate}
	}
	size := t.Get("task_size")
	d.CPU, d.Memory = size.Get("cpu_limit").String(), gigabytes(size.Get("mem_limit").String())
	at := place{d: &d, fargate: fargate, awsvpc: d.NetworkMode == ecs.NetworkModeAwsvpc}
	for _, name := range services.Map() {
		v := services.Get(name)
		c := p.container(v, name, at)
		if !at.awsvpc {
			p.links(v, &c)
		}
		p.size(v, &c, place{d: &ecs.TaskDefinition{}, awsvpc: at.awsvpc})
		p.parameters(&c, name, v, at)
		v.Get("depends_on").Approximate("containers of a task start at once; depends_on of ecs-params says what " +
			"waits for what")
		for _, k := range []string{"deploy", "restart", "scale"} {
			v.Get(k).Approximate("the task is one: services of it have no number and no rollout of their own")
		}
		d.ContainerDefinitions = append(d.ContainerDefinitions, c)
	}
	if n := len(d.ContainerDefinitions); n > document.MostContainers {
		services.Fault("a task definition has at most %d containers; this makes %d: use the mode services",
			document.MostContainers, n)
	}
	p.ordered(&d)
	p.bounds(&d, services, at)
	for _, x := range t.Get("placement_constraints").Items() {
		d.PlacementConstraints = append(d.PlacementConstraints,
			ecs.PlacementConstraint{Type: ecs.PlacementConstraintType(x.Get("type").Or("memberOf")),
				Expression: x.Get("expression").String()})
	}
	document.Unique(&d)
	p.result.TaskDefinitions = append(p.result.TaskDefinitions, d)
	p.run(&d, at, services)
}

// roleARN completes a role that is given by its name.
func (p *project) roleARN(name string) string {
	if name == "" || strings.HasPrefix(name, "arn:") {
		return name
	}
	return p.given.ARN("iam", "role/"+name)
}

// gigabytes writes 0.5GB as ECS reads it.
func gigabytes(s string) string {
	if n, ok := strings.CutSuffix(strings.ToUpper(s), "GB"); ok {
		return strings.TrimSpace(n) + " GB"
	}
	return strings.TrimSuffix(strings.TrimSuffix(s, "m"), "MB")
}

// bounds gives a task on Fargate its size, and a task that has none its ports in order.
func (p *project) bounds(d *ecs.TaskDefinition, services *source.Value, at place) {
	taken := map[string]bool{}
	var cpu, memory int
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		cpu += c.CPU
		memory += max(c.Memory, c.MemoryReservation)
		c.PortMappings = slices.DeleteFunc(c.PortMappings, func(m ecs.PortMapping) bool {
			key := fmt.Sprint(m.Protocol, m.HostPort.Or(0))
			if at.awsvpc {
				key = fmt.Sprint(m.Protocol, m.ContainerPort)
			} else if m.HostPort.Or(0) == 0 {
				return false
			}
			twice := taken[key]
			taken[key] = true
			if twice {
				services.Get(c.Name).Get("ports").Approximate("a port is there twice in the task: the second one is " +
					"left out")
			}
			return twice
		})
	}
	if at.fargate && d.CPU == "" {
		p.taskSize(services, cpu, memory, at)
	}
}

// links reads links, which name containers of the task.
func (p *project) links(v *source.Value, c *ecs.ContainerDefinition) {
	for _, l := range v.Get("links").Items() {
		name, alias, ok := strings.Cut(l.String(), ":")
		if p.v.Get("services").Get(name) == nil {
			l.Lose("there is no service %s", name)
			continue
		}
		link := document.Name(name)
		if ok {
			link += ":" + alias
		}
		c.Links = append(c.Links, link)
	}
}

// parameters reads what ecs-params say of a container; they win over the file.
func (p *project) parameters(c *ecs.ContainerDefinition, name string, v *source.Value, at place) {
	x := p.params.At("task_definition", "services", name)
	c.Essential = ecs.Some(true)
	if b, ok := x.Get("essential").Bool(); ok {
		c.Essential = ecs.Some(b)
	}
	if n, ok := x.Get("cpu_shares").Int(); ok {
		c.CPU = n
	}
	if m := x.Get("mem_limit"); m.Has() {
		c.Memory = document.MiB(bytes(m))
	}
	if m := x.Get("mem_reservation"); m.Has() {
		c.MemoryReservation = document.MiB(bytes(m))
	}
	if c.Memory > 0 && c.MemoryReservation > c.Memory {
		x.Fault("mem_limit %d is below mem_reservation %d", c.Memory, c.MemoryReservation)
	}
	if h := x.Get("healthcheck"); h.Has() {
		c.HealthCheck = healthcheck(h)
	}
	for _, s := range x.Get("secrets").Items() {
		c.Secrets = append(c.Secrets, ecs.Secret{Name: s.Get("name").String(), ValueFrom: s.Get("value_from").String()})
		p.role(at.d, s)
	}
	if r := x.At("repository_credentials", "credentials_parameter"); r.Has() {
		c.RepositoryCredentials = &ecs.RepositoryCredentials{CredentialsParameter: r.String()}
		p.role(at.d, r)
	}
	if f := x.Get("firelens_configuration"); f.Has() {
		kind := ecs.FirelensConfigurationType(f.Get("type").String())
		c.FirelensConfiguration = &ecs.FirelensConfiguration{Type: kind}
		for _, k := range f.Get("options").Keys() {
			if c.FirelensConfiguration.Options == nil {
				c.FirelensConfiguration.Options = map[string]string{}
			}
			c.FirelensConfiguration.Options[k] = f.Get("options").Get(k).String()
		}
	}
	for _, s := range x.At("logging", "secret_options").Items() {
		if c.LogConfiguration == nil {
			s.Fault("there is no logging for its option")
			break
		}
		c.LogConfiguration.SecretOptions = append(c.LogConfiguration.SecretOptions,
			ecs.Secret{Name: s.Get("name").String(), ValueFrom: s.Get("value_from").String()})
	}
	for _, dep := range x.Get("depends_on").Items() {
		c.DependsOn = append(c.DependsOn,
			ecs.ContainerDependency{ContainerName: document.Name(dep.Get("container_name").String()),
				Condition: ecs.ContainerCondition(strings.ToUpper(dep.Get("condition").String()))})
	}
	if g := x.Get("gpu"); g.String() != "" {
		c.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu, Value: g.Raw()}}
	}
	if b, ok := x.Get("init_process_enabled").Bool(); ok {
		if c.LinuxParameters == nil {
			c.LinuxParameters = &ecs.LinuxParameters{}
		}
		c.LinuxParameters.InitProcessEnabled = ecs.Some(b)
	}
}

// ordered leaves out dependencies on containers that there are not.
func (p *project) ordered(d *ecs.TaskDefinition) {
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		for _, dep := range c.DependsOn {
			if _, ok := d.Container(dep.ContainerName); !ok {
				p.params.Fault("container %s depends on %s, which does not exist", c.Name, dep.ContainerName)
			}
		}
	}
}

// efs reads a volume of ecs-params that is an Amazon EFS file system.
func (p *project) efs(name string, vol *ecs.Volume) bool {
	for _, x := range p.params.At("task_definition", "efs_volumes").Each() {
		if x.Get("name").Raw() != name {
			continue
		}
		x.Get("name").Keep()
		c := &ecs.EFSVolumeConfiguration{FileSystemID: x.Get("filesystem_id").String(),
			RootDirectory:     x.Get("root_directory").String(),
			TransitEncryption: ecs.EFSTransitEncryption(strings.ToUpper(x.Get("transit_encryption").String()))}
		if n, ok := x.Get("transit_encryption_port").Int(); ok {
			c.TransitEncryptionPort = ecs.Some(n)
		}
		if a, iam := x.Get("access_point"), x.Get("iam"); a.Has() || iam.Has() {
			c.AuthorizationConfig = &ecs.EFSAuthorizationConfig{AccessPointID: a.String(),
				IAM: ecs.EFSAuthorizationConfigIAM(strings.ToUpper(iam.String()))}
		}
		vol.EFSVolumeConfiguration = c
		return true
	}
	return false
}

// docker reads a volume of ecs-params that Docker has.
func (p *project) docker(name string, vol *ecs.Volume) bool {
	for _, x := range p.params.At("task_definition", "docker_volumes").Each() {
		if x.Get("name").Raw() != name {
			continue
		}
		x.Get("name").Keep()
		c := &ecs.DockerVolumeConfiguration{Scope: ecs.Scope(x.Get("scope").Or("task")),
			Driver: x.Get("driver").String()}
		if b, ok := x.Get("autoprovision").Bool(); ok {
			c.Autoprovision = ecs.Some(b)
		}
		for _, m := range []struct {
			key string
			to  *map[string]string
		}{{"driver_opts", &c.DriverOpts}, {"labels", &c.Labels}} {
			for _, k := range x.Get(m.key).Keys() {
				if *m.to == nil {
					*m.to = map[string]string{}
				}
				(*m.to)[k] = x.Get(m.key).Get(k).String()
			}
		}
		vol.DockerVolumeConfiguration = c
		return true
	}
	return false
}

// run reads the parameters of the service: where it attaches and where its tasks go.
func (p *project) run(d *ecs.TaskDefinition, at place, services *source.Value) {
	r := p.params.Get("run_params")
	s := api.CreateServiceInput{ServiceName: d.Family, TaskDefinition: d.Family, Cluster: p.given.Cluster,
		DesiredCount: ecs.Some(1),
		DeploymentConfiguration: &ecs.DeploymentConfiguration{MinimumHealthyPercent: ecs.Some(100),
			MaximumPercent: ecs.Some(200)}}
	if at.awsvpc {
		n, missing := p.given.Vpc(false)
		a := r.At("network_configuration", "awsvpc_configuration")
		if list := a.Get("subnets").Strings(); len(list) > 0 {
			n.AwsvpcConfiguration.Subnets, missing = list, false
		}
		if list := a.Get("security_groups").Strings(); len(list) > 0 {
			n.AwsvpcConfiguration.SecurityGroups = list
		}
		if ip := a.Get("assign_public_ip"); at.fargate && ip.String() != "" {
			n.AwsvpcConfiguration.AssignPublicIp = ecs.AssignPublicIp(strings.ToUpper(ip.Raw()))
		}
		s.NetworkConfiguration = n
		if missing {
			services.Remark(source.Needs, "the subnets of the tasks' network interfaces, with -subnet")
		}
	}
	if at.fargate {
		s.LaunchType = ecs.LaunchTypeFargate
	} else {
		for _, x := range r.At("task_placement", "strategy").Items() {
			s.PlacementStrategy = append(s.PlacementStrategy,
				ecs.PlacementStrategy{Type: ecs.PlacementStrategyType(x.Get("type").String()),
					Field: x.Get("field").String()})
		}
		for _, x := range append(r.At("task_placement", "constraints").Items(), r.At("task_placement",
			"constraint").Items()...) {
			s.PlacementConstraints = append(s.PlacementConstraints,
				ecs.PlacementConstraint{Type: ecs.PlacementConstraintType(x.Get("type").String()),
					Expression: x.Get("expression").String()})
		}
	}
	r.Get("service_discovery").Need("make the namespace and the service of AWS Cloud Map, and name its ARN in " +
		"serviceRegistries")
	p.result.Services = append(p.result.Services, s)
}
