package kubernetes

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Write returns manifests of Kubernetes for task definitions and services of ECS, as register-task-definition and
// create-service take them: a Deployment, or a DaemonSet, for each service, and a Deployment of one replica for a
// task definition without one. What became of each field is in the trees. The error says what is wrong with
// them.
func Write(definitions, services []*source.Value) ([]byte, error) {
	var out bytes.Buffer
	used := map[string]bool{}
	var faults []error
	put := func(d, s *source.Value) {
		b := &back{d: d, s: s, used: map[string]bool{}}
		objects := b.workload()
		for _, o := range objects {
			text, err := manifest(o)
			faults = append(faults, err)
			if out.Len() > 0 {
				out.WriteString("---\n")
			}
			out.Write(text)
		}
		faults = append(faults, d.Faults(), s.Faults())
	}
	for _, s := range services {
		family, _, _ := strings.Cut(s.Get("taskDefinition").Raw(), ":")
		i := slices.IndexFunc(definitions, func(d *source.Value) bool { return d.Get("family").Raw() == family })
		if i < 0 {
			s.Get("taskDefinition").Fault("the task definition %q is not among the files", family)
			faults = append(faults, s.Faults())
			continue
		}
		used[family] = true
		put(definitions[i], s)
	}
	for _, d := range definitions {
		if !used[d.Get("family").Raw()] {
			put(d, nil)
		}
	}
	return out.Bytes(), errors.Join(faults...)
}

// manifest writes an object without what the API server adds.
func manifest(o any) ([]byte, error) {
	data, err := yaml.Marshal(o)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := yaml.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	delete(m, "status")
	prune(m)
	return yaml.Marshal(m)
}

// prune takes away what is empty.
func prune(m map[string]any) {
	for k, v := range m { //order:any each member by itself
		switch v := v.(type) {
		case map[string]any:
			prune(v)
			if len(v) == 0 && k != "emptyDir" {
				delete(m, k)
			}
		case []any:
			for _, x := range v {
				if x, ok := x.(map[string]any); ok {
					prune(x)
				}
			}
		case nil:
			delete(m, k)
		}
	}
}

// back is a task definition, and perhaps its service, under conversion.
type back struct {
	d, s *source.Value
	name string
	pod  corev1.PodSpec
	used map[string]bool // names of ports
}

// label returns a name as Kubernetes takes it, and says so of the value if that changes it.
func label(v *source.Value, most int) string {
	s := v.String()
	name := strings.Trim(strings.ReplaceAll(strings.ToLower(document.Name(s)), "_", "-"), "-")
	if len(name) > most {
		name = strings.Trim(name[:most], "-")
	}
	name = cmp.Or(name, "unnamed")
	if name != s {
		v.Approximate("%q is not a name in Kubernetes: it is %q", s, name)
	}
	return name
}

func (b *back) workload() []any {
	b.name = label(b.d.Get("family"), 63)
	if b.s != nil {
		if s := b.s.Get("serviceName"); s.String() != b.name {
			s.Approximate("a workload has one name, that of the family: %s", b.name)
		}
		b.s.Get("taskDefinition").Keep()
	}
	b.task()
	labels := map[string]string{"app": b.name}
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: b.pod}
	selector := &metav1.LabelSelector{MatchLabels: labels}
	meta := metav1.ObjectMeta{Name: b.name}
	if b.s.Get("schedulingStrategy").String() == "DAEMON" {
		d := appsv1.DaemonSet{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "DaemonSet"}, ObjectMeta: meta}
		b.placed(&template, labels)
		d.Spec = appsv1.DaemonSetSpec{Selector: selector, Template: template}
		b.s.Get("deploymentConfiguration").Approximate("maxUnavailable is 1 unless the manifest says otherwise")
		b.reached(labels)
		return []any{d}
	}
	d := appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: meta}
	b.placed(&template, labels)
	n := int32(min(max(b.s.Get("desiredCount").IntOr(1), 0), mostReplicas))
	d.Spec = appsv1.DeploymentSpec{Replicas: &n, Selector: selector, Template: template}
	b.rollout(&d, int(n))
	return append([]any{d}, b.reached(labels)...)
}

