package compose_test

import (
	"fmt"

	"github.com/bayplan/bayplan/examples/import/compose"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

func ExampleRead() {
	list, err := source.Parse("compose.yml",
		[]byte("services:\n  web: {image: nginx, ports: ['80:80'], deploy: {replicas: 2}}\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := compose.Read(list, nil, document.Given{Name: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := r.TaskDefinitions[0]
	fmt.Println(d.Family, d.CPU, d.Memory, r.Services[0].DesiredCount.Or(0))
	// Output: shop-web 256 512 2
}
