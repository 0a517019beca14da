package autoscale

import (
	"maps"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// ScalingActivityStatusCode is how a scaling activity stands.
type ScalingActivityStatusCode string

// The values of ScalingActivityStatusCode.
const (
	ScalingActivityPending     ScalingActivityStatusCode = "Pending"
	ScalingActivityInProgress  ScalingActivityStatusCode = "InProgress"
	ScalingActivitySuccessful  ScalingActivityStatusCode = "Successful"
	ScalingActivityOverridden  ScalingActivityStatusCode = "Overridden"
	ScalingActivityUnfulfilled ScalingActivityStatusCode = "Unfulfilled"
	ScalingActivityFailed      ScalingActivityStatusCode = "Failed"
)

// Valid reports whether the value is one of those above.
func (v ScalingActivityStatusCode) Valid() bool {
	return slices.Contains([]ScalingActivityStatusCode{ScalingActivityPending, ScalingActivityInProgress,
		ScalingActivitySuccessful, ScalingActivityOverridden, ScalingActivityUnfulfilled, ScalingActivityFailed}, v)
}

// ScalingActivity is a change of a scalable target, or why there was none, in the form of
// DescribeScalingActivities. Source: Application Auto Scaling User Guide, "Scaling activities for
// Application Auto Scaling".
type ScalingActivity struct {
	ActivityID        string                    `json:"ActivityId"`
	ServiceNamespace  string                    `json:"ServiceNamespace"`
	ResourceID        string                    `json:"ResourceId"`
	ScalableDimension string                    `json:"ScalableDimension"`
	Description       string                    `json:"Description"`
	Cause             string                    `json:"Cause"`
	StartTime         ecs.Instant               `json:"StartTime"`
	EndTime           ecs.Instant               `json:"EndTime,omitzero"`
	StatusCode        ScalingActivityStatusCode `json:"StatusCode"`
	StatusMessage     string                    `json:"StatusMessage,omitzero"`
	NotScaledReasons  []NotScaledReason         `json:"NotScaledReasons,omitzero"`
}

// ActivityCause returns the cause that Application Auto Scaling gives to the scaling activity of a decision:
// an alarm of that name, a forecast, or a bound. AWS publishes no sentence for a forecast.
func (d Decision) ActivityCause(alarm string) string {
	switch {
	case d.PolicyName != "" && alarm != "":
		return "monitor alarm " + alarm + " in state ALARM triggered policy " + d.PolicyName
	case d.PolicyName != "":
		return "the forecast of policy " + d.PolicyName
	case d.New > d.Old:
		return "minimum capacity was set to " + strconv.Itoa(d.New)
	}
	return "maximum capacity was set to " + strconv.Itoa(d.New)
}

// ActivitiesKept is how long scaling activities are described.
// Source: Application Auto Scaling API Reference, DescribeScalingActivities.
const ActivitiesKept = 42 * 24 * time.Hour

// DescribeScalingActivitiesInput asks for scaling activities, in the form of DescribeScalingActivities.
type DescribeScalingActivitiesInput struct {
	ServiceNamespace           string       `json:"ServiceNamespace"`
	ResourceID                 string       `json:"ResourceId,omitzero"` // absent: of all targets
	ScalableDimension          string       `json:"ScalableDimension,omitzero"`
	IncludeNotScaledActivities bool         `json:"IncludeNotScaledActivities,omitzero"`
	MaxResults                 ecs.Opt[int] `json:"MaxResults,omitzero"` // 1 to 50; absent: 50
	NextToken                  string       `json:"NextToken,omitzero"`
}

// DescribeScalingActivitiesOutput is a page of activities, the newest first, and the token of the next one,
// "" after the last.
type DescribeScalingActivitiesOutput struct {
	ScalingActivities []ScalingActivity `json:"ScalingActivities"`
	NextToken         string            `json:"NextToken,omitzero"`
}

// Validate returns nil, or a ValidationException for each fault.
func (in DescribeScalingActivitiesInput) Validate() error {
	return validateDescribe(in.ServiceNamespace, in.ScalableDimension, in.MaxResults)
}

// Selects reports whether the input asks for an activity. Those that did not scale are shown only when
// they are asked for.
func (in DescribeScalingActivitiesInput) Selects(a ScalingActivity) bool {
	return in.ServiceNamespace == a.ServiceNamespace && (in.ResourceID == "" || in.ResourceID == a.ResourceID) &&
		(in.ScalableDimension == "" || in.ScalableDimension == a.ScalableDimension) &&
		(len(a.NotScaledReasons) == 0 || in.IncludeNotScaledActivities)
}

// TagResourceInput tags a scalable target, in the form of TagResource.
type TagResourceInput struct {
	ResourceARN string            `json:"ResourceARN"`
	Tags        map[string]string `json:"Tags"`
}

// UntagResourceInput takes tags off a scalable target, in the form of UntagResource.
type UntagResourceInput struct {
	ResourceARN string   `json:"ResourceARN"`
	TagKeys     []string `json:"TagKeys"`
}

// ListTagsForResourceInput asks for the tags of a scalable target, in the form of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceARN string `json:"ResourceARN"`
}

