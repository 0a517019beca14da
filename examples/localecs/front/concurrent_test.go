package front_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// Clients that change and describe the same things at once. Answers are encoded after the lock
// is let go, so the race detector finds what an answer shares with the plane. Seen to fail under
// it: a service's tags changed in place.
func TestConcurrent(t *testing.T) {
	server, err := front.New(front.Config{Seed: 1, Instances: 3, Speed: 2000})
	require.NoError(t, err)
	call := func(target, body string) map[string]any {
		_, data := send(server, target, []byte(body))
		var out map[string]any
		require.NoError(t, json.Unmarshal(data, &out))
		return out
	}
	definition, err := json.Marshal(web(0))
	require.NoError(t, err)
	call(ecsTarget+"RegisterTaskDefinition", string(definition))
	call(ecsTarget+"CreateService",
		`{"serviceName":"web","taskDefinition":"web","desiredCount":3,"tags":[{"key":"a","value":"b"}],"propagateTags":"SERVICE"}`)
	call(scalingTarget+"RegisterScalableTarget",
		`{"ServiceNamespace":"ecs","ResourceId":"service/default/web","ScalableDimension":"ecs:service:DesiredCount","MinCapacity":1,"MaxCapacity":6}`)
	instance := call(ecsTarget+"ListContainerInstances", `{}`)["containerInstanceArns"].([]any)[0].(string)
	const service = "arn:aws:ecs:us-east-1:123456789012:service/default/web"
	const rounds = 12 // of each client: they run at once, however long it takes
	var all sync.WaitGroup
	for _, loop := range []func(n int){
		func(n int) {
			call(ecsTarget+"PutAttributes", fmt.Sprintf(`{"attributes":[{"name":"n","value":"%d","targetId":%q}]}`, n%7,
				instance))
		},
		func(n int) {
			call(ecsTarget+"UpdateService", fmt.Sprintf(`{"service":"web","desiredCount":%d,"forceNewDeployment":%t}`,
				n%5, n%10 == 0))
		},
		func(n int) {
			call(ecsTarget+"TagResource", fmt.Sprintf(`{"resourceArn":%q,"tags":[{"key":"a","value":"%d"}]}`, service,
				n))
		},
		func(n int) {
			status := []string{"ACTIVE", "DRAINING"}[n%2]
			call(ecsTarget+"UpdateContainerInstancesState",
				fmt.Sprintf(`{"containerInstances":[%q],"status":%q}`, instance, status))
		},
		func(n int) {
			for _, task := range call(ecsTarget+"RunTask",
				`{"taskDefinition":"web","count":2,"tags":[{"key":"x","value":"y"}]}`)["tasks"].([]any) {
				call(ecsTarget+"StopTask", fmt.Sprintf(`{"task":%q}`, task.(m)["taskArn"]))
			}
		},
		func(n int) {
			capacity := n%3 + 1
			call(scalingTarget+"RegisterScalableTarget",
				fmt.Sprintf(
					`{"ServiceNamespace":"ecs","ResourceId":"service/default/web","ScalableDimension":"ecs:service:DesiredCount","MinCapacity":%d}`, capacity))
			call(scalingTarget+"DescribeScalableTargets", `{"ServiceNamespace":"ecs"}`)
		},
		func(int) {
			call(ecsTarget+"DescribeContainerInstances", fmt.Sprintf(`{"containerInstances":[%q],"include":["TAGS"]}`,
				instance))
			call(ecsTarget+"ListAttributes", `{"targetType":"container-instance"}`)
		},
		func(int) {
			call(ecsTarget+"DescribeServices", `{"services":["web"],"include":["TAGS"]}`)
			call(ecsTarget+"ListServiceDeployments", `{"service":"web"}`)
			call(ecsTarget+"DescribeTaskDefinition", `{"taskDefinition":"web"}`)
			call(ecsTarget+"DescribeClusters", `{"include":["STATISTICS","TAGS"]}`)
		},
		func(int) {
			if arns, _ := call(ecsTarget+"ListTasks", `{}`)["taskArns"].([]any); len(arns) > 0 {
				in, _ := json.Marshal(m{"tasks": arns, "include": []string{"TAGS"}})
				call(ecsTarget+"DescribeTasks", string(in))
			}
		},
	} {
		all.Go(func() {
			for n := range rounds {
				loop(n)
			}
		})
	}
	all.Wait()
	require.Len(t, call(ecsTarget+"DescribeServices", `{"services":["web"]}`)["services"], 1)
}
