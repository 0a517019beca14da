package codedeploy

import (
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// DefaultConfig is the configuration of a deployment group that names none.
const DefaultConfig = "CodeDeployDefault.ECSAllAtOnce"

// TrafficRoutingConfig is how traffic moves. Source: AWS CodeDeploy API Reference, TrafficRoutingConfig.
type TrafficRoutingConfig struct {
	Type            scheduler.TrafficRoutingType `json:"type,omitzero"`
	TimeBasedCanary *TimeBasedCanary             `json:"timeBasedCanary,omitzero"`
	TimeBasedLinear *TimeBasedLinear             `json:"timeBasedLinear,omitzero"`
}

// TimeBasedCanary moves a part of the traffic, and the rest later.
type TimeBasedCanary struct {
	CanaryPercentage int `json:"canaryPercentage"`
	CanaryInterval   int `json:"canaryInterval"` // minutes
}

// TimeBasedLinear moves the traffic in equal parts.
type TimeBasedLinear struct {
	LinearPercentage int `json:"linearPercentage"`
	LinearInterval   int `json:"linearInterval"` // minutes
}

// Routing returns the traffic routing of the scheduler.
func (c TrafficRoutingConfig) Routing() scheduler.TrafficRouting {
	r := scheduler.TrafficRouting{Type: c.Type}
	switch {
	case c.Type == scheduler.TrafficRoutingTypeTimeBasedCanary && c.TimeBasedCanary != nil:
		r.Percentage, r.Interval = c.TimeBasedCanary.CanaryPercentage, c.TimeBasedCanary.CanaryInterval
	case c.Type == scheduler.TrafficRoutingTypeTimeBasedLinear && c.TimeBasedLinear != nil:
		r.Percentage, r.Interval = c.TimeBasedLinear.LinearPercentage, c.TimeBasedLinear.LinearInterval
	}
	return r
}

// configOf returns the configuration of a traffic routing of the scheduler.
func configOf(r scheduler.TrafficRouting) TrafficRoutingConfig {
	c := TrafficRoutingConfig{Type: r.Type}
	switch r.Type {
	case scheduler.TrafficRoutingTypeTimeBasedCanary:
		c.TimeBasedCanary = &TimeBasedCanary{CanaryPercentage: r.Percentage, CanaryInterval: r.Interval}
	case scheduler.TrafficRoutingTypeTimeBasedLinear:
		c.TimeBasedLinear = &TimeBasedLinear{LinearPercentage: r.Percentage, LinearInterval: r.Interval}
	}
	return c
}

// CreateDeploymentConfigInput is the input of CreateDeploymentConfig.
type CreateDeploymentConfigInput struct {
	DeploymentConfigName string                `json:"deploymentConfigName"`
	TrafficRoutingConfig *TrafficRoutingConfig `json:"trafficRoutingConfig,omitzero"`
	ComputePlatform      string                `json:"computePlatform,omitzero"`
	_                    struct{}              `unmodelled:"minimumHealthyHosts,zonalConfig"`
}

// Validate returns what is wrong with the input: a name that is AWS's or cannot be one, a compute platform that is not
// ECS, and a traffic routing that CodeDeploy does not have.
func (in CreateDeploymentConfigInput) Validate() error {
	err := named("deploymentConfigName", in.DeploymentConfigName, DeploymentConfigNameRequired,
		InvalidDeploymentConfigName)
	switch {
	case err != nil:
		return err
	case strings.HasPrefix(in.DeploymentConfigName, "CodeDeployDefault."):
		return fault(InvalidDeploymentConfigName, "deploymentConfigName",
			"Names that begin with CodeDeployDefault. are those of AWS: %s.", in.DeploymentConfigName)
	case in.ComputePlatform != ComputePlatformECS:
		return fault(InvalidComputePlatform, "computePlatform", "The compute platform must be ECS; it is %q.",
			in.ComputePlatform)
	case in.TrafficRoutingConfig == nil || in.TrafficRoutingConfig.Type == "":
		return fault(InvalidTrafficRoutingConfig, "trafficRoutingConfig",
			"trafficRoutingConfig with a type is required for the compute platform ECS.")
	}
	if err := in.TrafficRoutingConfig.Routing().Validate(false); err != nil {
		var says []string
		for e := range ecs.Errors(err) {
			says = append(says, e.Field+": "+e.Message)
		}
		return fault(InvalidTrafficRoutingConfig, "trafficRoutingConfig", "%s", strings.Join(says, "; "))
	}
	return nil
}

// CreateDeploymentConfigOutput is the answer of CreateDeploymentConfig.
type CreateDeploymentConfigOutput struct {
	DeploymentConfigID string `json:"deploymentConfigId"`
}

// DeploymentConfig is a configuration. Source: AWS CodeDeploy API Reference, DeploymentConfigInfo.
type DeploymentConfig struct {
	DeploymentConfigID   string               `json:"deploymentConfigId"`
	DeploymentConfigName string               `json:"deploymentConfigName"`
	CreateTime           ecs.Instant          `json:"createTime,omitzero"`
	ComputePlatform      string               `json:"computePlatform"`
	TrafficRoutingConfig TrafficRoutingConfig `json:"trafficRoutingConfig"`
}

// Predefined returns the configurations that AWS has for Amazon ECS.
func Predefined() (list []DeploymentConfig) {
	for _, name := range scheduler.CodeDeployConfigurations() {
		routing, _ := scheduler.CodeDeployTrafficRouting(name)
		list = append(list, DeploymentConfig{DeploymentConfigID: name, DeploymentConfigName: name,
			ComputePlatform: ComputePlatformECS, TrafficRoutingConfig: configOf(routing)})
	}
	return list
}

// DeploymentConfigInput is the input of GetDeploymentConfig and DeleteDeploymentConfig.
type DeploymentConfigInput struct {
	DeploymentConfigName string `json:"deploymentConfigName"`
}

// GetDeploymentConfigOutput is the answer of GetDeploymentConfig.
type GetDeploymentConfigOutput struct {
	DeploymentConfigInfo DeploymentConfig `json:"deploymentConfigInfo"`
}

// ListDeploymentConfigsInput is the input of ListDeploymentConfigs.
type ListDeploymentConfigsInput struct {
	NextToken string `json:"nextToken,omitzero"`
}

// ListDeploymentConfigsOutput is the answer of ListDeploymentConfigs.
type ListDeploymentConfigsOutput struct {
	DeploymentConfigsList []string `json:"deploymentConfigsList"`
	NextToken             string   `json:"nextToken,omitzero"`
}
