package kubernetes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// containers reads the containers of the pod, those that run before the others first.
func (w *workload) containers() {
	before := ""
	var sidecars []ecs.ContainerDependency
	grace := w.pod.Get("terminationGracePeriodSeconds")
	for _, v := range w.pod.Get("initContainers").Items() {
		c := w.container(v)
		always := v.Get("restartPolicy").String() == "Always"
		if before != "" {
			c.DependsOn = append(c.DependsOn, ecs.ContainerDependency{ContainerName: before,
				Condition: ecs.ContainerConditionSuccess})
		}
		if always {
			c.Essential = ecs.Some(true)
			condition := ecs.ContainerConditionStart
			if c.HealthCheck != nil {
				condition = ecs.ContainerConditionHealthy
			}
			sidecars = append(sidecars, ecs.ContainerDependency{ContainerName: c.Name, Condition: condition})
			v.Get("restartPolicy").Translate("an essential container that the others wait for")
		} else {
			c.Essential, c.HealthCheck, before = ecs.Some(false), nil, c.Name
			v.Remark(source.Approximated,
				"it runs before the others; ECS reserves its CPU and memory as long as the task runs")
		}
		w.d.ContainerDefinitions = append(w.d.ContainerDefinitions, c)
	}
	list := w.pod.Get("containers").Items()
	if len(list) == 0 {
		w.pod.Fault("a pod needs a container")
	}
	for _, v := range list {
		c := w.container(v)
		c.Essential = ecs.Some(true)
		if before != "" {
			c.DependsOn = append(c.DependsOn, ecs.ContainerDependency{ContainerName: before,
				Condition: ecs.ContainerConditionSuccess})
		}
		c.DependsOn = append(c.DependsOn, sidecars...)
		w.d.ContainerDefinitions = append(w.d.ContainerDefinitions, c)
	}
	if n := len(w.d.ContainerDefinitions); n > document.MostContainers {
		w.pod.Fault("a task definition has at most %d containers; this makes %d", document.MostContainers, n)
	}
	w.grace(grace)
	w.ports()
}

// grace is how long a container has to end.
func (w *workload) grace(v *source.Value) {
	n, ok := v.Int()
	if !ok {
		return
	}
	if w.fargate {
		n = document.Clamp(v, n, 0, 120, " seconds on Fargate")
	}
	n = document.Clamp(v, n, 2, 1<<30, " seconds")
	v.Translate("stopTimeout of every container")
	for i := range w.d.ContainerDefinitions {
		w.d.ContainerDefinitions[i].StopTimeout = ecs.Some(n)
	}
}

func (w *workload) container(v *source.Value) ecs.ContainerDefinition {
	c := ecs.ContainerDefinition{Name: document.Name(v.Get("name").Or("container")),
		Image: strings.TrimSpace(v.Get("image").String())}
	if given := w.given.Images[c.Name]; given != "" {
		c.Image = given
		v.Get("image").Translate("the image that was given")
	}
	if c.Image == "" {
		c.Image = "needs-an-image"
		v.Remark(source.Needs, "an image")
	}
	w.environment(v, &c)
	expand := expander(c.Environment)
	c.EntryPoint = expanded(v.Get("command"), expand)
	c.Command = expanded(v.Get("args"), expand)
	if v.Get("command").Has() {
		v.Get("command").Remark(source.Translated, "entryPoint")
	}
	if v.Get("args").Has() {
		v.Get("args").Remark(source.Translated, "command")
	}
	c.WorkingDirectory = v.Get("workingDir").String()
	if b, ok := v.Get("stdin").Bool(); ok {
		c.Interactive = ecs.Some(b)
	}
	if b, ok := v.Get("tty").Bool(); ok {
		c.PseudoTerminal = ecs.Some(b)
	}
	v.Get("stdinOnce").Lose("standard input of a task is nobody's")
	for _, p := range v.Get("ports").Items() {
		w.port(p, &c)
	}
	w.resources(v, &c)
	w.mounts(v, &c)
	w.probes(v, &c)
	w.secure(v.Get("securityContext"), &c)
	v.At("lifecycle", "postStart").Lose("ECS has no hook after the start: do it in the entry point")
	v.At("lifecycle", "preStop").Lose("ECS has no hook before the stop: handle SIGTERM in the program")
	v.At("lifecycle", "stopSignal").Lose("the signal is the image's STOPSIGNAL")
	v.Get("imagePullPolicy").Lose("whether an image is pulled again is a setting of the agent: ECS_IMAGE_PULL_BEHAVIOR")
	for _, k := range []string{"terminationMessagePath", "terminationMessagePolicy"} {
		v.Get(k).Lose("ECS keeps the exit code and its own reason")
	}
	v.Get("volumeDevices").Lose("a task has no block devices")
	v.Get("resizePolicy").Lose("nothing in ECS changes the size of a task")
	return c
}

