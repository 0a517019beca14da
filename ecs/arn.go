package ecs

import (
	"strconv"
	"strings"
)

// ARNType is the kind of ECS resource that an ARN names: the part between the account and
// the first slash.
type ARNType string

// The values of ARNType.
const (
	ARNTypeCluster           ARNType = "cluster"
	ARNTypeTask              ARNType = "task"
	ARNTypeService           ARNType = "service"
	ARNTypeContainerInstance ARNType = "container-instance"
	ARNTypeContainer         ARNType = "container"
	ARNTypeTaskDefinition    ARNType = "task-definition"
	ARNTypeTaskSet           ARNType = "task-set"
	ARNTypeCapacityProvider  ARNType = "capacity-provider"
	ARNTypeServiceDeployment ARNType = "service-deployment"
	ARNTypeServiceRevision   ARNType = "service-revision"
)

// ARN is the Amazon Resource Name of an ECS resource. It keeps its parts as they were written: printing a
// parsed ARN gives the same text.
//
// Source: Amazon ECS Developer Guide, "Access Amazon ECS features with account settings" (Amazon Resource
// Names and IDs).
type ARN struct {
	Partition string  // aws, aws-cn, aws-us-gov …; empty prints as aws
	Region    string  // us-east-1
	Account   string  // 12 digits
	Type      ARNType //
	Resource  string  // what follows the type: CLUSTER/TASKID, FAMILY:REVISION …
}

// ParseARN reads the ARN of an ECS resource, in the long form or in the short form without
// a cluster that tasks, services and instances had before 2021. It fails with
// InvalidParameterException for anything else.
func ParseARN(s string) (ARN, error) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] == "" || parts[2] != "ecs" {
		return ARN{}, Fault(InvalidParameterException, "", "Invalid arn syntax.")
	}
	kind, resource, ok := strings.Cut(parts[5], "/")
	a := ARN{Partition: parts[1], Region: parts[3], Account: parts[4], Type: ARNType(kind), Resource: resource}
	if !ok || !a.wellFormed() {
		return ARN{}, Fault(InvalidParameterException, "", "Invalid arn syntax.")
	}
	return a, nil
}

// wellFormed reports whether the resource has as many parts as its type wants, none empty.
func (a ARN) wellFormed() bool {
	n := 0
	for part := range strings.SplitSeq(a.Resource, "/") {
		if part == "" {
			return false
		}
		n++
	}
	switch a.Type {
	case ARNTypeCluster, ARNTypeCapacityProvider:
		return n == 1
	case ARNTypeTaskDefinition:
		family, revision, ok := strings.Cut(a.Resource, ":")
		r, err := strconv.Atoi(revision)
		return n == 1 && ok && family != "" && err == nil && r > 0 && revision[0] != '+' && revision[0] != '0'
	case ARNTypeTask, ARNTypeService, ARNTypeContainerInstance:
		return n == 1 || n == 2
	case ARNTypeContainer:
		return n == 1 || n == 3
	case ARNTypeServiceDeployment, ARNTypeServiceRevision:
		return n == 3
	case ARNTypeTaskSet:
		return n == 3 || n == 4 // the ID of a task set holds a slash: ecs-svc/NUMBER
	}
	return false
}

// String returns the ARN's text.
func (a ARN) String() string {
	partition := a.Partition
	if partition == "" {
		partition = "aws"
	}
	return "arn:" + partition + ":ecs:" + a.Region + ":" + a.Account + ":" + string(a.Type) + "/" + a.Resource
}

// Cluster returns the name of the cluster that the resource is, or lives in. It is "" for short forms,
// task definitions and capacity providers.
func (a ARN) Cluster() string {
	switch a.Type {
	case ARNTypeTaskDefinition, ARNTypeCapacityProvider:
		return ""
	case ARNTypeCluster:
		return a.Resource
	}
	cluster, _, ok := strings.Cut(a.Resource, "/")
	if !ok {
		return ""
	}
	return cluster
}

// ID returns the last part of the resource; for a task definition it is the family, for a task set
// ecs-svc/NUMBER.
func (a ARN) ID() string {
	switch a.Type {
	case ARNTypeTaskDefinition:
		family, _, _ := strings.Cut(a.Resource, ":")
		return family
	case ARNTypeTaskSet:
		if parts := strings.SplitN(a.Resource, "/", 3); len(parts) == 3 {
			return parts[2]
		}
	}
	return lastPart(a.Resource)
}

// Revision returns the revision of a task definition, and 0 for all else.
func (a ARN) Revision() int {
	if a.Type != ARNTypeTaskDefinition {
		return 0
	}
	_, revision, _ := strings.Cut(a.Resource, ":")
	n, _ := strconv.Atoi(revision)
	return n
}

// ForCluster returns the ARN of the cluster called name in the partition, Region and account of a. The
// methods below do the same for their resources.
func (a ARN) ForCluster(name string) ARN { return a.with(ARNTypeCluster, name) }

// ForTask returns the ARN of a task.
func (a ARN) ForTask(cluster string, id TaskID) ARN {
	return a.with(ARNTypeTask, cluster+"/"+string(id))
}

// ForService returns the ARN of a service.
func (a ARN) ForService(cluster, name string) ARN { return a.with(ARNTypeService, cluster+"/"+name) }

// ForContainerInstance returns the ARN of a container instance.
func (a ARN) ForContainerInstance(cluster string, id InstanceID) ARN {
	return a.with(ARNTypeContainerInstance, cluster+"/"+string(id))
}

// ForContainer returns the ARN of a container of a task; its own ID is a UUID.
func (a ARN) ForContainer(cluster string, task TaskID, id string) ARN {
	return a.with(ARNTypeContainer, cluster+"/"+string(task)+"/"+id)
}

// ForTaskDefinition returns the ARN of a revision.
func (a ARN) ForTaskDefinition(family string, revision int) ARN {
	return a.with(ARNTypeTaskDefinition, family+":"+strconv.Itoa(revision))
}

// ForTaskSet returns the ARN of a task set, whose ID is ecs-svc/NUMBER.
func (a ARN) ForTaskSet(cluster, service, id string) ARN {
	return a.with(ARNTypeTaskSet, cluster+"/"+service+"/"+id)
}

// ForCapacityProvider returns the ARN of a capacity provider.
func (a ARN) ForCapacityProvider(name string) ARN { return a.with(ARNTypeCapacityProvider, name) }

// ForServiceDeployment returns the ARN of a service deployment.
func (a ARN) ForServiceDeployment(cluster, service, id string) ARN {
	return a.with(ARNTypeServiceDeployment, cluster+"/"+service+"/"+id)
}

func (a ARN) with(kind ARNType, resource string) ARN {
	a.Type, a.Resource = kind, resource
	return a
}
