// Package eks reads the capacity of Amazon EKS: managed node groups and Fargate profiles as the AWS command line
// describes them, and the configuration of a cluster of eksctl.
//
// # Start here
//
// [Read] converts a document.
//
// # Model
//
// A node group becomes an Auto Scaling group and a capacity provider with managed scaling and managed draining. A
// Fargate profile is not a resource of ECS: services that its selectors choose name FARGATE in their capacity
// provider strategy.
//
// # Guarantees
//
//  1. Each node group is one capacity provider that validates, with the group's bounds (TestNodegroups).
//
// # Differences from ECS
//
//   - Taints have no counterpart. Labels become attributes of the instances, for memberOf.
//   - A name that begins with aws, ecs or fargate, which ECS refuses, gets group- in front.
//
// Sources: Amazon EKS User Guide, "Managed node groups" and "Fargate profiles"; Amazon ECS Developer Guide, "Amazon
// ECS capacity providers for EC2 workloads".
//
// # Example
//
// See the example of Read.
package eks

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Read converts a document. The error says what is wrong with it, line by line.
func Read(v *source.Value, g document.Given) (document.Result, error) {
	r := document.Result{Read: []*source.Value{v}}
	if n := v.Get("nodegroup"); n.Has() {
		described(n, g, &r)
	}
	profile(v.Get("fargateProfile"))
	if v.Get("kind").Has() {
		v.Get("apiVersion").Keep()
		v.Get("kind").Keep()
		v.Get("metadata").Translate("the cluster: give its name in ECS with -cluster")
		for _, k := range []string{"managedNodeGroups", "nodeGroups"} {
			for _, n := range v.Get(k).Items() {
				configured(n, g, &r, k == "managedNodeGroups")
			}
		}
		for _, p := range v.Get("fargateProfiles").Items() {
			profile(p)
		}
		if m := v.Get("autoModeConfig"); m.Has() {
			m.Lose("a capacity provider of Amazon ECS Managed Instances is nearest")
		}
		for _, k := range v.Keys() {
			if k != "metadata" && v.Get(k).Is(source.Map) && k != "autoModeConfig" {
				v.Get(k).Lose("it is the cluster's own: ECS has no control plane to set up")
			}
		}
		for _, k := range []string{"addons", "availabilityZones"} {
			v.Get(k).Lose("it is the cluster's own: ECS has no control plane to set up")
		}
	}
	return r, v.Faults()
}

// group adds a capacity provider and its Auto Scaling group.
func group(name string, n *source.Value, g document.Given, r *document.Result, x document.Group) {
	name = document.Name(name)
	for _, prefix := range []string{"aws", "ecs", "fargate"} {
		if strings.HasPrefix(strings.ToLower(name), prefix) {
			name = "group-" + name
			n.Remark(source.Approximated, "a capacity provider cannot have a name that begins with %s: it is %s",
				prefix, name)
			break
		}
	}
	x.Name = name
	if x.MaxSize < max(x.MinSize, x.Desired) || x.MinSize < 0 {
		n.Fault("the group has from %d to %d instances, and %d are desired", x.MinSize, x.MaxSize, x.Desired)
		return
	}
	n.Remark(source.Needs,
		"the ARN of the Auto Scaling group %s, with an image for ECS and ECS_CLUSTER in its user data", name)
	r.Groups = append(r.Groups, x)
	r.CapacityProviders = append(r.CapacityProviders, api.CreateCapacityProviderInput{Name: name,
		AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{
			AutoScalingGroupArn: g.ARN("autoscaling",
				"autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/"+name),
			ManagedScaling:  &ecs.ManagedScaling{Status: "ENABLED", TargetCapacity: ecs.Some(100)},
			ManagedDraining: "ENABLED"}})
}

