package front

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// operation answers one action.
type operation func(s *Server, body []byte) (any, error)

type object map[string]any

// read is an operation that looks.
func read[In any](f func(p *control.Plane, in In) (any, error)) operation {
	return func(s *Server, body []byte) (any, error) {
		in, err := decode[In](body)
		if err != nil {
			return nil, err
		}
		return f(s.world.Plane(), in)
	}
}

// change is an operation that changes.
func change[In any](f func(p *control.Plane, now time.Time, in In) (any, error)) operation {
	return func(s *Server, body []byte) (any, error) {
		in, err := decode[In](body)
		if err != nil {
			return nil, err
		}
		var out any
		err = s.world.Do(func(p *control.Plane, now time.Time) (err error) {
			out, err = f(p, now, in)
			return err
		})
		return out, err
	}
}

// under is change for operations whose answer stands under one key.
func under[In, Out any](key string, f func(p *control.Plane, now time.Time, in In) (Out, error)) operation {
	return change(func(p *control.Plane, now time.Time, in In) (any, error) {
		out, err := f(p, now, in)
		return object{key: out}, err
	})
}

// plain is change for operations whose answer is the plane's own.
func plain[In, Out any](f func(p *control.Plane, now time.Time, in In) (Out, error)) operation {
	return change(func(p *control.Plane, now time.Time, in In) (any, error) { return f(p, now, in) })
}

// silent is change for operations without an answer.
func silent[In any](f func(p *control.Plane, now time.Time, in In) error) operation {
	return change(func(p *control.Plane, now time.Time, in In) (any, error) { return object{}, f(p, now, in) })
}

func decode[In any](body []byte) (In, error) {
	var in In
	err := json.Unmarshal(body, &in)
	if err == nil {
		return in, nil
	}
	message := err.Error()
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		message = fmt.Sprintf("%s is a %s where %s belongs.", wrong.Field, wrong.Value, wrong.Type)
	}
	return in, ecs.Fault(ecs.SerializationException, "", message)
}

func operations(service string) map[string]operation {
	if service == "ecs" {
		all := clusterOperations()
		for _, more := range []map[string]operation{definitionOperations(), taskOperations(), serviceOperations(), agentOperations()} {
			for name, op := range more {
				all[name] = op
			}
		}
		return all
	}
	return scalingOperations()
}

func clusterOperations() map[string]operation {
	type P = *control.Plane
	return map[string]operation{
		"CreateCluster":               under("cluster", P.CreateCluster),
		"DeleteCluster":               under("cluster", P.DeleteCluster),
		"PutClusterCapacityProviders": under("cluster", P.PutClusterCapacityProviders),
		"DescribeClusters":            read(func(p P, in ecs.DescribeClustersInput) (any, error) { return p.DescribeClusters(in) }),
		"ListClusters": read(func(p P, in ecs.ListClustersInput) (any, error) {
			page, err := p.ListClusters(in)
			return list("clusterArns", page), err
		}),
		"CreateCapacityProvider":    under("capacityProvider", P.CreateCapacityProvider),
		"UpdateCapacityProvider":    under("capacityProvider", P.UpdateCapacityProvider),
		"DeleteCapacityProvider":    under("capacityProvider", P.DeleteCapacityProvider),
		"DescribeCapacityProviders": read(func(p P, in ecs.DescribeCapacityProvidersInput) (any, error) { return p.DescribeCapacityProviders(in) }),

		"RegisterContainerInstance":     under("containerInstance", P.RegisterContainerInstance),
		"DeregisterContainerInstance":   under("containerInstance", P.DeregisterContainerInstance),
		"UpdateContainerInstancesState": plain(P.UpdateContainerInstancesState),
		"DescribeContainerInstances": read(func(p P, in ecs.DescribeContainerInstancesInput) (any, error) {
			return p.DescribeContainerInstances(in)
		}),
		"ListContainerInstances": read(func(p P, in ecs.ListContainerInstancesInput) (any, error) {
			page, err := p.ListContainerInstances(in)
			return list("containerInstanceArns", page), err
		}),
		"PutAttributes":    under("attributes", P.PutAttributes),
		"DeleteAttributes": under("attributes", P.DeleteAttributes),
		"ListAttributes": read(func(p P, in ecs.ListAttributesInput) (any, error) {
			attributes, err := p.ListAttributes(in)
			return object{"attributes": attributes}, err
		}),
		"TagResource":   silent(P.TagResource),
		"UntagResource": silent(P.UntagResource),
		"ListTagsForResource": read(func(p P, in ecs.ListTagsForResourceInput) (any, error) {
			tags, err := p.ListTagsForResource(in)
			return object{"tags": tags}, err
		}),
		"ListAccountSettings": read(func(P, struct{}) (any, error) { return object{"settings": longFormats()}, nil }),
	}
}