// rollout writes the percentages as whole pods.
func (b *back) rollout(d *appsv1.Deployment, n int) {
	c := b.s.Get("deploymentConfiguration")
	lo, hi := c.Get("minimumHealthyPercent"), c.Get("maximumPercent")
	least, most := lo.IntOr(100), hi.IntOr(200)
	if least < 0 || most < 0 || least > 100 || most > 100*mostReplicas {
		c.Fault("%d and %d are not percentages", least, most)
		return
	}
	surge, gone := max(n*most/100-n, 0), n-min((n*least+99)/100, n)
	if surge == 0 && gone == 0 {
		hi.Approximate("ECS would be stuck at %d tasks: Kubernetes takes one away", n)
		gone = 1
	}
	s, u := intstr.FromInt32(int32(surge)), intstr.FromInt32(int32(gone))
	d.Spec.Strategy = appsv1.DeploymentStrategy{Type: appsv1.RollingUpdateDeploymentStrategyType,
		RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &s, MaxUnavailable: &u}}
	wantLo, wantHi := Percents(n, surge, gone)
	if wantLo != least {
		lo.Translate("%d pods of %d may be missing", gone, n)
	}
	if wantHi != most {
		hi.Translate("%d pods more than %d", surge, n)
	}
	breaker := c.Get("deploymentCircuitBreaker")
	if on, _ := breaker.Get("enable").Bool(); on {
		breaker.Get("enable").Keep()
		if back, _ := breaker.Get("rollback").Bool(); back {
			breaker.Get("rollback").Lose("a Deployment of Kubernetes does not roll back by itself")
		}
		return
	}
	breaker.Approximate("progressDeadlineSeconds marks a rollout that does not go on; it ends nothing")
}

// task writes the pod.
func (b *back) task() {
	mode := b.d.Get("networkMode")
	if mode.String() == "host" {
		b.pod.HostNetwork = true
	} else {
		mode.Translate("a pod has an address of its own")
	}
	b.d.Get("requiresCompatibilities").Translate("nodes, or a Fargate profile, say where a pod runs")
	switch p := b.d.Get("pidMode"); p.String() {
	case "host":
		b.pod.HostPID = true
	case "task":
		yes := true
		b.pod.ShareProcessNamespace = &yes
	}
	if ipc := b.d.Get("ipcMode"); ipc.String() == "host" {
		b.pod.HostIPC = true
	} else {
		ipc.Translate("containers of a pod share it")
	}
	b.d.Get("taskRoleArn").Need("a service account with the annotation eks.amazonaws.com/role-arn")
	b.d.Get("executionRoleArn").Translate("nodes pull images and send logs with their own role")
	platform := b.d.Get("runtimePlatform")
	b.selector("kubernetes.io/arch", map[string]string{"X86_64": "amd64",
		"ARM64": "arm64"}[platform.Get("cpuArchitecture").String()])
	platform.Get("cpuArchitecture").Translate("nodeSelector kubernetes.io/arch")
	if os := platform.Get("operatingSystemFamily"); strings.HasPrefix(os.String(), "WINDOWS") {
		os.Approximate("nodeSelector kubernetes.io/os: windows, of no certain version")
		b.selector("kubernetes.io/os", "windows")
	} else {
		os.Translate("nodes run Linux unless a nodeSelector says otherwise")
	}
	for _, c := range b.d.Get("placementConstraints").Items() {
		b.constraint(c)
	}
	for _, v := range b.d.Get("volumes").Items() {
		b.volume(v)
	}
	containers := b.d.Get("containerDefinitions").Items()
	b.grace(containers)
	for i, c := range containers {
		b.pod.Containers = append(b.pod.Containers, b.container(c, i == 0))
	}
	b.d.Get("ephemeralStorage").Approximate("ephemeral-storage in the requests of a container reserves it")
}

func (b *back) selector(key, value string) {
	if value == "" {
		return
	}
	if b.pod.NodeSelector == nil {
		b.pod.NodeSelector = map[string]string{}
	}
	b.pod.NodeSelector[key] = value
}

// equality finds the one expression that a nodeSelector says.
var equality = regexp.MustCompile(`^attribute:([\w./-]+) == ([\w.-]+)$`)

func (b *back) constraint(c *source.Value) {
	e := c.Get("expression")
	m := equality.FindStringSubmatch(e.String())
	if c.Get("type").String() != "memberOf" || m == nil {
		c.Lose("write it as a nodeAffinity by hand")
		return
	}
	key, value := m[1], m[2]
	for l, a := range attributes { //order:any one label that is not beta leads to an attribute
		if a == key && !strings.Contains(l, "beta") {
			key = l
		}
	}
	if m[1] == "ecs.cpu-architecture" && value == "x86_64" {
		value = "amd64"
	}
	if b.pod.NodeSelector[key] != "" {
		c.Lose("a nodeSelector says one value of %s", key)
		return
	}
	b.selector(key, value)
}

