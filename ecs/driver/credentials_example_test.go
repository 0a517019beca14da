package driver_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// assume stands for a call of AWS STS.
type assume struct{}

func (assume) AssumeRole(_ context.Context, roleArn, taskArn string) (agentconfig.Credentials, error) {
	return agentconfig.Credentials{RoleArn: roleArn, AccessKeyID: "key of " + taskArn, Expiration: time.Date(2026, 1, 1,
		6, 0, 0, 0, time.UTC)}, nil
}

// printed is an audit for everybody to see.
type printed struct{}

func (printed) Audit(_ context.Context, r agentconfig.AuditRecord) error {
	fmt.Println(r)
	return nil
}

// midnight is a clock that stands still.
type midnight struct{}

func (midnight) Now() time.Time                              { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
func (midnight) Wait(ctx context.Context, _ time.Time) error { <-ctx.Done(); return ctx.Err() }

// An agent hands a task's role to its containers.
func ExampleCredentialsEndpoint() {
	endpoint := driver.NewCredentialsEndpoint(driver.CredentialsConfig{
		CredentialsConfig: agentconfig.CredentialsConfig{Cluster: "prod"}, Keys: assume{},
		Audit: printed{}, Clock: midnight{},
	})
	// In Agent.StartTask:
	err := endpoint.Start(message.StartTask{TaskArn: "task-1", CredentialsID: "0b2c6d3e",
		TaskDefinition: ecs.TaskDefinition{TaskRoleArn: "reader"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	uri, _ := endpoint.RelativeURI("task-1")
	fmt.Println(agentconfig.CredentialsVariable + "=" + uri)

	// In a container:
	answer := httptest.NewRecorder()
	endpoint.ServeHTTP(answer, httptest.NewRequest("GET", uri, nil))
	fmt.Print(answer.Code, " ", answer.Body)
	// Output:
	// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/0b2c6d3e
	// 2026-01-01T00:00:00Z 200 192.0.2.1 "/v2/credentials" "-" task-1 GetCredentials 2 prod -
	// 200 {"RoleArn":"reader","AccessKeyId":"key of task-1","SecretAccessKey":"","Token":"","Expiration":"2026-01-01T06:00:00Z"}
}
