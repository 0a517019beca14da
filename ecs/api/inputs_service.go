package api

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// DescribeServicesInput asks for services, in the form of DescribeServices.
type DescribeServicesInput struct {
	Cluster  string   `json:"cluster,omitzero"`
	Services []string `json:"services"` // 1 to 10 names or ARNs
	Include  []string `json:"include,omitzero"`
}

// Validate reports every rule of DescribeServices that the input breaks.
func (in DescribeServicesInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.ids("services", in.Services, ecs.ARNTypeService, 1, 10)
	c.include(in.Include, "TAGS")
	return c.err()
}

// ListServicesInput lists services, in the form of ListServices.
type ListServicesInput struct {
	Cluster            string                 `json:"cluster,omitzero"`
	NextToken          string                 `json:"nextToken,omitzero"`
	MaxResults         ecs.Opt[int]           `json:"maxResults,omitzero"` // 1 to 100; absent: 10
	LaunchType         ecs.LaunchType         `json:"launchType,omitzero"`
	SchedulingStrategy ecs.SchedulingStrategy `json:"schedulingStrategy,omitzero"`
	// ResourceManagementType is CUSTOMER, which all services here are, or ECS.
	ResourceManagementType string `json:"resourceManagementType,omitzero"`
}

// Validate reports every rule of ListServices that the input breaks.
func (in ListServicesInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.OneOf("launchType", choose(in.LaunchType))
	c.OneOf("schedulingStrategy", choose(in.SchedulingStrategy))
	if t := in.ResourceManagementType; t != "" && t != "CUSTOMER" && t != "ECS" {
		c.Refuse("resourceManagementType", "resourceManagementType must be one of CUSTOMER, ECS; it is %q.",
			check.Shortened(t))
	}
	c.page(in.MaxResults)
	return c.err()
}

// ListServicesByNamespaceInput lists services, in the form of ListServicesByNamespace.
type ListServicesByNamespaceInput struct {
	Namespace  string       `json:"namespace"` // name or ARN
	NextToken  string       `json:"nextToken,omitzero"`
	MaxResults ecs.Opt[int] `json:"maxResults,omitzero"` // 1 to 100; absent: 10
}

// Validate reports every rule of ListServicesByNamespace that the input breaks.
func (in ListServicesByNamespaceInput) Validate() error {
	c := &faults{}
	c.Present("namespace", in.Namespace)
	c.page(in.MaxResults)
	return c.err()
}

// DescribeServiceDeploymentsInput asks for service deployments, in the form of
// DescribeServiceDeployments.
type DescribeServiceDeploymentsInput struct {
	ServiceDeploymentArns []string `json:"serviceDeploymentArns"` // 1 to 20
}

// Validate reports every rule of DescribeServiceDeployments that the input breaks.
func (in DescribeServiceDeploymentsInput) Validate() error {
	c := &faults{}
	c.arns("serviceDeploymentArns", in.ServiceDeploymentArns, ecs.ARNTypeServiceDeployment, 20)
	return c.err()
}

// DescribeServiceRevisionsInput asks for service revisions, in the form of
// DescribeServiceRevisions.
type DescribeServiceRevisionsInput struct {
	ServiceRevisionArns []string `json:"serviceRevisionArns"` // 1 to 20
}

// Validate reports every rule of DescribeServiceRevisions that the input breaks.
func (in DescribeServiceRevisionsInput) Validate() error {
	c := &faults{}
	c.arns("serviceRevisionArns", in.ServiceRevisionArns, ecs.ARNTypeServiceRevision, 20)
	return c.err()
}

// arns checks a list of 1 to hi ARNs.
func (c *faults) arns(path string, list []string, kind ecs.ARNType, hi int) {
	if len(list) == 0 {
		c.Refuse(path, "%s should not be null or empty.", check.LastKey(path))
	}
	c.AtMost(path, len(list), hi)
	for i, s := range list {
		c.arn(path+check.Path(i), s, kind)
	}
}

// arn checks an ARN, which must be there.
func (c *faults) arn(path, s string, kind ecs.ARNType) {
	if !c.Present(path, s) {
		return
	}
	if a, err := ecs.ParseARN(s); err != nil || a.Type != kind {
		c.Refuse(path, "Invalid arn syntax: %q is not the ARN of a %s.", check.Shortened(s), kind)
	}
}

// ListServiceDeploymentsInput lists a service's deployments, in the form of
// ListServiceDeployments.
type ListServiceDeploymentsInput struct {
	Cluster    string                        `json:"cluster,omitzero"`
	Service    string                        `json:"service"`
	Status     []ecs.ServiceDeploymentStatus `json:"status,omitzero"`
	CreatedAt  *CreatedAt                    `json:"createdAt,omitzero"`
	NextToken  string                        `json:"nextToken,omitzero"`
	MaxResults ecs.Opt[int]                  `json:"maxResults,omitzero"` // 1 to 100; absent: 20
}

// CreatedAt is a range of times, with both ends. An absent end is open.
type CreatedAt struct {
	Before ecs.Instant `json:"before,omitzero"`
	After  ecs.Instant `json:"after,omitzero"`
}

// Contains reports whether a time is in the range. A nil CreatedAt contains every time.
func (c *CreatedAt) Contains(at ecs.Instant) bool {
	return c == nil || (c.After == 0 || at >= c.After) && (c.Before == 0 || at <= c.Before)
}

// Validate reports every rule of ListServiceDeployments that the input breaks.
func (in ListServiceDeploymentsInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.serviceRef(in.Service)
	for i, s := range in.Status {
		if !ecs.Valid(s) {
			c.Refuse(check.Path("status", i), "%q is not a status of a service deployment.", check.Shortened(string(s)))
		}
	}
	c.page(in.MaxResults)
	return c.err()
}

// StopServiceDeploymentInput ends a deployment, in the form of StopServiceDeployment.
type StopServiceDeploymentInput struct {
	ServiceDeploymentArn string                            `json:"serviceDeploymentArn"`
	StopType             ecs.StopServiceDeploymentStopType `json:"stopType,omitzero"` // absent: ROLLBACK
}

// Validate reports every rule of StopServiceDeployment that the input breaks.
func (in StopServiceDeploymentInput) Validate() error {
	c := &faults{}
	c.arn("serviceDeploymentArn", in.ServiceDeploymentArn, ecs.ARNTypeServiceDeployment)
	c.OneOf("stopType", choose(in.StopType))
	return c.err()
}

// ContinueServiceDeploymentInput answers the PAUSE hook of a deployment, in the form of
// ContinueServiceDeployment.
type ContinueServiceDeploymentInput struct {
	ServiceDeploymentArn string                  `json:"serviceDeploymentArn"`
	HookID               string                  `json:"hookId"`
	Action               ecs.LifecycleHookAction `json:"action,omitzero"` // absent: CONTINUE
}

// Validate reports every rule of ContinueServiceDeployment that the input breaks.
func (in ContinueServiceDeploymentInput) Validate() error {
	c := &faults{}
	c.arn("serviceDeploymentArn", in.ServiceDeploymentArn, ecs.ARNTypeServiceDeployment)
	c.Present("hookId", in.HookID)
	c.OneOf("action", choose(in.Action))
	return c.err()
}
