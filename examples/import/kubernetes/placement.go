package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/query"
	"github.com/bayplan/bayplan/examples/import/source"
)

// The attributes of an instance that stand for the labels that Kubernetes gives every node.
var attributes = map[string]string{
	"kubernetes.io/arch": "ecs.cpu-architecture", "beta.kubernetes.io/arch": "ecs.cpu-architecture",
	"kubernetes.io/os": "ecs.os-type", "beta.kubernetes.io/os": "ecs.os-type",
	"node.kubernetes.io/instance-type": "ecs.instance-type", "beta.kubernetes.io/instance-type": "ecs.instance-type",
	"topology.kubernetes.io/zone":            "ecs.availability-zone",
	"failure-domain.beta.kubernetes.io/zone": "ecs.availability-zone",
}

const (
	zoneLabel = "topology.kubernetes.io/zone"
	hostLabel = "kubernetes.io/hostname"
)

// attribute returns the attribute for a label.
func attribute(label string) string {
	if a, ok := attributes[label]; ok {
		return a
	}
	return label
}

// value returns a label's value as the attribute has it.
func value(label, v string) string {
	if attribute(label) == "ecs.cpu-architecture" && v == "amd64" {
		return "x86_64"
	}
	return v
}

// placement reads where the pods may go and where they had better go.
func (w *workload) placement() {
	selector := w.pod.Get("nodeSelector")
	for _, k := range selector.Map() {
		w.member(selector.Get(k), fmt.Sprintf("attribute:%s == %s", attribute(k), value(k, selector.Get(k).Raw())))
	}
	affinity := w.pod.Get("affinity")
	w.nodes(affinity.Get("nodeAffinity"))
	w.apart(affinity.Get("podAntiAffinity"))
	w.together(affinity.Get("podAffinity"))
	w.spread(w.pod.Get("topologySpreadConstraints"))
	w.pod.Get("tolerations").Lose("instances of ECS have no taints: give those that are set apart an attribute, and " +
		"ask for it in memberOf")
	if len(w.s.PlacementStrategy) == 0 && !w.fargate && w.kind != "DaemonSet" {
		w.s.PlacementStrategy = []ecs.PlacementStrategy{
			{Type: ecs.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"},
			{Type: ecs.PlacementStrategyTypeSpread, Field: "instanceId"}}
	}
	if w.fargate || w.kind == "DaemonSet" {
		w.s.PlacementStrategy = nil
	}
}

// member adds a constraint to the task definition, where Fargate has none.
func (w *workload) member(v *source.Value, expression string) {
	if w.fargate {
		v.Lose("Fargate has no constraints; the platform and the zones are chosen by runtimePlatform and the subnets")
		return
	}
	if _, err := query.Parse(expression); err != nil {
		v.Lose("it cannot be said in the cluster query language: %s", expression)
		return
	}
	c := ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeMemberOf, Expression: expression}
	v.Translate("memberOf %s", expression)
	if len(w.d.PlacementConstraints) >= ecs.MaxPlacementConstraints {
		v.Lose("a task has at most %d constraints", ecs.MaxPlacementConstraints)
		return
	}
	if !slices.ContainsFunc(w.d.PlacementConstraints,
		func(o ecs.PlacementConstraint) bool { return o.Expression == expression }) {
		w.d.PlacementConstraints = append(w.d.PlacementConstraints, c)
	}
}

// nodes reads the affinity to nodes: the terms are alternatives, the expressions of one hold together.
func (w *workload) nodes(v *source.Value) {
	v.Get("preferredDuringSchedulingIgnoredDuringExecution").Lose("ECS has no preferences among instances, only " +
		"strategies")
	required := v.Get("requiredDuringSchedulingIgnoredDuringExecution")
	var terms []string
	for _, t := range required.Get("nodeSelectorTerms").Items() {
		var all []string
		for _, e := range append(t.Get("matchExpressions").Items(), t.Get("matchFields").Items()...) {
			text, ok := expression(e)
			if !ok {
				required.Lose("%s cannot be said in the cluster query language", plain(e))
				return
			}
			all = append(all, text)
		}
		switch len(all) {
		case 0:
		case 1:
			terms = append(terms, all[0])
		default:
			terms = append(terms, "("+strings.Join(all, ") and (")+")")
		}
	}
	switch len(terms) {
	case 0:
	case 1:
		w.member(required, terms[0])
	default:
		w.member(required, "("+strings.Join(terms, ") or (")+")")
	}
}

// expression writes one expression of a selector in the cluster query language.
func expression(v *source.Value) (string, bool) {
	key := v.Get("key").Raw()
	a := "attribute:" + attribute(key)
	var values []string
	for _, x := range v.Get("values").Each() {
		values = append(values, value(key, x.Raw()))
	}
	list := "[" + strings.Join(values, ", ") + "]"
	switch op := v.Get("operator").Raw(); {
	case op == "Exists":
		return a + " exists", true
	case op == "DoesNotExist":
		return a + " !exists", true
	case len(values) == 0:
		return "", false
	case op == "In" && len(values) == 1:
		return a + " == " + values[0], true
	case op == "In":
		return a + " in " + list, true
	case op == "NotIn":
		return fmt.Sprintf("%s !exists or %s !in %s", a, a, list), true
	case op == "Gt":
		return a + " > " + values[0], true
	case op == "Lt":
		return a + " < " + values[0], true
	}
	return "", false
}

