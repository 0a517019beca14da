package scenario

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Names are what scenarios and the arguments of the command call things by.
type Names struct {
	Region    string
	Cluster   string
	Service   string
	Family    string // of the service's task definitions
	Container string
	Image     string // that the command is to deploy

	// The rest follows from where the drill runs.

	TaskDefinition       string // a file in the form of register-task-definition, with Image in it
	AppSpec              string // a file for CodeDeploy, with <TASK_DEFINITION> where the revision's ARN goes
	TargetGroup          string // ARN of the target group that serves
	AlternateTargetGroup string // ARN of the one that new tasks take in a blue/green deployment
	Listener, Rule       string // ARNs

	definition string // the content of TaskDefinition
}

// Default returns the names that a drill has unless it is told others.
func Default() Names {
	return Names{Region: "us-east-1", Cluster: "default", Service: "web", Family: "web", Container: "app",
		Image: "app:2"}
}

var (
	name  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	image = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$`)
)

// Check returns all that is wrong with the names that a person gave.
func (n Names) Check() error {
	var faults []error
	for _, f := range []struct{ what, value string }{{"region", n.Region}, {"cluster", n.Cluster},
		{"service", n.Service}, {"family", n.Family}, {"container", n.Container}} {
		if !name.MatchString(f.value) {
			faults = append(faults, fmt.Errorf(
				"%s must have 1 to 255 letters, digits, hyphens and underscores; it is %q", f.what, f.value))
		}
	}
	if !image.MatchString(n.Image) || n.Image == n.Old() {
		faults = append(faults, fmt.Errorf("image must be the name of an image, such as app:2, and not %s, which "+
			"runs; it is %q", n.Old(), n.Image))
	}
	return errors.Join(faults...)
}

// Old is the image that runs before the command deploys.
func (n Names) Old() string { return "app:1" }

// Hook is the ARN of the function that CodeDeploy asks in the scenarios with a hook.
func (n Names) Hook() string { return "arn:aws:lambda:" + n.Region + ":123456789012:function:check" }

// Application and Group are CodeDeploy's, named as the AWS command line expects them.
func (n Names) Application() string { return "AppECS-" + n.Cluster + "-" + n.Service }

// Group is the deployment group of Application.
func (n Names) Group() string { return "DgpECS-" + n.Cluster + "-" + n.Service }

// blank is a place for a name. The form is that of Go's templates, of which nothing else is there.
var blank = regexp.MustCompile(`\{\{[^{}]*(\}\})?`)

// Fill replaces {{.Image}} and the like in an argument of the command or in a script. The error names the first place
// for which there is no name.
func (n Names) Fill(text string) (string, error) {
	var err error
	filled := blank.ReplaceAllStringFunc(text, func(found string) string {
		inner, ends := strings.CutSuffix(strings.TrimPrefix(found, "{{"), "}}")
		value, known := n.called(strings.TrimSpace(inner))
		if err == nil && (!known || !ends) {
			err = fmt.Errorf("%s is not a name of the drill's, such as {{.Service}}", found)
		}
		return value
	})
	return filled, err
}

// called is the name that a place asks for.
func (n Names) called(place string) (string, bool) {
	value, known := map[string]string{".Region": n.Region, ".Cluster": n.Cluster, ".Service": n.Service,
		".Family": n.Family, ".Container": n.Container, ".Image": n.Image, ".Old": n.Old(),
		".TaskDefinition": n.TaskDefinition, ".AppSpec": n.AppSpec, ".TargetGroup": n.TargetGroup,
		".AlternateTargetGroup": n.AlternateTargetGroup, ".Listener": n.Listener, ".Rule": n.Rule, ".Hook": n.Hook(),
		".Application": n.Application(), ".Group": n.Group()}[place]
	return value, known
}

// Definition is the content of TaskDefinition.
func (n Names) Definition() string { return n.definition }

// Document is the content of AppSpec: it names Hook for the event AfterAllowTraffic.
func (n Names) Document() string {
	return fmt.Sprintf(`{"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {`+
		`"TaskDefinition": "<TASK_DEFINITION>", "LoadBalancerInfo": {"ContainerName": %q, "ContainerPort": 80}}}}], `+
		`"Hooks": [{"AfterAllowTraffic": %q}]}`, n.Container, n.Hook())
}
