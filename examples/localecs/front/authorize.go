package front

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/localecs/front/applicationautoscaling"
	"github.com/bayplan/bayplan/examples/localecs/front/autoscaling"
	"github.com/bayplan/bayplan/examples/localecs/front/cloudwatch"
	"github.com/bayplan/bayplan/examples/localecs/front/codedeploy"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
	"github.com/bayplan/bayplan/examples/localecs/front/elb"
	"github.com/bayplan/bayplan/examples/localecs/front/elbv2"
	"github.com/bayplan/bayplan/examples/localecs/front/servicediscovery"
)

// Authorizer decides who may do what. An error refuses the call: the answer is AccessDeniedException with
// the error's text.
type Authorizer interface {
	Authorize(Call) error
}

// Call is a call to be authorized.
type Call struct {
	Service     string // ecs or application-autoscaling
	Action      string // "CreateService"
	AccessKeyID string // of the credential scope; "" if unsigned
	Region      string // the Region whose world answers
	// Cluster is the cluster that the call is about, as it names it: "default" when it names none,
	// "" when its action is not about one cluster.
	Cluster string
	// Resources are all that the decoded input names, in the order of the action's row in the table of
	// this package: a call touches no resource that is not listed here. For an action that lists
	// everything, or describes everything if it is given no names, only the resources that it names are
	// listed.
	Resources []Resource
}

// question is a call with what only Policies need to know of it.
type question struct {
	Call
	members any        // the decoded input, as JSON
	world   *region    // that answers
	source  netip.Addr // of the connection
}

// authorize asks an Authorizer.
func (c question) authorize(a Authorizer) error {
	if p, ok := a.(Policies); ok {
		return p.authorize(c)
	}
	return a.Authorize(c.Call)
}

// Resource is a resource that a call names.
type Resource struct {
	Type string // as in its ARN: "cluster", "service", "task-definition"; or what AWS calls it: "role", "subnet"
	Name string // as the call gives it: a name, an ID, family:revision or an ARN
}

// about fills in what a decoded call is about.
func (c *question) about(s *service, action string, in any) error {
	c.Service, c.Action, c.Region = cmp.Or(s.policy, s.name), action, c.world.config.Region
	row, listed := named()[s.name][action]
	if !listed {
		return &ecs.Error{Code: ecs.ServerException,
			Message: action + " has no row in the table of what calls name."}
	}
	data, err := json.Marshal(in)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &c.members); err != nil {
		return err
	}
	for column := range strings.FieldsSeq(row) {
		typ, path, _ := strings.Cut(column, "=")
		names := namesAt(c.members, splitPath(path))
		if typ == "cluster" {
			if len(names) == 0 {
				names = []string{"default"}
			}
			if path == "cluster" {
				c.Cluster = names[0]
			}
		}
		for _, name := range names {
			c.add(typ, name)
		}
	}
	return nil
}

// add adds a resource, and what its name says besides: an ARN its type, a scalable target the
// service that is scaled, and its cluster.
func (c *Call) add(typ, name string) {
	if typ == "resource" {
		if parts := strings.SplitN(name, ":", 6); len(parts) == 6 {
			typ, _, _ = strings.Cut(parts[5], "/")
		}
	}
	r := Resource{typ, name}
	if slices.Contains(c.Resources, r) {
		return
	}
	c.Resources = append(c.Resources, r)
	if parts := strings.Split(name, "/"); typ == "scalable-target" && len(parts) == 3 {
		c.Cluster = parts[1]
		c.add("cluster", parts[1])
		c.add(parts[0], parts[2])
	}
}

func splitPath(path string) []string { return strings.Split(path, ".") }

// namesAt returns the texts at a path of members, through all elements of lists.
func namesAt(v any, path []string) (names []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			names = append(names, namesAt(e, path)...)
		}
	case map[string]any:
		if len(path) > 0 {
			return namesAt(v[path[0]], path[1:])
		}
	case string:
		if len(path) == 0 && v != "" {
			return []string{v}
		}
	}
	return names
}

