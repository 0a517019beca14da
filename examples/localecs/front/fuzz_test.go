package front_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

func send(h http.Handler, target string, body []byte) (int, []byte) {
	request := httptest.NewRequest(http.MethodPost, "http://localhost/", bytes.NewReader(body))
	request.Header.Set("X-Amz-Target", strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, target))
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.Bytes()
}

const (
	ecsTarget     = "AmazonEC2ContainerServiceV20141113."
	scalingTarget = "AnyScaleFrontendService."
)

// FuzzServer sends calls, one a line as "Action {…}", to a server with a service, and lets a
// minute pass after each: every answer is JSON, a success or a refusal, and the world goes on.
func FuzzServer(f *testing.F) {
	for _, seed := range []string{
		`RunTask {"taskDefinition":"web","count":3}`,
		"CreateService {\"serviceName\":\"s\",\"taskDefinition\":\"web\",\"desiredCount\":2}\nUpdateService " +
			"{\"service\":\"s\",\"desiredCount\":0}\nDeleteService {\"service\":\"s\"}",
		`RegisterContainerInstance {"totalResources":[{"name":"CPU","type":"INTEGER","integerValue":1024}]}`,
		`PutAttributes {"attributes":[{"name":"a","targetId":"x"}]}`,
		`CreateService {"serviceName":"b","taskDefinition":"web","desiredCount":1,"deploymentConfiguration":{"strategy":"BLUE_GREEN","bakeTimeInMinutes":1},"loadBalancers":[{"targetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/1","containerName":"web","containerPort":80}]}`,
		`CreateTaskSet {"cluster":"default","service":"web","taskDefinition":"web","scale":{"value":1e9,"unit":"PERCENT"}}`,
		`SubmitTaskStateChange {"task":"x","status":"STOPPED","containers":[{"containerName":"web","exitCode":-1}]}`,
		`ListTaskDefinitions {"maxResults":1,"nextToken":"77656200","sort":"DESC"}`,
		`DescribeServiceDeployments {"serviceDeploymentArns":["arn:aws:ecs:us-east-1:123456789012:service-deployment/default/web/1"]}`,
		`DescribeServiceRevisions {"serviceRevisionArns":["////"]}`,
		`CreateCapacityProvider {"name":"p","autoScalingGroupProvider":{"autoScalingGroupArn":"arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:a:autoScalingGroupName/a"}}`,
		`PutScalingPolicy {"PolicyName":"p","ResourceId":"service/default/web","ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount","PolicyType":"StepScaling","StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","StepAdjustments":[{"MetricIntervalLowerBound":0,"ScalingAdjustment":1}]}}`,
		`PutScheduledAction {"ScheduledActionName":"a","ResourceId":"service/default/web","ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount","Schedule":"rate(1 minute)","ScalableTargetAction":{"MinCapacity":1}}`,
		`TagResource {"resourceArn":"arn:aws:ecs:us-east-1:123456789012:service/default/web","tags":[{"key":"a"}]}` +
			"\n" + `UpdateTaskProtection {"cluster":"default","tasks":["x"]}`,
	} {
		f.Add(seed)
	}
	register, _ := json.Marshal(web(0))
	clock := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, calls string) {
		now := clock
		server, err := front.New(front.Config{Instances: 1, Now: func() time.Time {
			now = now.Add(time.Minute)
			return now
		}})
		require.NoError(t, err)
		send(server, ecsTarget+"RegisterTaskDefinition", register)
		send(server, ecsTarget+"CreateService", []byte(`{"serviceName":"web","taskDefinition":"web","desiredCount":1}`))
		for i, line := range strings.Split(calls, "\n") {
			if i == 20 {
				break
			}
			action, body, _ := strings.Cut(line, " ")
			for _, prefix := range []string{ecsTarget, scalingTarget} {
				status, out := send(server, prefix+action, []byte(body))
				if status != 200 && status != 400 {
					t.Fatalf("%s %s: %d %s", action, body, status, out)
				}
				if !json.Valid(out) {
					t.Fatalf("%s %s: not JSON: %s", action, body, out)
				}
			}
		}
		if status, out := send(server, ecsTarget+"DescribeServices", []byte(`{"services":["web"]}`)); status != 200 {
			t.Fatalf("%d %s", status, out)
		}
	})
}

// FuzzLocal sends anything to the paths that tests use: each answer is a success or a refusal.
func FuzzLocal(f *testing.F) {
	f.Add("POST", "advance?by=1s", "")
	f.Add("POST", "behaviour", `{"image":"web:1","exitAfter":"5s"}`)
	f.Add("POST", "load", `{"service":"web","requestsPerMinute":100}`)
	f.Add("PUT", "target-groups/g", `{"healthCheck":{"intervalSeconds":10}}`)
	f.Add("GET", "explain?task=x&format=json", "")
	f.Add("GET", "timeline?format=html", "")
	register, _ := json.Marshal(web(0))
	f.Fuzz(func(t *testing.T, method, path, body string) {
		server, err := front.New(front.Config{Instances: 1, Manual: true})
		require.NoError(t, err)
		send(server, ecsTarget+"RegisterTaskDefinition", register)
		send(server, ecsTarget+"CreateService", []byte(`{"serviceName":"web","taskDefinition":"web","desiredCount":1}`))
		request, err := http.NewRequest(method, "http://localhost/_local/"+path, strings.NewReader(body))
		if err != nil || strings.Contains(path, "reset") {
			t.Skip()
		}
		request.Header.Set(front.LocalHeader, "fuzz")
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, request)
		if recorder.Code != 200 && recorder.Code != 400 {
			t.Fatalf("%s %s %s: %d %s", method, path, body, recorder.Code, recorder.Body)
		}
	})
}
