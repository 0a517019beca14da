package groups

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

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

// LaunchTemplate is a launch template of Amazon EC2.
// Source: Amazon EC2 API Reference, LaunchTemplate.
type LaunchTemplate struct {
	LaunchTemplateID     string                  `json:"LaunchTemplateId"`
	LaunchTemplateName   string                  `json:"LaunchTemplateName"`
	CreateTime           ecs.Instant             `json:"CreateTime"`
	DefaultVersionNumber int                     `json:"DefaultVersionNumber"`
	Versions             []LaunchTemplateVersion `json:"Versions"` // from the oldest to the newest
	NextVersion          int                     `json:"NextVersion"`
}

// LaunchTemplateVersion is a version of a launch template, as far as it matters here.
type LaunchTemplateVersion struct {
	VersionNumber      int         `json:"VersionNumber"`
	VersionDescription string      `json:"VersionDescription,omitzero"`
	CreateTime         ecs.Instant `json:"CreateTime"`
	InstanceType       string      `json:"InstanceType,omitzero"`
	ImageID            string      `json:"ImageId,omitzero"`
	UserData           string      `json:"UserData,omitzero"` // in Base64
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
// Source: Amazon EC2 Auto Scaling User Guide, "Quotas"; Amazon EC2 User Guide, "Amazon EC2 launch template quotas".
const (
	mostGroups         = 200
	mostConfigurations = 200
	mostTemplates      = 5000
	mostVersions       = 10000
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
	t, err := s.Template(cmp.Or(spec.LaunchTemplateID, spec.LaunchTemplateName))
	if err != nil {
		if !slices.Contains(s.config.InstanceTypes, spec.LaunchTemplateName) {
			return kind{}, fault(ValidationError, path, "You must use a valid fully-formed launch template. %s",
				sentence(err))
		}
	} else {
		v, err := t.version(spec.Version)
		if err != nil {
			return kind{}, fault(ValidationError, path, "You must use a valid fully-formed launch template. %s",
				sentence(err))
		}
		k = kind{InstanceType: v.InstanceType, ImageID: v.ImageID, UserData: v.UserData,
			Template: &LaunchTemplateSpecification{LaunchTemplateID: t.LaunchTemplateID,
				LaunchTemplateName: t.LaunchTemplateName, Version: strconv.Itoa(v.VersionNumber)}}
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

// The errors of launch templates, by the codes of Amazon EC2.
const (
	InvalidLaunchTemplateName    ecs.Code = "InvalidLaunchTemplateName.AlreadyExistsException"
	LaunchTemplateNotFound       ecs.Code = "InvalidLaunchTemplateName.NotFoundException"
	LaunchTemplateVersionMissing ecs.Code = "InvalidLaunchTemplateId.VersionNotFound"
	InvalidParameterValue        ecs.Code = "InvalidParameterValue"
	MissingParameter             ecs.Code = "MissingParameter"
)

// Template returns the launch template of a name or an ID, or LaunchTemplateNotFound.
func (s *Service) Template(ref string) (LaunchTemplate, error) {
	for _, t := range s.state.Templates {
		if t.LaunchTemplateName == ref || t.LaunchTemplateID == ref {
			own := *t
			own.Versions = slices.Clone(t.Versions)
			return own, nil
		}
	}
	return LaunchTemplate{}, fault(LaunchTemplateNotFound, "LaunchTemplateName",
		"The specified launch template, with template name %s, does not exist.", ref)
}

// Templates returns all launch templates, in the order in which they were created.
func (s *Service) Templates() []LaunchTemplate {
	list := make([]LaunchTemplate, 0, len(s.state.Templates))
	for _, t := range s.state.Templates {
		own := *t
		own.Versions = slices.Clone(t.Versions)
		list = append(list, own)
	}
	return list
}

// version returns the version of a number, $Latest or $Default, which is also "".
func (t LaunchTemplate) version(name string) (LaunchTemplateVersion, error) {
	number := t.DefaultVersionNumber
	switch name {
	case "", "$Default":
	case "$Latest":
		return t.Versions[len(t.Versions)-1], nil
	default:
		number, _ = strconv.Atoi(name) // what is none is no version
	}
	for _, v := range t.Versions {
		if v.VersionNumber == number {
			return v, nil
		}
	}
	return LaunchTemplateVersion{}, fault(LaunchTemplateVersionMissing, "Version",
		"Could not find the specified version %s for the launch template with ID %s.", name, t.LaunchTemplateID)
}

// CreateLaunchTemplate makes a launch template with its first version, whose number and time are ignored.
// Errors: InvalidLaunchTemplateName if there is one of that name, InvalidParameterValue, LimitExceeded.
func (s *Service) CreateLaunchTemplate(now time.Time, name string, v LaunchTemplateVersion) (LaunchTemplate, error) {
	if n := len(name); n < 3 || n > 128 {
		return LaunchTemplate{}, fault(InvalidParameterValue, "LaunchTemplateName",
			"A launch template's name has from 3 to 128 characters, got %d.", n)
	}
	if _, err := s.Template(name); err == nil {
		return LaunchTemplate{}, fault(InvalidLaunchTemplateName, "LaunchTemplateName",
			"Launch template name already in use.")
	}
	if len(s.state.Templates) >= mostTemplates {
		return LaunchTemplate{}, fault(LimitExceeded, "LaunchTemplateName", "There are %d launch templates.",
			mostTemplates)
	}
	if err := s.checkVersion(v); err != nil {
		return LaunchTemplate{}, err
	}
	v.VersionNumber, v.CreateTime = 1, ecs.At(now)
	t := &LaunchTemplate{LaunchTemplateID: "lt-0" + strings.ReplaceAll(s.uuid(), "-", "")[:16],
		LaunchTemplateName: name,
		CreateTime:         ecs.At(now), DefaultVersionNumber: 1, Versions: []LaunchTemplateVersion{v}, NextVersion: 2}
	s.state.Templates = append(s.state.Templates, t)
	return s.Template(name)
}

// CreateLaunchTemplateVersion adds a version to a launch template and returns it. What it does not say is as in the
// version named source; "": nothing is.
// Errors: LaunchTemplateNotFound, LaunchTemplateVersionMissing, InvalidParameterValue, LimitExceeded.
func (s *Service) CreateLaunchTemplateVersion(
	now time.Time, ref, source string, v LaunchTemplateVersion,
) (LaunchTemplate, LaunchTemplateVersion, error) {
	t, err := s.Template(ref)
	if err != nil {
		return t, v, err
	}
	if source != "" {
		from, err := t.version(source)
		if err != nil {
			return t, v, err
		}
		v.InstanceType, v.ImageID = cmp.Or(v.InstanceType, from.InstanceType), cmp.Or(v.ImageID, from.ImageID)
		v.UserData = cmp.Or(v.UserData, from.UserData)
	}
	if err := s.checkVersion(v); err != nil {
		return t, v, err
	}
	if len(t.Versions) >= mostVersions {
		return t, v, fault(LimitExceeded, "LaunchTemplateName", "The launch template has %d versions.", mostVersions)
	}
	v.VersionNumber, v.CreateTime = t.NextVersion, ecs.At(now)
	t.NextVersion++
	t.Versions = append(t.Versions, v)
	s.putTemplate(t)
	return t, v, nil
}

// ModifyLaunchTemplate sets which version is the default one.
// Errors: LaunchTemplateNotFound, LaunchTemplateVersionMissing.
func (s *Service) ModifyLaunchTemplate(ref, version string) (LaunchTemplate, error) {
	t, err := s.Template(ref)
	if err != nil {
		return t, err
	}
	v, err := t.version(version)
	if err != nil {
		return t, err
	}
	t.DefaultVersionNumber = v.VersionNumber
	s.putTemplate(t)
	return t, nil
}

func (s *Service) putTemplate(t LaunchTemplate) {
	for i, old := range s.state.Templates {
		if old.LaunchTemplateID == t.LaunchTemplateID {
			s.state.Templates[i] = &t
		}
	}
}

// DeleteLaunchTemplate removes a launch template with its versions. Groups that launch from it go on.
// Errors: LaunchTemplateNotFound.
func (s *Service) DeleteLaunchTemplate(ref string) (LaunchTemplate, error) {
	t, err := s.Template(ref)
	if err != nil {
		return t, err
	}
	s.state.Templates = slices.DeleteFunc(s.state.Templates,
		func(o *LaunchTemplate) bool { return o.LaunchTemplateID == t.LaunchTemplateID })
	return t, nil
}

// checkVersion refuses user data that is too long or not Base64.
func (s *Service) checkVersion(v LaunchTemplateVersion) error {
	return checkUserData(InvalidParameterValue, v.UserData)
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