// longFormats are the account settings that there is no other value for.
func longFormats() []object {
	var settings []object
	for _, name := range []string{"serviceLongArnFormat", "taskLongArnFormat", "containerInstanceLongArnFormat"} {
		settings = append(settings, object{"name": name, "value": "enabled"})
	}
	return settings
}

// list is a page of names under the key of its operation.
func list(key string, page control.Page) object {
	arns := page.Arns
	if arns == nil {
		arns = []string{}
	}
	out := object{key: arns}
	if page.NextToken != "" {
		out["nextToken"] = page.NextToken
	}
	return out
}

func definitionOperations() map[string]operation {
	type P = *control.Plane
	type one struct {
		TaskDefinition string `json:"taskDefinition"`
	}
	type many struct {
		TaskDefinitions []string `json:"taskDefinitions"`
	}
	type filter struct {
		FamilyPrefix string `json:"familyPrefix"`
		Status       string `json:"status"`
		Sort         string `json:"sort"`
	}
	return map[string]operation{
		"RegisterTaskDefinition": change(func(p P, now time.Time, d ecs.TaskDefinition) (any, error) {
			registered, err := p.RegisterTaskDefinition(now, d)
			return object{"taskDefinition": registered, "tags": tagsOf(registered)}, err
		}),
		"DescribeTaskDefinition": read(func(p P, in one) (any, error) {
			d, err := p.DescribeTaskDefinition(in.TaskDefinition)
			return object{"taskDefinition": d, "tags": tagsOf(d)}, err
		}),
		"DeregisterTaskDefinition": change(func(p P, now time.Time, in one) (any, error) {
			d, err := p.DeregisterTaskDefinition(now, in.TaskDefinition)
			return object{"taskDefinition": d}, err
		}),
		"DeleteTaskDefinitions": change(func(p P, now time.Time, in many) (any, error) {
			return p.DeleteTaskDefinitions(now, in.TaskDefinitions)
		}),
		"ListTaskDefinitions": read(func(p P, in filter) (any, error) {
			arns := p.ListTaskDefinitions(in.FamilyPrefix, ecs.TaskDefinitionStatus(in.Status))
			if in.Sort == "DESC" {
				reverse(arns)
			}
			return list("taskDefinitionArns", control.Page{Arns: arns}), nil
		}),
		"ListTaskDefinitionFamilies": read(func(p P, in filter) (any, error) {
			return list("families", control.Page{Arns: p.ListTaskDefinitionFamilies(in.FamilyPrefix, ecs.TaskDefinitionFamilyStatus(in.Status))}), nil
		}),
	}
}

func tagsOf(d ecs.TaskDefinition) []ecs.Tag {
	if d.Tags == nil {
		return []ecs.Tag{}
	}
	return d.Tags
}

func reverse(list []string) {
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
}

func taskOperations() map[string]operation {
	type P = *control.Plane
	return map[string]operation{
		"RunTask":       plain(P.RunTask),
		"StartTask":     plain(P.StartTask),
		"StopTask":      under("task", P.StopTask),
		"DescribeTasks": read(func(p P, in ecs.DescribeTasksInput) (any, error) { return p.DescribeTasks(in) }),
		"ListTasks": read(func(p P, in ecs.ListTasksInput) (any, error) {
			page, err := p.ListTasks(in)
			return list("taskArns", page), err
		}),
		"UpdateTaskProtection": plain(P.UpdateTaskProtection),
		"GetTaskProtection":    read(func(p P, in ecs.GetTaskProtectionInput) (any, error) { return p.GetTaskProtection(in) }),
	}
}

