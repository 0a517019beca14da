package codedeploy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/internal/check"
)

// AppSpec is what a deployment rolls out. Source: AWS CodeDeploy User Guide, "AppSpec File structure for Amazon ECS
// deployments".
type AppSpec struct {
	TaskDefinition           string
	ContainerName            string
	ContainerPort            int
	PlatformVersion          string                             // "": as it is
	NetworkConfiguration     *ecs.NetworkConfiguration          // nil: as it is
	CapacityProviderStrategy []ecs.CapacityProviderStrategyItem // nil: as it is
	Hooks                    map[ecs.LifecycleStage]string      // functions by event
}

// hookEvents are the events that may have a hook.
func hookEvents() []ecs.LifecycleStage {
	return []ecs.LifecycleStage{scheduler.StageBeforeInstall, scheduler.StageAfterInstall,
		scheduler.StageAfterAllowTestTraffic, scheduler.StageBeforeAllowTraffic, scheduler.StageAfterAllowTraffic}
}

// object is a JSON object whose keys count in any case of letters.
type object map[string]json.RawMessage

func (o *object) UnmarshalJSON(data []byte) error {
	var plain map[string]json.RawMessage
	if err := json.Unmarshal(data, &plain); err != nil {
		return err
	}
	*o = object{}
	for key, value := range plain { //order:any two keys that differ in case only are AWS's to choose from, too
		(*o)[strings.ToLower(key)] = value
	}
	return nil
}

