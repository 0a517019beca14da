package kubernetes

import (
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// container writes a container.
func (b *back) container(v *source.Value, first bool) corev1.Container {
	c := corev1.Container{Name: label(v.Get("name"), 63), Image: v.Get("image").String(),
		WorkingDir: v.Get("workingDirectory").String(),
		Command:    dollars(v.Get("entryPoint").Strings()), Args: dollars(v.Get("command").Strings()),
		Resources: b.size(v, first)}
	for _, e := range v.Get("environment").Items() {
		c.Env = append(c.Env, corev1.EnvVar{Name: e.Get("name").String(),
			Value: strings.ReplaceAll(e.Get("value").String(), "$", "$$")})
	}
	for _, s := range v.Get("secrets").Items() {
		name := s.Get("name").String()
		s.Get("valueFrom").Need("a Secret %s with the key %s", b.name, name)
		c.Env = append(c.Env, corev1.EnvVar{Name: name,
			ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: b.name}, Key: name}}})
	}
	v.Get("environmentFiles").Need("a ConfigMap with the variables in these files")
	c.Stdin, _ = v.Get("interactive").Bool()
	c.TTY, _ = v.Get("pseudoTerminal").Bool()
	for _, k := range []string{"interactive", "pseudoTerminal"} {
		if on, ok := v.Get(k).Bool(); ok && !on {
			v.Get(k).Translate("as when nothing is said")
		}
	}
	for _, p := range v.Get("portMappings").Items() {
		b.port(p, &c)
	}
	for _, m := range v.Get("mountPoints").Items() {
		b.mount(m, &c)
	}
	if on, ok := v.Get("essential").Bool(); ok && !on {
		v.Get("essential").Lose("every container of a pod is restarted by itself; one that runs before the others " +
			"is an initContainer")
	}
	v.Get("dependsOn").Lose("containers of a pod start in the order of the list; initContainers run before the others")
	c.SecurityContext = b.security(v)
	c.LivenessProbe = probe(v.Get("healthCheck"))
	v.Get("logConfiguration").Lose("the nodes collect what containers print")
	v.Get("firelensConfiguration").Lose("the nodes collect what containers print")
	v.Get("repositoryCredentials").Need("a Secret of type kubernetes.io/dockerconfigjson, in imagePullSecrets")
	v.Get("dockerLabels").Lose("labels of a pod are not those of its containers")
	v.Get("links").Lose("containers of a pod reach each other at localhost")
	for _, k := range []string{"ulimits", "systemControls", "startTimeout", "hostname", "dockerSecurityOptions",
		"credentialSpecs"} {
		v.Get(k).Lose("a container of Kubernetes has nothing like it, or the pod has it")
	}
	v.Get("restartPolicy").Translate("a pod restarts its containers in place")
	v.Get("versionConsistency").Lose("a digest in the image's name makes it the same everywhere")
	return c
}