// What several requests name in the same members.
const (
	strategy = " capacity-provider=capacityProviderStrategy.capacityProvider"
	network  = " subnet=networkConfiguration.awsvpcConfiguration.subnets " +
		"security-group=networkConfiguration.awsvpcConfiguration.securityGroups"
	overrides = " role=overrides.taskRoleArn role=overrides.executionRoleArn " +
		"object=overrides.containerOverrides.environmentFiles.value"
	volumes = " role=volumeConfigurations.managedEBSVolume.roleArn " +
		"snapshot=volumeConfigurations.managedEBSVolume.snapshotId" +
		" key=volumeConfigurations.managedEBSVolume.kmsKeyId"
	keys = " key=configuration.executeCommandConfiguration.kmsKeyId " +
		"key=configuration.managedStorageConfiguration.kmsKeyId" +
		" key=configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId"
	balancers = " targetgroup=loadBalancers.targetGroupArn loadbalancer=loadBalancers.loadBalancerName" +
		" targetgroup=loadBalancers.advancedConfiguration.alternateTargetGroupArn " +
		"role=loadBalancers.advancedConfiguration.roleArn" +
		" listener-rule=loadBalancers.advancedConfiguration.productionListenerRule" +
		" listener-rule=loadBalancers.advancedConfiguration.testListenerRule registry=serviceRegistries.registryArn"
	deployment = " alarm=deploymentConfiguration.alarms.alarmNames " +
		"function=deploymentConfiguration.lifecycleHooks.hookTargetArn" +
		" role=deploymentConfiguration.lifecycleHooks.roleArn namespace=serviceConnectConfiguration.namespace" +
		" secret=serviceConnectConfiguration.logConfiguration.secretOptions.valueFrom"
)

