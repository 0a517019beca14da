package codedeploy

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// The errors of AWS CodeDeploy. Source: AWS CodeDeploy API Reference, the errors of each action.
const (
	ApplicationNameRequired        ecs.Code = "ApplicationNameRequiredException"
	InvalidApplicationName         ecs.Code = "InvalidApplicationNameException"
	ApplicationAlreadyExists       ecs.Code = "ApplicationAlreadyExistsException"
	ApplicationDoesNotExist        ecs.Code = "ApplicationDoesNotExistException"
	ApplicationLimitExceeded       ecs.Code = "ApplicationLimitExceededException"
	InvalidComputePlatform         ecs.Code = "InvalidComputePlatformException"
	DeploymentGroupNameRequired    ecs.Code = "DeploymentGroupNameRequiredException"
	InvalidDeploymentGroupName     ecs.Code = "InvalidDeploymentGroupNameException"
	DeploymentGroupAlreadyExists   ecs.Code = "DeploymentGroupAlreadyExistsException"
	DeploymentGroupDoesNotExist    ecs.Code = "DeploymentGroupDoesNotExistException"
	DeploymentGroupLimitExceeded   ecs.Code = "DeploymentGroupLimitExceededException"
	RoleRequired                   ecs.Code = "RoleRequiredException"
	InvalidECSService              ecs.Code = "InvalidECSServiceException"
	ECSServiceMappingLimitExceeded ecs.Code = "ECSServiceMappingLimitExceededException"
	InvalidLoadBalancerInfo        ecs.Code = "InvalidLoadBalancerInfoException"
	InvalidTargetGroupPair         ecs.Code = "InvalidTargetGroupPairException"
	InvalidDeploymentStyle         ecs.Code = "InvalidDeploymentStyleException"
	InvalidBlueGreenConfiguration  ecs.Code = "InvalidBlueGreenDeploymentConfigurationException"
	InvalidAlarmConfig             ecs.Code = "InvalidAlarmConfigException"
	InvalidAutoRollbackConfig      ecs.Code = "InvalidAutoRollbackConfigException"
	DeploymentConfigNameRequired   ecs.Code = "DeploymentConfigNameRequiredException"
	InvalidDeploymentConfigName    ecs.Code = "InvalidDeploymentConfigNameException"
	DeploymentConfigAlreadyExists  ecs.Code = "DeploymentConfigAlreadyExistsException"
	DeploymentConfigDoesNotExist   ecs.Code = "DeploymentConfigDoesNotExistException"
	DeploymentConfigInUse          ecs.Code = "DeploymentConfigInUseException"
	DeploymentConfigLimitExceeded  ecs.Code = "DeploymentConfigLimitExceededException"
	InvalidTrafficRoutingConfig    ecs.Code = "InvalidTrafficRoutingConfigurationException"
	RevisionRequired               ecs.Code = "RevisionRequiredException"
	InvalidRevision                ecs.Code = "InvalidRevisionException"
	DeploymentLimitExceeded        ecs.Code = "DeploymentLimitExceededException"
	DeploymentIDRequired           ecs.Code = "DeploymentIdRequiredException"
	InvalidDeploymentID            ecs.Code = "InvalidDeploymentIdException"
	InvalidDeploymentStatus        ecs.Code = "InvalidDeploymentStatusException"
	DeploymentDoesNotExist         ecs.Code = "DeploymentDoesNotExistException"
	DeploymentAlreadyCompleted     ecs.Code = "DeploymentAlreadyCompletedException"
	DeploymentIsNotInReadyState    ecs.Code = "DeploymentIsNotInReadyStateException"
	InvalidDeploymentWaitType      ecs.Code = "InvalidDeploymentWaitTypeException"
	DeploymentTargetDoesNotExist   ecs.Code = "DeploymentTargetDoesNotExistException"
	DeploymentTargetIDRequired     ecs.Code = "DeploymentTargetIdRequiredException"
	InvalidHookExecutionID         ecs.Code = "InvalidLifecycleEventHookExecutionIdException"
	InvalidHookExecutionStatus     ecs.Code = "InvalidLifecycleEventHookExecutionStatusException"
	LifecycleEventAlreadyCompleted ecs.Code = "LifecycleEventAlreadyCompletedException"
	InvalidNextToken               ecs.Code = "InvalidNextTokenException"
	BatchLimitExceeded             ecs.Code = "BatchLimitExceededException"
)

// fault returns an error of one fault.
func fault(code ecs.Code, field, format string, args ...any) error {
	return ecs.ErrorList{ecs.Fault(code, field, fmt.Sprintf(format, args...))}
}

// named checks a name of 1 to 100 characters; required is the error of one that is not there.
func named(field, name string, required, invalid ecs.Code) error {
	const longest = 100
	switch {
	case name == "":
		return fault(required, field, "%s is required.", field)
	case len(name) > longest || !check.Only(name, "._+=,@-"):
		return fault(invalid, field, "%s must have 1 to %d letters, digits, and . _ + = , @ - only; it is %q.", field,
			longest, check.Shortened(name))
	}
	return nil
}
