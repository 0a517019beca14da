package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Result is what an import comes to. The lists are in the order of the source.
type Result struct {
	TaskDefinitions   []ecs.TaskDefinition              `json:"taskDefinitions,omitempty"`
	Services          []api.CreateServiceInput          `json:"services,omitempty"`
	Scaling           []Scaling                         `json:"scaling,omitempty"`
	RunTasks          []RunTask                         `json:"runTasks,omitempty"`
	CapacityProviders []api.CreateCapacityProviderInput `json:"capacityProviders,omitempty"`
	Groups            []Group                           `json:"autoScalingGroups,omitempty"`
	TargetGroups      []TargetGroup                     `json:"targetGroups,omitempty"`
	Read              []*source.Value                   `json:"-"` // the trees that were read, for the report
}

// Scaling is a scalable target and its policies, in the form of Application Auto Scaling.
type Scaling struct {
	Target   autoscale.RegisterScalableTargetInput `json:"target"`
	Policies []autoscale.PutScalingPolicyInput     `json:"policies,omitempty"`
}

// RunTask is a standalone task, and the schedule on which something outside of ECS starts it.
type RunTask struct {
	Input    api.RunTaskInput `json:"input"`
	Schedule string           `json:"schedule,omitempty"` // rate(…) or cron(…) of EventBridge; "" for once
	Retries  int              `json:"retries,omitempty"`
	Timeout  int              `json:"timeoutSeconds,omitempty"`
}

// Group is the EC2 Auto Scaling group that a capacity provider names.
type Group struct {
	Name          string   `json:"autoScalingGroupName"`
	MinSize       int      `json:"minSize"`
	MaxSize       int      `json:"maxSize"`
	Desired       int      `json:"desiredCapacity"`
	InstanceTypes []string `json:"instanceTypes,omitempty"`
	Spot          bool     `json:"spot,omitempty"`
	Attributes    []string `json:"instanceAttributes,omitempty"` // NAME=VALUE, for ECS_INSTANCE_ATTRIBUTES
}

// TargetGroup is a target group of Elastic Load Balancing. Numbers that are 0 are ELB's own defaults.
type TargetGroup struct {
	Name       string   `json:"name"`
	Protocol   string   `json:"protocol"`
	Port       int      `json:"port"`
	TargetType string   `json:"targetType"`
	Path       string   `json:"healthCheckPath,omitempty"`
	CheckPort  string   `json:"healthCheckPort,omitempty"`
	Codes      string   `json:"matcher,omitempty"`
	Interval   int      `json:"healthCheckIntervalSeconds,omitempty"`
	Timeout    int      `json:"healthCheckTimeoutSeconds,omitempty"`
	Healthy    int      `json:"healthyThresholdCount,omitempty"`
	Unhealthy  int      `json:"unhealthyThresholdCount,omitempty"`
	Drain      int      `json:"deregistrationDelaySeconds,omitempty"`
	Sticky     bool     `json:"stickiness,omitempty"`
	Rules      []string `json:"rules,omitempty"` // of its listener, in words
}

// Add puts another result behind this one.
func (r *Result) Add(o Result) {
	r.TaskDefinitions = append(r.TaskDefinitions, o.TaskDefinitions...)
	r.Services = append(r.Services, o.Services...)
	r.Scaling = append(r.Scaling, o.Scaling...)
	r.RunTasks = append(r.RunTasks, o.RunTasks...)
	r.CapacityProviders = append(r.CapacityProviders, o.CapacityProviders...)
	r.Groups = append(r.Groups, o.Groups...)
	r.TargetGroups = append(r.TargetGroups, o.TargetGroups...)
	r.Read = append(r.Read, o.Read...)
}

// Definition returns the task definition of a family.
func (r *Result) Definition(family string) (ecs.TaskDefinition, bool) {
	for _, d := range r.TaskDefinitions {
		if d.Family == family {
			return d, true
		}
	}
	return ecs.TaskDefinition{}, false
}

// Check validates every document by itself, and each service and standalone task against its task
// definition. It returns all faults, each with the document that it is in, or nil.
func (r *Result) Check() error {
	var faults []error
	add := func(kind, name string, err error) {
		for e := range ecs.Errors(err) {
			faults = append(faults, fmt.Errorf("%s %s: %s: %s: %s", kind, name, e.Field, e.Code, e.Message))
		}
	}
	for _, d := range r.TaskDefinitions {
		add("task definition", d.Family, d.Validate())
	}
	for _, s := range r.Services {
		err := s.Validate()
		if d, ok := r.Definition(s.TaskDefinition); ok && err == nil {
			err = api.ValidateService(proposed(s), d)
		}
		add("service", s.ServiceName, err)
	}
	for _, t := range r.RunTasks {
		err := t.Input.Validate()
		if d, ok := r.Definition(t.Input.TaskDefinition); ok && err == nil {
			err = t.Input.ValidateFor(d)
		}
		add("standalone task", t.Input.TaskDefinition, err)
	}
	for _, s := range r.Scaling {
		add("scalable target", s.Target.ResourceID, s.Target.Validate())
		for _, p := range s.Policies {
			add("scaling policy", p.PolicyName, p.Validate())
		}
		add("scaling policies", s.Target.ResourceID, autoscale.ValidateScalingPolicies(s.Policies))
	}
	for _, p := range r.CapacityProviders {
		add("capacity provider", p.Name, p.Validate())
	}
	return errors.Join(faults...)
}

// proposed is the service that a request asks for.
func proposed(in api.CreateServiceInput) ecs.Service {
	s := ecs.Service{ServiceName: in.ServiceName, LoadBalancers: in.LoadBalancers,
		ServiceRegistries: in.ServiceRegistries,
		DesiredCount:      in.DesiredCount.Or(0), LaunchType: in.LaunchType,
		CapacityProviderStrategy: in.CapacityProviderStrategy,
		PlatformVersion:          in.PlatformVersion, PlacementConstraints: in.PlacementConstraints,
		PlacementStrategy: in.PlacementStrategy, NetworkConfiguration: in.NetworkConfiguration,
		HealthCheckGracePeriodSeconds: in.HealthCheckGracePeriodSeconds, SchedulingStrategy: in.SchedulingStrategy,
		DeploymentController: in.DeploymentController, AvailabilityZoneRebalancing: in.AvailabilityZoneRebalancing}
	if in.DeploymentConfiguration != nil {
		s.DeploymentConfiguration = *in.DeploymentConfiguration
	}
	return s
}

// JSON returns the documents, indented.
func (r *Result) JSON() ([]byte, error) { return Indented(r) }

// Indented returns a document as indented JSON that ends with a line.
func Indented(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return []byte(b.String()), err
}
