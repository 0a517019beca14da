package compose

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// place is where a container goes: what its task allows.
type place struct {
	d       *ecs.TaskDefinition
	fargate bool
	awsvpc  bool
}

// container reads a service as a container.
func (p *project) container(v *source.Value, name string, at place) ecs.ContainerDefinition {
	c := ecs.ContainerDefinition{Name: document.Name(name), Image: p.image(v, name)}
	if n := v.Get("container_name"); n.Has() {
		n.Translate("the container has the name of its service, %s", c.Name)
	}
	c.EntryPoint, c.Command = document.Words(v.Get("entrypoint")), document.Words(v.Get("command"))
	c.WorkingDirectory, c.User = v.Get("working_dir").String(), v.Get("user").String()
	c.Environment = p.environment(v)
	c.DockerLabels = p.labels(v.Get("labels"))
	flags := []struct {
		key string
		to  *ecs.Opt[bool]
	}{{"tty", &c.PseudoTerminal}, {"stdin_open", &c.Interactive}, {"read_only", &c.ReadonlyRootFilesystem},
		{"privileged", &c.Privileged}}
	for _, f := range flags {
		if b, ok := v.Get(f.key).Bool(); ok {
			*f.to = ecs.Some(b)
		}
	}
	if at.fargate && c.Privileged.Or(false) {
		v.Get("privileged").Lose("a task on Fargate has no privileged containers")
		c.Privileged = ecs.Opt[bool]{}
	}
	p.host(v, &c, at)
	p.ports(v.Get("ports"), &c, at)
	p.mounts(v, &c, at)
	c.HealthCheck = healthcheck(v.Get("healthcheck"))
	if n, ok := seconds(v.Get("stop_grace_period")); ok {
		hi := 1 << 30
		if at.fargate {
			hi = 120
		}
		c.StopTimeout = ecs.Some(document.Clamp(v.Get("stop_grace_period"), n, 2, hi, " seconds"))
	}
	p.linux(v, &c, at)
	p.logging(v, &c, at)
	p.secrets(v.Get("secrets"), &c, at)
	if s := v.Get("x-aws-pull_credentials"); s.String() != "" {
		c.RepositoryCredentials = &ecs.RepositoryCredentials{CredentialsParameter: s.Raw()}
		p.role(at.d, s)
	}
	p.unsupported(v)
	return c
}

func (p *project) image(v *source.Value, name string) string {
	image, build := v.Get("image"), v.Get("build")
	if given := cmp.Or(p.given.Images[name], p.given.Images[document.Name(name)]); given != "" {
		image.Translate("the image that was given")
		build.Translate("the image that was given")
		return given
	}
	if s := strings.TrimSpace(image.String()); s != "" {
		build.Translate("ECS builds nothing: push the image under the name that image has")
		return s
	}
	cmp.Or(build, v).Remark(source.Needs,
		"build the image, push it to a registry, and give its name with -image %s=NAME", name)
	build.Need("an image")
	return "needs-the-image-of-" + document.Name(name)
}

// role gives a task its execution role.
func (p *project) role(d *ecs.TaskDefinition, why *source.Value) {
	if d.ExecutionRoleArn == "" {
		arn, missing := p.given.Role()
		d.ExecutionRoleArn = arn
		if missing {
			why.Remark(source.Needs, "an execution role")
		}
	}
}

func (p *project) environment(v *source.Value) []ecs.KeyValuePair {
	var list []ecs.KeyValuePair
	for _, f := range v.Get("env_file").Each() {
		named := f
		if f.Is(source.Map) {
			named = f.Get("path")
			f.Get("required").Keep()
			f.Get("format").Keep()
		}
		list = append(list, p.file(named)...)
	}
	return document.Environment(append(list, pairs(v.Get("environment"), p.given)...))
}

// file reads the variables in a file, if files can be read.
func (p *project) file(v *source.Value) (list []ecs.KeyValuePair) {
	name := v.String()
	if !strings.HasPrefix(name, "/") {
		name = path.Join(path.Dir(strings.ReplaceAll(v.File(), "\\", "/")), name)
	}
	if p.given.File == nil {
		v.Need("the variables in %s: give them with -set, or put the file into S3 and its ARN into environmentFiles",
			name)
		return nil
	}
	data, err := p.given.File(name)
	if err != nil {
		v.Need("the variables in %s: the file cannot be read", name)
		return nil
	}
	v.Translate("its variables are in the environment")
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		k, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if ok && !strings.HasPrefix(line, "#") {
			list = append(list, ecs.KeyValuePair{Name: strings.TrimSpace(k),
				Value: strings.Trim(strings.TrimSpace(value), `"'`)})
		}
	}
	return list
}

