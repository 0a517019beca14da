// Package kubernetes reads manifests of Kubernetes into documents of ECS, and writes documents of ECS as
// manifests of Kubernetes.
//
// # Start here
//
// [Read] converts the manifests of a program, all at once, since a Deployment, its HorizontalPodAutoscaler and
// its Service are documents of their own. [Write] is the way back.
//
// # Model
//
// The template of a pod becomes a task definition, a Deployment a REPLICA service, a DaemonSet a DAEMON service,
// a Job or a CronJob a standalone task. A HorizontalPodAutoscaler becomes a scalable target with target-tracking
// policies, a Service and an Ingress what the service says of load balancers and of Service Connect.
//
// A rollout is counted in whole pods: [Percents] returns percentages that come to the same numbers of tasks.
//
// # Guarantees
//
//  1. The worked example of a Deployment with its autoscaler comes out to the letter (TestWorkedExample).
//  2. For up to 100 replicas the percentages come to the very numbers of maxSurge and maxUnavailable
//     (TestPercents).
//  3. What is written and read again keeps every field that the report calls kept (TestRoundTrip).
//  4. The worked table of quantities comes out (TestQuantities).
//  5. No input makes it panic (FuzzRead of package formats).
//
// # Differences from ECS
//
//   - Kubernetes restarts a container in place. Here a container that ends ends the task, and the service starts
//     a new one, as ECS does without a restart policy.
//   - Without a word about placement, tasks are spread over zones and then over instances, as the default
//     scheduler does.
//   - Only the host of Kubernetes has a probe over HTTP: in ECS a command in the container must make it. It is
//     made with curl, and the report says that the image must have it.
//
// Sources: Kubernetes API reference and concept pages (apps/v1, autoscaling/v2, policy/v1, networking.k8s.io/v1);
// Amazon ECS API Reference, RegisterTaskDefinition and CreateService.
//
// # Example
//
// See the example of Read.
package kubernetes

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// program is the manifests that are read together.
type program struct {
	given     document.Given
	others    map[string][]*source.Value // by kind
	workloads []*workload
	result    document.Result
}

// workload is one workload under conversion.
type workload struct {
	*program
	v, pod  *source.Value // the document, and the spec of its pods
	kind    string
	name    string
	labels  map[string]string // of its pods
	count   int               // of pods, when the rollout is computed
	fargate bool
	d       ecs.TaskDefinition
	s       api.CreateServiceInput
	renamed map[string]string // volumes by their name in the manifest
}

// workloadKinds are the kinds that describe what runs.
var workloadKinds = []string{"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicationController",
	"ReplicaSet"}

// partnerKinds are the kinds that say something of a workload.
var partnerKinds = []string{"HorizontalPodAutoscaler", "PodDisruptionBudget", "Service", "Ingress", "ConfigMap",
	"Secret",
	"ServiceAccount", "PersistentVolumeClaim"}

// without says what to do instead of a kind that ECS has nothing for.
var without = map[string]string{
	"Namespace":     "a cluster, or a prefix of names, separates services in ECS",
	"NetworkPolicy": "security groups say who may reach a task",
	"PersistentVolume": "a volume of a task is an Amazon EFS file system, or an Amazon EBS volume that is " +
		"made with the task",
	"StorageClass": "a volume of a task is an Amazon EFS file system, or an Amazon EBS volume that is " +
		"made with the task",
	"Role":                     "a task's role in IAM says what its containers may do",
	"RoleBinding":              "a task's role in IAM says what its containers may do",
	"ClusterRole":              "a task's role in IAM says what its containers may do",
	"ClusterRoleBinding":       "a task's role in IAM says what its containers may do",
	"CustomResourceDefinition": "ECS has no resources of other people",
	"ResourceQuota":            "quotas are those of the account",
	"LimitRange":               "each container says its own size",
	"PriorityClass":            "ECS has no priorities: give what must run capacity of its own",
	"ScaledObject":             "make a target-tracking or step scaling policy of its triggers",
	"VerticalPodAutoscaler":    "nothing in ECS changes the size of a task",
	"NodePool":                 "a capacity provider of Amazon ECS Managed Instances is nearest",
}