// ListTagsForResourceOutput is the tags of a scalable target.
type ListTagsForResourceOutput struct {
	Tags map[string]string `json:"Tags"`
}

// The rules of tags. Source: Application Auto Scaling API Reference, TagResource.
const (
	mostTags        = 50
	longestTagKey   = 128
	longestTagValue = 256

	// TooManyTagsException is the error for a target that would have more than 50 tags.
	TooManyTagsException ecs.Code = "TooManyTagsException"
)

// Validate returns nil, or a ValidationException for each fault.
func (in TagResourceInput) Validate() error {
	var f check.Faults
	if in.ResourceARN == "" {
		f.Refuse("ResourceARN", "ResourceARN must not be empty.")
	}
	if in.Tags == nil {
		f.Refuse("Tags", "Tags is required.")
	}
	validateTags(&f, in.Tags)
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func validateTags(f *check.Faults, tags map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		at := check.Under("Tags", check.Cut(key, longestTagKey))
		name, value := utf8.RuneCountInString(key), utf8.RuneCountInString(tags[key])
		if name < 1 || name > longestTagKey || value > longestTagValue {
			f.Refuse(at, "A tag's key has 1 to %d characters and its value at most %d; they have %d and %d.",
				longestTagKey, longestTagValue, name, value)
		}
		f.TagText(at, key)
	}
}

// Tagged returns the tags that a target with these has then. The error is a TooManyTagsException for more
// than 50.
func (in TagResourceInput) Tagged(tags map[string]string) (map[string]string, error) {
	next := maps.Clone(tags)
	if next == nil {
		next = map[string]string{}
	}
	maps.Copy(next, in.Tags)
	if n := len(next); n > mostTags {
		var f check.Faults
		f.Refuse("Tags", "A scalable target can have at most %d tags, and would have %d.", mostTags, n)
		return nil, ecs.Faults(TooManyTagsException, f.Pairs())
	}
	return next, nil
}

// GetPredictiveScalingForecastInput asks for the forecast of a policy, in the form of
// GetPredictiveScalingForecast.
type GetPredictiveScalingForecastInput struct {
	ServiceNamespace  string      `json:"ServiceNamespace"`
	ResourceID        string      `json:"ResourceId"`
	ScalableDimension string      `json:"ScalableDimension"`
	PolicyName        string      `json:"PolicyName"`
	StartTime         ecs.Instant `json:"StartTime"` // included
	EndTime           ecs.Instant `json:"EndTime"`   // included
}

// GetPredictiveScalingForecastOutput is a forecast of capacity. The plane is told capacities and no loads,
// so that LoadForecast is empty.
type GetPredictiveScalingForecastOutput struct {
	LoadForecast     []struct{}       `json:"LoadForecast"`
	CapacityForecast CapacityForecast `json:"CapacityForecast"`
	UpdateTime       ecs.Instant      `json:"UpdateTime,omitzero"`
}

// CapacityForecast is capacities at the beginnings of hours.
type CapacityForecast struct {
	Timestamps []ecs.Instant `json:"Timestamps"`
	Values     []float64     `json:"Values"`
}

// longestForecast is the longest time that a forecast is asked for.
// Source: Application Auto Scaling API Reference, GetPredictiveScalingForecast.
const longestForecast = 30 * 24 * time.Hour

// Validate returns nil, or a ValidationException for each fault.
func (in GetPredictiveScalingForecastInput) Validate() error {
	var f check.Faults
	validateKey(&f, in.ServiceNamespace, in.ResourceID, in.ScalableDimension)
	if in.PolicyName == "" {
		f.Refuse("PolicyName", "PolicyName must not be empty.")
	}
	switch {
	case in.StartTime == 0:
		f.Refuse("StartTime", "StartTime is required.")
	case in.EndTime == 0:
		f.Refuse("EndTime", "EndTime is required.")
	case in.EndTime <= in.StartTime:
		f.Refuse("EndTime", "EndTime must be after StartTime.")
	case in.EndTime.Time().Sub(in.StartTime.Time()) > longestForecast:
		f.Refuse("EndTime", "A forecast covers at most 30 days.")
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

// Answer returns the hours of a forecast that are asked for. It was made at a time.
func (in GetPredictiveScalingForecastInput) Answer(
	forecast cloudwatch.Series, made ecs.Instant,
) GetPredictiveScalingForecastOutput {
	hours := CapacityForecast{Timestamps: []ecs.Instant{}, Values: []float64{}}
	for i := range forecast.Datapoints {
		at := forecast.Start.Add(time.Duration(i) * forecast.Interval())
		if p := forecast.At(i); !p.Missing && at >= in.StartTime && at <= in.EndTime {
			hours.Timestamps, hours.Values = append(hours.Timestamps, at), append(hours.Values, p.Value)
		}
	}
	return GetPredictiveScalingForecastOutput{LoadForecast: []struct{}{}, CapacityForecast: hours, UpdateTime: made}
}