func (p *project) labels(v *source.Value) map[string]string {
	var out map[string]string
	for _, l := range pairs(v, document.Given{Variables: map[string]string{}}) {
		if out == nil {
			out = map[string]string{}
		}
		out[l.Name] = l.Value
	}
	return out
}

// host reads what the host would resolve: names that a task with its own network interface does not have.
func (p *project) host(v *source.Value, c *ecs.ContainerDefinition, at place) {
	hostname, hosts := v.Get("hostname"), v.Get("extra_hosts")
	dns, search := v.Get("dns"), v.Get("dns_search")
	if at.awsvpc {
		hostname.Lose("a task with its own network interface has the name of that")
		dns.Lose("a task with its own network interface asks the VPC's DNS")
		search.Lose("a task with its own network interface asks the VPC's DNS")
		hosts.Lose("make a record in Amazon Route 53: a task with its own network interface has no lines in /etc/hosts")
		v.Get("links").Lose("containers of a task reach each other at localhost, services by Service Connect")
	} else {
		c.Hostname = hostname.String()
		c.DNSServers = dns.Strings()
		c.DNSSearchDomains = search.Strings()
		for _, h := range hosts.Each() {
			if h.Is(source.Map) {
				h.Lose("extra_hosts as a map")
				continue
			}
			name, ip, ok := strings.Cut(strings.Replace(h.String(), "=", ":", 1), ":")
			if ok {
				c.ExtraHosts = append(c.ExtraHosts, ecs.HostEntry{Hostname: name, IPAddress: ip})
			}
		}
	}
	v.Get("expose").Translate("containers of one task, and those that a security group lets in, reach every port")
	v.Get("domainname").Lose("ECS gives no domain name")
}

// port reads a number of a port, which may be a range; ok is false for one that is not a single port.
func port(v *source.Value) (int, bool) {
	s := v.String()
	n, err := strconv.Atoi(s)
	if s == "" {
		return 0, false
	}
	if err != nil || n < 0 || n > 65535 {
		v.Lose("%q is not a single port: write a mapping for each", s)
		return 0, false
	}
	return n, true
}

func (p *project) ports(v *source.Value, c *ecs.ContainerDefinition, at place) {
	for _, x := range v.Items() {
		if !x.Is(source.Map) {
			x.Fault("this is not a port")
			continue
		}
		n, ok := port(x.Get("target"))
		if !ok || n == 0 {
			continue
		}
		m := ecs.PortMapping{ContainerPort: n}
		if x.Get("protocol").String() == "udp" {
			m.Protocol = ecs.TransportProtocolUdp
		}
		h, published := port(x.Get("published"))
		switch {
		case at.awsvpc && published && h != n:
			x.Get("published").Approximate("a load balancer listens on %d; the task has port %d", h, n)
		case !at.awsvpc:
			m.HostPort = ecs.Some(h)
		}
		x.Get("host_ip").Lose("a port is open on every address: a security group says who reaches it")
		x.Get("mode").Keep()
		x.Get("name").Translate("the port's name is that of Service Connect")
		x.Get("app_protocol").Translate("appProtocol, for Service Connect")
		taken := func(o ecs.PortMapping) bool { return o.ContainerPort == n && o.Protocol == m.Protocol && at.awsvpc }
		if slices.ContainsFunc(c.PortMappings, taken) {
			x.Approximate("the container has the port already")
			continue
		}
		c.PortMappings = append(c.PortMappings, m)
	}
}