// reference finds $(VAR), and $$ before one.
var reference = regexp.MustCompile(`\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)`)

// expander returns what Kubernetes does with $(VAR) in a command: ECS does not.
func expander(environment []ecs.KeyValuePair) func(string) string {
	values := map[string]string{}
	for _, p := range environment {
		values[p.Name] = p.Value
	}
	return func(s string) string {
		return reference.ReplaceAllStringFunc(s, func(m string) string {
			if m == "$$" {
				return "$"
			}
			if value, ok := values[m[2:len(m)-1]]; ok {
				return value
			}
			return m
		})
	}
}

func expanded(v *source.Value, expand func(string) string) []string {
	list := v.Strings()
	for i, s := range list {
		list[i] = expand(s)
	}
	return list
}

// environment reads variables: values, those of a ConfigMap that is among the manifests, and secrets.
func (w *workload) environment(v *source.Value, c *ecs.ContainerDefinition) {
	set := func(name, value string) {
		if i := slices.IndexFunc(c.Environment, func(p ecs.KeyValuePair) bool { return p.Name == name }); i >= 0 {
			c.Environment[i].Value = value
			return
		}
		c.Environment = append(c.Environment, ecs.KeyValuePair{Name: name, Value: value})
	}
	for _, from := range v.Get("envFrom").Items() {
		name, prefix := from.At("configMapRef", "name"), from.Get("prefix").String()
		if name.Has() {
			if data := w.find("ConfigMap", name.String()).Get("data"); data.Has() {
				name.Translate("its %d values are in the environment", len(data.Keys()))
				for _, k := range data.Keys() {
					set(prefix+k, data.Get(k).Raw())
				}
			} else {
				name.Need("the values of the ConfigMap %s: it is not among the files", name.Raw())
			}
		}
		if s := from.At("secretRef", "name"); s.Has() {
			s.Need("the keys of the Secret %s: make a secret of Secrets Manager, and name each key in secrets", s.Raw())
		}
	}
	for _, e := range v.Get("env").Items() {
		name, from := e.Get("name").String(), e.Get("valueFrom")
		switch {
		case name == "":
			e.Fault("a variable needs a name")
		case !from.Has():
			set(name, expander(c.Environment)(e.Get("value").String()))
		case from.Get("configMapKeyRef").Has():
			ref := from.Get("configMapKeyRef")
			value := w.find("ConfigMap", ref.Get("name").Raw()).At("data", ref.Get("key").Raw())
			if value.Has() {
				ref.Translate("the value that the ConfigMap has")
				set(name, value.Raw())
			} else {
				ref.Need("the value of %s in the ConfigMap %s: it is not among the files", ref.Get("key").Raw(),
					ref.Get("name").Raw())
			}
		case from.Get("secretKeyRef").Has():
			ref := from.Get("secretKeyRef")
			ref.Need("the ARN of a secret of Secrets Manager with %s of the Secret %s", ref.Get("key").Raw(),
				ref.Get("name").Raw())
			c.Secrets = append(slices.DeleteFunc(c.Secrets, func(s ecs.Secret) bool { return s.Name == name }),
				ecs.Secret{Name: name, ValueFrom: w.given.Secret(ref.Get("name").Raw()) + ":" + ref.Get("key").Raw() +
					"::"})
			w.role(ref)
		default:
			from.Lose("a task reads such values from its metadata endpoint, ECS_CONTAINER_METADATA_URI_V4")
		}
	}
	c.Secrets = slices.DeleteFunc(c.Secrets, func(s ecs.Secret) bool {
		return slices.ContainsFunc(c.Environment, func(p ecs.KeyValuePair) bool { return p.Name == s.Name })
	})
}

// role gives the task its execution role.
func (w *workload) role(why *source.Value) {
	if w.d.ExecutionRoleArn != "" {
		return
	}
	arn, missing := w.given.Role()
	w.d.ExecutionRoleArn = arn
	if missing {
		why.Remark(source.Needs, "an execution role that may read it")
	}
}