// Read converts manifests that belong together. The error says what is wrong with them, line by line.
func Read(list []*source.Value, g document.Given) (document.Result, error) {
	p := &program{given: g, others: map[string][]*source.Value{}}
	p.result.Read = list
	for _, v := range list {
		p.sort(v)
	}
	for _, w := range p.workloads {
		w.read()
	}
	p.scale()
	p.disrupt()
	p.leftovers()
	for _, w := range p.workloads {
		w.finish()
	}
	var faults []error
	for _, v := range list {
		faults = append(faults, v.Faults())
	}
	return p.result, errors.Join(faults...)
}

// sort puts a document where it belongs; a List holds documents.
func (p *program) sort(v *source.Value) {
	kind := v.Get("kind").String()
	v.Get("apiVersion").Keep()
	if strings.HasSuffix(kind, "List") && v.Get("items").Has() {
		for _, x := range v.Get("items").Items() {
			p.sort(x)
		}
		return
	}
	typed(v)
	p.metadata(v.Get("metadata"))
	v.Get("status").Translate("what runs: Kubernetes adds it")
	switch {
	case slices.Contains(workloadKinds, kind):
		p.workloads = append(p.workloads, &workload{program: p, v: v, kind: kind, name: document.Name(v.At("metadata",
			"name").Or("unnamed"))})
	case slices.Contains(partnerKinds, kind):
		p.others[kind] = append(p.others[kind], v)
	default:
		v.Lose("%s: %s", kind, cmp.Or(without[kind], "ECS has nothing of this kind"))
	}
}

// metadata says what becomes of the metadata of a document.
func (p *program) metadata(v *source.Value) {
	for _, k := range v.Keys() {
		x := v.Get(k)
		switch k {
		case "name":
			x.Keep()
		case "generateName":
			x.Keep()
		case "namespace":
			x.Translate("ECS has clusters instead: give one with -cluster")
		case "labels":
			x.Translate("what selects pods is done; tags of ECS would hold the rest")
		case "annotations":
			x.Lose("what reads annotations is not there: look whether something did")
		default:
			x.Translate("Kubernetes adds it")
		}
	}
}

// find returns the document of a kind with a name.
func (p *program) find(kind, name string) *source.Value {
	for _, v := range p.others[kind] {
		if v.At("metadata", "name").Raw() == name {
			return v
		}
	}
	return nil
}

// leftovers says of documents that nothing refers to what they are.
func (p *program) leftovers() {
	for _, v := range p.others["ConfigMap"] {
		v.Get("data").Translate("a value that a container asks for as a variable is in its environment; files are " +
			"not made")
		v.Get("binaryData").Lose("ECS has no files from a map: put them into the image or into Amazon EFS")
		v.Get("immutable").Keep()
	}
	for _, v := range p.others["Secret"] {
		for _, k := range []string{"data", "stringData"} {
			v.Get(k).Need("put each value into a secret of Secrets Manager: the values are not copied")
		}
		v.Get("type").Keep()
		v.Get("immutable").Keep()
	}
	for _, v := range p.others["ServiceAccount"] {
		for _, k := range []string{"secrets", "imagePullSecrets", "automountServiceAccountToken"} {
			v.Get(k).Lose("a task's role in IAM says what its containers may do")
		}
	}
	for _, v := range p.others["PersistentVolumeClaim"] {
		v.Get("spec").Translate("see the volume that refers to it; without one it is not needed")
	}
	for _, kind := range []string{"Service", "Ingress"} {
		for _, v := range p.others[kind] {
			v.Get("spec").Remark(source.Translated, "see the service that it selects")
		}
	}
}

