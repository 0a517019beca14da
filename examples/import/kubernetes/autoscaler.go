package kubernetes

import (
	"cmp"
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// scale reads the autoscalers.
func (p *program) scale() {
	for _, h := range p.others["HorizontalPodAutoscaler"] {
		spec := h.Get("spec")
		ref := spec.Get("scaleTargetRef")
		var target *workload
		for _, w := range p.workloads {
			if w.kind == ref.Get("kind").Raw() && w.name == document.Name(ref.Get("name").Raw()) {
				target = w
			}
		}
		if target == nil || target.s.ServiceName == "" {
			spec.Need("the workload %s %s, which it scales: it is not among the files", ref.Get("kind").Raw(),
				ref.Get("name").Raw())
			continue
		}
		ref.Translate("the service %s", target.name)
		target.autoscaler(spec)
	}
}

func (w *workload) autoscaler(spec *source.Value) {
	least := spec.Get("minReplicas").IntOr(1)
	most := spec.Get("maxReplicas").IntOr(least)
	if least < 0 || most < least || most > mostReplicas {
		spec.Fault("minReplicas %d and maxReplicas %d are not a range up to %d", least, most, mostReplicas)
		return
	}
	s := w.given.NewScaling(w.name, least, most)
	in, out := w.behavior(spec.Get("behavior"))
	if n, ok := spec.Get("targetCPUUtilizationPercentage").Int(); ok {
		w.track(&s, spec.Get("targetCPUUtilizationPercentage"), "cpu", float64(n), in, out)
	}
	for _, m := range spec.Get("metrics").Items() {
		w.metric(&s, m, in, out)
	}
	if len(s.Policies) == 0 && !spec.Get("metrics").Has() {
		spec.Remark(source.Approximated, "without a metric Kubernetes keeps the CPU at 80 %%")
		w.track(&s, spec, "cpu", 80, in, out)
	}
	w.result.Scaling = append(w.result.Scaling, s)
}

// behavior reads the windows of an autoscaler as cooldowns.
func (w *workload) behavior(v *source.Value) (in, out ecs.Opt[int]) {
	read := func(v *source.Value, def int) ecs.Opt[int] {
		x := v.Get("stabilizationWindowSeconds")
		n := x.IntOr(def)
		if n < 0 || n > 3600 {
			x.Fault("a window is from 0 to 3600 seconds, not %d", n)
			n = def
		}
		x.Approximate("a cooldown of %d seconds: a window looks at proposals, a cooldown waits after an activity", n)
		v.Get("policies").Lose("ECS goes to what the metric asks for in one step")
		v.Get("selectPolicy").Lose("ECS goes to what the metric asks for in one step")
		v.Get("tolerance").Lose("the low alarm of a policy is at nine tenths of its target")
		return ecs.Some(n)
	}
	return read(v.Get("scaleDown"), 300), read(v.Get("scaleUp"), 0)
}

// track adds a policy for CPU or memory, in percent.
func (w *workload) track(s *document.Scaling, v *source.Value, name string, percent float64, in, out ecs.Opt[int]) {
	if percent <= 0 {
		v.Fault("a target must be above 0")
		return
	}
	metric := map[string]string{"cpu": autoscale.ECSServiceAverageCPUUtilization,
		"memory": autoscale.ECSServiceAverageMemoryUtilization}[name]
	for _, p := range s.Policies {
		if p.PolicyName == w.name+"-"+name {
			v.Approximate("a service has one policy for a metric: the first one counts")
			return
		}
	}
	s.Track(document.Track{Name: w.name + "-" + name, Predefined: metric, Target: percent, In: in, Out: out})
}

// metric reads one metric of an autoscaler.
func (w *workload) metric(s *document.Scaling, m *source.Value, in, out ecs.Opt[int]) {
	kind := m.Get("type").String()
	switch kind {
	case "Resource", "ContainerResource":
		r := m.Get(map[string]string{"Resource": "resource", "ContainerResource": "containerResource"}[kind])
		r.Get("container").Approximate("the metric of ECS is that of the whole task")
		name := r.Get("name").String()
		target := r.Get("target")
		target.Get("type").Keep()
		if name != "cpu" && name != "memory" {
			r.Need("a metric of CloudWatch for %s", name)
			return
		}
		if u := target.Get("averageUtilization"); u.Has() {
			percent, _ := u.Float()
			w.track(s, u, name, percent, in, out)
			return
		}
		w.averageValue(s, target, name, in, out)
	case "Pods", "Object", "External":
		x := m.Get(map[string]string{"Pods": "pods", "Object": "object", "External": "external"}[kind])
		w.custom(s, x, in, out)
	default:
		m.Lose("%q is not a type of a metric", kind)
	}
}

// averageValue reads a target in CPUs or bytes, as a percentage of what the containers reserve.
func (w *workload) averageValue(s *document.Scaling, target *source.Value, name string, in, out ecs.Opt[int]) {
	v := cmp.Or(target.Get("averageValue"), target.Get("value"))
	var have, want int64
	for _, c := range w.d.ContainerDefinitions {
		if name == "cpu" {
			have += int64(c.CPU)
		} else {
			have += int64(cmp.Or(c.MemoryReservation, c.Memory))
		}
	}
	if name == "cpu" {
		n, _ := milli(v)
		want = int64(document.Units(n))
	} else {
		n, _ := quantity(v, resource.Scale(0))
		want = int64(document.MiB(n))
	}
	if have == 0 || want == 0 {
		v.Need("what a task reserves of %s, to make a percentage of it", name)
		return
	}
	percent := float64(want*100) / float64(have)
	v.Approximate("%.4g %% of what a task reserves, %d of %d", percent, want, have)
	w.track(s, v, name, percent, in, out)
}

// custom makes a policy for a metric of somebody's own.
func (w *workload) custom(s *document.Scaling, x *source.Value, in, out ecs.Opt[int]) {
	name := x.At("metric", "name").String()
	target := x.Get("target")
	v := cmp.Or(target.Get("averageValue"), target.Get("value"))
	n, ok := milli(v)
	if name == "" || !ok || n == 0 {
		x.Need("a metric and its target")
		return
	}
	x.Remark(source.Needs, "publish %s to CloudWatch; the namespace Kubernetes stands for its own", name)
	x.Get("metric").Keep()
	x.Get("describedObject").Lose("dimensions of CloudWatch say what a metric is of")
	target.Get("type").Keep()
	s.Track(document.Track{Name: fmt.Sprintf("%s-%s", w.name, document.Name(name)), Namespace: "Kubernetes",
		Metric: name, Target: float64(n) / 1000, In: in, Out: out})
}

// disrupt looks whether the percentages keep what the budgets ask for.
func (p *program) disrupt() {
	for _, v := range p.others["PodDisruptionBudget"] {
		spec := v.Get("spec")
		spec.Get("unhealthyPodEvictionPolicy").Lose("a task that is not healthy does not count")
		found := false
		for _, w := range p.workloads {
			if w.s.DeploymentConfiguration != nil && w.matches(spec.Get("selector")) {
				w.budget(spec)
				found = true
			}
		}
		if !found {
			spec.Remark(source.Translated, "it guards none of the services")
			spec.Keep()
		}
		spec.Get("selector").Translate("a service of ECS knows its own tasks")
	}
}

// budget compares a budget with minimumHealthyPercent, which also holds when an instance is drained.
func (w *workload) budget(spec *source.Value) {
	n := max(w.count, 1)
	lower := (n*w.s.DeploymentConfiguration.MinimumHealthyPercent.Or(100) + 99) / 100
	v, keep := spec.Get("minAvailable"), 0
	var err error
	if v.Has() {
		keep, err = Whole(v.String(), n, true)
	} else if v = spec.Get("maxUnavailable"); v.Has() {
		var gone int
		gone, err = Whole(v.String(), n, true)
		keep = n - gone
	} else {
		return
	}
	switch {
	case err != nil:
		v.Fault("%v", err)
	case lower >= keep:
		v.Translate("minimumHealthyPercent keeps %d of %d when an instance is drained: the budget asks for %d", lower,
			n, keep)
	default:
		v.Approximate("minimumHealthyPercent keeps %d of %d when an instance is drained, and the budget asks for "+
			"%d: raise it to %d",
			lower, n, keep, min((keep*100+n-1)/n, 100))
	}
}