func (b *back) volume(v *source.Value) {
	vol := corev1.Volume{Name: label(v.Get("name"), 63)}
	switch {
	case v.At("host", "sourcePath").Raw() != "":
		vol.HostPath = &corev1.HostPathVolumeSource{Path: v.At("host", "sourcePath").String()}
	case v.Get("efsVolumeConfiguration").Has():
		v.Get("efsVolumeConfiguration").Need("a PersistentVolumeClaim %s of a class for Amazon EFS", vol.Name)
		vol.PersistentVolumeClaim = &corev1.PersistentVolumeClaimVolumeSource{ClaimName: vol.Name}
	case v.Get("dockerVolumeConfiguration").Has():
		v.Get("dockerVolumeConfiguration").Approximate("an empty directory that ends with the pod")
		vol.EmptyDir = &corev1.EmptyDirVolumeSource{}
	default:
		v.Get("configuredAtLaunch").Approximate("a claim template of a StatefulSet would make a volume for each pod")
		v.Get("host").Keep()
		vol.EmptyDir = &corev1.EmptyDirVolumeSource{}
	}
	b.pod.Volumes = append(b.pod.Volumes, vol)
}

// grace writes the longest stopTimeout, since a pod has one.
func (b *back) grace(containers []*source.Value) {
	longest, given := 0, 0
	for _, c := range containers {
		if n, ok := c.Get("stopTimeout").Int(); ok {
			longest = max(longest, n)
			given++
		}
	}
	if given == 0 {
		return
	}
	n := int64(longest)
	b.pod.TerminationGracePeriodSeconds = &n
	for _, c := range containers {
		if s := c.Get("stopTimeout"); s.IntOr(30) != longest || given < len(containers) {
			s.Approximate("a pod has one terminationGracePeriodSeconds, the longest: %d", longest)
		}
	}
}

// whole returns a quantity of MiB.
func whole(mib int) resource.Quantity { return resource.MustParse(strconv.Itoa(mib) + "Mi") }

// millis returns thousandths of a CPU for CPU units, and whether they come to the same units again.
func millis(units int) (int64, bool) {
	for m := int64(units) * 1000 / 1024; m <= int64(units)*1000/1024+1; m++ {
		if document.Units(m) == units {
			return m, true
		}
	}
	return max(int64(units)*1000/1024, 1), false
}

func (b *back) size(v *source.Value, first bool) corev1.ResourceRequirements {
	r := corev1.ResourceRequirements{Requests: corev1.ResourceList{}, Limits: corev1.ResourceList{}}
	if n, ok := v.Get("cpu").Int(); ok && n > 0 {
		m, same := millis(n)
		if !same {
			v.Get("cpu").Approximate("%dm", m)
		}
		r.Requests[corev1.ResourceCPU] = *resource.NewMilliQuantity(m, resource.DecimalSI)
	}
	soft, _ := v.Get("memoryReservation").Int()
	hard, _ := v.Get("memory").Int()
	if soft > 0 {
		r.Requests[corev1.ResourceMemory] = whole(soft)
	}
	if hard > 0 {
		r.Limits[corev1.ResourceMemory] = whole(hard)
	}
	for _, x := range v.Get("resourceRequirements").Items() {
		if x.Get("type").String() == "GPU" && x.Get("value").Raw() != "" && strings.Trim(x.Get("value").Raw(),
			"0123456789") == "" {
			x.Get("value").Keep()
			r.Limits["nvidia.com/gpu"] = resource.MustParse(x.Get("value").Raw())
		} else {
			x.Lose("a device plugin has a resource of its own")
		}
	}
	if first {
		b.taskSize(&r, soft+hard == 0)
	}
	return r
}

// taskSize says what becomes of the size of the task, and gives it to the first container if that has none.
func (b *back) taskSize(r *corev1.ResourceRequirements, give bool) {
	for _, k := range []string{"cpu", "memory"} {
		v := b.d.Get(k)
		n, err := strconv.Atoi(v.Raw())
		if !v.Has() {
			continue
		}
		if err != nil || n < 1 || n > 1<<24 || !give {
			v.Approximate("a pod is as large as its containers ask for")
			continue
		}
		v.Approximate("given to the first container: a pod is as large as its containers ask for")
		if k == "cpu" {
			m, _ := millis(n)
			r.Requests[corev1.ResourceCPU] = *resource.NewMilliQuantity(m, resource.DecimalSI)
		} else {
			r.Limits[corev1.ResourceMemory] = whole(n)
		}
	}
}

// dollars escapes what Kubernetes would expand.
func dollars(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ReplaceAll(s, "$", "$$")
	}
	return out
}

func yes(v *source.Value) *bool {
	if on, ok := v.Bool(); ok {
		return &on
	}
	return nil
}

func fmtPort(v *source.Value) string { return fmt.Sprint(v.Plain()) }
