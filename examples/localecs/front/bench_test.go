package front_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// BenchmarkCalls is what a call takes without a network: reading, deciding, writing.
func BenchmarkCalls(b *testing.B) {
	server, err := front.New(front.Config{Instances: 20, InstanceType: "m5.16xlarge"})
	if err != nil {
		b.Fatal(err)
	}
	call := func(b *testing.B, action, body string) string {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+action)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			text, err := io.ReadAll(w.Body)
			b.Fatalf("%s: %d %s %v", action, w.Code, text, err)
		}
		return w.Body.String()
	}
	const definition = `{"family": "web", "containerDefinitions": [{"name": "web", "image": "web:1", "memory": 4}]}`
	call(b, "RegisterTaskDefinition", definition)
	call(b, "CreateService", `{"serviceName": "web", "taskDefinition": "web", "desiredCount": 20}`)
	_, ten, _ := strings.Cut(call(b, "ListTasks", `{"maxResults": 10}`), `"taskArns":`)
	ten, _, _ = strings.Cut(ten, "]")
	for _, row := range []struct{ action, body string }{
		{"DescribeClusters", `{"clusters": ["default"]}`},
		{"DescribeServices", `{"services": ["web"]}`},
		{"DescribeTaskDefinition", `{"taskDefinition": "web:1"}`},
		{"DescribeTasks", `{"tasks": ` + ten + `]}`},
		{"ListTasks", `{}`},
		{"RunTask", `{"taskDefinition": "web"}`},
		{"UpdateService", `{"service": "web", "deploymentConfiguration": {"maximumPercent": 2%02d}}`},
		{"RegisterTaskDefinition", definition},
	} {
		b.Run(row.action, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				body := row.body
				if strings.Contains(body, "%") {
					body = fmt.Sprintf(body, i%100)
				}
				call(b, row.action, body)
			}
		})
	}
}
