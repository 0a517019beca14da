package kubernetes_test

import (
	"testing"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/document/documenttest"
	"github.com/bayplan/bayplan/examples/import/kubernetes"
	"github.com/bayplan/bayplan/examples/import/source"
)

func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := source.Parse("k.yml", data)
		if err != nil || len(list) == 0 || !list[0].Is(source.Map) {
			return
		}
		r, err := kubernetes.Read(list, document.Given{})
		documenttest.Holds(t, "k.yml", r, err)
	})
}

var seeds = []string{
	deployment("      hostNetwork: true\n",
		"        ports: [{containerPort: 80, name: x}]\n        livenessProbe: {httpGet: {port: x}}\n"),
	"apiVersion: v1\nkind: List\nitems: [{kind: Service, spec: {selector: {app: d}, ports: [{port: 1}]}}]",
	"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec: {maxReplicas: 3, metrics: [{type: Resource, " +
		"resource: {name: cpu}}]}",
	"apiVersion: batch/v1\nkind: CronJob\nspec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: " +
		"{containers: [{name: a}]}}}}}",
}
