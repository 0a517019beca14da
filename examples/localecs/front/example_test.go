package front_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// An ECS for tests, called as any AWS SDK calls it.
func ExampleServer() {
	server, err := front.New(front.Config{Seed: 1, Instances: 3, Manual: true, AdvanceOnPoll: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	api := httptest.NewServer(server)
	defer api.Close()
	call := func(action, body string) string {
		request, _ := http.NewRequest(http.MethodPost, api.URL, strings.NewReader(body))
		request.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+action)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err.Error()
		}
		defer response.Body.Close()
		data, _ := io.ReadAll(response.Body)
		return string(data)
	}
	call("RegisterTaskDefinition",
		`{"family": "web", "containerDefinitions": [{"name": "web", "image": "web:1", "memory": 64}]}`)
	call("CreateService", `{"serviceName": "web", "taskDefinition": "web", "desiredCount": 2}`)
	fmt.Println(strings.Contains(call("DescribeServices", `{"services": ["web"]}`), `"runningCount":2`))
	fmt.Println(call("ListTasks", `{"cluster": "none"}`))
	// Output:
	// true
	// {"__type":"ClusterNotFoundException","message":"Cluster not found."}
}
