package iam

import (
	"slices"
	"strings"
)

// Action is an action of Amazon ECS: what it is authorized against, and which condition keys its
// requests have besides the global ones.
type Action struct {
	Name string // "UpdateService"
	// Resources are the resource types, as in ARNs. Each of them is checked, but for TagResource,
	// UntagResource and ListTagsForResource only the type of the tagged resource. None: only Resource "*"
	// covers the action.
	Resources []string
	Keys      []string // in lower case; one that ends in / stands for all keys that begin with it
}

// What several actions have in common.
const (
	resourceTag = "aws:resourcetag/ ecs:resourcetag/"
	requestTag  = "aws:requesttag/ aws:tagkeys"
	// launch are the keys of a service that it has in common with a task of RunTask.
	launch  = "ecs:capacity-provider ecs:task-cpu ecs:task-memory ecs:enable-ebs-volumes ecs:enable-execute-command"
	service = launch + " ecs:task-definition ecs:subnet ecs:auto-assign-public-ip ecs:enable-ecs-managed-tags" +
		" ecs:enable-service-connect ecs:enable-vpc-lattice ecs:namespace ecs:propagate-tags"
	anyType = "cluster container-instance service task task-definition task-set capacity-provider daemon " +
		"daemon-task-definition"
)

// table lists, for each action: names, separated by blanks; resource types; keys.
// Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic
// Container Service".
func table() [][3]string {
	const withCluster = resourceTag + " ecs:cluster"
	return [][3]string{
		{"CreateCluster", "cluster", requestTag + " " + resourceTag +
			" ecs:capacity-provider ecs:fargate-ephemeral-storage-kms-key"},
		{"DescribeClusters DeleteCluster UpdateClusterSettings ListAttributes ListContainerInstances" +
			" DeregisterContainerInstance SubmitTaskStateChange SubmitContainerStateChange " +
			"SubmitAttachmentStateChanges",
			"cluster", resourceTag},
		{"UpdateCluster", "cluster", resourceTag + " ecs:fargate-ephemeral-storage-kms-key"},
		{"PutClusterCapacityProviders", "cluster", resourceTag + " ecs:capacity-provider"},
		{"RegisterContainerInstance", "cluster", requestTag + " " + resourceTag},
		{"DescribeContainerInstances UpdateContainerInstancesState UpdateContainerAgent PutAttributes " +
			"DeleteAttributes ListTasks",
			"container-instance", withCluster},
		{"Poll StartTelemetrySession", "container-instance", "ecs:cluster"},
		{"CreateService", "service", requestTag + " " + withCluster + " " + service},
		{"UpdateService", "service", withCluster + " " + service},
		{"DeleteService DescribeServices UpdateServicePrimaryTaskSet ListServiceDeployments", "service", withCluster},
		{"ListServices", "", "ecs:cluster"},
		{"ListServicesByNamespace", "", "ecs:namespace"},
		{"DescribeServiceDeployments StopServiceDeployment ContinueServiceDeployment", "service service-deployment",
			withCluster + " ecs:service"},
		{"DescribeServiceRevisions", "service service-revision", withCluster + " ecs:service"},
		{"CreateTaskSet", "task-set", requestTag + " ecs:cluster ecs:service ecs:task-definition " +
			"ecs:capacity-provider"},
		{"DeleteTaskSet DescribeTaskSets UpdateTaskSet", "task-set", withCluster + " ecs:service"},
		{"RunTask", "task-definition", requestTag + " " + withCluster + " " + launch},
		{"StartTask", "task-definition", requestTag + " " + withCluster +
			" ecs:container-instances ecs:enable-ebs-volumes ecs:enable-execute-command"},
		{"StopTask DescribeTasks GetTaskProtection UpdateTaskProtection", "task", withCluster},
		{"ExecuteCommand", "cluster task", withCluster + " ecs:container-name ecs:task"},
		{"RegisterTaskDefinition", "task-definition", requestTag + " " + resourceTag +
			" ecs:compute-compatibility ecs:privileged ecs:task-cpu ecs:task-memory"},
		{"DeregisterTaskDefinition DescribeTaskDefinition ListTaskDefinitions ListTaskDefinitionFamilies ListClusters" +
			" ListAccountSettings DiscoverPollEndpoint", "", ""},
		{"DeleteTaskDefinitions", "task-definition", resourceTag},
		{"PutAccountSetting PutAccountSettingDefault DeleteAccountSetting", "", "ecs:account-setting"},
		{"CreateCapacityProvider", "capacity-provider", requestTag + " " + resourceTag + " ecs:propagate-tags"},
		{"DescribeCapacityProviders DeleteCapacityProvider UpdateCapacityProvider", "capacity-provider", resourceTag},
		{"TagResource", anyType, requestTag + " " + resourceTag + " ecs:createaction"},
		{"UntagResource", anyType, resourceTag + " aws:tagkeys"},
		{"ListTagsForResource", anyType, resourceTag},
	}
}

// Actions returns the actions of Amazon ECS that the Service Authorization Reference and this package
// know, in the order of their names. Daemons, gateways and Express Mode services are not among them.
func Actions() (all []Action) {
	for _, row := range table() {
		for name := range strings.FieldsSeq(row[0]) {
			all = append(all, Action{Name: name, Resources: strings.Fields(row[1]), Keys: strings.Fields(row[2])})
		}
	}
	slices.SortFunc(all, func(a, b Action) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// HasKey reports whether the action's requests have a condition key: one of Keys, or a global one. Keys
// are compared without regard to case.
func (a Action) HasKey(key string) bool {
	key = strings.ToLower(key)
	for _, k := range a.Keys {
		if k == key || strings.HasSuffix(k, "/") && strings.HasPrefix(key, k) {
			return true
		}
	}
	return isGlobal(key)
}

// isGlobal reports whether a key, in lower case, is AWS's own and not one of those that a row must list.
// Source: AWS Identity and Access Management User Guide, "AWS global condition context keys".
func isGlobal(key string) bool {
	return strings.HasPrefix(key, "aws:") && key != "aws:tagkeys" &&
		!strings.HasPrefix(key, "aws:requesttag/") && !strings.HasPrefix(key, "aws:resourcetag/")
}
