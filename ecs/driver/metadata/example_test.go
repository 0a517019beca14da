package metadata_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/metadata"
	"github.com/bayplan/bayplan/ecs/message"
)

// A container asks which task it belongs to.
func ExampleServer() {
	server, err := metadata.New(metadata.Config{URL: "http://127.0.0.1:51679", Cluster: "prod",
		Instance: metadata.Instance{Region: "us-east-1"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	command := message.StartTask{Task: "7f", TaskArn: "arn:aws:ecs:us-east-1:123456789012:task/prod/7f",
		TaskDefinition: ecs.TaskDefinition{Family: "web", Revision: 1,
			ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app", Image: "web"}}}}
	if err := server.Start(command); err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range server.Environment(command, 0) {
		if v.Name == "ECS_CONTAINER_METADATA_URI_V4" {
			answer := httptest.NewRecorder()
			server.ServeHTTP(answer, httptest.NewRequest("GET", v.Value+"/task", nil))
			cluster, _, _ := strings.Cut(answer.Body.String(), `,"Family"`)
			fmt.Println(answer.Code, cluster)
		}
	}
	// Output: 200 {"Cluster":"prod","TaskARN":"arn:aws:ecs:us-east-1:123456789012:task/prod/7f"
}
