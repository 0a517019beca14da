package cloudwatch

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// AlarmNamesInput names alarms, in the form of DeleteAlarms, EnableAlarmActions and DisableAlarmActions.
type AlarmNamesInput struct {
	AlarmNames []string `json:"AlarmNames"`
}

// Validate returns nil, or an error for no names, too many, and each that is not one.
func (in AlarmNamesInput) Validate() error {
	var f faults
	switch n := len(in.AlarmNames); {
	case n == 0:
		f.missing("AlarmNames")
	case n > mostRecords:
		f.tooMany("AlarmNames", n, mostRecords)
		return f.err()
	}
	for i, name := range in.AlarmNames {
		validateName(&f, check.Index("AlarmNames", i), name)
	}
	return f.err()
}

// SetAlarmStateInput sets the state of an alarm until its next evaluation, in the form of SetAlarmState.
type SetAlarmStateInput struct {
	AlarmName       string     `json:"AlarmName"`
	StateValue      AlarmState `json:"StateValue"`
	StateReason     string     `json:"StateReason"`
	StateReasonData string     `json:"StateReasonData,omitzero"` // JSON
}

// The longest texts of a state. Source: Amazon CloudWatch API Reference, SetAlarmState.
const (
	longestReason     = 1023
	longestReasonData = 4000
)

// Validate returns nil, or an error for each fault: InvalidFormatFault for data that are not JSON.
func (in SetAlarmStateInput) Validate() error {
	var f faults
	validateName(&f, "AlarmName", in.AlarmName)
	if in.StateValue == "" {
		f.missing("StateValue")
	}
	validateState(&f, in.StateValue)
	switch n := utf8.RuneCountInString(in.StateReason); {
	case n == 0:
		f.missing("StateReason")
	case n > longestReason:
		f.invalid("StateReason", "StateReason has at most %d characters; it has %d.", longestReason, n)
	}
	switch n := utf8.RuneCountInString(in.StateReasonData); {
	case n > longestReasonData:
		f.invalid("StateReasonData", "StateReasonData has at most %d characters; it has %d.", longestReasonData, n)
	case n > 0 && !json.Valid([]byte(in.StateReasonData)):
		f.add(InvalidFormat, "StateReasonData", "StateReasonData must be JSON.")
	}
	return f.err()
}

// TagResourceInput tags an alarm, in the form of TagResource.
type TagResourceInput struct {
	ResourceARN string `json:"ResourceARN"`
	Tags        []Tag  `json:"Tags"`
}

// Validate returns nil, or an error for each fault.
func (in TagResourceInput) Validate() error {
	var f faults
	if in.ResourceARN == "" {
		f.missing("ResourceARN")
	}
	validateTags(&f, "Tags", in.Tags)
	return f.err()
}

// Tagged returns the tags that a resource with these has then, by key in the order in which they came; or
// an InvalidParameterValueException for more than 50.
func (in TagResourceInput) Tagged(tags []Tag) ([]Tag, error) {
	next := slices.Clone(tags)
	for _, t := range in.Tags {
		if i := slices.IndexFunc(next, func(o Tag) bool { return o.Key == t.Key }); i >= 0 {
			next[i] = t
		} else {
			next = append(next, t)
		}
	}
	if len(next) > mostTags {
		return nil, refusal(InvalidParameterValue, "Tags", "There can be at most %d tags; there would be %d.", mostTags,
			len(next))
	}
	return next, nil
}

// UntagResourceInput takes tags off an alarm, in the form of UntagResource.
type UntagResourceInput struct {
	ResourceARN string   `json:"ResourceARN"`
	TagKeys     []string `json:"TagKeys"`
}

// Validate returns nil, or an error if no resource is named.
func (in UntagResourceInput) Validate() error {
	return ListTagsForResourceInput{ResourceARN: in.ResourceARN}.Validate()
}

// ListTagsForResourceInput asks for the tags of an alarm, in the form of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceARN string `json:"ResourceARN"`
}

// Validate returns nil, or an error if no resource is named.
func (in ListTagsForResourceInput) Validate() error {
	var f faults
	if in.ResourceARN == "" {
		f.missing("ResourceARN")
	}
	return f.err()
}

// ListTagsForResourceOutput is the tags of an alarm.
type ListTagsForResourceOutput struct {
	Tags []Tag `json:"Tags"`
}

// UnknownAlarm is the error for alarms of which there is none with that name.
func UnknownAlarm(name string) error {
	return refusal(ResourceNotFound, "AlarmName", "Unknown alarm %s", name)
}

// UnknownResource is the error for an ARN that is no alarm's.
func UnknownResource(arn string) error {
	return refusal(ecs.ResourceNotFoundException, "ResourceARN", "Unknown resource %s", arn)
}

// TooManyAlarms is the error for an alarm beyond the quota.
func TooManyAlarms(most int) error {
	return refusal(LimitExceeded, "AlarmName", "There can be at most %d alarms.", most)
}

// ManagedAlarm is the error for a change of an alarm that a scaling policy keeps.
func ManagedAlarm(name string) error {
	return refusal(InvalidParameterValue, "AlarmName", "The alarm %s belongs to a scaling policy of Application Auto "+
		"Scaling, which makes, sets and deletes it.", name)
}