// matches reports whether a selector of labels selects the workload's own pods.
func (w *workload) matches(selector *source.Value) bool { return selects(selector, w.labels) }

func selects(selector *source.Value, labels map[string]string) bool {
	found := false
	for _, k := range selector.Get("matchLabels").Keys() {
		if labels[k] != selector.At("matchLabels", k).Raw() {
			return false
		}
		found = true
	}
	for _, e := range selector.Get("matchExpressions").Each() {
		has, ok := labels[e.Get("key").Raw()]
		in := slices.ContainsFunc(e.Get("values").Each(), func(x *source.Value) bool { return x.Raw() == has }) && ok
		switch e.Get("operator").Raw() {
		case "In":
			if !in {
				return false
			}
		case "NotIn":
			if in {
				return false
			}
		case "Exists":
			if !ok {
				return false
			}
		case "DoesNotExist":
			if ok {
				return false
			}
		}
		found = true
	}
	return found
}

// others returns the workloads that a selector selects, besides this one.
func (w *workload) others(selector *source.Value) (names []string) {
	for _, o := range w.workloads {
		labels := map[string]string{}
		template := o.v.At("spec", "template", "metadata", "labels")
		for _, k := range template.Keys() {
			labels[k] = template.Get(k).Raw()
		}
		if o != w && selects(selector, labels) {
			names = append(names, o.name)
		}
	}
	return names
}

// apart reads the anti-affinity to pods.
func (w *workload) apart(v *source.Value) {
	for _, t := range v.Get("requiredDuringSchedulingIgnoredDuringExecution").Items() {
		selector, host := t.Get("labelSelector"), t.Get("topologyKey").Raw() == hostLabel
		switch {
		case w.matches(selector) && host && !w.fargate:
			t.Translate("distinctInstance")
			w.constrain(ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeDistinctInstance})
		case w.matches(selector) && t.Get("topologyKey").Raw() == zoneLabel:
			t.Approximate("tasks are spread over the zones, and two may share one")
			w.prefer("attribute:ecs.availability-zone")
		case host && len(w.others(selector)) > 0 && !w.fargate:
			for _, name := range w.others(selector) {
				t.Approximate("memberOf not(task:group == service:%s), which keeps tasks of this service away, not "+
					"those of the other", name)
				w.constrain(ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeMemberOf,
					Expression: "not(task:group == service:" + name + ")"})
			}
		default:
			t.Lose("ECS keeps tasks apart by instance and by service only")
		}
	}
	for _, t := range v.Get("preferredDuringSchedulingIgnoredDuringExecution").Items() {
		term := t.Get("podAffinityTerm")
		switch {
		case w.matches(term.Get("labelSelector")) && term.Get("topologyKey").Raw() == hostLabel:
			t.Approximate("the strategy spread over instances, without a weight")
			w.prefer("instanceId")
		case w.matches(term.Get("labelSelector")):
			t.Approximate("the strategy spread over zones, without a weight")
			w.prefer("attribute:ecs.availability-zone")
		default:
			t.Lose("ECS has no preferences among services")
		}
	}
}

// together reads the affinity to pods.
func (w *workload) together(v *source.Value) {
	for _, t := range v.Get("requiredDuringSchedulingIgnoredDuringExecution").Items() {
		names := w.others(t.Get("labelSelector"))
		if t.Get("topologyKey").Raw() != hostLabel || len(names) == 0 || w.fargate {
			t.Lose("ECS puts tasks together by instance and by service only, and the service is not among the files")
			continue
		}
		t.Translate("memberOf task:group == service:%s", names[0])
		w.constrain(ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeMemberOf,
			Expression: "task:group == service:" + names[0]})
	}
	v.Get("preferredDuringSchedulingIgnoredDuringExecution").Lose("ECS has no preferences among services")
}

// spread reads how pods are spread.
func (w *workload) spread(v *source.Value) {
	for _, t := range v.Items() {
		key := t.Get("topologyKey").Raw()
		field := "attribute:" + attribute(key)
		if key == hostLabel {
			field = "instanceId"
		}
		hard := t.Get("whenUnsatisfiable").Raw() != "ScheduleAnyway"
		text := "the strategy spread over " + field
		if hard {
			t.Approximate("%s, which does its best: maxSkew and DoNotSchedule do not hold a task back", text)
		} else {
			t.Translate("%s", text)
		}
		w.prefer(field)
	}
}

// constrain adds a constraint to the service, once.
func (w *workload) constrain(c ecs.PlacementConstraint) {
	if !slices.ContainsFunc(w.s.PlacementConstraints, func(o ecs.PlacementConstraint) bool {
		return o.Type == c.Type &&
			o.Expression == c.Expression
	}) {
		w.s.PlacementConstraints = append(w.s.PlacementConstraints, c)
	}
}

// mostStrategies is how many strategies a service has. Source: Amazon ECS API Reference, CreateService.
const mostStrategies = 5

// prefer adds a strategy to the service, once.
func (w *workload) prefer(field string) {
	s := ecs.PlacementStrategy{Type: ecs.PlacementStrategyTypeSpread, Field: field}
	if !slices.Contains(w.s.PlacementStrategy, s) && len(w.s.PlacementStrategy) < mostStrategies {
		w.s.PlacementStrategy = append(w.s.PlacementStrategy, s)
	}
}
