package copilot_test

import (
	"fmt"

	"github.com/bayplan/bayplan/examples/import/copilot"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

func ExampleRead() {
	list, err := source.Parse("manifest.yml",
		[]byte("name: api\ntype: Backend Service\nimage: {location: acme/api:1, port: 80}\ncount: 2\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := copilot.Read(list[0], document.Given{App: "shop", Env: "test"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.TaskDefinitions[0].Family, r.Services[0].DesiredCount.Or(0), r.Services[0].LaunchType)
	// Output: shop-test-api 2 FARGATE
}
