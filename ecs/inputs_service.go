package ecs

// DescribeServicesInput asks for services, in the form of DescribeServices.
type DescribeServicesInput struct {
	Cluster  string   `json:"cluster,omitzero"`
	Services []string `json:"services"` // 1 to 10 names or ARNs
	Include  []string `json:"include,omitzero"`
}

// Validate reports every rule of DescribeServices that the input breaks.
func (in DescribeServicesInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.clusterRef(in.Cluster)
	c.ids("services", in.Services, ARNTypeService, 1, 10)
	c.include(in.Include, "TAGS")
	return c.faults.Err()
}

// ListServicesInput lists services, in the form of ListServices.
type ListServicesInput struct {
	Cluster            string             `json:"cluster,omitzero"`
	NextToken          string             `json:"nextToken,omitzero"`
	MaxResults         Opt[int]           `json:"maxResults,omitzero"` // 1 to 100; absent: 10
	LaunchType         LaunchType         `json:"launchType,omitzero"`
	SchedulingStrategy SchedulingStrategy `json:"schedulingStrategy,omitzero"`
	// ResourceManagementType is CUSTOMER, which all services here are, or ECS.
	ResourceManagementType string `json:"resourceManagementType,omitzero"`
}

// Validate reports every rule of ListServices that the input breaks.
func (in ListServicesInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.clusterRef(in.Cluster)
	oneOf(c, "launchType", in.LaunchType)
	oneOf(c, "schedulingStrategy", in.SchedulingStrategy)
	if t := in.ResourceManagementType; t != "" && t != "CUSTOMER" && t != "ECS" {
		c.refuse("resourceManagementType", "resourceManagementType must be one of CUSTOMER, ECS; it is %q.", shortened(t))
	}
	c.page(in.MaxResults)
	return c.faults.Err()
}

// DescribeServiceDeploymentsInput asks for service deployments, in the form of
// DescribeServiceDeployments.
type DescribeServiceDeploymentsInput struct {
	ServiceDeploymentArns []string `json:"serviceDeploymentArns"` // 1 to 20
}

// Validate reports every rule of DescribeServiceDeployments that the input breaks.
func (in DescribeServiceDeploymentsInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.arns("serviceDeploymentArns", in.ServiceDeploymentArns, ARNTypeServiceDeployment, 20)
	return c.faults.Err()
}

// DescribeServiceRevisionsInput asks for service revisions, in the form of
// DescribeServiceRevisions.
type DescribeServiceRevisionsInput struct {
	ServiceRevisionArns []string `json:"serviceRevisionArns"` // 1 to 20
}

// Validate reports every rule of DescribeServiceRevisions that the input breaks.
func (in DescribeServiceRevisionsInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.arns("serviceRevisionArns", in.ServiceRevisionArns, ARNTypeServiceRevision, 20)
	return c.faults.Err()
}

// arns checks a list of 1 to hi ARNs.
func (c *checks) arns(path string, list []string, kind ARNType, hi int) {
	if len(list) == 0 {
		c.refuse(path, "%s should not be null or empty.", lastKey(path))
	}
	c.atMost(path, len(list), hi)
	for i, s := range list {
		c.arn(path+at(i), s, kind)
	}
}

// arn checks an ARN, which must be there.
func (c *checks) arn(path, s string, kind ARNType) {
	if !c.present(path, s) {
		return
	}
	if a, err := ParseARN(s); err != nil || a.Type != kind {
		c.refuse(path, "Invalid arn syntax: %q is no ARN of a %s.", shortened(s), kind)
	}
}

// ListServiceDeploymentsInput lists a service's deployments, in the form of
// ListServiceDeployments.
type ListServiceDeploymentsInput struct {
	Cluster    string     `json:"cluster,omitzero"`
	Service    string     `json:"service"`
	Status     []string   `json:"status,omitzero"`
	CreatedAt  *CreatedAt `json:"createdAt,omitzero"`
	NextToken  string     `json:"nextToken,omitzero"`
	MaxResults Opt[int]   `json:"maxResults,omitzero"` // 1 to 100; absent: 20
}

// CreatedAt is a stretch of time: After it begins and Before it ends, each included; absent is
// without end.
type CreatedAt struct {
	Before Instant `json:"before,omitzero"`
	After  Instant `json:"after,omitzero"`
}

// Contains reports whether a moment lies in the stretch; a nil CreatedAt contains every one.
func (c *CreatedAt) Contains(at Instant) bool {
	return c == nil || (c.After == 0 || at >= c.After) && (c.Before == 0 || at <= c.Before)
}

// Validate reports every rule of ListServiceDeployments that the input breaks.
func (in ListServiceDeploymentsInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.clusterRef(in.Cluster)
	c.serviceRef(in.Service)
	for i, s := range in.Status {
		switch s {
		case "PENDING", "SUCCESSFUL", "STOPPED", "STOP_REQUESTED", "IN_PROGRESS", "ROLLBACK_REQUESTED",
			"ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED":
		default:
			c.refuse(at("status", i), "%q is no status of a service deployment.", shortened(s))
		}
	}
	c.page(in.MaxResults)
	return c.faults.Err()
}

// StopServiceDeploymentInput ends a deployment, in the form of StopServiceDeployment.
type StopServiceDeploymentInput struct {
	ServiceDeploymentArn string `json:"serviceDeploymentArn"`
	StopType             string `json:"stopType,omitzero"` // ABORT or ROLLBACK; absent: ROLLBACK
}

// Validate reports every rule of StopServiceDeployment that the input breaks.
func (in StopServiceDeploymentInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.arn("serviceDeploymentArn", in.ServiceDeploymentArn, ARNTypeServiceDeployment)
	if in.StopType != "" && in.StopType != "ABORT" && in.StopType != "ROLLBACK" {
		c.refuse("stopType", "stopType must be one of ABORT, ROLLBACK; it is %q.", shortened(in.StopType))
	}
	return c.faults.Err()
}

// ContinueServiceDeploymentInput answers a deployment's PAUSE hook, in the form of
// ContinueServiceDeployment.
type ContinueServiceDeploymentInput struct {
	ServiceDeploymentArn string `json:"serviceDeploymentArn"`
	HookID               string `json:"hookId"`
	Action               string `json:"action,omitzero"` // CONTINUE or ROLLBACK; absent: CONTINUE
}

// Validate reports every rule of ContinueServiceDeployment that the input breaks.
func (in ContinueServiceDeploymentInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.arn("serviceDeploymentArn", in.ServiceDeploymentArn, ARNTypeServiceDeployment)
	c.present("hookId", in.HookID)
	if in.Action != "" && in.Action != "CONTINUE" && in.Action != "ROLLBACK" {
		c.refuse("action", "action must be one of CONTINUE, ROLLBACK; it is %q.", shortened(in.Action))
	}
	return c.faults.Err()
}
