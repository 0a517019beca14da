// Package cloudformation reads templates of AWS CloudFormation, written by hand or by the AWS CDK: their resources
// of Amazon ECS and of Application Auto Scaling.
//
// # Start here
//
// [Read] converts a template.
//
// # Model
//
// A property is a member of the API with a capital letter; only the names of members change, never the keys of
// maps such as labels and options. Intrinsic functions are computed as far as the template says: parameters by
// their default or a value that is given, the template's own resources by their names. What only a deployed stack
// knows is a placeholder, and the report says so.
//
// # Guarantees
//
//  1. Names are changed for members only (TestNames).
//  2. Functions come out as CloudFormation computes them, or as a placeholder with a line in the report
//     (TestFunctions).
//  3. No input makes it panic (FuzzRead of package formats).
//
// # Differences from ECS
//
//   - A task definition without a family, and a service without a name, have their logical ID.
//   - Conditions are not computed: the first branch of Fn::If counts, and the report says so.
//
// Source: AWS CloudFormation User Guide, "Amazon ECS resource type reference" and "Intrinsic function reference".
//
// # Example
//
// See the example of Read.
package cloudformation

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/native"
	"github.com/bayplan/bayplan/examples/import/source"
)

// template is a template under conversion.
type template struct {
	given     document.Given
	v         *source.Value
	resources *source.Value
	depth     int // of functions in functions
	result    document.Result
}

// Read converts a template, or the properties of one task definition. The error says what is wrong with it.
func Read(v *source.Value, g document.Given) (document.Result, error) {
	t := &template{given: g, v: v, resources: v.Get("Resources")}
	t.result.Read = []*source.Value{v}
	if !t.resources.Has() {
		t.definition(v, g.Name)
		return t.result, v.Faults()
	}
	for _, k := range v.Keys() {
		switch k {
		case "Resources":
		case "Parameters", "Mappings", "Conditions":
			v.Get(k).Translate("what the resources ask of it is in them")
		default:
			v.Get(k).Translate("it is the template's own")
		}
	}
	for _, id := range t.resources.Map() {
		t.resource(id, t.resources.Get(id))
	}
	native.Join(&t.result)
	return t.result, v.Faults()
}

// resource converts one resource.
func (t *template) resource(id string, r *source.Value) {
	p := r.Get("Properties")
	for _, k := range r.Keys() {
		if k != "Properties" && k != "Type" {
			r.Get(k).Translate("it is CloudFormation's own")
		}
	}
	kind := r.Get("Type").String()
	switch kind {
	case "AWS::ECS::TaskDefinition":
		t.definition(p, id)
	case "AWS::ECS::Service":
		t.service(p, id)
	case "AWS::ECS::CapacityProvider":
		in, err := decode[api.CreateCapacityProviderInput](t, p)
		if err != nil {
			p.Fault("%v", err)
			return
		}
		in.Name = cmp.Or(in.Name, id)
		t.result.CapacityProviders = append(t.result.CapacityProviders, in)
	case "AWS::ApplicationAutoScaling::ScalableTarget":
		t.target(p)
	case "AWS::ApplicationAutoScaling::ScalingPolicy":
		t.policy(p, id)
	case "AWS::ECS::Cluster":
		r.Translate("the cluster %s: it is made by itself", t.name(id))
	default:
		r.Translate("not a resource of ECS: it stays in the template")
	}
}

// definition converts the properties of a task definition.
func (t *template) definition(p *source.Value, id string) {
	if !p.Is(source.Map) {
		t.v.Fault("%s has no Properties", id)
		return
	}
	plain, ok := lowered(t.value(p), true).(map[string]any)
	if !ok {
		p.Fault("the properties of %s are what a function returns: only a stack has them", id)
		return
	}
	if _, ok := plain["family"].(string); !ok {
		plain["family"] = document.Name(id)
		p.Remark(source.Approximated, "CloudFormation makes a family of the stack and the logical ID: it is %s",
			plain["family"])
	}
	d := native.TaskDefinition(p, plain, "")
	d.Family = document.Name(d.Family)
	t.result.TaskDefinitions = append(t.result.TaskDefinitions, d)
}

// service converts the properties of a service.
func (t *template) service(p *source.Value, id string) {
	plain, ok := lowered(t.value(p), true).(map[string]any)
	if !ok {
		t.v.Fault("%s has no Properties", id)
		return
	}
	if list, ok := plain["placementStrategies"]; ok {
		p.Get("PlacementStrategies").Translate("placementStrategy")
		plain["placementStrategy"] = list
		delete(plain, "placementStrategies")
	}
	s := native.Service(p, plain)
	if s.ServiceName == "" {
		s.ServiceName = document.Name(id)
		p.Remark(source.Approximated, "CloudFormation makes a name of the stack and the logical ID: it is %s",
			s.ServiceName)
	}
	if s.DesiredCount.IsZero() && s.SchedulingStrategy != ecs.SchedulingStrategyDaemon {
		s.DesiredCount = ecs.Some(1)
		p.Remark(source.Approximated, "a service without DesiredCount begins with 1 task")
	}
	t.result.Services = append(t.result.Services, s)
}

// decode reads properties into a request of the API.
func decode[In any](t *template, p *source.Value) (in In, err error) {
	p.Keep()
	plain := lowered(t.value(p), true)
	return decodePlain[In](plain)
}

