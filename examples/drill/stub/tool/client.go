package tool

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// client calls AWS's services, and tries a call that failed for a passing reason three times, as the SDKs do.
type client struct{ endpoint string }

type object map[string]any

// failure is an error that a service answers.
type failure struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
	status  int
}

// Error returns the code and the message.
func (f failure) Error() string { return f.Type + ": " + f.Message }

// passing reports whether the call may succeed if it is made again.
func (f failure) passing() bool { return f.status >= 500 || strings.HasPrefix(f.Type, "Throttling") }

func (c client) call(ctx context.Context, service, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	for range 3 {
		var again bool
		if again, err = c.once(ctx, service, action, body, out); err == nil || !again {
			return err
		}
	}
	return fmt.Errorf("%s, three times: %w", action, err)
}

// once makes a call, and reports whether it may be made again.
func (c client) once(ctx context.Context, service, action string, body []byte, out any) (bool, error) {
	target := "AmazonEC2ContainerServiceV20141113"
	if service == "codedeploy" {
		target = "CodeDeploy_20141006"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header.Set("X-Amz-Target", target+"."+action)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return ctx.Err() == nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return true, err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		f := failure{status: answer.StatusCode}
		if err := json.Unmarshal(data, &f); err != nil {
			return false, fmt.Errorf("%s: HTTP %d", action, answer.StatusCode)
		}
		return f.passing(), f
	}
	if out == nil {
		return false, nil
	}
	return false, json.Unmarshal(data, out)
}

// service is what the tools read of a service.
type service struct {
	Status                     string
	TaskDefinition             string
	DesiredCount, RunningCount int
	Deployments                []deployment
	TaskSets                   []struct{ TaskDefinition string }
	DeploymentController       struct{ Type string }
}

// deployment is what the tools read of a deployment of a service.
type deployment struct{ ID, Status, RolloutState string }

// primary is the ID of the deployment that was begun last.
func (s service) primary() string {
	for _, d := range s.Deployments {
		if d.Status == "PRIMARY" {
			return d.ID
		}
	}
	return ""
}

func (s service) codeDeploy() bool { return s.DeploymentController.Type == "CODE_DEPLOY" }

func (c client) service(ctx context.Context, o Orders) (service, error) {
	var out struct {
		Services []service
		Failures []struct{ Reason string }
	}
	err := c.call(ctx, "ecs", "DescribeServices", object{"cluster": o.Cluster, "services": []string{o.Service}}, &out)
	switch {
	case err != nil:
		return service{}, err
	case len(out.Services) == 0 || out.Services[0].Status != "ACTIVE":
		return service{}, fmt.Errorf("service %s is not ACTIVE", o.Service)
	}
	s := out.Services[0]
	if s.TaskDefinition == "" && len(s.TaskSets) > 0 {
		s.TaskDefinition = s.TaskSets[0].TaskDefinition
	}
	return s, nil
}

func (c client) register(ctx context.Context, o Orders) (string, error) {
	var out struct {
		TaskDefinition struct{ TaskDefinitionArn string }
	}
	var was struct {
		TaskDefinition struct{ ContainerDefinitions []object }
	}
	err := c.call(ctx, "ecs", "DescribeTaskDefinition", object{"taskDefinition": o.Family}, &was)
	if err != nil {
		return "", err
	}
	for _, container := range was.TaskDefinition.ContainerDefinitions {
		if container["name"] == o.Container {
			container["image"] = o.Image
		}
	}
	err = c.call(ctx, "ecs", "RegisterTaskDefinition", object{"family": o.Family,
		"containerDefinitions": was.TaskDefinition.ContainerDefinitions}, &out)
	return out.TaskDefinition.TaskDefinitionArn, err
}

func (c client) update(ctx context.Context, o Orders, revision string, desired *int) (service, error) {
	in := object{"cluster": o.Cluster, "service": o.Service, "taskDefinition": revision}
	if desired != nil {
		in["desiredCount"] = *desired
	}
	var out struct{ Service service }
	err := c.call(ctx, "ecs", "UpdateService", in, &out)
	return out.Service, err
}

func (c client) createDeployment(ctx context.Context, o Orders, revision string) (string, error) {
	var out struct{ DeploymentID string }
	err := c.call(ctx, "codedeploy", "CreateDeployment", object{"applicationName": o.Application,
		"deploymentGroupName": o.Group, "revision": object{"revisionType": "AppSpecContent",
			"appSpecContent": object{"content": strings.ReplaceAll(o.AppSpec, "<TASK_DEFINITION>", revision)}}}, &out)
	return out.DeploymentID, err
}

func (c client) codeDeployment(ctx context.Context, id string) (string, error) {
	var out struct{ DeploymentInfo struct{ Status string } }
	err := c.call(ctx, "codedeploy", "GetDeployment", object{"deploymentId": id}, &out)
	return out.DeploymentInfo.Status, err
}