// named lists, by service and action, what the members of its input name: TYPE=PATH, separated by
// blanks. A cluster that is not named is the default one.
func named() map[string]map[string]string {
	const (
		service  = "cluster=cluster service=service"
		instance = "cluster=cluster container-instance=containerInstance"
	)
	return map[string]map[string]string{
		"ecs": {
			"CreateCluster": "cluster=clusterName capacity-provider=capacityProviders" +
				" capacity-provider=defaultCapacityProviderStrategy.capacityProvider " +
				"namespace=serviceConnectDefaults.namespace" + keys,
			"DeleteCluster":         "cluster=cluster",
			"UpdateCluster":         "cluster=cluster namespace=serviceConnectDefaults.namespace" + keys,
			"UpdateClusterSettings": "cluster=cluster",
			"PutClusterCapacityProviders": "cluster=cluster capacity-provider=capacityProviders" +
				" capacity-provider=defaultCapacityProviderStrategy.capacityProvider",
			"DescribeClusters": "cluster=clusters",
			"ListClusters":     "",
			"CreateCapacityProvider": "capacity-provider=name " +
				"autoScalingGroup=autoScalingGroupProvider.autoScalingGroupArn",
			"UpdateCapacityProvider": "capacity-provider=name " +
				"autoScalingGroup=autoScalingGroupProvider.autoScalingGroupArn",
			"DeleteCapacityProvider":    "capacity-provider=capacityProvider",
			"DescribeCapacityProviders": "capacity-provider=capacityProviders",

			"RegisterContainerInstance": "cluster=cluster container-instance=containerInstanceArn" +
				" capacity-provider=capacityProviderName container-instance=attributes.targetId",
			"DeregisterContainerInstance":   instance,
			"UpdateContainerInstancesState": "cluster=cluster container-instance=containerInstances",
			"DescribeContainerInstances":    "cluster=cluster container-instance=containerInstances",
			"ListContainerInstances":        "cluster=cluster",
			"PutAttributes":                 "cluster=cluster container-instance=attributes.targetId",
			"DeleteAttributes":              "cluster=cluster container-instance=attributes.targetId",
			"ListAttributes":                "cluster=cluster",
			"DiscoverPollEndpoint":          instance,
			"SubmitTaskStateChange":         "cluster=cluster task=task attachment=attachments.attachmentArn",
			"SubmitContainerStateChange":    "cluster=cluster task=task",
			"SubmitAttachmentStateChanges":  "cluster=cluster attachment=attachments.attachmentArn",

			"TagResource":         "resource=resourceArn",
			"UntagResource":       "resource=resourceArn",
			"ListTagsForResource": "resource=resourceArn",

			"RegisterTaskDefinition": "task-definition=family role=taskRoleArn role=executionRoleArn" +
				" secret=containerDefinitions.secrets.valueFrom " +
				"secret=containerDefinitions.logConfiguration.secretOptions.valueFrom" +
				" secret=containerDefinitions.repositoryCredentials.credentialsParameter " +
				"object=containerDefinitions.environmentFiles.value" +
				" file-system=volumes.efsVolumeConfiguration.fileSystemId" +
				" access-point=volumes.efsVolumeConfiguration.authorizationConfig.accessPointId" +
				" file-system=volumes.fsxWindowsFileServerVolumeConfiguration.fileSystemId" +
				" secret=volumes.fsxWindowsFileServerVolumeConfiguration.authorizationConfig.credentialsParameter" +
				" file-system=volumes.s3filesVolumeConfiguration.fileSystemArn" +
				" access-point=volumes.s3filesVolumeConfiguration.accessPointArn",
			"DescribeTaskDefinition":     "task-definition=taskDefinition",
			"DeregisterTaskDefinition":   "task-definition=taskDefinition",
			"DeleteTaskDefinitions":      "task-definition=taskDefinitions",
			"ListTaskDefinitions":        "task-definition=familyPrefix",
			"ListTaskDefinitionFamilies": "task-definition=familyPrefix",

			"RunTask": "cluster=cluster task-definition=taskDefinition" + strategy + network + overrides + volumes,
			"StartTask": "cluster=cluster task-definition=taskDefinition container-instance=containerInstances" +
				network + overrides + volumes,
			"StopTask":             "cluster=cluster task=task",
			"DescribeTasks":        "cluster=cluster task=tasks",
			"ListTasks":            instance + " service=serviceName task-definition=family",
			"UpdateTaskProtection": "cluster=cluster task=tasks",
			"GetTaskProtection":    "cluster=cluster task=tasks",

			"CreateService": "cluster=cluster service=serviceName task-definition=taskDefinition role=role" +
				strategy + network + balancers + deployment + volumes,
			"UpdateService": service + " task-definition=taskDefinition" + strategy + network +
				balancers + deployment + volumes,
			"DeleteService":               service,
			"DescribeServices":            "cluster=cluster service=services",
			"ListServices":                "cluster=cluster",
			"ListServicesByNamespace":     "namespace=namespace",
			"StopServiceDeployment":       "service-deployment=serviceDeploymentArn",
			"ContinueServiceDeployment":   "service-deployment=serviceDeploymentArn",
			"ListServiceDeployments":      service,
			"DescribeServiceDeployments":  "service-deployment=serviceDeploymentArns",
			"DescribeServiceRevisions":    "service-revision=serviceRevisionArns",
			"CreateTaskSet":               service + " task-definition=taskDefinition" + strategy + network + balancers,
			"UpdateTaskSet":               service + " task-set=taskSet",
			"DeleteTaskSet":               service + " task-set=taskSet",
			"DescribeTaskSets":            service + " task-set=taskSets",
			"UpdateServicePrimaryTaskSet": service + " task-set=primaryTaskSet",

			"PutAccountSetting":        "principal=principalArn",
			"PutAccountSettingDefault": "",
			"DeleteAccountSetting":     "principal=principalArn",
			"ListAccountSettings":      "principal=principalArn",
		},
		"application-autoscaling": applicationautoscaling.Named(),
		"cloudwatch":              cloudwatch.Named(),
		"elasticloadbalancing":    elbv2.Named(),
		"elb":                     elb.Named(),
		"autoscaling":             autoscaling.Named(),
		"ecr":                     ecr.Named(),
		"codedeploy":              codedeploy.Named(),
		"servicediscovery":        servicediscovery.Named(),
		"sts":                     {"GetCallerIdentity": ""},
	}
}

// String returns the resource's type and name.
func (r Resource) String() string { return fmt.Sprintf("%s %s", r.Type, r.Name) }
