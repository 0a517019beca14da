package groups

import (
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Activity is a scaling activity of a group.
// Source: Amazon EC2 Auto Scaling API Reference, Activity.
type Activity struct {
	ActivityID           string      `json:"ActivityId"`
	AutoScalingGroupName string      `json:"AutoScalingGroupName"`
	AutoScalingGroupARN  string      `json:"AutoScalingGroupARN"`
	Description          string      `json:"Description"`
	Cause                string      `json:"Cause"`
	StartTime            ecs.Instant `json:"StartTime"`
	EndTime              ecs.Instant `json:"EndTime,omitzero"`
	StatusCode           string      `json:"StatusCode"`
	StatusMessage        string      `json:"StatusMessage,omitzero"`
	Progress             int         `json:"Progress"`
	Details              string      `json:"Details"`
}

// The statuses of an Activity that are met here.
const (
	statusPreInService       = "PreInService"
	statusInProgress         = "InProgress"
	statusMidLifecycleAction = "MidLifecycleAction"
	statusSuccessful         = "Successful"
	statusFailed             = "Failed"
	statusCancelled          = "Cancelled"
)

// mostActivities is how many activities of a group are kept.
const mostActivities = 200

// begin notes an activity that begins.
func (s *Service) begin(now time.Time, r *record, status, description, cause string) *Activity {
	a := &Activity{ActivityID: s.uuid(), AutoScalingGroupName: r.Group.AutoScalingGroupName, AutoScalingGroupARN: r.ARN,
		Description: description, Cause: cause, StartTime: ecs.At(now), StatusCode: status}
	if len(r.Activities) >= mostActivities {
		r.Activities = slices.Clone(r.Activities[len(r.Activities)-mostActivities+1:])
	}
	r.Activities = append(r.Activities, a)
	return a
}

// detail is where an instance of an activity is, as JSON.
func (a *Activity) detail(zone string) {
	a.Details = fmt.Sprintf(`{"Subnet ID":"subnet-%s","Availability Zone":%q}`, zone, zone)
}

// finish ends the activity of an instance, if one goes on.
func (r *record) finish(now time.Time, m *member, status, message string) {
	at := slices.IndexFunc(r.Activities, func(a *Activity) bool { return a.ActivityID == m.Activity })
	m.Activity = ""
	if at < 0 {
		return
	}
	a := r.Activities[at]
	a.EndTime, a.Progress = ecs.At(now), 100
	a.StatusCode, a.StatusMessage = status, message
}

// progress shows how far the activity of an instance is.
func (r *record) progress(m *member, status string, percent int) {
	for _, a := range r.Activities {
		if a.ActivityID == m.Activity {
			a.StatusCode, a.Progress = status, percent
		}
	}
}

// at is the beginning of a sentence of a Cause.
func at(now time.Time) string { return "At " + now.UTC().Format("2006-01-02T15:04:05Z") + " " }

// changed notes why the desired capacity was changed.
func (r *record) changed(now time.Time, old int, format string, args ...any) {
	r.Cause = at(now) + fmt.Sprintf(format, args...) +
		fmt.Sprintf(" changing the desired capacity from %d to %d.", old, r.Group.DesiredCapacity)
	r.Kept = false
}

// because joins the cause of the newest change and a sentence, with two blanks as AWS has them.
func (r *record) because(sentence string) string {
	if r.Cause == "" {
		return sentence
	}
	return r.Cause + "  " + sentence
}

// DescribeScalingActivitiesInput asks for activities.
type DescribeScalingActivitiesInput struct {
	_ struct{} `unmodelled:"Filters,IncludeManagedResources"`

	AutoScalingGroupName string       `json:"AutoScalingGroupName,omitzero"` // absent: of all groups
	ActivityIDs          []string     `json:"ActivityIds,omitzero"`
	IncludeDeletedGroups bool         `json:"IncludeDeletedGroups,omitzero"`
	MaxRecords           ecs.Opt[int] `json:"MaxRecords,omitzero"` // 1 to 100; absent: 100
	NextToken            string       `json:"NextToken,omitzero"`
}

// DescribeScalingActivitiesOutput is a page of activities.
type DescribeScalingActivitiesOutput struct {
	Activities []Activity `json:"Activities"`
	NextToken  string     `json:"NextToken,omitzero"`
}

// DescribeScalingActivities returns activities, the newest first: those of one group, of the IDs, or all.
// Errors: ValidationError for a group that does not exist and for a size of pages out of bounds, InvalidNextToken.
func (s *Service) DescribeScalingActivities(in DescribeScalingActivitiesInput) (DescribeScalingActivitiesOutput,
	error) {
	of := s.state.Groups
	if in.AutoScalingGroupName != "" {
		r, err := s.find(in.AutoScalingGroupName)
		switch {
		case err == nil:
			of = []*record{r}
		case in.IncludeDeletedGroups:
			of = nil
		default:
			return DescribeScalingActivitiesOutput{}, err
		}
	}
	list := []Activity{}
	add := func(a *Activity) {
		if len(in.ActivityIDs) == 0 || slices.Contains(in.ActivityIDs, a.ActivityID) {
			list = append(list, *a)
		}
	}
	for _, r := range of {
		for _, a := range r.Activities {
			add(a)
		}
	}
	for _, a := range s.state.Deleted {
		if in.IncludeDeletedGroups && (in.AutoScalingGroupName == "" ||
			in.AutoScalingGroupName == a.AutoScalingGroupName) {
			add(a)
		}
	}
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b Activity) int { return b.StartTime.Time().Compare(a.StartTime.Time()) })
	list, next, err := page(list, func(a Activity) string { return a.ActivityID }, in.NextToken, in.MaxRecords, 100,
		100)
	return DescribeScalingActivitiesOutput{list, next}, err
}
