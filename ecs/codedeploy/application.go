package codedeploy

import "github.com/bayplan/bayplan/ecs"

// ComputePlatformECS is the compute platform that is served here.
const ComputePlatformECS = "ECS"

// CreateApplicationInput is the input of CreateApplication.
type CreateApplicationInput struct {
	ApplicationName string   `json:"applicationName"`
	ComputePlatform string   `json:"computePlatform,omitzero"`
	_               struct{} `unmodelled:"tags"`
}

// Validate returns what is wrong with the input: a name that an application cannot have, and a compute platform that
// is not ECS. Without one AWS makes an application for servers.
func (in CreateApplicationInput) Validate() error {
	err := named("applicationName", in.ApplicationName, ApplicationNameRequired, InvalidApplicationName)
	if err == nil && in.ComputePlatform != ComputePlatformECS {
		err = fault(InvalidComputePlatform, "computePlatform",
			"The compute platform must be ECS, which AWS does not assume; it is %q.", in.ComputePlatform)
	}
	return err
}

// CreateApplicationOutput is the answer of CreateApplication.
type CreateApplicationOutput struct {
	ApplicationID string `json:"applicationId"`
}

// Application is an application. Source: AWS CodeDeploy API Reference, ApplicationInfo.
type Application struct {
	ApplicationID   string      `json:"applicationId"`
	ApplicationName string      `json:"applicationName"`
	CreateTime      ecs.Instant `json:"createTime"`
	LinkedToGitHub  bool        `json:"linkedToGitHub"`
	ComputePlatform string      `json:"computePlatform"`
}

// ApplicationInput is the input of GetApplication and DeleteApplication.
type ApplicationInput struct {
	ApplicationName string `json:"applicationName"`
}

// GetApplicationOutput is the answer of GetApplication.
type GetApplicationOutput struct {
	Application Application `json:"application"`
}

// ListApplicationsInput is the input of ListApplications.
type ListApplicationsInput struct {
	NextToken string `json:"nextToken,omitzero"`
}

// ListApplicationsOutput is the answer of ListApplications.
type ListApplicationsOutput struct {
	Applications []string `json:"applications"`
	NextToken    string   `json:"nextToken,omitzero"`
}
