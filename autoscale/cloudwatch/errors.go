package cloudwatch

import "github.com/bayplan/bayplan/ecs"

// The errors of Amazon CloudWatch, by their names in its model.
// Source: Amazon CloudWatch API Reference, the errors of each action.
const (
	InvalidParameterValue       ecs.Code = "InvalidParameterValueException"
	InvalidParameterCombination ecs.Code = "InvalidParameterCombinationException"
	MissingRequiredParameter    ecs.Code = "MissingRequiredParameterException"
	ValidationError             ecs.Code = "ValidationError" // of PutMetricAlarm, whose model names no other
	InvalidFormat               ecs.Code = "InvalidFormatFault"
	InvalidNextToken            ecs.Code = "InvalidNextToken"
	LimitExceeded               ecs.Code = "LimitExceededFault"
	ResourceNotFound            ecs.Code = "ResourceNotFound" // of an alarm; of what has tags it is ecs's
)
