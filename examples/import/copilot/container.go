package copilot

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// container reads the main container.
func (m *manifest) container() {
	image := m.v.Get("image")
	m.main = ecs.ContainerDefinition{Name: m.name, Image: m.image(image, m.name)}
	c := &m.main
	if port, ok := m.port(image.Get("port")); ok {
		addPort(c, port, ecs.TransportProtocolTcp)
	} else if m.kind == webService && !image.Get("port").Has() {
		cmp.Or(image, m.v).Fault("image.port is required in a %s", webService)
	}
	m.credentials(image.Get("credentials"), c)
	m.common(m.v, c)
	c.DockerLabels = texts(image.Get("labels"))
	m.depends(image.Get("depends_on"), c)
	c.HealthCheck = m.healthcheck(image.Get("healthcheck"))
	if b, ok := m.v.Get("exec").Bool(); ok {
		m.s.EnableExecuteCommand = b
	}
}

// image returns the image of a container: the one that was given, its location, or a placeholder for what
// Copilot would have built.
func (m *manifest) image(v *source.Value, name string) string {
	build, location := v.Get("build"), v.Get("location")
	if v.Is(source.Text) {
		location = v
	}
	if given := m.given.Images[name]; given != "" {
		build.Translate("the image that was given")
		location.Translate("the image that was given")
		return given
	}
	if s := strings.TrimSpace(location.String()); s != "" {
		build.Translate("the location displaces it")
		return s
	}
	cmp.Or(build, v, m.v).Remark(source.Needs,
		"the image is built by Copilot: build it, push it to a repository, and give its name")
	return "needs-the-image-of-" + name
}

// common reads what the main container and a sidecar have in common.
func (m *manifest) common(v *source.Value, c *ecs.ContainerDefinition) {
	c.EntryPoint = document.Words(v.Get("entrypoint"))
	c.Command = document.Words(v.Get("command"))
	variables := v.Get("variables")
	for _, k := range variables.Map() {
		x := variables.Get(k)
		p := ecs.KeyValuePair{Name: k, Value: x.Raw()}
		if x.Is(source.Map) {
			x.Need("the value of the CloudFormation export %s", x.Get("from_cfn").Raw())
			p.Value = "needs-export-" + x.Get("from_cfn").Raw()
		} else {
			x.Keep()
		}
		c.Environment = append(c.Environment, p)
	}
	if f := v.Get("env_file"); f.String() != "" {
		f.Need("put %s into S3, and its ARN into environmentFiles", f.Raw())
		c.EnvironmentFiles = []ecs.EnvironmentFile{{Type: ecs.EnvironmentFileTypeS3,
			Value: m.given.ARN("s3", "needs-a-bucket/"+strings.TrimSuffix(strings.TrimLeft(f.Raw(), "./"),
				".env")+".env")}}
	}
	c.Secrets = m.secrets(v.Get("secrets"))
}

func (m *manifest) secrets(v *source.Value) (list []ecs.Secret) {
	for _, k := range v.Map() {
		x := v.Get(k)
		s := ecs.Secret{Name: k, ValueFrom: x.Raw()}
		switch {
		case x.Get("secretsmanager").Has():
			name := x.Get("secretsmanager").Translate("its ARN, as Copilot makes it").Raw()
			s.ValueFrom = name
			if !strings.HasPrefix(name, "arn:") {
				s.ValueFrom = m.given.ARN("secretsmanager", "secret:"+name)
				if m.given.Account == "" {
					x.Get("secretsmanager").Need("the account, for the ARN of the secret")
				}
			}
		case x.Is(source.Map):
			x.Need("the value of the CloudFormation export %s", x.Get("from_cfn").Raw())
			s.ValueFrom = m.given.Secret(x.Get("from_cfn").Raw())
		default:
			x.Keep()
		}
		if s.ValueFrom == "" {
			x.Need("the name of a parameter or a secret")
			s.ValueFrom = m.given.Secret(k)
		}
		list = append(list, s)
	}
	return list
}

func (m *manifest) credentials(v *source.Value, c *ecs.ContainerDefinition) {
	if s := v.String(); s != "" {
		c.RepositoryCredentials = &ecs.RepositoryCredentials{CredentialsParameter: s}
	}
}

func texts(v *source.Value) map[string]string {
	var out map[string]string
	for _, k := range v.Map() {
		if out == nil {
			out = map[string]string{}
		}
		out[k] = v.Get(k).String()
	}
	return out
}

// port reads a port that is written as a number.
func (m *manifest) port(v *source.Value) (int, bool) {
	n, ok := v.Int()
	if ok && (n < 1 || n > 65535) {
		v.Fault("%d is not a port", n)
		return 0, false
	}
	return n, ok
}

func addPort(c *ecs.ContainerDefinition, port int, protocol ecs.TransportProtocol) {
	for _, p := range c.PortMappings {
		if p.ContainerPort == port && p.Protocol == protocol {
			return
		}
	}
	c.PortMappings = append(c.PortMappings, ecs.PortMapping{ContainerPort: port, Protocol: protocol})
}

