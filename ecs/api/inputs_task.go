package api

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// DescribeTasksInput asks for tasks by ID, in the form of DescribeTasks.
type DescribeTasksInput struct {
	Cluster string   `json:"cluster,omitzero"`
	Tasks   []string `json:"tasks"` // 1 to 100 IDs or ARNs
	Include []string `json:"include,omitzero"`
}

// Validate reports every rule of DescribeTasks that the input breaks.
func (in DescribeTasksInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.ids("tasks", in.Tasks, ecs.ARNTypeTask, 1, 100)
	c.include(in.Include, "TAGS")
	return c.err()
}

// ListTasksInput asks for the tasks that match every filter, in the form of ListTasks.
type ListTasksInput struct {
	_ struct{} `unmodelled:"daemonName"`

	Cluster           string            `json:"cluster,omitzero"`
	ContainerInstance string            `json:"containerInstance,omitzero"`
	Family            string            `json:"family,omitzero"`
	NextToken         string            `json:"nextToken,omitzero"`
	MaxResults        ecs.Opt[int]      `json:"maxResults,omitzero"` // 1 to 100; absent: 100
	StartedBy         string            `json:"startedBy,omitzero"`  // the only filter, if any
	ServiceName       string            `json:"serviceName,omitzero"`
	DesiredStatus     ecs.DesiredStatus `json:"desiredStatus,omitzero"` // absent: RUNNING
	LaunchType        ecs.LaunchType    `json:"launchType,omitzero"`
}

// Validate reports every rule of ListTasks that the input breaks.
func (in ListTasksInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	if in.ContainerInstance != "" {
		c.id("containerInstance", in.ContainerInstance, ecs.ARNTypeContainerInstance)
	}
	if in.Family != "" {
		c.Name("family", in.Family)
	}
	if in.ServiceName != "" {
		c.ref("serviceName", in.ServiceName, ecs.ARNTypeService)
	}
	c.OneOf("desiredStatus", choose(in.DesiredStatus))
	c.OneOf("launchType", choose(in.LaunchType))
	if in.StartedBy != "" && (in.ContainerInstance != "" || in.Family != "" || in.ServiceName != "" ||
		in.DesiredStatus != "" || in.LaunchType != "") {
		c.Refuse("startedBy", "startedBy must be the only filter.")
	}
	c.page(in.MaxResults)
	return c.err()
}

// UpdateTaskProtectionInput protects tasks of a service from scale-in and deployments, or ends the
// protection, in the form of UpdateTaskProtection.
type UpdateTaskProtectionInput struct {
	Cluster           string       `json:"cluster"`
	Tasks             []string     `json:"tasks"` // 1 to 10 IDs or ARNs
	ProtectionEnabled bool         `json:"protectionEnabled"`
	ExpiresInMinutes  ecs.Opt[int] `json:"expiresInMinutes,omitzero"` // 1 to 2880; absent: 120
}

// Validate reports every rule of UpdateTaskProtection that the input breaks.
func (in UpdateTaskProtectionInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.ids("tasks", in.Tasks, ecs.ARNTypeTask, 1, 10)
	c.between("expiresInMinutes", in.ExpiresInMinutes, 1, 2880)
	if !in.ProtectionEnabled && !in.ExpiresInMinutes.IsZero() {
		c.Refuse("expiresInMinutes", "expiresInMinutes belongs to protectionEnabled.")
	}
	return c.err()
}

// GetTaskProtectionInput asks which tasks are protected, in the form of GetTaskProtection.
type GetTaskProtectionInput struct {
	Cluster string   `json:"cluster"`
	Tasks   []string `json:"tasks,omitzero"` // up to 10 IDs or ARNs
}

// Validate reports every rule of GetTaskProtection that the input breaks.
func (in GetTaskProtectionInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.ids("tasks", in.Tasks, ecs.ARNTypeTask, 0, 10)
	return c.err()
}

// include checks what a description is asked to include.
func (c *faults) include(list []string, known ...string) {
	for i, s := range list {
		ok := false
		for _, k := range known {
			ok = ok || s == k
		}
		if !ok {
			c.Refuse(check.Path("include", i), "include takes %v; it has %q.", known, check.Shortened(s))
		}
	}
}
