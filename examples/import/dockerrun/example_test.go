package dockerrun_test

import (
	"fmt"

	"github.com/bayplan/bayplan/examples/import/dockerrun"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

func ExampleRead() {
	list, err := source.Parse("Dockerrun.aws.json",
		[]byte(`{"AWSEBDockerrunVersion": "1", "Image": {"Name": "nginx"}, "Ports": [{"ContainerPort": 80}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := dockerrun.Read(list[0], document.Given{Name: "site"})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := r.TaskDefinitions[0].ContainerDefinitions[0]
	fmt.Println(c.Image, c.Memory, c.PortMappings[0].HostPort.Or(0), r.Services[0].SchedulingStrategy)
	// Output: nginx 512 80 DAEMON
}