// port reads a port of a container.
func (w *workload) port(v *source.Value, c *ecs.ContainerDefinition) {
	n, _ := v.Get("containerPort").Int()
	if n < 1 || n > 65535 {
		v.Fault("%d is not a port", n)
		return
	}
	m := ecs.PortMapping{ContainerPort: n, Protocol: ecs.TransportProtocolTcp}
	switch p := v.Get("protocol"); strings.ToUpper(p.Or("TCP")) {
	case "UDP":
		m.Protocol = ecs.TransportProtocolUdp
	case "SCTP":
		p.Lose("ECS has TCP and UDP: the port is left out")
		return
	}
	host, given := v.Get("hostPort").Int()
	switch {
	case w.d.NetworkMode == ecs.NetworkModeBridge && given && host > 0 && host < 65536:
		m.HostPort = ecs.Some(host)
	case w.d.NetworkMode == ecs.NetworkModeBridge:
		m.HostPort = ecs.Some(0)
	case given && host != n && host > 0:
		v.Get("hostPort").Approximate("with a network interface of its own the task has port %d", n)
	}
	if name := v.Get("name"); name.String() != "" {
		m.Name = strings.ToLower(document.Name(name.Raw()))
	}
	v.Get("hostIP").Lose("a port is open on every address of its instance")
	if !slices.ContainsFunc(c.PortMappings, func(o ecs.PortMapping) bool {
		return o.ContainerPort == n &&
			o.Protocol == m.Protocol
	}) {
		c.PortMappings = append(c.PortMappings, m)
	}
}

// ports makes the names and numbers of ports unique in a task that has one network interface.
func (w *workload) ports() {
	names, numbers := map[string]bool{}, map[string]bool{}
	for i := range w.d.ContainerDefinitions {
		c := &w.d.ContainerDefinitions[i]
		c.PortMappings = slices.DeleteFunc(c.PortMappings, func(m ecs.PortMapping) bool {
			key := fmt.Sprint(m.Protocol, m.ContainerPort)
			if w.d.NetworkMode == ecs.NetworkModeBridge {
				key = fmt.Sprint(m.Protocol, m.HostPort.Or(0))
				if m.HostPort.Or(0) == 0 {
					return false
				}
			}
			taken := numbers[key]
			numbers[key] = true
			if taken {
				w.pod.Remark(source.Approximated,
					"port %d is there twice: the second one, of container %s, is left out", m.ContainerPort, c.Name)
			}
			return taken
		})
		for j := range c.PortMappings {
			m := &c.PortMappings[j]
			if m.Name != "" && names[m.Name] {
				m.Name = ""
			}
			names[m.Name] = true
		}
	}
}

// quantity reads a quantity of Kubernetes; scale is its unit as a power of ten: milli is -3.
func quantity(v *source.Value, scale resource.Scale) (int64, bool) {
	s := v.String()
	if s == "" {
		return 0, false
	}
	if len(s) > 40 {
		v.Fault("it is not a quantity")
		return 0, false
	}
	q, err := resource.ParseQuantity(s)
	if err != nil || q.Sign() < 0 {
		v.Fault("it must be a quantity such as 250m or 128Mi, not %q", s)
		return 0, false
	}
	if q.AsApproximateFloat64() > 1e15 {
		v.Fault("%s is too large", s)
		return 0, false
	}
	return q.ScaledValue(scale), true
}

// resources reads requests and limits.
func (w *workload) resources(v *source.Value, c *ecs.ContainerDefinition) {
	requests, limits := v.At("resources", "requests"), v.At("resources", "limits")
	cpu, _ := quantity(requests.Get("cpu"), resource.Milli)
	most, limited := quantity(limits.Get("cpu"), resource.Milli)
	if requests.Get("cpu").Has() {
		requests.Get("cpu").Translate("%d CPU units", document.Units(cpu))
	}
	if limited {
		if w.fargate {
			limits.Get("cpu").Translate("it counts for the size of the task")
			cpu = max(cpu, most)
		} else {
			limits.Get("cpu").Lose("cpu of a container is a share, not a ceiling: give the task a size, which is one")
			if !requests.Get("cpu").Has() {
				cpu = most
				limits.Get("cpu").Translate("as the request, which Kubernetes makes of it")
			}
		}
	}
	c.CPU = document.Units(cpu)
	soft, requested := quantity(requests.Get("memory"), 0)
	hard, capped := quantity(limits.Get("memory"), 0)
	c.MemoryReservation, c.Memory = document.MiB(soft), document.MiB(hard)
	for _, x := range []*source.Value{requests.Get("memory"), limits.Get("memory")} {
		if x.Has() {
			n, _ := quantity(x, 0)
			x.Translate("%d MiB", document.MiB(n))
		}
	}
	switch {
	case !requested && !capped:
		c.MemoryReservation = w.given.MemoryOr()
		v.Remark(source.Approximated, "ECS asks for memory: the container reserves %d MiB", c.MemoryReservation)
	case requested && c.MemoryReservation < 6 || capped && c.Memory < 6:
		v.Get("resources").Remark(source.Approximated, "ECS gives a container 6 MiB at least")
		c.Memory, c.MemoryReservation = max(c.Memory, 6), 0
	case capped && c.MemoryReservation > c.Memory:
		requests.Get("memory").Fault("the request of %d MiB is above the limit of %d", c.MemoryReservation, c.Memory)
	}
	w.devices(requests, limits, c)
}