// attributes reads labels as attributes of instances.
func attributes(v *source.Value) (list []string) {
	for _, k := range v.Map() {
		list = append(list, k+"="+v.Get(k).String())
		v.Get(k).Translate("ECS_INSTANCE_ATTRIBUTES in the agent's configuration, for memberOf")
	}
	slices.Sort(list)
	return list
}

const taints = "instances of ECS have no taints: give them an attribute, and ask for its absence in memberOf of " +
	"other services"

// described reads a managed node group as DescribeNodegroup prints it.
func described(n *source.Value, g document.Given, r *document.Result) {
	s := n.Get("scalingConfig")
	x := document.Group{MinSize: s.Get("minSize").IntOr(1), MaxSize: s.Get("maxSize").IntOr(2),
		Desired:       s.Get("desiredSize").IntOr(1),
		InstanceTypes: n.Get("instanceTypes").Strings(), Spot: n.Get("capacityType").String() == "SPOT",
		Attributes: attributes(n.Get("labels"))}
	n.Get("taints").Lose(taints)
	n.Get("updateConfig").Approximate("an instance refresh of the group replaces instances")
	n.Get("nodeRepairConfig").Approximate("the group replaces instances that are not healthy")
	n.Get("subnets").Translate("the subnets of the group")
	for _, k := range []string{"nodegroupArn", "clusterName", "version", "releaseVersion", "createdAt", "modifiedAt",
		"status", "resources", "health", "tags"} {
		n.Get(k).Translate("what is, not what was asked for")
	}
	for _, k := range []string{"amiType", "nodeRole", "diskSize", "launchTemplate", "remoteAccess"} {
		n.Get(k).Need("the launch template of the group, with an image for ECS and the role ecsInstanceRole")
	}
	group(n.Get("nodegroupName").Or("nodes"), n, g, r, x)
}

// configured reads a node group of eksctl.
func configured(n *source.Value, g document.Given, r *document.Result, managed bool) {
	desired := n.Get("desiredCapacity").IntOr(2)
	x := document.Group{Desired: desired, MinSize: n.Get("minSize").IntOr(desired),
		MaxSize: n.Get("maxSize").IntOr(desired), Attributes: attributes(n.Get("labels"))}
	if t := n.Get("instanceType"); t.String() != "" {
		x.InstanceTypes = []string{t.Raw()}
	}
	x.InstanceTypes = append(x.InstanceTypes, n.Get("instanceTypes").Strings()...)
	x.InstanceTypes = append(x.InstanceTypes, n.At("instancesDistribution", "instanceTypes").Strings()...)
	x.Spot, _ = n.Get("spot").Bool()
	n.At("instancesDistribution",
		"onDemandPercentageAboveBaseCapacity").Approximate("the mixed instances policy of the group has it")
	n.Get("taints").Lose(taints)
	if managed {
		n.Get("updateConfig").Approximate("an instance refresh of the group replaces instances")
	}
	for _, k := range n.Keys() {
		switch k {
		case "name", "desiredCapacity", "minSize", "maxSize", "labels", "instanceType", "instanceTypes",
			"instancesDistribution", "spot", "taints", "updateConfig":
		default:
			n.Get(k).Need("the launch template of the group, with an image for ECS and ECS_CLUSTER in its user data")
		}
	}
	group(n.Get("name").Or("nodes"), n, g, r, x)
}

// profile says what becomes of a Fargate profile.
func profile(p *source.Value) {
	if !p.Has() {
		return
	}
	p.Get("selectors").Translate("services that it chooses have capacityProviderStrategy FARGATE: import their " +
		"manifests with -launch FARGATE")
	p.Get("subnets").Translate("the subnets of these services, with assignPublicIp DISABLED")
	p.Get("podExecutionRoleArn").Approximate("executionRoleArn of their task definitions, which " +
		"ecs-tasks.amazonaws.com must be able to assume")
	for _, k := range p.Keys() {
		switch k {
		case "selectors", "subnets", "podExecutionRoleArn":
		default:
			p.Get(k).Translate("the profile's own")
		}
	}
}