// portName is a name of a port that Kubernetes takes: up to 15 characters with a letter.
var portName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$`)

func (b *back) port(p *source.Value, c *corev1.Container) {
	n, ok := p.Get("containerPort").Int()
	if !ok || n < 1 || n > 65535 {
		p.Lose("a container of Kubernetes names single ports")
		return
	}
	x := corev1.ContainerPort{ContainerPort: int32(n), Protocol: corev1.ProtocolTCP}
	if p.Get("protocol").String() == "udp" {
		x.Protocol = corev1.ProtocolUDP
	}
	host, given := p.Get("hostPort").Int()
	switch {
	case given && host > 0 && host < 65536 && b.d.Get("networkMode").Raw() != "awsvpc":
		x.HostPort = int32(host)
	case given && host == 0:
		p.Get("hostPort").Keep()
	default:
		p.Get("hostPort").Translate("a pod has an address of its own")
	}
	name := p.Get("name").String()
	switch {
	case name == "":
	case b.used[name]:
		p.Get("name").Lose("a port of another container has this name")
	case portName.MatchString(name) && strings.Trim(name, "0123456789-") != "" && !strings.Contains(name, "--"):
		x.Name, b.used[name] = name, true
	default:
		p.Get("name").Lose("a name of a port has up to 15 lower-case letters, digits and hyphens")
	}
	p.Get("appProtocol").Translate("appProtocol of a port of a Service")
	p.Get("containerPortRange").Lose("a container of Kubernetes names single ports")
	c.Ports = append(c.Ports, x)
}

func (b *back) mount(m *source.Value, c *corev1.Container) {
	x := corev1.VolumeMount{Name: label(m.Get("sourceVolume"), 63), MountPath: m.Get("containerPath").String()}
	if document.MountPath(x.MountPath) != x.MountPath {
		m.Get("containerPath").Translate("%s", document.MountPath(x.MountPath))
	}
	if on, ok := m.Get("readOnly").Bool(); ok && on {
		x.ReadOnly = true
	} else if ok {
		m.Get("readOnly").Translate("as when nothing is said")
	}
	c.VolumeMounts = append(c.VolumeMounts, x)
}

// security writes the user, and what the kernel is asked for.
func (b *back) security(v *source.Value) *corev1.SecurityContext {
	s := &corev1.SecurityContext{Privileged: yes(v.Get("privileged")),
		ReadOnlyRootFilesystem: yes(v.Get("readonlyRootFilesystem"))}
	user := v.Get("user")
	if text := user.String(); text != "" {
		id, group, both := strings.Cut(text, ":")
		u, err := strconv.ParseInt(id, 10, 32)
		g, gerr := strconv.ParseInt(group, 10, 32)
		switch {
		case err != nil || both && gerr != nil || strconv.FormatInt(u, 10) != id || both && strconv.FormatInt(g,
			10) != group:
			user.Lose("runAsUser is a number: look it up in the image")
		case both:
			s.RunAsUser, s.RunAsGroup = &u, &g
		default:
			s.RunAsUser = &u
		}
	}
	l := v.Get("linuxParameters")
	k := l.Get("capabilities")
	if k.Has() {
		s.Capabilities = &corev1.Capabilities{}
		for _, x := range k.Get("add").Strings() {
			s.Capabilities.Add = append(s.Capabilities.Add, corev1.Capability(x))
		}
		for _, x := range k.Get("drop").Strings() {
			s.Capabilities.Drop = append(s.Capabilities.Drop, corev1.Capability(x))
		}
	}
	for _, key := range l.Keys() {
		if key != "capabilities" {
			l.Get(key).Lose("a container of Kubernetes has nothing like it")
		}
	}
	return s
}

// probe writes a health check.
func probe(v *source.Value) *corev1.Probe {
	command := v.Get("command").Strings()
	if len(command) < 2 {
		return nil
	}
	switch command[0] {
	case "CMD":
		command = command[1:]
	case "CMD-SHELL":
		v.Get("command").Translate("a shell in the container runs it")
		command = append([]string{"/bin/sh", "-c"}, command[1:]...)
	default:
		v.Get("command").Lose("%q is not CMD or CMD-SHELL", command[0])
		return nil
	}
	if n, ok := v.Get("startPeriod").Int(); ok && n == 0 {
		v.Get("startPeriod").Translate("as when nothing is said")
	}
	number := func(key string, def int32) int32 { return int32(min(max(v.Get(key).IntOr(int(def)), 0), 1<<20)) }
	return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: command}},
		PeriodSeconds: number("interval", 30), TimeoutSeconds: number("timeout", 5), FailureThreshold: number("retries",
			3),
		InitialDelaySeconds: number("startPeriod", 0)}
}

// placed writes where the service's tasks go.
func (b *back) placed(t *corev1.PodTemplateSpec, labels map[string]string) {
	own := &metav1.LabelSelector{MatchLabels: labels}
	for _, c := range b.s.Get("placementConstraints").Items() {
		if c.Get("type").String() == "distinctInstance" {
			t.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
				RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{LabelSelector: own,
					TopologyKey: hostLabel}}}}
			continue
		}
		c.Lose("write it as a nodeAffinity by hand")
	}
	for _, s := range b.s.Get("placementStrategy").Items() {
		key := map[string]string{"instanceId": hostLabel, "host": hostLabel,
			"attribute:ecs.availability-zone": zoneLabel}[s.Get("field").String()]
		if s.Get("type").String() != "spread" || key == "" {
			s.Lose("the scheduler of Kubernetes has a profile for all pods")
			continue
		}
		if s.Get("field").Raw() == "host" {
			s.Get("field").Translate("the same as instanceId")
		}
		t.Spec.TopologySpreadConstraints = append(t.Spec.TopologySpreadConstraints, corev1.TopologySpreadConstraint{
			MaxSkew: 1, TopologyKey: key, WhenUnsatisfiable: corev1.ScheduleAnyway, LabelSelector: own})
	}
}

// reached writes a Service for what the load balancers send requests to, and says what becomes of the rest.
func (b *back) reached(labels map[string]string) (objects []any) {
	var ports []corev1.ServicePort
	for i, lb := range b.s.Get("loadBalancers").Items() {
		n := lb.Get("containerPort").IntOr(0)
		if n < 1 || n > 65535 {
			lb.Fault("%d is not a port", n)
			continue
		}
		lb.Translate("a Service of type LoadBalancer to port %s", fmtPort(lb.Get("containerPort")))
		ports = append(ports, corev1.ServicePort{Name: "port-" + strconv.Itoa(i), Port: int32(n),
			TargetPort: intstr.FromInt32(int32(n))})
	}
	if len(ports) > 0 {
		objects = append(objects, corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
			ObjectMeta: metav1.ObjectMeta{Name: b.name},
			Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Selector: labels, Ports: ports}})
	}
	b.s.Get("networkConfiguration").Translate("the network of the cluster says it")
	b.s.Get("launchType").Translate("nodes, or a Fargate profile, say where a pod runs")
	b.s.Get("capacityProviderStrategy").Approximate("node groups and Fargate profiles say where a pod runs; there " +
		"are no weights")
	b.s.Get("healthCheckGracePeriodSeconds").Approximate("a startupProbe gives a pod its time")
	b.s.Get("serviceConnectConfiguration").Approximate("a Service of type ClusterIP has a name")
	b.s.Get("serviceRegistries").Approximate("a headless Service has the addresses of the pods")
	b.s.Get("cluster").Translate("the cluster or the namespace")
	b.s.Get("enableExecuteCommand").Translate("kubectl exec needs no setting")
	for _, k := range []string{"propagateTags", "enableECSManagedTags", "tags", "availabilityZoneRebalancing",
		"deploymentController", "platformVersion"} {
		b.s.Get(k).Lose("Kubernetes has nothing like it")
	}
	return objects
}