func serviceOperations() map[string]operation {
	type P = *control.Plane
	return map[string]operation{
		"CreateService":    under("service", P.CreateService),
		"UpdateService":    under("service", P.UpdateService),
		"DeleteService":    under("service", P.DeleteService),
		"DescribeServices": read(func(p P, in ecs.DescribeServicesInput) (any, error) { return p.DescribeServices(in) }),
		"ListServices": read(func(p P, in ecs.ListServicesInput) (any, error) {
			page, err := p.ListServices(in)
			return list("serviceArns", page), err
		}),
		"StopServiceDeployment":       under("serviceDeploymentArn", P.StopServiceDeployment),
		"ContinueServiceDeployment":   under("serviceDeploymentArn", P.ContinueServiceDeployment),
		"ListServiceDeployments":      read(listServiceDeployments),
		"CreateTaskSet":               under("taskSet", P.CreateTaskSet),
		"UpdateTaskSet":               under("taskSet", P.UpdateTaskSet),
		"DeleteTaskSet":               under("taskSet", P.DeleteTaskSet),
		"UpdateServicePrimaryTaskSet": under("taskSet", P.UpdateServicePrimaryTaskSet),
		"DescribeTaskSets":            read(func(p P, in ecs.DescribeTaskSetsInput) (any, error) { return p.DescribeTaskSets(in) }),
	}
}

func listServiceDeployments(p *control.Plane, in ecs.ListServiceDeploymentsInput) (any, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	deployments, err := p.ServiceDeployments(in.Cluster, in.Service)
	return object{"serviceDeployments": deployments}, err
}

// agentOperations are what agents call. Agents of this world report without HTTP; others
// are told to go on.
func agentOperations() map[string]operation {
	acknowledge := read(func(*control.Plane, struct{}) (any, error) { return object{"acknowledgment": "ACCEPT"}, nil })
	return map[string]operation{
		"SubmitTaskStateChange":        acknowledge,
		"SubmitContainerStateChange":   acknowledge,
		"SubmitAttachmentStateChanges": acknowledge,
	}
}

func scalingOperations() map[string]operation {
	type P = *control.Plane
	type ref struct {
		ResourceID          string   `json:"ResourceId"`
		ResourceIDs         []string `json:"ResourceIds"`
		PolicyName          string
		ScheduledActionName string
	}
	named := func(in ref, name string) control.ScalingRef {
		return control.ScalingRef{ResourceID: in.ResourceID, Name: name}
	}
	ids := func(in ref) []string {
		if in.ResourceID != "" {
			return append(in.ResourceIDs, in.ResourceID)
		}
		return in.ResourceIDs
	}
	return map[string]operation{
		"RegisterScalableTarget":   silent(P.RegisterScalableTarget),
		"DeregisterScalableTarget": silent(func(p P, now time.Time, in ref) error { return p.DeregisterScalableTarget(now, named(in, "")) }),
		"DescribeScalableTargets": read(func(p P, in ref) (any, error) {
			return object{"ScalableTargets": notNil(p.ScalableTargets(ids(in)...))}, nil
		}),
		"PutScalingPolicy": change(func(p P, now time.Time, in autoscale.PutScalingPolicyInput) (any, error) {
			arn := "arn:aws:autoscaling:" + p.Config().Region + ":" + p.Config().Account + ":scalingPolicy:00000000-0000-0000-0000-000000000000:resource/ecs/" + in.ResourceID + ":policyName/" + in.PolicyName
			return object{"PolicyARN": arn, "Alarms": []object{}}, p.PutScalingPolicy(now, in)
		}),
		"DeleteScalingPolicy": silent(func(p P, now time.Time, in ref) error { return p.DeleteScalingPolicy(now, named(in, in.PolicyName)) }),
		"DescribeScalingPolicies": read(func(p P, in ref) (any, error) {
			return object{"ScalingPolicies": notNil(p.ScalingPolicies(ids(in)...))}, nil
		}),
		"PutScheduledAction": silent(P.PutScheduledAction),
		"DeleteScheduledAction": silent(func(p P, now time.Time, in ref) error {
			return p.DeleteScheduledAction(now, named(in, in.ScheduledActionName))
		}),
		"DescribeScheduledActions": read(func(p P, in ref) (any, error) {
			return object{"ScheduledActions": notNil(p.ScheduledActions(ids(in)...))}, nil
		}),
	}
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