// read converts the workload but for what other documents say of it.
func (w *workload) read() {
	spec := w.v.Get("spec")
	template := spec.Get("template")
	switch w.kind {
	case "CronJob":
		template = spec.At("jobTemplate", "spec", "template")
		w.metadata(spec.At("jobTemplate", "metadata"))
	case "Pod":
		template = w.v
	}
	w.pod = template.Get("spec")
	if !w.pod.Has() {
		cmp.Or(template, spec, w.v).Fault("there is no spec of a pod")
		return
	}
	if w.kind != "Pod" {
		w.metadata(template.Get("metadata"))
	}
	w.labels = map[string]string{}
	for _, k := range template.At("metadata", "labels").Keys() {
		w.labels[k] = template.At("metadata", "labels", k).Raw()
	}
	w.selector(spec.Get("selector"))
	w.fargate = strings.EqualFold(w.given.Launch, "FARGATE")
	w.d = ecs.TaskDefinition{Family: w.name, RequiresCompatibilities: []ecs.Compatibility{ecs.CompatibilityEC2},
		TaskRoleArn: w.given.TaskRole}
	if w.fargate {
		w.d.RequiresCompatibilities = []ecs.Compatibility{ecs.CompatibilityFargate}
	}
	w.s = api.CreateServiceInput{ServiceName: w.name, TaskDefinition: w.name, Cluster: w.given.Cluster}
	w.network()
	w.volumes()
	w.containers()
	w.settings()
	w.placement()
	switch w.kind {
	case "Deployment", "ReplicationController", "ReplicaSet":
		w.replicas(spec)
		w.rolling(spec)
	case "StatefulSet":
		w.replicas(spec)
		w.stateful(spec)
	case "DaemonSet":
		w.daemon(spec)
	}
	w.exposed()
}

// selector keeps matchLabels, which say which pods are the workload's own.
func (w *workload) selector(v *source.Value) {
	v.Translate("a service of ECS knows its own tasks")
	v.Get("matchExpressions").Translate("a service of ECS knows its own tasks")
}

// finish puts the documents into the result.
func (w *workload) finish() {
	if !w.pod.Has() {
		return
	}
	w.sized()
	document.Unique(&w.d)
	w.result.TaskDefinitions = append(w.result.TaskDefinitions, w.d)
	switch w.kind {
	case "Job", "CronJob", "Pod":
		w.standalone()
	default:
		w.result.Services = append(w.result.Services, w.s)
	}
}

// sized gives a task on Fargate its size.
func (w *workload) sized() {
	if !w.fargate {
		return
	}
	var cpu, memory int64
	for _, c := range w.d.ContainerDefinitions {
		cpu += int64(c.CPU)
		memory += int64(max(c.Memory, c.MemoryReservation))
	}
	units, mib, ok := document.FargateSize(cpu, memory)
	if !ok {
		w.pod.Fault("Fargate has no task of %d CPU units and %d MiB", cpu, memory)
		return
	}
	w.d.CPU, w.d.Memory = units, mib
	w.pod.Remark(source.Approximated, "on Fargate a task of %s CPU units and %s MiB holds the containers' %d and %d",
		units, mib, cpu, memory)
}

// network is the network mode of the task and where it attaches.
func (w *workload) network() {
	host := w.pod.Get("hostNetwork")
	on, _ := host.Bool()
	switch {
	case on && w.fargate:
		host.Lose("a task on Fargate has its own network interface")
		fallthrough
	case w.fargate || !on && w.given.Network != "bridge":
		w.d.NetworkMode = ecs.NetworkModeAwsvpc
		n, missing := w.given.Vpc(false)
		w.s.NetworkConfiguration = n
		if missing {
			w.pod.Remark(source.Needs, "the subnets of the tasks' network interfaces")
		}
	case on:
		w.d.NetworkMode = ecs.NetworkModeHost
	default:
		w.d.NetworkMode = ecs.NetworkModeBridge
	}
	w.s.LaunchType = ""
	if w.fargate {
		w.s.LaunchType = ecs.LaunchTypeFargate
	}
}

func (w *workload) awsvpc() bool { return w.d.NetworkMode == ecs.NetworkModeAwsvpc }
