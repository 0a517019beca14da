package native_test

import (
	"fmt"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/native"
	"github.com/bayplan/bayplan/examples/import/source"
)

func ExampleRead() {
	list, err := source.Parse("described.json",
		[]byte(`{"taskDefinition": {"family": "web", "revision": 3, "containerDefinitions": [{"name": "c", "image": "nginx", "memory": 64}]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := native.Read(list[0], document.Given{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range r.Fields() {
		fmt.Println(f.Path, f.Fate)
	}
	// Output:
	// taskDefinition translated
	// taskDefinition.family kept
	// taskDefinition.revision translated
	// taskDefinition.containerDefinitions[0].name kept
	// taskDefinition.containerDefinitions[0].image kept
	// taskDefinition.containerDefinitions[0].memory kept
}
