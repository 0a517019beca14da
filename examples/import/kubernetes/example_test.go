package kubernetes_test

import (
	"fmt"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/kubernetes"
	"github.com/bayplan/bayplan/examples/import/source"
)

func ExampleRead() {
	list, err := source.Parse("web.yml", []byte(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx, resources: {limits: {memory: 128Mi}}}]}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := kubernetes.Read(list, document.Given{Network: "bridge"})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := r.Services[0].DeploymentConfiguration
	fmt.Println(r.Services[0].ServiceName, c.MinimumHealthyPercent.Or(0), c.MaximumPercent.Or(0))
	// Output: web 100 134
}