// conditions are the words of depends_on.
var conditions = map[string]ecs.ContainerCondition{"start": ecs.ContainerConditionStart,
	"healthy":  ecs.ContainerConditionHealthy,
	"complete": ecs.ContainerConditionComplete, "success": ecs.ContainerConditionSuccess}

func (m *manifest) depends(v *source.Value, c *ecs.ContainerDefinition) {
	for _, k := range v.Map() {
		x := v.Get(k)
		condition := conditions[strings.ToLower(x.String())]
		if condition == "" {
			x.Fault("%q is not start, healthy, complete or success", x.Raw())
			continue
		}
		c.DependsOn = append(c.DependsOn, ecs.ContainerDependency{ContainerName: document.Name(k),
			Condition: condition})
	}
}

// seconds reads a duration such as 1m30s.
func seconds(v *source.Value) (int, bool) {
	s := v.String()
	if s == "" {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > 100*365*24*time.Hour {
		v.Fault("it must be a duration such as 90s, not %q", s)
		return 0, false
	}
	if d%time.Second != 0 {
		v.Approximate("in whole seconds")
	}
	return int((d + time.Second - 1) / time.Second), true
}

// healthcheck reads a health check of a container. The gaps of one that is there are filled as Copilot fills them.
func (m *manifest) healthcheck(v *source.Value) *ecs.HealthCheck {
	if !v.Has() {
		return nil
	}
	command := v.Get("command").Strings()
	switch {
	case len(command) == 0:
		command = []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}
	case command[0] != "CMD" && command[0] != "CMD-SHELL":
		if len(command) == 1 {
			command = []string{"CMD-SHELL", command[0]}
		} else {
			command = append([]string{"CMD"}, command...)
		}
	}
	h := document.HealthCheck(command, document.CheckNumbers{Interval: v.Get("interval"), Timeout: v.Get("timeout"),
		Retries: v.Get("retries"), Start: v.Get("start_period")}, seconds)
	h.Interval = ecs.Some(h.Interval.Or(10))
	h.Timeout = ecs.Some(h.Timeout.Or(5))
	h.Retries = ecs.Some(h.Retries.Or(2))
	h.StartPeriod = ecs.Some(h.StartPeriod.Or(0))
	return h
}

// sidecars reads the other containers, in the order of their names.
func (m *manifest) sidecars() {
	all := m.v.Get("sidecars")
	names := slices.Clone(all.Map())
	slices.Sort(names)
	for _, name := range names {
		v := all.Get(name)
		c := ecs.ContainerDefinition{Name: document.Name(name), Image: m.image(v.Get("image"), name)}
		if b, ok := v.Get("essential").Bool(); ok {
			c.Essential = ecs.Some(b)
		}
		if text := v.Get("port").String(); text != "" {
			number, protocol, _ := strings.Cut(text, "/")
			if n, ok := atoi(number); ok && n > 0 && n < 65536 {
				addPort(&c, n, transport(protocol))
			} else {
				v.Get("port").Fault("%q is not a port", text)
			}
		}
		m.credentials(v.Get("credentialsParameter"), &c)
		m.common(v, &c)
		c.DockerLabels = texts(v.Get("labels"))
		m.depends(v.Get("depends_on"), &c)
		c.HealthCheck = m.healthcheck(v.Get("healthcheck"))
		for _, p := range v.Get("mount_points").Items() {
			volume := document.Name(p.Get("source_volume").String())
			c.MountPoints = append(c.MountPoints, ecs.MountPoint{SourceVolume: volume,
				ContainerPath: document.MountPath(p.Get("path").String()),
				ReadOnly:      ecs.Some(truth(p.Get("read_only"), true))})
			if !slices.ContainsFunc(m.d.Volumes, func(v ecs.Volume) bool { return v.Name == volume }) {
				p.Get("source_volume").Fault("storage.volumes has no volume %q", volume)
			}
		}
		m.d.ContainerDefinitions = append(m.d.ContainerDefinitions, c)
	}
	m.known()
}

// known looks for containers that depend on ones that there are not, and makes health a condition only of a
// container that has a health check.
func (m *manifest) known() {
	all := append([]*ecs.ContainerDefinition{&m.main}, pointers(m.d.ContainerDefinitions)...)
	for _, c := range all {
		for _, d := range c.DependsOn {
			i := slices.IndexFunc(all, func(o *ecs.ContainerDefinition) bool { return o.Name == d.ContainerName })
			if i < 0 {
				m.v.Fault("container %s depends on %s, which does not exist", c.Name, d.ContainerName)
			}
		}
	}
}

func pointers(list []ecs.ContainerDefinition) (out []*ecs.ContainerDefinition) {
	for i := range list {
		out = append(out, &list[i])
	}
	return out
}

func truth(v *source.Value, def bool) bool {
	if b, ok := v.Bool(); ok {
		return b
	}
	return def
}

func transport(s string) ecs.TransportProtocol {
	if strings.EqualFold(s, "udp") {
		return ecs.TransportProtocolUdp
	}
	return ecs.TransportProtocolTcp
}

func atoi(s string) (n int, ok bool) {
	for _, c := range s {
		if c < '0' || c > '9' || n > 1<<20 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, s != ""
}
