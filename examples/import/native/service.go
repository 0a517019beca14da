package native

import (
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// printed are the members of a described service that say what runs, and not what was asked for.
var printed = [...]string{"serviceArn", "status", "runningCount", "pendingCount", "taskSets", "events", "createdAt",
	"createdBy",
	"roleArn", "platformFamily", "currentServiceDeployment", "currentServiceRevisions", "resourceManagementType"}

// Described reads a service as DescribeServices prints it into the request that would make it.
func Described(v *source.Value) api.CreateServiceInput {
	plain, _ := v.Plain().(map[string]any)
	for _, k := range printed {
		v.Get(k).Translate("it says what runs, not what was asked for: it is left out")
		delete(plain, k)
	}
	if arn := v.Get("clusterArn"); arn.Has() {
		name := arn.Translate("cluster").Raw()
		plain["cluster"] = name[strings.LastIndexByte(name, '/')+1:]
		delete(plain, "clusterArn")
	}
	if d := v.Get("deployments"); d.Has() {
		if items := d.Items(); len(items) > 0 {
			for _, k := range []string{"serviceConnectConfiguration", "volumeConfigurations"} {
				if x := items[0].Get(k); x.Has() {
					plain[k] = x.Keep().Plain()
				}
			}
		}
		d.Translate("what a service asked for is beside its deployments, but for Service Connect and volumes, taken " +
			"from the newest")
		delete(plain, "deployments")
	}
	launched, _ := plain["capacityProviderStrategy"].([]any)
	if len(launched) > 0 {
		v.Get("launchType").Translate("the capacity provider strategy says it")
		delete(plain, "launchType")
	}
	return Service(v, plain)
}

// Join makes services name the families of the task definitions beside them, and fills in what such a pair says
// of each other: a service in a file without a task definition takes the only one there is.
func Join(r *document.Result) {
	for i := range r.Services {
		s := &r.Services[i]
		name := s.TaskDefinition
		if (name == "" || name == noDefinition) && len(r.TaskDefinitions) == 1 {
			s.TaskDefinition = r.TaskDefinitions[0].Family
		}
		if family, ok := familyOf(name); ok {
			if _, known := r.Definition(family); known {
				s.TaskDefinition = family
			}
		}
	}
}

// familyOf returns the family in a reference to a task definition: FAMILY, FAMILY:REVISION or an ARN.
func familyOf(name string) (string, bool) {
	if arn, err := ecs.ParseARN(name); err == nil {
		name = arn.Resource
	}
	family, _, _ := strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ":")
	return family, family != ""
}