// devices reads the resources that are not CPU and memory.
func (w *workload) devices(requests, limits *source.Value, c *ecs.ContainerDefinition) {
	for _, list := range []*source.Value{requests, limits} {
		for _, k := range list.Keys() {
			x := list.Get(k)
			switch k {
			case "cpu", "memory":
			case "nvidia.com/gpu":
				n, ok := x.Int()
				if !ok || n < 1 {
					x.Translate("none")
					continue
				}
				if w.fargate {
					x.Fault("Fargate has no GPUs")
				}
				x.Translate("resourceRequirements: %d GPU", n)
				c.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu, Value: strconv.Itoa(n)}}
			case "ephemeral-storage":
				n, _ := quantity(x, 0)
				gib := (document.MiB(n) + 1023) / 1024
				if w.fargate && gib > 20 && gib <= 200 {
					w.d.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: gib}
					x.Translate("ephemeralStorage of %d GiB", gib)
				} else {
					x.Lose("the disk of a task is not reserved on instances; on Fargate it has 20 GiB")
				}
			default:
				x.Lose("ECS has no resource %s", k)
			}
		}
	}
	claims := cmp.Or(requests.Get("claims"), limits.Get("claims"))
	claims.Lose("ECS has no claims of resources")
}

// secure reads the security context of a container, or of a pod.
func (w *workload) secure(v *source.Value, c *ecs.ContainerDefinition) {
	for _, k := range v.Map() {
		x := v.Get(k)
		switch k {
		case "runAsUser", "runAsGroup":
		case "privileged":
			if b, ok := x.Bool(); ok {
				if b && w.fargate {
					x.Lose("a task on Fargate has no privileged containers")
				} else {
					c.Privileged = ecs.Some(b)
				}
			}
		case "readOnlyRootFilesystem":
			if b, ok := x.Bool(); ok {
				c.ReadonlyRootFilesystem = ecs.Some(b)
			}
		case "capabilities":
			w.capabilities(x, c)
		case "sysctls":
			for _, s := range x.Items() {
				c.SystemControls = append(c.SystemControls, ecs.SystemControl{Namespace: s.Get("name").String(),
					Value: s.Get("value").String()})
			}
		case "runAsNonRoot":
			x.Approximate("ECS does not look: set user to a number above 0")
		case "allowPrivilegeEscalation":
			if b, ok := x.Bool(); ok && !b && !w.fargate {
				x.Translate("dockerSecurityOptions: no-new-privileges")
				c.DockerSecurityOptions = []string{"no-new-privileges"}
			} else {
				x.Lose("ECS has no such setting on Fargate")
			}
		case "fsGroup", "fsGroupChangePolicy", "supplementalGroups", "supplementalGroupsPolicy":
			x.Lose("a volume of ECS has the owner that it has: set it in the image or in the EFS access point")
		default:
			x.Lose("profiles of the kernel are set on the instance, or in dockerSecurityOptions")
		}
	}
	user, group := v.Get("runAsUser"), v.Get("runAsGroup")
	if user.Has() {
		c.User = user.String()
		if group.Has() {
			c.User += ":" + group.String()
		}
	} else if group.Has() {
		c.User = "0:" + group.String()
		group.Approximate("ECS has no group without a user: the user is 0")
	}
}

func (w *workload) capabilities(v *source.Value, c *ecs.ContainerDefinition) {
	k, refused := document.Capabilities(v.Get("add"), v.Get("drop"), w.fargate)
	for _, x := range refused {
		x.Lose("a task on Fargate may add %s only", document.CapabilityOfFargate)
	}
	if k == nil {
		return
	}
	if c.LinuxParameters == nil {
		c.LinuxParameters = &ecs.LinuxParameters{}
	}
	c.LinuxParameters.Capabilities = k
}

// plain writes a value of a manifest in one line, for a message.
func plain(v *source.Value) string {
	data, err := json.Marshal(v.Plain())
	if err != nil {
		return err.Error()
	}
	return string(data)
}