// mounts reads volumes and tmpfs.
func (p *project) mounts(v *source.Value, c *ecs.ContainerDefinition, at place) {
	for i, x := range v.Get("volumes").Items() {
		from, to := x.Get("source").String(), document.MountPath(x.Get("target").String())
		x.Get("type").Keep()
		for _, k := range []string{"bind", "volume", "tmpfs", "consistency", "image"} {
			if o := x.Get(k); o.Has() && o.Find("create_host_path") == o {
				o.Lose("options of a mount are the volume's in ECS")
			} else {
				o.Keep()
			}
		}
		vol := ecs.Volume{Name: from}
		switch kind := x.Get("type").Raw(); {
		case kind == "tmpfs":
			p.tmpfs(x, c, to, x.At("tmpfs", "size").Raw(), at)
			continue
		case kind == "bind" && at.fargate:
			x.Get("source").Lose("Fargate has no host: put the files into the image, or into Amazon EFS")
			x.Get("target").Lose("see its source")
			continue
		case kind == "bind":
			vol = ecs.Volume{Name: fmt.Sprintf("%s-%d", c.Name, i), Host: &ecs.HostVolumeProperties{SourcePath: from}}
			if !strings.HasPrefix(from, "/") {
				vol.Host.SourcePath = "/" + strings.TrimLeft(from, "./~")
				x.Get("source").Approximate("relative to the project: instances have no project; it is %s there",
					vol.Host.SourcePath)
			}
		case kind != "volume":
			x.Lose("ECS has no mounts of type %s", kind)
			continue
		case from == "":
			vol.Name = fmt.Sprintf("%s-%d", c.Name, i)
		default:
			vol = p.named(x, from, at)
		}
		m := ecs.MountPoint{SourceVolume: volumeName(at.d, vol), ContainerPath: to}
		if b, ok := x.Get("read_only").Bool(); ok {
			m.ReadOnly = ecs.Some(b)
		}
		c.MountPoints = append(c.MountPoints, m)
	}
	for _, x := range v.Get("tmpfs").Each() {
		path, options, _ := strings.Cut(x.String(), ":")
		size := ""
		for o := range strings.SplitSeq(options, ",") {
			if s, ok := strings.CutPrefix(o, "size="); ok {
				size = s
			}
		}
		p.tmpfs(x, c, document.MountPath(path), size, at)
	}
	v.Get("volumes_from").Lose("name the volumes in both services")
}

// named is the volume of a name: an Amazon EFS file system on Fargate, a volume of Docker on instances.
func (p *project) named(x *source.Value, name string, at place) ecs.Volume {
	vol := ecs.Volume{Name: name}
	if at.fargate {
		id := p.v.Get("volumes").Get(name).Get("external")
		x.Get("source").Need("the ID of an Amazon EFS file system for the volume %s", name)
		id.Translate("an Amazon EFS file system")
		vol.EFSVolumeConfiguration = &ecs.EFSVolumeConfiguration{FileSystemID: "fs-needs-an-id",
			TransitEncryption: ecs.EFSTransitEncryptionEnabled}
		return vol
	}
	if p.params != nil {
		if p.efs(name, &vol) || p.docker(name, &vol) {
			return vol
		}
	}
	x.Get("source").Translate("a volume of Docker on the instance: each instance has its own")
	vol.DockerVolumeConfiguration = &ecs.DockerVolumeConfiguration{Scope: ecs.ScopeShared,
		Autoprovision: ecs.Some(true)}
	return vol
}

// defaultTmpfs is the size of a tmpfs that says none, in MiB, as Docker's ECS integration had it.
const defaultTmpfs = 100

func (p *project) tmpfs(x *source.Value, c *ecs.ContainerDefinition, path, size string, at place) {
	if at.fargate {
		x.Lose("a task on Fargate has no tmpfs: its ephemeral storage is on disk")
		return
	}
	mib := defaultTmpfs
	if n, err := units.RAMInBytes(size); err == nil && n > 0 && n < 1<<50 {
		mib = document.MiB(n)
	} else {
		x.Approximate("ECS needs a size: %d MiB", mib)
	}
	if c.LinuxParameters == nil {
		c.LinuxParameters = &ecs.LinuxParameters{}
	}
	c.LinuxParameters.Tmpfs = append(c.LinuxParameters.Tmpfs, ecs.Tmpfs{ContainerPath: path, Size: mib})
}

