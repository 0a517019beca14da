package kubernetes

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	sigsjson "sigs.k8s.io/json"

	"github.com/bayplan/bayplan/examples/import/source"
)

// schema returns an empty object of the API's own type for a kind, or nil for one that has none here.
func schema(apiVersion, kind string) any {
	switch apiVersion + " " + kind {
	case "apps/v1 Deployment":
		return &appsv1.Deployment{}
	case "apps/v1 StatefulSet":
		return &appsv1.StatefulSet{}
	case "apps/v1 DaemonSet":
		return &appsv1.DaemonSet{}
	case "batch/v1 Job":
		return &batchv1.Job{}
	case "batch/v1 CronJob":
		return &batchv1.CronJob{}
	case "autoscaling/v1 HorizontalPodAutoscaler":
		return &autoscalingv1.HorizontalPodAutoscaler{}
	case "autoscaling/v2 HorizontalPodAutoscaler":
		return &autoscalingv2.HorizontalPodAutoscaler{}
	case "policy/v1 PodDisruptionBudget":
		return &policyv1.PodDisruptionBudget{}
	case "networking.k8s.io/v1 Ingress":
		return &networkingv1.Ingress{}
	case "v1 Pod":
		return &corev1.Pod{}
	case "v1 ReplicationController":
		return &corev1.ReplicationController{}
	case "v1 Service":
		return &corev1.Service{}
	case "v1 ConfigMap":
		return &corev1.ConfigMap{}
	case "v1 ServiceAccount":
		return &corev1.ServiceAccount{}
	case "v1 PersistentVolumeClaim":
		return &corev1.PersistentVolumeClaim{}
	}
	return nil
}

// wrongType finds the field in an error of encoding/json.
var wrongType = regexp.MustCompile(`cannot unmarshal (.+) into Go struct field \w+\.([\w.\[\]-]+) of type (\S+)`)

// typed checks a document against the API's own type: a value of the wrong type is a fault, as for kubectl, and
// an unknown field is without counterpart.
func typed(v *source.Value) {
	object := schema(v.Get("apiVersion").Raw(), v.Get("kind").Raw())
	if object == nil {
		return
	}
	data, err := json.Marshal(v.Plain())
	if err != nil {
		v.Fault("%v", err)
		return
	}
	strict, err := sigsjson.UnmarshalStrict(data, object, sigsjson.DisallowUnknownFields)
	if err != nil {
		at, text := v, strings.TrimPrefix(err.Error(), "json: ")
		if m := wrongType.FindStringSubmatch(text); m != nil {
			at, text = v.Find(m[2]), fmt.Sprintf("it must be %s, not %s", m[3], m[1])
		}
		if !strings.Contains(text, "quantit") { // the reader of quantities says which
			at.Fault("%s", text)
		}
	}
	for _, e := range strict {
		if path, ok := strings.CutPrefix(e.Error(), "unknown field "); ok {
			v.Find(strings.Trim(path, `"`)).Lose("Kubernetes does not know this field either")
		}
	}
}
