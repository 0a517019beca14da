package groups

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
)

// LaunchTemplateSpecification names a launch template, by ID or name, and its version.
// Source: Amazon EC2 Auto Scaling API Reference, LaunchTemplateSpecification.
type LaunchTemplateSpecification struct {
	LaunchTemplateID   string `json:"LaunchTemplateId,omitzero"`
	LaunchTemplateName string `json:"LaunchTemplateName,omitzero"`
	Version            string `json:"Version,omitzero"` // a number, $Latest or $Default; absent: $Default
}

func (t *LaunchTemplateSpecification) clone() *LaunchTemplateSpecification {
	if t == nil {
		return nil
	}
	own := *t
	return &own
}

// group returns the launch template as a group compares it.
func (t *LaunchTemplateSpecification) group() group.LaunchTemplate {
	if t == nil {
		return group.LaunchTemplate{}
	}
	n, _ := strconv.Atoi(t.Version) // of an instance, a version is a number
	return group.LaunchTemplate{LaunchTemplateName: t.LaunchTemplateName, Version: n}
}

// kind is one of the kinds of instances that a group launches.
type kind struct {
	InstanceType  string                       `json:"instanceType"`
	ImageID       string                       `json:"imageId,omitzero"`
	UserData      string                       `json:"userData,omitzero"`
	Template      *LaunchTemplateSpecification `json:"launchTemplate,omitzero"` // with the number of its version
	Configuration string                       `json:"launchConfiguration,omitzero"`
	Configured    ecs.Instant                  `json:"configured,omitzero"`
	Spot          bool                         `json:"spot,omitzero"` // whatever the distribution says
}

// Limits of an account, as they are unless AWS raises them.
// Source: Amazon EC2 Auto Scaling User Guide, "Quotas".
const (
	mostGroups         = 200
	mostConfigurations = 200
	mostUserData       = 16 << 10
)

// kinds returns what the settings launch, in turn.
func (s *Service) kinds(in Settings) ([]kind, error) {
	given := 0
	for _, is := range []bool{in.LaunchConfigurationName != "", in.LaunchTemplate != nil,
		in.MixedInstancesPolicy != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return nil, fault(ValidationError, "LaunchTemplate", "Valid requests must contain either LaunchTemplate, "+
			"LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.")
	}
	switch {
	case in.LaunchConfigurationName != "":
		return s.configured(in.LaunchConfigurationName)
	case in.LaunchTemplate != nil:
		k, err := s.templated("LaunchTemplate", *in.LaunchTemplate, "")
		return []kind{k}, err
	}
	return s.mixed(*in.MixedInstancesPolicy)
}

// mixed returns the instance types of a MixedInstancesPolicy.
func (s *Service) mixed(p MixedInstancesPolicy) ([]kind, error) {
	const path = "MixedInstancesPolicy.LaunchTemplate"
	if p.LaunchTemplate == nil || p.LaunchTemplate.LaunchTemplateSpecification == nil {
		return nil, fault(ValidationError, path, "A MixedInstancesPolicy needs a LaunchTemplateSpecification.")
	}
	if len(p.LaunchTemplate.Overrides) == 0 {
		k, err := s.templated(path, *p.LaunchTemplate.LaunchTemplateSpecification, "")
		return []kind{k}, err
	}
	var kinds []kind
	for _, o := range p.LaunchTemplate.Overrides {
		of := p.LaunchTemplate.LaunchTemplateSpecification
		if o.LaunchTemplateSpecification != nil {
			of = o.LaunchTemplateSpecification
		}
		k, err := s.templated(path, *of, o.InstanceType)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}

// templated returns what a launch template starts; instanceType overrides its type.
func (s *Service) templated(path string, spec LaunchTemplateSpecification, instanceType string) (kind, error) {
	if (spec.LaunchTemplateID == "") == (spec.LaunchTemplateName == "") {
		return kind{}, fault(ValidationError, path, "You must use a valid fully-formed launch template: "+
			"exactly one of LaunchTemplateId and LaunchTemplateName is required.")
	}
	k := kind{InstanceType: spec.LaunchTemplateName, Template: &LaunchTemplateSpecification{
		LaunchTemplateName: spec.LaunchTemplateName, Version: "1"}}
	if !slices.Contains(s.config.InstanceTypes, spec.LaunchTemplateName) {
		return kind{}, fault(ValidationError, path, "You must use a valid fully-formed launch template. The specified "+
			"launch template, with template name %s, does not exist. Here the name of an instance type is one: %s.",
			cmp.Or(spec.LaunchTemplateName, spec.LaunchTemplateID), strings.Join(s.config.InstanceTypes, ", "))
	}
	switch spec.Version {
	case "", "1", "$Default", "$Latest":
	default:
		return kind{}, fault(ValidationError, path, "You must use a valid fully-formed launch template. Could not "+
			"find "+
			"the specified version %s for the launch template %s.", spec.Version, spec.LaunchTemplateName)
	}
	k.InstanceType = cmp.Or(instanceType, k.InstanceType)
	return k, s.checkType(path, k.InstanceType)
}

// checkType refuses an instance type that the world does not have.
func (s *Service) checkType(path, name string) error {
	switch {
	case name == "":
		return fault(ValidationError, path, "The launch template must specify an instance type.")
	case !slices.Contains(s.config.InstanceTypes, name):
		return fault(ValidationError, path, "The instance type %s is not one of %s.", name,
			strings.Join(s.config.InstanceTypes, ", "))
	}
	return nil
}

func checkUserData(code ecs.Code, data string) error {
	switch plain, err := base64.StdEncoding.DecodeString(data); {
	case err != nil:
		return fault(code, "UserData", "Invalid BASE64 encoding of user data.")
	case len(plain) > mostUserData:
		return fault(code, "UserData", "User data is limited to %d bytes, got %d.", mostUserData, len(plain))
	}
	return nil
}