// read reads a member into a value; one that is not there leaves it as it is.
func (o object) read(key string, into any) error {
	if data, ok := o[strings.ToLower(key)]; ok {
		if err := json.Unmarshal(data, into); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

// mostContent is how long an AppSpec may be. Source: AWS CodeDeploy User Guide, "Limits".
const mostContent = 256 << 10

// Spec returns the AppSpec of a revision, which is of the compute platform ECS and in JSON; keys count in any case of
// letters. Errors are RevisionRequired, and InvalidRevision with the first thing that is wrong: a revision that is
// elsewhere, a digest of another text, text that is not JSON, not one resource of the type AWS::ECS::Service, a
// property that is missing, an event that has no hook or two.
func (r *RevisionLocation) Spec() (AppSpec, error) {
	switch {
	case r == nil || r.AppSpecContent == nil && r.RevisionType == "AppSpecContent":
		return AppSpec{}, fault(RevisionRequired, "revision", "The revision must be given.")
	case r.RevisionType != "AppSpecContent" || r.AppSpecContent == nil:
		return AppSpec{}, fault(InvalidRevision, "revision.revisionType",
			"The revision type must be AppSpecContent; it is %q.", check.Shortened(r.RevisionType))
	}
	content := r.AppSpecContent.Content
	if sum := sha256.Sum256([]byte(content)); r.AppSpecContent.SHA256 != "" &&
		!strings.EqualFold(r.AppSpecContent.SHA256, hex.EncodeToString(sum[:])) {
		return AppSpec{}, fault(InvalidRevision, "revision.appSpecContent.sha256",
			"The SHA-256 of the content is %x.", sum)
	}
	spec, err := parseAppSpec(content)
	if err != nil {
		return AppSpec{}, fault(InvalidRevision, "revision.appSpecContent.content", "The AppSpec is not valid: %s.",
			err.Error())
	}
	return spec, nil
}

// parseAppSpec reads an AppSpec; the error is the first thing that is wrong.
func parseAppSpec(content string) (spec AppSpec, err error) {
	if len(content) > mostContent {
		return spec, fmt.Errorf("it has %d bytes, and at most %d are allowed", len(content), mostContent)
	}
	var top object
	if err := json.Unmarshal([]byte(content), &top); err != nil {
		return spec, fmt.Errorf("it is not JSON, which is the only form that is read here: %w", err)
	}
	var resources []map[string]object
	if err := top.read("Resources", &resources); err != nil {
		return spec, err
	}
	if len(resources) != 1 || len(resources[0]) != 1 {
		return spec, fmt.Errorf("there must be one resource in Resources; there are %d", len(resources))
	}
	for _, resource := range resources[0] { //order:any there is one
		if spec, err = readResource(resource); err != nil {
			return spec, err
		}
	}
	spec.Hooks, err = readHooks(top)
	return spec, err
}

func readResource(resource object) (spec AppSpec, err error) {
	var kind string
	var properties, balancer, network object
	if err := resource.read("Type", &kind); err != nil {
		return spec, err
	}
	if kind != "AWS::ECS::Service" {
		return spec, fmt.Errorf("the resource must have the Type AWS::ECS::Service; it has %q", check.Shortened(kind))
	}
	if err := resource.read("Properties", &properties); err != nil {
		return spec, err
	}
	for _, m := range []struct {
		of   *object
		key  string
		into any
	}{{&properties, "TaskDefinition", &spec.TaskDefinition}, {&properties, "PlatformVersion", &spec.PlatformVersion},
		{&properties, "LoadBalancerInfo", &balancer}, {&balancer, "ContainerName", &spec.ContainerName},
		{&balancer, "ContainerPort", &spec.ContainerPort}, {&properties, "NetworkConfiguration", &network}} {
		if err := m.of.read(m.key, m.into); err != nil {
			return spec, err
		}
	}
	switch {
	case spec.TaskDefinition == "":
		return spec, fmt.Errorf("TaskDefinition is required")
	case spec.ContainerName == "" || spec.ContainerPort < 1 || spec.ContainerPort > 65535:
		return spec, fmt.Errorf("LoadBalancerInfo must have ContainerName and a ContainerPort from 1 to 65535")
	}
	if spec.NetworkConfiguration, err = readNetwork(network); err != nil {
		return spec, err
	}
	var items []object
	if err := properties.read("CapacityProviderStrategy", &items); err != nil {
		return spec, err
	}
	for _, item := range items {
		var strategy ecs.CapacityProviderStrategyItem
		var base, weight int
		for key, into := range map[string]any{ //order:any each by itself
			"CapacityProvider": &strategy.CapacityProvider, "Base": &base,
			"Weight": &weight} {
			if err := item.read(key, into); err != nil {
				return spec, err
			}
		}
		strategy.Base, strategy.Weight = base, weight
		spec.CapacityProviderStrategy = append(spec.CapacityProviderStrategy, strategy)
	}
	return spec, nil
}

func readNetwork(network object) (*ecs.NetworkConfiguration, error) {
	if network == nil {
		return nil, nil
	}
	var vpc object
	if err := network.read("AwsvpcConfiguration", &vpc); err != nil || vpc == nil {
		return nil, err
	}
	c := &ecs.AwsvpcConfiguration{}
	for key, into := range map[string]any{ //order:any each by itself
		"Subnets": &c.Subnets, "SecurityGroups": &c.SecurityGroups,
		"AssignPublicIp": &c.AssignPublicIp} {
		if err := vpc.read(key, into); err != nil {
			return nil, err
		}
	}
	return &ecs.NetworkConfiguration{AwsvpcConfiguration: c}, nil
}

func readHooks(top object) (map[ecs.LifecycleStage]string, error) {
	var list []map[string]string
	if err := top.read("Hooks", &list); err != nil {
		return nil, err
	}
	hooks := map[ecs.LifecycleStage]string{}
	for _, entry := range list {
		for key, function := range entry { //order:any only whether there is a fault is told, and each key counts
			event := eventOf(key)
			switch _, twice := hooks[event]; {
			case event == "":
				return nil, fmt.Errorf("a hook is for one of %v", hookEvents())
			case twice:
				return nil, fmt.Errorf("%s has two hooks", event)
			case function == "":
				return nil, fmt.Errorf("the hook of %s names no function", event)
			}
			hooks[event] = function
		}
	}
	return hooks, nil
}

// eventOf returns the event of a key in any case of letters; "" if it may have no hook.
func eventOf(key string) ecs.LifecycleStage {
	for _, e := range hookEvents() {
		if strings.EqualFold(string(e), key) {
			return e
		}
	}
	return ""
}

// Lifecycle returns the hooks in the order of their events, as the scheduler takes them. arn returns the ARN of a
// function that is given by its name.
func (s AppSpec) Lifecycle(arn func(name string) string) (list []ecs.DeploymentLifecycleHook) {
	for _, event := range hookEvents() {
		function, ok := s.Hooks[event]
		if !ok {
			continue
		}
		if !strings.HasPrefix(function, "arn:") {
			function = arn(function)
		}
		list = append(list, ecs.DeploymentLifecycleHook{HookTargetArn: function,
			LifecycleStages: []ecs.LifecycleStage{event}})
	}
	return list
}