func decodePlain[In any](plain any) (in In, err error) {
	data, err := json.Marshal(plain)
	if err != nil {
		return in, err
	}
	return api.ParseInput[In](data)
}

// target converts the properties of a scalable target, whose members have a capital letter in the API, too.
func (t *template) target(p *source.Value) {
	p.Keep()
	var s document.Scaling
	plain, _ := t.value(p).(map[string]any)
	if err := into(pick(plain, "ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity"),
		&s.Target); err != nil {
		p.Fault("%v", err)
		return
	}
	if s.Target.ServiceNamespace != autoscale.ServiceNamespaceECS {
		p.Translate("it scales something else than a service of ECS")
		return
	}
	p.Get("ScheduledActions").Lose("make them with PutScheduledAction")
	p.Get("SuspendedState").Lose("suspend them with RegisterScalableTarget")
	s.Target.ResourceID = t.resourceID(p, s.Target.ResourceID)
	t.result.Scaling = append(t.result.Scaling, s)
}

// resourceID returns service/CLUSTER/SERVICE for an ID with a placeholder in it.
func (t *template) resourceID(p *source.Value, id string) string {
	if parts := strings.Split(id, "/"); len(parts) == 3 && parts[1] != "" && parts[2] != "" {
		return id
	}
	p.Remark(source.Needs, "the cluster and the service in ResourceId, which is %q", id)
	return "service/" + cmp.Or(t.given.Cluster, "default") + "/needs-a-service"
}

// policy converts the properties of a scaling policy, and puts it with its target.
func (t *template) policy(p *source.Value, id string) {
	p.Keep()
	plain, _ := t.value(p).(map[string]any)
	var in autoscale.PutScalingPolicyInput
	if err := into(pick(plain, "PolicyName", "PolicyType", "ServiceNamespace", "ResourceId", "ScalableDimension",
		"TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration",
		"PredictiveScalingPolicyConfiguration"), &in); err != nil {
		p.Fault("%v", err)
		return
	}
	in.PolicyName = cmp.Or(in.PolicyName, id)
	at := -1
	ref, _ := reference(p.Get("ScalingTargetId"))
	i := 0
	for _, k := range t.resources.Keys() {
		r := t.resources.Get(k)
		if r.Get("Type").Raw() == "AWS::ApplicationAutoScaling::ScalableTarget" {
			if k == ref || ref == "" {
				at = i
			}
			i++
		}
	}
	if at < 0 || at >= len(t.result.Scaling) {
		p.Remark(source.Needs, "the scalable target of the policy, which must come before it")
		return
	}
	s := &t.result.Scaling[at]
	in.ServiceNamespace, in.ResourceID, in.ScalableDimension = s.Target.ServiceNamespace, s.Target.ResourceID,
		s.Target.ScalableDimension
	s.Policies = append(s.Policies, in)
}

// pick returns the members of these names.
func pick(m map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		if v, ok := m[n]; ok {
			out[n] = v
		}
	}
	return out
}

// into reads plain values into a request.
func into(plain, to any) error {
	data, err := json.Marshal(plain)
	if err != nil {
		return err
	}
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal(numbered(data), to); errors.As(err, &wrong) {
		return errors.New(wrong.Field + " must be " + wrong.Type.String() + ", not " + wrong.Value)
	} else if err != nil {
		return err
	}
	return nil
}

// numbered writes capacities and targets in quotes as numbers, which CloudFormation takes in both forms.
func numbered(data []byte) []byte {
	var tree any
	if json.Unmarshal(data, &tree) != nil {
		return data
	}
	out, err := json.Marshal(numbers(tree, ""))
	if err != nil {
		return data
	}
	return out
}

func numbers(x any, key string) any {
	switch x := x.(type) {
	case map[string]any:
		for k, m := range x { //order:any each member by itself
			x[k] = numbers(m, k)
		}
	case []any:
		for i := range x {
			x[i] = numbers(x[i], key)
		}
	case string:
		switch key {
		case "MinCapacity", "MaxCapacity", "TargetValue", "ScaleInCooldown", "ScaleOutCooldown", "Cooldown",
			"ScalingAdjustment", "MinAdjustmentMagnitude",
			"MetricIntervalLowerBound", "MetricIntervalUpperBound":
			if json.Valid([]byte(x)) {
				return json.Number(x)
			}
		case "DisableScaleIn":
			return strings.EqualFold(x, "true")
		}
	}
	return x
}

// free are the members whose keys are not names of members.
var free = map[string]bool{"DockerLabels": true, "Options": true, "DriverOpts": true, "Labels": true}

// unusual are the names of members that differ by more than the first letter.
var unusual = map[string]string{"EFSVolumeConfiguration": "efsVolumeConfiguration",
	"FSxWindowsFileServerVolumeConfiguration": "fsxWindowsFileServerVolumeConfiguration",
	"FilesystemId": "fileSystemId", "IAM": "iam", "FileSystemId": "fileSystemId",
	"S3FilesVolumeConfiguration": "s3filesVolumeConfiguration"}

// lowered writes the names of members as the API has them.
func lowered(x any, member bool) any {
	switch x := x.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, m := range x { //order:any of a map into a map
			name := k
			if member {
				name = cmp.Or(unusual[k], strings.ToLower(k[:min(1, len(k))])+k[min(1, len(k)):])
			}
			out[name] = lowered(m, member && !free[k])
		}
		return out
	case []any:
		for i := range x {
			x[i] = lowered(x[i], member)
		}
	}
	return x
}