// seconds reads a duration such as 1m30s; a number alone is of seconds.
func seconds(v *source.Value) (int, bool) {
	s := v.String()
	if s == "" {
		return 0, false
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return n, true
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > 100*365*24*time.Hour {
		v.Fault("it must be a duration such as 1m30s, not %q", s)
		return 0, false
	}
	if d%time.Second != 0 {
		v.Approximate("in whole seconds")
	}
	return int((d + time.Second - 1) / time.Second), true
}

func healthcheck(v *source.Value) *ecs.HealthCheck {
	if off, _ := v.Get("disable").Bool(); off || !v.Has() {
		return nil
	}
	test := v.Get("test")
	command := test.Strings()
	if test.Is(source.Text) {
		command = []string{"CMD-SHELL", test.Raw()}
	}
	switch {
	case len(command) == 0:
		v.Lose("without a test the image's own health check counts, which ECS does not read")
		return nil
	case command[0] == "NONE":
		return nil
	case command[0] != "CMD" && command[0] != "CMD-SHELL":
		command = append([]string{"CMD"}, command...)
	}
	h := document.HealthCheck(command, document.CheckNumbers{Interval: v.Get("interval"), Timeout: v.Get("timeout"),
		Retries: v.Get("retries"), Start: v.Get("start_period")}, seconds)
	v.Get("start_interval").Lose("a health check has one interval")
	return h
}

// linux reads what the kernel is asked for.
func (p *project) linux(v *source.Value, c *ecs.ContainerDefinition, at place) {
	l := &ecs.LinuxParameters{}
	if c.LinuxParameters != nil {
		l = c.LinuxParameters
	}
	if b, ok := v.Get("init").Bool(); ok {
		l.InitProcessEnabled = ecs.Some(b)
	}
	k, refused := document.Capabilities(v.Get("cap_add"), v.Get("cap_drop"), at.fargate)
	for _, x := range refused {
		x.Lose("a container on Fargate may add %s only", document.CapabilityOfFargate)
	}
	if k != nil {
		l.Capabilities = k
	}
	if shm := v.Get("shm_size"); shm.Has() {
		n, err := units.RAMInBytes(shm.String())
		switch {
		case err != nil || n < 0 || n > 1<<50:
			shm.Fault("%q is not a size", shm.Raw())
		case at.fargate:
			shm.Lose("a task on Fargate has 64 MiB of shared memory")
		default:
			l.SharedMemorySize = ecs.Some(document.MiB(n))
		}
	}
	p.devices(v.Get("devices"), l, at)
	if l.InitProcessEnabled != (ecs.Opt[bool]{}) || l.Capabilities != nil || !l.SharedMemorySize.IsZero() ||
		len(l.Devices)+len(l.Tmpfs) > 0 {
		c.LinuxParameters = l
	}
	p.ulimits(v.Get("ulimits"), c, at)
	for _, s := range pairs(v.Get("sysctls"), document.Given{}) {
		c.SystemControls = append(c.SystemControls, ecs.SystemControl{Namespace: s.Name, Value: s.Value})
	}
	if opts := v.Get("security_opt"); opts.Has() {
		if at.fargate {
			opts.Lose("a task on Fargate has no options of security")
		} else {
			c.DockerSecurityOptions = opts.Strings()
		}
	}
}

func (p *project) devices(v *source.Value, l *ecs.LinuxParameters, at place) {
	for _, x := range v.Items() {
		if at.fargate {
			x.Lose("a task on Fargate has no devices")
			continue
		}
		l.Devices = append(l.Devices, ecs.Device{HostPath: x.Get("source").String(),
			ContainerPath: x.Get("target").String()})
		x.Get("permissions").Translate("all permissions")
	}
}

func (p *project) ulimits(v *source.Value, c *ecs.ContainerDefinition, at place) {
	for _, k := range v.Map() {
		x := v.Get(k)
		name := ecs.UlimitName(k)
		if !ecs.Valid(name) || at.fargate && name != ecs.UlimitNameNofile {
			x.Lose("a limit named %s cannot be set there", k)
			continue
		}
		one := cmp.Or(x.Get("single"), x)
		soft, hard := 0, 0
		if x.Is(source.Map) && !x.Get("single").Has() {
			soft, hard = x.Get("soft").IntOr(0), x.Get("hard").IntOr(0)
		} else {
			soft = one.IntOr(0)
			hard = soft
		}
		c.Ulimits = append(c.Ulimits, ecs.Ulimit{Name: name, SoftLimit: soft, HardLimit: max(soft, hard)})
	}
}

// logging reads where output goes. On Fargate that is CloudWatch Logs.
func (p *project) logging(service *source.Value, c *ecs.ContainerDefinition, at place) {
	v := service.Get("logging")
	driver := v.Get("driver").String()
	name := ecs.LogDriver(driver)
	switch {
	case driver == "" && !at.fargate:
	case at.fargate && driver != "splunk", driver == "awslogs":
		c.LogConfiguration = p.given.Awslogs("/docker-compose/"+p.name, p.name)
		for _, k := range v.Get("options").Keys() {
			if strings.HasPrefix(k, "awslogs-") {
				c.LogConfiguration.Options[k] = v.Get("options").Get(k).String()
			} else {
				v.Get("options").Get(k).Lose("an option of another log driver")
			}
		}
		if driver != "" && driver != "awslogs" {
			v.Get("driver").Approximate("awslogs: a task on Fargate has no log driver %s", driver)
		}
		p.role(at.d, cmp.Or(v, service))
		return
	case !ecs.Valid(name):
		v.Lose("ECS has no log driver %s", driver)
		return
	default:
		c.LogConfiguration = &ecs.LogConfiguration{LogDriver: name}
		for _, k := range v.Get("options").Keys() {
			if c.LogConfiguration.Options == nil {
				c.LogConfiguration.Options = map[string]string{}
			}
			c.LogConfiguration.Options[k] = v.Get("options").Get(k).String()
		}
	}
}

// secrets reads files of secrets as variables, which is what ECS makes of them.
func (p *project) secrets(v *source.Value, c *ecs.ContainerDefinition, at place) {
	for _, x := range v.Items() {
		name := x.Get("source").String()
		top := p.v.Get("secrets").Get(name)
		arn := p.given.Secret(name)
		if ext := top.Get("name").Raw(); strings.HasPrefix(ext, "arn:") {
			arn = ext
		}
		variable := strings.ToUpper(strings.ReplaceAll(document.Name(name), "-", "_"))
		x.Approximate("the variable %s with its value: ECS makes no file /run/secrets/%s", variable, name)
		if !slices.ContainsFunc(c.Environment, func(e ecs.KeyValuePair) bool { return e.Name == variable }) &&
			!slices.ContainsFunc(c.Secrets, func(s ecs.Secret) bool { return s.Name == variable }) {
			c.Secrets = append(c.Secrets, ecs.Secret{Name: variable, ValueFrom: arn})
			p.role(at.d, x)
		}
	}
}

// nothing says what to do instead of a member that ECS has nothing for.
var nothing = map[string]string{
	"stop_signal":  "the signal is the image's STOPSIGNAL",
	"profiles":     "leave out the services that you do not want",
	"configs":      "ECS makes no files of it: put them into the image, or into Amazon EFS",
	"networks":     "security groups and Service Connect say who reaches whom",
	"network_mode": "the network mode is that of the task",
	"pid":          "pidMode is that of the task", "ipc": "ipcMode is that of the task",
	"userns_mode":   "it is a setting of Docker on the instance",
	"cgroup":        "it is a setting of Docker on the instance",
	"cgroup_parent": "it is a setting of Docker on the instance",
	"isolation":     "it is a setting of Docker on the instance",
	"runtime":       "it is a setting of Docker on the instance",
	"develop":       "it is for development", "attach": "it is for development",
	"pull_policy": "it is a setting of the agent: ECS_IMAGE_PULL_BEHAVIOR",
	"platform":    "runtimePlatform of the task says it", "group_add": "the image says the groups of its user",
	"oom_kill_disable": "the kernel ends what takes too much memory",
	"oom_score_adj":    "the kernel ends what takes too much memory",
	"mem_swappiness":   "swappiness needs swap on the instance", "memswap_limit": "maxSwap needs swap on the instance",
	"blkio_config": "it is a setting of Docker on the instance", "mac_address": "a network interface has its own",
	"annotations": "dockerLabels hold labels", "extends": "what it extends is in it",
	"label_file":  "write its labels into labels",
	"storage_opt": "it is a setting of Docker on the instance", "device_cgroup_rules": "name the devices",
	"scale": "deploy.replicas says it", "external_links": "Service Connect gives a service its name",
	"post_start": "ECS has no hooks of containers", "pre_stop": "ECS has no hooks of containers",
	"pre_start": "ECS has no hooks of containers",
	"provider":  "it is not a container", "models": "it is not a container",
	"use_api_socket": "a task has no socket of Docker",
}

func (p *project) unsupported(v *source.Value) {
	for k, text := range nothing {
		x := v.Get(k)
		if x.Has() {
			x.Lose("%s", text)
		}
	}
	for _, k := range v.Keys() {
		if strings.HasPrefix(k, "x-") && !strings.HasPrefix(k, "x-aws-") {
			v.Get(k).Lose("an extension, of whatever reads it")
		}
	}
}
