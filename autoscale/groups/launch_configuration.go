package groups

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// LaunchConfiguration is a launch configuration, which was there before launch templates.
// Source: Amazon EC2 Auto Scaling API Reference, LaunchConfiguration.
type LaunchConfiguration struct {
	LaunchConfigurationName string      `json:"LaunchConfigurationName"`
	LaunchConfigurationARN  string      `json:"LaunchConfigurationARN"`
	ImageID                 string      `json:"ImageId"`
	InstanceType            string      `json:"InstanceType"`
	UserData                string      `json:"UserData"`
	KeyName                 string      `json:"KeyName"`
	SecurityGroups          []string    `json:"SecurityGroups"`
	IamInstanceProfile      string      `json:"IamInstanceProfile,omitzero"`
	SpotPrice               string      `json:"SpotPrice,omitzero"`
	CreatedTime             ecs.Instant `json:"CreatedTime"`
}

// CreateLaunchConfigurationInput makes a launch configuration.
// Source: Amazon EC2 Auto Scaling API Reference, CreateLaunchConfiguration.
type CreateLaunchConfigurationInput struct {
	_ struct{} `unmodelled:"AssociatePublicIpAddress,BlockDeviceMappings,ClassicLinkVPCId,ClassicLinkVPCSecurityGroups"`
	_ struct{} `unmodelled:"EbsOptimized,InstanceId,InstanceMonitoring,KernelId,MetadataOptions,PlacementTenancy,RamdiskId"`

	LaunchConfigurationName string   `json:"LaunchConfigurationName"`
	ImageID                 string   `json:"ImageId,omitzero"`
	InstanceType            string   `json:"InstanceType,omitzero"`
	UserData                string   `json:"UserData,omitzero"` // in Base64
	SpotPrice               string   `json:"SpotPrice,omitzero"`
	KeyName                 string   `json:"KeyName,omitzero" kept:""`
	SecurityGroups          []string `json:"SecurityGroups,omitzero" kept:""`
	IamInstanceProfile      string   `json:"IamInstanceProfile,omitzero" kept:""`
}

// CreateLaunchConfiguration makes a launch configuration. With a SpotPrice it launches Spot instances.
// Errors: AlreadyExists, LimitExceeded, ValidationError.
func (s *Service) CreateLaunchConfiguration(now time.Time, in CreateLaunchConfigurationInput) error {
	if n := len(in.LaunchConfigurationName); n < 1 || n > 255 {
		return fault(ValidationError, "LaunchConfigurationName",
			"LaunchConfigurationName must have from 1 to 255 characters, got %d.", n)
	}
	if _, err := s.configured(in.LaunchConfigurationName); err == nil {
		return fault(AlreadyExists, "LaunchConfigurationName", "Launch Configuration by this name already exists - A "+
			"launch configuration already exists with the name %s", in.LaunchConfigurationName)
	}
	if len(s.state.Configurations) >= mostConfigurations {
		return fault(LimitExceeded, "LaunchConfigurationName", "There are %d launch configurations.",
			mostConfigurations)
	}
	if err := s.checkType("InstanceType", in.InstanceType); err != nil {
		return err
	}
	if err := checkUserData(ValidationError, in.UserData); err != nil {
		return err
	}
	s.state.Configurations = append(s.state.Configurations, &LaunchConfiguration{
		LaunchConfigurationName: in.LaunchConfigurationName,
		LaunchConfigurationARN:  s.arn("launchConfiguration", "launchConfigurationName/"+in.LaunchConfigurationName),
		ImageID:                 in.ImageID, InstanceType: in.InstanceType, UserData: in.UserData, KeyName: in.KeyName,
		SecurityGroups: slices.Clone(in.SecurityGroups), IamInstanceProfile: in.IamInstanceProfile,
		SpotPrice: in.SpotPrice, CreatedTime: ecs.At(now)})
	return nil
}

// LaunchConfigurationNameInput names a launch configuration.
type LaunchConfigurationNameInput struct {
	LaunchConfigurationName string `json:"LaunchConfigurationName"`
}

// DeleteLaunchConfiguration removes a launch configuration. Errors: ValidationError where it does not exist,
// ResourceInUse while a group launches from it.
func (s *Service) DeleteLaunchConfiguration(in LaunchConfigurationNameInput) error {
	if _, err := s.configured(in.LaunchConfigurationName); err != nil {
		return err
	}
	for _, r := range s.state.Groups {
		if r.Settings.LaunchConfigurationName == in.LaunchConfigurationName {
			return fault(ResourceInUse, "LaunchConfigurationName",
				"Cannot delete launch configuration %s because it is attached to AutoScalingGroup %s",
				in.LaunchConfigurationName, r.Group.AutoScalingGroupName)
		}
	}
	s.state.Configurations = slices.DeleteFunc(s.state.Configurations, func(c *LaunchConfiguration) bool {
		return c.LaunchConfigurationName == in.LaunchConfigurationName
	})
	return nil
}

// DescribeLaunchConfigurationsInput asks for launch configurations.
type DescribeLaunchConfigurationsInput struct {
	LaunchConfigurationNames []string     `json:"LaunchConfigurationNames,omitzero"`
	MaxRecords               ecs.Opt[int] `json:"MaxRecords,omitzero"` // 1 to 100; absent: 50
	NextToken                string       `json:"NextToken,omitzero"`
}

// DescribeLaunchConfigurationsOutput is a page of launch configurations.
type DescribeLaunchConfigurationsOutput struct {
	LaunchConfigurations []LaunchConfiguration `json:"LaunchConfigurations"`
	NextToken            string                `json:"NextToken,omitzero"`
}

// DescribeLaunchConfigurations returns launch configurations in the order in which they were created: those that are
// named, as far as they exist, or all. Errors: ValidationError for a size of pages out of bounds, InvalidNextToken.
func (s *Service) DescribeLaunchConfigurations(
	in DescribeLaunchConfigurationsInput,
) (DescribeLaunchConfigurationsOutput, error) {
	list := []LaunchConfiguration{}
	for _, c := range s.state.Configurations {
		if len(in.LaunchConfigurationNames) == 0 ||
			slices.Contains(in.LaunchConfigurationNames, c.LaunchConfigurationName) {
			list = append(list, *c)
		}
	}
	list, next, err := page(list, func(c LaunchConfiguration) string { return c.LaunchConfigurationName }, in.NextToken,
		in.MaxRecords, usual, 100)
	return DescribeLaunchConfigurationsOutput{list, next}, err
}

func (s *Service) configured(name string) ([]kind, error) {
	for _, c := range s.state.Configurations {
		if c.LaunchConfigurationName == name {
			return []kind{{InstanceType: c.InstanceType, ImageID: c.ImageID, UserData: c.UserData, Configuration: name,
				Configured: c.CreatedTime, Spot: c.SpotPrice != ""}}, nil
		}
	}
	return nil, fault(ValidationError, "LaunchConfigurationName",
		"Launch configuration name not found - Launch configuration %s not found", name)
}
