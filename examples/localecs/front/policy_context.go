package front

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/iam"
)

// context is what the call says under condition keys: the global ones, and those that the action's row of
// iam.Actions lists.
func (c question) context() iam.Context {
	context := c.global()
	switch c.Service {
	case "cloudwatch":
		context["cloudwatch:namespace"] = c.texts("Namespace")
		return context
	case "elasticloadbalancing":
		return context
	case "application-autoscaling":
		context["application-autoscaling:service-namespace"] = c.texts("ServiceNamespace")
		context["application-autoscaling:scalable-dimension"] = c.texts("ScalableDimension")
		return context
	}
	row, _ := actionOf(c.Action)
	said := c.said()
	for key, values := range said { //order:any into a map
		if row.HasKey(key) {
			context[key] = values
		}
	}
	return context
}

// said are all condition keys of Amazon ECS that the call's input has something under.
func (c question) said() iam.Context {
	said := iam.Context{}
	for path, key := range keysByPath() { //order:any into a map
		if values := c.values(path); len(values) > 0 {
			said[key] = values
		}
	}
	for key, value := range c.requestTags() { //order:any into a map
		said["aws:RequestTag/"+key] = []string{value}
		said["aws:TagKeys"] = append(said["aws:TagKeys"], key)
	}
	slices.Sort(said["aws:TagKeys"])
	if c.Cluster != "" || c.service() != "" {
		said["ecs:cluster"] = []string{c.own().ForCluster(c.cluster()).String()}
	}
	if name := c.service(); name != "" {
		said["ecs:service"] = []string{c.own().ForService(c.cluster(), name).String()}
	}
	for key, typ := range map[string]string{"ecs:capacity-provider": "capacity-provider",
		"ecs:container-instances": "container-instance",
		"ecs:task-definition":     "task-definition"} { //order:any into a map
		if arns := c.arns(typ); len(arns) > 0 {
			said[key] = arns
		}
	}
	c.addSizes(said)
	c.addSwitches(said)
	return said
}

// keysByPath are the keys whose value the input has as it is.
func keysByPath() map[string]string {
	const storageKey = "configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId"
	return map[string]string{
		"requiresCompatibilities": "ecs:compute-compatibility",
		"name":                    "ecs:account-setting",
		"propagateTags":           "ecs:propagate-tags",
		"networkConfiguration.awsvpcConfiguration.subnets": "ecs:subnet",
		"serviceConnectConfiguration.namespace":            "ecs:namespace",
		"enableECSManagedTags":                             "ecs:enable-ecs-managed-tags",
		"tagKeys":                                          "aws:TagKeys",
		storageKey:                                         "ecs:fargate-ephemeral-storage-kms-key",
	}
}

// values returns the texts, numbers and truth values at a path of the input.
func (c question) values(path string) (list []string) {
	var walk func(v any, path []string)
	walk = func(v any, path []string) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e, path)
			}
		case map[string]any:
			if len(path) > 0 {
				walk(v[path[0]], path[1:])
			}
		case string:
			if len(path) == 0 && v != "" {
				list = append(list, v)
			}
		case bool:
			if len(path) == 0 {
				list = append(list, strconv.FormatBool(v))
			}
		}
	}
	walk(c.members, splitPath(path))
	return list
}

// requestTags are the tags of the call.
func (c question) requestTags() map[string]string {
	tags := map[string]string{}
	input, _ := c.members.(map[string]any)
	list, _ := input["tags"].([]any)
	for _, t := range list {
		tag, _ := t.(map[string]any)
		key, _ := tag["key"].(string)
		value, _ := tag["value"].(string)
		tags[key] = value
	}
	return tags
}

// addSizes adds the size of the tasks, in CPU units and MiB: of the overrides, or else of the task
// definition.
func (c question) addSizes(said iam.Context) {
	d, _ := c.definition()
	for _, of := range []struct {
		key, member, defined string
		parse                func(string) (int64, bool)
	}{{"ecs:task-cpu", "cpu", d.CPU, ecs.ParseCPU}, {"ecs:task-memory", "memory", d.Memory, ecs.ParseMemory}} {
		text := of.defined
		if given := c.texts(of.member, "overrides."+of.member); len(given) > 0 {
			text = given[0]
		}
		if n, ok := of.parse(text); ok && text != "" {
			said[of.key] = []string{strconv.FormatInt(n, 10)}
		}
	}
}

// addSwitches adds what is on or off. A call that makes something says false where it says nothing; one
// that updates leaves it as it is.
func (c question) addSwitches(said iam.Context) {
	input, _ := c.members.(map[string]any)
	put := func(key string, on, given bool) {
		if given || !strings.HasPrefix(c.Action, "Update") {
			said[key] = []string{strconv.FormatBool(on)}
		}
	}
	for key, path := range map[string]string{"ecs:enable-execute-command": "enableExecuteCommand",
		"ecs:enable-service-connect": "serviceConnectConfiguration.enabled",
		"ecs:privileged":             "containerDefinitions.privileged"} { //order:any into a map
		values := c.values(path)
		put(key, slices.Contains(values, "true"), len(values) > 0)
	}
	for key, member := range map[string]string{"ecs:enable-ebs-volumes": "volumeConfigurations",
		"ecs:enable-vpc-lattice": "vpcLatticeConfigurations"} { //order:any into a map
		list, given := input[member].([]any)
		put(key, len(list) > 0, given)
	}
	assign := c.texts("networkConfiguration.awsvpcConfiguration.assignPublicIp")
	put("ecs:auto-assign-public-ip", slices.Contains(assign, "ENABLED"), len(assign) > 0)
}
